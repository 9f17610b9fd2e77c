package train

import (
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// products are the matrix products of a model by a constant.
type products struct {
	of      map[*onnxio.Node]*adapter
	reads   map[string]int // by weight: products that read it
	readers map[string]int // by weight: nodes that read it, products included
	shapes  map[string][]int64
}

// route is the way from a constant to a value: by nodes that move or cast its elements.
type route struct {
	weight    string
	transpose bool
	dtype     tensor.DType
}

// productsOf finds the MatMul and Gemm nodes, in subgraphs too, whose second input is a constant of two dimensions
// of the main graph, stored as it is or behind Identity, Cast and Transpose.
func productsOf(m *onnxio.Model) *products {
	p := &products{of: map[*onnxio.Node]*adapter{}, reads: map[string]int{}, readers: map[string]int{}, shapes: map[string][]int64{}}
	routes := map[string]route{}
	for _, t := range m.Graph.Initializer {
		if t != nil {
			p.note(routes, t.Name, t)
		}
	}
	for _, n := range m.Graph.Node {
		if n != nil && n.OpType == "Constant" && len(n.Output) == 1 && len(n.Attribute) == 1 && n.Attribute[0].T != nil {
			p.note(routes, n.Output[0], n.Attribute[0].T)
		}
	}
	p.graph(m.Graph, routes)
	return p
}

// note takes a constant in that may be a weight.
func (p *products) note(routes map[string]route, name string, t *onnxio.Tensor) {
	if d := t.DType(); len(t.Dims) == 2 && d.IsFloat() && d.Size() >= 2 {
		routes[name], p.shapes[name] = route{weight: name, dtype: d}, t.Dims
	}
}

// graph finds the products of a graph that reads the values of routes. It adds those of the graph itself to them.
func (p *products) graph(g *onnxio.Graph, routes map[string]route) {
	for _, n := range g.Node {
		if n == nil || n.OpType == "Constant" {
			continue
		}
		if r, ok := through(n, routes); ok {
			routes[n.Output[0]] = r
			continue
		}
		read := map[string]bool{}
		for _, name := range n.Input {
			read[name] = true
		}
		for name := range read {
			if r, ok := routes[name]; ok {
				p.readers[r.weight]++
			}
		}
		for _, sub := range subgraphs(n) {
			if sub != nil {
				p.graph(sub, visible(sub, routes))
			}
		}
		if len(n.Input) < 2 || len(n.Output) != 1 {
			continue
		}
		if r, ok := routes[n.Input[1]]; ok && n.Input[0] != n.Input[1] {
			if a := product(n, r, p.shapes[r.weight]); a != nil {
				p.of[n] = a
				p.reads[r.weight]++
			}
		}
	}
	for _, o := range g.Output {
		if r, ok := routes[o.Name]; ok {
			p.readers[r.weight]++
		}
	}
}

// visible returns the routes that a subgraph sees: those whose names it does not give to values of its own.
func visible(g *onnxio.Graph, routes map[string]route) map[string]route {
	seen := maps.Clone(routes)
	for _, name := range valueNames(g) {
		delete(seen, name)
	}
	return seen
}

// through returns the route that a node that moves a weight's elements continues.
func through(n *onnxio.Node, routes map[string]route) (route, bool) {
	if len(n.Input) == 0 || len(n.Output) != 1 || onnxio.NormalDomain(n.Domain) != onnxio.NormalDomain("") {
		return route{}, false
	}
	r, ok := routes[n.Input[0]]
	switch n.OpType {
	case "Identity":
	case "Cast":
		to := n.Attr("to")
		ok = ok && to != nil && tensor.DType(to.I).IsFloat() && tensor.DType(to.I).Size() >= 2
		if ok {
			r.dtype = tensor.DType(to.I)
		}
	case "Transpose":
		if perm := n.Attr("perm"); perm == nil || slices.Equal(perm.Ints, []int64{1, 0}) {
			r.transpose = !r.transpose
		}
	default:
		return route{}, false
	}
	return r, ok
}

// product returns the adapter of a MatMul or Gemm node, nil for other nodes.
func product(n *onnxio.Node, r route, shape []int64) *adapter {
	if onnxio.NormalDomain(n.Domain) != onnxio.NormalDomain("") {
		return nil
	}
	a := &adapter{weight: r.weight, dtype: r.dtype, transpose: r.transpose, factor: 1}
	switch n.OpType {
	case "MatMul":
	case "Gemm":
		if t := n.Attr("transA"); t != nil && t.I != 0 {
			return nil
		}
		if t := n.Attr("transB"); t != nil && t.I != 0 {
			a.transpose = !a.transpose
		}
		if f := n.Attr("alpha"); f != nil {
			a.factor = 1 / float64(f.F)
		}
	default:
		return nil
	}
	a.in, a.out = int(shape[0]), int(shape[1])
	if a.transpose {
		a.in, a.out = a.out, a.in
	}
	return a
}
