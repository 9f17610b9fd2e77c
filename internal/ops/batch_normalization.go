package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBatchNormalization is, for each channel (axis 1),
//
//	Y = (X - mean) / sqrt(var + epsilon) * scale + B
//
// with input_mean and input_var or, in training mode, with the mean and the population's variance of
// the batch. Then
//
//	running = input * momentum + batch * (1 - momentum)
//
// for both. Parameters of other types than X are converted to it. A vector is a batch with one channel.
//
// In inference dX = dY*scale*inv with inv = 1/sqrt(var+epsilon); in training mode the statistics depend
// on X: dX = inv*(d - mean(d) - X̂*mean(d*X̂)) with d = dY*scale and X̂ = (X-mean)*inv.
var opBatchNormalization = &op.Def{
	Name: "BatchNormalization", Since: 15,
	Doc: "Channels brought to mean 0 and variance 1, by given statistics or the batch's, then scaled and shifted.",
	In: []op.Param{
		op.In("X", "T", op.Differentiable), op.In("scale", "T1", op.Differentiable), op.In("B", "T1", op.Differentiable),
		op.In("input_mean", "T2", op.Differentiable), op.In("input_var", "T2", op.Differentiable),
	},
	Out:   []op.Param{op.Out("Y", "T"), op.OptOut("running_mean", "T2"), op.OptOut("running_var", "T2")},
	Attrs: []op.AttrDef{op.Float("epsilon", 1e-5), op.Float("momentum", .9), op.Int("training_mode", 0)},
	Types: op.Types{"T1": op.Floats, "T2": op.Floats},
	Infer: inferBatchNormalization,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindBatchNormalization[float32], tensor.Float64: bindBatchNormalization[float64],
	}),
	InPlace: []int{0},
	Grad:    gradBatchNormalization,
	Old: []op.Version{
		{
			Since: 14, Types: op.Types{"U": op.Floats},
			In: []op.Param{
				op.In("X", "T", op.Differentiable), op.In("scale", "T", op.Differentiable), op.In("B", "T", op.Differentiable),
				op.In("input_mean", "U", op.Differentiable), op.In("input_var", "U", op.Differentiable),
			},
			Out: []op.Param{op.Out("Y", "T"), op.OptOut("running_mean", "U"), op.OptOut("running_var", "U")},
		},
		{
			Since: 9, In: batchNormIn7, Out: batchNormOut7, Types: op.Types{"T": op.FloatsIEEE},
			Attrs:  []op.AttrDef{op.Float("epsilon", 1e-5), op.Float("momentum", .9)},
			Expand: expandBatchNormalization, Fits: fitsBatchNormalization,
		},
		{
			Since: 7, In: batchNormIn7, Out: batchNormOut7, Types: op.Types{"T": op.FloatsIEEE},
			Attrs:  []op.AttrDef{op.Float("epsilon", 1e-5), op.Float("momentum", .9), op.Int("spatial", 1)},
			Expand: expandBatchNormalization, Fits: fitsBatchNormalization,
		},
	},
}

var (
	batchNormIn7 = []op.Param{
		op.In("X", "T", op.Differentiable), op.In("scale", "T", op.Differentiable), op.In("B", "T", op.Differentiable),
		op.In("mean", "T", op.Differentiable), op.In("var", "T", op.Differentiable),
	}
	batchNormOut7 = []op.Param{
		op.Out("Y", "T"), op.OptOut("mean", "T"), op.OptOut("var", "T"), op.OptOut("saved_mean", "T"), op.OptOut("saved_var", "T"),
	}
)

// fitsBatchNormalization: before opset 14 a node with one output is one in inference.
func fitsBatchNormalization(n *op.Node) bool { return n.NumOut() == 1 && !n.HasAttr("training_mode") }

// expandBatchNormalization says what a node before opset 14 does: more outputs than one were the
// training mode, and with spatial = 0 every element of a sample had statistics of its own.
func expandBatchNormalization(b *op.Builder, n *op.Node) []*ir.Value {
	in := n.Node.In
	training := n.NumOut() > 1
	epsilon := op.Attr("epsilon", float64(n.Float("epsilon")))
	if n.HasAttr("spatial") && n.Int("spatial") == 0 {
		if training {
			b.Fail(op.Unsupportedf("BatchNormalization with spatial = 0 in training mode"))
		}
		std := b.Op("Sqrt", b.AddScalar(in[4], float64(n.Float("epsilon"))))
		return []*ir.Value{b.Add(b.Mul(b.Div(b.Sub(in[0], in[3]), std), in[1]), in[2])}
	}
	if !training {
		return b.Emit(1, "BatchNormalization", in, epsilon)
	}
	out := b.Emit(3, "BatchNormalization", in, epsilon, op.Attr("momentum", float64(n.Float("momentum"))), op.Attr("training_mode", 1))
	if n.HasOut(3) || n.HasOut(4) {
		x := in[0]
		axes := append([]int{0}, axesFrom(2, max(2, x.Fact.Rank()))...)
		mean := b.Reduce("ReduceMean", x, true, axes...)
		d := b.Sub(x, mean)
		out = append(out, b.Squeeze(mean, axes...), b.Reduce("ReduceMean", b.Mul(d, d), false, axes...))
	}
	for i := range out {
		if !n.HasOut(i) {
			out[i] = nil
		}
	}
	return out[:min(len(out), n.NumOut())]
}

