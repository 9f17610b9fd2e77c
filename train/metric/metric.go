// Package metric measures predictions: while a model trains, and afterwards.
//
// Names, formulas, defaults and thresholds are those of Keras 3, with float64 sums where Keras has float32 ones.
// Four things differ on purpose. The shapes of targets and predictions must be equal: Keras squeezes [n,1] to
// [n] in some places, broadcasts it to [n,n] in others, and the second gives a wrong number without a word. A
// NaN among targets, predictions or weights makes the result NaN: Keras counts it as a negative. A class outside
// the predictions' columns is an error. Where there is one dimension it counts examples: Keras averages it away
// before it weighs. What a zero divides is what Keras makes of it, mostly 0; so is the result before an update.
//
// [Parse] finds a metric by name. [Scores] keeps every prediction, for exact areas and for plots; [Confusion]
// counts classes.
package metric

import (
	"errors"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ErrShape is wrapped by every error that says tensors do not fit together.
var ErrShape = errors.New("shapes do not fit")

// ErrValue is wrapped by every error about a value that has no meaning, such as a class that does not exist.
var ErrValue = errors.New("value out of range")

// Metric sums up how predictions compare with targets, batch after batch. Its zero value is ready; it is not
// safe for use by several goroutines at once.
type Metric interface {
	// Name returns the name that histories show, as Keras spells it: mean_squared_error.
	Name() string
	// Update adds a batch. weight is nil or has a shape that starts as the targets' does: [n], or [n,t] for
	// sequences. After an error the metric is as it was.
	Update(yTrue, yPred, weight tensor.Any) error
	// Result returns the value over everything since the last Reset.
	Result() float64
	// Reset forgets.
	Reset()
}

// HigherIsBetter tells whether a training tries to raise or to lower a metric; known is false where it is no
// aim, as with counts whose sum depends on the data alone.
func HigherIsBetter(m Metric) (higher, known bool) {
	for n, ok := m.(*named); ok; n, ok = m.(*named) {
		m = n.Metric
	}
	d, ok := m.(interface{ higherIsBetter() bool })
	return ok && d.higherIsBetter(), ok
}

// FollowsMask reports whether a metric leaves out steps that a mask leaves out, as Keras's metrics do that are means of
// a function of targets and predictions; their mask goes into the weights of Update. AUC, precision, counts and
// [RootMeanSquaredError] see every step.
func FollowsMask(m Metric) bool {
	for n, ok := m.(*named); ok; n, ok = m.(*named) {
		m = n.Metric
	}
	f, ok := m.(interface{ followsMask() bool })
	return ok && f.followsMask()
}

type up struct{}

func (up) higherIsBetter() bool { return true }

type down struct{}

func (down) higherIsBetter() bool { return false }

// Named returns the metric under another name.
func Named(name string, m Metric) Metric { return &named{m, name} }

type named struct {
	Metric
	name string
}

func (n *named) Name() string { return n.name }

// At returns a pointer to a threshold, for fields in which nil stands for the default.
func At(threshold float64) *float64 { return &threshold }

// orDefault returns what a field holds, def for nil.
func orDefault(p *float64, def float64) float64 {
	if p == nil {
		return def
	}
	return *p
}

// epsilon is Keras's backend.epsilon().
const epsilon = 1e-7

// divide is a/b, and 0 where b is 0: Keras's divide_no_nan.
func divide(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
