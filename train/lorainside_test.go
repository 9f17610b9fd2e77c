package train_test

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
)

// flatNet and branchNet compute the same: the second has its middle in the branch of an If that is always taken, one
// weight in the main graph and one in the branch.
const (
	flatNet = `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,3] g = {1,-1,0.5, 0.2,0.3,1, -0.5,0.7,0.1, 0.2,0.3,0.4}, float[3,3] s = {0.5,-0.5,0.5,0.2,0.4,0.1,0.3,0.2,0.1}, float[3,1] v = {0.5,-0.5,0.5}> {
   h = MatMul (x, w)
   a = Tanh (h)
   k = MatMul (a, g)
   t = Tanh (k)
   q = MatMul (t, s)
   l = MatMul (q, v)
   y = Sigmoid (l)
}`
	branchNet = `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,3] g = {1,-1,0.5, 0.2,0.3,1, -0.5,0.7,0.1, 0.2,0.3,0.4}, float[3,1] v = {0.5,-0.5,0.5}> {
   h = MatMul (x, w)
   a = Tanh (h)
   sum = ReduceSum <keepdims = 0> (a)
   square = Mul (sum, sum)
   zero = Constant <value = float {-1}> ()
   yes = Greater (square, zero)
   q = If (yes) <then_branch = then () => (float[N,3] q1) <float[3,3] s = {0.5,-0.5,0.5,0.2,0.4,0.1,0.3,0.2,0.1}> {
      k = MatMul (a, g)
      t = Tanh (k)
      q1 = MatMul (t, s)
   }, else_branch = otherwise () => (float[N,3] q2) {
      q2 = MatMul (a, g)
   }>
   l = MatMul (q, v)
   y = Sigmoid (l)
}`
)

// TestLoRAInside trains low-rank updates of products in a branch: the losses are those of the same net without
// branches, and the file computes what the trainer does. Updates of a weight that stands in the branch are not kept.
func TestLoRAInside(t *testing.T) {
	for _, o := range []train.LoRA{
		{Rank: 2, Alpha: 4},
		{Rank: 2, Alpha: 4, Targets: []string{"g"}},
		{Rank: 2, Alpha: 4, Targets: []string{"g", "w"}, Keep: true},
		{Rank: 2, Alpha: 4, Targets: []string{"s"}},
	} {
		src, x := pairs(t, tensor.Float32, 1, 0, 0, 0)
		var after [2][]float64
		for i, text := range []string{flatNet, branchNet} {
			m := parse(t, text)
			o := o
			im, err := train.Import(m, train.ImportOptions{LoRA: &o})
			if err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
			tr := tune(t, im, src, loss.BinaryCrossentropy{}, 60)
			tuned, err := im.Model(tr)
			if err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
			after[i] = predict(t, tuned, x, "y")
			out, err := tr.Predict(t.Context(), map[string]tensor.Any{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range tensor.Data[float32](out[0]) {
				if math.Abs(after[i][k]-float64(v)) > 1e-6 {
					t.Errorf("%+v: row %d is %v in the file, %v in the trainer", o, k, after[i][k], v)
				}
			}
			moved := 0.0
			for k, v := range predict(t, m, x, "y") {
				moved = max(moved, math.Abs(v-after[i][k]))
			}
			if moved < 1e-3 {
				t.Errorf("%+v: nothing was trained", o)
			}
		}
		for k := range after[0] {
			if math.Abs(after[0][k]-after[1][k]) > 1e-5 {
				t.Errorf("%+v: row %d is %v without branches, %v with them", o, k, after[0][k], after[1][k])
			}
		}
	}
	m := parse(t, branchNet)
	im, err := train.Import(m, train.ImportOptions{LoRA: &train.LoRA{Rank: 1, Keep: true}})
	if err != nil {
		t.Fatal(err)
	}
	src, _ := pairs(t, tensor.Float32, 1, 0, 0, 0)
	tr := tune(t, im, src, loss.BinaryCrossentropy{}, 60)
	if want := (2 + 4) + (4 + 3) + (3 + 1); tr.NumParams() != want { // without s
		t.Errorf("%d numbers are trained, want %d", tr.NumParams(), want)
	}
	if _, err := im.Model(tr); err != nil {
		t.Error(err)
	}
}
