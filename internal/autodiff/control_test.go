package autodiff_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const controlHead = `<ir_version: 10, opset_import: ["" : 21]> `

// controls are graphs whose gradients go through subgraphs; FLOAT is the type. Inputs of other types have the
// values in given.
var controls = []struct {
	name, text string
	given      map[string][]tensor.Any
}{
	{"if", `g (bool c, FLOAT[2,3] x, FLOAT[3] b) => (FLOAT[2,3] y, FLOAT[2,3] z) {
	  h = Mul (x, x)
	  y, z = If (c) <
	    then_branch = t () => (FLOAT[2,3] u, FLOAT[2,3] w) { u = Mul (h, b) w = Identity (x) },
	    else_branch = e () => (FLOAT[2,3] p, FLOAT[2,3] q) { r = Sin (h) p = Mul (r, r) q = Mul (p, x) }>
	}`, conditions("c")},
	{"if with other shapes", `g (bool c, FLOAT[2,3] x) => (FLOAT[2,3] y) {
	  a = If (c) <then_branch = t () => (FLOAT[N,M] u) { v = Transpose (x) u = Mul (v, v) },
	              else_branch = e () => (FLOAT[N,M] w) { s = Concat <axis = 0> (x, x) w = Exp (s) }>
	  n = ReduceSum <keepdims = 0> (a)
	  y = Mul (x, n)
	}`, conditions("c")},
	{"if in if", `g (bool c, bool d, FLOAT[3] x, FLOAT[3] w) => (FLOAT[3] y) {
	  y = If (c) <then_branch = t () => (FLOAT[3] a) {
	      h = Mul (x, w)
	      a = If (d) <then_branch = tt () => (FLOAT[3] p) { p = Mul (h, x) }, else_branch = te () => (FLOAT[3] q) { q = Sin (h) }>
	    }, else_branch = e () => (FLOAT[3] b) { b = Exp (w) }>
	}`, map[string][]tensor.Any{
		"c": {tensor.Scalar(true), tensor.Scalar(true), tensor.Scalar(false)},
		"d": {tensor.Scalar(true), tensor.Scalar(false), tensor.Scalar(true)},
	}},
	{"if on data", `g (FLOAT[3] x, FLOAT[3] w) => (FLOAT[3] y) {
	  s = ReduceSum <keepdims = 0> (x)
	  z = Sub (s, s)
	  c = Greater (s, z)
	  y = If (c) <then_branch = t () => (FLOAT[3] a) { a = Mul (x, w) }, else_branch = e () => (FLOAT[3] b) { b = Div (x, w) }>
	}`, nil},
	{"loop", `g (FLOAT[2,3] x, FLOAT[3,3] w, FLOAT[3] b) => (FLOAT[2,3] y, FLOAT[3,2,3] ys) <int64 m = {3}> {
	  y, ys = Loop (m, , x) <body = g (int64 i, bool k, FLOAT[2,3] a) => (bool k1, FLOAT[2,3] a1, FLOAT[2,3] o) {
	    p = MatMul (a, w)
	    q = Add (p, b)
	    a1 = Tanh (q)
	    o = Mul (a1, a)
	    k1 = Identity (k)
	  }>
	}`, nil},
	{"loop without states", `g (FLOAT[4,3] x) => (FLOAT[4,3] ys) <int64 m = {4}> {
	  ys = Loop (m) <body = g (int64 i, bool k) => (bool k1, FLOAT[3] o) {
	    r = Gather (x, i)
	    o = Mul (r, r)
	    k1 = Identity (k)
	  }>
	}`, nil},
	{"loop that counts", `g (FLOAT[2] x) => (FLOAT[2] y, FLOAT[3,2] ys) <int64 n = {0}, bool t = {1}> {
	  last, y, ys = Loop (, t, n, x) <body = g (int64 i, bool k, int64 j, FLOAT[2] a) => (bool k1, int64 j1, FLOAT[2] a1, FLOAT[2] o) {
	    one = Constant <value = int64 {1}> ()
	    three = Constant <value = int64 {3}> ()
	    j1 = Add (j, one)
	    k1 = Less (j1, three)
	    a1 = Mul (a, x)
	    o = Sin (a1)
	  }>
	}`, nil},
	{"loop that grows", `g (FLOAT[1,2] x) => (FLOAT[4,2] y) <int64 m = {3}> {
	  y = Loop (m, , x) <body = g (int64 i, bool k, FLOAT[N,2] a) => (bool k1, FLOAT[M,2] a1) {
	    s = Mul (a, x)
	    a1 = Concat <axis = 0> (s, x)
	    k1 = Identity (k)
	  }>
	}`, nil},
	{"loop as long as the input", `g (FLOAT[4,2] x, FLOAT[2] h) => (FLOAT[2] y) <bool t = {1}> {
	  s = Shape <start = 0, end = 1> (x)
	  m = Squeeze (s)
	  y = Loop (m, t, h) <body = g (int64 i, bool k, FLOAT[2] a) => (bool k1, FLOAT[2] a1) {
	    r = Gather (x, i)
	    a1 = Mul (a, r)
	    k1 = Identity (k)
	  }>
	}`, nil},
	{"if in loop", `g (bool c, FLOAT[2] x) => (FLOAT[2] y) <int64 m = {3}> {
	  y = Loop (m, , x) <body = g (int64 i, bool k, FLOAT[2] a) => (bool k1, FLOAT[2] a1) {
	    a1 = If (c) <then_branch = t () => (FLOAT[2] u) { u = Mul (a, x) }, else_branch = e () => (FLOAT[2] v) { v = Sin (a) }>
	    k1 = Identity (k)
	  }>
	}`, conditions("c")},
	{"loop in if", `g (bool c, FLOAT[2] x) => (FLOAT[2] y) <int64 m = {3}> {
	  y = If (c) <then_branch = t () => (FLOAT[2] u) {
	      u = Loop (m, , x) <body = g (int64 i, bool k, FLOAT[2] a) => (bool k1, FLOAT[2] a1) { a1 = Mul (a, x) k1 = Identity (k) }>
	    }, else_branch = e () => (FLOAT[2] v) { v = Sin (x) }>
	}`, conditions("c")},
	{"loop in loop", `g (FLOAT[3] x) => (FLOAT[3] y, FLOAT[2,3,3] ys) <int64 m = {2}, int64 n = {3}> {
	  y, ys = Loop (m, , x) <body = o (int64 i, bool k, FLOAT[3] a) => (bool k1, FLOAT[3] a1, FLOAT[M,3] rows) {
	    a1, rows = Loop (n, , a) <body = p (int64 j, bool q, FLOAT[3] b) => (bool q1, FLOAT[3] b1, FLOAT[3] r) {
	      b1 = Mul (b, x)
	      r = Sin (b1)
	      q1 = Identity (q)
	    }>
	    k1 = Identity (k)
	  }>
	}`, nil},
	{"scan", `g (FLOAT[2] h, FLOAT[3,2] x, FLOAT[2,2] w) => (FLOAT[2] y, FLOAT[3,2] ys) {
	  y, ys = Scan <num_scan_inputs = 1, body = b (FLOAT[2] a, FLOAT[2] r) => (FLOAT[2] a1, FLOAT[2] o) {
	    p = MatMul (a, w)
	    s = Add (p, r)
	    a1 = Tanh (s)
	    o = Mul (a1, r)
	  }> (h, x)
	}`, nil},
	{"scan of axes backwards", `g (FLOAT[2] h, FLOAT[2,3] x, FLOAT[3,2] z) => (FLOAT[2] y, FLOAT[2,3] ys, FLOAT[3,2] zs) {
	  y, ys, zs = Scan <num_scan_inputs = 2, scan_input_axes = [1, 0], scan_input_directions = [0, 1], scan_output_axes = [-1, 0], scan_output_directions = [0, 1],
	    body = b (FLOAT[2] a, FLOAT[2] r, FLOAT[2] s) => (FLOAT[2] a1, FLOAT[2] o, FLOAT[2] q) {
	      p = Mul (a, s)
	      a1 = Add (p, r)
	      o = Mul (a1, a1)
	      q = Sin (r)
	    }> (h, x, z)
	}`, nil},
	{"scan of one", `g (FLOAT[1,2] x) => (FLOAT[1,2] ys) {
	  ys = Scan <num_scan_inputs = 1, body = b (FLOAT[2] r) => (FLOAT[2] o) { o = Mul (r, r) }> (x)
	}`, nil},
}

