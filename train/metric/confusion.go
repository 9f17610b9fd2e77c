package metric

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Confusion counts, by weight, how often each class is taken for each. The zero value is ready.
type Confusion struct {
	Classes   int      // 0 takes the predictions' columns, 2 for a single one
	Labels    []string // the classes' names, nil for their numbers
	Threshold *float64 // of a single column: class 1 is above it; nil is 0.5
	cells     []float64
	n         int
}

// maxClasses bounds the table to half a gigabyte.
const maxClasses = 1 << 13

// Update adds a batch. Predictions are a column for each class, of which the largest counts, a single column,
// [n] or [n,1], of scores, or class numbers of an integer type. Targets are class numbers or, with the
// predictions' shape, a column for each class.
func (m *Confusion) Update(yTrue, yPred, weight tensor.Any) error {
	predicted, classes, err := m.decide(yPred)
	if err != nil {
		return err
	}
	if m.n != 0 && classes > m.n {
		return fmt.Errorf("%w: %d classes after batches of %d", ErrShape, classes, m.n)
	}
	truth, err := m.truth(yTrue, yPred, classes)
	if err != nil {
		return err
	}
	if len(truth) != len(predicted) {
		return mismatch(yTrue, yPred)
	}
	w, err := weights(weight, tensor.Shape{len(truth)})
	if err != nil {
		return err
	}
	if m.cells == nil {
		m.n, m.cells = classes, make([]float64, classes*classes)
	}
	for i, t := range truth {
		v := 1.0
		if w != nil {
			v = w[i]
		}
		m.cells[t*m.n+predicted[i]] += v
	}
	return nil
}

// decide returns the predicted classes and how many there are.
func (m *Confusion) decide(yPred tensor.Any) (predicted []int, classes int, err error) {
	shape := yPred.Shape()
	if len(shape) == 0 || len(shape) > 2 {
		return nil, 0, fmt.Errorf("%w: predictions must be [n] or [n,c], got %s", ErrShape, describe(yPred))
	}
	columns := 1
	if len(shape) == 2 {
		columns = shape[1]
	}
	classes = m.Classes
	if classes == 0 {
		classes = max(2, columns, len(m.Labels))
	}
	if classes < max(columns, len(m.Labels)) || classes > maxClasses {
		return nil, 0, fmt.Errorf("%w: %d classes for predictions %s and %d labels", ErrShape, classes, describe(yPred), len(m.Labels))
	}
	if columns == 1 && (yPred.DType().IsInt() || yPred.DType() == tensor.Bool) {
		predicted, err = labels("prediction", yPred, classes)
		return predicted, classes, err
	}
	p, err := floats("predictions", yPred)
	if err != nil {
		return nil, 0, err
	}
	if anyNaN(p) {
		return nil, 0, fmt.Errorf("%w: a prediction is NaN", ErrValue)
	}
	predicted = make([]int, shape[0])
	threshold := float32(orDefault(m.Threshold, .5))
	for i := range predicted {
		switch row := p[i*columns : (i+1)*columns]; {
		case columns > 1:
			predicted[i] = argmax(row)
		case columns == 1 && row[0] > threshold:
			predicted[i] = 1
		}
	}
	return predicted, classes, nil
}

// truth returns the targets' classes.
func (m *Confusion) truth(yTrue, yPred tensor.Any, classes int) ([]int, error) {
	t, p := yTrue.Shape(), yPred.Shape()
	if len(t) == 2 && t[1] > 1 {
		if !t.Equal(p) {
			return nil, mismatch(yTrue, yPred)
		}
		f, err := floats("targets", yTrue)
		if err != nil {
			return nil, err
		}
		if anyNaN(f) {
			return nil, fmt.Errorf("%w: a target is NaN", ErrValue)
		}
		out := make([]int, t[0])
		for i := range out {
			out[i] = argmax(f[i*t[1] : (i+1)*t[1]])
		}
		return out, nil
	}
	if len(t) == 0 || len(t) > 2 || len(t) == 2 && t[1] != 1 {
		return nil, mismatch(yTrue, yPred)
	}
	return labels("target", yTrue, classes)
}

// Reset forgets.
func (m *Confusion) Reset() { m.cells, m.n = nil, 0 }

// Matrix returns the counts: rows are targets, columns predictions.
func (m *Confusion) Matrix() [][]float64 {
	rows := make([][]float64, m.n)
	for i := range rows {
		rows[i] = append([]float64(nil), m.cells[i*m.n:(i+1)*m.n]...)
	}
	return rows
}

// Accuracy returns the share of the diagonal, 0 before the first update.
func (m *Confusion) Accuracy() float64 {
	right := 0.0
	for i := range m.n {
		right += m.cells[i*m.n+i]
	}
	return divide(right, sum(m.cells))
}

// A ClassReport says how well one class is found.
type ClassReport struct {
	Label                 string
	Precision, Recall, F1 float64 // 0 where they are 0/0
	Support               float64 // targets of the class, by weight
}

// Report returns a line for each class.
func (m *Confusion) Report() []ClassReport {
	lines := make([]ClassReport, m.n)
	for i := range lines {
		tp, predicted, support := m.cells[i*m.n+i], 0.0, 0.0
		for j := range m.n {
			predicted += m.cells[j*m.n+i]
			support += m.cells[i*m.n+j]
		}
		lines[i] = ClassReport{
			Label: m.label(i), Support: support,
			Precision: divide(tp, predicted), Recall: divide(tp, support), F1: divide(2*tp, predicted+support),
		}
	}
	return lines
}

// Kappa returns Cohen's kappa: agreement beyond chance, 1 for all and 0 for none. It is NaN where chance alone
// agrees always, or nothing was counted.
func (m *Confusion) Kappa() float64 {
	total, chance := sum(m.cells), 0.0
	for i := range m.n {
		predicted, support := 0.0, 0.0
		for j := range m.n {
			predicted += m.cells[j*m.n+i]
			support += m.cells[i*m.n+j]
		}
		chance += predicted / total * support / total
	}
	if total == 0 || chance == 1 {
		return math.NaN()
	}
	return (m.Accuracy() - chance) / (1 - chance)
}

func (m *Confusion) label(i int) string {
	if i < len(m.Labels) {
		return m.Labels[i]
	}
	return fmt.Sprint(i)
}

// String returns the counts as a table.
func (m *Confusion) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "true \\ predicted\t")
	for i := range m.n {
		fmt.Fprintf(w, "%s\t", m.label(i))
	}
	for i := range m.n {
		fmt.Fprintf(w, "\n%s\t", m.label(i))
		for j := range m.n {
			fmt.Fprintf(w, "%v\t", m.cells[i*m.n+j])
		}
	}
	fmt.Fprintln(w)
	w.Flush()
	return b.String()
}
