package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// branches is a model with an If that depends on data.
const branches = `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] s = {1,2,1,1}, float[4] b = {0,1,0,1},
     float[4] mean = {0,0.1,0.2,0.3}, float[4] var = {1,2,1,2}, float[4,1] v = {0.5,-0.5,0.5,0.5}, float limit = {LIMIT}> {
   h = MatMul (x, w)
   t = ReduceMax <keepdims = 0> (x)
   c = Greater (t, limit)
   r = If (c) <then_branch = yes () => (float[N,4] p) {
         n = BatchNormalization <epsilon = 0.01> (h, s, b, mean, var)
         d = Dropout (n)
         p = Tanh (d)
      }, else_branch = no () => (float[N,4] q) {
         q = Relu (h)
      }>
   l = MatMul (r, v)
   y = Sigmoid (l)
}`

// plain is what branches is where the condition holds.
const plain = `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] s = {1,2,1,1}, float[4] b = {0,1,0,1},
     float[4] mean = {0,0.1,0.2,0.3}, float[4] var = {1,2,1,2}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   n = BatchNormalization <epsilon = 0.01> (h, s, b, mean, var)
   d = Dropout (n)
   r = Tanh (d)
   l = MatMul (r, v)
   y = Sigmoid (l)
}`

// TestImportBranches trains dropout and batch normalisation within an If that depends on data. Where the branch is
// taken the step is that without the If, given the same draws; where it is not, the statistics stay.
func TestImportBranches(t *testing.T) {
	taken, other := strings.Replace(branches, "LIMIT", "0.5", 1), strings.Replace(branches, "LIMIT", "1.5", 1)
	for _, o := range []train.ImportOptions{{}, {UnbiasedVariance: true}, {Dropout: &train.Dropout{Ratio: .25}}} {
		got, want := stepOnce(t, taken, o), stepOnce(t, plain, o)
		for name, w := range want {
			for i, v := range tensor.Data[float32](w) {
				if g := tensor.Data[float32](got[name])[i]; math.Abs(float64(g-v)) > 1e-6 {
					t.Errorf("element %d of %s is %v with the If, %v without", i, name, g, v)
				}
			}
		}
		not := stepOnce(t, other, o)
		for name, start := range map[string][]float32{"mean/next": {0, .1, .2, .3}, "var/next": {1, 2, 1, 2}, "s/next": {1, 2, 1, 1}} {
			if !slices.Equal(tensor.Data[float32](not[name]), start) || slices.Equal(tensor.Data[float32](got[name]), start) {
				t.Errorf("%s is %v where the branch is not taken and %v where it is", name, not[name], got[name])
			}
		}
	}
}

// stepOnce runs the exported step of a model on four rows, and returns the loss and what follows the parameters.
func stepOnce(t *testing.T, text string, o train.ImportOptions) map[string]tensor.Any {
	t.Helper()
	im, err := train.Import(parse(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(im.Net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.SGD{LearningRate: .1}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	x, y := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2), tensor.Must([]float32{0, 1, 1, 0}, 4, 1)
	b := &data.Batch{Inputs: map[string]tensor.Any{"x": x}, Target: y, N: 4}
	if l, _, err := tr.Step(t.Context(), b); err != nil || math.IsNaN(l) {
		t.Fatal(l, err)
	}
	m, err := tr.StepModel(b)
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]tensor.Any{"x": x, "targets": y, "step": tensor.Scalar(int64(0)), "learning_rate": tensor.Scalar(float32(.1))}
	for _, p := range im.Net.Params {
		in[p.Value.Name] = p.Value.Data
	}
	for _, v := range m.Graph.Input {
		if strings.HasPrefix(v.Name, "noise/") {
			in[v.Name] = tensor.Must([]float32{.1, .3, .5, .7, .2, .4, .6, .8, .9, .1, .3, .5, .2, .2, .7, .24}, 4, 4)
		}
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	delete(out, "y")
	return out
}
