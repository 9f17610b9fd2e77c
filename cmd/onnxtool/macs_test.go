package main

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
)

func TestMACs(t *testing.T) {
	info := func(dims ...int) infer.ValueInfo {
		v := infer.ValueInfo{Ranked: true}
		for _, d := range dims {
			v.Shape = append(v.Shape, infer.Dim{Size: d})
		}
		return v
	}
	for _, c := range []struct {
		name, op string
		in       [][]int
		out      []int
		attrs    []*onnxio.Attribute
		want     int64
	}{
		{"matrices", "MatMul", [][]int{{2, 3}, {3, 4}}, []int{2, 4}, nil, 24},
		{"open batch", "MatMul", [][]int{{-1, 3}, {3, 4}}, []int{-1, 4}, nil, 12},
		{"batched", "MatMul", [][]int{{5, 2, 3}, {5, 3, 4}}, []int{5, 2, 4}, nil, 120},
		{"gemm", "Gemm", [][]int{{2, 3}, {3, 4}, {4}}, []int{2, 4}, nil, 24},
		{"gemm transposed", "Gemm", [][]int{{3, 2}, {3, 4}}, []int{2, 4}, []*onnxio.Attribute{onnxio.NewAttribute("transA", 1)}, 24},
		{"conv", "Conv", [][]int{{1, 3, 8, 8}, {16, 3, 3, 3}}, []int{1, 16, 6, 6}, nil, 16 * 36 * 27},
		{"depthwise", "Conv", [][]int{{1, 16, 8, 8}, {16, 1, 3, 3}}, []int{1, 16, 6, 6}, nil, 16 * 36 * 9},
		{"transposed conv", "ConvTranspose", [][]int{{1, 4, 5, 5}, {4, 2, 3, 3}}, []int{1, 2, 7, 7}, nil, 100 * 18},
		{"quantized conv", "QLinearConv", [][]int{{1, 3, 8, 8}, {}, {}, {16, 3, 3, 3}}, []int{1, 16, 6, 6}, nil, 16 * 36 * 27},
		{"lstm", "LSTM", [][]int{{7, 2, 3}, {1, 20, 3}, {1, 20, 5}}, []int{7, 1, 2, 5}, nil, 14 * (60 + 100)},
		{"none to speak of", "Relu", [][]int{{2, 3}}, []int{2, 3}, nil, 0},
		{"empty", "MatMul", [][]int{{0, 3}, {3, 4}}, []int{0, 4}, nil, 0},
		{"absurd", "MatMul", [][]int{{math.MaxInt, math.MaxInt}, {math.MaxInt, 4}}, []int{math.MaxInt, 4}, nil, math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &anatomy{values: map[string]infer.ValueInfo{"out": info(c.out...)}}
			n := &onnxio.Node{OpType: c.op, Output: []string{"out"}, Attribute: c.attrs}
			for i, dims := range c.in {
				name := string(rune('a' + i))
				n.Input = append(n.Input, name)
				a.values[name] = info(dims...)
			}
			if got := a.macs(n); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestLayout(t *testing.T) {
	a := &anatomy{Inputs: []valueRow{{Name: "x"}}, Outputs: []valueRow{{Name: "y"}}, Nodes: []nodeRow{
		{Inputs: []string{"x"}, Outputs: []valueRow{{Name: "p"}}},
		{Inputs: []string{"x"}, Outputs: []valueRow{{Name: "q"}}},
		{Inputs: []string{"p", "", "q", "w"}, Outputs: []valueRow{{Name: "y"}}},
	}}
	boxes, arrows := a.layout()
	for i, want := range []struct{ x, y float64 }{{0.5, 0}, {0, 1}, {1, 1}, {0.5, 2}, {0.5, 3}} {
		if b := boxes[i]; b.X != want.x*columnWidth || b.Y != want.y*rowHeight {
			t.Errorf("box %d is at %v, %v", i, b.X, b.Y)
		}
	}
	if len(arrows) != 5 {
		t.Errorf("%d arrows", len(arrows))
	}
}
