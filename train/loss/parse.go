package loss

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/spec"
)

// args reads a loss's arguments.
type args struct{ *spec.Spec }

func (a args) float(key string) (v float64) {
	a.Float(key, &v)
	return v
}

func (a args) flag(key string) (v bool) {
	a.Bool(key, &v)
	return v
}

func (a args) class(key string) *int {
	v := new(int)
	a.Int(key, v)
	if !a.Given(key) {
		return nil
	}
	return v
}

// list reads several numbers in brackets; one alone is left for who reads a number.
func (a args) list(key string) (out []float64) {
	text := a.Text(key)
	if !strings.HasPrefix(text, "[") {
		return nil
	}
	var parts []string
	a.Strings(key, &parts)
	for _, p := range parts {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil || math.IsNaN(v) {
			a.Fail(fmt.Errorf("%s: %q is not a number", key, p))
		}
		out = append(out, v)
	}
	return out
}

// axes reads axis=1 or axis=[1,2]; nil is all.
func (a args) axes() (out []int) {
	var parts []string
	a.Strings("axis", &parts)
	for _, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil {
			a.Fail(fmt.Errorf("axis: %q is not a whole number", p))
		}
		out = append(out, v)
	}
	return out
}

// nonZero reads a number whose 0 would be taken for the default.
func (a args) nonZero(key string) float64 {
	v := a.float(key)
	if v == 0 && a.Given(key) {
		a.Fail(fmt.Errorf("%s must not be 0", key))
	}
	return v
}

// byName makes each loss.
var byName = map[string]func(a args) Loss{
	"binary_crossentropy":        func(a args) Loss { return BinaryCrossentropy{a.flag("from_logits"), a.float("label_smoothing")} },
	"summed_binary_crossentropy": func(args) Loss { return SummedBinaryCrossentropy{} },
	"binary_focal_crossentropy": func(a args) Loss {
		return BinaryFocalCrossentropy{a.flag("apply_class_balancing"), a.nonZero("alpha"), a.nonZero("gamma"), a.flag("from_logits"), a.float("label_smoothing")}
	},
	"categorical_crossentropy": func(a args) Loss { return CategoricalCrossentropy{a.flag("from_logits"), a.float("label_smoothing")} },
	"categorical_focal_crossentropy": func(a args) Loss {
		l := CategoricalFocalCrossentropy{Gamma: a.nonZero("gamma"), FromLogits: a.flag("from_logits"), LabelSmoothing: a.float("label_smoothing")}
		if alpha := a.list("alpha"); len(alpha) > 1 {
			l.ClassAlpha = alpha
		} else {
			l.Alpha = a.nonZero("alpha")
		}
		return l
	},
	"sparse_categorical_crossentropy": func(a args) Loss {
		return SparseCategoricalCrossentropy{a.flag("from_logits"), a.class("ignore_class")}
	},
	"mean_squared_error":                    func(args) Loss { return MeanSquaredError{} },
	"mean_absolute_error":                   func(args) Loss { return MeanAbsoluteError{} },
	"mean_absolute_percentage_error":        func(args) Loss { return MeanAbsolutePercentageError{} },
	"mean_squared_logarithmic_error":        func(args) Loss { return MeanSquaredLogarithmicError{} },
	"huber":                                 func(a args) Loss { return Huber{a.nonZero("delta")} },
	"log_cosh":                              func(args) Loss { return LogCosh{} },
	"hinge":                                 func(args) Loss { return Hinge{} },
	"squared_hinge":                         func(args) Loss { return SquaredHinge{} },
	"categorical_hinge":                     func(args) Loss { return CategoricalHinge{} },
	"poisson":                               func(args) Loss { return Poisson{} },
	"kl_divergence":                         func(args) Loss { return KLDivergence{} },
	"cosine_similarity":                     func(args) Loss { return CosineSimilarity{} },
	"ctc":                                   func(args) Loss { return CTC{} },
	"dice":                                  func(a args) Loss { return Dice{Axis: a.axes()} },
	"categorical_generalized_cross_entropy": func(a args) Loss { return CategoricalGeneralizedCrossEntropy{a.nonZero("q")} },
	"tversky":                               func(a args) Loss { return Tversky{Alpha: a.nonZero("alpha"), Beta: a.nonZero("beta"), Axis: a.axes()} },
	"crossentropy":                          func(args) Loss { return Crossentropy{} },
	"circle": func(a args) Loss {
		remove := true
		a.Bool("remove_diagonal", &remove)
		return Circle{Gamma: a.nonZero("gamma"), Margin: a.nonZero("margin"), KeepDiagonal: !remove}
	},
}

// aliases are the short names that Keras and its users have.
var aliases = map[string]string{
	"bce": "binary_crossentropy", "cce": "categorical_crossentropy", "sparse_cce": "sparse_categorical_crossentropy",
	"ce": "crossentropy", "focal": "binary_focal_crossentropy", "mse": "mean_squared_error", "mae": "mean_absolute_error",
	"mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error", "huber_loss": "huber",
	"logcosh": "log_cosh", "kld": "kl_divergence", "kullback_leibler_divergence": "kl_divergence", "cosine": "cosine_similarity",
}

// Names lists the losses that Parse knows, short names included.
func Names() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, m := range []func(func(string) bool){maps.Keys(byName), maps.Keys(aliases)} {
			for n := range m {
				if !yield(n) {
					return
				}
			}
		}
	})
}

// named returns what makes the loss of a name in lower case, nil where there is none. Keras's classes have no
// underscores: MeanSquaredError.
func named(name string) func(args) Loss {
	if long, ok := aliases[name]; ok {
		name = long
	}
	if f := byName[name]; f != nil {
		return f
	}
	for n, f := range byName {
		if strings.ReplaceAll(n, "_", "") == name {
			return f
		}
	}
	return nil
}

// Parse returns the loss of a name, with arguments behind a colon by Keras's names:
// "huber:delta=0.7", "bce:from_logits=true,label_smoothing=0.1", "mse:reduction=sum".
func Parse(s string) (Loss, error) {
	p, err := spec.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("loss %w", err)
	}
	f := named(p.Name)
	if f == nil {
		return nil, fmt.Errorf("there is no loss %q%s; there are %s", p.Name, nearest.Hint(p.Name, Names()), strings.Join(Names(), ", "))
	}
	l := f(args{p})
	var reduction string
	p.String("reduction", &reduction)
	if reduction != "" {
		r, err := ParseReduction(reduction)
		if err != nil {
			p.Fail(err)
		} else if r != SumOverBatchSize {
			l = Reduced{l, r}
		}
	}
	if err := p.Done(); err != nil {
		return nil, fmt.Errorf("loss %w", err)
	}
	return l, nil
}
