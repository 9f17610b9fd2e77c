package train

import (
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// place is an attribute that holds a subgraph.
type place struct{ node, attr int }

// hoisted says where a subgraph has a constant that stands in the main graph while it is trained.
type hoisted struct {
	path     []place // from the main graph on
	name     string  // in the subgraph
	constant bool    // a Constant node, not an initializer
}

// hoister moves the constants that subgraphs have of their own to the main graph.
type hoister struct {
	main  *edit
	count map[string]int // of the values of a name, in all graphs
	at    map[string]hoisted
}

// hoist returns the model with the constants of floats that subgraphs may take as weights as initializers of the
// main graph, and by their names there where they were. A name that several have is put behind that of
// the node with the subgraph: recur/w.
func hoist(m *onnxio.Model) (*onnxio.Model, map[string]hoisted) {
	h := &hoister{newEdit(m), map[string]int{}, map[string]hoisted{}}
	h.tally(m.Graph)
	h.nodes(h.main.graph, m.Graph, nil, nil)
	if len(h.at) == 0 {
		return m, nil
	}
	return h.main.model, h.at
}

func (h *hoister) tally(g *onnxio.Graph) {
	for _, name := range valueNames(g) {
		h.count[name]++
	}
	for _, n := range g.Node {
		for _, sub := range subgraphs(n) {
			if sub != nil {
				h.tally(sub)
			}
		}
	}
}

// subgraphs returns a node's subgraphs, nil for attributes without one.
func subgraphs(n *onnxio.Node) []*onnxio.Graph {
	if n == nil {
		return nil
	}
	out := make([]*onnxio.Graph, len(n.Attribute))
	for i, a := range n.Attribute {
		if a != nil {
			out[i] = a.G
		}
	}
	return out
}

// nodes gives the copy c of a graph copies of those nodes of it that change.
func (h *hoister) nodes(c, g *onnxio.Graph, path []place, renamed map[string]string) {
	for i, n := range c.Node {
		inputs, changed := renamedInputs(n, renamed)
		k := onnxio.Node{}
		for at, sub := range subgraphs(n) {
			if sub == nil {
				continue
			}
			a := *n.Attribute[at]
			a.G = h.subgraph(n.Name, sub, append(slices.Clone(path), place{slices.Index(g.Node, n), at}), renamed)
			if k.Attribute == nil {
				k.Attribute = slices.Clone(n.Attribute)
			}
			k.Attribute[at] = &a
		}
		if !changed && k.Attribute == nil {
			continue
		}
		attributes := k.Attribute
		if k = *n; attributes != nil {
			k.Attribute = attributes
		}
		k.Input = inputs
		c.Node[i] = &k
	}
}

// renamedInputs returns the inputs of a node under their new names.
func renamedInputs(n *onnxio.Node, renamed map[string]string) (inputs []string, changed bool) {
	if n == nil {
		return nil, false
	}
	inputs = slices.Clone(n.Input)
	for i, name := range inputs {
		if to, ok := renamed[name]; ok {
			inputs[i], changed = to, true
		}
	}
	return inputs, changed
}

// subgraph returns a subgraph without the constants that are moved.
func (h *hoister) subgraph(owner string, g *onnxio.Graph, path []place, outer map[string]string) *onnxio.Graph {
	renamed := maps.Clone(outer)
	if renamed == nil {
		renamed = map[string]string{}
	}
	for _, name := range valueNames(g) {
		delete(renamed, name)
	}
	move := func(name string, t *onnxio.Tensor, constant bool) bool {
		if d := t.DType(); !d.IsFloat() || d.Size() < 2 || !weightLike(g, name) {
			return false
		}
		to := name
		if h.count[name] > 1 {
			to = h.main.fresh(owner + "/" + name)
			renamed[name] = to
		}
		h.main.addTensor(to, t)
		h.at[to] = hoisted{path, name, constant}
		return true
	}
	c := *g
	c.Initializer = slices.DeleteFunc(slices.Clone(g.Initializer), func(t *onnxio.Tensor) bool { return t != nil && move(t.Name, t, false) })
	c.Node = slices.DeleteFunc(slices.Clone(g.Node), func(n *onnxio.Node) bool {
		t := constantOf(n)
		return t != nil && move(n.Output[0], t, true)
	})
	h.nodes(&c, g, path, renamed)
	return &c
}

// constantOf returns the value of a Constant node of floats, nil where the node is none.
func constantOf(n *onnxio.Node) *onnxio.Tensor {
	if n == nil || n.OpType != "Constant" || len(n.Output) != 1 || len(n.Attribute) != 1 || n.Attribute[0] == nil {
		return nil
	}
	switch a := n.Attribute[0]; {
	case a.Name == "value":
		return a.T
	case a.Name == "value_floats":
		return onnxio.FromTensor(n.Output[0], tensor.Must(slices.Clone(a.Floats), len(a.Floats)))
	}
	return nil
}

// weightLike reports whether all that read a constant of a graph may take it as a weight, or pass it on.
func weightLike(g *onnxio.Graph, name string) bool {
	if slices.ContainsFunc(g.Output, func(v *onnxio.ValueInfo) bool { return v != nil && v.Name == name }) ||
		slices.ContainsFunc(g.Input, func(v *onnxio.ValueInfo) bool { return v != nil && v.Name == name }) {
		return false
	}
	for _, n := range g.Node {
		if n == nil {
			continue
		}
		if slices.Contains(n.Input, name) && !takesWeights(n) {
			return false
		}
		for _, sub := range subgraphs(n) {
			if sub != nil && !slices.Contains(valueNames(sub), name) && !weightLike(sub, name) {
				return false
			}
		}
	}
	return true
}

func takesWeights(n *onnxio.Node) bool {
	switch n.OpType {
	case "Add", "Sub", "Mul", "Div", "Concat":
		return n.Domain == ""
	}
	return n.Domain == "" && (weightInputs[n.OpType] != nil || slices.Contains(moves, n.OpType))
}

// patchInside returns a graph with a tensor in the place of a constant of a subgraph.
func patchInside(g *onnxio.Graph, path []place, name string, data tensor.Any) (*onnxio.Graph, bool) {
	c := *g
	c.Node = slices.Clone(g.Node)
	if len(path) == 0 {
		c.Initializer = slices.Clone(g.Initializer)
		return &c, (&edit{graph: &c}).patch(name, data)
	}
	n := *g.Node[path[0].node]
	a := *n.Attribute[path[0].attr]
	sub, ok := patchInside(a.G, path[1:], name, data)
	a.G = sub
	n.Attribute = slices.Clone(n.Attribute)
	n.Attribute[path[0].attr] = &a
	c.Node[path[0].node] = &n
	return &c, ok
}
