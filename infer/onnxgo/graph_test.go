package onnxgo

import (
	"errors"
	"slices"
	"strings"
	"testing"

	onnx "github.com/owulveryck/onnx-go"
	gorgonia "gorgonia.org/tensor"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func node(op string, in, out []string, attrs ...*onnxio.Attribute) *onnxio.Node {
	return &onnxio.Node{OpType: op, Name: op + out[0], Input: in, Output: out, Attribute: attrs}
}

// net computes y = relu((x*x) W + c), and both halves of y's columns.
func net(nodes ...*onnxio.Node) *onnxio.Model {
	f32 := func(name string, dims ...any) *onnxio.ValueInfo {
		return onnxio.NewValueInfo(name, tensor.Float32, dims...)
	}
	return &onnxio.Model{IRVersion: 8, OpsetImport: []*onnxio.OperatorSetID{{Version: 11}}, Graph: &onnxio.Graph{
		Name: "net", Input: []*onnxio.ValueInfo{f32("x", 2, 3)}, Output: []*onnxio.ValueInfo{f32("y", 2, 2), f32("b", 2, 1)},
		Initializer: []*onnxio.Tensor{onnxio.FromTensor("w", tensor.Must([]float32{1, 2, 3, -4, 5, -6}, 3, 2))},
		Node: append(nodes,
			node("Mul", []string{"x", "x"}, []string{"xx"}),
			node("MatMul", []string{"xx", "w"}, []string{"m"}),
			node("Constant", nil, []string{"c"}, onnxio.NewAttribute("value", tensor.Vector[float32](0.5, 1000))),
			node("Add", []string{"m", "c"}, []string{"s"}),
			node("Relu", []string{"s"}, []string{"y"}),
			node("Split", []string{"y"}, []string{"a", "b"}, onnxio.NewAttribute("axis", 1))),
	}}
}

func load(t *testing.T, g *Graph, m *onnxio.Model) (*onnx.Model, error) {
	t.Helper()
	b, err := onnxio.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	model := onnx.NewModel(g)
	return model, model.UnmarshalBinary(b)
}

func TestRun(t *testing.T) {
	g := NewGraph(11)
	defer g.Close()
	model, err := load(t, g, net())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ x, y, b []float32 }{
		{[]float32{1, 2, 3, 0, 0, -1}, []float32{1 + 12 + 45 + .5, 2 - 16 - 54 + 1000, 5.5, 994}, []float32{932, 994}},
		{[]float32{0, 0, 0, 0, 0, 0}, []float32{.5, 1000, .5, 1000}, []float32{1000, 1000}},
	} {
		if err := model.SetInput(0, gorgonia.New(gorgonia.WithShape(2, 3), gorgonia.WithBacking(c.x))); err != nil {
			t.Fatal(err)
		}
		if err := g.Run(); err != nil {
			t.Fatal(err)
		}
		out, err := model.GetOutputTensors()
		if err != nil {
			t.Fatal(err)
		}
		if y := out[0].Data().([]float32); !slices.Equal(y, c.y) || !out[0].Shape().Eq(gorgonia.Shape{2, 2}) {
			t.Errorf("y is %v%v, want %v", out[0].Shape(), y, c.y)
		}
		if b := out[1].Data().([]float32); !slices.Equal(b, c.b) {
			t.Errorf("b is %v, want %v", b, c.b)
		}
	}
}

// columns is a range of indices as gorgonia wants it.
type columns struct{ from, to int }

func (c columns) Start() int { return c.from }
func (c columns) End() int   { return c.to }
func (c columns) Step() int  { return 1 }

func TestViewsAndScalars(t *testing.T) {
	x := gorgonia.New(gorgonia.WithShape(2, 3), gorgonia.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	view, err := x.Slice(nil, columns{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	got, err := fromGorgonia(view)
	if err != nil || !got.Shape().Equal(tensor.Shape{2, 2}) || !slices.Equal(tensor.Data[float32](got), []float32{2, 3, 5, 6}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, want := range []tensor.Any{tensor.Scalar(1.5), tensor.Scalar[int64](7), tensor.Scalar(true), tensor.Vector("a", "b"), tensor.Must([]uint8{1, 2}, 1, 2)} {
		there, err := toGorgonia(want)
		if err != nil {
			t.Fatal(err)
		}
		back, err := fromGorgonia(there)
		if err != nil || back.DType() != want.DType() || !back.Shape().Equal(want.Shape()) {
			t.Errorf("%v%v came back as %v, %v", want.DType(), want.Shape(), back, err)
		}
	}
	for _, bad := range []tensor.Any{tensor.Zeros[float32](0, 2), tensor.Vector(tensor.Half(1))} {
		if _, err := toGorgonia(bad); !errors.Is(err, infer.ErrUnsupported) {
			t.Errorf("%v%v: %v", bad.DType(), bad.Shape(), err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		opset int
		model *onnxio.Model
		want  string
	}{
		{"operator", 11, net(node("NoSuchOperator", []string{"x"}, []string{"z"})), "NoSuchOperator"},
		{"opset", 1000, net(), "1000"},
		{"made from itself", 11, net(node("Relu", []string{"z"}, []string{"z"})), "value z is made from itself"},
		{"made twice", 11, net(node("Relu", []string{"x"}, []string{"y"})), "value y is made twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph(c.opset)
			defer g.Close()
			model, err := load(t, g, c.model)
			if err == nil {
				if err = model.SetInput(0, gorgonia.New(gorgonia.WithShape(2, 3), gorgonia.Of(gorgonia.Float32))); err != nil {
					t.Fatal(err)
				}
				err = g.Run()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	g := NewGraph(11)
	defer g.Close()
	model, err := load(t, g, net())
	if err != nil {
		t.Fatal(err)
	}
	model.SetInput(0, gorgonia.New(gorgonia.WithShape(2, 5), gorgonia.Of(gorgonia.Float32)))
	if err := g.Run(); !errors.Is(err, infer.ErrShape) {
		t.Errorf("an input of the wrong shape: %v", err)
	}
}
