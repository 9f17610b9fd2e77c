package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// scaleMethods are the names of the kernels of scale_and_translate.
var scaleMethods = map[string]string{
	"linear": "bilinear", "bilinear": "bilinear", "trilinear": "bilinear",
	"cubic": "bicubic", "bicubic": "bicubic", "tricubic": "bicubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5",
}

// scaleAndTranslate samples axes anew, by a product with a matrix each: the place p becomes p*scale + translation.
func scaleAndTranslate(x *emit, a *arguments) []*ir.Value {
	v := a.value("images")
	sizes, _ := a.get("output_shape").([]any)
	moves := a.moves()
	if x.Err() != nil {
		return one(v)
	}
	rank := v.Fact.Rank()
	axes := a.axes("spatial_dims", rank)
	mode, ok := scaleMethods[a.text("method", "")]
	switch {
	case !v.Fact.DType.IsFloat():
		a.fail("images") // Keras does not compute it either
	case !ok:
		a.fail("method")
	case len(sizes) != rank:
		a.fail("output_shape")
	case moves.few(len(axes)):
		a.fail("scale")
	}
	if x.Err() != nil {
		return one(v)
	}
	antialias := !a.has("antialias") || a.flag("antialias")
	y := x.float(v)
	for i, axis := range axes {
		in := x.dim(v, axis)
		out, _ := whole(sizes[axis]) // None is the batch's
		switch {
		case in < 1 || out < 1:
			x.Fail(op.Unsupportedf("scale_and_translate along axis %d, whose size is not known", axis))
		case in > maxMatrix/out:
			a.fail("output_shape")
		case moves.extreme(i):
			a.fail("scale")
		}
		if x.Err() != nil {
			return one(v)
		}
		perm := count(rank)
		perm[axis], perm[rank-1] = rank-1, axis
		y = x.Transpose(x.MatMul(x.Transpose(y, perm...), moves.weights(x, i, mode, antialias, in, out)), perm...)
	}
	return one(y)
}

// moves are the scale and the translation of each axis: numbers, or two vectors where the graph computes one of them.
type moves struct {
	scale, translation   []float64
	computed, translated *ir.Value
}

func (a *arguments) moves() moves {
	_, first := a.get("scale").(*ir.Value)
	_, second := a.get("translation").(*ir.Value)
	if first || second {
		like := &ir.Value{Fact: ir.Typed(tensor.Float32)}
		vector := func(key string) *ir.Value { return a.x.Cast(a.asValue(key, a.get(key), like), tensor.Float32) }
		return moves{computed: vector("scale"), translated: vector("translation")}
	}
	return moves{scale: a.floats("scale"), translation: a.floats("translation")}
}

// few reports whether there are not n scales and translations.
func (m moves) few(n int) bool {
	if m.computed != nil {
		return m.computed.Fact.Rank() != 1 || m.translated.Fact.Rank() != 1
	}
	return len(m.scale) != n || len(m.translation) != n
}

// extreme reports whether an axis would be scaled to next to nothing, or out of all bounds.
func (m moves) extreme(i int) bool {
	return m.computed == nil && !(math.Abs(m.scale[i]) > 1e-6 && math.Abs(m.scale[i]) < 1e6)
}

// weights returns the matrix (in, out) of the i-th axis, that of movedWeights transposed.
func (m moves) weights(x *emit, i int, mode string, antialias bool, in, out int) *ir.Value {
	if m.computed == nil {
		k := kernels[mode]
		w := movedWeights(in, out, 1/m.scale[i], -m.translation[i]/m.scale[i], antialias, k.radius, k.at)
		return x.constant("weights", permuted(w, 1, 0))
	}
	scale, move := x.Slice(m.computed, 0, i, i+1), x.Slice(m.translated, 0, i, i+1)
	middles := func(n int, shape ...int) *ir.Value {
		t := tensor.Zeros[float32](shape...)
		for k := range n {
			t.Data()[k] = float32(k) + .5
		}
		return x.Const(t)
	}
	step := x.Op("Reciprocal", scale)
	at := x.Sub(x.Mul(middles(out, 1, out), step), x.Div(move, scale))
	far := x.Op("Abs", x.Sub(middles(in, in, 1), at))
	if antialias {
		far = x.Div(far, x.Op("Max", step, x.Scalar(step, 1)))
	}
	w := x.kernel(mode, far)
	sum := x.Sum(w, true, 0)
	zero := x.Scalar(sum, 0)
	none := x.Op("Or", x.Op("Equal", sum, zero), x.Op("Or", x.Op("Less", at, zero), x.Op("Greater", at, x.Scalar(at, float64(in)))))
	return x.Where(none, zero, x.Div(w, x.Where(none, x.Scalar(sum, 1), sum)))
}
