package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLayerNormalization is Y = (X - Mean) * InvStdDev * Scale + B with the mean over the axes from axis
// on and InvStdDev = 1/sqrt(variance + epsilon). Scale and B broadcast to X. Half types compute in
// float32 and double in double; stash_type (1 float32, 16 bfloat16) is the type of Mean and InvStdDev.
//
// With X̂ = (X-Mean)*InvStdDev and d = dY*Scale: dX = InvStdDev*(d - mean(d) - X̂*mean(d*X̂)),
// dScale = sum(dY*X̂), dB = sum(dY).
var opLayerNormalization = &op.Def{
	Name: "LayerNormalization", Since: 17,
	Doc: "The trailing axes together brought to mean 0 and variance 1, then scaled and shifted.",
	In: []op.Param{op.In("X", "T", op.Differentiable), op.In("Scale", "T", op.Differentiable),
		op.Opt("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T"), op.OptOut("Mean", "U"), op.OptOut("InvStdDev", "U")},
	Attrs: []op.AttrDef{op.Int("axis", -1), op.Float("epsilon", 1e-5), op.Int("stash_type", 1)},
	Types: op.Types{"U": {tensor.Float32, tensor.BFloat16}},
	Infer: inferLayerNormalization,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindLayerNormalization[float32], tensor.Float64: bindLayerNormalization[float64],
	}),
	InPlace: []int{0},
	Grad:    gradLayerNormalization,
}

func inferLayerNormalization(n *op.Node) error {
	stash := tensor.DType(n.Int("stash_type"))
	if stash != tensor.Float32 && stash != tensor.BFloat16 {
		return op.Unsupportedf("stash_type %d, expected 1 (float32) or 16 (bfloat16)", n.Int("stash_type"))
	}
	n.SetOut(1, ir.Fact{DType: stash})
	n.SetOut(2, ir.Fact{DType: stash})
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	axis, err := normAxis(n)
	if err != nil {
		return err
	}
	for i := 1; i <= 2; i++ {
		if err := broadcastsTo(n, i, x); err != nil {
			return err
		}
	}
	stats := append(ir.Shape{}, x.Shape...)
	for i := axis; i < len(stats); i++ {
		stats[i] = ir.Known(1)
	}
	n.SetOut(1, ir.Fact{DType: stash, Ranked: true, Shape: stats})
	n.SetOut(2, ir.Fact{DType: stash, Ranked: true, Shape: stats})
	return op.InferSame(n)
}

// normAxis returns the first axis that LayerNormalization and RMSNormalization take together.
func normAxis(n *op.Node) (int, error) {
	axis, err := tensor.Axis(n.Int("axis"), n.In(0).Rank())
	if err != nil {
		return 0, op.Shapef("%v", err)
	}
	return axis, nil
}

// broadcastsTo checks that input i, where present, broadcasts to a shape.
func broadcastsTo(n *op.Node, i int, x ir.Fact) error {
	f := n.In(i)
	if !n.HasIn(i) || !f.Ranked {
		return nil
	}
	s, _, err := op.Broadcast(x, f)
	if err != nil || len(s) != len(x.Shape) || knownOthers(s, x.Shape) {
		return op.Shapef("%s is %v, which does not broadcast to %v", n.Def.In[i].Name, f, x)
	}
	return nil
}

func knownOthers(s, t ir.Shape) bool {
	for i := range s {
		if knownOther(s[i], t[i]) {
			return true
		}
	}
	return false
}

// trailing reports whether a shape, aligned at the last axis, is that of x from an axis on.
func trailing(s, x tensor.Shape, axis int) bool {
	for len(s) > len(x)-axis && s[0] == 1 {
		s = s[1:]
	}
	return s.Equal(x[axis:])
}

