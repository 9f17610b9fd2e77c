package optim

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		rate float64
		want Optimizer
		fail string
	}{
		{in: "adam", want: Adam{}},
		{in: "Adam", rate: .1, want: Adam{LearningRate: .1}},
		{in: "adam:beta_1=0.8,amsgrad=true", want: Adam{Beta1: .8, AMSGrad: true}},
		{in: "adam:beta_1=0", want: Adam{Beta1: Zero}},
		{in: "sgd:learning_rate=0.1,momentum=0.9,nesterov", want: SGD{LearningRate: .1, Momentum: .9, Nesterov: true}},
		{in: "sgd:clipnorm=1,weight_decay=0.1,exclude_from_weight_decay=[bias,gamma]", want: SGD{Options: Options{ClipNorm: 1, WeightDecay: .1, NoDecay: []string{"bias", "gamma"}}}},
		{in: "adam:beta_1=0.8,schedule=[inverse_time_decay:decay_steps=1,decay_rate=0.5]", want: Adam{Beta1: .8, Options: Options{Schedule: InverseTimeDecay{.001, 1, .5, false}}}},
		{in: "sgd:learning_rate=0.1,decay=0.01", want: SGD{LearningRate: .1, Options: Options{Schedule: InverseTimeDecay{.1, 1, .01, false}}}},
		{in: "ftrl:l1_regularization_strength=0.1", want: Ftrl{L1: .1}},
		{in: "adamw:weight_decay=0", want: AdamW{Options: Options{WeightDecay: Zero}}},
		{in: "rmsprop:centered=true,rho=0.8", want: RMSprop{Centered: true, Rho: .8}},
		{in: "rmsprop:torch_epsilon=true", want: RMSprop{TorchEpsilon: true}},
		{in: "nadam:schedule_decay=0.004", want: Nadam{ScheduleDecay: .004}},
		{in: "nadam:schedule_per_variable=true", want: Nadam{PerVariable: true}},
		{in: "adam:use_ema=true,ema_from_start=true", want: Adam{Options: Options{UseEMA: true, EMAFromStart: true}}},
		{in: "adafactor:beta_2_decay=-0.6,relative_step=false", want: Adafactor{Beta2Decay: -.6}},
		{in: "schedule_free_adamw:warmup_steps=3", want: ScheduleFreeAdamW{WarmupSteps: 3}},
		{in: "muon:nesterov=false,rms_rate=none,weight_decay=None,exclude_layers=[out,^in/]", want: Muon{
			Plain: true, RMSRate: Zero, ExcludeLayers: []string{"out", "^in/"}, Options: Options{WeightDecay: Zero}}},
		{in: "muon:exclude_layers=(", fail: "exclude_layers"},
		{in: "adma", fail: `did you mean "adam"?`},
		{in: "adam:beta1=0.5", fail: `did you mean "beta_1"?`},
		{in: "adam:learning_rate=0.1", rate: .2, fail: "learning rates 0.2 and 0.1"},
		{in: "sgd:clipnorm=1,clipvalue=1", fail: "exclude one another"},
		{in: "sgd:clipnorm=-1", fail: "negative"},
		{in: "sgd:gradient_accumulation_steps=1", fail: "at least 2"},
		{in: "adamw:weight_decay=0.1,exclude_from_weight_decay=[", fail: ""},
	} {
		got, err := Parse(c.in, c.rate)
		switch {
		case c.fail != "":
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%q: %v, want %q", c.in, err, c.fail)
			}
		case err != nil:
			t.Errorf("%q: %v", c.in, err)
		case c.want != nil && !reflect.DeepEqual(got, c.want):
			t.Errorf("%q: %#v, want %#v", c.in, got, c.want)
		}
	}
	for _, n := range Names() {
		if o, err := Parse(n, 0); err != nil || o.Name() != n || o.Rate() <= 0 {
			t.Errorf("%s: %v, %v", n, o, err)
		}
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		spec string
		at   map[int64]float64
		fail string
	}{
		{spec: "exponential_decay:decay_steps=10,decay_rate=0.5", at: map[int64]float64{0: .1, 10: .05, 5: .1 * math.Sqrt(.5)}},
		{spec: "exponential:decay_steps=10,decay_rate=0.5,staircase", at: map[int64]float64{9: .1, 10: .05}},
		{spec: "inverse_time_decay:decay_steps=1,decay_rate=1", at: map[int64]float64{0: .1, 1: .05, 3: .025}},
		{spec: "time_decay:decay=1", at: map[int64]float64{3: .025}},
		{spec: "piecewise_constant_decay:boundaries=[5,9],values=[1,2,3]", at: map[int64]float64{5: 1, 6: 2, 9: 2, 10: 3}},
		{spec: "polynomial_decay:decay_steps=10,end_learning_rate=0", at: map[int64]float64{0: .1, 5: .05, 10: 0, 99: 0}},
		{spec: "polynomial_decay:decay_steps=10,end_learning_rate=0,cycle", at: map[int64]float64{0: .1, 10: 0, 15: .025, 20: 0}},
		{spec: "cosine_decay:decay_steps=10,alpha=0.5", at: map[int64]float64{0: .1, 5: .075, 10: .05, 99: .05}},
		{spec: "cosine_decay:initial_learning_rate=0,decay_steps=10,warmup_target=1,warmup_steps=4", at: map[int64]float64{0: 0, 2: .5, 4: 1, 9: .5, 14: 0}},
		{spec: "cosine_decay_restarts:first_decay_steps=10", at: map[int64]float64{0: .1, 5: .05, 10: .1, 20: .05, 30: .1}},
		{spec: "cosine_decay_restarts:first_decay_steps=10,t_mul=1,m_mul=0.5", at: map[int64]float64{10: .05, 20: .025}},
		{spec: "cosin_decay:decay_steps=3", fail: `did you mean "cosine_decay"?`},
		{spec: "cosine_decay", fail: "decay_steps is 0"},
		{spec: "piecewise_constant_decay:boundaries=[9,5],values=[1,2,3]", fail: "ascend"},
		{spec: "piecewise_constant_decay:boundaries=[9],values=[1]", fail: "need 2 values"},
	} {
		s, err := ParseSchedule(c.spec, .1)
		if c.fail != "" {
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%q: %v, want %q", c.spec, err, c.fail)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.spec, err)
			continue
		}
		for step, want := range c.at {
			if got := s.Rate(step); math.Abs(got-want) > 1e-12 {
				t.Errorf("%q at %d is %v, want %v", c.spec, step, got, want)
			}
		}
	}
}
