package onnxio

import (
	"fmt"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// largeModel writes a model of n tensors of 1 MiB, each with a node, and returns its path and size.
func largeModel(tb testing.TB, n int) (string, int64) {
	tb.Helper()
	g := &Graph{Name: "large", Input: []*ValueInfo{NewValueInfo("x", tensor.Float32, 512, 512)}}
	last := "x"
	for i := range n {
		w, y := fmt.Sprintf("w%d", i), fmt.Sprintf("y%d", i)
		g.Initializer = append(g.Initializer, FromTensor(w, tensor.Zeros[float32](512, 512)))
		g.Node = append(g.Node, &Node{OpType: "MatMul", Name: "node" + y, Input: []string{last, w}, Output: []string{y}})
		last = y
	}
	g.Output = []*ValueInfo{NewValueInfo(last, tensor.Float32, 512, 512)}
	path := filepath.Join(tb.TempDir(), "large.onnx")
	m := &Model{IRVersion: 10, OpsetImport: []*OperatorSetID{{Version: 21}}, Graph: g}
	if err := Save(path, m, SaveOptions{}); err != nil {
		tb.Fatal(err)
	}
	return path, int64(n) << 20
}

// BenchmarkLoad reads a model of 100 MiB. The bytes it allocates are those of the structs alone.
func BenchmarkLoad(b *testing.B) {
	path, size := largeModel(b, 100)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		m, err := Load(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// nodesOnly is a model without tensors, all structure, as bytes.
func nodesOnly(b *testing.B) []byte {
	m := &Model{IRVersion: 10, Graph: &Graph{Name: "g"}}
	for i := range 10_000 {
		m.Graph.Node = append(m.Graph.Node, &Node{
			OpType: "Conv", Name: fmt.Sprintf("node%d", i),
			Input: []string{fmt.Sprintf("v%d", i), "w", "b"}, Output: []string{fmt.Sprintf("v%d", i+1)},
			Attribute: []*Attribute{NewAttribute("pads", []int64{1, 1, 1, 1}), NewAttribute("group", 1)},
		})
	}
	data, err := Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// BenchmarkDecode reads 10,000 nodes from memory, and has Google's runtime do the same from a
// descriptor.
func BenchmarkDecode(b *testing.B) {
	data := nodesOnly(b)
	b.Run("onnxio", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := LoadBytes(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("dynamicpb", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if err := proto.Unmarshal(data, oracleModel(b)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMarshal writes 10,000 nodes to memory.
func BenchmarkMarshal(b *testing.B) {
	data := nodesOnly(b)
	m, err := LoadBytes(data)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLoadCopiesNothing checks that loading allocates for structs, not for the bytes of tensors.
func TestLoadCopiesNothing(t *testing.T) {
	if !canMap {
		t.Skip("files are not mapped here")
	}
	path, size := largeModel(t, 16)
	r := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			m, err := Load(path)
			if err != nil {
				b.Fatal(err)
			}
			m.Close()
		}
	})
	if got := r.AllocedBytesPerOp(); got > size/100 {
		t.Errorf("loading %d bytes allocated %d", size, got)
	}
}
