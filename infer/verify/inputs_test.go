package verify

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// users is a model whose one input is used by the given nodes, with a table of 5 rows and 7 columns.
func users(d tensor.DType, nodes ...*onnxio.Node) *onnxio.Model {
	return &onnxio.Model{IRVersion: 10, OpsetImport: []*onnxio.OperatorSetID{{Version: 21}, {Domain: "ai.onnx.ml", Version: 4}}, Graph: &onnxio.Graph{
		Input: []*onnxio.ValueInfo{onnxio.NewValueInfo("i", d, 64)}, Node: nodes,
		Initializer: []*onnxio.Tensor{onnxio.FromTensor("table", tensor.Zeros[float32](5, 7)), onnxio.FromTensor("one", tensor.Scalar[int64](1)),
			onnxio.FromTensor("depth", tensor.Scalar[int64](4))},
	}}
}

func TestIndicesStayInside(t *testing.T) {
	in, out := []string{"table", "i"}, []string{"y"}
	gather := node("g", "Gather", in, out)
	body := &onnxio.Graph{Name: "then", Node: []*onnxio.Node{gather}}
	inFunction := users(tensor.Int64, &onnxio.Node{OpType: "F", Domain: "own", Input: []string{"i"}, Output: []string{"y"}})
	inFunction.Functions = []*onnxio.Function{{Name: "F", Domain: "own", Input: []string{"k"}, Output: []string{"r"}, Node: []*onnxio.Node{
		node("oh", "OneHot", []string{"k", "depth", "one"}, []string{"r"})}}}
	for _, c := range []struct {
		name   string
		model  *onnxio.Model
		lo, hi int64
	}{
		{"rows", users(tensor.Int64, gather), 0, 5},
		{"columns", users(tensor.Int64, node("g", "Gather", in, out, onnxio.NewAttribute("axis", -1))), 0, 7},
		{"int32", users(tensor.Int32, gather), 0, 5},
		{"through others", users(tensor.Int64, node("u", "Unsqueeze", []string{"i", "one"}, []string{"u"}), node("g", "Gather", []string{"table", "u"}, out)), 0, 5},
		{"with an offset", users(tensor.Int64, node("s", "Sub", []string{"i", "one"}, []string{"u"}), node("g", "Gather", []string{"table", "u"}, out)), 1, 6},
		{"float cast to an index", users(tensor.Float32, node("c", "Cast", []string{"i"}, []string{"u"}, onnxio.NewAttribute("to", 7)), node("g", "Gather", []string{"table", "u"}, out)), 0, 5},
		{"two tables", users(tensor.Int64, gather, node("o", "OneHot", []string{"i", "depth", "one"}, []string{"z"})), 0, 4},
		{"in a subgraph", users(tensor.Int64, node("if", "If", []string{"c"}, out, onnxio.NewAttribute("then_branch", body))), 0, 5},
		{"in a function", inFunction, 0, 4},
		{"no table", users(tensor.Int64, node("a", "Abs", []string{"i"}, out)), 1, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := infer.ValueInfo{Name: "i", DType: c.model.Graph.Input[0].Type.TensorType.DType(), Ranked: true, Shape: []infer.Dim{{Size: 64}}}
			feed, err := RandomInputs(c.model, []infer.ValueInfo{info}, 7, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			switch x := feed["i"].(type) {
			case *tensor.Tensor[int64]:
				got = x.Data()
			case *tensor.Tensor[int32]:
				for _, v := range x.Data() {
					got = append(got, int64(v))
				}
			case *tensor.Tensor[float32]:
				for _, v := range x.Data() {
					if v != float32(int64(v)) {
						t.Errorf("%v is not whole", v)
					}
					got = append(got, int64(v))
				}
			}
			if slices.Min(got) != c.lo || slices.Max(got) != c.hi-1 {
				t.Errorf("from %d to %d, want %d to %d", slices.Min(got), slices.Max(got), c.lo, c.hi-1)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	m := users(tensor.String, &onnxio.Node{OpType: "LabelEncoder", Domain: "ai.onnx.ml", Input: []string{"i"}, Output: []string{"y"},
		Attribute: []*onnxio.Attribute{onnxio.NewAttribute("keys_strings", []string{"left", "right"})}})
	feed, err := RandomInputs(m, []infer.ValueInfo{{Name: "i", DType: tensor.String, Ranked: true, Shape: []infer.Dim{{Size: 64}}}}, 0, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, s := range tensor.Data[string](feed["i"]) {
		count[s]++
	}
	if count["left"] < 10 || count["right"] < 10 || len(count) < 3 {
		t.Errorf("got %v", count)
	}
}

func TestRandomInputs(t *testing.T) {
	m := users(tensor.Float32)
	for d := tensor.Float32; d.Valid(); d++ {
		infos := []infer.ValueInfo{{Name: "i", DType: d, Ranked: true, Shape: []infer.Dim{{Size: -1, Name: "n"}, {Size: -1}, {Size: 2}}}}
		a, err := RandomInputs(m, infos, 1, 3, map[string]int{"n": 9})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := RandomInputs(m, infos, 1, 3, map[string]int{"n": 9})
		c, _ := RandomInputs(m, infos, 2, 3, map[string]int{"n": 9})
		x, y, z := a["i"], b["i"], c["i"]
		if !x.Shape().Equal(tensor.Shape{9, 3, 2}) || x.DType() != d {
			t.Errorf("%v: %v", d, x)
		}
		same := func(p, q tensor.Any) bool {
			return bytes.Equal(tensor.Bytes(p), tensor.Bytes(q)) && slices.Equal(tensor.Data[string](p), tensor.Data[string](q))
		}
		if !same(x, y) || same(x, z) {
			t.Errorf("%v: seeds", d)
		}
	}
	for _, bad := range []infer.ValueInfo{{Name: "i", DType: tensor.Float32}, {Name: "i", DType: tensor.Float32, Ranked: true, Shape: []infer.Dim{{Size: math.MaxInt}}}} {
		if _, err := RandomInputs(m, []infer.ValueInfo{bad}, 0, 1, nil); err == nil {
			t.Errorf("%+v was filled", bad)
		}
	}
}
