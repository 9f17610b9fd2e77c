package report

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/metric"
)

// Task is what a model's predictions are.
type Task uint8

// The tasks that can be told from predictions and targets.
const (
	Unknown    Task = iota
	Binary          // a score for the second of two classes, or a column for each
	Multiclass      // a column for each class, the largest of which counts
	Regression      // numbers
)

// String returns unknown, binary, multiclass or regression.
func (t Task) String() string {
	return [...]string{"unknown", "binary", "multiclass", "regression"}[t]
}

// TaskOf finds out what predictions are: one column of numbers from 0 to 1 against targets of 0 and 1, or two
// columns against one-hot targets or classes, are binary; more columns against those are multiclass; a column
// against other numbers is a regression. Anything else, such as a reconstruction, is Unknown.
func TaskOf(truth, predicted tensor.Any) Task {
	n, c, ok := tableShape(predicted)
	if !ok {
		return Unknown
	}
	t, err := numbers(truth)
	if err != nil || n == 0 || len(t)%n != 0 {
		return Unknown
	}
	p, err := numbers(predicted)
	if err != nil {
		return Unknown
	}
	switch width := len(t) / n; {
	case c == 1 && width == 1 && allIn(t, func(v float64) bool { return v == 0 || v == 1 }) && allIn(p, func(v float64) bool { return v >= 0 && v <= 1 }):
		return Binary
	case c == 1 && width == 1:
		return Regression
	case c > 1 && (width == 1 && allIn(t, func(v float64) bool { return v == math.Trunc(v) && v >= 0 && v < float64(c) }) || width == c && oneHot(t, c)):
		if c == 2 {
			return Binary
		}
		return Multiclass
	}
	return Unknown
}

func allIn(values []float64, ok func(float64) bool) bool {
	for _, v := range values {
		if !ok(v) {
			return false
		}
	}
	return true
}

// oneHot tells whether each row of c numbers is a single one among zeros.
func oneHot(values []float64, c int) bool {
	for i := 0; i < len(values); i += c {
		ones := 0
		for _, v := range values[i : i+c] {
			if v == 1 {
				ones++
			} else if v != 0 {
				return false
			}
		}
		if ones != 1 {
			return false
		}
	}
	return true
}

// AssessOptions say how predictions are judged.
type AssessOptions struct {
	Labels    []string // the classes' names, nil for their numbers
	Threshold float64  // a binary score above it is a positive decision; 0 is 0.5
	// BestF1 takes the threshold with the best F1 of these very predictions instead.
	BestF1 bool
}

// Score is a figure with its name, such as auc.
type Score struct {
	Name  string
	Value float64
}

// Assessment is how well a model does on one part of the data.
type Assessment struct {
	Task   Task
	Rows   int
	Scores []Score
	Labels []string
	// Counts is the confusion matrix: rows are true classes. Classes has a line for each of them. Both are nil
	// for a regression.
	Counts  [][]float64
	Classes []metric.ClassReport
	// Points are what comes of every threshold, Threshold is the one that the counts are of and BestThreshold
	// the one with the best F1: from there on a score is a positive decision. Of binary tasks alone.
	Points                   []metric.Point
	Threshold, BestThreshold float64

	// Curves are those of each class against the others, of multiclass tasks with up to ten classes whose scores are
	// known.
	Curves []Curve

	truth, predicted []float64 // of a regression
}

// Get returns a score by name, NaN where there is none.
func (a *Assessment) Get(name string) float64 {
	for _, s := range a.Scores {
		if s.Name == name {
			return s.Value
		}
	}
	return math.NaN()
}

func (a *Assessment) add(name string, v float64) { a.Scores = append(a.Scores, Score{name, v}) }

// Assess judges predictions [n] or [n,c] by targets: [n] or [n,1], or one-hot [n,c] for classes.
func Assess(task Task, truth, predicted tensor.Any, o AssessOptions) (*Assessment, error) {
	n, c, ok := tableShape(predicted)
	if !ok || n == 0 {
		return nil, fmt.Errorf("%w: predictions are [n] or [n,c] with rows in them, got %v%v", ErrData, predicted.DType(), predicted.Shape())
	}
	t, err := numbers(truth)
	if err != nil {
		return nil, fmt.Errorf("targets: %w", err)
	}
	if len(t) != n && len(t) != n*c {
		return nil, fmt.Errorf("%w: targets %v%v for predictions %v%v", ErrData, truth.DType(), truth.Shape(), predicted.DType(), predicted.Shape())
	}
	p, err := numbers(predicted)
	if err != nil {
		return nil, fmt.Errorf("predictions: %w", err)
	}
	a := &Assessment{Task: task, Rows: n, Labels: o.Labels}
	switch task {
	case Binary:
		return a, a.binary(t, p, c, o)
	case Multiclass:
		return a, a.multiclass(t, p, c)
	case Regression:
		return a, a.regression(t, p, c)
	}
	return nil, fmt.Errorf("%w: predictions %v%v for targets %v%v are neither classes nor numbers to come near to",
		ErrData, predicted.DType(), predicted.Shape(), truth.DType(), truth.Shape())
}

