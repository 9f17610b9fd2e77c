package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// What the Reduce operators have in common: data and axes in, one tensor out. Without axes all are
// reduced, or, with noop_with_empty_axes, none: every element is then reduced by itself.
var (
	reduceIn    = []op.Param{op.In("data", "T", op.Differentiable), op.Opt("axes", "int64", op.Zero)}
	reduceOut   = []op.Param{op.Out("reduced", "T")}
	reduceAttrs = []op.AttrDef{op.Int("keepdims", 1), op.Int("noop_with_empty_axes", 0)}
)

// The types of the Reduce operators by opset.
var (
	reduceTypes   = op.List(op.FloatsIEEE, []tensor.DType{tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64})
	reduceTypes13 = op.List(reduceTypes, []tensor.DType{tensor.BFloat16})
)

// reduceKernels binds a folding for the types that all Reduce operators take.
func reduceKernels(f32 kernel.Fold[float32], f64 kernel.Fold[float64], i32 kernel.Fold[int32], i64 kernel.Fold[int64], u32 kernel.Fold[uint32], u64 kernel.Fold[uint64]) op.Kernels {
	return op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindReduce(f32), tensor.Float64: bindReduce(f64), tensor.Int32: bindReduce(i32),
		tensor.Int64: bindReduce(i64), tensor.Uint32: bindReduce(u32), tensor.Uint64: bindReduce(u64),
	})
}

// reduceOld returns versions whose axes are an attribute; types lists them by the version's number.
func reduceOld(name string, types map[int][]tensor.DType) []op.Version {
	var out []op.Version
	for since, t := range types {
		out = append(out, op.Version{
			Since: since, In: []op.Param{op.In("data", "T", op.Differentiable)}, Types: op.Types{"T": t},
			Attrs: []op.AttrDef{op.May("axes", op.IntsKind), op.Int("keepdims", 1)},
			Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
				return []*ir.Value{b.Reduce(name, n.Node.In[0], n.Bool("keepdims"), n.Ints("axes")...)}
			},
			Write: writeReduceAxes,
		})
	}
	return out
}

// writeReduceAxes says a Reduce whose axes are known with them as an attribute.
func writeReduceAxes(n *op.Node) ([]*ir.Value, []ir.Attr, bool) {
	attrs := []ir.Attr{op.Attr("keepdims", n.Bool("keepdims"))}
	var axes []int
	if n.HasIn(1) {
		var known bool
		if axes, known = n.ConstInts(1); !known {
			return nil, nil, false
		}
	}
	if len(axes) > 0 {
		attrs = append(attrs, op.Attr("axes", axes))
	}
	return n.Node.In[:1], attrs, len(axes) > 0 || !n.Bool("noop_with_empty_axes")
}

// reducedAxes returns which axes of data a Reduce node reduces; known is false where the axes are
// computed by the graph.
func reducedAxes(n *op.Node, rank int) (mark []bool, known bool, err error) {
	var axes []int
	if n.HasIn(1) {
		if f := n.In(1); f.Ranked && f.Rank() != 1 {
			return nil, false, op.Shapef("axes are %v, expected a vector", f)
		}
		if axes, known = n.ConstInts(1); !known {
			return nil, false, nil
		}
	}
	mark, err = markAxes(n, axes, rank)
	return mark, true, err
}

// markAxes marks the listed axes, or all or none where none are listed.
func markAxes(n *op.Node, axes []int, rank int) ([]bool, error) {
	mark := make([]bool, rank)
	if len(axes) == 0 {
		for i := range mark {
			mark[i] = !n.Bool("noop_with_empty_axes")
		}
		return mark, nil
	}
	axes, err := op.ResolveAxes(axes, rank)
	if err != nil {
		return nil, err
	}
	for _, a := range axes {
		mark[a] = true
	}
	return mark, nil
}

func inferReduce(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	mark, known, err := reducedAxes(n, x.Rank())
	if err != nil {
		return err
	}
	if !known {
		if n.Bool("keepdims") {
			n.SetShape(0, unknownShape(x.Rank()))
		} else if k, ok := rankFromVector(n.In(1)); ok && k > 0 && k <= x.Rank() {
			n.SetShape(0, unknownShape(x.Rank()-k))
		}
		return nil
	}
	n.SetShape(0, reducedShape(x.Shape, mark, n.Bool("keepdims")))
	return nil
}

func reducedShape(s ir.Shape, mark []bool, keep bool) ir.Shape {
	out := ir.Shape{}
	for i, d := range s {
		switch {
		case !mark[i]:
			out = append(out, d)
		case keep:
			out = append(out, ir.Known(1))
		}
	}
	return out
}

func bindReduce[T tensor.Elem](f kernel.Fold[T]) op.Bind {
	return bindReduction(func(n *op.Node, s tensor.Shape, mark []bool) op.Kernel {
		r := kernel.NewReduce(s, mark, f)
		return func(c *op.Call) error {
			r.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0))
			return nil
		}
	})
}

// bindReduction binds what reduces the marked axes of a shape. Where the graph computes the axes but
// the output's shape is known anyway, that is made anew in every call.
func bindReduction(f func(n *op.Node, s tensor.Shape, mark []bool) op.Kernel) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		s := n.InShape(0)
		mark, known, err := reducedAxes(n, len(s))
		if err != nil {
			return nil, err
		}
		if known {
			return f(n, s, mark), nil
		}
		want := n.OutShape(0)
		return func(c *op.Call) error {
			axes, _ := op.Ints(c.In[1])
			mark, err := markAxes(n, axes, len(s))
			if err != nil {
				return err
			}
			if got, _ := reducedShape(ir.KnownShape(s), mark, n.Bool("keepdims")).Known(); !got.Equal(want) {
				return op.Shapef("axes %v reduce %v to %v, expected %v", axes, s, got, want)
			}
			return f(n, s, mark)(c)
		}, nil
	}
}

// unreduce gives a value of a Reduce node's output shape the rank of the data, so that it broadcasts
// against it.
func unreduce(g *op.Grad, v *ir.Value) *ir.Value {
	axes := g.In(1)
	if g.Node.Bool("keepdims") || axes == nil || axes.Fact.Ranked && axes.Fact.Shape[0].Is(0) {
		return v // of the same rank, or one element
	}
	return g.Op("Unsqueeze", v, axes)
}

// reducedCount returns how many elements went into each result, as a scalar of the data's type.
func reducedCount(g *op.Grad) *ir.Value {
	x, y := g.In(0), g.Out(0)
	if d := x.Fact.Shape.Size().Div(y.Fact.Shape.Size()); x.Fact.Ranked && y.Fact.Ranked {
		if n, ok := d.Int(); ok {
			return g.Scalar(x, float64(n))
		}
	}
	t := x.Fact.DType
	return g.Div(g.Cast(g.Op("Size", x), t), g.Cast(g.Op("Size", y), t))
}
