package optim

import (
	"reflect"

	"github.com/onnxtool/onnxtool/internal/spec"
)

// argumentNames are Keras's names of what fields hold, where they are not the fields' own.
var argumentNames = map[string]string{
	"LearningRate": "-", "Schedule": "-", "AMSGrad": "amsgrad", "NoDecay": "exclude_from_weight_decay", "ClipNorm": "clipnorm", "ClipValue": "clipvalue",
	"GlobalClipNorm": "global_clipnorm", "L1": "l1_regularization_strength", "L2": "l2_regularization_strength",
	"L2Shrinkage": "l2_shrinkage_regularization_strength", "PerVariable": "schedule_per_variable", "Beta2Decay": "beta_2_decay",
	"Muon.A": "muon_a", "Muon.B": "muon_b", "Muon.C": "muon_c", "Muon.Plain": "nesterov=false", "Muon.Embeddings": "exclude_embeddings=false",
}

// Spec returns the text of which [Parse] makes the optimizer, without its learning rate and schedule. ok is false
// for an optimizer that Parse does not make.
func Spec(o Optimizer) (text string, ok bool) {
	if o == nil {
		return "", false
	}
	if text, ok = spec.Format(o.Name(), o, argumentNames); !ok {
		return "", false
	}
	again, err := Parse(text, 0)
	if err != nil || reflect.TypeOf(again) != reflect.TypeOf(o) {
		return "", false
	}
	same, _ := spec.Format(again.Name(), again, argumentNames)
	return text, same == text
}

// ScheduleSpec returns the text of which [ParseSchedule] makes the schedule. ok is false for one that it does not
// make.
func ScheduleSpec(s Schedule) (text string, ok bool) {
	name := ""
	switch s.(type) {
	case ExponentialDecay:
		name = "exponential_decay"
	case InverseTimeDecay:
		name = "inverse_time_decay"
	case PiecewiseConstantDecay:
		name = "piecewise_constant_decay"
	case PolynomialDecay:
		name = "polynomial_decay"
	case CosineDecay:
		name = "cosine_decay"
	case CosineDecayRestarts:
		name = "cosine_decay_restarts"
	default:
		return "", false
	}
	if text, ok = spec.Format(name, s, nil); !ok {
		return "", false
	}
	again, err := ParseSchedule(text, 0)
	return text, err == nil && reflect.DeepEqual(again, s)
}
