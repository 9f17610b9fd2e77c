package optim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/spec"
)

// args reads the hyperparameters of an optimizer by Keras's names.
type args struct {
	*spec.Spec
	o    Options
	rate float64
}

// float reads a number; one that is given as 0 means 0, not the default.
func (a args) float(key string) float64 {
	v := 0.
	a.Float(key, &v)
	return given(a, key, v)
}

// orNone is float for a number whose None means 0, not the default.
func (a args) orNone(key string) float64 {
	if strings.EqualFold(a.Text(key), "none") {
		a.Float(key, new(float64))
		return Zero
	}
	return a.float(key)
}

// plain reads a number whose default is 0.
func (a args) plain(key string) (v float64) {
	a.Float(key, &v)
	return v
}

// given turns a 0 that was given into [Zero].
func given(a args, key string, v float64) float64 {
	if v == 0 && a.Given(key) {
		return Zero
	}
	return v
}

func (a args) flag(key string) (v bool) {
	a.Bool(key, &v)
	return v
}

// byName makes each optimizer.
var byName = map[string]func(a args) Optimizer{
	"adafactor": func(a args) Optimizer {
		a.flag("relative_step") // of no effect in Keras: the rate is at most 1/sqrt(t) in any case
		return Adafactor{
			LearningRate: a.rate, Beta2Decay: a.float("beta_2_decay"), Epsilon1: a.float("epsilon_1"), Epsilon2: a.float("epsilon_2"),
			ClipThreshold: a.float("clip_threshold"), Options: a.o,
		}
	},
	"adadelta": func(a args) Optimizer {
		return Adadelta{LearningRate: a.rate, Rho: a.float("rho"), Epsilon: a.float("epsilon"), Options: a.o}
	},
	"adagrad": func(a args) Optimizer {
		return Adagrad{LearningRate: a.rate, InitialAccumulatorValue: a.float("initial_accumulator_value"), Epsilon: a.float("epsilon"), Options: a.o}
	},
	"adam": func(a args) Optimizer {
		return Adam{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), AMSGrad: a.flag("amsgrad"), TorchEpsilon: a.flag("torch_epsilon"), Options: a.o}
	},
	"adamax": func(a args) Optimizer {
		return Adamax{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), Options: a.o}
	},
	"adamw": func(a args) Optimizer {
		return AdamW{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), AMSGrad: a.flag("amsgrad"), TorchEpsilon: a.flag("torch_epsilon"), Options: a.o}
	},
	"ftrl": func(a args) Optimizer {
		return Ftrl{
			LearningRate: a.rate, LearningRatePower: a.float("learning_rate_power"), InitialAccumulatorValue: a.float("initial_accumulator_value"),
			L1: a.plain("l1_regularization_strength"), L2: a.plain("l2_regularization_strength"),
			L2Shrinkage: a.plain("l2_shrinkage_regularization_strength"), Beta: a.plain("beta"), Options: a.o,
		}
	},
	"lamb": func(a args) Optimizer {
		return Lamb{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), Options: a.o}
	},
	"lion": func(a args) Optimizer {
		return Lion{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Options: a.o}
	},
	"muon": muon,
	"nadam": func(a args) Optimizer {
		return Nadam{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), ScheduleDecay: a.float("schedule_decay"), PerVariable: a.flag("schedule_per_variable"), Options: a.o}
	},
	"rmsprop": func(a args) Optimizer {
		return RMSprop{LearningRate: a.rate, Rho: a.float("rho"), Momentum: a.plain("momentum"), Epsilon: a.float("epsilon"), Centered: a.flag("centered"), TorchEpsilon: a.flag("torch_epsilon"), Options: a.o}
	},
	"schedule_free_adamw": func(a args) Optimizer {
		o := ScheduleFreeAdamW{LearningRate: a.rate, Beta1: a.float("beta_1"), Beta2: a.float("beta_2"), Epsilon: a.float("epsilon"), Options: a.o}
		a.Int("warmup_steps", &o.WarmupSteps)
		return o
	},
	"sgd": func(a args) Optimizer {
		return SGD{LearningRate: a.rate, Momentum: a.plain("momentum"), Nesterov: a.flag("nesterov"), Options: a.o}
	},
}

