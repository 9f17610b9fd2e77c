package train_test

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// xor is the data of the models below.
func xor(t *testing.T, d tensor.DType) (data.Source, tensor.Any) { return pairs(t, d, 0, 1, 1, 0) }

// pairs has a target for each pair of bits.
func pairs(t *testing.T, d tensor.DType, target ...float32) (data.Source, tensor.Any) {
	t.Helper()
	x, err := data.As(tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2), d)
	if err != nil {
		t.Fatal(err)
	}
	ds, err := data.New(map[string]tensor.Any{"x": x}, tensor.Must(target, 4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	return src, x
}

func parse(t *testing.T, text string) *onnxio.Model {
	t.Helper()
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tune trains an imported model and returns the trainer.
func tune(t *testing.T, im *train.Imported, src data.Source, l loss.Loss, epochs int) *train.Trainer {
	t.Helper()
	tr, err := train.New(im.Net, train.Config{Loss: l, Optimizer: optim.Adam{LearningRate: .05}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: epochs})
	if err != nil {
		t.Fatal(err)
	}
	if l := h.Column("loss"); l[len(l)-1] >= l[0] {
		t.Errorf("the loss went from %v to %v", l[0], l[len(l)-1])
	}
	return tr
}

// predict runs a document.
func predict(t *testing.T, m *onnxio.Model, x tensor.Any, output string) []float64 {
	t.Helper()
	s, err := infer.New(m, infer.Options{Outputs: []string{output}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), map[string]tensor.Any{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	wide, err := data.As(out[output], tensor.Float64)
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Data[float64](wide)
}

// TestImportForms trains models in the forms that files have, and checks which tensors have changed: the
// document is the same byte for byte once these have their first values again.
func TestImportForms(t *testing.T) {
	for _, c := range []struct {
		name    string
		text    string
		trained []string
		tol     float64 // between the file and the trainer
	}{
		{"moved and shared", `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) <float[2,2] w = {1,-1,0.5,0.2}, float[1,2] v = {0.5,-0.5}, float[2] b = {0.1,0.2}> {
   wt = Transpose <perm = [1, 0]> (w)
   wi = Identity (w)
   h = MatMul (x, wt)
   r = Tanh (h)
   h2 = MatMul (r, wi)
   bi = Identity (b)
   a = Add (h2, bi)
   r2 = Tanh (a)
   l = Gemm <transB = 1> (r2, v)
   y = Sigmoid (l)
}`, []string{"w", "v", "b"}, 0},
		{"float16", `<ir_version: 8, opset_import: ["" : 17]>
net (float16[N,2] x) => (float16[N,1] y) <float16[2,4] w = {15360,48128,14336,12902, 13517,15360,47104,14746}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   r = Tanh (h)
   v16 = Cast <to = 10> (v)
   l = MatMul (r, v16)
   y = Sigmoid (l)
}`, []string{"w", "v"}, 4e-3},
		{"float16 in an If in an If", `<ir_version: 8, opset_import: ["" : 17]>
net (float16[N,2] x) => (float16[N,1] y) <float16[2,4] w = {15360,48128,14336,12902, 13517,15360,47104,14746}, float16[4,1] v = {14336,47104,14336,14336}> {
   t = ReduceMax <keepdims = 0> (x)
   zero = Constant <value = float16 {0}> ()
   c = Greater (t, zero)
   r = If (c) <then_branch = yes () => (float16[N,4] p) {
         half = Constant <value = float16 {14336}> ()
         e = Less (half, t)
         h = MatMul (x, w)
         p = If (e) <then_branch = more () => (float16[N,4] p1) {
               two = Constant <value = float16 {16384}> ()
               m1 = Mul (h, two)
               f1 = Cast <to = 1> (m1)
               g1 = Tanh (f1)
               p1 = Cast <to = 10> (g1)
            }, else_branch = less () => (float16[N,4] p2) {
               p2 = Relu (h)
            }>
      }, else_branch = no () => (float16[N,4] q) {
         h3 = MatMul (x, w)
         q = Mul (h3, zero)
      }>
   l = MatMul (r, v)
   y = Sigmoid (l)
}`, []string{"w", "v"}, 4e-3},
		{"bfloat16", `<ir_version: 8, opset_import: ["" : 17]>
net (bfloat16[N,2] x) => (float[N,1] y) <bfloat16[2,4] w = {16256,49024,16128,15949, 16026,16256,48896,16179}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   r = Tanh (h)
   f = Cast <to = 1> (r)
   l = MatMul (f, v)
   y = Sigmoid (l)
}`, []string{"w", "v"}, 4e-2},
		{"float64", `<ir_version: 8, opset_import: ["" : 17]>
net (double[N,2] x) => (double[N,1] y) <double[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, double[4,1] v = {0.5,-0.5,0.5,0.5}, double[1] b = {0.1}> {
   h = MatMul (x, w)
   r = Tanh (h)
   l = MatMul (r, v)
   o = Add (l, b)
   y = Sigmoid (o)
}`, []string{"w", "v", "b"}, 1e-15},
		{"inputs of IR 3", `<ir_version: 3, opset_import: ["" : 7]>
net (float[N,2] x, float[2,4] w, float[4] b, float[4,1] v) => (float[N,1] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] b = {0,0,0,0}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   h = MatMul (x, w)
   a = Add (h, b)
   r = Tanh (a)
   d = Dropout <ratio = 0.5> (r)
   l = MatMul (d, v)
   y = Sigmoid (l)
}`, []string{"w", "b", "v"}, 0},
		{"constants", `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) {
   w = Constant <value = float[2,4] {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}> ()
   b = Constant <value_floats = [0.0, 0.1, 0.2, 0.3]> ()
   v = Constant <value = float[4,1] {0.5,-0.5,0.5,0.5}> ()
   h = MatMul (x, w)
   a = Add (h, b)
   r = Tanh (a)
   l = MatMul (r, v)
   y = Sigmoid (l)
}`, []string{"w", "b", "v"}, 0},
		{"weight norm", `<ir_version: 8, opset_import: ["" : 13]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] d = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[1,4] g = {1,2,1,1}, float[4,1] v = {0.5,-0.5,0.5,0.5}> {
   n = ReduceL2 <axes = [0]> (d)
   u = Div (d, n)
   w = Mul (u, g)
   h = MatMul (x, w)
   r = Tanh (h)
   l = MatMul (r, v)
   y = Sigmoid (l)
}`, []string{"d", "g", "v"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, c.text)
			im, err := train.Import(m, train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			src, x := xor(t, im.Net.Graph.Inputs[0].Fact.DType)
			tr := tune(t, im, src, loss.BinaryCrossentropy{}, 20)
			tuned, err := im.Model(tr)
			if err != nil {
				t.Fatal(err)
			}
			sameButFor(t, m, tuned, c.trained)
			stored, err := data.As(x, m.Graph.Input[0].Type.TensorType.DType())
			if err != nil {
				t.Fatal(err)
			}
			got := predict(t, tuned, stored, "y")
			want, err := tr.Predict(context.Background(), map[string]tensor.Any{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			w, _ := data.As(want[0], tensor.Float64)
			for i, v := range tensor.Data[float64](w) {
				if math.Abs(got[i]-v) > c.tol {
					t.Errorf("row %d is %v in the file, %v in the trainer", i, got[i], v)
				}
			}
		})
	}
}

// sameButFor checks that two documents are equal byte for byte but for the elements of some tensors, which differ.
func sameButFor(t *testing.T, was, now *onnxio.Model, names []string) {
	t.Helper()
	blank := func(m *onnxio.Model) ([]byte, map[string][]byte) {
		c, g := *m, *m.Graph
		c.Graph = &g
		g.Initializer, g.Node = slices.Clone(g.Initializer), slices.Clone(g.Node)
		held := map[string][]byte{}
		zero := func(name string, t0 *onnxio.Tensor) *onnxio.Tensor {
			v, err := t0.Value()
			if err != nil {
				t.Fatal(err)
			}
			held[name] = bytes.Clone(tensor.Bytes(v))
			z, err := tensor.Alloc(v.DType(), v.Shape())
			if err != nil {
				t.Fatal(err)
			}
			return t0.WithValue(z)
		}
		for i, w := range g.Initializer {
			if slices.Contains(names, w.Name) {
				g.Initializer[i] = zero(w.Name, w)
			}
		}
		for i, n := range g.Node {
			if n.OpType != "Constant" || !slices.Contains(names, n.Output[0]) {
				continue
			}
			a := *n.Attribute[0]
			if a.T != nil {
				a.T = zero(n.Output[0], a.T)
			} else {
				held[n.Output[0]] = tensor.Bytes(tensor.Vector(a.Floats...))
				a.Floats = make([]float32, len(a.Floats))
			}
			k := *n
			k.Attribute = []*onnxio.Attribute{&a}
			g.Node[i] = &k
		}
		b, err := onnxio.Marshal(&c)
		if err != nil {
			t.Fatal(err)
		}
		return b, held
	}
	a, old := blank(was)
	b, tuned := blank(now)
	if !bytes.Equal(a, b) {
		t.Errorf("the document has changed beside %v", names)
	}
	for _, n := range names {
		if old[n] == nil || bytes.Equal(old[n], tuned[n]) {
			t.Errorf("%s has not changed", n)
		}
	}
}

// TestImportErrors checks what is said of models and options that do not fit.
func TestImportErrors(t *testing.T) {
	m := parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y, int64[N] c) <float[2,1] w = {1,-1}> {
   l = MatMul (x, w)
   y = Sigmoid (l)
   c = ArgMax <axis = 1, keepdims = 0> (y)
}`)
	labels := parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (int64[N] c) <float[2,1] w = {1,-1}> {
   l = MatMul (x, w)
   c = ArgMax <axis = 1, keepdims = 0> (l)
}`)
	for _, c := range []struct {
		name string
		m    *onnxio.Model
		o    train.ImportOptions
		want string
	}{
		{"value", m, train.ImportOptions{Output: "yy"}, `no value "yy", did you mean "y"?`},
		{"labels", labels, train.ImportOptions{}, "none of the outputs (c) is a tensor of floats"},
		{"frozen", m, train.ImportOptions{Freeze: []string{"*"}}, "all of them frozen"},
		{"pattern", m, train.ImportOptions{Freeze: []string{"conv*"}}, `pattern "conv*" matches no weight`},
		{"bad pattern", m, train.ImportOptions{Freeze: []string{"["}}, "syntax error in pattern"},
		{"batch norm", m, train.ImportOptions{FreezeBatchNorm: []string{"bn*"}}, `"bn*" matches no BatchNormalization`},
		{"dropout", m, train.ImportOptions{Dropout: &train.Dropout{}}, "no Dropout node"},
		{"dropout ratio", m, train.ImportOptions{Dropout: &train.Dropout{At: []string{"l"}}}, "one must be given"},
		{"dropout at the output", m, train.ImportOptions{Dropout: &train.Dropout{Ratio: .5, At: []string{"y"}}}, "which is the output"},
		{"lora", m, train.ImportOptions{LoRA: &train.LoRA{Targets: []string{"q"}}}, `"q" matches no MatMul or Gemm`},
		{"no graph", &onnxio.Model{}, train.ImportOptions{}, "no graph"},
	} {
		_, err := train.Import(c.m, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// stepsDiffer reports whether two trainers whose seeds differ make different steps.
func stepsDiffer(t *testing.T, im *train.Imported) bool {
	t.Helper()
	x, y := tensor.Must([]float32{0, 1, 1, 0, 1, 1}, 3, 2), tensor.Must([]float32{0, 1, 1}, 3, 1)
	var losses [2]float64
	for i := range losses {
		tr, err := train.New(im.Net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.SGD{}, Seed: uint64(i)})
		if err != nil {
			t.Fatal(err)
		}
		if losses[i], _, err = tr.Step(t.Context(), &data.Batch{Inputs: map[string]tensor.Any{"x": x}, Target: y, N: 3}); err != nil {
			t.Fatal(err)
		}
		tr.Close()
	}
	return losses[0] != losses[1]
}
