package tokeras_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// trained is a network of package train: its inputs, and what it does with them.
type trained struct {
	name  string
	in    []nn.Input
	build func(b *nn.Builder, x []*nn.Value) []*nn.Value
}

// floats are inputs of floats, by their shapes.
func floats(shapes ...[]int) []nn.Input {
	var out []nn.Input
	for i, s := range shapes {
		out = append(out, nn.Input{Name: fmt.Sprintf("x%d", i), Shape: s})
	}
	return out
}

// typed is one input of another type.
func typed(d tensor.DType, shape ...int) []nn.Input {
	return []nn.Input{{Name: "x", Shape: shape, DType: d}}
}

// chain is layers one behind the other, the first on all inputs.
func chain(layers ...nn.Layer) func(b *nn.Builder, x []*nn.Value) []*nn.Value {
	return func(b *nn.Builder, x []*nn.Value) []*nn.Value {
		for _, l := range layers {
			x = b.ApplyAll(l, x...)
		}
		return x
	}
}

func trainedCases() []trained {
	image, series := []int{8, 8, 2}, []int{5, 3}
	mean := func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Apply(&nn.Dense{Units: 3}, x) }
	return []trained{
		{"dense", floats([]int{4}), chain(&nn.Dense{Units: 5, Activation: "relu"}, &nn.BatchNormalization{}, &nn.Dropout{Rate: .5}, &nn.Dense{Units: 3, Activation: "softmax"})},
		{"cnn", floats(image), chain(&nn.Conv2D{Filters: 3, KernelSize: [2]int{3, 3}, Activation: "relu", Padding: "same"}, &nn.BatchNormalization{}, &nn.MaxPooling2D{},
			&nn.DepthwiseConv2D{KernelSize: [2]int{2, 2}}, &nn.Flatten{}, &nn.Dense{Units: 2})},
		{"transposed", floats(image), chain(&nn.Conv2DTranspose{Filters: 3, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same", Activation: "tanh"})},
		{"lstm", floats(series), chain(&nn.LSTM{Units: 4, ReturnSequences: true}, &nn.LSTM{Units: 3}, &nn.Dense{Units: 1})},
		{"gru", floats(series), chain(&nn.GRU{Units: 4, ReturnSequences: true}, &nn.SimpleRNN{Units: 3})},
		{"bidirectional", floats(series), chain(&nn.Bidirectional{Layer: &nn.LSTM{Units: 4, ReturnSequences: true}}, &nn.Bidirectional{Layer: &nn.GRU{Units: 3}})},
		{"norm", floats(series), chain(&nn.LayerNormalization{}, &nn.Dense{Units: 2, Activation: "gelu"})},
		{"conv1d", floats(series), chain(&nn.Conv1D{Filters: 4, KernelSize: 2, Activation: "elu"}, &nn.Flatten{}, &nn.Dense{Units: 2, Activation: "swish"})},
		{"relu", floats([]int{4}), chain(&nn.ReLU{MaxValue: 6}, &nn.Dense{Units: 3}, &nn.LeakyReLU{}, &nn.ELU{}, &nn.ReLU{MaxValue: 1, NegativeSlope: .1}, &nn.Softmax{})},
		{"prelu", floats(series), chain(&nn.PReLU{})},
		{"threshold", floats([]int{4}), chain(&nn.ReLU{Threshold: .5})},
		{"noise", floats([]int{4}), chain(&nn.GaussianNoise{Stddev: .1}, &nn.GaussianDropout{Rate: .1}, &nn.AlphaDropout{Rate: .1}, &nn.ActivityRegularization{L2: .1}, &nn.Dense{Units: 2})},
		{"shapes", floats(series), chain(&nn.Permute{Dims: []int{2, 1}}, &nn.Reshape{TargetShape: []int{5, 3}}, &nn.Flatten{}, &nn.RepeatVector{N: 3})},
		{"pad1d", floats(series), chain(&nn.ZeroPadding1D{}, &nn.UpSampling1D{}, &nn.Cropping1D{}, &nn.MaxPooling1D{}, &nn.AveragePooling1D{})},
		{"pad2d", floats(image), chain(&nn.ZeroPadding2D{}, &nn.UpSampling2D{Interpolation: "bilinear"}, &nn.Cropping2D{Cropping: [2]nn.Span{{1, 2}, {0, 1}}}, &nn.AveragePooling2D{}, &nn.GlobalAveragePooling{})},
		{"separable", floats(image), chain(&nn.SeparableConv2D{Filters: 3, KernelSize: [2]int{3, 3}, Activation: "relu6"}, &nn.UpSampling2D{}, &nn.SpatialDropout{Rate: .1}, &nn.GlobalMaxPooling{})},
		{"separable1d", floats(series), chain(&nn.SeparableConv1D{Filters: 3, KernelSize: 2}, &nn.DepthwiseConv1D{KernelSize: 2}, &nn.Conv1DTranspose{Filters: 2, KernelSize: 3})},
		{"volume", floats([]int{4, 4, 4, 2}), chain(&nn.Conv3D{Filters: 3, KernelSize: [3]int{2, 2, 2}}, &nn.UpSampling3D{}, &nn.ZeroPadding3D{}, &nn.Cropping3D{}, &nn.MaxPooling3D{}, &nn.Conv3DTranspose{Filters: 2, KernelSize: [3]int{2, 2, 2}}, &nn.AveragePooling3D{})},
		{"rms", floats(series), chain(&nn.RMSNormalization{})},
		{"unit", floats(series), chain(&nn.UnitNormalization{})},
		{"rescaling", floats(image), chain(&nn.Rescaling{Scale: 2, Offset: 1})},
		{"activations", floats([]int{4}), chain(&nn.Activation{Function: "selu"}, &nn.Activation{Function: "hard_sigmoid"}, &nn.Activation{Function: "softplus"}, &nn.Activation{Function: "mish"},
			&nn.Activation{Function: "exponential"}, &nn.Activation{Function: "softsign"}, &nn.Activation{Function: "log_softmax"})},
		{"swish", floats([]int{4}), chain(&nn.Activation{Function: "swish"}, &nn.Activation{Function: "glu"})},
		{"sparsemax", floats([]int{4}), chain(&nn.Activation{Function: "sparsemax"})},
		{"merges", floats(series, series), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			y := []*nn.Value{b.Apply(&nn.Add{}, x...), b.Apply(&nn.Subtract{}, x...), b.Apply(&nn.Multiply{}, x...), b.Apply(&nn.Average{}, x...),
				b.Apply(&nn.Maximum{}, x...), b.Apply(&nn.Minimum{}, x...)}
			return []*nn.Value{b.Apply(&nn.Concatenate{}, y...), b.Apply(&nn.Concatenate{Axis: 1}, y[:3]...)}
		}},
		{"merges of ranks", floats(series, []int{3}), chain(&nn.Add{})},
		{"dot", floats(series, []int{4, 3}), chain(&nn.Dot{Axes: []int{2, 2}})},
		{"dot of vectors", floats([]int{4}, []int{4}), chain(&nn.Dot{Axes: []int{1}, Normalize: true})},
		{"attention", floats(series, []int{4, 3}), chain(&nn.Attention{UseScale: true})},
		{"attention concat", floats(series, series), chain(&nn.Attention{ScoreMode: "concat", UseCausalMask: true})},
		{"additive attention", floats(series, []int{4, 3}), chain(&nn.AdditiveAttention{})},
		{"heads", floats(series, []int{4, 3}), chain(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3, Dropout: .1})},
		{"heads causal", floats([]int{5, 4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3, UseCausalMask: true, ReturnScores: true}, x[0], x[0])
		}},
		{"heads shared", floats([]int{-1, 4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.MultiHeadAttention{NumHeads: 4, NumKeyValueHeads: 2, KeyDim: 3}, x[0], x[0])
		}},
		{"heads causal, any length", floats([]int{-1, 4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3, UseCausalMask: true, SlidingWindow: 2}, x[0], x[0])
		}},
		{"heads along an axis", floats([]int{2, 3, 4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3, AttentionAxes: []int{2}, UseGate: true, ReturnScores: true}, x[0], x[0])
		}},
		{"heads along two axes", floats([]int{2, 3, 4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3, OutputShape: []int{2, 3}}, x[0], x[0])
		}},
		{"embedding", typed(tensor.Int64, 5), chain(&nn.Embedding{InputDim: 7, OutputDim: 3}, &nn.GlobalAveragePooling{})},
		{"embedding lstm", typed(tensor.Int64, 5), chain(&nn.Embedding{InputDim: 7, OutputDim: 3, MaskZero: true}, &nn.LSTM{Units: 4}, &nn.Dense{Units: 1, Activation: "sigmoid"})},
		{"embedding gru", typed(tensor.Int64, 5), chain(&nn.Embedding{InputDim: 7, OutputDim: 3, MaskZero: true}, &nn.GRU{Units: 4, ReturnSequences: true}, &nn.SimpleRNN{Units: 2})},
		{"embedding heads", typed(tensor.Int64, 5), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			y := b.Apply(&nn.Embedding{InputDim: 7, OutputDim: 4, MaskZero: true}, x...)
			return []*nn.Value{b.Apply(&nn.GlobalAveragePooling{}, b.Apply(&nn.MultiHeadAttention{NumHeads: 2, KeyDim: 3}, y, y))}
		}},
		{"masking", floats(series), chain(&nn.Masking{}, &nn.Bidirectional{Layer: &nn.LSTM{Units: 4, ReturnSequences: true}}, &nn.GlobalAveragePooling{})},
		{"hard lstm", floats(series), chain(&nn.LSTM{Units: 4, RecurrentActivation: "hard_sigmoid"}, &nn.RepeatVector{N: 2}, &nn.GRU{Units: 3, Activation: "swish"})},
		{"states", floats(series, []int{4}, []int{4}), chain(&nn.LSTM{Units: 4, ReturnState: true, ReturnSequences: true})},
		{"states of two", floats(series, []int{4}, []int{4}), chain(&nn.Bidirectional{Layer: &nn.GRU{Units: 4, ReturnState: true}, MergeMode: "sum"})},
		{"group norm", floats([]int{4, 4, 6}), chain(&nn.GroupNormalization{Groups: 3}, &nn.Conv2D{Filters: 4, KernelSize: [2]int{2, 2}}, &nn.GroupNormalization{Groups: -1})},
		{"layer norm of axes", floats(image), chain(&nn.LayerNormalization{Axis: []int{1, 2}}, &nn.LayerNormalization{Axis: []int{2, 3}})},
		{"distributed", floats([]int{5, 6, 6, 2}), chain(&nn.TimeDistributed{Layer: &nn.Conv2D{Filters: 3, KernelSize: [2]int{3, 3}}}, &nn.TimeDistributed{Layer: &nn.Flatten{}}, &nn.LSTM{Units: 2})},
		{"distributed, any length", floats([]int{-1, 3}), chain(&nn.TimeDistributed{Layer: &nn.Dense{Units: 2}})},
		{"strings", typed(tensor.String, 1), chain(&nn.StringLookup{Vocabulary: []string{"b", "a", "[UNK]"}}, &nn.OneHot{Depth: 4}, &nn.Dense{Units: 2})},
		{"integers", typed(tensor.Int64, 3), chain(&nn.IntegerLookup{Vocabulary: []int64{3, -1, 2}}, &nn.Embedding{InputDim: 4, OutputDim: 2}, &nn.Flatten{})},
		{"categories", typed(tensor.Int64, 3), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return []*nn.Value{b.Apply(&nn.CategoryEncoding{NumTokens: 3}, x...), b.Apply(&nn.CategoryEncoding{NumTokens: 3, OutputMode: "count"}, x...),
				b.Apply(&nn.CategoryEncoding{NumTokens: 3, OutputMode: "one_hot"}, x...)}
		}},
		{"bins", floats([]int{3}), chain(&nn.Discretization{BinBoundaries: []float64{-.5, 0, .5}}, &nn.CategoryEncoding{NumTokens: 4})},
		{"scalers", floats([]int{2}), chain(&nn.Imputer{Values: []float64{1, 2}}, &nn.Normalization{Mean: []float64{1, 2}, Variance: []float64{2, 3}}, &nn.MinMaxScaler{Min: []float64{0, 1}, Max: []float64{2, 2}})},
		{"sampling", floats([]int{4}), func(b *nn.Builder, x []*nn.Value) []*nn.Value {
			return b.ApplyAll(&nn.Sampling{Deterministic: true, KLWeight: 1}, mean(b, x[0]), mean(b, x[0]))
		}},
		{"models in models", floats([]int{4}), chain(&nn.Sequence{Layers: []nn.Layer{&nn.Dense{Units: 3}, &nn.Func{Emit: func(b *nn.Builder, x ...*nn.Value) []*nn.Value { return []*nn.Value{b.Op("Tanh", x[0])} }}}})},
	}
}

