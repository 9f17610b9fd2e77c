package train

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// expansion is a model in the form in which its recipe trains it: every variable is an initializer of its
// own, what a convolution had taken in stands behind it again, and where noise belongs there is an Identity.
type expansion struct {
	*edit
	recipe *recipe.Recipe
	source *onnxio.Model

	variables map[string]*recipe.Variable // by name
	home      map[string]string           // by variable, the initializer that it is in the model
	of        map[string]*recipe.Variable // by initializer of the model
	fixed     map[string]bool             // initializers that are no weights
	joined    []joined
	folds     []recipe.Folded
	noise     map[string]recipe.Noise // by the output of an Identity
}

// joined is an initializer of the source that is made of several variables, or not in their order.
type joined struct {
	name  string
	shape tensor.Shape
	parts []recipe.Part
}

// expand follows the recipe of a model. What the recipe says of values that the model does not have any more
// is passed over.
func expand(m *onnxio.Model, r *recipe.Recipe) (*expansion, error) {
	x := &expansion{
		edit: newEdit(m), recipe: r, source: m,
		variables: map[string]*recipe.Variable{}, home: map[string]string{}, of: map[string]*recipe.Variable{},
		fixed: map[string]bool{}, noise: map[string]recipe.Noise{},
	}
	for i := range r.Variables {
		x.variables[r.Variables[i].Name] = &r.Variables[i]
	}
	for _, name := range r.Fixed {
		x.fixed[name] = true
	}
	for _, step := range []func() error{x.weights, x.unfold, x.placeNoise} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("train: metadata %s: %w", recipe.Key, err)
		}
	}
	return x, nil
}

// weights makes an initializer of each variable that initializers hold.
func (x *expansion) weights() error {
	var first []*onnxio.Node // what joins variables
	whole := x.graph.Initializer
	x.graph.Initializer = nil
	for _, t := range whole {
		var parts []recipe.Part
		if t != nil && t.DType() == tensor.Float32 {
			parts = x.recipe.Parts(t.Name)
		}
		if parts == nil {
			x.graph.Initializer = append(x.graph.Initializer, t)
			continue
		}
		data, err := t.Value()
		if err != nil {
			return err
		}
		if err := x.fits(t.Name, data, parts); err != nil {
			return err
		}
		if v := x.variables[parts[0].Variable]; len(parts) == 1 && v != nil && x.home[v.Name] == "" {
			x.graph.Initializer = append(x.graph.Initializer, t)
			x.home[v.Name], x.of[t.Name] = t.Name, v
			continue
		}
		x.joined = append(x.joined, joined{t.Name, data.Shape().Clone(), parts})
		first = append(first, x.join(t.Name, tensor.Data[float32](data), data.Shape(), parts)...)
	}
	x.graph.Node = append(first, x.graph.Node...)
	return nil
}

// fits reports parts that are not as long as their initializer.
func (x *expansion) fits(name string, data tensor.Any, parts []recipe.Part) error {
	n := 0
	for _, p := range parts {
		n += p.Zeros
		if v := x.variables[p.Variable]; v != nil {
			n += v.Len()
		}
	}
	if n != data.Len() {
		return fmt.Errorf("weight %s has shape %v, its parts have %d elements", name, data.Shape(), n)
	}
	return nil
}

// join returns nodes that make a value of the name from variables, which become initializers unless they are
// some already.
func (x *expansion) join(name string, data []float32, shape tensor.Shape, parts []recipe.Part) []*onnxio.Node {
	var nodes []*onnxio.Node
	var in []string
	for _, p := range parts {
		n := p.Zeros
		if v := x.variables[p.Variable]; v == nil {
			zeros := x.add(name+"/zeros", tensor.Zeros[float32](n))
			x.fixed[zeros] = true
			in = append(in, zeros)
		} else {
			n = v.Len()
			if x.home[v.Name] == "" {
				x.home[v.Name] = x.add(v.Name, tensor.Vector(slices.Clone(data[:n])...))
				x.of[x.home[v.Name]] = v
			}
			flat := x.fresh(name + "/flat")
			nodes = append(nodes, x.reshape(x.home[v.Name], flat, -1))
			in = append(in, flat)
		}
		data = data[n:]
	}
	whole := x.fresh(name + "/joined")
	nodes = append(nodes, &onnxio.Node{
		Name: whole, OpType: "Concat", Input: in, Output: []string{whole}, Attribute: []*onnxio.Attribute{onnxio.NewAttribute("axis", int64(0))},
	})
	return append(nodes, x.reshape(whole, name, shape...))
}

