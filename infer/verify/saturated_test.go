package verify

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

// TestSaturated plants a fault in a model whose scaler takes random numbers to where its sigmoid is flat.
func TestSaturated(t *testing.T) {
	build := func(w string) *onnxio.Model {
		m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,1] x) => (float[N,1] y) <float[1] scale = {1000}, float[1,2] w1 = {` + w + `, -1}, float[2,1] w2 = {1, 1}>
{
   s = Mul (x, scale)
   h = MatMul (s, w1)
   o = MatMul (h, w2)
   y = Sigmoid (o)
}`)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := onnxio.Save(path, build("1.5"), onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	found, err := FindCases(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		w  string
		ok bool
	}{{"1.5", true}, {"1.6", false}} {
		r := Options{Reference: Reference{Kind: "model", Model: build(c.w)}, NoBisect: true}.Run(context.Background(), found)
		if r.OK() != c.ok {
			t.Errorf("reference with %s: %s", c.w, r.Summary())
		}
	}
}
