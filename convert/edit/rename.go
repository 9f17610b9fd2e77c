package edit

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
)

// names are those that a graph and its subgraphs use.
type names struct{ values, nodes map[string]bool }

func namesIn(g *onnxio.Graph) names {
	n := names{map[string]bool{}, map[string]bool{}}
	n.add(g)
	return n
}

func (n names) add(g *onnxio.Graph) {
	for _, list := range [][]*onnxio.ValueInfo{g.Input, g.Output, g.ValueInfo} {
		for _, v := range list {
			if v != nil {
				n.values[v.Name] = true
			}
		}
	}
	for _, t := range g.Initializer {
		if t != nil {
			n.values[t.Name] = true
		}
	}
	for _, s := range g.SparseInitializer {
		if s != nil && s.Values != nil {
			n.values[s.Values.Name] = true
		}
	}
	for _, x := range g.Node {
		if x == nil {
			continue
		}
		if x.Name != "" {
			n.nodes[x.Name] = true
		}
		for _, v := range append(slices.Clone(x.Input), x.Output...) {
			if v != "" {
				n.values[v] = true
			}
		}
		for _, a := range x.Attribute {
			if a == nil {
				continue
			}
			for _, sub := range append([]*onnxio.Graph{a.G}, a.Graphs...) {
				if sub != nil {
					n.add(sub)
				}
			}
		}
	}
}

// fresher makes names that nothing has.
type fresher map[string]bool

func newNames(of ...names) fresher {
	f := fresher{}
	for _, n := range of {
		for name := range n.values {
			f[name] = true
		}
		for name := range n.nodes {
			f[name] = true
		}
	}
	return f
}

// fresh returns a name, with a number behind it where it is taken.
func (f fresher) fresh(name string) string {
	try := name
	for i := 1; f[try]; i++ {
		try = fmt.Sprintf("%s_%d", name, i)
	}
	f[try] = true
	return try
}

// renaming gives values and nodes other names, in a graph and its subgraphs. ONNX has no two values of one
// name in a graph and what encloses it, so one table does for all.
type renaming struct{ values, nodes map[string]string }

func to(m map[string]string, name string) string {
	if n, ok := m[name]; ok {
		return n
	}
	return name
}

// graph returns a copy of a graph with other names. Tensors' data are shared.
func (r renaming) graph(g *onnxio.Graph) *onnxio.Graph {
	if len(r.values) == 0 && len(r.nodes) == 0 {
		return g
	}
	c := *g
	c.Input, c.Output, c.ValueInfo = r.infos(g.Input), r.infos(g.Output), r.infos(g.ValueInfo)
	c.Initializer = each(g.Initializer, r.tensor)
	c.SparseInitializer = each(g.SparseInitializer, func(s *onnxio.SparseTensor) *onnxio.SparseTensor {
		d := *s
		if s.Values != nil {
			d.Values = r.tensor(s.Values)
		}
		return &d
	})
	c.QuantizationAnnotation = each(g.QuantizationAnnotation, func(a *onnxio.TensorAnnotation) *onnxio.TensorAnnotation {
		d := *a
		d.TensorName = to(r.values, a.TensorName)
		d.QuantParameterTensorNames = each(a.QuantParameterTensorNames, func(e *onnxio.StringStringEntry) *onnxio.StringStringEntry {
			f := *e
			f.Value = to(r.values, e.Value)
			return &f
		})
		return &d
	})
	c.Node = each(g.Node, r.node)
	return &c
}

func (r renaming) tensor(t *onnxio.Tensor) *onnxio.Tensor {
	name := to(r.values, t.Name)
	if name == t.Name {
		return t
	}
	d := *t
	d.Name = name
	return &d
}

func (r renaming) infos(values []*onnxio.ValueInfo) []*onnxio.ValueInfo {
	return each(values, func(v *onnxio.ValueInfo) *onnxio.ValueInfo {
		d := *v
		d.Name = to(r.values, v.Name)
		return &d
	})
}

func (r renaming) node(n *onnxio.Node) *onnxio.Node {
	d := *n
	d.Name = to(r.nodes, n.Name)
	d.Input, d.Output = slices.Clone(n.Input), slices.Clone(n.Output)
	for _, list := range [][]string{d.Input, d.Output} {
		for i, name := range list {
			list[i] = to(r.values, name)
		}
	}
	d.Attribute = each(n.Attribute, func(a *onnxio.Attribute) *onnxio.Attribute {
		if a.G == nil && len(a.Graphs) == 0 {
			return a
		}
		b := *a
		if a.G != nil {
			b.G = r.graph(a.G)
		}
		b.Graphs = each(a.Graphs, r.graph)
		return &b
	})
	return &d
}

// each returns what f makes of the elements that are not nil; nil stays nil.
func each[T any](list []*T, f func(*T) *T) []*T {
	if list == nil {
		return nil
	}
	out := make([]*T, len(list))
	for i, x := range list {
		if x != nil {
			out[i] = f(x)
		}
	}
	return out
}
