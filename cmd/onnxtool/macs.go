package main

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio"
)

// macs returns a node's multiply-adds, open dimensions taken as 1; 0 for operators without any to speak of
// and where shapes are not known.
func (a *anatomy) macs(n *onnxio.Node) int64 {
	if onnxio.NormalDomain(n.Domain) != "" || len(n.Output) == 0 {
		return 0
	}
	out := a.sizes(n.Output[0])
	in := func(i int) []int64 {
		if i >= len(n.Input) {
			return nil
		}
		return a.sizes(n.Input[i])
	}
	switch n.OpType {
	case "MatMul", "MatMulInteger", "QLinearMatMul":
		if x := in(0); len(x) > 0 && out != nil {
			return product(out, x[len(x)-1])
		}
	case "Gemm":
		x := in(0)
		if len(x) != 2 || out == nil {
			return 0
		}
		if t := n.Attr("transA"); t != nil && t.I != 0 {
			return product(out, x[0])
		}
		return product(out, x[1])
	case "Conv", "ConvInteger":
		return convMACs(out, in(1))
	case "QLinearConv":
		return convMACs(out, in(3))
	case "ConvTranspose":
		return convMACs(in(0), in(1))
	case "LSTM", "GRU", "RNN":
		return recurrentMACs(in(0), in(1), in(2))
	}
	return 0
}

// convMACs is for a convolution with weights [M, C/group, kernel...]: each element of the larger side takes
// a multiply-add for each weight of one filter.
func convMACs(elements, weights []int64) int64 {
	if elements == nil || len(weights) < 2 {
		return 0
	}
	return product(elements, product(weights[1:], 1))
}

// recurrentMACs is for X [time, batch, in], W [directions, gates, in], R [directions, gates, hidden].
func recurrentMACs(x, w, r []int64) int64 {
	if len(x) != 3 || w == nil || r == nil {
		return 0
	}
	return saturate(product(x[:2], product(w, 1)), product(x[:2], product(r, 1)))
}

// sizes returns a value's dimensions with open ones as 1, nil where the rank is not known.
func (a *anatomy) sizes(name string) []int64 {
	if t := a.constants[name]; t != nil {
		return append([]int64{}, t.Dims...)
	}
	v, ok := a.values[name]
	if !ok || !v.Ranked {
		return nil
	}
	dims := []int64{}
	for _, d := range v.Shape {
		dims = append(dims, int64(max(d.Size, 1)))
		if d.Size == 0 {
			dims[len(dims)-1] = 0
		}
	}
	return dims
}

// product multiplies; what does not fit is the largest number there is.
func product(dims []int64, by int64) int64 {
	p := by
	for _, d := range dims {
		if d < 0 || p < 0 {
			return 0
		}
		if d != 0 && p > math.MaxInt64/d {
			return math.MaxInt64
		}
		p *= d
	}
	return p
}

func saturate(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
