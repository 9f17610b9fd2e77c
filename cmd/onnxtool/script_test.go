package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"onnxtool": main})
}

// TestScripts drives the command line through the scripts in testdata/script. They have two commands of
// their own: model NAME FILE writes a model, case NAME DIR a model with what Go answers.
func TestScripts(t *testing.T) {
	lib, err := ort.Load(ort.Options{})
	if err != nil && os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
		t.Fatal(err)
	}
	keras, err := filepath.Abs("testdata/keras")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Abs("../../train/data/tablefile/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv(ort.EnvLibrary, lib.Path)
			e.Setenv("KERAS", keras)
			e.Setenv("TABLES", tables)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "ort" {
				return lib.Path != "", nil
			}
			return false, fmt.Errorf("no such condition: %s", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"model": func(ts *testscript.TestScript, _ bool, args []string) {
				b, err := onnxio.Marshal(testModel(args[0]))
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o644))
			},
			"case": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(testCase(testModel(args[0]), ts.MkAbs(args[1])))
			},
			"flip": func(ts *testscript.TestScript, _ bool, args []string) { // FILE OFFSET: negative counts from the end
				b, err := os.ReadFile(ts.MkAbs(args[0]))
				ts.Check(err)
				at, err := strconv.Atoi(args[1])
				ts.Check(err)
				b[(at+len(b))%len(b)] ^= 0x40
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
			},
			"cut": func(ts *testscript.TestScript, _ bool, args []string) { // FILE BYTES
				n, err := strconv.Atoi(args[1])
				ts.Check(err)
				ts.Check(os.Truncate(ts.MkAbs(args[0]), int64(n)))
			},
			"picture": func(ts *testscript.TestScript, _ bool, args []string) {
				img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
				img.Set(0, 0, color.NRGBA{255, 0, 51, 255})
				img.Set(1, 0, color.NRGBA{0, 102, 255, 255})
				f, err := os.Create(ts.MkAbs(args[0]))
				ts.Check(err)
				defer f.Close()
				ts.Check(png.Encode(f, img))
			},
		},
	})
}

func testCase(m *onnxio.Model, dir string) error {
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	in, err := verify.RandomInputs(m, s.Inputs(), 0, 2, nil)
	if err != nil {
		return err
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		return err
	}
	var ins, outs []tensor.Any
	for _, v := range s.Inputs() {
		ins = append(ins, in[v.Name])
	}
	for _, v := range s.Outputs() {
		outs = append(outs, out[v.Name])
	}
	return verify.WriteCase(filepath.Clean(dir), m, ins, outs)
}

func testNode(name, op string, in, out []string, attrs ...*onnxio.Attribute) *onnxio.Node {
	return &onnxio.Node{OpType: op, Name: name, Input: in, Output: out, Attribute: attrs}
}

