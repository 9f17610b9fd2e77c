package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestRelu(t *testing.T) {
	nan := float32(math.NaN())
	runRows(t, []row{
		{name: "floats", op: "Relu", in: ins(f32([]float32{-1, 2, -.5, 3}, 2, 2)), want: ins(f32([]float32{0, 2, 0, 3}, 2, 2))},
		{name: "NaN stays", op: "Relu", in: ins(f32([]float32{nan, float32(math.Inf(-1))}, 2)), want: ins(f32([]float32{nan, 0}, 2))},
		{name: "ints", op: "Relu", in: ins(tensor.Vector[int8](-128, 127)), want: ins(tensor.Vector[int8](0, 127))},
		{name: "opset 7", op: "Relu", opset: 7, in: ins(f64([]float64{-1, 1}, 2)), want: ins(f64([]float64{0, 1}, 2))},
		{name: "halves", op: "Relu", opset: 13, in: ins(tensor.Vector(tensor.ToBHalf(-1), tensor.ToBHalf(1))), want: ins(tensor.Vector(tensor.ToBHalf(0), tensor.ToBHalf(1)))},
		{name: "scalar", op: "Relu", in: ins(tensor.Scalar[float32](-2)), want: ins(tensor.Scalar[float32](0))},
		{name: "empty", op: "Relu", in: ins(ramp(0, 2)), want: ins(ramp(0, 2))},
		{name: "ints before opset 14", op: "Relu", opset: 13, in: ins(i32([]int32{1}, 1)), err: "does not take"},
	})
}
