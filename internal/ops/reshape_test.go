package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestReshape(t *testing.T) {
	to := func(s ...int64) tensor.Any { return tensor.Vector(s...) }
	x := ramp(2, 3, 4)
	runRows(t, []row{
		{name: "plain", op: "Reshape", in: ins(x, to(4, 6)), want: ins(ramp(4, 6))},
		{name: "derived", op: "Reshape", opset: 7, in: ins(x, to(0, -1)), want: ins(ramp(2, 12))},
		{name: "copied", op: "Reshape", in: ins(x, to(0, 0, 2, -1)), want: ins(ramp(2, 3, 2, 2))},
		{name: "to a scalar", op: "Reshape", in: ins(ramp(1), to()), want: ins(ramp())},
		{name: "from a scalar", op: "Reshape", in: ins(ramp(), to(1, 1)), want: ins(ramp(1, 1))},
		{name: "empty", op: "Reshape", in: ins(ramp(0, 3), to(3, 0)), err: "cannot reshape"},
		{name: "empty, allowzero", op: "Reshape", attrs: attrs(at("allowzero", 1)), in: ins(ramp(0, 3), to(3, 0)), want: ins(ramp(3, 0))},
		{name: "empty, derived", op: "Reshape", in: ins(ramp(0, 3), to(0, -1)), err: "-1"},
		{name: "strings", op: "Reshape", in: ins(tensor.Vector("a", "b"), to(2, 1)), want: ins(tensor.Must([]string{"a", "b"}, 2, 1))},
		{name: "allowzero with -1", op: "Reshape", attrs: attrs(at("allowzero", 1)), in: ins(ramp(0, 3), to(0, -1)), err: "-1"},
		{name: "allowzero before opset 14", op: "Reshape", opset: 13, attrs: attrs(at("allowzero", 1)), in: ins(x, to(24)), err: "attribute allowzero"},
		{name: "does not divide", op: "Reshape", in: ins(x, to(5, -1)), err: "cannot reshape"},
		{name: "two derived", op: "Reshape", in: ins(x, to(-1, -1)), err: "more than one -1"},
		{name: "negative", op: "Reshape", in: ins(x, to(-2)), err: "size -2"},
		{name: "size", op: "Reshape", in: ins(x, to(5)), err: "cannot reshape"},
		{name: "no such axis", op: "Reshape", in: ins(ramp(2), to(2, 0)), err: "no such axis"},
	})
}
