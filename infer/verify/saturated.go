package verify

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// scales are what random inputs are multiplied with, one after the other, where the model's answer to
// them as they are says little: a scaler inside the model may take numbers that are far from its data to
// where a sigmoid or softmax is flat.
var scales = []float32{.1, .01, 10}

// rescaled compares once more with smaller and larger inputs where the answers are saturated.
func (c *check) rescaled(ctx context.Context, s sample, want map[string]tensor.Any) error {
	if !s.random || !saturated(want) {
		return nil
	}
	for _, f := range scales {
		t := s
		t.random = false
		t.name = fmt.Sprintf("%s times %g", s.name, f)
		t.inputs = scaled(s.inputs, f)
		if err := c.compare(ctx, t); err != nil || c.report.Verdict == Failed {
			return err
		}
	}
	return nil
}

// flat is how near to 0 or 1 a probability says nothing any more of what it was made of.
const flat = 1e-4

// saturated reports whether every float32 output is next to 0 or 1, or the same number everywhere.
func saturated(out map[string]tensor.Any) bool {
	found := false
	for _, t := range out {
		x := tensor.Data[float32](t)
		if len(x) == 0 {
			continue
		}
		found = true
		same := len(x) > 1
		ends := true
		for _, v := range x {
			same = same && v == x[0]
			ends = ends && v >= 0 && v <= 1 && (v <= flat || v >= 1-flat)
		}
		if !same && !ends {
			return false
		}
	}
	return found
}

// scaled returns the inputs with every float32 multiplied.
func scaled(in map[string]tensor.Any, f float32) map[string]tensor.Any {
	out := make(map[string]tensor.Any, len(in))
	for name, t := range in {
		out[name] = t
		if x, ok := t.(*tensor.Tensor[float32]); ok {
			c := x.Clone()
			for i := range c.Data() {
				c.Data()[i] *= f
			}
			out[name] = c
		}
	}
	return out
}
