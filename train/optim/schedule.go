package optim

import (
	"errors"
	"fmt"
	"math"
)

// Schedule gives the learning rate by the number of updates done.
type Schedule interface {
	Rate(step int64) float64
}

// ExponentialDecay is initial * rate^(step/DecaySteps); with Staircase the quotient is rounded down.
type ExponentialDecay struct {
	InitialLearningRate float64
	DecaySteps          int64
	DecayRate           float64
	Staircase           bool
}

// Rate implements [Schedule].
func (s ExponentialDecay) Rate(step int64) float64 {
	return s.InitialLearningRate * math.Pow(s.DecayRate, stairs(step, s.DecaySteps, s.Staircase))
}

// InverseTimeDecay is initial / (1 + rate*step/DecaySteps); with Staircase the quotient is rounded
// down. Keras 2's argument decay=d is InverseTimeDecay{lr, 1, d, false}, which [TimeDecay] makes.
type InverseTimeDecay struct {
	InitialLearningRate float64
	DecaySteps          int64
	DecayRate           float64
	Staircase           bool
}

// Rate implements [Schedule].
func (s InverseTimeDecay) Rate(step int64) float64 {
	return s.InitialLearningRate / (1 + s.DecayRate*stairs(step, s.DecaySteps, s.Staircase))
}

// TimeDecay is Keras 2's optimizer argument decay: lr / (1 + decay*step).
func TimeDecay(rate, decay float64) InverseTimeDecay { return InverseTimeDecay{rate, 1, decay, false} }

func stairs(step, size int64, whole bool) float64 {
	p := float64(step) / float64(size)
	if whole {
		p = math.Floor(p)
	}
	return p
}

// PiecewiseConstantDecay is Values[i] as long as step <= Boundaries[i], and the last value after the
// last boundary.
type PiecewiseConstantDecay struct {
	Boundaries []int64   // ascending
	Values     []float64 // one more than boundaries
}

// Rate implements [Schedule].
func (s PiecewiseConstantDecay) Rate(step int64) float64 {
	for i, b := range s.Boundaries {
		if step <= b {
			return s.Values[i]
		}
	}
	return s.Values[len(s.Values)-1]
}

// PolynomialDecay is (initial-end) * (1-step/DecaySteps)^Power + end, and end from DecaySteps on. With
// Cycle the steps of the decay are the least multiple of DecaySteps that is not below step.
type PolynomialDecay struct {
	InitialLearningRate float64
	DecaySteps          int64
	EndLearningRate     float64 // 0.0001 where zero
	Power               float64 // 1 where zero
	Cycle               bool
}

// Rate implements [Schedule].
func (s PolynomialDecay) Rate(step int64) float64 {
	t, n := float64(step), float64(s.DecaySteps)
	if s.Cycle {
		n *= math.Max(1, math.Ceil(t/n))
	}
	end := orDefault(s.EndLearningRate, 1e-4)
	return (s.InitialLearningRate-end)*math.Pow(1-math.Min(t, n)/n, orDefault(s.Power, 1)) + end
}

// CosineDecay falls along half a cosine from the initial rate to Alpha times it in DecaySteps;
// Loshchilov and Hutter, arXiv 1608.03983. With WarmupTarget it first rises in a line from the
// initial rate to the target in WarmupSteps, and falls from there.
type CosineDecay struct {
	InitialLearningRate float64
	DecaySteps          int64
	Alpha               float64
	WarmupTarget        float64 // no warm-up where zero
	WarmupSteps         int64
}

// Rate implements [Schedule].
func (s CosineDecay) Rate(step int64) float64 {
	from := s.InitialLearningRate
	if s.WarmupTarget != 0 {
		target := orDefault(s.WarmupTarget, 0)
		if step < s.WarmupSteps {
			return from + (target-from)*float64(step)/float64(s.WarmupSteps)
		}
		step -= s.WarmupSteps
		from = target
	}
	return from * cosine(float64(min(step, s.DecaySteps))/float64(s.DecaySteps), 1, s.Alpha)
}

// cosine falls from scale to alpha for t from 0 to 1.
func cosine(t, scale, alpha float64) float64 {
	return (1-alpha)*scale*.5*(1+math.Cos(math.Pi*t)) + alpha
}

// CosineDecayRestarts is CosineDecay that starts again: the first time after FirstDecaySteps, each
// period TMul times as long as the one before and its start MMul times as high.
type CosineDecayRestarts struct {
	InitialLearningRate float64
	FirstDecaySteps     int64
	TMul                float64 // 2 where zero
	MMul                float64 // 1 where zero
	Alpha               float64
}

// Rate implements [Schedule].
func (s CosineDecayRestarts) Rate(step int64) float64 {
	t, restarts, length := float64(step), 0., float64(s.FirstDecaySteps)
	if m := orDefault(s.TMul, 2); m == 1 {
		restarts = math.Floor(t / length)
		t -= restarts * length
	} else {
		for t >= length {
			t -= length
			length *= m
			restarts++
		}
	}
	return s.InitialLearningRate * cosine(t/length, math.Pow(orDefault(s.MMul, 1), restarts), s.Alpha)
}

// CheckSchedule reports arguments of this package's schedules that have no meaning.
func CheckSchedule(s Schedule) error {
	steps := func(name string, n int64) error {
		if n <= 0 {
			return fmt.Errorf("optim: %s is %d, it must be positive", name, n)
		}
		return nil
	}
	switch s := s.(type) {
	case ExponentialDecay:
		return steps("decay_steps", s.DecaySteps)
	case InverseTimeDecay:
		return steps("decay_steps", s.DecaySteps)
	case PolynomialDecay:
		return steps("decay_steps", s.DecaySteps)
	case CosineDecay:
		if s.WarmupTarget != 0 && s.WarmupSteps < 0 {
			return fmt.Errorf("optim: warmup_steps is %d, it must not be negative", s.WarmupSteps)
		}
		return steps("decay_steps", s.DecaySteps)
	case CosineDecayRestarts:
		if s.TMul != 0 && s.TMul < 1 {
			return fmt.Errorf("optim: t_mul is %v, it must be at least 1", s.TMul)
		}
		return steps("first_decay_steps", s.FirstDecaySteps)
	case PiecewiseConstantDecay:
		if len(s.Values) != len(s.Boundaries)+1 {
			return fmt.Errorf("optim: %d boundaries need %d values, got %d", len(s.Boundaries), len(s.Boundaries)+1, len(s.Values))
		}
		for i := 1; i < len(s.Boundaries); i++ {
			if s.Boundaries[i] <= s.Boundaries[i-1] {
				return errors.New("optim: the boundaries must ascend")
			}
		}
	}
	return nil
}

// RateAt returns the learning rate of the step that follows a number of steps: the schedule's, or
// constant where the optimizer has none.
func RateAt(o Optimizer, constant float64, steps int64) float64 {
	c := OptionsOf(o)
	if c.Schedule == nil {
		return constant
	}
	return c.Schedule.Rate(c.Updates(steps))
}
