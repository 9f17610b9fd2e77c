package metric

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestState cuts an epoch in two: what was saved between the batches goes on in a fresh metric as if there had
// been no cut.
func TestState(t *testing.T) {
	y := func(v ...float32) tensor.Any { return tensor.Must(v, len(v)/2, 2) }
	batches := []struct{ t, p tensor.Any }{
		{y(1, 0, 0, 1, 1, 0), y(.8, .2, .4, .6, .3, .7)},
		{y(0, 1, 1, 0), y(.1, .9, .6, .4)},
		{y(1, 0, 0, 1, 0, 1), y(.45, .55, .05, .95, .7, .3)},
	}
	classes := []tensor.Any{tensor.Vector[int64](0, 1, 0), tensor.Vector[int64](1, 0), tensor.Vector[int64](0, 1, 1)}
	w := tensor.Vector[float32](.5, 2, 1)
	for _, name := range append(Names(), "precision_at_recall:0.5", "sensitivity_at_specificity:0.4", "auc:pr", "mse", "precision:0.3") {
		t.Run(name, func(t *testing.T) {
			fresh := func() Metric {
				m, err := Parse(name)
				if err != nil {
					t.Skip(err) // it needs an argument
				}
				return m
			}
			update := func(m Metric, i int) {
				t.Helper()
				b := batches[i]
				var weight tensor.Any
				if b.t.Shape()[0] == 3 {
					weight = w
				}
				err := m.Update(b.t, b.p, weight)
				if err != nil {
					err = m.Update(classes[i], b.p, weight)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			whole, first, second := fresh(), fresh(), fresh()
			if s, ok := State(first); !ok || SetState(second, s) != nil {
				t.Fatal("the state of a fresh metric cannot be saved")
			}
			for i := range batches {
				update(whole, i)
			}
			update(first, 0)
			s, ok := State(first)
			if !ok || len(s) == 0 {
				t.Fatal("no state")
			}
			update(second, 2) // what it held is replaced
			if err := SetState(second, s); err != nil {
				t.Fatal(err)
			}
			update(second, 1)
			update(second, 2)
			if a, b := whole.Result(), second.Result(); math.Float64bits(a) != math.Float64bits(b) {
				t.Errorf("%v in one go, %v with a cut", a, b)
			}
			before := second.Result()
			if err := SetState(second, s[:len(s)-1]); err == nil {
				t.Error("half a state is taken")
			}
			if after := second.Result(); math.Float64bits(after) != math.Float64bits(before) {
				t.Error("a bad state changed the metric")
			}
		})
	}
}
