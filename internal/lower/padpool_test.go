package lower_test

import (
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
)

// TestPadBeforeMaxPool says which Pad and MaxPool are written so that onnxruntime leaves them apart.
// convert/keras has numbers (pad_max_pool).
func TestPadBeforeMaxPool(t *testing.T) {
	const pad, pool = `p = Constant <value = int64[6] {0, 0, 1, 0, 0, 1}> () `, ` y = MaxPool <kernel_shape = [3]> (z)`
	for _, c := range []struct {
		nodes          string
		opset          int
		inputs, output int // of the Pad and the MaxPool
	}{
		{pad + `z = Pad (x, p)` + pool, 13, 2, 2},
		{pad + `z = Pad (x, p)` + pool, 18, 4, 1},
		{pad + `v = Constant <value = float {0}> () z = Pad (x, p, v)` + pool, 18, 4, 1},
		{pad + `z = Pad (x, p)` + pool, 21, 2, 1},
		{pad + `r = Relu (x) z = Pad (r, p)` + pool, 18, 2, 1},
		{pad + `z = Pad <mode = "reflect"> (x, p)` + pool, 18, 2, 1},
		{`p = Constant <value = int64[2] {1, 1}> () a = Constant <value = int64[1] {2}> () z = Pad (x, p, , a)` + pool, 18, 4, 1},
	} {
		text := `<ir_version: 14, opset_import: ["" : 28]> g (float[batch,2,5] x) => (float[] y) {` + c.nodes + `}`
		m, err := lower.Raise(graphOf(t, parse(t, text)), ops.Set(), lower.RaiseOptions{Opset: c.opset})
		if err != nil {
			t.Errorf("opset %d, %s: %v", c.opset, c.nodes, err)
			continue
		}
		inputs, outputs := 0, 0
		for _, n := range m.Graph.Node {
			switch n.OpType {
			case "Pad":
				inputs = len(n.Input)
			case "MaxPool":
				outputs = len(n.Output)
				if slices.Contains(n.Output, "") {
					t.Errorf("opset %d, %s: an output without a name", c.opset, c.nodes)
				}
			}
		}
		if inputs != c.inputs || outputs != c.output {
			t.Errorf("opset %d, %s: Pad has %d inputs, MaxPool %d outputs, want %d and %d", c.opset, c.nodes, inputs, outputs, c.inputs, c.output)
		}
	}
}
