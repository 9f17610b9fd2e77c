package metric

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// IoU is the intersection over union of classes, tp/(tp+fp+fn), as the mean over Targets of those that occur. As in
// Keras, whose count is of integers, weights lose what is behind the point.
type IoU struct {
	up
	Classes int   // that there are; targets and predictions outside are not counted
	Targets []int // classes that the result is about
	Ignore  *int  // a target that is not counted
	// DenseTrue and DensePred say that there is a column for each class, the largest of which counts: Keras's
	// sparse_y_true=False and sparse_y_pred=False.
	DenseTrue, DensePred bool

	cells []float64 // by target, then by prediction
	nan   bool
}

// Name returns io_u, which is what Keras makes of the class's name.
func (*IoU) Name() string { return "io_u" }

// Reset forgets.
func (m *IoU) Reset() { m.cells, m.nan = nil, false }

// Update adds a batch of class numbers, or of columns for each class; see [Metric].
func (m *IoU) Update(yTrue, yPred, weight tensor.Any) error {
	t, shape, err := classesOf("targets", yTrue, m.DenseTrue)
	if err != nil {
		return err
	}
	p, of, err := classesOf("predictions", yPred, m.DensePred)
	if err != nil {
		return err
	}
	if k := len(of); m.DensePred && !m.DenseTrue && len(shape) == k+1 && shape[k] == 1 { // [n,1] for [n,c]
		shape = shape[:k]
	}
	if !shape.Equal(of) || len(shape) == 0 {
		return mismatch(yTrue, yPred)
	}
	return m.count(t, p, shape, weight)
}

// count adds classes of a shape to the cells.
func (m *IoU) count(t, p []int, shape tensor.Shape, weight tensor.Any) error {
	if m.Classes < 1 || m.Classes > maxClasses {
		return fmt.Errorf("%w: %d classes", ErrValue, m.Classes)
	}
	for _, k := range m.Targets {
		if k < 0 || k >= m.Classes {
			return fmt.Errorf("%w: class %d of %d", ErrValue, k, m.Classes)
		}
	}
	w, err := weights(weight, shape)
	if err != nil {
		return err
	}
	if m.cells == nil {
		m.cells = make([]float64, m.Classes*m.Classes)
	}
	m.nan = m.nan || slices.Contains(t, noNumber) || slices.Contains(p, noNumber) || anyNaN64(w)
	inside := func(k int) bool { return k >= 0 && k < m.Classes }
	for i, k := range t {
		if !inside(k) || !inside(p[i]) || m.Ignore != nil && k == *m.Ignore {
			continue
		}
		one := 1.
		if w != nil {
			one = math.Trunc(w[i*len(w)/len(t)])
		}
		m.cells[k*m.Classes+p[i]] += one
	}
	return nil
}

// Result returns the mean; see [Metric].
func (m *IoU) Result() float64 {
	switch {
	case m.nan:
		return math.NaN()
	case m.cells == nil:
		return 0
	}
	sum, n := 0., 0.
	for k := range m.Classes {
		if m.Targets != nil && !slices.Contains(m.Targets, k) {
			continue
		}
		union := -m.cells[k*m.Classes+k]
		for j := range m.Classes {
			union += m.cells[k*m.Classes+j] + m.cells[j*m.Classes+k]
		}
		if union > 0 {
			sum += m.cells[k*m.Classes+k] / union
			n++
		}
	}
	return divide(sum, n)
}

// State implements [Stateful].
func (m *IoU) State() []float64 {
	if m.cells == nil {
		return nil
	}
	return append([]float64{flag(m.nan)}, m.cells...)
}

// SetState implements [Stateful].
func (m *IoU) SetState(s []float64) error {
	if len(s) != 1+m.Classes*m.Classes {
		return badState(s)
	}
	m.nan, m.cells = s[0] != 0, slices.Clone(s[1:])
	return nil
}

// MeanIoU is the mean over all classes that occur; its Targets are not used.
type MeanIoU struct{ IoU }

