package onnxio_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A model is built from literals, checked, saved, and loaded again.
func Example() {
	m := &onnxio.Model{
		IRVersion:   8,
		OpsetImport: []*onnxio.OperatorSetID{{Version: 18}},
		Graph: &onnxio.Graph{
			Name:        "affine",
			Input:       []*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, "batch", 2)},
			Output:      []*onnxio.ValueInfo{onnxio.NewValueInfo("y", tensor.Float32, "batch", 3)},
			Initializer: []*onnxio.Tensor{onnxio.FromTensor("w", tensor.Must([]float32{1, 2, 3, 4, 5, 6}, 3, 2))},
			Node: []*onnxio.Node{{
				OpType: "Gemm", Input: []string{"x", "w"}, Output: []string{"y"},
				Attribute: []*onnxio.Attribute{onnxio.NewAttribute("transB", 1)},
			}},
		},
	}
	if err := onnxio.Check(m).Err(); err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "affine.onnx")
	if err := onnxio.Save(path, m, onnxio.SaveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	back, err := onnxio.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer back.Close()
	w, err := back.Graph.Initializer[0].Value()
	fmt.Println(back.Graph.Node[0].OpType, w, err)
	// Output: Gemm f32[3,2] <nil>
}

// ParseText is the shortest way to a model in a test.
func ExampleParseText() {
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 18]>
		g (float[N] x) => (float[N] y) <float two = {2}> {
			y = Mul (x, z) # z is a mistake
		}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(onnxio.Check(m).Err())
	// Output: invalid model: node[0] Mul: input "z" is not defined
}

// A tensor's elements come in the Go type of its element type.
func ExampleTensor_Value() {
	m := &onnxio.Tensor{DataType: int32(tensor.Int4), Dims: []int64{3}, RawData: []byte{0x78, 0x0f}}
	v, err := m.Value()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v, tensor.Data[tensor.I4](v))
	// Output: i4[3] [-8 7 -1]
}
