package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opRange is start, start+delta, start+2*delta, ... up to limit (exclusive):
// max(0, ceil((limit-start)/delta)) elements. Half types are computed in float32, which is what
// stash_type says by default; no other is taken.
// start gets the sum of dy, delta that of dy times the positions.
var opRange = &op.Def{
	Name: "Range", Since: 27,
	Doc:   "Numbers from start to limit (exclusive) by delta.",
	In:    []op.Param{op.In("start", "T", op.Differentiable), op.In("limit", "T", op.Zero), op.In("delta", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Int("stash_type", 1)},
	Infer: inferRange,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindRange[float32], tensor.Float64: bindRange[float64],
		tensor.Int16: bindRange[int16], tensor.Int32: bindRange[int32], tensor.Int64: bindRange[int64],
	}),
	Grad: gradRange,
	Old: []op.Version{{
		Since: 11, Attrs: noAttrs,
		Types: op.Types{"T": {tensor.Float32, tensor.Int16, tensor.Int32, tensor.Int64, tensor.Float64}},
	}},
}

func inferRange(n *op.Node) error {
	if n.Int("stash_type") != int(tensor.Float32) {
		return op.Unsupportedf("stash_type %d", n.Int("stash_type"))
	}
	for i := range 3 {
		if f := n.In(i); f.Ranked {
			if k, ok := f.Shape.Size().Int(); ok && (k != 1 || len(f.Shape) > 1) {
				return op.Shapef("%s is %v, expected a scalar", n.Def.In[i].Name, f)
			}
		}
	}
	size := ir.Unknown
	start, limit, delta := n.In(0), n.In(1), n.In(2)
	if start.Const != nil && limit.Const != nil && delta.Const != nil {
		count, err := rangeCount(start.Const, limit.Const, delta.Const)
		if err != nil {
			return err
		}
		size = ir.Known(count)
	} else if first(start).Is(0) && first(delta).Is(1) {
		size = first(limit) // a size of some axis: not negative
		if _, ok := size.Int(); ok {
			size = ir.Unknown
		}
	}
	n.SetShape(0, ir.Shape{size})
	return nil
}

// first returns the first element of an integer that is known, maybe symbolically.
func first(f ir.Fact) ir.Dim {
	if len(f.Elems) == 0 {
		return ir.Unknown
	}
	return f.Elems[0]
}

func rangeCount(start, limit, delta tensor.Any) (int, error) {
	if start.DType().IsFloat() {
		n := math.Ceil((numberFloat(limit) - numberFloat(start)) / numberFloat(delta))
		if !(n < min(1<<47, math.MaxInt)) || numberFloat(delta) == 0 {
			return 0, op.Shapef("a range from %g to %g by %g", numberFloat(start), numberFloat(limit), numberFloat(delta))
		}
		return int(max(n, 0)), nil
	}
	a, b, by := numberInt(start), numberInt(limit), numberInt(delta)
	var span, step uint64
	switch {
	case by == 0:
		return 0, op.Shapef("a range by 0")
	case by > 0 && a < b:
		span, step = uint64(b)-uint64(a), uint64(by)
	case by < 0 && a > b:
		span, step = uint64(a)-uint64(b), -uint64(by)
	default:
		return 0, nil
	}
	n := (span-1)/step + 1
	if n >= min(1<<47, math.MaxInt) {
		return 0, op.Shapef("a range from %d to %d by %d", a, b, by)
	}
	return int(n), nil
}

func bindRange[T tensor.Number](n *op.Node) (op.Kernel, error) {
	return func(c *op.Call) error {
		start, delta := op.Arg[T](c, 0)[0], op.Arg[T](c, 2)[0]
		d := op.Result[T](c, 0)
		for i := range d {
			d[i] = start + T(i)*delta
		}
		return nil
	}, nil
}

func gradRange(g *op.Grad) {
	dy := g.DOut(0)
	if g.Need(0) {
		g.Set(0, g.Reshape(g.Sum(dy, false), g.Shape(g.In(0))))
	}
	if g.Need(2) {
		scalar := func(v int64) *ir.Value { return g.Const(tensor.Scalar(v)) }
		at := g.Cast(g.Op("Range", scalar(0), g.Op("Size", dy), scalar(1)), dy.Fact.DType)
		g.Set(2, g.Reshape(g.Sum(g.Mul(dy, at), false), g.Shape(g.In(2))))
	}
}
