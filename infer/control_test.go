package infer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const head = `<ir_version: 10, opset_import: ["" : 21]> `

func parseModel(t testing.TB, text string) *onnxio.Model {
	t.Helper()
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const endless = `g (bool c, float x) => (float y) {
  y = Loop (, c, x) <body = b (int64 i, bool k, float a) => (bool k1, float a1) { k1 = Identity (k) a1 = Identity (a) }>
}`

// TestControlLimits checks that loops end: by the number of iterations, by time, by memory.
func TestControlLimits(t *testing.T) {
	grow := `g (bool c, float[1] x) => (float[N] y) {
	  y = Loop (, c, x) <body = b (int64 i, bool k, float[N] a) => (bool k1, float[M] a1) { k1 = Identity (k) a1 = Concat <axis = 0> (a, a) }>
	}`
	stack := `g (bool c, float[100] x) => (float[N,100] y) {
	  y = Loop (, c) <body = b (int64 i, bool k) => (bool k1, float[100] a) { k1 = Identity (k) a = Identity (x) }>
	}`
	yes := tensor.Scalar(true)
	for _, c := range []struct {
		name, text string
		opt        infer.Options
		x          tensor.Any
		want       error
	}{
		{"iterations", endless, infer.Options{MaxIterations: 1000}, tensor.Scalar(float32(1)), infer.ErrLimit},
		{"time", endless, infer.Options{Timeout: 30 * time.Millisecond}, tensor.Scalar(float32(1)), infer.ErrLimit},
		{"growing state", grow, infer.Options{MaxBytes: 1 << 20}, tensor.Vector(float32(1)), infer.ErrLimit},
		{"scan output", stack, infer.Options{MaxBytes: 1 << 20}, tensor.Zeros[float32](100), infer.ErrLimit},
	} {
		for _, plain := range []bool{false, true} {
			c.opt.Plain = plain
			s, err := infer.New(parseModel(t, head+c.text), c.opt)
			if err != nil {
				t.Fatal(c.name, err)
			}
			_, err = s.Run(context.Background(), map[string]tensor.Any{"c": yes, "x": c.x})
			if !errors.Is(err, c.want) {
				t.Errorf("%s, plain %v: error %v, want %v", c.name, plain, err, c.want)
			}
			s.Close()
		}
	}
	s, err := infer.New(parseModel(t, head+endless), infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, map[string]tensor.Any{"c": yes, "x": tensor.Scalar(float32(1))}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
}

// TestControlErrors checks that errors name the node with the way to it, and what is wrong.
func TestControlErrors(t *testing.T) {
	for _, c := range []struct{ name, text, open, run string }{
		{"inner node", `g (int64 m, float[2] x, float[N] w) => (float[2] y) {
		  [loop] y = Loop (m, , x) <body = b (int64 i, bool k, float[2] a) => (bool k1, float[2] a1) {
		    k1 = Identity (k)
		    [matmul] a1 = MatMul (a, w)
		  }>
		}`, "", "loop/body/matmul (MatMul-13) f32[2] f32[3]: invalid shape"},
		{"unknown name", `g (bool c, float[2] x) => (float[2] y) {
		  [if] y = If (c) <then_branch = t () => (float[2] u) { u = Add (x, nothing) }, else_branch = e () => (float[2] v) { v = Neg (x) }>
		}`, "if/then_branch/Add reads nothing", ""},
		{"unsupported inside", `g (bool c, float[2] x) => (float[2] y) {
		  [if] y = If (c) <then_branch = t () => (float[2] u) { u = Bernouli (x) }, else_branch = e () => (float[2] v) { v = Neg (x) }>
		}`, "if/then_branch/Bernouli", ""},
		{"state changes type", `g (int64 m, float[2] x) => (float[2] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k, float[2] a) => (bool k1, int64[2] a1) { k1 = Identity (k) a1 = Cast <to = 7> (a) }>
		}`, "becomes i64[2]", ""},
		{"inputs missing", `g (int64 m, float[2] x) => (float[2] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k) => (bool k1, float[2] a1) { k1 = Identity (k) a1 = Neg (x) }>
		}`, "subgraph body has 2 inputs, 3 expected", ""},
		{"declared type", `g (int64 m, float[2] x) => (float[2] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k, double[2] a) => (bool k1, double[2] a1) { k1 = Identity (k) a1 = Neg (a) }>
		}`, "declared f64[2] and given f32[2]", ""},
		{"sequence state", `g (int64 m, float[2] x) => (float[2] y) {
		  y = Loop (m, , x) <body = b (int64 i, bool k, seq(float[2]) a) => (bool k1, seq(float[2]) a1) { k1 = Identity (k) a1 = Identity (a) }>
		}`, "type sequence", ""},
		{"scan lengths", `g (float[3] x, float[N] w) => (float[3] y) {
		  y = Scan <num_scan_inputs = 2, body = b (float a, float c) => (float d) { d = Add (a, c) }> (x, w)
		}`, "", "scan input 1 has 4 slices, others 3"},
		{"scan attribute", `g (float[3] x) => (float[3] y) {
		  y = Scan <num_scan_inputs = 1, scan_input_axes = [1], body = b (float a) => (float d) { d = Neg (a) }> (x)
		}`, "axis 1", ""},
		{"stack of unequal rows", `g (int64 m, float[2] x) => (float[N,M] y) {
		  s, y = Loop (m, , x) <body = b (int64 i, bool k, float[N] a) => (bool k1, float[M] a1, float[K] o) {
		    k1 = Identity (k)
		    a1 = Concat <axis = 0> (a, x)
		    o = Identity (a)
		  }>
		}`, "", "scan output is [4] in iteration 1 and [2] before"},
		{"branches of two types", `g (bool c, float[2] x) => (float[2] y) {
		  y = If (c) <then_branch = t () => (float[2] u) { u = Neg (x) }, else_branch = e () => (int64[2] v) { v = Cast <to = 7> (x) }>
		}`, "f32[2] in one branch and i64[2] in the other", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := infer.New(parseModel(t, head+c.text), infer.Options{})
			if c.open != "" {
				if err == nil || !strings.Contains(err.Error(), c.open) {
					t.Fatalf("error %v, want %q", err, c.open)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in := map[string]tensor.Any{}
			for _, v := range s.Inputs() {
				switch v.Name {
				case "m":
					in["m"] = tensor.Scalar(int64(3))
				case "x":
					in["x"] = tensor.Zeros[float32](v.Shape[0].Size)
				case "w":
					n := 3
					if c.name == "scan lengths" {
						n = 4
					}
					in["w"] = tensor.Zeros[float32](n)
				}
			}
			if _, err = s.Run(context.Background(), in); err == nil || !strings.Contains(err.Error(), c.run) {
				t.Errorf("error %v, want %q", err, c.run)
			}
		})
	}
}

// TestBranchThatDoesNotFit runs an If one of whose branches would be wrong for the shapes at hand.
func TestBranchThatDoesNotFit(t *testing.T) {
	m := parseModel(t, head+`g (bool c, float[2,3] x) => (float[N,M] y) {
	  [if] y = If (c) <then_branch = t () => (float[N] u) { one = Constant <value = int64[1] {0}> () [squeeze] u = Squeeze (x, one) },
	                   else_branch = e () => (float[2,3] v) { v = Neg (x) }>
	}`)
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in := map[string]tensor.Any{"c": tensor.Scalar(false), "x": tensor.Must([]float32{1, 2, 3, 4, 5, 6}, 2, 3)}
	out, err := s.Run(context.Background(), in)
	if err != nil || out["y"].(*tensor.Tensor[float32]).At(1, 2) != -6 {
		t.Fatal(out, err)
	}
	in["c"] = tensor.Scalar(true)
	if _, err := s.Run(context.Background(), in); err == nil || !strings.Contains(err.Error(), "if/then_branch/squeeze") {
		t.Errorf("error %v, want one at if/then_branch/squeeze", err)
	}
}

// TestNesting holds the depth of subgraphs in subgraphs within bounds.
func TestNesting(t *testing.T) {
	nest := func(depth int, open, end string) string {
		s := "Neg (x)"
		for i := depth; i > 0; i-- {
			s = strings.ReplaceAll(open, "#", fmt.Sprint(i)) + s + strings.ReplaceAll(end, "#", fmt.Sprint(i))
		}
		return head + "g (bool c, float[2] x) => (float[2] y) { y = " + s + " }"
	}
	ifs := func(n int) string {
		return nest(n, "If (c) <then_branch = t () => (float[2] u#) { u# = ", " }, else_branch = e () => (float[2] v#) { v# = Neg (x) }>")
	}
	loops := func(n int) string {
		return nest(n, "Loop (, c, x) <body = b (int64 i#, bool k#, float[N] a#) => (bool n#, float[N] u#) { n# = Not (k#) u# = ", " }>")
	}
	for _, c := range []struct {
		name, text string
		ok         bool
	}{{"ifs 20", ifs(20), true}, {"ifs 60", ifs(60), false}, {"loops 5", loops(5), true}, {"loops 12", loops(12), false}} {
		s, err := infer.New(parseModel(t, c.text), infer.Options{})
		if !c.ok {
			if !errors.Is(err, infer.ErrLimit) {
				t.Errorf("%s: error %v, want a limit", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(c.name, err)
		}
		out, err := s.Run(context.Background(), map[string]tensor.Any{"c": tensor.Scalar(true), "x": tensor.Vector[float32](1, 2)})
		if err != nil || tensor.Data[float32](out["y"])[0] != -1 {
			t.Errorf("%s: %v %v", c.name, out, err)
		}
		s.Close()
	}
}

const summed = `g (int64 m, float[N] x) => (float[N] y, float[T,N] ys) <float half = {0.5}> {
  y, ys = Loop (m, , x) <body = b (int64 i, bool k, float[N] a) => (bool k1, float[N] a1, float[N] o) {
    k1 = Identity (k)
    h = Mul (a, half)
    a1 = Add (h, x)
    o = Neg (a1)
  }>
}`

// TestControlConcurrent runs one session by many goroutines, with shapes that differ.
func TestControlConcurrent(t *testing.T) {
	s, err := infer.New(parseModel(t, head+summed), infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				n, m := 1+(g+i)%5, (g*i)%7
				x := tensor.Zeros[float32](n)
				for k := range x.Data() {
					x.Data()[k] = float32(g + 1)
				}
				out, err := s.Run(context.Background(), map[string]tensor.Any{"m": tensor.Scalar(int64(m)), "x": x})
				if err != nil {
					t.Error(err)
					return
				}
				want := float32(g + 1)
				for range m {
					want = want/2 + float32(g+1)
				}
				if y := tensor.Data[float32](out["y"]); y[n-1] != want || out["ys"].Shape()[0] != m {
					t.Errorf("y is %v, want %v; %v rows, want %d", y, want, out["ys"].Shape(), m)
				}
			}
		})
	}
	wg.Wait()
}

// TestLoopAllocations holds what an iteration allocates low: no plan, no frame.
func TestLoopAllocations(t *testing.T) {
	s, err := infer.New(parseModel(t, head+summed), infer.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run := func(m int) float64 {
		in := map[string]tensor.Any{"m": tensor.Scalar(int64(m)), "x": tensor.Zeros[float32](64)}
		return testing.AllocsPerRun(5, func() {
			if _, err := s.Run(context.Background(), in); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := run(10), run(1010)
	if per := (many - few) / 1000; per > 3 {
		t.Errorf("%.1f allocations an iteration, want at most 3", per)
	}
}

func BenchmarkLoop(b *testing.B) {
	s, err := infer.New(parseModel(b, head+summed), infer.Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	in := map[string]tensor.Any{"m": tensor.Scalar(int64(b.N)), "x": tensor.Zeros[float32](64)}
	b.ReportAllocs()
	if _, err := s.Run(context.Background(), in); err != nil {
		b.Fatal(err)
	}
}
