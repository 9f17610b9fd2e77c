package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opPow is z = x^y in the type of x. Integers: see kernel.PowInt and kernel.PowTrunc.
// dz/dx = y x^(y-1), 0 where y is 0; dz/dy = z ln x, 0 where x is 0 and y is not negative.
var opPow = &op.Def{
	Name: "Pow", Since: 15,
	Doc:   "X to the power of Y with broadcasting.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("Y", "T1", op.Differentiable)},
	Out:   []op.Param{op.Out("Z", "T")},
	Types: op.Types{"T1": numbers13},
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: byExponent(op.Merge(powers[float32](), op.Kernels{tensor.Float32: binary(kernel.Pow32)})), tensor.Float64: byExponent(powers[float64]()),
		tensor.Int32: byExponent(intPowers[int32]()), tensor.Int64: byExponent(intPowers[int64]()),
	}),
	InPlace: []int{0},
	Grad:    gradPow,
	Old: []op.Version{
		{Since: 13, Types: op.Types{"T1": numbers7}},
		{Since: 12, Types: op.Types{"T": {tensor.Float32, tensor.Float16, tensor.Float64, tensor.Int32, tensor.Int64}, "T1": numbers7}},
		{
			Since: 7, Types: op.Types{"T": op.FloatsIEEE},
			In: []op.Param{op.In("X", "T", op.Differentiable), op.In("Y", "T", op.Differentiable)},
		},
	},
}

func gradPow(g *op.Grad) {
	x, y, dz := g.In(0), g.In(1), g.DOut(0)
	if g.Need(0) {
		g.SetBroadcast(0, g.Mul(dz, powSlope(g, x, y)))
	}
	if g.Need(1) {
		zero := g.Scalar(x, 0)
		flat := g.Op("And", g.Op("Equal", x, zero), g.Op("GreaterOrEqual", y, g.Scalar(y, 0)))
		slope := g.Where(flat, zero, g.Mul(g.Out(0), g.Op("Log", x)))
		g.SetBroadcast(1, g.Cast(g.Mul(dz, slope), y.Fact.DType))
	}
}

// powSlope returns y x^(y-1), which is 0 where y is 0 whatever x is.
func powSlope(g *op.Grad, x, y *ir.Value) *ir.Value {
	if t := y.Fact.Const; t != nil && t.Len() == 1 {
		switch v, _ := firstFloat(t); v {
		case 1:
			return g.Scalar(x, 1)
		case 2:
			return g.Scale(x, 2)
		}
	}
	e := g.Cast(y, x.Fact.DType)
	slope := g.Mul(e, g.Op("Pow", x, g.AddScalar(e, -1)))
	zero := g.Scalar(x, 0)
	return g.Where(g.Op("Equal", e, zero), zero, slope)
}

// firstFloat returns the first element of a float tensor.
func firstFloat(t tensor.Any) (float64, bool) {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return float64(t.Data()[0]), true
	case *tensor.Tensor[float64]:
		return t.Data()[0], true
	}
	return 0, false
}

// byExponent binds by the type of the exponent.
func byExponent(table op.Kernels) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		if b := table[n.In(1).DType]; b != nil {
			return b(n)
		}
		return nil, op.Unsupportedf("exponents of type %v", n.In(1).DType)
	}
}

func powers[T tensor.Float]() op.Kernels {
	return op.Kernels{
		tensor.Float32: binaryTo(kernel.Pow[T, float32]), tensor.Float64: binaryTo(kernel.Pow[T, float64]),
		tensor.Int8: binaryTo(kernel.Pow[T, int8]), tensor.Int16: binaryTo(kernel.Pow[T, int16]),
		tensor.Int32: binaryTo(kernel.Pow[T, int32]), tensor.Int64: binaryTo(kernel.Pow[T, int64]),
		tensor.Uint8: binaryTo(kernel.Pow[T, uint8]), tensor.Uint16: binaryTo(kernel.Pow[T, uint16]),
		tensor.Uint32: binaryTo(kernel.Pow[T, uint32]), tensor.Uint64: binaryTo(kernel.Pow[T, uint64]),
		tensor.Float16:  binaryTo(kernel.PowOf[T](tensor.Half.Float32)),
		tensor.BFloat16: binaryTo(kernel.PowOf[T](tensor.BHalf.Float32)),
	}
}

func intPowers[T int32 | int64]() op.Kernels {
	return op.Kernels{
		tensor.Float32: binaryTo(kernel.PowTrunc[T, float32]), tensor.Float64: binaryTo(kernel.PowTrunc[T, float64]),
		tensor.Int8: binaryTo(kernel.PowInt[T, int8]), tensor.Int16: binaryTo(kernel.PowInt[T, int16]),
		tensor.Int32: binaryTo(kernel.PowInt[T, int32]), tensor.Int64: binaryTo(kernel.PowInt[T, int64]),
		tensor.Uint8: binaryTo(kernel.PowInt[T, uint8]), tensor.Uint16: binaryTo(kernel.PowInt[T, uint16]),
		tensor.Uint32: binaryTo(kernel.PowInt[T, uint32]), tensor.Uint64: binaryTo(kernel.PowInt[T, uint64]),
		tensor.Float16:  binaryTo(kernel.PowTruncOf[T](tensor.Half.Float32)),
		tensor.BFloat16: binaryTo(kernel.PowTruncOf[T](tensor.BHalf.Float32)),
	}
}
