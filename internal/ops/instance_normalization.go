package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opInstanceNormalization is y = (x - mean) / sqrt(variance + epsilon) * scale + B with mean and
// variance of each channel of each sample. Gradient: see LayerNormalization.
var opInstanceNormalization = &op.Def{
	Name: "InstanceNormalization", Since: 22,
	Doc: "Each channel of each sample brought to mean 0 and variance 1, then scaled and shifted.",
	In: []op.Param{op.In("input", "T", op.Differentiable), op.In("scale", "T", op.Differentiable),
		op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Float("epsilon", 1e-5)},
	Infer: inferInstanceNormalization,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindInstanceNormalization[float32], tensor.Float64: bindInstanceNormalization[float64],
	}),
	InPlace: []int{0},
	Grad:    gradInstanceNormalization,
	Old:     []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}

func inferInstanceNormalization(n *op.Node) error {
	if r := n.In(0).Rank(); r >= 0 && r < 3 {
		return op.Shapef("input is %v, expected [batch, channels, ...] with one axis more at least", n.In(0))
	}
	if err := checkChannels(n, 1, 2); err != nil {
		return err
	}
	return op.InferSame(n)
}

func bindInstanceNormalization[T tensor.Float](n *op.Node) (op.Kernel, error) {
	samples, c, inner := splitChannels(n.InShape(0))
	k := kernel.NewNormalize[T](kernel.RowNorm{
		Rows: samples * c, Length: inner, Groups: c, Step: 1, Inner: max(1, inner), Epsilon: float64(n.Float("epsilon")),
	})
	return runNormalize(k), nil
}

// runNormalize runs a normalisation with scale and bias as inputs 1 and 2.
func runNormalize[T tensor.Float](k *kernel.Normalize[T]) op.Kernel {
	return func(c *op.Call) error {
		if y := op.Result[T](c, 0); len(y) > 0 {
			k.Run(c.Pool, kernel.NormalizeOperands[T]{Y: y, X: op.Arg[T](c, 0), Scale: op.Arg[T](c, 1), Bias: op.Arg[T](c, 2)})
		}
		return nil
	}
}

func gradInstanceNormalization(g *op.Grad) {
	rank, ok := needRank(g)
	if !ok {
		return
	}
	axes, d := axesFrom(2, rank), wideOf(g.In(0))
	x, dy := g.Cast(g.In(0), d), g.Cast(g.DOut(0), d)
	xhat, inv := standardize(g.Builder, x, g.Node.Float("epsilon"), false, axes...)
	dhat := g.Mul(dy, perChannel(g.Builder, g.Cast(g.In(1), d), rank))
	if g.Need(0) {
		setAs(g, 0, unstandardize(g.Builder, dhat, xhat, inv, false, axes...))
	}
	channelGrads(g, dy, xhat, rank)
}

// channelGrads sets the gradients of a scale and a bias for each channel.
func channelGrads(g *op.Grad, dy, xhat *ir.Value, rank int) {
	sum := func(v *ir.Value) *ir.Value { return g.Sum(v, false, append([]int{0}, axesFrom(2, rank)...)...) }
	if g.Need(1) {
		setAs(g, 1, sum(g.Mul(dy, xhat)))
	}
	if g.Need(2) {
		setAs(g, 2, sum(dy))
	}
}