// Name returns mean_io_u.
func (*MeanIoU) Name() string { return "mean_io_u" }

// OneHotIoU is [IoU] of targets and predictions with a column for each class.
type OneHotIoU struct{ IoU }

// Name returns one_hot_io_u.
func (*OneHotIoU) Name() string { return "one_hot_io_u" }

// OneHotMeanIoU is [MeanIoU] of targets and predictions with a column for each class.
type OneHotMeanIoU struct{ IoU }

// Name returns one_hot_mean_io_u.
func (*OneHotMeanIoU) Name() string { return "one_hot_mean_io_u" }

// BinaryIoU is [IoU] of the classes 0 and 1: a prediction from Threshold on is a 1.
type BinaryIoU struct {
	up
	Targets   []int    // nil is both
	Threshold *float64 // nil is 0.5
	iou       IoU
}

// Name returns binary_io_u.
func (*BinaryIoU) Name() string { return "binary_io_u" }

// Reset forgets.
func (m *BinaryIoU) Reset() { m.iou.Reset() }

// Update adds a batch; see [Metric].
func (m *BinaryIoU) Update(yTrue, yPred, weight tensor.Any) error {
	b, err := newBatch(yTrue, yPred, nil)
	if err != nil {
		return err
	}
	t, shape, err := classesOf("targets", yTrue, false)
	if err != nil {
		return err
	}
	threshold := float32(orDefault(m.Threshold, .5))
	p := make([]int, len(b.p))
	for i, v := range b.p {
		switch {
		case v != v:
			p[i] = noNumber
		case v >= threshold:
			p[i] = 1
		}
	}
	m.iou.Classes, m.iou.Targets = 2, m.Targets
	return m.iou.count(t, p, shape, weight)
}

// Result returns the mean; see [Metric].
func (m *BinaryIoU) Result() float64 { return m.iou.Result() }

// State implements [Stateful].
func (m *BinaryIoU) State() []float64 { return m.iou.State() }

// SetState implements [Stateful].
func (m *BinaryIoU) SetState(s []float64) error {
	m.iou.Classes, m.iou.Targets = 2, m.Targets
	return m.iou.SetState(s)
}

// noNumber is the class of a NaN.
const noNumber = -2

// classesOf returns class numbers with their shape: the elements without what is behind the point, or, of dense
// ones, the column of each row's largest element.
func classesOf(what string, t tensor.Any, dense bool) ([]int, tensor.Shape, error) {
	f, err := floats(what, t)
	if err != nil {
		return nil, nil, err
	}
	shape, c := t.Shape(), 1
	if dense {
		if len(shape) > 0 {
			shape, c = shape[:len(shape)-1], shape[len(shape)-1]
		}
		if c == 0 || len(shape) == 0 {
			return nil, nil, fmt.Errorf("%w: %s %s have no column for each class", ErrShape, what, describe(t))
		}
	}
	out := make([]int, len(f)/c)
	for i := range out {
		switch row := f[i*c : (i+1)*c]; {
		case anyNaN(row):
			out[i] = noNumber
		case dense:
			out[i] = argmax(row)
		default:
			out[i] = int(max(-1, min(row[0], maxClasses)))
		}
	}
	return out, shape, nil
}

// iou reads the arguments that all but [BinaryIoU] share.
func (a arguments) iou(m IoU) IoU {
	a.fixed("axis", -1)
	m.Ignore = a.whole("ignore_class")
	trueSparse, predSparse := true, true
	a.Bool("sparse_y_true", &trueSparse)
	a.Bool("sparse_y_pred", &predSparse)
	m.DenseTrue, m.DensePred = !trueSparse, !predSparse
	return m
}

// oneHot is iou for targets and predictions of a column for each class.
func (a arguments) oneHot(m IoU) IoU {
	a.fixed("axis", -1)
	m.Ignore = a.whole("ignore_class")
	sparse := false
	a.Bool("sparse_y_pred", &sparse)
	m.DenseTrue, m.DensePred = true, !sparse
	return m
}
