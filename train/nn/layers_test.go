package nn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// run builds a network of one layer behind inputs of the given shapes (batch included), and evaluates it on
// numbers that count up from -1 in steps of 0.1, wrapped at 1.
func run(l Layer, shapes ...[]int) (out []tensor.Any, net *Net, err error) {
	b := NewBuilder(1)
	var in []*Value
	feed := map[*ir.Value]tensor.Any{}
	for i, s := range shapes {
		v := b.Input(Input{Name: fmt.Sprintf("x%d", i), Shape: s[1:]})
		t := tensor.Zeros[float32](s...)
		for k := range t.Data() {
			t.Data()[k] = float32(k%21-10) / 10
		}
		feed[v] = t
		in = append(in, v)
	}
	ys := b.ApplyAll(l, in...)
	for i, y := range ys {
		ys[i] = b.Output(fmt.Sprintf("y%d", i), y)
	}
	if net, err = b.Net(ys...); err != nil {
		return nil, nil, err
	}
	vals, err := ops.Set().EvalGraph(context.Background(), net.Graph, feed, op.Rand{})
	if err != nil {
		return nil, nil, err
	}
	for _, y := range ys {
		out = append(out, vals[y.ID])
	}
	return out, net, nil
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		layer Layer
		in    []int
		out   []int
		numel int // parameters
	}{
		{&Dense{Units: 3}, []int{2, 4}, []int{2, 3}, 15},
		{&Dense{Units: 3, NoBias: true}, []int{2, 5, 4}, []int{2, 5, 3}, 12},
		{&Flatten{}, []int{2, 3, 4}, []int{2, 12}, 0},
		{&Reshape{TargetShape: []int{-1, 2}}, []int{2, 3, 4}, []int{2, 6, 2}, 0},
		{&Reshape{TargetShape: []int{12}}, []int{2, 3, 4}, []int{2, 12}, 0},
		{&Permute{Dims: []int{2, 1}}, []int{2, 3, 4}, []int{2, 4, 3}, 0},
		{&RepeatVector{N: 3}, []int{2, 4}, []int{2, 3, 4}, 0},
		{&ReLU{MaxValue: 1}, []int{2, 4}, []int{2, 4}, 0},
		{&PReLU{SharedAxes: []int{1}}, []int{2, 3, 4}, []int{2, 3, 4}, 4},
		{&Softmax{}, []int{2, 4}, []int{2, 4}, 0},
		{&Activation{Function: "glu"}, []int{2, 4}, []int{2, 2}, 0},
		{&Activation{Function: "sparsemax"}, []int{2, 4}, []int{2, 4}, 0},
		{&SpatialDropout{Rate: .5}, []int{2, 3, 4}, []int{2, 3, 4}, 0},
		{&GaussianNoise{Stddev: 1}, []int{2, 3}, []int{2, 3}, 0},
		{&GaussianDropout{Rate: .5}, []int{2, 3}, []int{2, 3}, 0},
		{&AlphaDropout{Rate: .5}, []int{2, 3}, []int{2, 3}, 0},
		{&Conv1D{Filters: 3, KernelSize: 2}, []int{2, 5, 4}, []int{2, 4, 3}, 27},
		{&Conv1D{Filters: 3, KernelSize: 2, Padding: "causal"}, []int{2, 5, 4}, []int{2, 5, 3}, 27},
		{&Conv2D{Filters: 3, KernelSize: [2]int{3, 2}, Padding: "same", Strides: [2]int{2, 2}}, []int{2, 5, 6, 4}, []int{2, 3, 3, 3}, 75},
		{&Conv2D{Filters: 3, KernelSize: [2]int{3, 3}, DataFormat: ChannelsFirst}, []int{2, 4, 5, 6}, []int{2, 3, 3, 4}, 111},
		{&Conv3D{Filters: 2, KernelSize: [3]int{2, 2, 2}}, []int{1, 3, 3, 3, 2}, []int{1, 2, 2, 2, 2}, 34},
		{&DepthwiseConv2D{KernelSize: [2]int{3, 3}, DepthMultiplier: 2}, []int{1, 5, 5, 3}, []int{1, 3, 3, 6}, 60},
		{&SeparableConv2D{Filters: 4, KernelSize: [2]int{3, 3}}, []int{1, 5, 5, 3}, []int{1, 3, 3, 4}, 43},
		{&Conv2DTranspose{Filters: 2, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same"}, []int{1, 3, 4, 2}, []int{1, 6, 8, 2}, 38},
		{&Conv3DTranspose{Filters: 1, KernelSize: [3]int{2, 2, 2}, Strides: [3]int{2, 2, 2}}, []int{1, 2, 2, 2, 1}, []int{1, 4, 4, 4, 1}, 9},
		{&MaxPooling2D{}, []int{1, 5, 5, 2}, []int{1, 2, 2, 2}, 0},
		{&AveragePooling1D{PoolSize: 3, Strides: 2, Padding: "same"}, []int{1, 7, 2}, []int{1, 4, 2}, 0},
		{&MaxPooling3D{}, []int{1, 4, 4, 4, 1}, []int{1, 2, 2, 2, 1}, 0},
		{&GlobalAveragePooling{}, []int{2, 5, 5, 3}, []int{2, 3}, 0},
		{&GlobalMaxPooling{KeepDims: true}, []int{2, 5, 5, 3}, []int{2, 1, 1, 3}, 0},
		{&UpSampling1D{Size: 3}, []int{1, 2, 2}, []int{1, 6, 2}, 0},
		{&UpSampling2D{Interpolation: "bilinear"}, []int{1, 2, 3, 2}, []int{1, 4, 6, 2}, 0},
		{&UpSampling3D{}, []int{1, 2, 2, 2, 1}, []int{1, 4, 4, 4, 1}, 0},
		{&ZeroPadding1D{}, []int{1, 3, 2}, []int{1, 5, 2}, 0},
		{&ZeroPadding2D{Padding: [2]Span{{1, 0}, {0, 2}}}, []int{1, 3, 3, 1}, []int{1, 4, 5, 1}, 0},
		{&ZeroPadding3D{}, []int{1, 2, 2, 2, 1}, []int{1, 4, 4, 4, 1}, 0},
		{&Cropping1D{Cropping: Span{1, 0}}, []int{1, 3, 2}, []int{1, 2, 2}, 0},
		{&Cropping2D{Cropping: [2]Span{{1, 1}, {0, 1}}}, []int{1, 3, 3, 1}, []int{1, 1, 2, 1}, 0},
		{&Cropping3D{}, []int{1, 3, 3, 4, 1}, []int{1, 1, 1, 2, 1}, 0},
		{&LayerNormalization{}, []int{2, 3, 4}, []int{2, 3, 4}, 8},
		{&LayerNormalization{Axis: []int{1}, NoCenter: true}, []int{2, 3, 4}, []int{2, 3, 4}, 3},
		{&RMSNormalization{}, []int{2, 4}, []int{2, 4}, 4},
		{&UnitNormalization{}, []int{2, 4}, []int{2, 4}, 0},
		{&GroupNormalization{Groups: 2}, []int{2, 3, 4}, []int{2, 3, 4}, 8},
		{&SimpleRNN{Units: 3}, []int{2, 5, 4}, []int{2, 3}, 24},
		{&LSTM{Units: 3, ReturnSequences: true}, []int{2, 5, 4}, []int{2, 5, 3}, 96},
		{&GRU{Units: 3}, []int{2, 5, 4}, []int{2, 3}, 81},
		{&GRU{Units: 3, ResetBefore: true, NoBias: true}, []int{2, 1, 4}, []int{2, 3}, 63},
		{&Bidirectional{Layer: &LSTM{Units: 3}}, []int{2, 5, 4}, []int{2, 6}, 192},
		{&Bidirectional{Layer: &GRU{Units: 3, ReturnSequences: true}, MergeMode: "sum"}, []int{2, 5, 4}, []int{2, 5, 3}, 162},
		{&TimeDistributed{Layer: &Dense{Units: 3}}, []int{2, 5, 4}, []int{2, 5, 3}, 15},
		{&TimeDistributed{Layer: &Conv2D{Filters: 1, KernelSize: [2]int{2, 2}}}, []int{2, 3, 4, 4, 1}, []int{2, 3, 3, 3, 1}, 5},
		{&Sequence{Layers: []Layer{&Dense{Units: 3}, &Dense{Units: 2}}}, []int{2, 4}, []int{2, 2}, 23},
		{&Rescaling{Scale: 2}, []int{2, 4}, []int{2, 4}, 0},
		{&CategoryEncoding{NumTokens: 3}, []int{2, 4}, []int{2, 3}, 0},
		{&Masking{}, []int{2, 3, 4}, []int{2, 3, 4}, 0},
	} {
		t.Run(fmt.Sprintf("%T", c.layer), func(t *testing.T) {
			out, net, err := run(c.layer, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if !out[0].Shape().Equal(c.out) {
				t.Errorf("%v gives %v, want %v", c.in, out[0].Shape(), c.out)
			}
			n := 0
			for _, p := range net.Params {
				n += p.Value.Data.Len()
			}
			if n != c.numel {
				t.Errorf("%d parameters, want %d", n, c.numel)
			}
		})
	}
}

func TestLayerErrors(t *testing.T) {
	for _, c := range []struct {
		layer Layer
		in    []int
		fail  string
	}{
		{&Dense{}, []int{2, 4}, "Units must be positive"},
		{&Dense{Units: 2, Activation: "rleu"}, []int{2, 4}, `did you mean "relu"?`},
		{&Reshape{TargetShape: []int{5}}, []int{2, 4}, "4 elements"},
		{&Reshape{TargetShape: []int{-1, -1}}, []int{2, 4}, "one -1"},
		{&Permute{Dims: []int{1, 1}}, []int{2, 4, 3}, "each of 1 to 2 once"},
		{&RepeatVector{}, []int{2, 4}, "N must be positive"},
		{&Dropout{Rate: 1}, []int{2, 4}, "[0,1)"},
		{&Dropout{NoiseShape: []int{1}}, []int{2, 4}, "a number for each axis"},
		{&AlphaDropout{Rate: .5, NoiseShape: []int{0, 3}}, []int{2, 4}, "axis 1 must be 1, 0 or the input's"},
		{&Dense{Units: 2, KernelInitializer: VarianceScaling{Mode: "fan"}}, []int{2, 4}, "fan_in, fan_out, fan_avg"},
		{&Conv1D{Filters: 2, KernelSize: 2, KernelInitializer: Seeded{VarianceScaling{Distribution: "normal"}, 1}}, []int{2, 4, 1}, "truncated_normal, untruncated_normal, uniform"},
		{&Dense{Units: 2, KernelInitializer: Seeded{}}, []int{2, 4}, "Seeded needs an Initializer"},
		{&Conv2D{Filters: 2, KernelSize: [2]int{3, 3}}, []int{2, 5, 5}, "expected 4 axes"},
		{&Conv2D{Filters: 2}, []int{2, 5, 5, 1}, "must be positive"},
		{&Conv2D{Filters: 3, KernelSize: [2]int{2, 2}, Groups: 2}, []int{2, 5, 5, 2}, "multiples of 2 groups"},
		{&Conv2D{Filters: 3, KernelSize: [2]int{2, 2}, Padding: "full"}, []int{2, 5, 5, 2}, `no padding "full"`},
		{&Conv2D{Filters: 3, KernelSize: [2]int{2, 2}, DataFormat: "nchw"}, []int{2, 5, 5, 2}, "channels_first"},
		{&Cropping1D{Cropping: Span{2, 1}}, []int{1, 3, 2}, "leaves nothing"},
		{&GroupNormalization{Groups: 3}, []int{2, 3, 4}, "multiple of the groups"},
		{&LayerNormalization{Axis: []int{0}}, []int{2, 3}, "behind the batch's"},
		{&LSTM{Units: 3}, []int{2, 4}, "[batch, steps, features]"},
		{&Bidirectional{Layer: &LSTM{Units: 3}, MergeMode: "max"}, []int{2, 3, 4}, "concat, sum, mul, ave, none"},
		{&Bidirectional{}, []int{2, 3, 4}, "needs a Layer"},
		{&MultiHeadAttention{NumHeads: 2, KeyDim: 2}, []int{2, 3, 4}, "query, value"},
		{&Add{}, []int{2, 3}, "at least 2 inputs"},
		{&Dot{Axes: []int{1}}, []int{2, 3}, "2 inputs"},
		{&TimeDistributed{Layer: &Dense{Units: 2}}, []int{2, 3}, "a series"},
		{&Discretization{}, []int{2, 3}, "boundaries must be given"},
		{&CategoryEncoding{NumTokens: 2, OutputMode: "tf_idf"}, []int{2, 3}, "one_hot, multi_hot, count"},
	} {
		_, _, err := run(c.layer, c.in)
		if err == nil || !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%T: %v, want %q", c.layer, err, c.fail)
		}
	}
}

func TestMergeValues(t *testing.T) {
	in := [][]int{{1, 3}, {1, 3}}
	for _, c := range []struct {
		layer Layer
		want  []float32 // of x = -1, -0.9, -0.8 twice
	}{
		{&Add{}, []float32{-2, -1.8, -1.6}},
		{&Subtract{}, []float32{0, 0, 0}},
		{&Multiply{}, []float32{1, .81, .64}},
		{&Average{}, []float32{-1, -.9, -.8}},
		{&Maximum{}, []float32{-1, -.9, -.8}},
		{&Minimum{}, []float32{-1, -.9, -.8}},
		{&Dot{Axes: []int{1}}, []float32{2.45}},
		{&Dot{Axes: []int{-1}, Normalize: true}, []float32{1}},
	} {
		out, _, err := run(c.layer, in...)
		if err != nil {
			t.Errorf("%T: %v", c.layer, err)
			continue
		}
		for i, v := range tensor.Data[float32](out[0]) {
			if math.Abs(float64(v-c.want[i])) > 1e-6 {
				t.Errorf("%T: %v, want %v", c.layer, tensor.Data[float32](out[0]), c.want)
				break
			}
		}
	}
}

// TestShared applies one layer twice: it has one set of parameters, and one name, wherever it is applied.
func TestShared(t *testing.T) {
	d := &Dense{Units: 4}
	inner := &Sequence{Name: "inner", Layers: []Layer{d, &Dense{Units: 4}}}
	b := NewBuilder(1)
	x := b.Input(Input{Shape: []int{4}})
	y := b.Apply(inner, b.Apply(inner, b.Apply(d, x)))
	net, err := b.Net(b.Output("y", y))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range net.Params {
		names = append(names, p.Value.Name)
	}
	want := []string{"dense/kernel", "dense/bias", "inner/dense/kernel", "inner/dense/bias"}
	if !slices.Equal(names, want) {
		t.Errorf("parameters %v, want %v", names, want)
	}
}

// TestLayout counts the Transposes of a chain of convolutions: one at each end.
func TestLayout(t *testing.T) {
	b := NewBuilder(1)
	x := b.Input(Input{Shape: []int{8, 8, 2}})
	y := b.Apply(&Conv2D{Filters: 4, KernelSize: [2]int{3, 3}, Activation: "relu"}, x)
	z := b.Apply(&Conv2D{Filters: 4, KernelSize: [2]int{3, 3}, Padding: "same"}, y)
	y = b.Apply(&Add{}, y, z)
	y = b.Apply(&MaxPooling2D{}, b.Apply(&Dropout{Rate: .5}, b.Apply(&ReLU{}, y)))
	y = b.Apply(&UpSampling2D{}, b.Apply(&ZeroPadding2D{}, y))
	y = b.Apply(&Concatenate{}, y, y)
	net, err := b.Net(b.Output("y", b.Apply(&Flatten{}, y)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, node := range net.Graph.Nodes {
		if node.Op == "Transpose" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d Transposes, want 2", n)
	}
}

func TestStates(t *testing.T) {
	out, _, err := run(&LSTM{Units: 3, ReturnSequences: true, ReturnState: true}, []int{2, 5, 4})
	if err != nil {
		t.Fatal(err)
	}
	seq, h := tensor.Data[float32](out[0]), tensor.Data[float32](out[1])
	if len(out) != 3 || !slices.Equal(seq[4*3:5*3], h[:3]) {
		t.Errorf("the last step %v is not the state %v", seq[4*3:5*3], h[:3])
	}
	if _, _, err := run(&GRU{Units: 3}, []int{2, 5, 4}, []int{2, 3}); err != nil {
		t.Error(err)
	}
	if _, _, err := run(&LSTM{Units: 3}, []int{2, 5, 4}, []int{2, 3}); err == nil {
		t.Error("an LSTM took one first state of two")
	}
}

func TestInitializers(t *testing.T) {
	shape := []int{40, 50}
	for _, c := range []struct {
		name         string
		init         Initializer
		mean, stddev float64
	}{
		{"zeros", Zeros{}, 0, 0},
		{"ones", Ones{}, 1, 0},
		{"constant", Constant{3}, 3, 0},
		{"uniform", RandomUniform{-1, 1}, 0, 1 / math.Sqrt(3)},
		{"normal", RandomNormal{1, 2}, 1, 2},
		{"truncated", TruncatedNormal{0, 1}, 0, truncatedStddev},
		{"glorot uniform", GlorotUniform(), 0, math.Sqrt(1. / 45)},
		{"glorot normal", GlorotNormal(), 0, math.Sqrt(1. / 45)},
		{"he uniform", HeUniform(), 0, math.Sqrt(2. / 40)},
		{"he normal", HeNormal(), 0, math.Sqrt(2. / 40)},
		{"lecun uniform", LecunUniform(), 0, math.Sqrt(1. / 40)},
		{"lecun normal", LecunNormal(), 0, math.Sqrt(1. / 40)},
		{"fan out", VarianceScaling{Mode: "fan_out"}, 0, math.Sqrt(1. / 50)},
		{"orthogonal", Orthogonal{}, 0, math.Sqrt(1. / 50)},
	} {
		data := make([]float32, 2000)
		c.init.Init(rand.New(rand.NewPCG(1, 2)), shape, data)
		var sum, sq float64
		for _, v := range data {
			sum += float64(v)
			sq += float64(v) * float64(v)
		}
		mean := sum / 2000
		stddev := math.Sqrt(math.Max(0, sq/2000-mean*mean))
		if math.Abs(mean-c.mean) > .08*math.Max(c.stddev, 1e-9) || math.Abs(stddev-c.stddev) > .05*c.stddev {
			t.Errorf("%s: mean %v, standard deviation %v; want %v, %v", c.name, mean, stddev, c.mean, c.stddev)
		}
	}
}

// TestFans finds what layers take for the fans of their weights from the limit of a uniform distribution, which
// thousands of draws come close to. The fans are those of Keras's compute_fans for the shapes of its weights.
func TestFans(t *testing.T) {
	for _, c := range []struct {
		layer func(i Initializer) Layer
		in    []int // without the batch; nil is indices
		fans  [][2]float64
	}{
		{func(i Initializer) Layer { return &Dense{Units: 50, KernelInitializer: i} }, []int{30}, [][2]float64{{30, 50}}},
		{func(i Initializer) Layer { return &Embedding{InputDim: 50, OutputDim: 40, EmbeddingsInitializer: i} }, nil, [][2]float64{{50, 40}}},
		{func(i Initializer) Layer { return &Conv1D{Filters: 20, KernelSize: 3, KernelInitializer: i} }, []int{12, 30}, [][2]float64{{90, 60}}},
		{func(i Initializer) Layer {
			return &Conv2D{Filters: 20, KernelSize: [2]int{3, 5}, Groups: 2, KernelInitializer: i}
		}, []int{12, 12, 30}, [][2]float64{{225, 300}}},
		{func(i Initializer) Layer {
			return &Conv2DTranspose{Filters: 20, KernelSize: [2]int{3, 5}, KernelInitializer: i}
		}, []int{12, 12, 30}, [][2]float64{{300, 450}}},
		{func(i Initializer) Layer {
			return &SeparableConv2D{Filters: 20, KernelSize: [2]int{3, 5}, DepthMultiplier: 4, DepthwiseInitializer: i, PointwiseInitializer: i}
		}, []int{12, 12, 40}, [][2]float64{{600, 60}, {160, 20}}},
		{func(i Initializer) Layer { return &SimpleRNN{Units: 40, KernelInitializer: i, RecurrentInitializer: i} }, []int{5, 30}, [][2]float64{{30, 40}, {40, 40}}},
		{func(i Initializer) Layer { return &LSTM{Units: 20, KernelInitializer: i, RecurrentInitializer: i} }, []int{5, 30}, [][2]float64{{30, 80}, {20, 80}}},
		{func(i Initializer) Layer { return &GRU{Units: 20, KernelInitializer: i, RecurrentInitializer: i} }, []int{5, 30}, [][2]float64{{30, 60}, {20, 60}}},
		{func(i Initializer) Layer { return &MultiHeadAttention{NumHeads: 4, KeyDim: 10, KernelInitializer: i} }, []int{6, 24}, [][2]float64{{96, 240}, {96, 240}, {96, 240}, {40, 96}}},
	} {
		for k, mode := range []string{"fan_in", "fan_out"} {
			layer := c.layer(VarianceScaling{Scale: 3, Mode: mode, Distribution: "uniform"}) // of limit 3/sqrt(fan)
			b := NewBuilder(1)
			in := Input{Shape: c.in}
			if c.in == nil {
				in = Input{Shape: []int{3}, DType: tensor.Int64}
			}
			x := []*Value{b.Input(in)}
			if _, two := layer.(*MultiHeadAttention); two {
				x = append(x, x[0])
			}
			b.Apply(layer, x...)
			if b.Err() != nil {
				t.Fatal(b.Err())
			}
			var fans []float64
			for _, p := range b.params {
				if strings.HasSuffix(p.Value.Name, "bias") {
					continue
				}
				limit := 0.
				for _, v := range tensor.Data[float32](p.Value.Data) {
					limit = max(limit, math.Abs(float64(v)))
				}
				fans = append(fans, 9/limit/limit)
			}
			for i, want := range c.fans {
				if len(fans) != len(c.fans) || math.Abs(fans[i]-want[k]) > .02*want[k] {
					t.Errorf("%T: %s of weight %d is %v, want %v", layer, mode, i, fans, want[k])
				}
			}
		}
	}
}

// TestRecurrentInitializer looks at the recurrent kernel as Keras has it, [units, gates*units]: its rows are
// orthonormal.
func TestRecurrentInitializer(t *testing.T) {
	const units = 5
	b := NewBuilder(1)
	b.Apply(&LSTM{Units: units}, b.Input(Input{Shape: []int{4, 3}}))
	r := tensor.Data[float32](b.params[1].Value.Data) // [1, gates*units, units]
	for i := range units {
		for j := range units {
			dot, want := 0., 0.
			for k := range 4 * units {
				dot += float64(r[k*units+i]) * float64(r[k*units+j])
			}
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-5 {
				t.Errorf("rows %d and %d have product %v, want %v", i, j, dot, want)
			}
		}
	}
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{4, 6}, {6, 4}, {5, 5}, {2, 2, 3}} {
		cols := shape[len(shape)-1]
		rows := tensor.Shape(shape).Len() / cols
		data := make([]float32, rows*cols)
		Orthogonal{Gain: 2}.Init(rand.New(rand.NewPCG(3, 4)), shape, data)
		vectors, at := rows, func(v, i int) float64 { return float64(data[v*cols+i]) }
		size := cols
		if rows > cols {
			vectors, size = cols, rows
			at = func(v, i int) float64 { return float64(data[i*cols+v]) }
		}
		for v := range vectors {
			for w := range v + 1 {
				dot, want := 0., 0.
				for i := range size {
					dot += at(v, i) * at(w, i)
				}
				if v == w {
					want = 4
				}
				if math.Abs(dot-want) > 1e-5 {
					t.Fatalf("%v: vectors %d and %d have product %v, want %v", shape, v, w, dot, want)
				}
			}
		}
	}
}

// TestRecurrentForms holds ONNX's operators against the steps laid out.
func TestRecurrentForms(t *testing.T) {
	for _, l := range []Recurrent{
		&SimpleRNN{Units: 3, ReturnSequences: true}, &LSTM{Units: 3, RecurrentActivation: "hard_sigmoid"},
		&LSTM{Units: 3, ReturnSequences: true, GoBackwards: true}, &GRU{Units: 3}, &GRU{Units: 3, ResetBefore: true, Activation: "relu"},
	} {
		r := l.recurrence()
		both := &Func{Emit: func(b *Builder, in ...*Value) []*Value {
			w := r.params(b, 4)
			f, g := r.functions()
			return append(r.fused(b, in[0], w, nil, f, g), r.unrolled(b, in[0], w, nil, nil)...)
		}}
		out, _, err := run(both, []int{2, 5, 4})
		if err != nil {
			t.Errorf("%T: %v", l, err)
			continue
		}
		x, y := tensor.Data[float32](out[0]), tensor.Data[float32](out[1])
		for i := range x {
			if math.Abs(float64(x[i]-y[i])) > 1e-6 {
				t.Errorf("%T: %v and %v", l, x, y)
				break
			}
		}
	}
}

func TestUnknownSteps(t *testing.T) {
	b := NewBuilder(1)
	x := b.Input(Input{Shape: []int{-1, 4}})
	net, err := b.Net(b.Output("y", b.Apply(&LSTM{Units: 3, ReturnSequences: true}, x)))
	if err != nil {
		t.Fatal(err)
	}
	if s := net.Graph.Outputs[0].Fact.String(); s != "f32[batch,input_1,3]" {
		t.Errorf("the output is %s", s)
	}
	b = NewBuilder(1)
	x = b.Apply(&LSTM{Units: 3, ReturnSequences: true, RecurrentDropout: .5}, b.Input(Input{Shape: []int{-1, 4}}))
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	b.Apply(&LSTM{Units: 3}, b.Apply(&Masking{}, x))
	if err := b.Err(); err == nil || !strings.Contains(err.Error(), "number of steps must be known") {
		t.Errorf("a mask over an unknown length: %v", err)
	}
}

// TestInitialize holds a network whose parameters are drawn again against one that was built with the other seed.
func TestInitialize(t *testing.T) {
	build := func(seed uint64) *Net {
		net, err := Sequential(seed, Input{Shape: []int{5, 3}}, &LSTM{Units: 4}, &Dense{Units: 2, KernelInitializer: Orthogonal{}})
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	net, want := build(1), build(2)
	net.Initialize(2)
	for i, p := range net.Params {
		if !slices.Equal(tensor.Data[float32](p.Value.Data), tensor.Data[float32](want.Params[i].Value.Data)) {
			t.Errorf("%s has other values than in a network of that seed", p.Value.Name)
		}
	}
}
