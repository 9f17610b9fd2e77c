package loss

import (
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ErrTarget is wrapped by every error about a target that has no meaning to a loss.
var ErrTarget = errors.New("bad target")

// Targeted is a loss that knows which targets have a meaning.
type Targeted interface {
	Loss
	// CheckTargets names the first target that has none. classes is the number of the predictions' classes, -1
	// where it is not known.
	CheckTargets(yTrue tensor.Any, classes int) error
}

// CheckTargets asks a loss about targets; a loss that is not [Targeted] takes any.
func CheckTargets(l Loss, yTrue tensor.Any, classes int) error {
	if r, ok := l.(Reduced); ok {
		l = r.Loss
	}
	if c, ok := l.(Targeted); ok {
		return c.CheckTargets(yTrue, classes)
	}
	return nil
}

// CheckTargets implements [Targeted]: a target is the number of a class, from 0.
func (l SparseCategoricalCrossentropy) CheckTargets(yTrue tensor.Any, classes int) error {
	switch t := yTrue.(type) {
	case *tensor.Tensor[int64]:
		return checkClasses(t.Data(), l.IgnoreClass, classes)
	case *tensor.Tensor[int32]:
		return checkClasses(t.Data(), l.IgnoreClass, classes)
	case *tensor.Tensor[uint8]:
		return checkClasses(t.Data(), l.IgnoreClass, classes)
	case *tensor.Tensor[float32]:
		return checkClasses(t.Data(), l.IgnoreClass, classes)
	case *tensor.Tensor[float64]:
		return checkClasses(t.Data(), l.IgnoreClass, classes)
	}
	return nil
}

func checkClasses[T int64 | int32 | uint8 | float32 | float64](y []T, ignore *int, classes int) error {
	for i, v := range y {
		f := float64(v)
		if ignore != nil && f == float64(*ignore) {
			continue
		}
		switch {
		case f != float64(int64(f)):
			return fmt.Errorf("%w: target %d is %v, which is not the number of a class", ErrTarget, i, v)
		case f < 0 || classes >= 0 && f >= float64(classes):
			most := ""
			if classes >= 0 {
				most = fmt.Sprintf(" to %d", classes-1)
			}
			return fmt.Errorf("%w: target %d is class %v, but the predictions have the classes from 0%s", ErrTarget, i, v, most)
		}
	}
	return nil
}

// CheckTargets implements [Targeted]: a target is a probability.
func (l BinaryCrossentropy) CheckTargets(yTrue tensor.Any, _ int) error {
	return checkProbabilities(yTrue)
}

// CheckTargets implements [Targeted]: a target is a probability.
func (l BinaryFocalCrossentropy) CheckTargets(yTrue tensor.Any, _ int) error {
	return checkProbabilities(yTrue)
}

// CheckTargets implements [Targeted]: a target is a probability.
func (l CategoricalCrossentropy) CheckTargets(yTrue tensor.Any, _ int) error {
	return checkProbabilities(yTrue)
}

// CheckTargets implements [Targeted]: a target is a probability.
func (l CategoricalFocalCrossentropy) CheckTargets(yTrue tensor.Any, _ int) error {
	return checkProbabilities(yTrue)
}

func checkProbabilities(yTrue tensor.Any) error {
	switch t := yTrue.(type) {
	case *tensor.Tensor[int64]:
		return within01(t.Data())
	case *tensor.Tensor[int32]:
		return within01(t.Data())
	case *tensor.Tensor[uint8]:
		return within01(t.Data())
	case *tensor.Tensor[float32]:
		return within01(t.Data())
	case *tensor.Tensor[float64]:
		return within01(t.Data())
	}
	return nil
}

// within01 allows for the rounding of what was scaled to [0,1].
func within01[T int64 | int32 | uint8 | float32 | float64](y []T) error {
	for i, v := range y {
		if f := float64(v); f < -epsilon || f > 1+epsilon {
			return fmt.Errorf("%w: element %d is %v, and the loss takes probabilities, from 0 to 1", ErrTarget, i, v)
		}
	}
	return nil
}
