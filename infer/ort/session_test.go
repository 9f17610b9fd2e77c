//go:build cgo

package ort

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

var _ infer.Runner = (*Session)(nil)

// model returns a model of the newest opset that every library we accept knows.
func model(ins, outs []*onnxio.ValueInfo, nodes ...*onnxio.Node) *onnxio.Model {
	return &onnxio.Model{
		IRVersion: 11, OpsetImport: []*onnxio.OperatorSetID{{Version: 23}},
		Graph: &onnxio.Graph{Name: "g", Input: ins, Output: outs, Node: nodes},
	}
}

func node(op string, in, out []string, attrs ...*onnxio.Attribute) *onnxio.Node {
	return &onnxio.Node{OpType: op, Name: op + "/" + out[0], Input: in, Output: out, Attribute: attrs}
}

func identity(d tensor.DType, dims ...any) *onnxio.Model {
	return model([]*onnxio.ValueInfo{onnxio.NewValueInfo("x", d, dims...)}, []*onnxio.ValueInfo{onnxio.NewValueInfo("y", d, dims...)},
		node("Identity", []string{"x"}, []string{"y"}))
}

func open(t testing.TB, m *onnxio.Model, opt Options) *Session {
	t.Helper()
	need(t)
	if opt.Threads == 0 {
		opt.Threads = 1
	}
	s, err := New(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

type feed = map[string]tensor.Any

// sample fills a tensor with bytes that tell elements apart.
func sample(t *testing.T, d tensor.DType, shape tensor.Shape) tensor.Any {
	t.Helper()
	x, err := tensor.Alloc(d, shape)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"", "a", "two words", "größe", "with\x00zero", "x"}
	for i := range tensor.Data[string](x) {
		tensor.Data[string](x)[i] = words[i%len(words)]
	}
	b := tensor.Bytes(x)
	for i := range b {
		switch {
		case d == tensor.Bool:
			b[i] = byte(i+1) % 2
		case d == tensor.Int4:
			b[i] = byte(int8(i%16 - 8))
		case d == tensor.Int2:
			b[i] = byte(int8(i%4 - 2))
		case d.Bits() < 8:
			b[i] = byte(i+1) & (1<<d.Bits() - 1)
		default:
			b[i] = byte(i*37 + 1)
		}
	}
	return x
}

func equal(a, b tensor.Any) bool {
	return a.DType() == b.DType() && a.Shape().Equal(b.Shape()) &&
		bytes.Equal(tensor.Bytes(a), tensor.Bytes(b)) && slices.Equal(tensor.Data[string](a), tensor.Data[string](b))
}

// TestTypes sends every element type, and shapes of every kind, through onnxruntime and back.
func TestTypes(t *testing.T) {
	need(t)
	for d := tensor.Float32; d <= tensor.Float4E2M1; d++ {
		for _, shape := range []tensor.Shape{{}, {1}, {2, 3}, {7}, {0}, {2, 0, 3}} {
			t.Run(fmt.Sprint(d, shape), func(t *testing.T) {
				dims := make([]any, len(shape))
				m := identity(d, dims...)
				if d.Bits() == 4 && d.IsInt() { // onnxruntime has no Identity of them
					m.Graph.Node = []*onnxio.Node{node("Cast", []string{"x"}, []string{"t"}, onnxio.NewAttribute("to", int(tensor.Int32))),
						node("Cast", []string{"t"}, []string{"y"}, onnxio.NewAttribute("to", int(d)))}
				}
				s, err := New(m, Options{Threads: 1})
				if errors.Is(err, infer.ErrUnsupported) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				x := sample(t, d, shape)
				got, err := s.Run(t.Context(), feed{"x": x})
				if err != nil {
					t.Fatal(err)
				}
				if !equal(got["y"], x) {
					t.Errorf("got %v %v, want %v", got["y"], tensor.Bytes(got["y"]), tensor.Bytes(x))
				}
			})
		}
	}
}

func TestNoSuchType(t *testing.T) {
	need(t)
	for _, d := range []tensor.DType{tensor.Float8E8M0, tensor.Uint2, tensor.Int2} {
		s, err := New(identity(d, 2), Options{})
		if err == nil {
			_, err = s.Run(t.Context(), feed{"x": sample(t, d, tensor.Shape{2})})
			s.Close()
		}
		if err == nil {
			t.Errorf("%v went through", d)
		}
	}
}

// chain computes b = 2a+1 through two nodes, c = relu(b).
func chain() *onnxio.Model {
	m := model([]*onnxio.ValueInfo{onnxio.NewValueInfo("a", tensor.Float32, "n")}, []*onnxio.ValueInfo{onnxio.NewValueInfo("c", tensor.Float32, "n")},
		node("Mul", []string{"a", "two"}, []string{"t"}),
		node("Add", []string{"t", "one"}, []string{"b"}),
		node("Relu", []string{"b"}, []string{"c"}))
	m.Graph.Initializer = []*onnxio.Tensor{onnxio.FromTensor("two", tensor.Scalar[float32](2)), onnxio.FromTensor("one", tensor.Scalar[float32](1))}
	return m
}

func TestIntermediateOutputs(t *testing.T) {
	s := open(t, chain(), Options{Outputs: []string{"t", "a", "c", "two", "b"}, Optimize: OptimizeOff})
	got, err := s.Run(t.Context(), feed{"a": tensor.Vector[float32](-1, 3)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]tensor.Any{
		"a": tensor.Vector[float32](-1, 3), "t": tensor.Vector[float32](-2, 6), "b": tensor.Vector[float32](-1, 7),
		"c": tensor.Vector[float32](0, 7), "two": tensor.Scalar[float32](2),
	} {
		if got[name] == nil || !equal(got[name], want) {
			t.Errorf("%s: got %v", name, got[name])
		}
	}
	var names []string
	for _, v := range s.Outputs() {
		names = append(names, v.String()+" "+v.Name)
	}
	if want := "f32[...] t,f32[n] a,f32[n] c,f32[] two,f32[...] b"; strings.Join(names, ",") != want {
		t.Errorf("outputs %v, want %s", names, want)
	}
}

func TestOpenErrors(t *testing.T) {
	need(t)
	ins, outs := []*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, 1)}, []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, 1)}
	opset := model(ins, outs, node("Relu", []string{"x"}, []string{"y"}))
	opset.OpsetImport[0].Version = 1000
	sequence := model(ins, []*onnxio.ValueInfo{{Name: "y"}}, node("SequenceConstruct", []string{"x"}, []string{"y"}))
	for _, c := range []struct {
		name  string
		model *onnxio.Model
		opt   Options
		kind  error
		want  string
	}{
		{"no graph", &onnxio.Model{}, Options{}, infer.ErrMalformed, "no graph"},
		{"operator", model(ins, outs, node("NoSuchOp", []string{"x"}, []string{"y"})), Options{}, infer.ErrUnsupported, "NoSuchOp"},
		{"opset", opset, Options{}, infer.ErrUnsupported, "1000"},
		{"value", chain(), Options{Outputs: []string{"nowhere"}}, infer.ErrMalformed, "no value nowhere"},
		{"twice", chain(), Options{Outputs: []string{"b", "b"}}, nil, "twice"},
		{"threads", chain(), Options{Threads: -1}, nil, "-1 threads"},
		{"level", chain(), Options{Optimize: 9}, nil, "Level(9)"},
		{"wrong input of a node", model(ins, outs, node("Relu", []string{"z"}, []string{"y"})), Options{}, nil, "z"},
		{"sequence", sequence, Options{}, infer.ErrUnsupported, "output y is a sequence, not a tensor"},
		{"another library", chain(), Options{Library: otherLibrary(t)}, ErrLibrary, "is loaded already"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(c.model, c.opt)
			if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := OpenBytes([]byte("not a model"), Options{}); err == nil {
		t.Error("OpenBytes took a text")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.onnx"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gave %v", err)
	}
}

