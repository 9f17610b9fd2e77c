package infer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// mlp returns a model with one hidden layer: [batch,3] -> 8 relu -> 2 softmax.
func mlp(t testing.TB) *onnxio.Model {
	t.Helper()
	w1, w2 := tensor.Zeros[float32](3, 8), tensor.Zeros[float32](8, 2)
	for i := range w1.Data() {
		w1.Data()[i] = float32(i%5) - 2
	}
	for i := range w2.Data() {
		w2.Data()[i] = float32(i%3) - 1
	}
	return &onnxio.Model{
		IRVersion: 8, OpsetImport: []*onnxio.OperatorSetID{{Version: 18}},
		Graph: &onnxio.Graph{
			Name:  "mlp",
			Input: []*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, "batch", 3)},
			Output: []*onnxio.ValueInfo{
				onnxio.NewValueInfo("y", tensor.Float32, "batch", 2),
			},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("w1", w1), onnxio.FromTensor("w2", w2)},
			Node: []*onnxio.Node{
				{OpType: "MatMul", Name: "first", Input: []string{"x", "w1"}, Output: []string{"a"}},
				{OpType: "Relu", Name: "relu", Input: []string{"a"}, Output: []string{"h"}},
				{OpType: "MatMul", Name: "second", Input: []string{"h", "w2"}, Output: []string{"b"}},
				{OpType: "Softmax", Name: "out", Input: []string{"b"}, Output: []string{"y"}},
			},
		},
	}
}

func input(rows int, add float32) *tensor.Tensor[float32] {
	x := tensor.Zeros[float32](rows, 3)
	for i := range x.Data() {
		x.Data()[i] = float32(i%7)/7 + add
	}
	return x
}

