package nn

import (
	"math/rand/v2"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// layout says how the network holds a parameter that Keras has in another shape: its axes permuted,
// then joined or parted to another shape. So kernels are what ONNX's operators take, without a
// Transpose before each use, while initialisers, regularisers and constraints see Keras's shape.
type layout struct {
	keras []int // Keras's shape
	perm  []int // of its axes, or of those of parts
	shape []int // ours
	parts []int // Keras's shape with an axis parted, as that of an LSTM's kernel into gates; nil where none is
}

// axes are what perm permutes.
func (l layout) axes() []int {
	if l.parts != nil {
		return l.parts
	}
	return l.keras
}

// convLayout is for kernels [window..., in, out], which become [out, in, window...].
func convLayout(keras []int) layout {
	n := len(keras)
	perm := []int{n - 1, n - 2}
	for i := range n - 2 {
		perm = append(perm, i)
	}
	return permuted(keras, perm)
}

func permuted(keras, perm []int) layout {
	l := layout{keras: keras, perm: perm}
	for _, p := range perm {
		l.shape = append(l.shape, keras[p])
	}
	return l
}

// paramAs is Param for a parameter of another layout than Keras's.
func (b *Builder) paramAs(name string, l layout, init Initializer, reg Regularizer, con Constraint) *Param {
	p := b.Param(name, l.shape, laidOut{l, init})
	p.Layout = l
	if reg != nil {
		p.Regularizer = reg
		if _, ok := reg.(L1L2); !ok { // the order of the elements does not matter to it
			p.Regularizer = viewed{l, reg}
		}
	}
	if con != nil {
		p.Constraint = projected{l, con}
	}
	return p
}

// laidOut draws in Keras's shape and order.
type laidOut struct {
	layout
	Initializer
}

// Init implements [Initializer].
func (l laidOut) Init(r *rand.Rand, _ []int, data []float32) {
	t := make([]float32, len(data))
	l.Initializer.Init(r, l.keras, t)
	permute(data, t, l.axes(), l.perm)
}

// permute copies src, of a shape, to dst with its axes permuted.
func permute(dst, src []float32, shape, perm []int) {
	strides := tensor.Shape(shape).Strides()
	index := make([]int, len(perm))
	for i := range dst {
		at := 0
		for k, p := range perm {
			at += index[k] * strides[p]
		}
		dst[i] = src[at]
		for k := len(perm) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[perm[k]] {
				break
			}
			index[k] = 0
		}
	}
}

// Rank implements [Layout].
func (l layout) Rank() int { return len(l.keras) }

// View implements [Layout].
func (l layout) View(b *Builder, w *Value) *Value {
	var mid []int
	for _, p := range l.perm {
		mid = append(mid, l.axes()[p])
	}
	if !slices.Equal(mid, l.shape) {
		w = b.ReshapeTo(w, mid...)
	}
	back := make([]int, len(l.perm))
	for i, p := range l.perm {
		back[p] = i
	}
	w = b.Transpose(w, back...)
	if l.parts != nil {
		w = b.ReshapeTo(w, l.keras...)
	}
	return w
}

// Hold implements [Layout].
func (l layout) Hold(b *Builder, w *Value) *Value {
	if l.parts != nil {
		w = b.ReshapeTo(w, l.parts...)
	}
	return b.ReshapeTo(b.OpA("Transpose", w, op.Attr("perm", l.perm)), l.shape...)
}

type viewed struct {
	layout
	reg Regularizer
}

// Penalty implements [Regularizer].
func (v viewed) Penalty(b *Builder, w *Value) *Value { return v.reg.Penalty(b, v.View(b, w)) }

type projected struct {
	layout
	con Constraint
}

// Project implements [Constraint].
func (p projected) Project(b *Builder, w *Value) *Value {
	return p.Hold(b, p.con.Project(b, p.View(b, w)))
}
