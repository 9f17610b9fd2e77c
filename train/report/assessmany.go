package report

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/metric"
)

const (
	maxMatrix = 1 << 13 // classes; bounds a confusion matrix to half a gigabyte
	maxAUC    = 256     // classes for which areas under curves are worked out, each of which sorts all rows
)

// multiclass judges a column of scores for each of c classes.
func (a *Assessment) multiclass(t, p []float64, c int) error {
	if c < 2 || c > maxMatrix {
		return fmt.Errorf("%w: %d columns for a task of several classes", ErrData, c)
	}
	class, err := classesOf(t, a.Rows, c)
	if err != nil {
		return err
	}
	a.Counts = make([][]float64, c)
	for i := range a.Counts {
		a.Counts[i] = make([]float64, c)
	}
	right, entropy, probabilities := 0.0, 0.0, true
	for i, k := range class {
		row := p[i*c : (i+1)*c]
		best, sum := 0, 0.0
		for j, v := range row {
			if !finite(v) {
				return fmt.Errorf("%w: prediction %d has %v in column %d", ErrData, i, v, j)
			}
			if v > row[best] {
				best = j
			}
			sum += v
			probabilities = probabilities && v >= 0
		}
		probabilities = probabilities && math.Abs(sum-1) < 1e-2
		entropy -= math.Log(max(1e-7, min(1-1e-7, row[k]/sum)))
		a.Counts[k][best]++
		if best == k {
			right++
		}
	}
	a.describeClasses()
	a.add("accuracy", right/float64(a.Rows))
	a.averages()
	if c <= maxAUC {
		a.add("macro_auc", a.macroAUC(class, p, c))
	}
	if probabilities {
		a.add("log_loss", entropy/float64(a.Rows))
	}
	return nil
}

// averages adds the unweighted means over the classes that occur.
func (a *Assessment) averages() {
	precision, recall, f1, n := 0.0, 0.0, 0.0, 0.0
	for _, r := range a.Classes {
		if r.Support > 0 {
			precision, recall, f1, n = precision+r.Precision, recall+r.Recall, f1+r.F1, n+1
		}
	}
	a.add("macro_precision", precision/n)
	a.add("macro_recall", recall/n)
	a.add("macro_f1", f1/n)
}

// macroAUC is the mean over the classes that occur of the area under the ROC of each against the others. It keeps the
// curves where they are few enough to be drawn together.
func (a *Assessment) macroAUC(class []int, p []float64, c int) float64 {
	sum, n := 0.0, 0.0
	for k := range c {
		y, s := tensor.Zeros[float32](len(class)), tensor.Zeros[float32](len(class))
		for i, v := range class {
			if v == k {
				y.Data()[i] = 1
			}
			s.Data()[i] = float32(p[i*c+k])
		}
		var scores metric.Scores
		if err := scores.Update(y, s, nil); err != nil {
			return math.NaN()
		}
		points, err := scores.Points()
		if err != nil {
			return math.NaN()
		}
		if area := metric.AreaROC(points); finite(area) {
			sum, n = sum+area, n+1
			if c <= len(tenColours) {
				a.Curves = append(a.Curves, Curve{a.Classes[k].Label, fewer(points)})
			}
		}
	}
	return sum / n
}

// fewer leaves out points that lie within a 20,000th of the one before in both rates: a million rows make no larger
// curve, and the areas below it stay the same to four digits.
func fewer(points []metric.Point) []metric.Point {
	const step = 1. / 20000
	var out []metric.Point
	for i, p := range points {
		if i > 0 && i < len(points)-1 {
			last := out[len(out)-1]
			if p.FalsePositiveRate()-last.FalsePositiveRate() < step && p.Recall()-last.Recall() < step {
				continue
			}
		}
		out = append(out, p)
	}
	return out
}

// classesOf returns the class of each row of targets: a number, or the place of the one in a one-hot row.
func classesOf(t []float64, n, c int) ([]int, error) {
	class := make([]int, n)
	if len(t) == n {
		for i, v := range t {
			if v != math.Trunc(v) || v < 0 || v >= float64(c) {
				return nil, fmt.Errorf("%w: target %d is %v, classes are 0 to %d", ErrData, i, v, c-1)
			}
			class[i] = int(v)
		}
		return class, nil
	}
	if !oneHot(t, c) {
		return nil, fmt.Errorf("%w: targets are not one-hot", ErrData)
	}
	for i := range class {
		for k, v := range t[i*c : (i+1)*c] {
			if v == 1 {
				class[i] = k
			}
		}
	}
	return class, nil
}

// regression judges numbers, of c columns together.
func (a *Assessment) regression(t, p []float64, c int) error {
	if len(t) != len(p) {
		return fmt.Errorf("%w: %d columns of predictions for one of targets", ErrData, c)
	}
	mean := make([]float64, c)
	for i, v := range t {
		if !finite(v) || !finite(p[i]) {
			return fmt.Errorf("%w: row %d has target %v and prediction %v", ErrData, i/c, v, p[i])
		}
		mean[i%c] += v / float64(a.Rows)
	}
	abs, square := 0.0, 0.0
	rest, total := make([]float64, c), make([]float64, c)
	for i, v := range t {
		d := p[i] - v
		abs += math.Abs(d)
		square += d * d
		rest[i%c] += d * d
		total[i%c] += (v - mean[i%c]) * (v - mean[i%c])
	}
	n := float64(len(t))
	r2 := 0.0 // the mean over the columns
	for k := range rest {
		if total[k] > 0 {
			r2 += (1 - rest[k]/total[k]) / float64(c)
		} else {
			r2 = math.NaN()
		}
	}
	a.add("mean_absolute_error", abs/n)
	a.add("mean_squared_error", square/n)
	a.add("root_mean_squared_error", math.Sqrt(square/n))
	a.add("r2", r2)
	if c == 1 {
		a.truth, a.predicted = t, p
	}
	return nil
}
