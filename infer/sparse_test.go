package infer_test

import (
	"context"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestSparseConstant runs a Constant whose value is sparse.
func TestSparseConstant(t *testing.T) {
	m := &onnxio.Model{
		IRVersion: 8, OpsetImport: []*onnxio.OperatorSetID{{Version: 13}},
		Graph: &onnxio.Graph{
			Name:   "sparse",
			Output: []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, 2, 2)},
			Node: []*onnxio.Node{{OpType: "Constant", Name: "c", Output: []string{"y"}, Attribute: []*onnxio.Attribute{{
				Name: "sparse_value", Type: onnxio.AttributeSparseTensor,
				SparseTensor: &onnxio.SparseTensor{
					Values: onnxio.FromTensor("", tensor.Vector[float32](5)), Indices: onnxio.FromTensor("", tensor.Vector[int64](2)), Dims: []int64{2, 2},
				},
			}}}},
		},
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Data[float32](out["y"]); !slices.Equal(got, []float32{0, 0, 5, 0}) {
		t.Errorf("got %v", got)
	}
}
