package nn

import (
	"errors"
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// MinMaxScaler maps each feature of the last axis to [0,1] by the least and greatest value that Adapt
// saw: (x-min)/(max-min), as scikit-learn's. A feature that never changes becomes 0 at its value.
type MinMaxScaler struct {
	Name     string
	Min, Max []float64 // by feature; set by Adapt
}

// LayerName implements [Named].
func (l *MinMaxScaler) LayerName() string { return l.Name }

// Adapt takes the least and greatest value of each column of a [rows, features] tensor of floats; NaN
// is left out.
func (l *MinMaxScaler) Adapt(x tensor.Any) error {
	cols, err := columns(x)
	if err != nil {
		return fmt.Errorf("nn: MinMaxScaler: %w", err)
	}
	l.Min, l.Max = make([]float64, len(cols)), make([]float64, len(cols))
	for j, c := range cols {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, v := range c {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
		if len(c) == 0 {
			return fmt.Errorf("nn: MinMaxScaler: feature %d has no value", j)
		}
		l.Min[j], l.Max[j] = lo, hi
	}
	return nil
}

// Build implements [Layer].
func (l *MinMaxScaler) Build(b *Builder, in ...*Value) []*Value {
	scale := make([]float64, len(l.Min))
	for j := range scale {
		scale[j] = 1
		if d := l.Max[j] - l.Min[j]; d > 0 {
			scale[j] = 1 / d
		}
	}
	return []*Value{shiftScale(b, in[0], l.Min, scale)}
}

// Normalization maps each feature of the last axis to mean 0 and variance 1 by what Adapt saw:
// (x-mean)/max(sqrt(variance), epsilon) with Keras's epsilon 1e-7. The variance is the population's.
type Normalization struct {
	Name           string
	Mean, Variance []float64 // by feature; set by Adapt
}

// LayerName implements [Named].
func (l *Normalization) LayerName() string { return l.Name }

// Adapt takes mean and variance of each column of a [rows, features] tensor of floats; NaN is left out.
func (l *Normalization) Adapt(x tensor.Any) error {
	cols, err := columns(x)
	if err != nil {
		return fmt.Errorf("nn: Normalization: %w", err)
	}
	l.Mean, l.Variance = make([]float64, len(cols)), make([]float64, len(cols))
	for j, c := range cols {
		if len(c) == 0 {
			return fmt.Errorf("nn: Normalization: feature %d has no value", j)
		}
		l.Mean[j] = mean(c)
		for _, v := range c {
			l.Variance[j] += (v - l.Mean[j]) * (v - l.Mean[j]) / float64(len(c))
		}
	}
	return nil
}

// Build implements [Layer].
func (l *Normalization) Build(b *Builder, in ...*Value) []*Value {
	scale := make([]float64, len(l.Mean))
	for j, v := range l.Variance {
		scale[j] = 1 / math.Max(math.Sqrt(v), 1e-7)
	}
	return []*Value{shiftScale(b, in[0], l.Mean, scale)}
}

// shiftScale emits (x-shift)*scale with one number a feature.
func shiftScale(b *Builder, x *Value, shift, scale []float64) *Value {
	n, ok := lastDim(x)
	if len(shift) == 0 {
		b.Fail(errors.New("the layer has not been adapted to data"))
		return x
	}
	if !ok || n != len(shift) || len(scale) != n {
		b.Fail(fmt.Errorf("adapted to %d features, applied to %v", len(shift), x.Fact))
		return x
	}
	return b.Mul(b.Sub(x, b.vector(shift)), b.vector(scale))
}

// vector returns the numbers as a constant.
func (b *Builder) vector(v []float64) *Value {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return b.Const(tensor.Vector(out...))
}

// columns returns the columns of a [rows, features] tensor without their NaNs; a tensor of one axis is one column.
func columns(x tensor.Any) ([][]float64, error) {
	s := x.Shape()
	if s.Rank() != 1 && s.Rank() != 2 {
		return nil, fmt.Errorf("expected a tensor of shape [rows, features], got %v%v", x.DType(), s)
	}
	n := 1
	if s.Rank() == 2 {
		n = s[1]
	}
	out := make([][]float64, n)
	add := func(i int, v float64) {
		if !math.IsNaN(v) {
			out[i%n] = append(out[i%n], v)
		}
	}
	switch t := x.(type) {
	case *tensor.Tensor[float32]:
		for i, v := range t.Data() {
			add(i, float64(v))
		}
	case *tensor.Tensor[float64]:
		for i, v := range t.Data() {
			add(i, v)
		}
	default:
		return nil, fmt.Errorf("expected floats, got %v%v", x.DType(), s)
	}
	return out, nil
}

func mean(c []float64) float64 {
	sum := 0.
	for _, v := range c {
		sum += v
	}
	return sum / float64(len(c))
}