func inferBatchNormalization(n *op.Node) error {
	if err := checkChannels(n, 1, 4); err != nil {
		return err
	}
	if n.NumOut() > 1 && !n.Bool("training_mode") {
		return op.Malformedf("running_mean and running_var are outputs of the training mode only")
	}
	for i := 1; i <= 2; i++ {
		f := n.In(i + 2)
		n.SetOut(i, ir.Fact{Ranked: f.Ranked, Shape: f.Shape})
	}
	return op.InferSame(n)
}

func bindBatchNormalization[T tensor.Float](n *op.Node) (op.Kernel, error) {
	samples, c, inner := splitChannels(n.InShape(0))
	k := kernel.NewBatchNorm[T](samples, c, inner, float64(n.Float("epsilon")))
	training := n.Bool("training_mode")
	n.Scratch(6 * c * n.In(0).DType.Size())
	momentum := T(n.Float("momentum"))
	write := writeAs[T](n.In(3).DType)
	return func(call *op.Call) error {
		s := op.Scratch[T](call, 6*c)
		part := func(i int) []T { return s[i*c : (i+1)*c] }
		o := kernel.BatchNormOperands[T]{
			Y: op.Result[T](call, 0), X: op.Arg[T](call, 0), Scale: part(0), Bias: part(1), Mean: part(2), Var: part(3),
		}
		readAs(o.Scale, call.In[1])
		readAs(o.Bias, call.In[2])
		if !training {
			readAs(o.Mean, call.In[3])
			readAs(o.Var, call.In[4])
			k.Apply(call.Pool, o)
			return nil
		}
		k.Stats(call.Pool, o)
		for i, batch := range [2][]T{o.Mean, o.Var} {
			if i+1 < len(call.Out) && call.Out[i+1] != nil {
				r := part(4 + i)
				readAs(r, call.In[3+i])
				for j, v := range batch {
					r[j] = r[j]*momentum + v*(1-momentum)
				}
				write(call.Out[i+1], r)
			}
		}
		k.Apply(call.Pool, o)
		return nil
	}, nil
}

func gradBatchNormalization(g *op.Grad) {
	rank, ok := needRank(g)
	if !ok {
		return
	}
	d := wideOf(g.In(0))
	x, scale := g.Cast(g.In(0), d), g.Cast(g.In(1), d)
	axes := append([]int{0}, axesFrom(2, rank)...)
	dy := g.DOut(0)
	if dy == nil {
		dy = zerosLike(g.Builder, g.In(0))
	}
	dy = g.Cast(dy, d)
	sum := func(v *ir.Value) *ir.Value { return g.Reshape(g.Sum(v, true, axes...), g.Shape(g.In(1))) }
	dhat := g.Mul(dy, perChannel(g.Builder, scale, rank))
	if g.Node.Bool("training_mode") {
		xhat, inv := standardize(g.Builder, x, g.Node.Float("epsilon"), false, axes...)
		dx := unstandardize(g.Builder, dhat, xhat, inv, false, axes...)
		setAs(g, 0, runningGrads(g, x, dx, rank, axes))
		setAs(g, 1, sum(g.Mul(dy, xhat)))
		setAs(g, 2, sum(dy))
		return
	}
	mean, variance := g.Cast(g.In(3), d), g.Cast(g.In(4), d)
	inv := g.Op("Reciprocal", g.Op("Sqrt", g.AddScalar(variance, float64(g.Node.Float("epsilon")))))
	wideInv := perChannel(g.Builder, inv, rank)
	setAs(g, 0, g.Mul(dhat, wideInv))
	dB := sum(dy)
	setAs(g, 2, dB)
	if g.Need(3) {
		setAs(g, 3, g.Neg(g.Mul(dB, g.Mul(scale, inv))))
	}
	if g.Need(1) || g.Need(4) {
		dScale := sum(g.Mul(dy, g.Mul(g.Sub(x, perChannel(g.Builder, mean, rank)), wideInv)))
		setAs(g, 1, dScale)
		if g.Need(4) {
			setAs(g, 4, g.Scale(g.Mul(g.Mul(dScale, scale), g.Mul(inv, inv)), -.5))
		}
	}
}

// runningGrads adds to dx what the gradients of the running statistics bring, and sets those of the
// statistics that went in.
func runningGrads(g *op.Grad, x, dx *ir.Value, rank int, axes []int) *ir.Value {
	d, m := x.Fact.DType, float64(g.Node.Float("momentum"))
	for i := 1; i <= 2; i++ {
		dr := g.DOut(i)
		if dr == nil {
			continue
		}
		dr = g.Cast(dr, d)
		setAs(g, 2+i, g.Scale(dr, m))
		count := g.Div(g.Cast(g.Op("Size", x), d), g.Cast(g.Op("Size", dr), d))
		part := perChannel(g.Builder, g.Div(g.Scale(dr, 1-m), count), rank)
		if i == 2 {
			part = g.Mul(part, g.Scale(g.Sub(x, g.Reduce("ReduceMean", x, true, axes...)), 2))
		}
		dx = g.Add(dx, part)
	}
	return dx
}
