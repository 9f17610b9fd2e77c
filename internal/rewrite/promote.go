package rewrite

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Promote copies a graph with float32 in the place of float16 and bfloat16, in inputs, constants and casts
// too, so that nothing is rounded to 16 bits. It returns nil where the graph has no such values.
func Promote(g *ir.Graph, set *op.Set) (*Training, error) {
	if !hasHalves(g) {
		return nil, nil
	}
	return copyGraph(g, set, options{wide: true})
}

func hasHalves(g *ir.Graph) bool {
	for _, v := range g.Inputs {
		if isHalf(v.Fact.DType) {
			return true
		}
	}
	for _, n := range g.Nodes {
		for _, list := range [][]*ir.Value{n.In, n.Out} {
			for _, v := range list {
				if v != nil && isHalf(v.Fact.DType) {
					return true
				}
			}
		}
		if slices.ContainsFunc(n.Subgraphs(), hasHalves) {
			return true
		}
	}
	return false
}

func isHalf(d tensor.DType) bool { return d == tensor.Float16 || d == tensor.BFloat16 }

// widenFact returns a fact with float32 in the place of a half type.
func widenFact(f ir.Fact) ir.Fact {
	if !isHalf(f.DType) {
		return f
	}
	f = f.Like()
	f.DType = tensor.Float32
	return f
}

// widenAttrs returns attributes that name no half type and hold no tensor of one.
func widenAttrs(attrs []ir.Attr) []ir.Attr {
	out := make([]ir.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = a
		switch v := a.Value.(type) {
		case int64:
			switch a.Name {
			case "to", "dtype", "output_dtype", "output_datatype", "stash_type":
				if isHalf(tensor.DType(v)) {
					out[i] = op.Attr(a.Name, tensor.Float32)
				}
			}
		case tensor.Any:
			out[i].Value = widened(v)
		}
	}
	return out
}

// widenSub does to a subgraph, which nothing else has, what Promote does to a copy.
func widenSub(g *ir.Graph) {
	each := func(values []*ir.Value) {
		for _, v := range values {
			switch {
			case v == nil || !isHalf(v.Fact.DType):
			case v.Data != nil:
				v.Data = widened(v.Data)
				v.Fact = ir.ConstFact(v.Data)
			default:
				v.Fact = widenFact(v.Fact)
			}
		}
	}
	each(g.Inputs)
	for _, n := range g.Nodes {
		each(n.In)
		each(n.Out)
		n.Attrs = widenAttrs(n.Attrs)
		for _, s := range n.Subgraphs() {
			widenSub(s)
		}
	}
	each(g.Outputs)
}

// widened returns a tensor of a half type as float32.
func widened(t tensor.Any) tensor.Any {
	if isHalf(t.DType()) {
		t, _ = Convert(t, tensor.Float32)
	}
	return t
}

// Convert returns a tensor of floats as another type of 16 bits or more, rounded to nearest.
func Convert(t tensor.Any, d tensor.DType) (tensor.Any, error) {
	if t.DType() == d {
		return t, nil
	}
	wide := make([]float64, t.Len())
	switch x := t.(type) {
	case *tensor.Tensor[float32]:
		fill(wide, x.Data(), func(v float32) float64 { return float64(v) })
	case *tensor.Tensor[float64]:
		copy(wide, x.Data())
	case *tensor.Tensor[tensor.Half]:
		fill(wide, x.Data(), func(v tensor.Half) float64 { return float64(v.Float32()) })
	case *tensor.Tensor[tensor.BHalf]:
		fill(wide, x.Data(), func(v tensor.BHalf) float64 { return float64(v.Float32()) })
	default:
		return nil, op.Unsupportedf("%v%v as %v", t.DType(), t.Shape(), d)
	}
	out, err := tensor.Alloc(d, t.Shape().Clone())
	if err != nil {
		return nil, err
	}
	switch y := out.(type) {
	case *tensor.Tensor[float32]:
		fill(y.Data(), wide, func(v float64) float32 { return float32(v) })
	case *tensor.Tensor[float64]:
		copy(y.Data(), wide)
	case *tensor.Tensor[tensor.Half]:
		fill(y.Data(), wide, func(v float64) tensor.Half { return tensor.ToHalf(tensor.Odd32(v)) })
	case *tensor.Tensor[tensor.BHalf]:
		fill(y.Data(), wide, func(v float64) tensor.BHalf { return tensor.ToBHalf(tensor.Odd32(v)) })
	default:
		return nil, op.Unsupportedf("%v%v as %v", t.DType(), t.Shape(), d)
	}
	return out, nil
}

func fill[D, S any](dst []D, src []S, f func(S) D) {
	for i, v := range src {
		dst[i] = f(v)
	}
}
