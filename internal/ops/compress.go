package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opCompress keeps the slices along an axis for which the condition holds; without axis the elements
// of the input as a vector. A condition that is shorter than the axis drops what it does not reach.
// The gradient puts dy where its slices came from.
var opCompress = &op.Def{
	Name: "Compress", Since: 28,
	Doc:     "The slices along axis for which condition holds.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.In("condition", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.May("axis", op.IntKind)},
	Types:   op.Types{"T1": {tensor.Bool}},
	Infer:   inferCompress,
	Kernels: op.Each(nil, types13...),
	Eval:    evalCompress,
	Grad:    gradCompress,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.AllClassic}},
		{Since: 9, Types: op.Types{"T": op.AllClassic}},
	},
}

func inferCompress(n *op.Node) error {
	x := n.In(0)
	if f := n.In(1); f.Ranked && len(f.Shape) != 1 {
		return op.Shapef("condition is %v, expected a vector", f)
	}
	if !n.HasAttr("axis") {
		n.SetShape(0, unknownShape(1))
		return nil
	}
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	out := append(ir.Shape{}, x.Shape...)
	out[axis] = ir.Unknown
	n.SetShape(0, out)
	return nil
}

func evalCompress(n *op.Node, c *op.Call) ([]tensor.Any, error) {
	shape, axis := tensor.Shape{c.In[0].Len()}, 0
	if n.HasAttr("axis") {
		shape = c.In[0].Shape()
		var err error
		if axis, err = shape.Axis(n.Int("axis")); err != nil {
			return nil, op.Shapef("%v", err)
		}
	}
	var index []int
	for i, keep := range op.Arg[bool](c, 1) {
		if keep && i < shape[axis] {
			index = append(index, i)
		}
	}
	y, err := pickSlices(c, shape, axis, index)
	return []tensor.Any{y}, err
}

// pickSlices returns the listed slices along an axis of input 0, seen in a shape.
func pickSlices(c *op.Call, shape tensor.Shape, axis int, index []int) (tensor.Any, error) {
	out := shape.Clone()
	out[axis] = len(index)
	y, err := tensor.Alloc(c.In[0].DType(), out)
	if err != nil || len(index) == 0 {
		return y, err
	}
	outer, size, inner := shape[:axis].Len(), shape[axis], shape[axis+1:].Len()
	if s, ok := y.(*tensor.Tensor[string]); ok {
		kernel.NewGather[string](outer, size, inner, len(index)).Run(c.Pool, s.Data(), tensor.Data[string](c.In[0]), index)
		return y, nil
	}
	inner *= elemBytes(y.DType())
	kernel.NewGather[uint8](outer, size, inner, len(index)).Run(c.Pool, tensor.Bytes(y), tensor.Bytes(c.In[0]), index)
	return y, nil
}

func gradCompress(g *op.Grad) {
	x, dy, axis := g.In(0), g.DOut(0), 0
	flat := x
	if g.Node.HasAttr("axis") {
		axis = g.Node.Int("axis")
	} else {
		flat = g.ReshapeTo(x, -1)
	}
	rank := flat.Fact.Rank()
	axis, err := tensor.Axis(axis, max(rank, 0))
	if err != nil {
		g.Fail(op.Shapef("%v", err))
		return
	}
	cond := g.Op("Slice", g.In(1), g.Ints(0), sizeOfAxis(g.Builder, flat, axis), g.Ints(0))
	index := alongAxis(g.Builder, g.Squeeze(g.Op("NonZero", cond), 0), axis, rank)
	in := []*ir.Value{zerosLike(g.Builder, flat), g.Expand(index, g.Shape(dy)), dy}
	d := g.Emit(1, "ScatterElements", in, op.Attr("axis", axis))[0]
	g.Set(0, g.Reshape(d, g.Shape(x)))
}
