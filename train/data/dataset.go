package data

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A Dataset holds examples in memory: named inputs, a target and sample weights, whose first dimension counts
// the examples. It does not change; what seems to change it returns another one.
type Dataset struct {
	inputs map[string]tensor.Any
	target tensor.Any
	weight tensor.Any
	n      int
}

// New returns a dataset over the tensors, which it does not copy. target and weight may be nil; weights are
// f32 or f64 of shape [n]. Tensors whose first dimensions differ are an error, and so is a scalar.
func New(inputs map[string]tensor.Any, target, weight tensor.Any) (*Dataset, error) {
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w: a dataset needs an input", ErrShape)
	}
	d := &Dataset{inputs: maps.Clone(inputs), target: target, weight: weight, n: -1}
	first := ""
	for name, t := range d.all() {
		if t == nil {
			return nil, fmt.Errorf("%w: %s is nil", ErrShape, name)
		}
		if t.Shape().Rank() == 0 {
			return nil, fmt.Errorf("%w: %s is a scalar; its first dimension must count the examples", ErrShape, name)
		}
		rows := t.Shape()[0]
		if d.n < 0 {
			first, d.n = name, rows
		}
		if rows != d.n {
			return nil, fmt.Errorf("%w: %s %s has %s, %s %s has %d", ErrShape,
				first, describe(d.named(first)), plural(d.n, "row"), name, describe(t), rows)
		}
	}
	if weight != nil {
		if k := weight.DType(); k != tensor.Float32 && k != tensor.Float64 || weight.Shape().Rank() != 1 {
			return nil, fmt.Errorf("%w: sample weights must be f32[%d] or f64[%d], got %s", ErrShape, d.n, d.n, describe(weight))
		}
	}
	return d, nil
}

// all yields the tensors with their names in messages: inputs by name, then target and weights where there are.
func (d *Dataset) all() func(yield func(string, tensor.Any) bool) {
	return func(yield func(string, tensor.Any) bool) {
		for _, name := range d.Names() {
			if !yield(fmt.Sprintf("input %q", name), d.inputs[name]) {
				return
			}
		}
		if d.target != nil && !yield("target", d.target) {
			return
		}
		if d.weight != nil {
			yield("sample weights", d.weight)
		}
	}
}

func (d *Dataset) named(name string) tensor.Any {
	for n, t := range d.all() {
		if n == name {
			return t
		}
	}
	return nil
}

// describe returns type and shape as in f32[10,3].
func describe(t tensor.Any) string { return t.DType().String() + t.Shape().String() }

// Len returns the number of examples.
func (d *Dataset) Len() int { return d.n }

// Names returns the inputs' names in ascending order.
func (d *Dataset) Names() []string { return slices.Sorted(maps.Keys(d.inputs)) }

// Inputs returns the inputs by name. The caller must not change the map.
func (d *Dataset) Inputs() map[string]tensor.Any { return d.inputs }

// Target returns the target, nil where there is none.
func (d *Dataset) Target() tensor.Any { return d.target }

// Weight returns the sample weights, nil where there are none.
func (d *Dataset) Weight() tensor.Any { return d.weight }

// each returns a dataset of n examples, made of what f makes of each tensor.
func (d *Dataset) each(n int, f func(tensor.Any) tensor.Any) *Dataset {
	out := &Dataset{inputs: make(map[string]tensor.Any, len(d.inputs)), n: n}
	for name, t := range d.inputs {
		out.inputs[name] = f(t)
	}
	if d.target != nil {
		out.target = f(d.target)
	}
	if d.weight != nil {
		out.weight = f(d.weight)
	}
	return out
}

// Take returns a copy of the examples with the given numbers, in that order; one may come more than once.
func (d *Dataset) Take(rows []int) (*Dataset, error) {
	for _, r := range rows {
		if r < 0 || r >= d.n {
			return nil, fmt.Errorf("data: no example %d among %d", r, d.n)
		}
	}
	return d.take(rows), nil
}

func (d *Dataset) take(rows []int) *Dataset {
	return d.each(len(rows), func(t tensor.Any) tensor.Any {
		out := allocRows(t, len(rows))
		gather(out, t, rows)
		return out
	})
}

// Slice returns the examples from lo up to hi, which it does not contain, over the same memory.
func (d *Dataset) Slice(lo, hi int) (*Dataset, error) {
	if lo < 0 || hi < lo || hi > d.n {
		return nil, fmt.Errorf("data: no examples %d to %d among %d", lo, hi, d.n)
	}
	return d.slice(lo, hi), nil
}

func (d *Dataset) slice(lo, hi int) *Dataset {
	return d.each(hi-lo, func(t tensor.Any) tensor.Any { return span(t, lo, hi) })
}

// WithTarget returns the dataset with another target, nil for none.
func (d *Dataset) WithTarget(target tensor.Any) (*Dataset, error) {
	return New(d.inputs, target, d.weight)
}

// WithWeight returns the dataset with other sample weights, nil for none.
func (d *Dataset) WithWeight(weight tensor.Any) (*Dataset, error) {
	return New(d.inputs, d.target, weight)
}

// CheckFinite returns an error that names the first element of an input, the target or the weights that is NaN
// or infinite, by row and column from 0: a single one makes every parameter NaN in one step of training.
func (d *Dataset) CheckFinite() error {
	for name, t := range d.all() {
		at, value := -1, 0.
		switch t.DType() {
		case tensor.Float32:
			if at = firstBad(tensor.Data[float32](t)); at >= 0 {
				value = float64(tensor.Data[float32](t)[at])
			}
		case tensor.Float64:
			if at = firstBad(tensor.Data[float64](t)); at >= 0 {
				value = tensor.Data[float64](t)[at]
			}
		}
		if at < 0 {
			continue
		}
		w := max(1, width(t))
		column := ""
		if t.Shape().Rank() > 1 {
			column = fmt.Sprintf(", column %d", at%w)
		}
		return fmt.Errorf("%w: %s %s holds %v in row %d%s", ErrMalformed, name, describe(t), value, at/w, column)
	}
	return nil
}

// firstBad returns the place of the first number that is not finite, -1 where there is none.
func firstBad[T float32 | float64](values []T) int {
	return slices.IndexFunc(values, func(v T) bool { return !finite(float64(v)) })
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