// TestConcurrent runs one session from 16 goroutines with batches of different sizes.
func TestConcurrent(t *testing.T) {
	s, err := infer.New(mlp(t), infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 50 {
				x := input(1+(w+i)%12, float32(w))
				out, err := s.Run(context.Background(), map[string]tensor.Any{"x": x})
				if err != nil {
					t.Error(err)
					return
				}
				y := tensor.Data[float32](out["y"])
				for r := 0; r < len(y); r += 2 {
					if sum := y[r] + y[r+1]; sum < .999 || sum > 1.001 {
						t.Errorf("probabilities sum to %v", sum)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestIntermediate asks for a value inside the graph.
func TestIntermediate(t *testing.T) {
	s, err := infer.New(mlp(t), infer.Options{Outputs: []string{"h", "y"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), map[string]tensor.Any{"x": input(2, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if got := out["h"].Shape().String(); got != "[2,8]" {
		t.Errorf("h has shape %s", got)
	}
}

// TestBadInputs checks that each wrong input is a clear error.
func TestBadInputs(t *testing.T) {
	s, err := infer.New(mlp(t), infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		name string
		in   map[string]tensor.Any
		is   error
		text string
	}{
		{"missing", nil, nil, "input x is missing: the model wants f32[batch,3]"},
		{"type", map[string]tensor.Any{"x": tensor.Zeros[float64](2, 3)}, infer.ErrDType, "f64[2,3]"},
		{"rank", map[string]tensor.Any{"x": tensor.Zeros[float32](3)}, infer.ErrShape, "f32[3]"},
		{"size", map[string]tensor.Any{"x": tensor.Zeros[float32](2, 4)}, infer.ErrShape, "axis 1 has to be 3"},
		{"unknown", map[string]tensor.Any{"x": tensor.Zeros[float32](2, 3), "z": tensor.Zeros[float32](1)}, nil, "no input z"},
	} {
		_, err := s.Run(context.Background(), c.in)
		if err == nil || !strings.Contains(err.Error(), c.text) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.text)
		}
	}
}

// TestClose closes a session while eight goroutines run it: what was begun ends well, what comes later is
// ErrClosed, and closing twice does no harm.
func TestClose(t *testing.T) {
	s, err := infer.New(mlp(t), infer.Options{Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	x := map[string]tensor.Any{"x": input(20000, 0)}
	bound, err := s.Bind(x)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	began := make(chan bool, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			began <- true
			for {
				if _, err := s.Run(ctx, x); err != nil {
					if !errors.Is(err, infer.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	for range 8 {
		<-began
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if err := bound.Run(ctx); !errors.Is(err, infer.ErrClosed) {
		t.Errorf("a bound run of a closed session: %v", err)
	}
	if _, err := s.Bind(x); !errors.Is(err, infer.ErrClosed) {
		t.Errorf("binding a closed session: %v", err)
	}
}

// TestTimeout holds runs and bound runs to the time that the options give them.
func TestTimeout(t *testing.T) {
	s, err := infer.New(mlp(t), infer.Options{Timeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x := map[string]tensor.Any{"x": input(2, 0)}
	if _, err := s.Run(context.Background(), x); !errors.Is(err, infer.ErrLimit) {
		t.Errorf("a run: %v", err)
	}
	bound, err := s.Bind(x)
	if err != nil {
		t.Fatal(err)
	}
	if err := bound.Run(context.Background()); !errors.Is(err, infer.ErrLimit) {
		t.Errorf("a bound run: %v", err)
	}
}

// TestUnsupported checks that everything that cannot be run is reported when the model is opened.
func TestUnsupported(t *testing.T) {
	m := mlp(t)
	m.Graph.Node[1].OpType = "NoSuchOp"
	m.Graph.Node[3].Attribute = []*onnxio.Attribute{onnxio.NewAttribute("temperature", 2)}
	_, err := infer.New(m, infer.Options{})
	if !errors.Is(err, infer.ErrUnsupported) {
		t.Fatalf("error %v, want ErrUnsupported", err)
	}
	for _, want := range []string{"NoSuchOp", "relu"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}
}

// TestMalformed checks models that are not valid.
func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(m *onnxio.Model)
		text   string
	}{
		{"future opset", func(m *onnxio.Model) { m.OpsetImport[0].Version = 999 }, "opset 999"},
		{"future IR", func(m *onnxio.Model) { m.IRVersion = 999 }, "IR version 999"},
		{"cycle", func(m *onnxio.Model) { m.Graph.Node[0].Input[0] = "b" }, "reads b"},
		{"used before made", func(m *onnxio.Model) {
			n := m.Graph.Node
			n[0], n[1] = n[1], n[0]
		}, "reads a"},
		{"no output", func(m *onnxio.Model) { m.Graph.Output[0].Name = "nowhere" }, "nowhere"},
		{"no opset", func(m *onnxio.Model) { m.OpsetImport = nil }, "imports no opset"},
		{"no graph", func(m *onnxio.Model) { m.Graph = nil }, "no graph"},
	} {
		m := mlp(t)
		c.change(m)
		_, err := infer.New(m, infer.Options{})
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.text)
		}
	}
}

// TestHugeConstant checks that a model cannot make a run take more memory than allowed.
func TestHugeConstant(t *testing.T) {
	m := &onnxio.Model{
		IRVersion: 8, OpsetImport: []*onnxio.OperatorSetID{{Version: 18}},
		Graph: &onnxio.Graph{
			Name:        "huge",
			Output:      []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, 1_000_000, 1_000_000)},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("shape", tensor.Vector[int64](1_000_000, 1_000_000))},
			Node:        []*onnxio.Node{{OpType: "ConstantOfShape", Input: []string{"shape"}, Output: []string{"y"}}},
		},
	}
	s, err := infer.New(m, infer.Options{})
	if err == nil {
		defer s.Close()
		_, err = s.Run(context.Background(), nil)
	}
	if !errors.Is(err, infer.ErrLimit) {
		t.Fatalf("error %v, want ErrLimit", err)
	}
}

func ExampleSession_Run() {
	s, err := infer.Open("testdata/mlp.onnx", infer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	x := tensor.Must([]float32{.1, .2, .3}, 1, 3)
	out, err := s.Run(context.Background(), map[string]tensor.Any{"x": x})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out["y"].Shape())
	// Output: [1,2]
}

// A worker of a server binds the session to memory of its own once: then each request is a copy into the
// input, a run without allocation, and a look at the output.
func ExampleSession_Bind() {
	s, err := infer.Open("testdata/mlp.onnx", infer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	requests := make(chan []float32, 3)
	requests <- []float32{.1, .2, .3}
	requests <- []float32{3, 2, 1}
	requests <- []float32{-1, 0, 1}
	close(requests)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			x := tensor.Zeros[float32](1, 3)
			b, err := s.Bind(map[string]tensor.Any{"x": x})
			if err != nil {
				fmt.Println(err)
				return
			}
			y := tensor.Data[float32](b.Outputs()["y"])
			for r := range requests {
				copy(x.Data(), r)
				if err := b.Run(context.Background()); err != nil {
					fmt.Println(err)
					return
				}
				fmt.Printf("%v: %.3f\n", r, y)
			}
		})
	}
	workers.Wait()
	// Unordered output:
	// [0.1 0.2 0.3]: [0.450 0.550]
	// [3 2 1]: [0.998 0.002]
	// [-1 0 1]: [0.269 0.731]
}

// BenchmarkBound must report no allocation.
func BenchmarkBound(b *testing.B) {
	for _, rows := range []int{1, 256} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			s, err := infer.New(mlp(b), infer.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			bound, err := s.Bind(map[string]tensor.Any{"x": input(rows, 0)})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := bound.Run(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestBoundAllocs holds a bound run to no allocation.
func TestBoundAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	s, err := infer.New(mlp(t), infer.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bound, err := s.Bind(map[string]tensor.Any{"x": input(64, 0)})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() {
		if err := bound.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("a bound run allocates %v times", n)
	}
}