// tableShape returns rows and columns of [n] and [n,c].
func tableShape(t tensor.Any) (n, c int, ok bool) {
	switch s := t.Shape(); len(s) {
	case 1:
		return s[0], 1, true
	case 2:
		return s[0], s[1], s[1] > 0
	}
	return 0, 0, false
}

// numbers returns a tensor's elements.
func numbers(t tensor.Any) ([]float64, error) {
	if out, ok := tensor.Floats[float64](t); ok {
		return out, nil
	}
	return nil, fmt.Errorf("%w: elements of type %v are no numbers", ErrData, t.DType())
}

// binary judges scores of the second class.
func (a *Assessment) binary(t, p []float64, c int, o AssessOptions) error {
	if c > 2 {
		return fmt.Errorf("%w: a binary task with %d columns", ErrData, c)
	}
	if c == 2 {
		p = column(p, 1, 2)
		if len(t) == 2*len(p) {
			t = column(t, 1, 2)
		}
	}
	for i, v := range t {
		if v != 0 && v != 1 {
			return fmt.Errorf("%w: target %d is %v, a binary one is 0 or 1", ErrData, i, v)
		}
		if !finite(p[i]) {
			return fmt.Errorf("%w: prediction %d is %v", ErrData, i, p[i])
		}
	}
	var scores metric.Scores
	y, s := tensor.Zeros[float32](len(t)), tensor.Zeros[float32](len(t))
	for i := range t {
		y.Data()[i], s.Data()[i] = float32(t[i]), float32(p[i])
	}
	err := scores.Update(y, s, nil)
	if err == nil {
		a.Points, err = scores.Points()
	}
	if err != nil {
		return err
	}
	best := metric.BestThreshold(a.Points, metric.Point.F1)
	a.BestThreshold, a.Threshold = best.Threshold, orNumber(o.Threshold, .5)
	at := above(a.Points, a.Threshold)
	if o.BestF1 {
		at, a.Threshold = best, best.Threshold
	}
	a.Counts = [][]float64{{at.TN, at.FP}, {at.FN, at.TP}}
	a.describeClasses()
	a.add("accuracy", at.Accuracy())
	a.add("precision", a.Classes[1].Precision)
	a.add("recall", at.Recall())
	a.add("f1", at.F1())
	a.add("specificity", at.Specificity())
	a.add("auc", metric.AreaROC(a.Points))
	a.add("average_precision", metric.AveragePrecision(a.Points))
	if allIn(p, func(v float64) bool { return v >= 0 && v <= 1 }) {
		a.add("log_loss", logLoss(t, p))
	}
	a.add("best_f1", best.F1())
	return nil
}

// above returns what comes of calling scores above a threshold positive, as Keras does.
func above(points []metric.Point, threshold float64) metric.Point {
	best := points[0]
	for _, p := range points {
		if p.Threshold > float64(float32(threshold)) {
			best = p
		}
	}
	best.Threshold = threshold
	return best
}

// logLoss is the mean binary cross-entropy, with probabilities kept 1e-7 from 0 and 1 as in Keras.
func logLoss(t, p []float64) float64 {
	sum := 0.0
	for i, v := range p {
		v = max(1e-7, min(1-1e-7, v))
		sum -= t[i]*math.Log(v) + (1-t[i])*math.Log(1-v)
	}
	return sum / float64(len(p))
}

func column(values []float64, k, c int) []float64 {
	out := make([]float64, len(values)/c)
	for i := range out {
		out[i] = values[i*c+k]
	}
	return out
}

// describeClasses fills Classes from Counts.
func (a *Assessment) describeClasses() {
	n := len(a.Counts)
	for i := range n {
		r := metric.ClassReport{Label: fmt.Sprint(i)}
		if i < len(a.Labels) {
			r.Label = a.Labels[i]
		}
		predicted := 0.0
		for j := range n {
			predicted += a.Counts[j][i]
			r.Support += a.Counts[i][j]
		}
		tp := a.Counts[i][i]
		r.Precision, r.Recall, r.F1 = part(tp, predicted), part(tp, r.Support), part(2*tp, predicted+r.Support)
		a.Classes = append(a.Classes, r)
	}
}

// part is a/b, 0 where b is.
func part(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Probabilities turns logits into probabilities: one column by the sigmoid, several by the softmax of each row.
func Probabilities(logits tensor.Any) (tensor.Any, error) {
	n, c, ok := tableShape(logits)
	if !ok {
		return nil, fmt.Errorf("%w: logits are [n] or [n,c], got %v%v", ErrData, logits.DType(), logits.Shape())
	}
	values, err := numbers(logits)
	if err != nil {
		return nil, err
	}
	out := tensor.Zeros[float64](n, c)
	for i := range n {
		row, to := values[i*c:(i+1)*c], out.Data()[i*c:(i+1)*c]
		if c == 1 {
			to[0] = 1 / (1 + math.Exp(-row[0]))
			continue
		}
		top, sum := row[0], 0.0
		for _, v := range row {
			top = max(top, v)
		}
		for j, v := range row {
			to[j] = math.Exp(v - top)
			sum += to[j]
		}
		for j := range to {
			to[j] /= sum
		}
	}
	return out, nil
}
