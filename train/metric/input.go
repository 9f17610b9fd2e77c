package metric

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// batch is one update: targets and predictions of the same shape, as Keras computes with them.
type batch struct {
	t, p  []float32
	shape tensor.Shape
	w     []float64 // nil for none; of a shape that shape starts with
}

// newBatch checks the shapes and converts the elements.
func newBatch(yTrue, yPred, weight tensor.Any) (b batch, err error) {
	b.shape = yPred.Shape()
	if !yTrue.Shape().Equal(b.shape) {
		return b, mismatch(yTrue, yPred)
	}
	if b.shape.Rank() == 0 {
		return b, fmt.Errorf("%w: predictions must have a dimension of examples, got %s", ErrShape, describe(yPred))
	}
	if b.t, err = floats("targets", yTrue); err != nil {
		return b, err
	}
	if b.p, err = floats("predictions", yPred); err != nil {
		return b, err
	}
	b.w, err = weights(weight, b.shape)
	return b, err
}

// mismatch says which shapes differ, and how to mend what happens most.
func mismatch(yTrue, yPred tensor.Any) error {
	t, p := yTrue.Shape(), yPred.Shape()
	hint := ""
	switch {
	case len(t)+1 == len(p) && p[len(p)-1] == 1 && t.Equal(p[:len(t)]):
		hint = fmt.Sprintf(": give the targets the shape %v", p)
	case len(p)+1 == len(t) && t[len(t)-1] == 1 && p.Equal(t[:len(p)]):
		hint = fmt.Sprintf(": give the targets the shape %v", p)
	}
	return fmt.Errorf("%w: targets %s, predictions %s%s", ErrShape, describe(yTrue), describe(yPred), hint)
}

// describe returns type and shape as in f32[10,3].
func describe(t tensor.Any) string { return t.DType().String() + t.Shape().String() }

// weights returns the sample weights for values of a shape.
func weights(weight tensor.Any, shape tensor.Shape) ([]float64, error) {
	if weight == nil {
		return nil, nil
	}
	s := weight.Shape()
	if len(s) == len(shape)+1 && s[len(s)-1] == 1 {
		s = s[:len(s)-1]
	}
	fits := len(s) > 0 && len(s) <= len(shape) && s.Equal(shape[:len(s)])
	// [n,1] weighs examples whatever they predict.
	fits = fits || len(s) == 2 && s[1] == 1 && len(shape) > 0 && s[0] == shape[0]
	if !fits {
		return nil, fmt.Errorf("%w: weights %s for targets %v; they weigh examples and have the shape %v", ErrShape, describe(weight), shape, shape[:1])
	}
	if w, ok := tensor.Floats[float64](weight); ok {
		return w, nil
	}
	return nil, fmt.Errorf("%w: weights of type %v cannot be measured", ErrValue, weight.DType())
}

// floats returns a tensor's elements as float32, which is what Keras computes with.
func floats(what string, t tensor.Any) ([]float32, error) {
	if out, ok := tensor.Floats[float32](t); ok {
		return out, nil
	}
	return nil, fmt.Errorf("%w: %s of type %v cannot be measured", ErrValue, what, t.DType())
}

func convert[To, From tensor.Number](values []From) []To {
	out := make([]To, len(values))
	for i, v := range values {
		out[i] = To(v)
	}
	return out
}

// labels returns class numbers, which must be below classes; floats must be whole. what names one of them.
func labels(what string, t tensor.Any, classes int) ([]int, error) {
	if t, ok := t.(*tensor.Tensor[int64]); ok { // float32 would round large ones
		out := make([]int, t.Len())
		for i, v := range t.Data() {
			if v < 0 || v >= int64(classes) {
				return nil, noClass(what, i, v, classes)
			}
			out[i] = int(v)
		}
		return out, nil
	}
	f, err := floats(what+"s", t)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(f))
	for i, v := range f {
		if !(v >= 0 && v < float32(classes)) || v != float32(int(v)) {
			return nil, noClass(what, i, v, classes)
		}
		out[i] = int(v)
	}
	return out, nil
}

func noClass(what string, i int, v any, classes int) error {
	return fmt.Errorf("%w: %s %d is %v, but there are the classes 0 to %d", ErrValue, what, i, v, classes-1)
}

// sparse checks the shapes of class numbers and of predictions with a column for each class: [n] or [n,1] and
// [n,c], in sequences [n,t] or [n,t,1] and [n,t,c].
func sparse(yTrue, yPred tensor.Any) (classes int, err error) {
	t, p := yTrue.Shape(), yPred.Shape()
	if len(p) >= 2 {
		lead := p[:len(p)-1]
		if t.Equal(lead) || len(t) == len(p) && t[len(t)-1] == 1 && t[:len(t)-1].Equal(lead) {
			return p[len(p)-1], nil
		}
		return 0, fmt.Errorf("%w: targets %s, predictions %s: class numbers have the shape %v", ErrShape, describe(yTrue), describe(yPred), lead)
	}
	return 0, fmt.Errorf("%w: predictions %s have no column for each class", ErrShape, describe(yPred))
}

// argmax returns the position of the largest element, the first one of equals.
func argmax(row []float32) int {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best
}

func anyNaN(values []float32) bool {
	return slices.ContainsFunc(values, func(v float32) bool { return v != v })
}

func anyNaN64(values []float64) bool { return slices.ContainsFunc(values, math.IsNaN) }