// testModel returns a model by name.
func testModel(name string) *onnxio.Model {
	m := &onnxio.Model{IRVersion: 10, ProducerName: "test", OpsetImport: []*onnxio.OperatorSetID{{Version: 21}}}
	f32 := func(name string, dims ...any) *onnxio.ValueInfo {
		return onnxio.NewValueInfo(name, tensor.Float32, dims...)
	}
	switch name {
	case "dense", "dense-other":
		w := tensor.Must([]float32{1, -1, 0.5, 2, 0.25, -0.5}, 3, 2)
		if name == "dense-other" {
			w.Data()[4] = 3
		}
		m.Graph = &onnxio.Graph{
			Name: "dense", Input: []*onnxio.ValueInfo{f32("x", "batch", 3)}, Output: []*onnxio.ValueInfo{f32("y", "batch", 2)},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("w", w), onnxio.FromTensor("b", tensor.Vector[float32](0.5, -0.5))},
			Node: []*onnxio.Node{
				testNode("dense/MatMul", "MatMul", []string{"x", "w"}, []string{"m"}),
				testNode("dense/Add", "Add", []string{"m", "b"}, []string{"a"}),
				testNode("dense/Relu", "Relu", []string{"a"}, []string{"y"}),
			},
		}
	case "columns": // a number with missing values, an article's code, a count
		m.Graph = &onnxio.Graph{
			Name: "columns", Input: []*onnxio.ValueInfo{f32("price", "n"), onnxio.NewValueInfo("code", tensor.String, "n", 1), onnxio.NewValueInfo("count", tensor.Int64, "n")},
			Output: []*onnxio.ValueInfo{onnxio.NewValueInfo("code_out", tensor.String, "n", 1), onnxio.NewValueInfo("known", tensor.Bool, "n"), onnxio.NewValueInfo("twice", tensor.Int64, "n")},
			Node: []*onnxio.Node{
				testNode("id", "Identity", []string{"code"}, []string{"code_out"}), testNode("nan", "IsNaN", []string{"price"}, []string{"missing"}),
				testNode("not", "Not", []string{"missing"}, []string{"known"}), testNode("add", "Add", []string{"count", "count"}, []string{"twice"}),
			},
		}
	case "image":
		m.Graph = &onnxio.Graph{
			Name: "image", Input: []*onnxio.ValueInfo{f32("img", 1, 3, 1, 2)}, Output: []*onnxio.ValueInfo{f32("out", 1, 3, 1, 2)},
			Node: []*onnxio.Node{testNode("id", "Identity", []string{"img"}, []string{"out"})},
		}
	case "broken": // reads a value that nobody makes, and makes one twice
		m.Graph = &onnxio.Graph{
			Name: "broken", Input: []*onnxio.ValueInfo{f32("x", 2)}, Output: []*onnxio.ValueInfo{f32("y", 2)},
			Node: []*onnxio.Node{testNode("a", "Relu", []string{"nowhere"}, []string{"y"}), testNode("b", "Relu", []string{"x"}, []string{"y"})},
		}
	case "cycle":
		m.Graph = &onnxio.Graph{
			Name: "cycle", Input: []*onnxio.ValueInfo{f32("x", 2)}, Output: []*onnxio.ValueInfo{f32("y", 2)},
			Node: []*onnxio.Node{testNode("a", "Add", []string{"x", "y"}, []string{"z"}), testNode("b", "Relu", []string{"z"}, []string{"y"})},
		}
	case "early":
		m.Graph = &onnxio.Graph{
			Name: "early", Input: []*onnxio.ValueInfo{f32("x", 2)}, Output: []*onnxio.ValueInfo{f32("y", 2)},
			Node: []*onnxio.Node{testNode("a", "Relu", []string{"z"}, []string{"y"}), testNode("b", "Relu", []string{"x"}, []string{"z"})},
		}
	case "future":
		m = testModel("dense")
		m.OpsetImport[0].Version = 1000
	case "huge": // 10^12 elements
		m.Graph = &onnxio.Graph{
			Name: "huge", Input: []*onnxio.ValueInfo{f32("x", 1)}, Output: []*onnxio.ValueInfo{f32("y", nil, nil)},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("shape", tensor.Vector[int64](1_000_000, 1_000_000))},
			Node:        []*onnxio.Node{testNode("fill", "ConstantOfShape", []string{"shape"}, []string{"c"}), testNode("add", "Add", []string{"c", "x"}, []string{"y"})},
		}
	case "outside":
		m = testModel("dense")
		w := m.Graph.Initializer[0]
		w.RawData, w.DataLocation = nil, onnxio.DataLocationExternal
		w.ExternalData = []*onnxio.StringStringEntry{{Key: "location", Value: "../secret"}}
	case "mismatch":
		m.Graph = &onnxio.Graph{
			Name: "mismatch", Input: []*onnxio.ValueInfo{f32("x", 2, 3)}, Output: []*onnxio.ValueInfo{f32("y", 2, 3)},
			Node: []*onnxio.Node{testNode("a", "MatMul", []string{"x", "x"}, []string{"y"})},
		}
	case "unsupported":
		m.Graph = &onnxio.Graph{
			Name: "unsupported", Input: []*onnxio.ValueInfo{f32("x", 2)}, Output: []*onnxio.ValueInfo{f32("y", 2)},
			Node: []*onnxio.Node{testNode("odd", "NoSuchOperator", []string{"x"}, []string{"y"})},
		}
	default:
		panic("no model " + name)
	}
	return m
}
