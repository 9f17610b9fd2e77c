package verify

import (
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// table is a model that looks rows of a table up, most of which no sample reads, and a unit that is never on.
func table() *onnxio.Model {
	rows := tensor.Zeros[float32](5000, 2)
	for i := range rows.Data() {
		rows.Data()[i] = float32(i%11) / 7
	}
	f := func(name string, v []float32, shape ...int) *onnxio.Tensor {
		return onnxio.FromTensor(name, tensor.Must(v, shape...))
	}
	body := func(name string, k float32) *onnxio.Graph {
		return &onnxio.Graph{Name: name, Output: []*onnxio.ValueInfo{onnxio.NewValueInfo(name, tensor.Float32, "batch", 2)},
			Initializer: []*onnxio.Tensor{f(name+"_k", []float32{k}, 1)},
			Node:        []*onnxio.Node{node(name+"/Mul", "Mul", []string{"h", name + "_k"}, []string{name})}}
	}
	return &onnxio.Model{IRVersion: 10, OpsetImport: []*onnxio.OperatorSetID{{Version: 21}}, Graph: &onnxio.Graph{
		Name:        "net",
		Input:       []*onnxio.ValueInfo{onnxio.NewValueInfo("id", tensor.Int64, "batch")},
		Output:      []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, "batch", 2)},
		Initializer: []*onnxio.Tensor{onnxio.FromTensor("table", rows), f("w", []float32{1, 2, 3, -4}, 2, 2), f("b", []float32{0, -1000}, 2), onnxio.FromTensor("yes", tensor.Scalar(true))},
		Node: []*onnxio.Node{
			node("embed", "Gather", []string{"table", "id"}, []string{"e"}),
			node("dense", "Gemm", []string{"e", "w", "b"}, []string{"g"}),
			node("slope", "LeakyRelu", []string{"g"}, []string{"h"}, onnxio.NewAttribute("alpha", float32(0))),
			node("choose", "If", []string{"yes"}, []string{"y"}, onnxio.NewAttribute("then_branch", body("then", 1)), onnxio.NewAttribute("else_branch", body("else", 2))),
		},
	}}
}

func numbers(t *testing.T, x *onnxio.Tensor) []float32 {
	t.Helper()
	v, err := x.Value()
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Data[float32](v)
}

func TestTwins(t *testing.T) {
	tests := []struct {
		name  string
		plant func(m *onnxio.Model)
		node  string // at fault; empty: none
		note  string
		alike bool
	}{
		{"nothing", func(*onnxio.Model) {}, "", "", true},
		{"rounding", func(m *onnxio.Model) { numbers(t, m.Graph.Initializer[1])[0] += 1e-6 }, "", "", true},
		{"row", func(m *onnxio.Model) { numbers(t, m.Graph.Initializer[0])[2*4321+1] += .5 }, "embed", "its weight table differs in 1 of 10000 elements, first [4321 1]: ", true},
		{"silent unit", func(m *onnxio.Model) { numbers(t, m.Graph.Initializer[1])[3] = 1 }, "dense", "its weight w differs in 1 of 4 elements, first [1 1]: 1, reference -4", true},
		{"attribute", func(m *onnxio.Model) { m.Graph.Node[2].Attr("alpha").F = .01 }, "slope", "its attribute alpha differs", true},
		{"branch", func(m *onnxio.Model) { numbers(t, m.Graph.Node[3].Attr("else_branch").G.Initializer[0])[0] = 3 }, "else/Mul", "its weight else_k differs", true},
		{"shape", func(m *onnxio.Model) {
			m.Graph.Initializer[2] = onnxio.FromTensor("b", tensor.Must([]float32{0, -1000}, 1, 2))
		}, "dense", "its weight b differs: it is", true},
		{"another node", func(m *onnxio.Model) { m.Graph.Node[2].OpType = "Relu"; m.Graph.Node[2].Attribute = nil }, "", "", false},
		{"another opset", func(m *onnxio.Model) { m.OpsetImport[0].Version = 20 }, "", "", false},
		{"another name", func(m *onnxio.Model) { m.Graph.Node[0].Output[0], m.Graph.Node[1].Input[0] = "emb", "emb" }, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := table()
			tt.plant(m)
			found, alike := compareTwins(m, table(), Tolerances{})
			if alike != tt.alike {
				t.Fatalf("alike: %v", alike)
			}
			if tt.node == "" {
				if len(found) > 0 {
					t.Fatalf("found %s: %s", nodeName(found[0].node), found[0].text)
				}
				return
			}
			if len(found) != 1 || nodeName(found[0].node) != tt.node || !strings.HasPrefix(found[0].text, tt.note) {
				t.Fatalf("found %+v", found)
			}
		})
	}
}

// TestShapeIsNotAtFault plants a weight whose first reader takes its shape alone.
func TestShapeIsNotAtFault(t *testing.T) {
	ref := net()
	ref.Graph.Node = append([]*onnxio.Node{node("sizes", "Shape", []string{"w1"}, []string{"sizes"})}, ref.Graph.Node...)
	m := net()
	m.Graph.Node = append([]*onnxio.Node{ref.Graph.Node[0]}, m.Graph.Node...)
	numbers(t, m.Graph.Initializer[0])[3] += 1
	found, alike := compareTwins(m, ref, Tolerances{})
	if !alike || len(found) != 1 || nodeName(found[0].node) != "dense/MatMul" {
		t.Errorf("alike %v, found %+v", alike, found)
	}
}

// TestSilentFault plants weights that none of the samples shows.
func TestSilentFault(t *testing.T) {
	m := table()
	m.Graph.Node = m.Graph.Node[:3]
	m.Graph.Node[2].Output[0] = "y"
	path := save(t, m)
	for _, tt := range []struct {
		name, node string
		plant      func(g *onnxio.Graph)
	}{
		{"row", "embed", func(g *onnxio.Graph) { numbers(t, g.Initializer[0])[2*4321+1] += .5 }},
		{"silent unit", "dense", func(g *onnxio.Graph) { numbers(t, g.Initializer[1])[3] = 1 }},
		{"slope of the negative side", "slope", func(g *onnxio.Graph) { g.Node[2].Attr("alpha").F = 1e-3 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ref := table()
			ref.Graph.Node = ref.Graph.Node[:3]
			ref.Graph.Node[2].Output[0] = "y"
			tt.plant(ref.Graph)
			r := runOne(t, Options{Reference: Reference{Kind: "model", Model: ref}}, path)
			if r.Verdict != Failed || r.FirstDivergence == nil || r.FirstDivergence.Node != tt.node {
				t.Fatalf("%s: %s, %+v", r.Verdict, r.Reason, r.FirstDivergence)
			}
		})
	}
}
