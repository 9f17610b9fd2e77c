package lower_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
)

func parse(t *testing.T, text string) *onnxio.Model {
	t.Helper()
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestNames checks that the document's names survive expansions, functions and values that fall together.
func TestNames(t *testing.T) {
	r, err := lower.Model(parse(t, `<ir_version: 8, opset_import: ["" : 11, "f" : 1]>
g (float[2,3] x) => (float[2,3] y) {
   [Softmax] s = Softmax <axis = 1> (x)
   [call] c = f.Twice <alpha = 0.5> (s)
   i = Identity (c)
   j = Identity (i)
   y = Relu (j)
}
<domain: "f", opset_import: ["" : 11]>
Twice <alpha> (a) => (b) {
   m = LeakyRelu <alpha: float = @alpha> (a)
   b = Add (m, m)
}`), ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range r.Graph.Nodes {
		for _, v := range n.Out {
			if seen[v.Name] {
				t.Errorf("two values are called %s", v.Name)
			}
			seen[v.Name] = true
		}
	}
	for _, name := range []string{"s", "c", "i", "j", "y"} {
		if v := r.Values[name]; v == nil || v.Name != name {
			t.Errorf("%s is %v", name, v)
		}
	}
	if n := nodeOf(r.Graph, "LeakyRelu"); n == nil || n.Attr("alpha") != float32(.5) {
		t.Error("the function's attribute did not reach its node")
	}
}

func nodeOf(g *ir.Graph, op string) *ir.Node {
	for _, n := range g.Nodes {
		if n.Op == op {
			return n
		}
	}
	return nil
}

// TestAllErrors checks that everything that stands in the way is reported, once.
func TestAllErrors(t *testing.T) {
	_, err := lower.Model(parse(t, `<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y) {
   a = Nosuch (x)
   b = AlsoNot (a)
   c = Relu <strength = 2> (x)
   y = Add (b, c)
}`), ops.Set(), lower.Options{})
	if !errors.Is(err, op.ErrUnsupported) {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"Nosuch", "AlsoNot", "strength"} {
		if strings.Count(err.Error(), want) == 0 {
			t.Errorf("error does not name %s:\n%v", want, err)
		}
	}
}

// TestRecursion checks that functions that call themselves come to an end.
func TestRecursion(t *testing.T) {
	_, err := lower.Model(parse(t, `<ir_version: 8, opset_import: ["" : 18, "f" : 1]>
g (float[2] x) => (float[2] y) { y = f.Loop (x) }
<domain: "f", opset_import: ["" : 18, "f" : 1]>
Loop (a) => (b) { b = f.Loop (a) }`), ops.Set(), lower.Options{})
	if err == nil || !strings.Contains(err.Error(), "deep") {
		t.Fatalf("error %v, want one about depth", err)
	}
}

// TestContradictions checks that a document that says two things is refused, not half read.
func TestContradictions(t *testing.T) {
	for _, c := range []struct{ model, want string }{
		{`<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y) { y = Relu (x)
 y = Tanh (x) }`, "node Tanh makes y, which there is already"},
		{`<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y) <float[1] x2 = {1}> { x = Relu (x2)
 y = Tanh (x) }`, "node Relu makes x"},
		{`<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x, float[3] x) => (float[2] y) { y = Relu (x) }`, "two inputs are named x"},
		{`<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y) <float[1] w = {1}, float[1] w = {2}> { y = Add (x, w) }`, "two initializers are named w"},
		{`<ir_version: 8, opset_import: ["" : 18, "" : 17]>
g (float[2] x) => (float[2] y) { y = Relu (x) }`, "opsets 18 and 17 of ai.onnx"},
		{`<ir_version: 8, opset_import: ["" : 18]>
g (float[2] x) => (float[2] y) { y = Cast <to = 7> (x) }`, "output y is declared f32[2] and computed as i64[2]"},
	} {
		_, err := lower.Model(parse(t, c.model), ops.Set(), lower.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestRaise lowers ONNX's own cases, writes them at the newest opset and lowers that again: the graphs
// must be the same.
func TestRaise(t *testing.T) {
	a, err := cases.Open("../../testdata/onnx/node.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	done := 0
	for i := range a.Cases {
		c := &a.Cases[i]
		m, err := c.Model()
		if err != nil {
			t.Fatal(err)
		}
		first, err := lower.Model(m, ops.Set(), lower.Options{})
		if err != nil {
			continue // what is not supported is counted elsewhere
		}
		raised, err := lower.Raise(first.Graph, ops.Set(), lower.RaiseOptions{Opset: onnxio.OpsetVersion})
		if err != nil {
			if !strings.Contains(err.Error(), "not computed") && !strings.Contains(err.Error(), "listed twice") {
				t.Errorf("%s: %v", c.Name, err)
			}
			continue
		}
		again, err := lower.Model(raised, ops.Set(), lower.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if x, y := first.Graph.Nodes, again.Graph.Nodes; len(x) != len(y) {
			t.Errorf("%s: %d nodes became %d", c.Name, len(x), len(y))
		} else {
			for k := range x {
				if x[k].Op != y[k].Op || len(x[k].In)-x[k].Captured() != len(y[k].In)-y[k].Captured() || len(x[k].Attrs) != len(y[k].Attrs) {
					t.Errorf("%s: node %d is %s and %s", c.Name, k, x[k].Op, y[k].Op)
				}
			}
		}
		done++
	}
	if done == 0 {
		t.Error("no case was written")
	}
}

// TestRaiseOpset checks that a graph is written at the lowest opset that can say it.
func TestRaiseOpset(t *testing.T) {
	for _, c := range []struct {
		node string
		want int64
	}{
		{"y = Relu (x)", 18},
		{"y = Gelu (x)", 20},
		{"y = Mod <fmod = 1> (x, x)", 18},
		{"y = Mod (x, x)", 28},
	} {
		r, err := lower.Model(parse(t, `<ir_version: 14, opset_import: ["" : 28]> g (float[2] x) => (float[2] y) {`+c.node+`}`), ops.Set(), lower.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := lower.Raise(r.Graph, ops.Set(), lower.RaiseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := m.OpsetVersion(""); got != c.want {
			t.Errorf("%s is written at opset %d, want %d", c.node, got, c.want)
		}
	}
	r, err := lower.Model(parse(t, `<ir_version: 14, opset_import: ["" : 28]> g (float[2] x) => (float[2] y) { y = Gelu (x) }`), ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lower.Raise(r.Graph, ops.Set(), lower.RaiseOptions{Opset: 18}); err == nil || !strings.Contains(err.Error(), "Gelu (Gelu, opset 20); opset 20 is enough") {
		t.Errorf("error %v, want one that says which opset is needed", err)
	}
}

// TestFunctionBomb checks that functions which double at each call are one error, soon.
func TestFunctionBomb(t *testing.T) {
	text := `<ir_version: 8, opset_import: ["" : 17, "f" : 1]> g (float[2] x) => (float[2] y) { y = f.F0 (x) }`
	for i := range 40 {
		text += fmt.Sprintf("\n<domain: \"f\", opset_import: [\"\" : 17, \"f\" : 1]> F%d (a) => (b) { c = f.F%[2]d (a) b = f.F%[2]d (c) }", i, i+1)
	}
	text += "\n<domain: \"f\", opset_import: [\"\" : 17]> F40 (a) => (b) { b = Relu (a) }"
	_, err := lower.Model(parse(t, text), ops.Set(), lower.Options{MaxNodes: 10_000})
	if !errors.Is(err, op.ErrLimit) || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}