// reshape returns a node that gives a value another shape.
func (x *expansion) reshape(from, to string, shape ...int) *onnxio.Node {
	dims := make([]int64, len(shape))
	for i, n := range shape {
		dims[i] = int64(n)
	}
	c := x.add(to+"/shape", tensor.Vector(dims...))
	return &onnxio.Node{Name: x.fresh(to + "/Reshape"), OpType: "Reshape", Input: []string{from, c}, Output: []string{to}}
}

// producer returns the place of the node whose first output is a value, -1 where there is none.
func (x *expansion) producer(value string) int {
	return slices.IndexFunc(x.graph.Node, func(n *onnxio.Node) bool { return n != nil && len(n.Output) > 0 && n.Output[0] == value })
}

// placeNoise puts an Identity between a value and those that see the noise on it.
func (x *expansion) placeNoise() error {
	for _, n := range x.recipe.Noise {
		for _, from := range x.sources(n) {
			at, name := 0, x.fresh(n.Layer+"/noise")
			if i := x.producer(from.value); i >= 0 {
				at = i + 1
			}
			for _, r := range from.readers {
				node := *x.graph.Node[r.node]
				node.Input = slices.Clone(node.Input)
				node.Input[r.input] = name
				x.graph.Node[r.node] = &node
			}
			x.graph.Node = slices.Insert(x.graph.Node, at, &onnxio.Node{
				Name: name, OpType: "Identity", Input: []string{from.value}, Output: []string{name},
			})
			x.noise[name] = n
		}
	}
	return nil
}

// sighted are nodes that see noise on a value, each with the input that reads it.
type sighted struct {
	value   string
	readers []struct{ node, input int }
}

// sources groups the readers of a noise by the value that they read now: that of the recipe, or what noise
// before has made of it.
func (x *expansion) sources(n recipe.Noise) []sighted {
	var out []sighted
	for _, r := range n.Readers {
		i := x.producer(r.Node)
		if r.Node == "" || i < 0 || r.Input < 0 || r.Input >= len(x.graph.Node[i].Input) {
			continue
		}
		value := x.graph.Node[i].Input[r.Input]
		if before, made := x.noise[value]; value != n.Value && !(made && before.Value == n.Value) {
			continue // the graph has been changed there
		}
		k := slices.IndexFunc(out, func(s sighted) bool { return s.value == value })
		if k < 0 {
			k, out = len(out), append(out, sighted{value: value})
		}
		out[k].readers = append(out[k].readers, struct{ node, input int }{i, r.Input})
	}
	return out
}

// role is what an initializer is to the recipe, and guessed where it says nothing. x may be nil.
func (x *expansion) role(name string, guess role) role {
	switch {
	case x == nil:
	case x.fixed[name]:
		return plain
	case x.of[name] != nil && x.of[name].Statistic:
		return statistic
	case x.of[name] != nil:
		return weight
	}
	return guess
}

// frozen reports whether the recipe freezes an initializer.
func (x *expansion) frozen(name string) bool {
	return x != nil && x.of[name] != nil && x.of[name].Frozen
}

// called returns the names that patterns of weights are held against: that of an initializer and that of the
// variable which it is. x may be nil.
func (x *expansion) called(initializer string) []string {
	if x != nil && x.of[initializer] != nil {
		return []string{initializer, x.of[initializer].Name}
	}
	return []string{initializer}
}
