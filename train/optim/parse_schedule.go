package optim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/spec"
)

// scheduleByName makes each schedule; rate stands where initial_learning_rate is not given.
var scheduleByName = map[string]func(a args) Schedule{
	"constant": func(a args) Schedule { return PiecewiseConstantDecay{Values: []float64{a.rate}} },
	"exponential_decay": func(a args) Schedule {
		return ExponentialDecay{a.initial(), a.steps("decay_steps"), a.plain("decay_rate"), a.flag("staircase")}
	},
	"inverse_time_decay": func(a args) Schedule {
		return InverseTimeDecay{a.initial(), a.steps("decay_steps"), a.plain("decay_rate"), a.flag("staircase")}
	},
	"time_decay":               func(a args) Schedule { return TimeDecay(a.initial(), a.plain("decay")) },
	"piecewise_constant_decay": func(a args) Schedule { return a.piecewise() },
	"polynomial_decay": func(a args) Schedule {
		return PolynomialDecay{a.initial(), a.steps("decay_steps"), a.float("end_learning_rate"), a.float("power"), a.flag("cycle")}
	},
	"cosine_decay": func(a args) Schedule {
		return CosineDecay{a.initial(), a.steps("decay_steps"), a.plain("alpha"), a.float("warmup_target"), a.steps("warmup_steps")}
	},
	"cosine_decay_restarts": func(a args) Schedule {
		return CosineDecayRestarts{a.initial(), a.steps("first_decay_steps"), a.float("t_mul"), a.float("m_mul"), a.plain("alpha")}
	},
}

// Schedules lists the schedules that ParseSchedule knows.
func Schedules() []string { return slices.Sorted(maps.Keys(scheduleByName)) }

// ParseSchedule returns the schedule of a name with arguments by Keras's names:
// "exponential_decay:decay_steps=100,decay_rate=0.9". rate is the initial learning rate where
// initial_learning_rate is not given.
func ParseSchedule(s string, rate float64) (Schedule, error) {
	p, err := spec.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("schedule %w", err)
	}
	f := scheduleByName[p.Name]
	if f == nil {
		f = scheduleByName[p.Name+"_decay"]
	}
	if f == nil {
		return nil, fmt.Errorf("there is no schedule %q%s; there are %s", p.Name, nearest.Hint(p.Name, Schedules()), strings.Join(Schedules(), ", "))
	}
	out := f(args{Spec: p, rate: rate})
	if err := p.Done(); err != nil {
		return nil, fmt.Errorf("schedule %w", err)
	}
	return out, CheckSchedule(out)
}

func (a args) initial() float64 {
	v := a.rate
	a.Float("initial_learning_rate", &v)
	return v
}

func (a args) steps(key string) int64 {
	n := 0
	a.Int(key, &n)
	return int64(n)
}

// piecewise reads boundaries=[10,50],values=[0.1,0.05,0.01].
func (a args) piecewise() Schedule {
	var at, values []string
	a.Strings("boundaries", &at)
	a.Strings("values", &values)
	var s PiecewiseConstantDecay
	for _, t := range at {
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			a.Fail(fmt.Errorf("boundary %q is not a whole number", t))
		}
		s.Boundaries = append(s.Boundaries, n)
	}
	for _, t := range values {
		v, err := strconv.ParseFloat(t, 64)
		if err != nil {
			a.Fail(fmt.Errorf("value %q is not a number", t))
		}
		s.Values = append(s.Values, v)
	}
	return s
}
