package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opDropout is its input, except where training_mode is true: then each element is 0 with probability
// ratio and else x / (1-ratio). mask says which elements are kept.
//
// dx = dy / (1-ratio) where mask is true, else 0. In training mode that needs the output mask.
var opDropout = &op.Def{
	Name: "Dropout", Since: 22,
	Doc: "x in inference; in training, elements set to 0 with probability ratio and the others scaled by 1/(1-ratio).",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.Opt("ratio", "T1", op.NoRule), op.Opt("training_mode", "T2", op.Zero),
	},
	Out:    []op.Param{op.Out("output", "T"), op.OptOut("mask", "T2")},
	Attrs:  []op.AttrDef{op.May("seed", op.IntKind)},
	Types:  op.Types{"T1": dropoutTypes, "T2": {tensor.Bool}},
	Random: true,
	Infer:  inferDropout,
	Kernels: op.Merge(op.Each(nil, dropoutTypes...), op.Kernels{
		tensor.Float32: bindDropout[float32], tensor.Float64: bindDropout[float64],
	}),
	InPlace: []int{0},
	Grad:    gradDropout,
	Old: []op.Version{
		{Since: 13, Types: op.Types{"T": op.Floats, "T1": op.FloatsIEEE}},
		{Since: 12, Types: op.Types{"T": op.FloatsIEEE, "T1": op.FloatsIEEE}},
		{
			Since: 10, Types: op.Types{"T": op.FloatsIEEE, "T1": {tensor.Bool}}, In: inT("data"),
			Out:   []op.Param{op.Out("output", "T"), op.OptOut("mask", "T1")},
			Attrs: []op.AttrDef{op.Float("ratio", .5)}, Expand: expandDropout,
		},
		{
			Since: 7, Types: op.Types{"T": op.FloatsIEEE}, In: inT("data"),
			Out:   []op.Param{op.Out("output", "T"), op.OptOut("mask", "T")},
			Attrs: []op.AttrDef{op.Float("ratio", .5)}, Expand: expandDropout,
		},
	},
}

var dropoutTypes = op.List(op.Floats, []tensor.DType{tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ})

// expandDropout says what Dropout before opset 12 does, which had no training mode: nothing.
func expandDropout(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	out := []*ir.Value{b.Op("Identity", x)}
	if n.HasOut(1) {
		mask := b.OpA("ConstantOfShape", b.Shape(x), op.Attr("value", tensor.Vector(true)))
		if n.Version < 10 {
			mask = b.Cast(mask, x.Fact.DType)
		}
		out = append(out, mask)
	}
	return out
}

func inferDropout(n *op.Node) error {
	x := n.In(0)
	n.SetOut(0, x.Like())
	n.SetOut(1, ir.Fact{DType: tensor.Bool, Ranked: x.Ranked, Shape: x.Shape})
	for i := 1; i <= 2; i++ {
		if f := n.In(i); n.HasIn(i) && f.Ranked {
			if k, ok := f.Shape.Size().Int(); ok && k != 1 {
				return op.Shapef("%s is %v, expected a scalar", n.Def.In[i].Name, f)
			}
		}
	}
	if t := n.In(1).Const; t != nil {
		_, err := dropoutRatio(t)
		return err
	}
	return nil
}

func dropoutRatio(t tensor.Any) (float64, error) {
	if t == nil {
		return .5, nil
	}
	r := numberFloat(t)
	if !(r >= 0 && r < 1) {
		return 0, op.Malformedf("ratio is %g, expected a number in [0,1)", r)
	}
	return r, nil
}

type dropout[T tensor.Float] struct {
	d, x         []T
	mask         []bool
	ratio, scale float64
}

func bindDropout[T tensor.Float](n *op.Node) (op.Kernel, error) {
	stream := streamOf(n)
	k := kernel.NewDraws(dropElems[T])
	return func(c *op.Call) error {
		a := dropout[T]{d: op.Result[T](c, 0), x: op.Arg[T](c, 0), mask: op.Result[bool](c, 1)}
		if train := op.Arg[bool](c, 2); train == nil || !train[0] {
			copy(a.d, a.x)
			for i := range a.mask {
				a.mask[i] = true
			}
			return nil
		}
		var ratio tensor.Any
		if len(c.In) > 1 {
			ratio = c.In[1]
		}
		var err error
		if a.ratio, err = dropoutRatio(ratio); err != nil {
			return err
		}
		a.scale = 1 / (1 - a.ratio)
		k.Run(c.Pool, a, stream(c), len(a.d))
		return nil
	}, nil
}

// dropElems keeps an element where its random number, of 24 bits, is not below the ratio.
func dropElems[T tensor.Float](a dropout[T], s kernel.Stream, first, n int) {
	var words [castBlock]uint32
	scale, limit := T(a.scale), uint32(math.Ceil(a.ratio*(1<<24)))
	for at := first; at < first+n; at += castBlock {
		w := words[:min(castBlock, first+n-at)]
		s.Words(w, at)
		d, x := a.d[at:at+len(w)], a.x[at:at+len(w)]
		for i, v := range w {
			keep := v>>8 >= limit
			if keep {
				d[i] = x[i] * scale
			} else {
				d[i] = 0
			}
			if a.mask != nil {
				a.mask[at+i] = keep
			}
		}
	}
}

func gradDropout(g *op.Grad) {
	dy, n := g.DOut(0), g.Node
	train := n.In(2).Const
	if !n.HasIn(2) || train != nil && !tensor.Data[bool](train)[0] {
		g.Set(0, dy)
		return
	}
	if !n.HasOut(1) {
		g.Fail(op.Unsupportedf("the gradient of Dropout in training mode without its output mask"))
		return
	}
	one := g.Scalar(dy, 1)
	ratio := g.Scalar(dy, .5)
	if n.HasIn(1) {
		ratio = g.Cast(g.Reshape(g.In(1), g.Const(tensor.Vector[int64]())), dy.Fact.DType)
	}
	scaled := g.Div(dy, g.Sub(one, ratio))
	kept := g.Where(g.Out(1), scaled, g.Scalar(dy, 0))
	if train == nil { // which of the two shows when the graph runs
		kept = g.Where(g.Reshape(g.In(2), g.Const(tensor.Vector[int64]())), kept, dy)
	}
	g.Set(0, kept)
}
