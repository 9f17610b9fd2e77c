package metric

import (
	"fmt"
	"slices"
)

// Stateful is a metric that can be saved between two updates. All of this package are.
type Stateful interface {
	Metric
	// State returns what came since Reset, as numbers whose meaning is the metric's own; none after Reset.
	State() []float64
	// SetState brings a metric of the same options to where State was called. After an error it is as it was.
	SetState(s []float64) error
}

// State returns a metric's state; ok is false where it is not [Stateful].
func State(m Metric) (state []float64, ok bool) {
	s, ok := stateful(m)
	if !ok {
		return nil, false
	}
	return s.State(), true
}

// SetState brings a metric to a state that State returned.
func SetState(m Metric, state []float64) error {
	s, ok := stateful(m)
	if !ok {
		return fmt.Errorf("metric %s has no state that can be set: it has no method SetState", m.Name())
	}
	if len(state) == 0 {
		m.Reset()
		return nil
	}
	if err := s.SetState(state); err != nil {
		return fmt.Errorf("metric %s: %w", m.Name(), err)
	}
	return nil
}

func stateful(m Metric) (Stateful, bool) {
	if n, ok := m.(*named); ok {
		return stateful(n.Metric)
	}
	s, ok := m.(Stateful)
	return s, ok
}

// badState says that a state is another metric's, or another configuration's.
func badState(s []float64) error {
	return fmt.Errorf("%w: a state of %d numbers is not this metric's", ErrValue, len(s))
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// columns cuts a state behind its head into n lists of equal length.
func columns(s []float64, head, n int) ([][]float64, error) {
	if len(s) <= head || (len(s)-head)%n != 0 {
		return nil, badState(s)
	}
	size := (len(s) - head) / n
	out := make([][]float64, n)
	for i := range out {
		out[i] = slices.Clone(s[head+i*size : head+(i+1)*size])
	}
	return out, nil
}

// State implements [Stateful].
func (m *mean) State() []float64 { return []float64{m.total, m.weight} }

// SetState implements [Stateful].
func (m *mean) SetState(s []float64) error {
	if len(s) != 2 {
		return badState(s)
	}
	m.total, m.weight = s[0], s[1]
	return nil
}

// State implements [Stateful].
func (d *decisions) State() []float64 {
	return []float64{d.counts.tp, d.counts.fp, d.counts.tn, d.counts.fn, flag(d.nan)}
}

// SetState implements [Stateful].
func (d *decisions) SetState(s []float64) error {
	if len(s) != 5 {
		return badState(s)
	}
	d.counts, d.nan = counts{s[0], s[1], s[2], s[3]}, s[4] != 0
	return nil
}

// state returns the tables: the number of labels, whether there was a NaN, then the four tables.
func (s *thresholds) state() []float64 {
	if s == nil {
		return nil
	}
	return slices.Concat([]float64{float64(s.labels), flag(s.nan)}, s.tp, s.fp, s.t, s.f)
}

// set fills fresh tables, of as many labels as the state says, with a state.
func (s *thresholds) set(state []float64) error {
	if len(state) != 2+2*len(s.tp)+2*len(s.t) {
		return badState(state)
	}
	s.nan = state[1] != 0
	rest := state[2:]
	for _, table := range [][]float64{s.tp, s.fp, s.t, s.f} {
		rest = rest[copy(table, rest):]
	}
	return nil
}

// State implements [Stateful].
func (m *AUC) State() []float64 { return m.state.state() }

// SetState implements [Stateful].
func (m *AUC) SetState(s []float64) error {
	if len(s) < 2 || !(s[0] >= 1 && s[0] <= float64(len(s))) {
		return badState(s)
	}
	state, err := m.start(int(s[0]))
	if err != nil {
		return err
	}
	if err := state.set(s); err != nil {
		return err
	}
	m.state = state
	return nil
}

// State implements [Stateful].
func (m *tradeoff) State() []float64 { return m.state.state() }

// SetState implements [Stateful].
func (m *tradeoff) SetState(s []float64) error {
	n := (len(s) - 4) / 2
	if n < 1 || s[0] != 1 {
		return badState(s)
	}
	state := oneLabel(n)
	if err := state.set(s); err != nil {
		return err
	}
	m.state = state
	return nil
}

// State implements [Stateful].
func (m *FBetaScore) State() []float64 {
	if m.tp == nil {
		return nil
	}
	return slices.Concat([]float64{flag(m.nan)}, m.tp, m.fp, m.fn, m.truth)
}

// SetState implements [Stateful].
func (m *FBetaScore) SetState(s []float64) error {
	c, err := columns(s, 1, 4)
	if err != nil {
		return err
	}
	m.nan, m.tp, m.fp, m.fn, m.truth = s[0] != 0, c[0], c[1], c[2], c[3]
	return nil
}

// State implements [Stateful].
func (m *F1Score) State() []float64 { return m.score.State() }

// SetState implements [Stateful].
func (m *F1Score) SetState(s []float64) error { return m.score.SetState(s) }

// State implements [Stateful].
func (m *R2Score) State() []float64 {
	if m.sum == nil {
		return nil
	}
	return slices.Concat([]float64{float64(m.samples)}, m.sum, m.squares, m.residual, m.weight)
}

// SetState implements [Stateful].
func (m *R2Score) SetState(s []float64) error {
	c, err := columns(s, 1, 4)
	if err != nil {
		return err
	}
	m.samples, m.sum, m.squares, m.residual, m.weight = int(s[0]), c[0], c[1], c[2], c[3]
	return nil
}

// State implements [Stateful].
func (m *ExactAUC) State() []float64 {
	if m.scores.Len() == 0 {
		return nil
	}
	out := append(make([]float64, 0, 1+3*m.scores.Len()), flag(m.scores.nan))
	for _, v := range m.scores.samples {
		out = append(out, v.score, v.weight, flag(v.positive))
	}
	return out
}

// SetState implements [Stateful].
func (m *ExactAUC) SetState(s []float64) error {
	if len(s)%3 != 1 {
		return badState(s)
	}
	scores := Scores{nan: s[0] != 0}
	for v := s[1:]; len(v) > 0; v = v[3:] {
		scores.samples = append(scores.samples, scored{v[0], v[1], v[2] != 0})
	}
	m.scores = scores
	return nil
}

// choices are what [Auto] and [Crossentropy] choose from; the place is part of their state.
var choices = []func() Stateful{
	func() Stateful { return &BinaryAccuracy{} },
	func() Stateful { return &SparseCategoricalAccuracy{} },
	func() Stateful { return &CategoricalAccuracy{} },
	func() Stateful { return &BinaryCrossentropy{} },
	func() Stateful { return &SparseCategoricalCrossentropy{} },
	func() Stateful { return &CategoricalCrossentropy{} },
}

// State implements [Stateful].
func (m *byShape) State() []float64 {
	for i, f := range choices {
		if m.chosen != nil && f().Name() == m.chosen.Name() {
			return append([]float64{float64(i)}, m.chosen.(Stateful).State()...)
		}
	}
	return nil
}

// SetState implements [Stateful].
func (m *byShape) SetState(s []float64) error {
	for i, f := range choices {
		if len(s) > 1 && s[0] == float64(i) {
			chosen := f()
			if err := chosen.SetState(s[1:]); err != nil {
				return err
			}
			m.chosen = chosen
			return nil
		}
	}
	return badState(s)
}
