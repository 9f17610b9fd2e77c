package rewrite_test

import (
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func graph(t *testing.T, text string) *ir.Graph {
	t.Helper()
	m, err := onnxio.ParseText(`<ir_version: 10, opset_import: ["" : 21]> ` + text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Graph
}

func operators(g *ir.Graph) []string {
	var out []string
	for _, n := range g.Nodes {
		out = append(out, n.Op)
	}
	return out
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"constants", `g (float[n] x) => (float[n] y) <float a = {2}, float b = {3}> { c = Mul(a, b) d = Exp(c) y = Add(x, d) }`,
			[]string{"Add"}},
		{"shape of a known size", `g (float[2,3] x) => (int64[2] y) { y = Shape(x) }`, nil},
		{"shape of an unknown size", `g (float[n,3] x) => (int64[2] y) { y = Shape(x) }`, []string{"Shape"}},
		{"random", `g () => (float[2] y) <float[2] a = {0.,0.}> { y = RandomNormalLike(a) }`, []string{"RandomNormalLike"}},
		{"too large", `g () => (float[4000,4000] y) <int64[2] s = {4000,4000}> { y = ConstantOfShape(s) }`,
			[]string{"ConstantOfShape"}},
		{"in a branch", `g (bool k, float[2] x) => (float[2] y) <float a = {2}> {
			y = If (k) <then_branch = g1 () => (float[2] p) { b = Exp(a) p = Mul(x, b) }, else_branch = g2 () => (float[2] q) { q = Neg(x) }> }`,
			[]string{"If"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph(t, c.text)
			if err := rewrite.Fold(g, ops.Set()); err != nil {
				t.Fatal(err)
			}
			if got := operators(g); !slices.Equal(got, c.want) {
				t.Errorf("left %v, want %v", got, c.want)
			}
			for _, n := range g.Nodes {
				for _, sub := range n.Subgraphs() {
					if got := operators(sub); len(got) != 1 {
						t.Errorf("left in a branch: %v", got)
					}
				}
			}
		})
	}
}

// TestFoldState checks that what a training step changes is not taken for a constant.
func TestFoldState(t *testing.T) {
	g := graph(t, `g (float[1] x) => (float[1] y) <float[1] w = {2}> { e = Exp(w) y = Add(x, e) }`)
	for _, n := range g.Nodes {
		for _, v := range n.In {
			if v.Name == "w" {
				v.Kind = ir.State
				v.Fact = v.Fact.Like()
			}
			v.Fact.Const = nil
		}
		for _, v := range n.Out {
			v.Fact.Const = nil
		}
	}
	if err := rewrite.Fold(g, ops.Set()); err != nil {
		t.Fatal(err)
	}
	if got := operators(g); !slices.Equal(got, []string{"Exp", "Add"}) {
		t.Errorf("left %v", got)
	}
}

// TestWiden checks that 16-bit operators without kernels compute in float32 and round each result once.
func TestWiden(t *testing.T) {
	g := graph(t, `g (float16[n] x) => (float16[n] y) { a = Exp(x) y = Neg(a) }`)
	if err := rewrite.Widen(g, ops.Set()); err != nil {
		t.Fatal(err)
	}
	for _, n := range g.Nodes {
		if n.Op == "Exp" && (n.In[0].Fact.DType != tensor.Float32 || n.Out[0].Fact.DType != tensor.Float32) {
			t.Errorf("Exp computes %v of %v", n.Out[0].Fact, n.In[0].Fact)
		}
	}
	if d := g.Outputs[0].Fact.DType; d != tensor.Float16 || g.Outputs[0].Name != "y" {
		t.Errorf("the output is %v", g.Outputs[0])
	}
}

// TestPromote checks that no 16-bit value is left, and that a graph without any is not copied.
func TestPromote(t *testing.T) {
	g := graph(t, `g (float16[n] x) => (float16[n] y) <float16[1] w = {2}> { a = Mul(x, w) b = Cast<to = 1>(a) c = Exp(b) y = Cast<to = 10>(c) }`)
	p, err := rewrite.Promote(g, ops.Set())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Graph.Nodes {
		for _, v := range append(slices.Clone(n.In), n.Out...) {
			if v.Fact.DType != tensor.Float32 {
				t.Errorf("%s: %v", n.Name, v)
			}
		}
	}
	if p, err := rewrite.Promote(graph(t, `g (float[n] x) => (float[n] y) { y = Exp(x) }`), ops.Set()); p != nil || err != nil {
		t.Errorf("a float32 graph gave %v, %v", p, err)
	}
}

func TestNoiseInputs(t *testing.T) {
	g := graph(t, `g (float[n] x) => (float[n] y) { [draw] z = RandomNormalLike(x) y = Add(x, z) }`)
	draws := rewrite.NoiseInputs(g, ops.Set())
	if got := operators(g); !slices.Equal(got, []string{"Add"}) {
		t.Errorf("left %v", got)
	}
	last := g.Inputs[len(g.Inputs)-1]
	if last.Name != "noise/draw" || draws[last] != "RandomNormalLike" {
		t.Errorf("the inputs are %v, the draws %v", g.Inputs, draws)
	}
}

// TestTrainingForm checks what acts otherwise in training, and that the graph itself stays as it is.
func TestTrainingForm(t *testing.T) {
	g := graph(t, `g (float[n] x) => (float[n] y, float[n] z) <bool off = {0}, float half = {0.5}> {
		y = Dropout(x, half) z = Dropout(x, half, off) }`)
	before := operators(g)
	f, err := rewrite.TrainingForm(g, ops.Set(), rewrite.TrainingOptions{})
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for _, n := range f.Graph.Nodes {
		if n.Op == "RandomUniformLike" {
			drawn++
		}
	}
	if drawn != 1 {
		t.Errorf("%d draws in %v, want one: the second Dropout is off", drawn, operators(f.Graph))
	}
	if got := operators(g); !slices.Equal(got, before) {
		t.Errorf("the graph became %v", got)
	}
}