func bindLayerNormalization[T tensor.Float](n *op.Node) (op.Kernel, error) {
	x := n.InShape(0)
	axis, err := normAxis(n)
	if err != nil {
		return nil, err
	}
	g := kernel.RowNorm{Rows: x[:axis].Len(), Length: x[axis:].Len(), Groups: 1, Inner: 1, Epsilon: float64(n.Float("epsilon"))}
	k := kernel.NewNormalize[T](g)
	direct := trailing(n.InShape(1), x, axis) && (!n.HasIn(2) || trailing(n.InShape(2), x, axis))
	var mul, add *kernel.Binary[T, T, T]
	if !direct {
		mul = kernel.NewBinary(x, x, n.InShape(1), kernel.Mul[T])
		if n.HasIn(2) {
			add = kernel.NewBinary(x, x, n.InShape(2), kernel.Add[T])
		}
	}
	stats := n.HasOut(1) || n.HasOut(2)
	if stats {
		n.Scratch(2 * g.Rows * n.In(0).DType.Size())
	}
	write := writeAs[T](tensor.DType(n.Int("stash_type")))
	return func(c *op.Call) error {
		o := kernel.NormalizeOperands[T]{Y: op.Result[T](c, 0), X: op.Arg[T](c, 0)}
		var s []T
		if stats {
			s = op.Scratch[T](c, 2*g.Rows)
			o.Mean, o.Inv = s[:g.Rows], s[g.Rows:]
		}
		if direct {
			o.Scale, o.Bias = op.Arg[T](c, 1), op.Arg[T](c, 2)
		}
		k.Run(c.Pool, o)
		if !direct {
			mul.Run(c.Pool, o.Y, o.Y, op.Arg[T](c, 1))
			if add != nil {
				add.Run(c.Pool, o.Y, o.Y, op.Arg[T](c, 2))
			}
		}
		for i := 1; i < len(c.Out); i++ {
			if c.Out[i] != nil {
				write(c.Out[i], s[(i-1)*g.Rows:i*g.Rows])
			}
		}
		return nil
	}, nil
}

func gradLayerNormalization(g *op.Grad) {
	rank, ok := needRank(g)
	if !ok {
		return
	}
	axis, err := normAxis(g.Node)
	if err != nil {
		g.Fail(err)
		return
	}
	axes, d := axesFrom(axis, rank), wideOf(g.In(0))
	x, scale := g.Cast(g.In(0), d), g.Cast(g.In(1), d)
	epsilon := g.Node.Float("epsilon")
	xhat, inv := standardize(g.Builder, x, epsilon, false, axes...)
	dx := statsGrads(g, xhat, inv)
	if dy := g.DOut(0); dy != nil {
		dy = g.Cast(dy, d)
		one := unstandardize(g.Builder, g.Mul(dy, scale), xhat, inv, false, axes...)
		if dx != nil {
			one = g.Add(one, dx)
		}
		dx = one
		if g.Need(1) {
			setAs(g, 1, g.SumTo(g.Mul(dy, xhat), g.In(1)))
		}
		if g.Need(2) {
			setAs(g, 2, g.SumTo(dy, g.In(2)))
		}
	}
	setAs(g, 0, dx)
}

// statsGrads is the gradient by X that those of Mean and InvStdDev bring, nil where there are none:
// dMean/n - dInvStdDev * InvStdDev^2 * X̂/n.
func statsGrads(g *op.Grad, xhat, inv *ir.Value) (dx *ir.Value) {
	d := xhat.Fact.DType
	var count *ir.Value
	if g.DOut(1) != nil || g.DOut(2) != nil {
		count = g.Div(g.Cast(g.Op("Size", xhat), d), g.Cast(g.Op("Size", inv), d))
	}
	if dm := g.DOut(1); dm != nil {
		dx = g.Expand(g.Div(g.Cast(dm, d), count), g.Shape(xhat))
	}
	if ds := g.DOut(2); ds != nil {
		one := g.Neg(g.Mul(g.Mul(g.Cast(ds, d), g.Mul(inv, inv)), g.Div(xhat, count)))
		if dx != nil {
			one = g.Add(dx, one)
		}
		dx = one
	}
	return dx
}
