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

// TestConstantsOfSubgraphs trains models whose subgraphs have weights of their own, in initializers and in
// Constant nodes: they become what the same weights in the main graph become, and are written where they were.
func TestConstantsOfSubgraphs(t *testing.T) {
	const head = `<ir_version: 8, opset_import: ["": 18]> `
	const loop = ` {
		h = Loop (m, , x) <body = b (int64 i, bool k, float[N,2] a) => (bool k1, float[N,2] a1) %s {
		  %s
		  p = MatMul (a, w)
		  q = Add (p, b)
		  a1 = Tanh (q)
		  k1 = Identity (k)
		}>
		y = MatMul (h, v)
	}`
	const branches = ` {
		s = ReduceMax <keepdims = 0> (x)
		[choice] h = If (c) <
		  then_branch = t () => (float[N,2] a) %s { p = MatMul (x, %s) a = Tanh (p) },
		  else_branch = e () => (float[N,2] b) %s {
		    b = If (d) <
		      then_branch = t1 () => (float[N,2] d1) { q = MatMul (x, %s) d1 = Sin (q) },
		      else_branch = e1 () => (float[N,2] d2) { d2 = Identity (x) }>
		  }>
		y = MatMul (h, v)
	}`
	const w, w2, b, v = "float[2,2] w = {0.5, -1.2, 1.1, 0.8}", "float[2,2] w = {1.5, -0.2, 0.1, -0.8}", "float[2] b = {0.1, -0.2}", "float[2,1] v = {0.7, -0.4}"
	choose := func(c, d int) string {
		return fmt.Sprintf(head+"g (float[N,2] x) => (float[N,1] y) <bool c = {%d}, bool d = {%d}, %s", c, d, v)
	}
	for _, c := range []struct{ name, inside, outside string }{
		{
			"loop",
			head + "g (float[N,2] x) => (float[N,1] y) <int64 m = {2}, " + v + ">" + fmt.Sprintf(loop, "<"+b+">", "w = Constant <value = float[2,2] {0.5, -1.2, 1.1, 0.8}> ()"),
			head + "g (float[N,2] x) => (float[N,1] y) <int64 m = {2}, " + v + "," + b + "," + w + ">" + fmt.Sprintf(loop, "", ""),
		},
		{
			"one name in two branches, the first taken",
			choose(1, 1) + ">" + fmt.Sprintf(branches, "<"+w+">", "w", "<"+w2+">", "w"),
			choose(1, 1) + "," + w + ", " + strings.Replace(w2, "w", "w2", 1) + ">" + fmt.Sprintf(branches, "", "w", "", "w2"),
		},
		{
			"one name in two branches, the second taken",
			choose(0, 1) + ">" + fmt.Sprintf(branches, "<"+w+">", "w", "<"+w2+">", "w"),
			choose(0, 1) + "," + w + ", " + strings.Replace(w2, "w", "w2", 1) + ">" + fmt.Sprintf(branches, "", "w", "", "w2"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want := fineTuned(t, c.inside), fineTuned(t, c.outside)
			a, b := constants(t, got.Graph), constants(t, want.Graph)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Errorf("weights\n%s\nbecame others than outside\n%s", a, b)
			}
			same, before := fineTuned(t, c.inside), parse(t, c.inside)
			restore(same.Graph, before.Graph)
			after, err1 := onnxio.Marshal(same)
			kept, err2 := onnxio.Marshal(before)
			if err1 != nil || err2 != nil || string(after) != string(kept) {
				t.Error("more than weights changed")
			}
		})
	}
}

// fineTuned returns a model of text as it is written after training.
func fineTuned(t *testing.T, text string) *onnxio.Model {
	t.Helper()
	im, err := train.Import(parse(t, text), train.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	src, _ := xor(t, tensor.Float32)
	m, err := im.Model(tune(t, im, src, loss.MeanSquaredError{}, 10))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// constants returns the tensors of a graph and its subgraphs as text.
func constants(t *testing.T, g *onnxio.Graph) (out []string) {
	t.Helper()
	add := func(x *onnxio.Tensor) {
		v, err := x.Value()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%v %x", v.Shape(), tensor.Bytes(v)))
	}
	for _, x := range g.Initializer {
		add(x)
	}
	for _, n := range g.Node {
		for _, a := range n.Attribute {
			if a.T != nil {
				add(a.T)
			}
			if a.G != nil {
				out = append(out, constants(t, a.G)...)
			}
		}
	}
	return out
}

// restore gives a graph and its subgraphs the tensors of another.
func restore(g, from *onnxio.Graph) {
	g.Initializer = from.Initializer
	for i, n := range g.Node {
		for k, a := range n.Attribute {
			if a.T != nil {
				a.T = from.Node[i].Attribute[k].T
			}
			if a.G != nil {
				restore(a.G, from.Node[i].Attribute[k].G)
			}
		}
	}
}
