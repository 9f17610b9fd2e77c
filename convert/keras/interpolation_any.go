package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// interpolateAny is interpolate where a size is not known: the matrices of weightsOf, computed from the size that
// an image has and the one that it gets, height and width in turn.
func (x *emit) interpolateAny(v *ir.Value, size func(i int, in *ir.Value) *ir.Value, mode string, antialias bool) *ir.Value {
	for i := range 2 {
		in := x.sizeOf(v, i+2)
		w := x.weightsFor(mode, antialias, in, size(i, in))
		if w == nil {
			x.Fail(argument("interpolation", mode))
			return v
		}
		if i == 0 {
			v = x.MatMul(w, v)
		} else {
			v = x.MatMul(v, x.Transpose(w, 1, 0))
		}
	}
	return v
}

// bilinearAny is bilinear along one axis, 2 or 3, whose size is not known.
func (x *emit) bilinearAny(v *ir.Value, axis, size int) *ir.Value {
	middles := make([]float32, size)
	for k := range middles {
		middles[k] = float32(k) + .5
	}
	n := x.sizeOf(v, axis)
	step := x.Cast(n, tensor.Float32)
	step = x.Div(step, x.Scalar(step, float64(size)))
	at := x.Sub(x.Mul(x.Const(tensor.Vector(middles...)), step), x.Scalar(step, .5))
	floor := x.Op("Floor", at)
	low := x.Op("Max", x.Cast(floor, tensor.Int64), x.Ints(0))
	high := x.Op("Min", x.Cast(x.Op("Ceil", at), tensor.Int64), x.Sub(n, x.Ints(1)))
	part := x.Sub(at, floor)
	if axis == 2 {
		part = x.Unsqueeze(part, 1)
	}
	a, b := x.Gather(v, low, axis), x.Gather(v, high, axis)
	return x.Add(a, x.Mul(x.Sub(b, a), part))
}

// weightsFor is weightsOf for a number of elements, in, that only running tells.
func (x *emit) weightsFor(mode string, antialias bool, in, out *ir.Value) *ir.Value {
	rows := x.Unsqueeze(x.Cast(x.upTo(out), tensor.Float32), 1)
	cols := x.Unsqueeze(x.Cast(x.upTo(in), tensor.Float32), 0)
	step := x.Div(x.Cast(in, tensor.Float32), x.Cast(out, tensor.Float32))
	half := x.Scalar(step, .5)
	at := x.Mul(x.Add(rows, half), step) // the middle of each result
	switch {
	case mode == "area":
		from := x.Op("Max", x.Mul(rows, step), cols)
		to := x.Op("Min", x.Mul(x.Add(rows, x.Scalar(step, 1)), step), x.Add(cols, x.Scalar(step, 1)))
		return x.normalized(x.Op("Relu", x.Sub(to, from)))
	case mode == "bicubic" && !antialias:
		at = x.Sub(at, half)
		base := x.Op("Floor", at)
		part := x.Div(x.Op("Round", x.Scale(x.Sub(at, base), cubicTable)), x.Scalar(step, cubicTable))
		return x.normalized(x.kernel(mode, x.Op("Abs", x.Sub(x.Sub(cols, base), part))))
	}
	far := x.Op("Abs", x.Sub(x.Add(cols, half), at))
	if antialias {
		far = x.Div(far, x.Op("Max", step, x.Scalar(step, 1)))
	}
	w := x.kernel(mode, far)
	if w == nil {
		return nil
	}
	return x.normalized(w)
}

// normalized makes the sum of each row 1.
func (x *emit) normalized(w *ir.Value) *ir.Value { return x.Div(w, x.Sum(w, true, 1)) }

// kernel is what weightsOf samples at distances d, 0 from its radius on; nil is one not known.
func (x *emit) kernel(mode string, d *ir.Value) *ir.Value {
	within := func(radius float64, w *ir.Value) *ir.Value {
		return x.Where(x.Op("Less", d, x.Scalar(d, radius)), w, x.Scalar(d, 0))
	}
	lanczos := func(radius float64) *ir.Value {
		sin := x.Mul(x.Op("Sin", x.Scale(d, math.Pi)), x.Op("Sin", x.Scale(d, math.Pi/radius)))
		w := x.Div(x.Scale(sin, radius/(math.Pi*math.Pi)), x.Mul(d, d))
		return within(radius, x.Where(x.Op("Greater", d, x.Scalar(d, 1e-3)), w, x.Scalar(d, 1)))
	}
	switch mode {
	case "bilinear":
		return x.Op("Relu", x.Sub(x.Scalar(d, 1), d))
	case "bicubic":
		return within(2, x.piecewise(d, [4]float64{1.5, -2.5, 0, 1}, [4]float64{-.5, 2.5, -4, 2}))
	case "mitchellcubic":
		return within(2, x.piecewise(d, [4]float64{7. / 6, -2, 0, 8. / 9}, [4]float64{-7. / 18, 2, -10. / 3, 16. / 9}))
	case "lanczos3":
		return lanczos(3)
	case "lanczos5":
		return lanczos(5)
	case "gaussian":
		return within(1.5, x.Op("Exp", x.Scale(x.Mul(d, d), -2)))
	}
	return nil
}

// piecewise is one polynomial of d below 1 and another from there on, the highest power first.
func (x *emit) piecewise(d *ir.Value, near, far [4]float64) *ir.Value {
	poly := func(c [4]float64) *ir.Value {
		y := x.Scalar(d, c[0])
		for _, k := range c[1:] {
			y = x.Add(x.Mul(y, d), x.Scalar(d, k))
		}
		return y
	}
	return x.Where(x.Op("Less", d, x.Scalar(d, 1)), poly(near), poly(far))
}
