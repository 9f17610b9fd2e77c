package train_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
)

// TestImportLinear trains scikit-learn's linear models, whose weights are attributes: these alone change in the file,
// and the file predicts what the trainer does.
func TestImportLinear(t *testing.T) {
	for _, c := range []struct{ name, node string }{
		{"regressor", `y = ai.onnx.ml.LinearRegressor <coefficients = [0.5, -1.0], intercepts = [0.25]> (x)`},
		{"regressor without intercept", `y = ai.onnx.ml.LinearRegressor <coefficients = [0.5, -1.0]> (x)`},
		{"logistic", `s = ai.onnx.ml.LinearRegressor <coefficients = [0.5, -1.0, 0.3, 0.2], intercepts = [0.25, 0.5], targets = 2, post_transform = "LOGISTIC"> (x)
   y = ReduceMean <axes = [1]> (s)`},
		{"one row", `label, z = ai.onnx.ml.LinearClassifier <classlabels_ints = [0, 1], coefficients = [0.5, -1.0], intercepts = [0.25], post_transform = "LOGISTIC"> (x)
   y = Slice (z, one, two, one)`},
		{"three classes", `label, z = ai.onnx.ml.LinearClassifier <classlabels_strings = ["a", "b", "c"], coefficients = [0.5, -1.0, 0.3, 0.2, 0.1, 0.4], intercepts = [0.25, 0.5, 0.0], multi_class = 1, post_transform = "SOFTMAX"> (x)
   y = Slice (z, one, two, one)`},
		{"scores", `label, z = ai.onnx.ml.LinearClassifier <classlabels_ints = [4, 2], coefficients = [0.5, -1.0, 0.3, 0.2], intercepts = [0.25, 0.5]> (x)
   y = ReduceMean <axes = [1]> (z)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, `<ir_version: 8, opset_import: ["" : 17, "ai.onnx.ml" : 1]>
net (float[N,2] x) => (float[N,1] y) <int64[1] one = {1}, int64[1] two = {2}> {
   `+c.node+`
}`)
			im, err := train.Import(m, train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			src, x := pairs(t, tensor.Float32, 0, 1, 1, 1)
			tr := tune(t, im, src, loss.MeanSquaredError{}, 10)
			tuned, err := im.Model(tr)
			if err != nil {
				t.Fatal(err)
			}
			was, old := withoutWeights(t, m)
			now, next := withoutWeights(t, tuned)
			if !bytes.Equal(was, now) || len(old) != len(next) {
				t.Error("the file differs in more than the weights")
			}
			for i, v := range old {
				if v == next[i] {
					t.Errorf("weight %d is still %v", i, v)
				}
			}
			want, err := tr.Predict(t.Context(), map[string]tensor.Any{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			got := predict(t, tuned, x, "y")
			for i, v := range tensor.Data[float32](want[0]) {
				if math.Abs(got[i]-float64(v)) > 1e-6 {
					t.Errorf("row %d is %v in the file, %v in the trainer", i, got[i], v)
				}
			}
		})
	}
}

// withoutWeights returns a document with zeros for the weights of its first node, and these.
func withoutWeights(t *testing.T, m *onnxio.Model) ([]byte, []float32) {
	t.Helper()
	var weights []float32
	c, g, n := *m, *m.Graph, *m.Graph.Node[0]
	c.Graph, g.Node, n.Attribute = &g, append([]*onnxio.Node{&n}, g.Node[1:]...), nil
	for _, a := range m.Graph.Node[0].Attribute {
		b := *a
		weights = append(weights, b.Floats...)
		b.Floats = make([]float32, len(b.Floats))
		n.Attribute = append(n.Attribute, &b)
	}
	out, err := onnxio.Marshal(&c)
	if err != nil {
		t.Fatal(err)
	}
	return out, weights
}
