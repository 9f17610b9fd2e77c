package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The reductions of ScatterElements and ScatterND: what becomes of an element that an update meets.

// checkReduction holds the attribute reduction against what the type can do.
func checkReduction(n *op.Node) error {
	d := n.In(0).DType
	switch r := n.Str("reduction"); r {
	case "none":
		return nil
	case "add", "mul":
		if d == tensor.String {
			return op.Unsupportedf("reduction %s of strings", r)
		}
	case "max", "min":
		if d == tensor.String || d == tensor.Complex64 || d == tensor.Complex128 {
			return op.Unsupportedf("reduction %s of %v", r, d)
		}
	default:
		return op.Unsupportedf("reduction %q", r)
	}
	return nil
}

// expandReduction16 is the form of opset 16, which had no max and min.
func expandReduction16(name string) op.Expand {
	return func(b *op.Builder, n *op.Node) []*ir.Value {
		if r := n.Str("reduction"); r == "max" || r == "min" {
			b.Fail(op.Unsupportedf("reduction %s before opset 18", r))
		}
		return b.Emit(1, name, n.Node.In, n.Attrs...)
	}
}

// scatterKernels makes the table of an operator whose binders take the reduction of a type: move
// binds the elements' move by size, the others reduce.
func scatterKernels(move op.Kernels, reduced map[tensor.DType]op.Bind) op.Kernels {
	out := op.Kernels{}
	for d, m := range move {
		out[d] = func(n *op.Node) (op.Kernel, error) {
			if n.Str("reduction") == "none" {
				return m(n)
			}
			b := reduced[d]
			if b == nil {
				return nil, checkReduction(n)
			}
			return b(n)
		}
	}
	return out
}

// updateNumbers returns the reduction of numbers. The maximum and minimum with NaN are NaN.
func updateNumbers[T tensor.Number](reduction string) kernel.Update[T] {
	switch reduction {
	case "add":
		return kernel.AddTo[T]()
	case "mul":
		return kernel.Combine(func(a, b T) T { return a * b })
	case "max":
		return kernel.Combine(func(a, b T) T {
			if b > a || b != b {
				return b
			}
			return a
		})
	}
	return kernel.Combine(func(a, b T) T {
		if b < a || b != b {
			return b
		}
		return a
	})
}

func updateComplex[T complex64 | complex128](reduction string) kernel.Update[T] {
	if reduction == "add" {
		return kernel.Combine(func(a, b T) T { return a + b })
	}
	return kernel.Combine(func(a, b T) T { return a * b })
}

// updateBools takes the truth values as the numbers 0 and 1.
func updateBools(reduction string) kernel.Update[bool] {
	if reduction == "add" || reduction == "max" {
		return kernel.Combine(func(a, b bool) bool { return a || b })
	}
	return kernel.Combine(func(a, b bool) bool { return a && b })
}

// updateHalf reduces a half type in float32, rounded after each step.
func updateHalf[T tensor.Half | tensor.BHalf](wide func(T) float32, narrow func(float32) T) func(string) kernel.Update[T] {
	return func(reduction string) kernel.Update[T] {
		return kernel.Combine(func(a, b T) T {
			x, y := wide(a), wide(b)
			switch reduction {
			case "add":
				return narrow(x + y)
			case "mul":
				return narrow(x * y)
			case "max":
				return narrow(max(x, y))
			}
			return narrow(min(x, y))
		})
	}
}

var (
	updateFloat16  = updateHalf(tensor.Half.Float32, tensor.ToHalf)
	updateBFloat16 = updateHalf(tensor.BHalf.Float32, tensor.ToBHalf)
)

// gradScatter sets the gradients of a scattering y of updates u into data x. scatter applies the same
// indices to other tensors of these shapes; gather picks for each update the element it went to.
//
//	none: dx is dy but zero where an update went; du is dy there.
//	add:  dx = dy, du is dy where the update went.
//	mul:  dy times the product of the other factors.
//	max, min: dy goes to the elements that are the result, in equal shares.
func gradScatter(g *op.Grad, scatter func(x, u *ir.Value, reduction string) *ir.Value, gather func(x *ir.Value) *ir.Value) {
	x, u, dy := g.In(0), g.In(2), g.DOut(0)
	switch r := g.Node.Str("reduction"); r {
	case "none":
		if g.Need(0) {
			g.Set(0, scatter(dy, zerosLike(g.Builder, u), r))
		}
		if g.Need(2) {
			g.Set(2, gather(dy))
		}
	case "add":
		g.Set(0, dy)
		if g.Need(2) {
			g.Set(2, gather(dy))
		}
	case "mul":
		zero, one := g.Scalar(x, 0), g.Scalar(x, 1)
		is0 := func(v *ir.Value) *ir.Value { return g.Op("Equal", v, zero) }
		rest := scatter(g.Where(is0(x), one, x), g.Where(is0(u), one, u), "mul")
		zeros := scatter(g.Where(is0(x), one, zero), g.Where(is0(u), one, zero), "add")
		factor := func(v, rest, zeros *ir.Value) *ir.Value {
			one0 := g.Where(g.Op("Equal", zeros, one), rest, zero)
			none0 := g.Where(is0(zeros), g.Div(rest, g.Where(is0(v), one, v)), zero)
			return g.Where(is0(v), one0, none0)
		}
		if g.Need(0) {
			g.Set(0, g.Mul(dy, factor(x, rest, zeros)))
		}
		if g.Need(2) {
			g.Set(2, g.Mul(gather(dy), factor(u, gather(rest), gather(zeros))))
		}
	default:
		y, zero, one := g.Out(0), g.Scalar(x, 0), g.Scalar(x, 1)
		atX := g.Where(g.Op("Equal", x, y), one, zero)
		atU := g.Where(g.Op("Equal", u, gather(y)), one, zero)
		share := g.Div(dy, scatter(atX, atU, "add"))
		if g.Need(0) {
			g.Set(0, g.Mul(atX, share))
		}
		if g.Need(2) {
			g.Set(2, g.Mul(atU, gather(share)))
		}
	}
}
