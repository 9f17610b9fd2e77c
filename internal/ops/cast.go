package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opCast converts elements to another type.
//
// Floats become narrower floats by rounding to the nearest, ties to even; beyond the range of an 8-bit
// float saturate decides. Floats become integers by truncation and integers narrower ones by dropping
// high bits. ONNX leaves out-of-range floats undefined; here they do what onnxruntime's instructions
// do on x86, on every machine. Anything but zero is true, NaN included.
//
// Strings are read as decimal numbers with an exponent, inf and nan in any case; what is none is an
// error, and so is an integer out of range. Floats are printed with 8 or 16 significant digits, infinities as
// INF and -INF, booleans as 1 and 0: what onnxruntime does. ONNX does not say which strings are true,
// so that cast is not supported.
//
// The gradient is dy cast back where both types are floats, else zero.
var opCast = &op.Def{
	Name: "Cast", Since: 28,
	Doc:     "The elements as another type.",
	In:      []op.Param{op.In("input", "T1", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.Str("round_mode", "up"), op.Int("saturate", 1), op.Need("to", op.IntKind)},
	Types:   op.Types{"T2": castTypes(types28)},
	On:      "T1",
	Infer:   inferCast,
	Kernels: op.Each(bindCast, castTypes(types28)...),
	Grad:    gradCast,
	Old: []op.Version{
		{Since: 25, Types: castVersion(types25)},
		{Since: 24, Types: castVersion(types24)},
		{Since: 23, Types: castVersion(types23), Attrs: attrsCast19},
		{Since: 21, Types: castVersion(types21), Attrs: attrsCast19},
		{Since: 19, Types: castVersion(types19), Attrs: attrsCast19},
		{Since: 13, Types: castVersion(types13), Attrs: attrsCast6},
		{Since: 9, Types: castVersion(op.AllClassic), Attrs: attrsCast6},
		{Since: 6, Types: op.Types{"T1": plainTypes(op.AllClassic), "T2": plainTypes(op.AllClassic)}, Attrs: attrsCast6},
	},
}

var (
	types28     = op.List(types25, []tensor.DType{tensor.Float6E2M3, tensor.Float6E3M2})
	attrsCast19 = []op.AttrDef{op.Int("saturate", 1), op.Need("to", op.IntKind)}
	attrsCast6  = []op.AttrDef{op.Need("to", op.IntKind)}
)

// castTypes returns the types without complex ones, which Cast never takes.
func castTypes(types []tensor.DType) []tensor.DType {
	return without(types, tensor.Complex64, tensor.Complex128)
}

func castVersion(types []tensor.DType) op.Types {
	return op.Types{"T1": castTypes(types), "T2": castTypes(types)}
}

func inferCast(n *op.Node) error {
	to := n.Int("to")
	if to < 0 || to > 255 || !tensor.DType(to).Valid() {
		return op.Malformedf("attribute to is %d, which is no element type", to)
	}
	if _, err := castRounding(n); err != nil {
		return err
	}
	x := n.In(0)
	f := ir.Fact{DType: tensor.DType(to), Ranked: x.Ranked, Shape: x.Shape}
	if f.DType == tensor.Int64 || f.DType == tensor.Int32 && fitInt32(x.Elems) {
		f.Elems = x.Elems
	}
	if x.DType == tensor.String && f.DType == tensor.Bool {
		return op.Unsupportedf("Cast from string to bool: ONNX does not say which strings are true")
	}
	n.SetOut(0, f)
	return nil
}

// fitInt32 reports whether elements that are known survive the cast; those that are sizes do.
func fitInt32(elems []ir.Dim) bool {
	for _, d := range elems {
		if v, ok := d.Int(); ok && int(int32(v)) != v {
			return false
		}
	}
	return true
}

func castRounding(n *op.Node) (tensor.Rounding, error) {
	switch m := n.Str("round_mode"); m {
	case "up":
		return tensor.RoundUp, nil
	case "down":
		return tensor.RoundDown, nil
	case "nearest":
		return tensor.RoundNearest, nil
	default:
		return 0, op.Malformedf("round_mode is %q, expected up, down or nearest", m)
	}
}

func bindCast(n *op.Node) (op.Kernel, error) {
	mode, err := castRounding(n)
	if err != nil {
		return nil, err
	}
	return castKernel(n.In(0).DType, n.Out(0).DType, castOptions{mode, n.Bool("saturate")})
}

// castKernel returns the kernel that converts input 0 to the type of output 0.
func castKernel(from, to tensor.DType, o castOptions) (op.Kernel, error) {
	switch {
	case from == to:
		return copyElems, nil
	case from == tensor.String:
		return parseKernel(to, o), nil
	case to == tensor.String:
		return formatKernel(from), nil
	}
	if k := directCasts[[2]tensor.DType{from, to}]; k != nil {
		return k(), nil
	}
	return blockKernel(from, to, o), nil
}

// directCasts are the conversions that models use all the time.
var directCasts = map[[2]tensor.DType]func() op.Kernel{
	{tensor.Float32, tensor.Float64}:  direct(kernel.Convert[float64, float32]),
	{tensor.Float64, tensor.Float32}:  direct(kernel.Convert[float32, float64]),
	{tensor.Int64, tensor.Float32}:    direct(kernel.Convert[float32, int64]),
	{tensor.Int32, tensor.Float32}:    direct(kernel.Convert[float32, int32]),
	{tensor.Uint8, tensor.Float32}:    direct(kernel.Convert[float32, uint8]),
	{tensor.Int64, tensor.Float64}:    direct(kernel.Convert[float64, int64]),
	{tensor.Int32, tensor.Int64}:      direct(kernel.Convert[int64, int32]),
	{tensor.Int64, tensor.Int32}:      direct(kernel.Convert[int32, int64]),
	{tensor.Float32, tensor.Int64}:    direct(kernel.TruncTo[int64, float32]),
	{tensor.Float32, tensor.Int32}:    direct(kernel.TruncTo[int32, float32]),
	{tensor.Float16, tensor.Float32}:  direct(eachElem(tensor.Half.Float32)),
	{tensor.BFloat16, tensor.Float32}: direct(eachElem(tensor.BHalf.Float32)),
	{tensor.Float32, tensor.Float16}:  direct(eachElem(tensor.ToHalf)),
	{tensor.Float32, tensor.BFloat16}: direct(eachElem(tensor.ToBHalf)),
	{tensor.Bool, tensor.Float32}:     direct(eachElem(fromBool[float32])),
	{tensor.Bool, tensor.Int64}:       direct(eachElem(fromBool[int64])),
	{tensor.Float32, tensor.Bool}:     direct(eachElem(toBool[float32])),
	{tensor.Int64, tensor.Bool}:       direct(eachElem(toBool[int64])),
}

func direct[D, S tensor.Elem](f func(d []D, x []S)) func() op.Kernel {
	return func() op.Kernel {
		k := kernel.NewUnary(f)
		return func(c *op.Call) error {
			k.Run(c.Pool, op.Result[D](c, 0), op.Arg[S](c, 0))
			return nil
		}
	}
}

// eachElem applies a function to every element.
func eachElem[D, S any](f func(S) D) func(d []D, x []S) {
	return func(d []D, x []S) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = f(v)
		}
	}
}

func fromBool[T tensor.Number](b bool) T {
	if b {
		return 1
	}
	return 0
}

func toBool[T tensor.Number](v T) bool { return v != 0 }

func gradCast(g *op.Grad) {
	from := g.In(0).Fact.DType
	if dy := g.DOut(0); dy != nil && from.IsFloat() && g.Out(0).Fact.DType.IsFloat() {
		g.Set(0, g.Cast(dy, from))
	}
}