func otherLibrary(t *testing.T) string {
	return touch(t, filepath.Join(t.TempDir(), "libother.so"))
}

func TestRunErrors(t *testing.T) {
	gather := model([]*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, 2), onnxio.NewValueInfo("i", tensor.Int64, "k")},
		[]*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, "k")}, node("Gather", []string{"x", "i"}, []string{"y"}))
	s := open(t, gather, Options{})
	x, i := tensor.Vector[float32](1, 2), tensor.Vector[int64](1)
	for _, c := range []struct {
		name string
		in   feed
		want string
	}{
		{"missing", feed{"x": x}, "input i is missing: the model wants i64[k]"},
		{"unknown", feed{"x": x, "i": i, "z": i}, "the model has no input z"},
		{"type", feed{"x": x, "i": x}, "input i is f32[2]"},
		{"rank", feed{"x": tensor.Scalar[float32](1), "i": i}, "input x is f32[]"},
		{"size", feed{"x": tensor.Vector[float32](1), "i": i}, "axis 0 has to be 2"},
		{"inside a node", feed{"x": x, "i": tensor.Vector[int64](5)}, "out of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Run(t.Context(), c.in)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPathAndBytes(t *testing.T) {
	need(t)
	b, err := onnxio.Marshal(chain())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	fromBytes, err := OpenBytes(b, Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	fromPath, err := Open(path, Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Session{fromBytes, fromPath} {
		got, err := s.Run(t.Context(), feed{"a": tensor.Vector[float32](3)})
		if err != nil || !equal(got["c"], tensor.Vector[float32](7)) {
			t.Errorf("got %v, %v", got, err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
		if _, err := s.Run(t.Context(), feed{"a": tensor.Vector[float32](3)}); err == nil {
			t.Error("a closed session ran")
		}
	}
}

// TestExternalData runs a model whose constants are in another file, and refuses one outside its folder.
func TestExternalData(t *testing.T) {
	need(t)
	write := func(dir, location string) string {
		m := chain()
		at := m.Graph.Initializer[0]
		raw := at.RawData
		at.RawData, at.DataLocation = nil, onnxio.DataLocationExternal
		at.ExternalData = []*onnxio.StringStringEntry{{Key: "location", Value: location}, {Key: "offset", Value: "0"}, {Key: "length", Value: "4"}}
		b, err := onnxio.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "m.onnx")
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, b, 0o644), os.WriteFile(filepath.Join(dir, location), raw, 0o644)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s, err := Open(write(t.TempDir(), "weights.bin"), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Run(t.Context(), feed{"a": tensor.Vector[float32](3)})
	if err != nil || !equal(got["c"], tensor.Vector[float32](7)) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := Open(write(filepath.Join(t.TempDir(), "inner"), "../weights.bin"), Options{}); !errors.Is(err, onnxio.ErrPath) {
		t.Errorf("data outside the folder: %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	s := open(t, chain(), Options{})
	var wg sync.WaitGroup
	for k := range 16 {
		wg.Go(func() {
			for i := range 50 {
				v := float32(k*100 + i)
				got, err := s.Run(t.Context(), feed{"a": tensor.Must(slices.Repeat([]float32{v}, k+1), k+1)})
				if err != nil || !equal(got["c"], tensor.Must(slices.Repeat([]float32{2*v + 1}, k+1), k+1)) {
					t.Errorf("goroutine %d: %v, %v", k, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestBound(t *testing.T) {
	s := open(t, chain(), Options{Outputs: []string{"c", "a"}})
	a := tensor.Vector[float32](1, 2)
	b, err := s.Bind(feed{"a": a})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a.Data()[0] = 5
	ctx := context.Background()
	if err := b.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := b.Outputs(); !equal(got["c"], tensor.Vector[float32](11, 5)) || !equal(got["a"], a) {
		t.Errorf("got %v", got)
	}
	if n := testing.AllocsPerRun(20, func() {
		if err := b.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
	b.Close()
	if err := b.Run(ctx); err == nil {
		t.Error("a closed Bound ran")
	}
	text := open(t, identity(tensor.String, 1), Options{})
	if _, err := text.Bind(feed{"x": tensor.Vector("a")}); !errors.Is(err, infer.ErrUnsupported) {
		t.Errorf("strings were bound: %v", err)
	}
}

// TestCancel ends the context of a loop that would take ages.
func TestCancel(t *testing.T) {
	f := func(name string, d tensor.DType) *onnxio.ValueInfo { return onnxio.NewValueInfo(name, d) }
	body := &onnxio.Graph{
		Name:  "body",
		Input: []*onnxio.ValueInfo{f("i", tensor.Int64), f("go", tensor.Bool), f("v", tensor.Float32)}, Output: []*onnxio.ValueInfo{f("go2", tensor.Bool), f("v2", tensor.Float32)},
		Node: []*onnxio.Node{node("Identity", []string{"go"}, []string{"go2"}), node("Sin", []string{"v"}, []string{"v2"})},
	}
	m := model([]*onnxio.ValueInfo{f("n", tensor.Int64), f("x", tensor.Float32)}, []*onnxio.ValueInfo{f("y", tensor.Float32)},
		node("Loop", []string{"n", "", "x"}, []string{"y"}, onnxio.NewAttribute("body", body)))
	m.Graph.Node[0].Input[1] = "yes"
	m.Graph.Initializer = []*onnxio.Tensor{onnxio.FromTensor("yes", tensor.Scalar(true))}
	s := open(t, m, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := s.Run(ctx, feed{"n": tensor.Scalar[int64](1 << 40), "x": tensor.Scalar[float32](1)})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	if _, err := s.Run(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an ended context gave %v", err)
	}
}

func BenchmarkBound(b *testing.B) {
	s := open(b, chain(), Options{})
	bound, err := s.Bind(feed{"a": tensor.Zeros[float32](1024)})
	if err != nil {
		b.Fatal(err)
	}
	defer bound.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := bound.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