func conditions(name string) map[string][]tensor.Any {
	return map[string][]tensor.Any{name: {tensor.Scalar(true), tensor.Scalar(false), tensor.Scalar(true)}}
}

// TestControlGradients holds gradients through subgraphs against central differences in float64, and float32
// ones against onnxruntime, at three points each.
func TestControlGradients(t *testing.T) {
	for _, c := range controls {
		t.Run(c.name, func(t *testing.T) {
			for point := range 3 {
				given := map[string]tensor.Any{}
				for name, v := range c.given {
					given[name] = v[point]
				}
				g, feed, wrt := differentiated(t, strings.ReplaceAll(c.text, "FLOAT", "double"), given, uint64(point))
				compareDifferences(t, g, feed, wrt)
				g, feed, _ = differentiated(t, strings.ReplaceAll(c.text, "FLOAT", "float"), given, uint64(point))
				if err := ort.Available(); err != nil {
					if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
						t.Fatal(err)
					}
					continue
				}
				if err := compareOnORT(g, feed); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// differentiated returns a graph of text with a loss and its gradients by the inputs of floats as outputs.
func differentiated(t *testing.T, text string, given map[string]tensor.Any, seed uint64) (*ir.Graph, map[*ir.Value]tensor.Any, []*ir.Value) {
	t.Helper()
	g, feed, wrt := controlGraph(t, text, given, seed)
	vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	b := op.NewBuilder(g, ops.Set())
	var loss *ir.Value
	rnd := rand.New(rand.NewPCG(seed, 3))
	for _, v := range g.Outputs {
		w := random(rnd, v.Fact.DType, vals[v.ID].Shape())
		one := b.Sum(b.Mul(v, b.Const(w)), false)
		if loss == nil {
			loss = one
		} else {
			loss = b.Add(loss, one)
		}
	}
	grads, err := autodiff.Gradients(b, loss, wrt)
	if err != nil {
		t.Fatal(err)
	}
	g.Outputs = append([]*ir.Value{loss}, grads...)
	for i, v := range g.Outputs {
		if v.Kind != ir.Computed {
			g.Outputs[i] = b.Op("Identity", v)
		}
	}
	return g, feed, wrt
}

func controlGraph(t *testing.T, text string, given map[string]tensor.Any, seed uint64) (*ir.Graph, map[*ir.Value]tensor.Any, []*ir.Value) {
	t.Helper()
	m, err := onnxio.ParseText(controlHead + text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	feed := map[*ir.Value]tensor.Any{}
	var wrt []*ir.Value
	rnd := rand.New(rand.NewPCG(seed, 2))
	for _, v := range r.Graph.Inputs {
		if x := given[v.Name]; x != nil {
			feed[v] = x
			continue
		}
		shape, _ := v.Fact.Static()
		feed[v] = random(rnd, v.Fact.DType, shape)
		wrt = append(wrt, v)
	}
	return r.Graph, feed, wrt
}

// random returns numbers between .25 and 1.25 in absolute value, of both signs.
func random(rnd *rand.Rand, d tensor.DType, shape tensor.Shape) tensor.Any {
	f32, f64 := tensor.Zeros[float32](shape...), tensor.Zeros[float64](shape...)
	for i := range f64.Data() {
		x := .25 + rnd.Float64()
		if rnd.IntN(2) == 0 {
			x = -x
		}
		f64.Data()[i], f32.Data()[i] = x, float32(x)
	}
	if d == tensor.Float64 {
		return f64
	}
	return f32
}

func compareDifferences(t *testing.T, g *ir.Graph, feed map[*ir.Value]tensor.Any, wrt []*ir.Value) {
	t.Helper()
	eval := func() []tensor.Any {
		vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
		if err != nil {
			t.Fatal(err)
		}
		return vals
	}
	vals := eval()
	for k, v := range wrt {
		got, x := tensor.Data[float64](vals[g.Outputs[1+k].ID]), tensor.Data[float64](feed[v])
		if !vals[g.Outputs[1+k].ID].Shape().Equal(feed[v].Shape()) {
			t.Fatalf("the gradient by %s is %v", v, vals[g.Outputs[1+k].ID].Shape())
		}
		for i := range x {
			const h = 1e-5
			keep := x[i]
			x[i] = keep + h
			up := tensor.Data[float64](eval()[g.Outputs[0].ID])[0]
			x[i] = keep - h
			down := tensor.Data[float64](eval()[g.Outputs[0].ID])[0]
			x[i] = keep
			if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("gradient by %s[%d] is %g, central difference %g", v.Name, i, got[i], want)
			}
		}
	}
}

// TestControlErrors checks what is said where there is no gradient.
func TestControlErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`g (int64 m, FLOAT[2] x) => (FLOAT[2] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k, FLOAT[2] a) => (bool k1, FLOAT[2] a1) { a1 = Mul (a, x) k1 = Identity (k) }>
		}`, "M is m i64[]"},
		{`g (FLOAT x) => (FLOAT y) <FLOAT limit = {20}, int64 m = {5}> {
		  y = Loop (m, , x) <body = b (int64 i, bool k, FLOAT a) => (bool k1, FLOAT a1) { a1 = Mul (a, a) k1 = Less (a1, limit) }>
		}`, "turn 0 depends on data"},
		{`g (FLOAT[2] x) => (FLOAT[2] y) <int64 m = {5000}> {
		  y = Loop (m, , x) <body = b (int64 i, bool k, FLOAT[2] a) => (bool k1, FLOAT[2] a1) { a1 = Mul (a, x) k1 = Identity (k) }>
		}`, "more than 4096 turns"},
		{`g (FLOAT[2] h, FLOAT[T,2] x) => (FLOAT[2] y) {
		  y = Scan <num_scan_inputs = 1, body = b (FLOAT[2] a, FLOAT[2] r) => (FLOAT[2] a1) { a1 = Mul (a, r) }> (h, x)
		}`, "has T slices"},
		{`g (bool c, FLOAT[2] x) => (FLOAT[2] y) {
		  y = If (c) <then_branch = t () => (FLOAT[2] u) { r = RandomUniformLike (x) u = Mul (r, x) }, else_branch = e () => (FLOAT[2] v) { v = Neg (x) }>
		}`, "random numbers"},
	} {
		m, err := onnxio.ParseText(controlHead + strings.ReplaceAll(c.text, "FLOAT", "float"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := lower.Model(m, ops.Set(), lower.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := op.NewBuilder(r.Graph, ops.Set())
		v := r.Graph.Inputs[len(r.Graph.Inputs)-1]
		_, err = autodiff.Gradients(b, b.Sum(r.Graph.Outputs[0], false), []*ir.Value{v})
		if !errors.Is(err, op.ErrUnsupported) || !strings.Contains(fmt.Sprint(err), c.want) || !strings.Contains(fmt.Sprint(err), "differentiate ") {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
}
