package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLRN is local response normalisation across channels:
//
//	Y[n,c,...] = X[n,c,...] / s^beta, s = bias + alpha/size * sum of X[n,k,...]^2 over the window
//
// of size channels k around c, one more after c than before it where size is even. With the window sum
// W and W' over the window turned around,
//
//	dX = dY*s^-beta - 2*alpha*beta/size * X * W'(dY*X*s^(-beta-1))
var opLRN = &op.Def{
	Name: "LRN", Since: 13,
	Doc:   "X divided by a power of the squares of neighbouring channels.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1e-4), op.Float("beta", .75), op.Float("bias", 1), op.Need("size", op.IntKind)},
	Infer: inferLRN,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindLRN[float32], tensor.Float64: bindLRN[float64],
	}),
	Expand: expandLRN,
	Grad:   gradLRN,
	Old:    []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

func inferLRN(n *op.Node) error {
	if s := n.Int("size"); s < 1 || s > sizeLimit {
		return op.Malformedf("size is %d", s)
	}
	if r := n.In(0).Rank(); r >= 0 && r < 2 {
		return op.Shapef("X is %v, expected [batch, channels, ...]", n.In(0))
	}
	return op.InferSame(n)
}

func bindLRN[T tensor.Float](n *op.Node) (op.Kernel, error) {
	samples, c, inner := splitChannels(n.InShape(0))
	k := kernel.NewLRN[T](samples, c, inner, n.Int("size"), float64(n.Float("alpha")), float64(n.Float("beta")), float64(n.Float("bias")))
	return func(c *op.Call) error {
		if y := op.Result[T](c, 0); len(y) > 0 {
			k.Run(c.Pool, y, op.Arg[T](c, 0))
		}
		return nil
	}, nil
}

// maxWindow bounds the windows whose sums are written as a convolution.
const maxWindow = 1 << 16

// windowSum sums over windows along axis 1 by a convolution with ones, before and after channels wide.
func windowSum(b *op.Builder, x *ir.Value, before, after int) *ir.Value {
	if before+after >= maxWindow {
		b.Fail(op.Unsupportedf("LRN over %d channels as a convolution", before+after+1))
		return x
	}
	ones, err := tensor.Alloc(x.Fact.DType, tensor.Shape{1, 1, before + after + 1, 1})
	if err != nil {
		b.Fail(err)
		return x
	}
	switch t := ones.(type) {
	case *tensor.Tensor[float32]:
		fillOnes(t.Data())
	case *tensor.Tensor[float64]:
		fillOnes(t.Data())
	}
	s := b.Shape(x)
	inner := b.Reduce("ReduceProd", b.Op("Slice", s, b.Ints(2), b.Ints(maxRank), b.Ints(0)), true, 0)
	flat := reshapeExact(b, x, b.Concat(0, b.Slice(s, 0, 0, 1), b.Ints(1), b.Slice(s, 0, 1, 2), inner))
	y := b.Emit(1, "Conv", []*ir.Value{flat, b.Const(ones)}, op.Attr("pads", []int{before, 0, after, 0}))[0]
	return reshapeExact(b, y, s)
}

func fillOnes[T tensor.Float](d []T) {
	for i := range d {
		d[i] = 1
	}
}

// lrnBase returns s and the window.
func lrnBase(b *op.Builder, n *op.Node, x *ir.Value) (s *ir.Value, before, after int) {
	size := n.Int("size")
	before = (size - 1) / 2
	after = size - 1 - before
	sum := windowSum(b, b.Mul(x, x), before, after)
	return b.AddScalar(b.Scale(sum, float64(n.Float("alpha"))/float64(size)), float64(n.Float("bias"))), before, after
}

func expandLRN(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	wide := b.Cast(x, wideOf(x))
	s, _, _ := lrnBase(b, n, wide)
	return []*ir.Value{b.Cast(b.Mul(wide, b.Op("Pow", s, b.Scalar(s, -float64(n.Float("beta"))))), x.Fact.DType)}
}

func gradLRN(g *op.Grad) {
	d := wideOf(g.In(0))
	x, dy := g.Cast(g.In(0), d), g.Cast(g.DOut(0), d)
	s, before, after := lrnBase(g.Builder, g.Node, x)
	beta, alpha := float64(g.Node.Float("beta")), float64(g.Node.Float("alpha"))
	p := g.Op("Pow", s, g.Scalar(s, -beta))
	back := windowSum(g.Builder, g.Mul(g.Mul(dy, x), g.Div(p, s)), after, before)
	setAs(g, 0, g.Sub(g.Mul(dy, p), g.Mul(x, g.Scale(back, 2*alpha*beta/float64(g.Node.Int("size"))))))
}
