package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opRMSNormalization is Y = X / sqrt(mean(X^2) + epsilon) * scale with the mean over the axes from axis
// on. scale broadcasts to X and gives Y its type. Half types compute in float32, whatever stash_type.
//
// With X̂ = X*inv and d = dY*scale: dX = inv*(d - X̂*mean(d*X̂)), dscale = sum(dY*X̂).
var opRMSNormalization = &op.Def{
	Name: "RMSNormalization", Since: 23,
	Doc:   "The trailing axes together divided by their root mean square, then scaled.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("scale", "V", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "V")},
	Attrs: []op.AttrDef{op.Int("axis", -1), op.Float("epsilon", 1e-5), op.Int("stash_type", 1)},
	Types: op.Types{"V": op.Floats},
	Infer: inferRMSNormalization,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindRMSNormalization[float32], tensor.Float64: bindRMSNormalization[float64],
	}),
	Grad: gradRMSNormalization,
}

func inferRMSNormalization(n *op.Node) error {
	if s := tensor.DType(n.Int("stash_type")); !s.Valid() || !s.IsFloat() {
		return op.Unsupportedf("stash_type %d, expected a floating-point type", n.Int("stash_type"))
	}
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	if _, err := normAxis(n); err != nil {
		return err
	}
	if err := broadcastsTo(n, 1, x); err != nil {
		return err
	}
	return op.InferSame(n)
}

func bindRMSNormalization[T tensor.Float](n *op.Node) (op.Kernel, error) {
	x, scale := n.InShape(0), n.InShape(1)
	axis, err := normAxis(n)
	if err != nil {
		return nil, err
	}
	g := kernel.RowNorm{Rows: x[:axis].Len(), Length: x[axis:].Len(), Groups: 1, Inner: 1, Epsilon: float64(n.Float("epsilon")), Raw: true}
	k := kernel.NewNormalize[T](g)
	direct := trailing(scale, x, axis)
	mul := kernel.NewBinary(x, x, scale, kernel.Mul[T])
	same := n.In(0).DType == n.In(1).DType
	count, params := x.Len(), scale.Len()
	if !same {
		n.Scratch((count + params) * n.In(0).DType.Size())
	}
	write := writeAs[T](n.In(1).DType)
	return func(c *op.Call) error {
		o := kernel.NormalizeOperands[T]{X: op.Arg[T](c, 0)}
		var by []T
		if same {
			o.Y, by = op.Result[T](c, 0), op.Arg[T](c, 1)
		} else {
			s := op.Scratch[T](c, count+params)
			o.Y, by = s[:count], s[count:]
			readAs(by, c.In[1])
		}
		if direct {
			o.Scale = by
		}
		k.Run(c.Pool, o)
		if !direct {
			mul.Run(c.Pool, o.Y, o.Y, by)
		}
		if !same {
			write(c.Out[0], o.Y)
		}
		return nil
	}, nil
}

func gradRMSNormalization(g *op.Grad) {
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
	x, scale, dy := g.Cast(g.In(0), d), g.Cast(g.In(1), d), g.Cast(g.DOut(0), d)
	xhat, inv := standardize(g.Builder, x, g.Node.Float("epsilon"), true, axes...)
	if g.Need(0) {
		setAs(g, 0, unstandardize(g.Builder, g.Mul(dy, scale), xhat, inv, true, axes...))
	}
	if g.Need(1) {
		setAs(g, 1, g.SumTo(g.Mul(dy, xhat), g.In(1)))
	}
}
