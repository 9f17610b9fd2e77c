package data

import (
	"fmt"
	"math"
	"slices"

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
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[float64]:
		return t.Data(), nil
	case *tensor.Tensor[int64]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[int32]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[int16]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[int8]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[uint64]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[uint32]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[uint16]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[uint8]:
		return toFloats(t.Data()), nil
	case *tensor.Tensor[bool]:
		out := make([]float64, t.Len())
		for i, v := range t.Data() {
			if v {
				out[i] = 1
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%w: a target of type %v has no classes", ErrShape, t.DType())
}

func toFloats[T tensor.Number](values []T) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// BalancedWeights returns a weight for each class such that all classes weigh the same together and the rows'
// mean weight is one: rows / (classes * rows of the class), scikit-learn's class_weight="balanced".
func BalancedWeights(labels []int) ([]float64, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(counts))
	for class, count := range counts {
		weights[class] = float64(len(labels)) / (float64(len(counts)) * float64(count))
	}
	return weights, nil
}

// WithClassWeights returns the dataset with each example's weight multiplied by its class's, as Keras's fit does
// with class_weight: weights are by the class's value, in a one-hot target by its position; a class that is not
// named weighs 1. The target must be numeric.
func (d *Dataset) WithClassWeights(weights map[int64]float64) (*Dataset, error) {
	values, err := d.classValues()
	if err != nil {
		return nil, err
	}
	return d.scaleWeight(func(i int) float64 {
		if w, ok := weights[values[i]]; ok {
			return w
		}
		return 1
	})
}

// Balance returns the dataset with each example's weight multiplied by its class's in [BalancedWeights].
func (d *Dataset) Balance() (*Dataset, error) {
	labels, _, err := Labels(d.target)
	if err != nil {
		return nil, err
	}
	weights, err := BalancedWeights(labels)
	if err != nil {
		return nil, err
	}
	return d.scaleWeight(func(i int) float64 { return weights[labels[i]] })
}

// classValues returns each row's class as the number that stands in the target.
func (d *Dataset) classValues() ([]int64, error) {
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

func (d *Dataset) scaleWeight(factor func(i int) float64) (*Dataset, error) {
	var old []float64
	if d.weight != nil {
		var err error
		if old, err = asFloats(d.weight); err != nil {
			return nil, err
		}
	}
	out := make([]float32, d.n)
	for i := range out {
		f := factor(i)
		if old != nil {
			f *= old[i]
		}
		out[i] = float32(f)
	}
	return d.WithWeight(tensor.Vector(out...))
}

// Undersample returns the numbers of rows in which no class outnumbers the smallest one by more than 1/ratio:
// ratio 1 makes all classes equal, 0.1 allows ten to one. Rows are left out at random by the seed; those that
// stay are in random order.
func Undersample(labels []int, ratio float64, seed uint64) ([]int, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	if !(ratio > 0 && ratio <= 1) {
		return nil, fmt.Errorf("data: a ratio of %v is outside (0,1]", ratio)
	}
	if len(counts) == 0 {
		return nil, nil
	}
	most := float64(slices.Min(counts)) / ratio
	kept := make([]int, len(counts))
	var rows []int
	for _, row := range Permutation(len(labels), seed, sampleStream) {
		if class := labels[row]; float64(kept[class]+1) <= most+1e-9 {
			kept[class]++
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Oversample returns the numbers of all rows and repeats some at random by the seed, such that every class has
// at least ratio times the largest one's rows. They are in random order.
func Oversample(labels []int, ratio float64, seed uint64) ([]int, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	if !(ratio > 0 && ratio <= 1) {
		return nil, fmt.Errorf("data: a ratio of %v is outside (0,1]", ratio)
	}
	if len(counts) == 0 {
		return nil, nil
	}
	byClass := make([][]int, len(counts))
	rows := make([]int, len(labels))
	for row, class := range labels {
		byClass[class] = append(byClass[class], row)
		rows[row] = row
	}
	least := int(math.Ceil(ratio*float64(slices.Max(counts)) - 1e-9))
	r := newRandom(seed, sampleStream)
	for _, members := range byClass {
		for range least - len(members) {
			rows = append(rows, members[r.below(len(members))])
		}
	}
	shuffle(rows, r)
	return rows, nil
}