func muon(a args) Optimizer {
	o := Muon{
		LearningRate: a.rate, Momentum: a.float("momentum"), A: a.float("muon_a"), B: a.float("muon_b"), C: a.float("muon_c"),
		AdamBeta1: a.float("adam_beta_1"), AdamBeta2: a.float("adam_beta_2"), Epsilon: a.float("epsilon"),
		AdamLRRatio: a.float("adam_lr_ratio"), RMSRate: a.orNone("rms_rate"), AdamWeightDecay: a.orNone("adam_weight_decay"), Options: a.o,
	}
	nesterov, exclude := true, true
	a.Bool("nesterov", &nesterov)
	a.Bool("exclude_embeddings", &exclude)
	o.Plain, o.Embeddings = !nesterov, !exclude
	a.Int("ns_steps", &o.NSSteps)
	a.Strings("exclude_layers", &o.ExcludeLayers)
	return o
}

// Names lists the optimizers that Parse knows.
func Names() []string { return slices.Sorted(maps.Keys(byName)) }

// Parse returns the optimizer of a name, letter case aside, with Keras's defaults; rate is its learning
// rate, 0 for the default. Hyperparameters follow a colon by Keras's names:
// "adam:beta_1=0.8,amsgrad=true,clipnorm=1". The options that all have are learning_rate, weight_decay,
// exclude_from_weight_decay=[bias,gamma], clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
// ema_overwrite_frequency, ema_from_start, gradient_accumulation_steps, schedule, as in schedule=[cosine_decay:decay_steps=100],
// and decay, which is Keras 2's.
func Parse(s string, rate float64) (Optimizer, error) {
	p, err := spec.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("optimizer %w", err)
	}
	f := byName[p.Name]
	if p.Name == "schedulefreeadamw" { // as keras.optimizers.get takes it
		f = byName["schedule_free_adamw"]
	}
	if f == nil {
		return nil, fmt.Errorf("there is no optimizer %q%s; there are %s", p.Name, nearest.Hint(p.Name, Names()), strings.Join(Names(), ", "))
	}
	a := args{Spec: p, rate: rate}
	if v := a.float("learning_rate"); v != 0 {
		if rate != 0 && v != rate {
			return nil, fmt.Errorf("optimizer %s: learning rates %v and %v are given", p.Name, rate, v)
		}
		a.rate = v
	}
	a.options()
	if err := a.schedule(f); err != nil {
		return nil, err
	}
	o := f(a)
	if err := p.Done(); err != nil {
		return nil, fmt.Errorf("optimizer %w", err)
	}
	return o, Check(o)
}

// schedule reads the schedule of the learning rate, which starts from the optimizer's.
func (a *args) schedule(f func(args) Optimizer) error {
	none, err := spec.Parse(a.Name)
	if err != nil {
		return err
	}
	rate := f(args{Spec: none, rate: a.rate}).Rate()
	if decay := a.plain("decay"); decay != 0 {
		a.o.Schedule = TimeDecay(rate, decay)
	}
	text := ""
	if a.String("schedule", &text); text != "" {
		a.o.Schedule, err = ParseSchedule(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), rate)
	}
	return err
}

// options reads what all optimizers have.
func (a *args) options() {
	a.o.WeightDecay = a.orNone("weight_decay")
	a.Strings("exclude_from_weight_decay", &a.o.NoDecay)
	a.Float("clipnorm", &a.o.ClipNorm)
	a.Float("clipvalue", &a.o.ClipValue)
	a.Float("global_clipnorm", &a.o.GlobalClipNorm)
	a.Bool("use_ema", &a.o.UseEMA)
	a.Bool("ema_from_start", &a.o.EMAFromStart)
	a.o.EMAMomentum = a.float("ema_momentum")
	a.Int("ema_overwrite_frequency", &a.o.EMAOverwriteFrequency)
	a.Int("gradient_accumulation_steps", &a.o.GradientAccumulationSteps)
}
