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
		{"relu", []int{4}, []nn.Layer{&nn.ReLU{MaxValue: 6}, &nn.Dense{Units: 3}, &nn.LeakyReLU{}, &nn.ELU{}, &nn.ReLU{MaxValue: 1, NegativeSlope: .1}, &nn.Softmax{}}},
		{"prelu", series, []nn.Layer{&nn.PReLU{}}},
		{"threshold", []int{4}, []nn.Layer{&nn.ReLU{Threshold: .5}}},
		{"noise", []int{4}, []nn.Layer{&nn.GaussianNoise{Stddev: .1}, &nn.GaussianDropout{Rate: .1}, &nn.AlphaDropout{Rate: .1}, &nn.Dense{Units: 2}}},
		{"shapes", series, []nn.Layer{&nn.Permute{Dims: []int{2, 1}}, &nn.Reshape{TargetShape: []int{5, 3}}, &nn.Flatten{}, &nn.RepeatVector{N: 3}}},
		{"pad1d", series, []nn.Layer{&nn.ZeroPadding1D{}, &nn.UpSampling1D{}, &nn.Cropping1D{}, &nn.MaxPooling1D{}, &nn.AveragePooling1D{}}},
		{"pad2d", image, []nn.Layer{&nn.ZeroPadding2D{}, &nn.UpSampling2D{Interpolation: "bilinear"}, &nn.Cropping2D{Cropping: [2]nn.Span{{1, 2}, {0, 1}}}, &nn.AveragePooling2D{}, &nn.GlobalAveragePooling{}}},
		{"separable", image, []nn.Layer{&nn.SeparableConv2D{Filters: 3, KernelSize: [2]int{3, 3}, Activation: "relu6"}, &nn.UpSampling2D{}, &nn.SpatialDropout{Rate: .1}, &nn.GlobalMaxPooling{}}},
		{"separable1d", series, []nn.Layer{&nn.SeparableConv1D{Filters: 3, KernelSize: 2}, &nn.DepthwiseConv1D{KernelSize: 2}, &nn.Conv1DTranspose{Filters: 2, KernelSize: 3}}},
		{"volume", []int{4, 4, 4, 2}, []nn.Layer{&nn.Conv3D{Filters: 3, KernelSize: [3]int{2, 2, 2}}, &nn.UpSampling3D{}, &nn.ZeroPadding3D{}, &nn.Cropping3D{}, &nn.MaxPooling3D{}, &nn.Conv3DTranspose{Filters: 2, KernelSize: [3]int{2, 2, 2}}, &nn.AveragePooling3D{}}},
		{"rms", series, []nn.Layer{&nn.RMSNormalization{}}},
		{"unit", series, []nn.Layer{&nn.UnitNormalization{}}},
		{"rescaling", image, []nn.Layer{&nn.Rescaling{Scale: 2, Offset: 1}}},
		{"activations", []int{4}, []nn.Layer{&nn.Activation{Function: "selu"}, &nn.Activation{Function: "hard_sigmoid"}, &nn.Activation{Function: "softplus"}, &nn.Activation{Function: "mish"},
			&nn.Activation{Function: "exponential"}, &nn.Activation{Function: "softsign"}, &nn.Activation{Function: "log_softmax"}}},
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
