package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/recipe"
)

// dropout converts the layers that drop or add something in training alone: the place is noted.
func dropout(x *emit) []*ir.Value {
	x.noCall()
	l, v := x.layer, x.in[0]
	class, rate := l.Class, l.num("rate", 0)
	var shared []int
	switch class {
	case "GaussianNoise":
		rate = l.num("stddev", 0)
	case "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D":
		class = "Dropout"
		first := l.text("data_format", "channels_last") == "channels_first"
		for i := 1; i < v.Fact.Rank()-1; i++ {
			axis := i
			if first {
				axis = i + 1
			}
			shared = append(shared, axis)
		}
	}
	if shape, ok := l.get("noise_shape").([]any); ok && len(shape) == v.Fact.Rank() {
		for i, n := range shape {
			if k, ok := number(n); ok && k == 1 && !v.Fact.Shape[i].Is(1) {
				shared = append(shared, i)
			}
		}
	}
	l.get("data_format")
	return one(x.noise(v, class, rate, shared...))
}

// activityRegularization passes its input on; its penalty is a part of the training.
func activityRegularization(x *emit) []*ir.Value {
	x.noCall()
	r := recipe.Regularizer{L1: x.layer.num("l1", 0), L2: x.layer.num("l2", 0)}
	if r == (recipe.Regularizer{}) || x.layer.Config["activity_regularizer"] != nil { // the same, as newer files have it
		return one(x.in[0])
	}
	return one(x.mark(x.in[0], mark{activity: &r}))
}
