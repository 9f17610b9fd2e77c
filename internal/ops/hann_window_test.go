package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestHannWindow(t *testing.T) {
	size := []tensor.Any{tensor.Scalar[int64](4)}
	runRows(t, []row{
		{name: "periodic", op: "HannWindow", in: size, want: []tensor.Any{f32([]float32{0, .5, 1, .5}, 4)}},
		{name: "symmetric", op: "HannWindow", attrs: []ir.Attr{op.Attr("periodic", 0)}, in: size, want: []tensor.Any{f32([]float32{0, .75, .75, 0}, 4)}},
		{name: "float64", op: "HannWindow", attrs: []ir.Attr{op.Attr("output_datatype", tensor.Float64)}, in: size, want: []tensor.Any{f64([]float64{0, .5, 1, .5}, 4)}},
		{name: "no size", op: "HannWindow", in: []tensor.Any{f32([]float32{4})}, err: "does not take"},
	})
}
