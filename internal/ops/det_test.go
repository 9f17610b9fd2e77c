package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestDet(t *testing.T) {
	runRows(t, []row{
		{name: "matrix", op: "Det", in: ins(f32([]float32{0, 2, 3, 4}, 2, 2)), want: ins(tensor.Scalar[float32](-6))},
		{name: "batch", op: "Det", opset: 11, in: ins(f32([]float32{1, 2, 3, 4, 2, 4, 1, 2}, 2, 2, 2)), want: ins(f32([]float32{-2, 0}, 2))},
		{name: "rows swap", op: "Det", in: ins(f32([]float32{0, 0, 2, 3, 0, 0, 0, 5, 0}, 3, 3)), want: ins(tensor.Scalar[float32](30))},
		{name: "one", op: "Det", in: ins(f32([]float32{7}, 1, 1)), want: ins(tensor.Scalar[float32](7))},
		{name: "empty", op: "Det", in: ins(ramp(2, 0, 0)), want: ins(f32([]float32{1, 1}, 2))},
		{name: "no batch", op: "Det", in: ins(ramp(0, 2, 2)), want: ins(ramp(0))},
		{name: "vector", op: "Det", in: ins(ramp(2)), err: "expected square matrices"},
		{name: "oblong", op: "Det", in: ins(ramp(2, 3)), err: "expected square matrices"},
	})
}
