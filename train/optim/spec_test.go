package optim

import (
	"reflect"
	"testing"
)

type ownOptimizer struct{ SGD }

func TestSpec(t *testing.T) {
	for _, c := range []struct {
		o    Optimizer
		text string
	}{
		{Adam{LearningRate: .1}, "adam"},
		{AdamW{Beta1: .8, Beta2: Zero, Epsilon: 1e-8, AMSGrad: true, TorchEpsilon: true}, "adamw:beta_1=0.8,beta_2=0,epsilon=1e-08,amsgrad=true,torch_epsilon=true"},
		{SGD{Momentum: .9, Nesterov: true, Options: Options{WeightDecay: .01, NoDecay: []string{"bias", "gamma"}, GlobalClipNorm: 1}},
			"sgd:momentum=0.9,nesterov=true,weight_decay=0.01,exclude_from_weight_decay=[bias,gamma],global_clipnorm=1"},
		{RMSprop{Rho: .8, Centered: true, Options: Options{ClipNorm: 2, UseEMA: true, EMAMomentum: .9, EMAOverwriteFrequency: 3, GradientAccumulationSteps: 4}},
			"rmsprop:rho=0.8,centered=true,clipnorm=2,use_ema=true,ema_momentum=0.9,ema_overwrite_frequency=3,gradient_accumulation_steps=4"},
		{Ftrl{L1: .1, L2: .2, L2Shrinkage: .3, Beta: .4, LearningRatePower: Zero, Options: Options{ClipValue: .5}},
			"ftrl:learning_rate_power=0,l1_regularization_strength=0.1,l2_regularization_strength=0.2,l2_shrinkage_regularization_strength=0.3,beta=0.4,clipvalue=0.5"},
		{Muon{A: 3, NSSteps: 4, Plain: true, Embeddings: true, RMSRate: Zero, ExcludeLayers: []string{"head"}},
			"muon:nesterov=false,ns_steps=4,muon_a=3,rms_rate=0,exclude_layers=[head],exclude_embeddings=false"},
		{Nadam{PerVariable: true}, "nadam:schedule_per_variable=true"},
		{ScheduleFreeAdamW{WarmupSteps: 5}, "schedule_free_adamw:warmup_steps=5"},
		{Adafactor{Beta2Decay: -.7, Epsilon1: 1e-20, ClipThreshold: 2}, "adafactor:beta_2_decay=-0.7,epsilon_1=1e-20,clip_threshold=2"},
		{ownOptimizer{}, ""},
		{SGD{Options: Options{NoDecay: []string{"a,b"}}}, ""},
		{nil, ""},
	} {
		text, ok := Spec(c.o)
		if text != c.text || ok != (c.text != "") {
			t.Errorf("%T: %q %v, want %q", c.o, text, ok, c.text)
		}
		if again, err := Parse(text, .1); ok && c.o.Rate() == .1 && (err != nil || !reflect.DeepEqual(again, c.o)) {
			t.Errorf("%s: %+v %v", text, again, err)
		}
	}
	for _, name := range Names() {
		o, err := Parse(name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := Spec(o); !ok || text != name {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestScheduleSpec(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		text string
	}{
		{ExponentialDecay{.1, 10, .9, true}, "exponential_decay:initial_learning_rate=0.1,decay_steps=10,decay_rate=0.9,staircase=true"},
		{TimeDecay(.1, .01), "inverse_time_decay:initial_learning_rate=0.1,decay_steps=1,decay_rate=0.01"},
		{PiecewiseConstantDecay{[]int64{5, 9}, []float64{.1, .01, .001}}, "piecewise_constant_decay:boundaries=[5,9],values=[0.1,0.01,0.001]"},
		{PolynomialDecay{InitialLearningRate: .1, DecaySteps: 10, EndLearningRate: Zero, Cycle: true}, "polynomial_decay:initial_learning_rate=0.1,decay_steps=10,end_learning_rate=0,cycle=true"},
		{CosineDecay{DecaySteps: 10, WarmupTarget: .1, WarmupSteps: 3}, "cosine_decay:decay_steps=10,warmup_target=0.1,warmup_steps=3"},
		{CosineDecayRestarts{.1, 10, 3, .5, .1}, "cosine_decay_restarts:initial_learning_rate=0.1,first_decay_steps=10,t_mul=3,m_mul=0.5,alpha=0.1"},
		{nil, ""},
	} {
		text, ok := ScheduleSpec(c.s)
		if text != c.text || ok != (c.text != "") {
			t.Errorf("%T: %q %v, want %q", c.s, text, ok, c.text)
		}
	}
}
