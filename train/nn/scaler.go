package nn

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

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

// Normalization maps each feature to mean 0 and variance 1 by what Adapt saw: (x-mean)/max(sqrt(variance),
// epsilon) with Keras's epsilon 1e-7. The variance is the population's.
type Normalization struct {
	Name           string
	Axis           int       // of the features; the last where zero
	NoAxis         bool      // Keras's axis=None: one mean and variance for all numbers
	Mean, Variance []float64 // by feature, or one for all; set by Adapt
	Invert         bool      // maps back: x*max(sqrt(variance), epsilon) + mean
}

// LayerName implements [Named].
func (l *Normalization) LayerName() string { return l.Name }

// Adapt takes mean and variance of each feature of a tensor of floats; NaN is left out. A tensor of one
// axis is one feature.
func (l *Normalization) Adapt(x tensor.Any) error {
	axis := cmp.Or(l.Axis, -1)
	if x.Shape().Rank() == 1 || l.NoAxis {
		axis = 0
	}
	cols, err := along(x, axis)
	if err != nil {
		return fmt.Errorf("nn: Normalization{Axis: %d}: %w", l.Axis, err)
	}
	if axis == 0 {
		cols = [][]float64{slices.Concat(cols...)}
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
	x, axis, rank := in[0], cmp.Or(l.Axis, -1), in[0].Fact.Rank()
	if axis < 0 {
		axis += rank
	}
	n := len(l.Mean)
	switch {
	case n == 0 || len(l.Variance) != n:
		b.Fail(fmt.Errorf("Normalization has %d means and %d variances: adapt it to data", n, len(l.Variance)))
		return in[:1]
	case axis < 1 && n > 1 || axis >= rank || n > 1 && !x.Fact.Shape[axis].Is(n) || l.NoAxis && n > 1:
		b.Fail(fmt.Errorf("Normalization{Axis: %d} adapted to %d features, applied to %v", l.Axis, n, x.Fact))
		return in[:1]
	}
	deviation, inverse := make([]float64, n), make([]float64, n)
	for j, v := range l.Variance {
		deviation[j] = math.Max(math.Sqrt(v), 1e-7)
		inverse[j] = 1 / deviation[j]
	}
	wide := func(v []float64) *Value {
		shape := []int{n}
		for range max(0, rank-1-axis) {
			shape = append(shape, 1)
		}
		if n == 1 || len(shape) == 1 {
			return b.vector(v)
		}
		return b.ReshapeTo(b.vector(v), shape...)
	}
	if l.Invert {
		return []*Value{b.Add(b.Mul(x, wide(deviation)), wide(l.Mean))}
	}
	return []*Value{b.Mul(b.Sub(x, wide(l.Mean)), wide(inverse))}
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
	switch s.Rank() {
	case 1:
		cols, err := along(x, 0)
		return [][]float64{slices.Concat(cols...)}, err
	case 2:
		return along(x, 1)
	}
	return nil, fmt.Errorf("expected a tensor of shape [rows, features], got %v%v", x.DType(), s)
}

// along returns the numbers at each place of an axis that are not NaN.
func along(x tensor.Any, axis int) ([][]float64, error) {
	s := x.Shape()
	if axis < 0 {
		axis += s.Rank()
	}
	if axis < 0 || axis >= s.Rank() {
		return nil, fmt.Errorf("%v%v has no such axis", x.DType(), s)
	}
	n, inner := s[axis], s[axis+1:].Len()
	out := make([][]float64, n)
	add := func(i int, v float64) {
		if !math.IsNaN(v) {
			out[i/inner%n] = append(out[i/inner%n], v)
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