// TestTrained writes what train exports as .keras, converts that again and compares.
func TestTrained(t *testing.T) {
	for _, c := range trainedCases() {
		t.Run(c.name, func(t *testing.T) {
			b := nn.NewBuilder(7)
			var x []*nn.Value
			for _, in := range c.in {
				x = append(x, b.Input(in))
			}
			net, err := b.Net(c.build(b, x)...)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range net.Params { // biases are zero at first
				d := p.Value.Data.(*tensor.Tensor[float32]).Data()
				for i := range d {
					d[i] += .1 * float32(math.Abs(math.Sin(float64(3*i+1))))
				}
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
			back(t, strings.NewReplacer(" ", "-", ",", "").Replace("train-"+c.name), m)
		})
	}
}

// TestTrainedWith writes a model that was trained with each loss, with all optimizers, schedules and metrics among
// them. testdata/gen/tokeras_check.py trains them further in Keras.
func TestTrainedWith(t *testing.T) {
	optimizers := append(optim.Names(), "sgd:momentum=0.9,nesterov=true,clipnorm=1,weight_decay=0.01", "adam:amsgrad=true,use_ema=true,ema_overwrite_frequency=2",
		"sgd:schedule=[exponential_decay:decay_steps=10,decay_rate=1]", "sgd:schedule=[piecewise_constant_decay:boundaries=[5],values=[1,0.1]]",
		"sgd:schedule=[cosine_decay:decay_steps=10,warmup_target=1,warmup_steps=3]", "adam:schedule=[cosine_decay_restarts:first_decay_steps=10,t_mul=3]",
		"adam:schedule=[inverse_time_decay:decay_steps=10,decay_rate=0.5]", "adam:schedule=[polynomial_decay:decay_steps=10,cycle=true]")
	metrics := append(metric.Names(), "auc:curve=pr,multi_label=true", "f1_score:average=weighted,threshold=0.5", "precision:thresholds=0.3,class_id=1", "fbeta_score:beta=2")
	needs := map[string]string{"mean_io_u": ":3", "one_hot_mean_io_u": ":3", "io_u": ":num_classes=3,target_class_ids=[1]", "one_hot_io_u": ":num_classes=3,target_class_ids=[1]",
		"sensitivity_at_specificity": ":0.5", "specificity_at_sensitivity": ":0.5", "precision_at_recall": ":0.5", "recall_at_precision": ":0.5"}
	i := 0
	for _, name := range loss.Names() {
		l, err := loss.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if l.Name() != name || name == "ctc" { // a short name; a loss of sequences
			continue
		}
		t.Run(name, func(t *testing.T) {
			o, err := optim.Parse(optimizers[i%len(optimizers)], .01)
			if err != nil {
				t.Fatal(err)
			}
			cfg := train.Config{Loss: l, Optimizer: o}
			for k := i; k < len(metrics); k += 20 {
				if strings.HasPrefix(metrics[k], "sparse") != (strings.HasPrefix(name, "sparse") || name == "circle") {
					continue // which take other targets
				}
				x, err := metric.Parse(metrics[k] + needs[metrics[k]])
				if err != nil {
					t.Fatal(err)
				}
				cfg.Metrics = append(cfg.Metrics, x)
			}
			b := nn.NewBuilder(7)
			net, err := b.Net(b.Apply(&nn.Dense{Units: 3, Activation: "softmax"}, b.Input(nn.Input{Name: "x", Shape: []int{4}})))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := train.New(net, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			m, err := tr.Model(train.ExportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			back(t, "compiled-"+name, m)
		})
		i++
	}
	if i < 20 {
		t.Errorf("%d losses", i)
	}
}

// TestEveryLayer finds the layers of package nn that no case has.
func TestEveryLayer(t *testing.T) {
	own, err := os.ReadFile("trained_test.go")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("../../train/nn/*.go")
	if err != nil {
		t.Fatal(err)
	}
	build := regexp.MustCompile(`(?m)^func \(l \*([A-Z]\w*)\) Build\(`)
	n := 0
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range build.FindAllSubmatch(text, -1) {
			if n++; !bytes.Contains(own, append([]byte("nn."), append(m[1], '{')...)) {
				t.Errorf("no case has %s", m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("%d layers found", n)
	}
}

// back writes a model as .keras, converts that, and holds the answers of the two against each other.
// ONNXTOOL_TOKERAS_DUMP=FOLDER leaves the file there with inputs and outputs.
func back(t *testing.T, name string, m *onnxio.Model) {
	t.Helper()
	dir := t.TempDir()
	if d := os.Getenv("ONNXTOOL_TOKERAS_DUMP"); d != "" {
		dir = d
	}
	path := filepath.Join(dir, name+".keras")
	if err := tokeras.Write(path, m); err != nil {
		t.Fatal(err)
	}
	again, err := keras.Convert(path, keras.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	arrays, in := map[string]tensor.Any{}, []tensor.Any{}
	for i, v := range s.Inputs() {
		x := example(v)
		arrays[fmt.Sprintf("in_%d", i)], in = x, append(in, x)
	}
	want, got := answers(t, m, in), answers(t, again, in)
	for i, w := range want {
		arrays[fmt.Sprintf("out_%d", i)] = w
		if !w.Shape().Equal(got[i].Shape()) {
			t.Errorf("output %d has shape %v, want %v", i, got[i].Shape(), w.Shape())
			continue
		}
		if w.DType() == tensor.String {
			if !slices.Equal(tensor.Data[string](got[i]), tensor.Data[string](w)) {
				t.Errorf("output %d is %v, want %v", i, got[i], w)
			}
			continue
		}
		a, b := numbersOf(t, got[i]), numbersOf(t, w)
		for k := range b {
			if !(math.Abs(a[k]-b[k]) <= 1e-5+1e-4*math.Abs(b[k])) && a[k] != b[k] && !(math.IsNaN(a[k]) && math.IsNaN(b[k])) {
				t.Errorf("output %d[%d] is %v, want %v", i, k, a[k], b[k])
				break
			}
		}
	}
	if os.Getenv("ONNXTOOL_TOKERAS_DUMP") == "" {
		return
	}
	var b bytes.Buffer
	if err := data.WriteNPZ(&b, arrays); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".npz"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// example makes three rows for an input.
func example(v infer.ValueInfo) tensor.Any {
	shape := []int{3}
	if len(v.Shape) > 0 && v.Shape[0].Name == "" && v.Shape[0].Size > 0 {
		shape[0] = v.Shape[0].Size
	}
	for _, d := range v.Shape[min(1, len(v.Shape)):] {
		if d.Name != "" {
			shape = append(shape, 6)
			continue
		}
		shape = append(shape, d.Size)
	}
	n := tensor.Shape(shape).Len()
	switch v.DType {
	case tensor.Int64:
		x := make([]int64, n)
		for i := range x {
			if x[i] = []int64{3, 1, 0, 2, -1}[i%5]; strings.Contains(v.Name, "mask") {
				x[i] = 1
			}
			if len(shape) > 1 && shape[1] == 5 { // of steps, which end in padding
				x[i] = []int64{3, 1, 2, 0, 0, 5, 6, 0, 0, 0, 1, 2, 3, 4, 5}[i%15]
			}
		}
		return tensor.Must(x, shape...)
	case tensor.Uint8:
		x := make([]uint8, n)
		for i := range x {
			x[i] = uint8(37 * i)
		}
		return tensor.Must(x, shape...)
	case tensor.String:
		x := make([]string, n)
		for i := range x {
			x[i] = []string{"a", "c", "b", "[UNK]"}[i%4]
		}
		return tensor.Must(x, shape...)
	}
	x := make([]float32, n)
	for i := range x {
		if x[i] = float32(math.Sin(float64(i))); len(shape) == 3 && i/shape[2]%shape[1] >= shape[1]-i/shape[2]/shape[1] {
			x[i] = 0 // steps that Masking leaves out
		}
	}
	return tensor.Must(x, shape...)
}

func numbersOf(t *testing.T, x tensor.Any) []float64 {
	t.Helper()
	y, err := data.As(x, tensor.Float64)
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Data[float64](y)
}

// answers runs a model.
func answers(t *testing.T, m *onnxio.Model, in []tensor.Any) []tensor.Any {
	t.Helper()
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	feed := map[string]tensor.Any{}
	for i, v := range s.Inputs() {
		if feed[v.Name], err = data.As(in[i], v.DType); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.Run(context.Background(), feed)
	if err != nil {
		t.Fatal(err)
	}
	var list []tensor.Any
	for _, v := range s.Outputs() {
		list = append(list, out[v.Name])
	}
	return list
}
