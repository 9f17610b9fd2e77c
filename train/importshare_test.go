package train_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
)

// TestImportShares imports models in which several nodes read one tensor, and checks which weights it stands for.
func TestImportShares(t *testing.T) {
	const kernels = `float[2,2] w = {1,-1,0.5,0.2}, float[2,2] v = {0.3,0.5,-0.5,1}`
	for _, c := range []struct{ name, weights, nodes, want string }{
		{"zeros of two layers", kernels + `, float[2] b = {0,0}`, `
   h = Gemm (x, w, b)
   y = Gemm (h, v, b)`, "w b v b_1"},
		{"zeros of a layer that is called twice", kernels + `, float[2] b = {0,0}`, `
   h = Gemm (x, w, b)
   r = Relu (h)
   y = Gemm (r, w, b)`, "w b"},
		{"zeros that are added", kernels + `, float[2] b = {0,0}`, `
   h = MatMul (x, w)
   a = Add (h, b)
   k = MatMul (a, w)
   l = Add (b, k)
   m = MatMul (l, v)
   y = Add (m, b)`, "w b v b_1"},
		{"ones and zeros of a normalisation", kernels + `, float[2] zero = {0,0}, float[2] one = {1,1}`, `
   h = MatMul (x, w)
   n = BatchNormalization (h, one, zero, zero, one)
   k = MatMul (n, v)
   y = BatchNormalization (k, one, zero, zero, one)`, "w one zero zero_1 one_1 v one_2 zero_2 zero_3 one_3"},
		{"normalisations of their own", kernels + `, float[2] zero = {0,0}, float[2] one = {1,1}`, `
   h = MatMul (x, w)
   n = Tanh (h)
   k = LayerNormalization (n, one, zero)
   o = Tanh (k)
   y = LayerNormalization (o, one, zero)`, "w one zero one_1 zero_1"},
		{"equal biases of two branches", kernels + `, float[2] b = {0.1,0.2}, float[2] s = {1,2}, float[2] r = {2,1}, float[2] m1 = {0,1}, float[2] m2 = {1,0}, float[2] v1 = {1,2}, float[2] v2 = {2,1}`, `
   h = MatMul (x, w)
   n = BatchNormalization (h, s, b, m1, v1)
   k = MatMul (x, v)
   o = BatchNormalization (k, r, b, m2, v2)
   y = Add (n, o)`, "w s b m1 v1 v r b_1 m2 v2"},
		{"statistics of two sorts of data", kernels + `, float[2] b = {0.1,0.2}, float[2] s = {1,2}, float[2] m1 = {0,1}, float[2] m2 = {1,0}, float[2] v1 = {1,2}, float[2] v2 = {2,1}`, `
   h = MatMul (x, w)
   n = BatchNormalization (h, s, b, m1, v1)
   k = MatMul (x, v)
   o = BatchNormalization (k, s, b, m2, v2)
   y = Add (n, o)`, "w s b m1 v1 v m2 v2"},
		{"a vector without kernels", kernels + `, float[2] g = {0.1,0.2}`, `
   h = MatMul (x, w)
   n = Tanh (h)
   k = Mul (n, g)
   o = Tanh (k)
   y = Mul (g, o)`, "w g"},
		{"equal kernels", kernels + `, float[2] b = {0.1,0.2}, float[2] c = {0.2,0.3}`, `
   h = Gemm (x, w, b)
   y = Gemm (h, w, c)`, "w b c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,2] y) <`+c.weights+`> {`+c.nodes+`
}`)
			if got := parameters(t, m); got != c.want {
				t.Errorf("parameters %s, want %s", got, c.want)
			}
		})
	}
}

// TestImportModules imports what PyTorch's exporters make of modules that are called twice or start alike.
func TestImportModules(t *testing.T) {
	const head = `<ir_version: 8, opset_import: ["" : 17], producer_name: "pytorch">
net (float[N,2] x) => (float[N,2] y) <float[2,2] w = {1,-1,0.5,0.2}, float[2,2] v = {1,-1,0.5,0.2}, float[2] zero = {0,0}, float[2] one = {1,1}> {`
	for _, c := range []struct {
		name, nodes, want string
		modules           []string // of the nodes
	}{
		{"normalisations by the older exporter", `
   b = Identity (zero)
   s = Identity (one)
   h = MatMul (x, w)
   n = LayerNormalization (h, one, zero)
   r = Tanh (n)
   o = LayerNormalization (r, s, b)
   p = Tanh (o)
   y = LayerNormalization (p, one, zero)`, "w one zero s_1 b_1", nil},
		{"kernels that start alike by the older exporter", `
   u = Identity (w)
   b = Identity (zero)
   h = Gemm (x, w, zero)
   k = Gemm (h, u, b)
   l = Gemm (k, w, zero)
   y = Gemm (l, u, zero)`, "w zero u_1 b_1", nil},
		{"a kernel that is transposed for each call by the older exporter", `
   folded = Identity (w)
   h = MatMul (x, w)
   y = MatMul (h, folded)`, "w", nil},
		{"normalisations by the newer exporter", `
   h = MatMul (x, w)
   n = LayerNormalization (h, one, zero)
   r = Tanh (n)
   o = LayerNormalization (r, one, zero)
   p = Tanh (o)
   y = LayerNormalization (p, one, zero)`, "w one zero one_1 zero_1", []string{"a", "b", "b", "c", "c", "b"}},
		{"a module that is called twice by the newer exporter", `
   h = MatMul (x, w)
   y = MatMul (h, v)`, "w", []string{"a", "a"}},
		{"modules that start alike by the newer exporter", `
   h = MatMul (x, w)
   y = MatMul (h, v)`, "w v", []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, head+c.nodes+`
}`)
			for _, n := range m.Graph.Node { // no name for the text form
				rename(n.Input, "folded", "onnx::MatMul_1")
				rename(n.Output, "folded", "onnx::MatMul_1")
			}
			inModules(m, c.modules...)
			if got := parameters(t, m); got != c.want {
				t.Errorf("parameters %s, want %s", got, c.want)
			}
		})
	}
}

func rename(names []string, from, to string) {
	if i := slices.Index(names, from); i >= 0 {
		names[i] = to
	}
}

// inModules says of nodes, the first ones, of which modules they are parts.
func inModules(m *onnxio.Model, modules ...string) {
	for i, module := range modules {
		scopes := fmt.Sprintf("['', 'net', 'net.%s', 'call_%d']", module, i)
		m.Graph.Node[i].MetadataProps = onnxio.SetMetadata(nil, "pkg.torch.onnx.name_scopes", scopes)
	}
}

// TestImportRepeats trains a kernel that stands in the file twice, and writes it to both places.
func TestImportRepeats(t *testing.T) {
	m := parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,2] w = {1,-1,0.5,0.2}, float[2,2] again = {1,-1,0.5,0.2}, float[2,1] v = {0.3,-0.5}> {
   h = MatMul (x, w)
   k = MatMul (h, again)
   l = MatMul (k, v)
   y = Sigmoid (l)
}`)
	inModules(m, "a", "a", "b")
	im, err := train.Import(m, train.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	src, _ := xor(t, im.Net.Graph.Inputs[0].Fact.DType)
	tuned, err := im.Model(tune(t, im, src, loss.BinaryCrossentropy{}, 20))
	if err != nil {
		t.Fatal(err)
	}
	sameButFor(t, m, tuned, []string{"w", "again", "v"})
	first, err := tuned.Graph.Initializer[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	second, err := tuned.Graph.Initializer[1].Value()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tensor.Data[float32](first), tensor.Data[float32](second)) {
		t.Errorf("one kernel became %v and %v", first, second)
	}
}

// TestImportTrainingMode trains a BatchNormalization that is in training mode in the file: its statistics follow the
// data, and where they are frozen it takes them as they are.
func TestImportTrainingMode(t *testing.T) {
	const text = `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] s = {1,2,1,1}, float[4] b = {0,1,0,1},
     float[4] mean = {0,0.1,0.2,0.3}, float[4] var = {1,2,1,2}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   n, mean1, var1 = BatchNormalization <training_mode = 1, epsilon = 0.01> (h, s, b, mean, var)
   r = Tanh (n)
   l = MatMul (r, v)
   y = Sigmoid (l)
}`
	weights := map[string][]float32{}
	for name, c := range map[string]struct {
		frozen bool
		trains []string
	}{
		"batch": {false, []string{"w", "s", "b", "mean", "var", "v"}}, "file": {true, []string{"w", "s", "b", "v"}}, "inference": {true, []string{"w", "s", "b", "v"}},
	} {
		m, o := parse(t, text), train.ImportOptions{}
		if c.frozen {
			o.FreezeBatchNorm = []string{"*"}
		}
		if name == "inference" {
			m = parse(t, strings.NewReplacer("n, mean1, var1", "n", "training_mode = 1, ", "").Replace(text))
		}
		im, err := train.Import(m, o)
		if err != nil {
			t.Fatal(err)
		}
		src, _ := xor(t, im.Net.Graph.Inputs[0].Fact.DType)
		tr := tune(t, im, src, loss.BinaryCrossentropy{}, 20)
		tuned, err := im.Model(tr)
		if err != nil {
			t.Fatal(err)
		}
		sameButFor(t, m, tuned, c.trains)
		weights[name] = tensor.Data[float32](tr.Params()[0].Tensor)
	}
	if !slices.Equal(weights["file"], weights["inference"]) || slices.Equal(weights["file"], weights["batch"]) {
		t.Errorf("weights by the file's statistics %v, in inference mode %v, by the batch's %v", weights["file"], weights["inference"], weights["batch"])
	}
}

// TestImportTurns trains a loop that has a turn for each example of a batch, as EmbeddingBag is exported, and a
// recurrence whose first state is learnt.
func TestImportTurns(t *testing.T) {
	for _, c := range []struct {
		name, text string
		trained    []string
	}{
		{"loop over the batch", `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] v = {0.5,-0.5,0.5,0.5}, int64 zero = {0}> {
   shape = Shape (x)
   turns = Gather (shape, zero)
   go = Constant <value = bool {1}> ()
   rows = Loop (turns, go) <body = each (int64 i, bool c) => (bool o, float[4] row) {
      o = Identity (c)
      one = Gather (x, i)
      row = MatMul (one, w)
   }>
   r = Tanh (rows)
   l = MatMul (r, v)
   y = Sigmoid (l)
}`, []string{"w", "v"}},
		{"first state", `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[1,6,2] w = {1,-1,0.5,0.2,0.3,1,-0.5,0.7,0.1,0.2,0.3,0.4}, float[1,6,2] r = {0.1,-1,0.5,0.2,0.3,0.1,-0.5,0.7,0.1,0.2,0.3,0.4},
     float[1,1,2] h0 = {0.2,-0.3}, float[2,1] v = {0.5,-0.5}, int64[1] axis = {0}, int64 zero = {0}, int64[1] two = {2}, int64[1] one = {1}> {
   shape = Shape (x)
   n = Gather (shape, axis)
   size = Concat <axis = 0> (one, n, two)
   h = Expand (h0, size)
   steps = Unsqueeze (x, axis)
   g, last = GRU <hidden_size = 2> (steps, w, r, , , h)
   s = Squeeze (last, axis)
   l = MatMul (s, v)
   y = Sigmoid (l)
}`, []string{"w", "r", "h0", "v"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, c.text)
			im, err := train.Import(m, train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			src, _ := pairs(t, im.Net.Graph.Inputs[0].Fact.DType, 0, 1, 1, 1)
			tuned, err := im.Model(tune(t, im, src, loss.BinaryCrossentropy{}, 20))
			if err != nil {
				t.Fatal(err)
			}
			sameButFor(t, m, tuned, c.trained)
		})
	}
}
