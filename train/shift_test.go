package train_test

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
)

// TestBiasBeforeBatchNormalization trains nets whose bias a BatchNormalization takes out again: it stays as it is,
// to the bit, where nothing else reads what it is added to and it is one number a channel.
func TestBiasBeforeBatchNormalization(t *testing.T) {
	const norm = `
   o = BatchNormalization (h, scale, shift, mean, variance)
   p = MatMul (o, w2)
   y = Sigmoid (p)
}`
	const weights = `<float[2,3] w = {1,-1,0.5,0.2,-0.7,0.4}, float[3] b = {0.1,0.2,-0.3}, float[3] scale = {1,1,1}, float[3] shift = {0,0.1,0},
  float[3] mean = {0,0,0}, float[3] variance = {1,1,1}, float[3,1] w2 = {1,-0.5,0.3}, float[3,2,1] k = {1,-1,0.5,0.2,-0.7,0.4}, int64[1] last = {2}>`
	const head = `<ir_version: 8, opset_import: ["" : 17]> net (float[N,2] x) => (float[N,1] y) ` + weights + "\n{\n"
	for _, c := range []struct {
		name, body string
		still      bool
	}{
		{"add", `m = MatMul (x, w) h = Add (m, b)` + norm, true},
		{"add, operands exchanged", `m = MatMul (x, w) h = Add (b, m)` + norm, true},
		{"gemm", `h = Gemm (x, w, b)` + norm, true},
		{"conv", `u = Unsqueeze (x, last) c = Conv (u, k, b) o = BatchNormalization (c, scale, shift, mean, variance) q = Squeeze (o, last) p = MatMul (q, w2) y = Sigmoid (p) }`, true},
		{"another reader", `h = Gemm (x, w, b) r = Relu (h) n = BatchNormalization (h, scale, shift, mean, variance) o = Add (n, r) p = MatMul (o, w2) y = Sigmoid (p) }`, false},
		{"activation between", `g = Gemm (x, w, b) h = Tanh (g)` + norm, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			im, err := train.Import(parse(t, head+c.body), train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			src, _ := xor(t, tensor.Float32)
			tr := tune(t, im, src, loss.BinaryCrossentropy{}, 5)
			for _, p := range tr.Params() {
				if p.Name != "b" {
					continue
				}
				b := tensor.Data[float32](p.Tensor)
				if still := b[0] == .1 && b[1] == .2 && b[2] == -.3; still != c.still {
					t.Errorf("the bias is %v", b)
				}
				return
			}
			t.Error("no parameter b")
		})
	}
}
