package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestNoAllocation runs bound kernels of operators that move, pick and draw elements: once warm, they
// must not allocate.
func TestNoAllocation(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector makes pools forget")
	}
	x := ramp(8, 6, 4)
	index := tensor.Zeros[int64](8, 6, 4)
	for _, c := range []struct {
		op    string
		in    []tensor.Any
		attrs []ir.Attr
		nout  int
	}{
		{op: "Transpose", in: ins(x)},
		{op: "Slice", in: ins(x, i64([]int64{1}, 1), i64([]int64{5}, 1))},
		{op: "Concat", in: ins(x, x), attrs: attrs(at("axis", 1))},
		{op: "Split", in: ins(x, i64([]int64{2, 4}, 2)), attrs: attrs(at("axis", 1)), nout: 2},
		{op: "Expand", in: ins(ramp(6, 1), i64([]int64{3, 6, 5}, 3))},
		{op: "Gather", in: ins(x, i64([]int64{1, 2}, 2))},
		{op: "GatherElements", in: ins(x, index)},
		{op: "GatherND", in: ins(x, i64([]int64{1, 2, 3, 4}, 2, 2))},
		{op: "ScatterElements", in: ins(x, index, x), attrs: reduction("add")},
		{op: "ScatterND", in: ins(x, i64([]int64{1, 2}, 2, 1), ramp(2, 6, 4)), attrs: reduction("max")},
		{op: "Pad", in: ins(x, i64([]int64{0, 0, 1, 0, 0, 1}, 6))},
		{op: "Tile", in: ins(x, i64([]int64{1, 2, 1}, 3))},
		{op: "OneHot", in: ins(i64([]int64{1, 2}, 2), tensor.Scalar[int64](3), ramp(2))},
		{op: "Trilu", in: ins(x)},
		{op: "Det", in: ins(ramp(3, 5, 5))},
		{op: "TopK", in: ins(x, i64([]int64{2}, 1)), nout: 2},
		{op: "Resize", in: ins(x, nil, nil, i64([]int64{8, 12, 8}, 3)), attrs: attrs(at("mode", "linear"))},
		{op: "Cast", in: ins(x), attrs: attrs(at("to", tensor.Float16))},
		{op: "Cast", in: ins(x), attrs: attrs(at("to", tensor.Float8E5M2))},
		{op: "RandomNormalLike", in: ins(x)},
		{op: "Bernoulli", in: ins(x)},
		{op: "BatchNormalization", in: ins(x, ramp(6), ramp(6), ramp(6), ramp(6))},
		{op: "BatchNormalization", in: ins(x, ramp(6), ramp(6), ramp(6), ramp(6)), attrs: kv("training_mode", 1), nout: 3},
		{op: "LayerNormalization", in: ins(x, ramp(4), ramp(4)), nout: 3},
		{op: "LayerNormalization", in: ins(x, ramp(6, 1))},
		{op: "RMSNormalization", in: ins(x, ramp(4))},
		{op: "InstanceNormalization", in: ins(x, ramp(6), ramp(6))},
		{op: "GroupNormalization", in: ins(x, ramp(6), ramp(6)), attrs: kv("num_groups", 3)},
		{op: "LRN", in: ins(x), attrs: kv("size", 3)},
		{op: "RNN", in: ins(x, ramp(1, 3, 4), ramp(1, 3, 3)), nout: 2},
		{op: "GRU", in: ins(x, ramp(1, 9, 4), ramp(1, 9, 3), ramp(1, 18)), nout: 2},
		{op: "LSTM", in: ins(x, ramp(2, 12, 4), ramp(2, 12, 3), ramp(2, 24)), attrs: kv("direction", "bidirectional"), nout: 3},
		{op: "Dropout", in: ins(x, tensor.Scalar[float32](.5), tensor.Scalar(true)), nout: 2},
	} {
		k, call := boundCall(t, c.op, c.in, c.attrs, max(1, c.nout))
		if a := testing.AllocsPerRun(20, func() {
			if err := k(call); err != nil {
				t.Error(err)
			}
		}); a > 0 {
			t.Errorf("%s: %v allocations in a run", c.op, a)
		}
	}
}
