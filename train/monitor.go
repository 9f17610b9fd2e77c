package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/metric"
)

// monitor follows a figure and tells whether it has improved.
type monitor struct {
	figure string
	delta  float64 // that an improvement must exceed
	higher bool    // is better
	best   float64
	seen   bool // best holds a number
}

// newMonitor returns a monitor of a figure of Fit's history, val_loss where it is empty. mode is Keras's: auto
// takes the direction from the metric.
func newMonitor(who string, t *Trainer, o FitOptions, figure, mode string, delta float64) (monitor, error) {
	m := monitor{figure: figure, delta: math.Abs(delta)}
	if m.figure == "" {
		m.figure = "val_loss"
	}
	known := t.figureNames(o.Validation != nil)
	if !slices.Contains(known, m.figure) {
		hint := nearest.Hint(m.figure, known)
		if o.Validation == nil && strings.HasPrefix(m.figure, "val_") {
			hint = ", since there is no validation data"
		}
		return m, fmt.Errorf("train: %s monitors %s, which this training does not compute%s; there are %s", who, m.figure, hint, strings.Join(known, ", "))
	}
	switch mode {
	case "min":
	case "max":
		m.higher = true
	case "", "auto":
		base := strings.TrimPrefix(m.figure, "val_")
		if base == "loss" || slices.Contains(t.lossNames(), base) {
			break
		}
		at := slices.IndexFunc(t.metrics(), func(k Metric) bool { return k.Name() == base })
		higher, ok := metric.HigherIsBetter(t.metrics()[at])
		if !ok {
			return m, fmt.Errorf("train: %s monitors %s, of which it is not known whether more is better: say mode max or min", who, m.figure)
		}
		m.higher = higher
	default:
		return m, fmt.Errorf("train: %s has mode %q; there are auto, min, max", who, mode)
	}
	return m, nil
}

// beats reports whether a value is better than another by more than the least difference.
func (m *monitor) beats(value, than float64) bool {
	if m.higher {
		return value-m.delta > than
	}
	return value+m.delta < than
}

// improves takes a value in and reports whether it is the best so far. NaN never is.
func (m *monitor) improves(value float64) bool {
	if math.IsNaN(value) || m.seen && !m.beats(value, m.best) {
		return false
	}
	m.best, m.seen = value, true
	return true
}

// value returns the figure of the last epoch.
func (m *monitor) value(h *History) float64 {
	v, _ := h.Last(m.figure)
	return v
}

// state returns what a checkpoint keeps.
func (m *monitor) state() map[string]tensor.Any {
	s := map[string]tensor.Any{"monitor": tensor.Vector(m.figure)}
	if m.seen {
		s["best"] = tensor.Vector(m.best)
	}
	return s
}

// setState takes back what state returned. A checkpoint of another figure is an error: its best means nothing.
func (m *monitor) setState(s map[string]tensor.Any) error {
	name := tensor.Data[string](s["monitor"])
	if len(name) != 1 {
		return errors.New("there is no name of what was monitored")
	}
	if name[0] != m.figure {
		return fmt.Errorf("it monitored %s, this one monitors %s", name[0], m.figure)
	}
	if s["best"] == nil {
		return nil
	}
	m.seen = true
	return takeFloat(s, "best", &m.best)
}

// takeFloat reads a number of a callback's state.
func takeFloat(s map[string]tensor.Any, name string, dst *float64) error {
	v := tensor.Data[float64](s[name])
	if len(v) != 1 {
		return fmt.Errorf("%s is not a number", name)
	}
	*dst = v[0]
	return nil
}

// takeInt reads a count of a callback's state.
func takeInt(s map[string]tensor.Any, name string, dst *int) error {
	v := tensor.Data[int64](s[name])
	if len(v) != 1 || v[0] < 0 {
		return fmt.Errorf("%s is not a count", name)
	}
	*dst = int(v[0])
	return nil
}
