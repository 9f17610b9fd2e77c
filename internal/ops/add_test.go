package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestAdd(t *testing.T) {
	runRows(t, []row{
		{name: "same shape", op: "Add", in: []tensor.Any{f32([]float32{1, 2, 3}, 3), f32([]float32{10, 20, 30}, 3)}, want: []tensor.Any{f32([]float32{11, 22, 33}, 3)}, nograd: true},
		{name: "broadcast both", op: "Add", in: []tensor.Any{f32([]float32{1, 2}, 2, 1), f32([]float32{10, 20, 30}, 3)}, want: []tensor.Any{f32([]float32{11, 21, 31, 12, 22, 32}, 2, 3)}, nograd: true},
		{name: "wraps", op: "Add", in: []tensor.Any{tensor.Vector[int8](127), tensor.Vector[int8](1)}, want: []tensor.Any{tensor.Vector[int8](-128)}},
		{name: "int8 before opset 14", op: "Add", opset: 13, in: []tensor.Any{tensor.Vector[int8](127), tensor.Vector[int8](1)}, err: "does not take"},
		{name: "shapes", op: "Add", in: []tensor.Any{f32([]float32{1, 2}, 2), f32([]float32{1, 2, 3}, 3)}, err: "does not broadcast"},
	})
}
