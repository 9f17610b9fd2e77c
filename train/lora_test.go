package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
)

// products has a weight behind a Transpose, a Gemm with transB and alpha, a weight that two products share
// and one that Gather reads too.
const products = `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) <float[4,2] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[3,4] g = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7, 0.1,0.2,0.3,0.4}, float[3] b = {0.1,0.2,0.3}, float[3,3] s = {0.5,-0.5,0.5,0.2,0.4,0.1,0.3,0.2,0.1}, float[3,1] v = {0.5,-0.5,0.5}, int64[1] i = {0}> {
   wt = Transpose (w)
   h = MatMul (x, wt)
   a = Tanh (h)
   k = Gemm <transB = 1, alpha = 0.5> (a, g, b)
   t = Tanh (k)
   p = MatMul (t, s)
   q = MatMul (p, s)
   l = MatMul (q, v)
   row = Gather <axis = 1> (v, i)
   e = ReduceMean <keepdims = 0> (row)
   o = Add (l, e)
   y = Sigmoid (o)
}`

// TestLoRA checks that merged and kept updates give what the trainer computes, and what each changes.
func TestLoRA(t *testing.T) {
	m := parse(t, products)
	for _, c := range []struct {
		name    string
		o       train.LoRA
		changed []string
		numbers int
	}{
		{"default", train.LoRA{Rank: 2, Alpha: 4}, []string{"w", "g", "s"}, 2*(2+4) + 2*(4+3) + 2*(3+3)},
		{"one", train.LoRA{Rank: 1, Targets: []string{"g"}}, []string{"g"}, 7},
		{"by node", train.LoRA{Rank: 1, Keep: true, Targets: []string{"v"}}, nil, 4},
		{"kept", train.LoRA{Rank: 2, Alpha: 4, Keep: true}, nil, 38},
	} {
		t.Run(c.name, func(t *testing.T) {
			im, err := train.Import(m, train.ImportOptions{LoRA: &c.o})
			if err != nil {
				t.Fatal(err)
			}
			src, x := pairs(t, tensor.Float32, 1, 0, 0, 0)
			before := predict(t, m, x, "y")
			tr := tune(t, im, src, loss.BinaryCrossentropy{}, 60)
			if tr.NumParams() != c.numbers {
				t.Errorf("%d numbers are trained, want %d", tr.NumParams(), c.numbers)
			}
			tuned, err := im.Model(tr)
			if err != nil {
				t.Fatal(err)
			}
			if c.o.Keep {
				for i, w := range m.Graph.Initializer {
					if got := tuned.Graph.Initializer[i]; got.Name != w.Name || string(got.RawData) != string(w.RawData) {
						t.Errorf("%s has changed", w.Name)
					}
				}
			} else {
				sameButFor(t, m, tuned, c.changed)
			}
			out, err := tr.Predict(t.Context(), map[string]tensor.Any{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			got := predict(t, tuned, x, "y")
			for i, v := range tensor.Data[float32](out[0]) {
				if math.Abs(got[i]-float64(v)) > 1e-6 {
					t.Errorf("row %d is %v in the file, %v in the trainer", i, got[i], v)
				}
			}
			if slices.Equal(before, got) {
				t.Error("nothing was learnt")
			}
		})
	}
	if _, err := train.Import(m, train.ImportOptions{LoRA: &train.LoRA{Targets: []string{"v"}}}); err == nil || !strings.Contains(err.Error(), "keep the updates apart") {
		t.Errorf("a weight that Gather reads: %v", err)
	}
}

// TestReplaceHead checks where a head goes and what it leaves.
func TestReplaceHead(t *testing.T) {
	m := parse(t, `<ir_version: 3, opset_import: ["" : 9]>
net (float[N,2] x, float[2,4] w, float[4,3] u, float[3] z) => (float[N,3] y, float[N,4] h) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,3] u = {1,2,3,4,5,6,7,8,9,10,11,12}, float[3] z = {0,0,0}> {
   f = MatMul (x, w)
   h = Tanh (f)
   l = Gemm (h, u, z)
   y = Softmax (l)
}`)
	for _, c := range []struct {
		name    string
		h       train.Head
		outputs []string
		weights []string
		err     string
	}{
		{"last product", train.Head{Units: 2, Activation: "softmax"}, []string{"y", "h"}, []string{"w", "head/kernel", "head/bias"}, ""},
		{"named", train.Head{Units: 2, At: "f", Name: "new"}, []string{"new"}, []string{"w", "head/kernel", "head/bias"}, ""},
		{"no value", train.Head{Units: 2, At: "g"}, nil, nil, `no value "g"`},
		{"no units", train.Head{}, nil, nil, "needs one at least"},
		{"activation", train.Head{Units: 1, Activation: "swoosh"}, nil, nil, `no activation "swoosh"`},
		{"name taken", train.Head{Units: 1, Name: "h"}, nil, nil, "has a value of that name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := train.ReplaceHead(m, c.h)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := onnxio.Check(got); err != nil {
				t.Error(err)
			}
			var outputs, weights []string
			for _, v := range got.Graph.Output {
				outputs = append(outputs, v.Name)
			}
			for _, w := range got.Graph.Initializer {
				weights = append(weights, w.Name)
			}
			if !slices.Equal(outputs, c.outputs) || !slices.Equal(weights, c.weights) {
				t.Errorf("outputs %v, weights %v; want %v and %v", outputs, weights, c.outputs, c.weights)
			}
			im, err := train.Import(got, train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if n := im.Net.Graph.Outputs[0].Fact.String(); n != "f32[batch,2]" {
				t.Errorf("the head is %s", n)
			}
		})
	}
}

// TestDropout checks that dropout acts where it is asked for, and nowhere else.
func TestDropout(t *testing.T) {
	for _, text := range []string{
		`<ir_version: 4, opset_import: ["" : 9]> net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   d = Dropout <ratio = 0.75> (h)
   l = MatMul (d, v)
   y = Sigmoid (l)
}`,
		`<ir_version: 8, opset_import: ["" : 13]> net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] v = {0.5,-0.5,0.5,0.5}, float ratio = {0.75}> {
   h = MatMul (x, w)
   d = Dropout (h, ratio)
   l = MatMul (d, v)
   y = Sigmoid (l)
}`,
		`<ir_version: 8, opset_import: ["" : 13]> net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] v = {0.5,-0.5,0.5,0.5}, float ratio = {0.75}, bool off = {0}> {
   h = MatMul (x, w)
   d = Dropout (h, ratio, off)
   l = MatMul (d, v)
   y = Sigmoid (l)
}`,
	} {
		m := parse(t, text)
		for _, c := range []struct {
			d    *train.Dropout
			acts bool
		}{{nil, false}, {&train.Dropout{}, true}, {&train.Dropout{At: []string{"h"}, Ratio: .5}, true}} {
			im, err := train.Import(m, train.ImportOptions{Dropout: c.d})
			if err != nil {
				t.Fatal(err)
			}
			if got := stepsDiffer(t, im); got != c.acts {
				t.Errorf("%v: dropout acts: %v, want %v", c.d, got, c.acts)
			}
		}
	}
}
