package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestNormalizations(t *testing.T) {
	positive := func(shape ...int) tensor.Any {
		z := noise(5, shape...).(*tensor.Tensor[float32])
		for i, v := range z.Data() {
			z.Data()[i] = v*v + .5
		}
		return z
	}
	vec := func(v ...float32) tensor.Any { return tensor.Vector(v...) }
	x2 := f32([]float32{1, 2, 3, 6}, 2, 2)
	half := func(v ...float32) tensor.Any {
		z := tensor.Zeros[tensor.Half](len(v))
		for i, e := range v {
			z.Data()[i] = tensor.ToHalf(e)
		}
		return z
	}
	r := float32(math.Sqrt(2))
	runRows(t, []row{
		{name: "inference", op: "BatchNormalization", attrs: kv("epsilon", 0.), in: ins(x2, vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), want: ins(f32([]float32{0, 1, 1, 9}, 2, 2))},
		{name: "planes", op: "BatchNormalization", in: ins(noise(1, 2, 3, 2, 2), noise(2, 3), noise(3, 3), noise(4, 3), positive(3))},
		{name: "one channel", op: "BatchNormalization", attrs: kv("epsilon", 0.), in: ins(vec(1, 3), vec(1), vec(0), vec(1), vec(4)), want: ins(vec(0, 1))},
		{name: "types", op: "BatchNormalization", attrs: kv("epsilon", 0.), in: ins(x2, half(1, 2), half(0, 1), tensor.Vector(1., 2), tensor.Vector(4., 1)), want: ins(f32([]float32{0, 1, 1, 9}, 2, 2)), nograd: true},
		{name: "training", op: "BatchNormalization", nout: 3, attrs: kv("epsilon", 0., "training_mode", 1, "momentum", .5), in: ins(x2, vec(1, 2), vec(0, 1), vec(0, 2), vec(1, 0)),
			want: ins(f32([]float32{-1, -1, 1, 3}, 2, 2), vec(1, 3), vec(1, 2))},
		{name: "training, columns", op: "BatchNormalization", nout: 3, attrs: kv("training_mode", 1), in: ins(noise(1, 5, 3), noise(2, 3), noise(3, 3), noise(4, 3), positive(3))},
		{name: "training, planes", op: "BatchNormalization", nout: 3, attrs: kv("training_mode", 1), in: ins(noise(1, 2, 3, 2, 2), noise(2, 3), noise(3, 3), noise(4, 3), positive(3))},
		{name: "no samples", op: "BatchNormalization", in: ins(f32(nil, 0, 2), vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), want: ins(f32(nil, 0, 2))},
		{name: "opset 9", op: "BatchNormalization", opset: 9, attrs: kv("epsilon", 0.), in: ins(x2, vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), want: ins(f32([]float32{0, 1, 1, 9}, 2, 2))},
		{name: "opset 9, training", op: "BatchNormalization", opset: 9, nout: 5, attrs: kv("epsilon", 0., "momentum", .5), in: ins(x2, vec(1, 2), vec(0, 1), vec(0, 2), vec(1, 0)),
			want: ins(f32([]float32{-1, -1, 1, 3}, 2, 2), vec(1, 3), vec(1, 2), vec(2, 4), vec(1, 4))},
		{name: "opset 7, each element", op: "BatchNormalization", opset: 7, attrs: kv("epsilon", 0., "spatial", 0), in: ins(x2, vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), want: ins(f32([]float32{0, 1, 1, 9}, 2, 2))},
		{name: "opset 14", op: "BatchNormalization", opset: 14, attrs: kv("epsilon", 0.), in: ins(x2, vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), want: ins(f32([]float32{0, 1, 1, 9}, 2, 2))},
		{name: "channels", op: "BatchNormalization", in: ins(x2, vec(1, 2, 3), vec(0, 1), vec(1, 2), vec(4, 1)), err: "scale is"},
		{name: "statistics in inference", op: "BatchNormalization", nout: 3, in: ins(x2, vec(1, 2), vec(0, 1), vec(1, 2), vec(4, 1)), err: "training mode only"},
		{name: "scalar", op: "BatchNormalization", in: ins(tensor.Scalar[float32](1), vec(1), vec(0), vec(1), vec(4)), err: "is a scalar"},

		{name: "last axis", op: "LayerNormalization", nout: 3, attrs: kv("epsilon", 0.), in: ins(x2, vec(1, 2), vec(0, 1)),
			want: ins(f32([]float32{-1, 3, -1, 3}, 2, 2), f32([]float32{1.5, 4.5}, 2, 1), f32([]float32{2, 2. / 3}, 2, 1))},
		{name: "two axes", op: "LayerNormalization", attrs: kv("axis", 1), in: ins(noise(1, 2, 3, 2), noise(2, 3, 2), noise(3, 3, 2))},
		{name: "broadcast", op: "LayerNormalization", attrs: kv("axis", -2), in: ins(noise(1, 2, 3, 2), noise(2, 2, 1, 2), noise(3, 1))},
		{name: "no bias", op: "LayerNormalization", in: ins(noise(1, 2, 5), noise(2, 5))},
		{name: "empty", op: "LayerNormalization", in: ins(f32(nil, 0, 2), vec(1, 2)), want: ins(f32(nil, 0, 2))},
		{name: "axis", op: "LayerNormalization", attrs: kv("axis", 2), in: ins(x2, vec(1, 2)), err: "axis 2"},
		{name: "scale", op: "LayerNormalization", in: ins(x2, vec(1, 2, 3)), err: "does not broadcast"},
		{name: "scale of higher rank", op: "LayerNormalization", in: ins(x2, ramp(2, 2, 2)), err: "does not broadcast"},
		{name: "stash_type", op: "LayerNormalization", attrs: kv("stash_type", 11), in: ins(x2, vec(1, 2)), err: "stash_type 11"},

		{name: "last axis", op: "RMSNormalization", attrs: kv("epsilon", 0.), in: ins(f32([]float32{1, 1, 3, 0}, 2, 2), vec(1, 2)), want: ins(f32([]float32{1, 2, r, 0}, 2, 2))},
		{name: "half scale", op: "RMSNormalization", attrs: kv("epsilon", 0.), in: ins(vec(2, 2), half(1, 2)), want: ins(half(1, 2)), nograd: true},
		{name: "two axes", op: "RMSNormalization", attrs: kv("axis", 1), in: ins(noise(1, 2, 3, 2), noise(2, 3, 2))},
		{name: "broadcast", op: "RMSNormalization", in: ins(noise(1, 2, 3, 2), noise(2, 3, 1))},

		{name: "planes", op: "InstanceNormalization", attrs: kv("epsilon", 0.), in: ins(f32([]float32{1, 3, 2, 6}, 1, 2, 2), vec(1, 2), vec(0, 1)), want: ins(f32([]float32{-1, 1, -1, 3}, 1, 2, 2))},
		{name: "two spatial axes", op: "InstanceNormalization", opset: 6, in: ins(noise(1, 2, 3, 2, 2), noise(2, 3), noise(3, 3))},
		{name: "matrix", op: "InstanceNormalization", in: ins(x2, vec(1, 2), vec(0, 1)), err: "one axis more"},

		{name: "groups", op: "GroupNormalization", attrs: kv("num_groups", 2), in: ins(noise(1, 2, 4, 3), noise(2, 4), noise(3, 4))},
		{name: "no space", op: "GroupNormalization", attrs: kv("num_groups", 1, "epsilon", 0.), in: ins(x2, vec(1, 2), vec(0, 1)), want: ins(f32([]float32{-1, 3, -1, 3}, 2, 2))},
		{name: "opset 18", op: "GroupNormalization", opset: 18, attrs: kv("num_groups", 1, "epsilon", 0.), in: ins(x2, vec(2), vec(1)), want: ins(f32([]float32{-1, 3, -1, 3}, 2, 2))},
		{name: "opset 18, spread", op: "GroupNormalization", opset: 18, attrs: kv("num_groups", 2), in: ins(noise(1, 2, 4, 3), noise(2, 2), noise(3, 2))},
		{name: "no groups", op: "GroupNormalization", attrs: kv("num_groups", 0), in: ins(x2, vec(1, 2), vec(0, 1)), err: "0 groups"},
		{name: "no groups, opset 18", op: "GroupNormalization", opset: 18, attrs: kv("num_groups", 0), in: ins(x2, vec(1, 2), vec(0, 1)), err: "0"},
		{name: "indivisible", op: "GroupNormalization", attrs: kv("num_groups", 3), in: ins(x2, vec(1, 2), vec(0, 1)), err: "do not divide"},

		{name: "default axes", op: "MeanVarianceNormalization", in: ins(noise(1, 2, 3, 2, 2))},
		{name: "axis", op: "MeanVarianceNormalization", opset: 9, attrs: kv("axes", []int{1}), in: ins(x2), want: ins(f32([]float32{-1, 1, -1, 1}, 2, 2))},

		{name: "p 2", op: "LpNormalization", in: ins(f32([]float32{3, 4, 0, 0}, 2, 2)), want: ins(f32([]float32{.6, .8, 0, 0}, 2, 2)), nograd: true},
		{name: "p 1", op: "LpNormalization", opset: 7, attrs: kv("p", 1, "axis", 0), in: ins(f32([]float32{1, -4, 3, 4}, 2, 2)), want: ins(f32([]float32{.25, -.5, .75, .5}, 2, 2))},
		{name: "p 3", op: "LpNormalization", attrs: kv("p", 3), in: ins(x2), err: "p is 3"},

		{name: "long and empty", op: "BatchNormalization", nout: 3, attrs: kv("training_mode", 1), in: ins(f32(nil, math.MaxInt>>23, 1, 0), vec(1), vec(0), vec(1), vec(4)), want: ins(nil, vec(nan32), vec(nan32)), nograd: true},
		{name: "long and empty", op: "LayerNormalization", in: ins(f32(nil, math.MaxInt>>23, 0), f32(nil, 0)), want: ins(f32(nil, math.MaxInt>>23, 0)), nograd: true},
		{name: "long and empty", op: "InstanceNormalization", in: ins(f32(nil, math.MaxInt>>23, 1, 0), vec(1), vec(1)), want: ins(f32(nil, math.MaxInt>>23, 1, 0)), nograd: true},
		{name: "long and empty", op: "LRN", opset: 7, attrs: kv("size", 3), in: ins(f32(nil, math.MaxInt>>23, 0)), want: ins(f32(nil, math.MaxInt>>23, 0)), nograd: true},
		{name: "window of 3", op: "LRN", attrs: kv("size", 3, "alpha", 3., "beta", 1.), in: ins(f32([]float32{1, 2, 3}, 1, 3, 1)), want: ins(f32([]float32{1. / 6, 2. / 15, 3. / 14}, 1, 3, 1))},
		{name: "even window", op: "LRN", attrs: kv("size", 2, "alpha", .5, "beta", .5, "bias", 2.), in: ins(noise(1, 2, 5, 3))},
		{name: "even window of 4", op: "LRN", attrs: kv("size", 4, "alpha", 4., "beta", 1.), in: ins(f32([]float32{1, 2, 3, 4}, 1, 4)), want: ins(f32([]float32{1. / 15, 2. / 31, 3. / 30, 4. / 26}, 1, 4))},
		{name: "wider than the channels", op: "LRN", opset: 7, attrs: kv("size", 9), in: ins(noise(1, 1, 2, 2, 2))},
		{name: "size", op: "LRN", attrs: kv("size", 0), in: ins(x2), err: "size is 0"},
	})
}
