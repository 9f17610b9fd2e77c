package keras_test

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// answers converts a model of several files and runs it on one row.
func answers(t *testing.T, path string, row ...float32) []float32 {
	t.Helper()
	m, err := keras.Convert(path, keras.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in := map[string]tensor.Any{s.Inputs()[0].Name: tensor.Must(row, 1, len(row))}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Data[float32](out[s.Outputs()[0].Name])
}

// TestConfigWithoutVersion reads a configuration that does not say its version by its form: the slope of hard_sigmoid
// is .2 in Keras 2 and 1/6 in Keras 3.
func TestConfigWithoutVersion(t *testing.T) {
	old := `{"class_name": "Functional", "config": {"name": "m", "layers": [
		{"class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {"batch_input_shape": [null, 1], "dtype": "float32", "name": "x"}},
		{"class_name": "Activation", "name": "a", "inbound_nodes": [[["x", 0, 0, {}]]], "config": {"name": "a", "activation": "hard_sigmoid"}}],
		"input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]]}}`
	late := `{"class_name": "Functional", "config": {"name": "m", "layers": [
		{"class_name": "InputLayer", "module": "keras.layers", "name": "x", "inbound_nodes": [], "config": {"batch_shape": [null, 1], "dtype": "float32", "name": "x"}},
		{"class_name": "Activation", "module": "keras.layers", "name": "a", "config": {"name": "a", "activation": "hard_sigmoid"},
		"inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 1], "dtype": "float32", "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
		"input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]]}}`
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	weights := member(t, &z.Reader, "keras2/weights.h5") // of other layers
	for config, want := range map[string]float64{old: .7, late: .5 + 1./6} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "model.weights.h5"), weights, 0o600); err != nil {
			t.Fatal(err)
		}
		if y := answers(t, dir, 1); math.Abs(float64(y[0])-want) > 1e-6 {
			t.Errorf("hard_sigmoid(1) is %v, want %v, of\n%s", y[0], want, config)
		}
	}
}

// TestTFJSNames finds the weights of layers whose names have slashes, or are parts of others.
func TestTFJSNames(t *testing.T) {
	const config = `{"format": "layers-model", "modelTopology": {"keras_version": "2.15.0", "model_config": {"class_name": "Sequential", "config": {"name": "s", "layers": [
		{"class_name": "Dense", "config": {"name": "block/dense", "units": 1, "use_bias": false, "batch_input_shape": [null, 1]}},
		{"class_name": "Dense", "config": {"name": "dense", "units": 1, "use_bias": false}}]}}},
		"weightsManifest": [{"paths": ["w.bin"], "weights": [
			{"name": "block/dense/kernel", "shape": [1, 1], "dtype": "float32"}, {"name": "dense/kernel", "shape": [1, 1], "dtype": "float32"}]}]}`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "model.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var bin []byte
	for _, w := range []float32{3, 5} {
		bin = binary.LittleEndian.AppendUint32(bin, math.Float32bits(w))
	}
	if err := os.WriteFile(filepath.Join(dir, "w.bin"), bin, 0o600); err != nil {
		t.Fatal(err)
	}
	if y := answers(t, filepath.Join(dir, "model.json"), 2); y[0] != 30 {
		t.Errorf("the product is %v, want 30", y[0])
	}
}
