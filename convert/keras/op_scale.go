package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
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
	scale, move := a.floats("scale"), a.floats("translation")
	if x.Err() != nil {
		return one(v)
	}
	rank := v.Fact.Rank()
	axes := a.axes("spatial_dims", rank)
	k, ok := kernels[scaleMethods[a.text("method", "")]]
	switch {
	case !v.Fact.DType.IsFloat():
		a.fail("images") // Keras does not compute it either
	case !ok:
		a.fail("method")
	case len(sizes) != rank:
		a.fail("output_shape")
	case len(scale) != len(axes) || len(move) != len(axes):
		a.fail("scale")
	}
	if x.Err() != nil {
		return one(v)
	}
	y := x.float(v)
	for i, axis := range axes {
		in := x.dim(v, axis)
		out, _ := whole(sizes[axis]) // None is the batch's
		switch {
		case in < 1 || out < 1:
			x.Fail(op.Unsupportedf("scale_and_translate along axis %d, whose size is not known", axis))
		case in > maxMatrix/out:
			a.fail("output_shape")
		case !(math.Abs(scale[i]) > 1e-6 && math.Abs(scale[i]) < 1e6):
			a.fail("scale")
		}
		if x.Err() != nil {
			return one(v)
		}
		m := movedWeights(in, out, 1/scale[i], -move[i]/scale[i], !a.has("antialias") || a.flag("antialias"), k.radius, k.at)
		perm := make([]int, rank)
		for i := range perm {
			perm[i] = i
		}
		perm[axis], perm[rank-1] = rank-1, axis
		y = x.Transpose(x.MatMul(x.Transpose(y, perm...), x.constant("weights", permuted(m, 1, 0))), perm...)
	}
	return one(y)
}
