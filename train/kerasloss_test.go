package train

import (
	"cmp"
	"fmt"

	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// buildLoss maps a Keras loss to ours. delta is Huber's, which Keras does not write into its
// configuration.
func buildLoss(o kerasObject, delta float64) (loss.Loss, error) {
	l, err := plainLoss(o, delta)
	if err != nil {
		return nil, err
	}
	r, err := loss.ParseReduction(o.Config.text("reduction"))
	if err != nil || r == loss.SumOverBatchSize {
		return l, err
	}
	return loss.Reduced{Loss: l, Reduction: r}, nil
}

func plainLoss(o kerasObject, delta float64) (loss.Loss, error) {
	c := o.Config
	logits, smoothing := c.flag("from_logits"), c.num("label_smoothing")
	switch o.Class {
	case "BinaryCrossentropy":
		return loss.BinaryCrossentropy{FromLogits: logits, LabelSmoothing: smoothing}, nil
	case "BinaryFocalCrossentropy":
		return loss.BinaryFocalCrossentropy{
			ApplyClassBalancing: c.flag("apply_class_balancing"), Alpha: c.num("alpha"), Gamma: c.num("gamma"),
			FromLogits: logits, LabelSmoothing: smoothing,
		}, nil
	case "CategoricalCrossentropy":
		return loss.CategoricalCrossentropy{FromLogits: logits, LabelSmoothing: smoothing}, nil
	case "CategoricalFocalCrossentropy":
		return loss.CategoricalFocalCrossentropy{Alpha: c.num("alpha"), Gamma: c.num("gamma"), FromLogits: logits, LabelSmoothing: smoothing}, nil
	case "SparseCategoricalCrossentropy":
		l := loss.SparseCategoricalCrossentropy{FromLogits: logits}
		if c.has("ignore_class") {
			n := int(c.num("ignore_class"))
			l.IgnoreClass = &n
		}
		return l, nil
	case "MeanSquaredError":
		return loss.MeanSquaredError{}, nil
	case "MeanAbsoluteError":
		return loss.MeanAbsoluteError{}, nil
	case "MeanAbsolutePercentageError":
		return loss.MeanAbsolutePercentageError{}, nil
	case "MeanSquaredLogarithmicError":
		return loss.MeanSquaredLogarithmicError{}, nil
	case "Huber":
		return loss.Huber{Delta: delta}, nil
	case "LogCosh":
		return loss.LogCosh{}, nil
	case "Hinge":
		return loss.Hinge{}, nil
	case "SquaredHinge":
		return loss.SquaredHinge{}, nil
	case "CategoricalHinge":
		return loss.CategoricalHinge{}, nil
	case "Poisson":
		return loss.Poisson{}, nil
	case "KLDivergence":
		return loss.KLDivergence{}, nil
	case "CosineSimilarity":
		return loss.CosineSimilarity{}, nil
	}
	return nil, fmt.Errorf("there is no loss %s", o.Class)
}

// buildOptimizer maps a Keras optimizer to ours; noDecay are the names without weight decay.
func buildOptimizer(o kerasObject, noDecay []string) (optim.Optimizer, error) {
	c := o.Config
	sched, err := buildSchedule(c.sub("learning_rate"))
	if err != nil {
		return nil, err
	}
	opts := optim.Options{
		Schedule: sched, WeightDecay: c.num("weight_decay"), NoDecay: noDecay,
		ClipNorm: c.num("clipnorm"), ClipValue: c.num("clipvalue"), GlobalClipNorm: c.num("global_clipnorm"),
		UseEMA: c.flag("use_ema"), EMAMomentum: c.num("ema_momentum"), EMAOverwriteFrequency: int(c.num("ema_overwrite_frequency")),
		GradientAccumulationSteps: int(c.num("gradient_accumulation_steps")),
	}
	rate, b1, b2, eps := c.num("learning_rate"), c.num("beta_1"), c.num("beta_2"), c.num("epsilon")
	switch o.Class {
	case "SGD":
		return optim.SGD{LearningRate: rate, Momentum: c.num("momentum"), Nesterov: c.flag("nesterov"), Options: opts}, nil
	case "Adam":
		return optim.Adam{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, AMSGrad: c.flag("amsgrad"), Options: opts}, nil
	case "AdamW":
		return optim.AdamW{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, AMSGrad: c.flag("amsgrad"), Options: opts}, nil
	case "Nadam":
		return optim.Nadam{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, Options: opts}, nil
	case "Adamax":
		return optim.Adamax{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, Options: opts}, nil
	case "Adagrad":
		return optim.Adagrad{LearningRate: rate, InitialAccumulatorValue: c.num("initial_accumulator_value"), Epsilon: eps, Options: opts}, nil
	case "Adadelta":
		return optim.Adadelta{LearningRate: rate, Rho: c.num("rho"), Epsilon: eps, Options: opts}, nil
	case "Ftrl":
		return optim.Ftrl{
			LearningRate: rate, LearningRatePower: c.num("learning_rate_power"), InitialAccumulatorValue: c.num("initial_accumulator_value"),
			L1: c.num("l1_regularization_strength"), L2: c.num("l2_regularization_strength"),
			L2Shrinkage: c.num("l2_shrinkage_regularization_strength"), Beta: c.num("beta"), Options: opts,
		}, nil
	case "Lion":
		return optim.Lion{LearningRate: rate, Beta1: b1, Beta2: b2, Options: opts}, nil
	case "Lamb":
		return optim.Lamb{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, Options: opts}, nil
	case "Adafactor":
		return optim.Adafactor{
			LearningRate: rate, Beta2Decay: c.num("beta_2_decay"), Epsilon1: c.num("epsilon_1"), Epsilon2: c.num("epsilon_2"),
			ClipThreshold: c.num("clip_threshold"), Options: opts,
		}, nil
	case "ScheduleFreeAdamW":
		return optim.ScheduleFreeAdamW{LearningRate: rate, Beta1: b1, Beta2: b2, Epsilon: eps, WarmupSteps: int(c.num("warmup_steps")), Options: opts}, nil
	case "Muon":
		m := optim.Muon{
			LearningRate: rate, Momentum: c.num("momentum"), Plain: !c.flag("nesterov"), NSSteps: int(c.num("ns_steps")),
			A: c.num("muon_a"), B: c.num("muon_b"), C: c.num("muon_c"), RMSRate: cmp.Or(c.num("rms_rate"), optim.Zero),
			ExcludeLayers: c.texts("exclude_layers"), Embeddings: !c.flag("exclude_embeddings"),
			AdamBeta1: c.num("adam_beta_1"), AdamBeta2: c.num("adam_beta_2"), Epsilon: eps, AdamLRRatio: c.num("adam_lr_ratio"),
			AdamWeightDecay: cmp.Or(c.num("adam_weight_decay"), optim.Zero), Options: opts,
		}
		m.WeightDecay = cmp.Or(m.WeightDecay, optim.Zero)
		return m, nil
	case "RMSprop":
		return optim.RMSprop{LearningRate: rate, Rho: c.num("rho"), Momentum: c.num("momentum"), Epsilon: eps, Centered: c.flag("centered"), Options: opts}, nil
	}
	return nil, fmt.Errorf("there is no optimizer %s", o.Class)
}

func buildSchedule(o settings) (optim.Schedule, error) {
	if o == nil {
		return nil, nil
	}
	c := o.sub("config")
	rate, steps := c.num("initial_learning_rate"), int64(c.num("decay_steps"))
	switch o.text("class_name") {
	case "ExponentialDecay":
		return optim.ExponentialDecay{InitialLearningRate: rate, DecaySteps: steps, DecayRate: c.num("decay_rate"), Staircase: c.flag("staircase")}, nil
	case "InverseTimeDecay":
		return optim.InverseTimeDecay{InitialLearningRate: rate, DecaySteps: steps, DecayRate: c.num("decay_rate"), Staircase: c.flag("staircase")}, nil
	case "PolynomialDecay":
		return optim.PolynomialDecay{InitialLearningRate: rate, DecaySteps: steps, EndLearningRate: c.num("end_learning_rate"), Power: c.num("power"), Cycle: c.flag("cycle")}, nil
	case "CosineDecay":
		return optim.CosineDecay{InitialLearningRate: rate, DecaySteps: steps, Alpha: c.num("alpha"), WarmupTarget: c.num("warmup_target"), WarmupSteps: int64(c.num("warmup_steps"))}, nil
	case "CosineDecayRestarts":
		return optim.CosineDecayRestarts{InitialLearningRate: rate, FirstDecaySteps: int64(c.num("first_decay_steps")), TMul: c.num("t_mul"), MMul: c.num("m_mul"), Alpha: c.num("alpha")}, nil
	case "PiecewiseConstantDecay":
		s := optim.PiecewiseConstantDecay{Values: c.nums("values")}
		for _, b := range c.nums("boundaries") {
			s.Boundaries = append(s.Boundaries, int64(b))
		}
		return s, nil
	}
	return nil, fmt.Errorf("there is no schedule %s", o.text("class_name"))
}
