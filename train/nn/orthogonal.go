package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"gonum.org/v1/gonum/mat"
)

// Orthogonal fills with a random matrix whose rows or columns, whichever are fewer, are orthogonal and
// of length Gain; further axes than the last are joined. Saxe et al., arXiv 1312.6120.
type Orthogonal struct {
	Gain float64 // 1 where zero
}

// Init implements [Initializer].
func (o Orthogonal) Init(r *rand.Rand, shape []int, data []float32) {
	rows, cols := 1, 1
	for i, d := range shape {
		if i < len(shape)-1 {
			rows *= d
		} else {
			cols = d
		}
	}
	if rows*cols == 0 {
		return
	}
	n, m := max(rows, cols), min(rows, cols)
	a := mat.NewDense(n, m, nil)
	for i := range n {
		for j := range m {
			a.Set(i, j, r.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var q, rr mat.Dense
	qr.QTo(&q)
	qr.RTo(&rr)
	gain := o.Gain
	if gain == 0 {
		gain = 1
	}
	for i := range rows {
		for j := range cols {
			k, l := i, j // in the tall matrix
			if rows < cols {
				k, l = j, i
			}
			// The sign of R's diagonal makes the distribution uniform.
			data[i*cols+j] = float32(gain * q.At(k, l) * math.Copysign(1, rr.At(l, l)))
		}
	}
}

// IdentityMatrix fills a square matrix, or the centre of a kernel, with Gain on its diagonal.
type IdentityMatrix struct {
	Gain float64 // 1 where zero
}

// Init implements [Initializer].
func (o IdentityMatrix) Init(_ *rand.Rand, shape []int, data []float32) {
	clear(data)
	if len(shape) != 2 {
		panic(fmt.Sprintf("nn: the identity matrix has two axes, the parameter has shape %v", tensor.Shape(shape)))
	}
	gain := o.Gain
	if gain == 0 {
		gain = 1
	}
	for i := range min(shape[0], shape[1]) {
		data[i*shape[1]+i] = float32(gain)
	}
}
