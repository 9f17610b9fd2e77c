package onnxio_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestCheckValid checks that ONNX's own models have no findings.
func TestCheckValid(t *testing.T) {
	for _, file := range []string{"node", "models"} {
		a, err := cases.Open("../testdata/onnx/" + file + ".zip")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		for i := range a.Cases {
			m, err := a.Cases[i].Model()
			if err != nil {
				t.Fatal(err)
			}
			if err := onnxio.Check(m).Err(); err != nil {
				t.Errorf("%s: %v", a.Cases[i].Name, err)
			}
		}
	}
}

// small returns y = relu(x + w).
func small() *onnxio.Model {
	return &onnxio.Model{
		IRVersion: 8, OpsetImport: []*onnxio.OperatorSetID{{Version: 18}},
		Graph: &onnxio.Graph{
			Name:        "small",
			Input:       []*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, "n", 2)},
			Output:      []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, "n", 2)},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("w", tensor.Vector[float32](1, 2))},
			Node: []*onnxio.Node{
				{OpType: "Add", Name: "add", Input: []string{"x", "w"}, Output: []string{"s"}},
				{OpType: "Relu", Name: "relu", Input: []string{"s"}, Output: []string{"y"}},
			},
		},
	}
}

func TestCheckFindings(t *testing.T) {
	if err := onnxio.Check(small()).Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(m *onnxio.Model)
		want   []string
		is     error
	}{
		{"nothing", func(m *onnxio.Model) { *m = onnxio.Model{} }, []string{"ir_version is 0", "there is no graph"}, onnxio.ErrMalformed},
		{"future IR", func(m *onnxio.Model) { m.IRVersion = 99 }, []string{"ir_version 99 is newer"}, onnxio.ErrUnsupported},
		{"future opset", func(m *onnxio.Model) { m.OpsetImport[0].Version = 99 }, []string{"newer than"}, onnxio.ErrUnsupported},
		{"no opset", func(m *onnxio.Model) { m.OpsetImport = nil }, []string{"opset_import is missing"}, nil},
		{"not defined", func(m *onnxio.Model) { m.Graph.Node[0].Input[1] = "v" }, []string{`input "v" is not defined`}, nil},
		{"order", func(m *onnxio.Model) { n := m.Graph.Node; n[0], n[1] = n[1], n[0] }, []string{`input "s" is used before it is made`}, nil},
		{"cycle", func(m *onnxio.Model) { m.Graph.Node[0].Input[0] = "y" }, []string{"the nodes form a cycle"}, nil},
		{"twice", func(m *onnxio.Model) { m.Graph.Node[1].Output[0] = "s" }, []string{`output "s" is already defined`, `"y" is not defined`}, nil},
		{"short tensor", func(m *onnxio.Model) { m.Graph.Initializer[0].Dims[0] = 3 }, []string{"initializer[0]"}, nil},
		{"bad element type", func(m *onnxio.Model) { m.Graph.Initializer[0].DataType = 77 }, []string{"77"}, nil},
		{"no graph name", func(m *onnxio.Model) { m.Graph.Name = "" }, []string{"no name"}, nil},
		{"nil node", func(m *onnxio.Model) { m.Graph.Node[0] = nil }, []string{"node[0] is nil"}, nil},
		{"attribute without value", func(m *onnxio.Model) {
			m.Graph.Node[0].Attribute = []*onnxio.Attribute{{Name: "a", Type: onnxio.AttributeTensor}}
		}, []string{`a`}, nil},
		{"self containing", func(m *onnxio.Model) {
			m.Graph.Node[0].Attribute = []*onnxio.Attribute{onnxio.NewAttribute("body", m.Graph)}
		}, []string{"nested too deeply"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := small()
			c.change(m)
			err := onnxio.Check(m).Err()
			if err == nil {
				t.Fatal("no findings")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not contain %q", err, w)
				}
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v is not %v", err, c.is)
			}
		})
	}
}

// TestCheckAll checks that several faults are reported at once.
func TestCheckAll(t *testing.T) {
	m := small()
	m.Graph.Name = ""
	m.Graph.Node[0].Input[1] = "v"
	m.Graph.Output[0].Type = nil
	if n := len(onnxio.Check(m)); n != 3 {
		t.Errorf("%d findings, want 3: %v", n, onnxio.Check(m))
	}
}

// FuzzCheck checks whatever can be read.
func FuzzCheck(f *testing.F) {
	b, err := onnxio.Marshal(small())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := onnxio.LoadBytes(b)
		if err != nil {
			return
		}
		_ = onnxio.Check(m)
		again, err := onnxio.Marshal(m)
		if err != nil {
			t.Fatalf("a model that was read cannot be written: %v", err)
		}
		if _, err := onnxio.LoadBytes(again); err != nil {
			t.Fatalf("a model that was written cannot be read: %v", err)
		}
	})
}
