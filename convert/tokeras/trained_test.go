package tokeras_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestTrained writes what train exports as .keras, converts that again and compares.
func TestTrained(t *testing.T) {
	image, series := []int{8, 8, 2}, []int{5, 3}
	for _, c := range []struct {
		name   string
		shape  []int
		layers []nn.Layer
	}{
		{"dense", []int{4}, []nn.Layer{&nn.Dense{Units: 5, Activation: "relu"}, &nn.BatchNormalization{}, &nn.Dropout{Rate: .5}, &nn.Dense{Units: 3, Activation: "softmax"}}},
		{"cnn", image, []nn.Layer{&nn.Conv2D{Filters: 3, KernelSize: [2]int{3, 3}, Activation: "relu", Padding: "same"}, &nn.BatchNormalization{}, &nn.MaxPooling2D{},
			&nn.DepthwiseConv2D{KernelSize: [2]int{2, 2}}, &nn.Flatten{}, &nn.Dense{Units: 2}}},
		{"transposed", image, []nn.Layer{&nn.Conv2DTranspose{Filters: 3, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same", Activation: "tanh"}}},
		{"lstm", series, []nn.Layer{&nn.LSTM{Units: 4, ReturnSequences: true}, &nn.LSTM{Units: 3}, &nn.Dense{Units: 1}}},
		{"gru", series, []nn.Layer{&nn.GRU{Units: 4, ReturnSequences: true}, &nn.SimpleRNN{Units: 3}}},
		{"bidirectional", series, []nn.Layer{&nn.Bidirectional{Layer: &nn.LSTM{Units: 4, ReturnSequences: true}}, &nn.Bidirectional{Layer: &nn.GRU{Units: 3}}}},
		{"norm", series, []nn.Layer{&nn.LayerNormalization{}, &nn.Dense{Units: 2, Activation: "gelu"}}},
		{"conv1d", series, []nn.Layer{&nn.Conv1D{Filters: 4, KernelSize: 2, Activation: "elu"}, &nn.Flatten{}, &nn.Dense{Units: 2, Activation: "swish"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			net, err := nn.Sequential(7, nn.Input{Shape: c.shape}, c.layers...)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			m, err := tr.Model(train.ExportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if d := os.Getenv("ONNXTOOL_TOKERAS_DUMP"); d != "" {
				dir = d
			}
			path := filepath.Join(dir, "train-"+c.name+".keras")
			if err := tokeras.Write(path, m); err != nil {
				t.Fatal(err)
			}
			x := make([]float32, tensor.Shape(c.shape).Len()*3)
			for i := range x {
				x[i] = float32(math.Sin(float64(i)))
			}
			in := tensor.Must(x, append([]int{3}, c.shape...)...)
			want := answer(t, m, in)
			back, err := keras.Convert(path, keras.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := answer(t, back, in)
			if !slices.EqualFunc(tensor.Data[float32](got), tensor.Data[float32](want), func(a, b float32) bool { return math.Abs(float64(a-b)) <= 1e-5 }) {
				t.Errorf("%v, want %v", got, want)
			}
			if os.Getenv("ONNXTOOL_TOKERAS_DUMP") != "" {
				var b bytes.Buffer
				if err := data.WriteNPZ(&b, map[string]tensor.Any{"in_0": in, "out_0": want}); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("train-%s.npz", c.name)), b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// answer runs a model of one input and one output.
func answer(t *testing.T, m *onnxio.Model, in tensor.Any) tensor.Any {
	t.Helper()
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), map[string]tensor.Any{s.Inputs()[0].Name: in})
	if err != nil {
		t.Fatal(err)
	}
	return out[s.Outputs()[0].Name]
}
