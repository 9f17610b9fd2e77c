package data

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Labels numbers the classes of a target and returns each row's number and the count of classes. Integers, bools
// and strings are classes in ascending order; so are the whole numbers of a float target. Shapes are [n] and
// [n,1]; in a one-hot target [n,c] a row's class is the position of its largest value, numbered as it stands.
func Labels(target tensor.Any) (labels []int, classes int, err error) {
	if target == nil {
		return nil, 0, fmt.Errorf("%w: there is no target to take classes from", ErrShape)
	}
	shape := target.Shape()
	if shape.Rank() == 2 && shape[1] > 1 {
		return oneHotLabels(target)
	}
	if !columnShape(shape) {
		return nil, 0, fmt.Errorf("%w: classes need a target [n], [n,1] or [n,c], got %s", ErrShape, describe(target))
	}
	c, err := asColumn(target)
	if err != nil {
		return nil, 0, err
	}
	codes, unique := c.Codes()
	labels = make([]int, len(codes))
	for i, code := range codes {
		if code < 0 {
			return nil, 0, fmt.Errorf("%w: target %d is NaN", ErrMalformed, i)
		}
		labels[i] = int(code)
	}
	return labels, unique.Len(), nil
}

func columnShape(s tensor.Shape) bool {
	return s.Rank() == 1 || s.Rank() == 2 && s[1] == 1
}

// asColumn returns a target's values as a column: text or integers. Floats must be whole.
func asColumn(t tensor.Any) (*Column, error) {
	if s := tensor.Data[string](t); s != nil {
		return Strings("target", s, nil), nil
	}
	values, err := asFloats(t)
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if v != math.Trunc(v) {
			return nil, fmt.Errorf("%w: target %d is %v, which is no class", ErrMalformed, i, v)
		}
	}
	return Floats("target", values), nil
}

func oneHotLabels(t tensor.Any) ([]int, int, error) {
	values, err := asFloats(t)
	if err != nil {
		return nil, 0, err
	}
	n, c := t.Shape()[0], t.Shape()[1]
	labels := make([]int, n)
	for i := range labels {
		row := values[i*c : (i+1)*c]
		for j, v := range row {
			if math.IsNaN(v) {
				return nil, 0, fmt.Errorf("%w: target %d is NaN", ErrMalformed, i)
			}
			if v > row[labels[i]] {
				labels[i] = j
			}
		}
	}
	return labels, c, nil
}

// asFloats returns the elements of a numeric tensor as float64.
func asFloats(t tensor.Any) ([]float64, error) {
	if out, ok := tensor.Floats[float64](t); ok {
		return out, nil
	}
	return nil, fmt.Errorf("%w: a target of type %v has no classes", ErrShape, t.DType())
}

// Classes returns each row's class as the number that stands in the target; of a one-hot target the position of the
// largest value.
func (d *Dataset) Classes() ([]int64, error) {
	labels, _, err := Labels(d.target)
	if err != nil {
		return nil, err
	}
	values := make([]int64, len(labels))
	if !columnShape(d.target.Shape()) {
		for i, l := range labels {
			values[i] = int64(l)
		}
		return values, nil
	}
	floats, err := asFloats(d.target)
	if err != nil {
		return nil, err
	}
	for i, f := range floats {
		values[i] = int64(f)
	}
	return values, nil
}
