package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// products are the matrix products of a model by a constant.
type products struct {
	of      map[*onnxio.Node]*adapter
	reads   map[string]int // by weight: products that read it
	readers map[string]int // by weight: nodes that read it, products included
}

// route is the way from a constant to a value: by nodes that move or cast its elements.
type route struct {
	weight    string
	transpose bool
	dtype     tensor.DType
}

// productsOf finds the MatMul and Gemm nodes of the main graph whose second input is a constant of two
// dimensions, stored as it is or behind Identity, Cast and Transpose.
func productsOf(m *onnxio.Model) *products {
	p := &products{of: map[*onnxio.Node]*adapter{}, reads: map[string]int{}, readers: map[string]int{}}
	routes, shapes := map[string]route{}, map[string][]int64{}
	note := func(name string, t *onnxio.Tensor) {
		if d := t.DType(); len(t.Dims) == 2 && d.IsFloat() && d.Size() >= 2 {
			routes[name], shapes[name] = route{weight: name, dtype: d}, t.Dims
		}
	}
	for _, t := range m.Graph.Initializer {
		if t != nil {
			note(t.Name, t)
		}
	}
	for _, n := range m.Graph.Node {
		if n == nil {
			continue
		}
		if n.OpType == "Constant" && len(n.Output) == 1 && len(n.Attribute) == 1 && n.Attribute[0].T != nil {
			note(n.Output[0], n.Attribute[0].T)
			continue
		}
		if r, ok := through(n, routes); ok {
			routes[n.Output[0]] = r
			continue
		}
		names := map[string]bool{}
		reads(n, names)
		for name := range names {
			if r, ok := routes[name]; ok {
				p.readers[r.weight]++
			}
		}
		if len(n.Input) < 2 || len(n.Output) != 1 {
			continue
		}
		if r, ok := routes[n.Input[1]]; ok && n.Input[0] != n.Input[1] {
			if a := product(n, r, shapes[r.weight]); a != nil {
				p.of[n] = a
				p.reads[r.weight]++
			}
		}
	}
	for _, o := range m.Graph.Output {
		if r, ok := routes[o.Name]; ok {
			p.readers[r.weight]++
		}
	}
	return p
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
