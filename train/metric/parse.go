package metric

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

// entry makes a metric; arg is what follows the colon, "" where there is none.
type entry struct {
	arg  string // what an argument means; "" where none is taken
	make func(arg string) (Metric, error)
}

// plain is an entry without an argument.
func plain[T any, P interface {
	*T
	Metric
}]() entry {
	return entry{make: func(string) (Metric, error) { return P(new(T)), nil }}
}

// number is an entry whose argument is a number; required says that there must be one.
func number(meaning string, required bool, build func(v *float64) Metric) entry {
	return entry{meaning, func(arg string) (Metric, error) {
		if arg == "" {
			if required {
				return nil, fmt.Errorf("needs its %s", meaning)
			}
			return build(nil), nil
		}
		v, err := strconv.ParseFloat(arg, 64)
		if err != nil || math.IsNaN(v) {
			return nil, fmt.Errorf("%q is not a number: its argument is the %s", arg, meaning)
		}
		return build(&v), nil
	}}
}

// best is an entry whose argument is a count of the best predictions.
func best(build func(k int) Metric) entry {
	return entry{"number of predictions", func(arg string) (Metric, error) {
		if arg == "" {
			return build(0), nil
		}
		k, err := strconv.Atoi(arg)
		if err != nil || k < 1 {
			return nil, fmt.Errorf("%q is not a number of predictions", arg)
		}
		return build(k), nil
	}}
}

// curve is an entry whose argument names a curve.
func curve(build func(Curve) Metric, allowed ...string) entry {
	return entry{"curve", func(arg string) (Metric, error) {
		if arg == "" {
			return build(ROC), nil
		}
		i := slices.Index(allowed, strings.ToLower(arg))
		if i < 0 {
			return nil, fmt.Errorf("there is no curve %q, only %s", arg, strings.Join(allowed, ", "))
		}
		return build(Curve(i)), nil
	}}
}

var registry = map[string]entry{
	"accuracy":                          plain[Auto](),
	"binary_accuracy":                   number("threshold", false, func(v *float64) Metric { return &BinaryAccuracy{Threshold: v} }),
	"categorical_accuracy":              plain[CategoricalAccuracy](),
	"sparse_categorical_accuracy":       plain[SparseCategoricalAccuracy](),
	"top_k_categorical_accuracy":        best(func(k int) Metric { return &TopKCategoricalAccuracy{K: k} }),
	"sparse_top_k_categorical_accuracy": best(func(k int) Metric { return &SparseTopKCategoricalAccuracy{K: k} }),

	"true_positives":  number("threshold", false, func(v *float64) Metric { return &TruePositives{Threshold: v} }),
	"false_positives": number("threshold", false, func(v *float64) Metric { return &FalsePositives{Threshold: v} }),
	"true_negatives":  number("threshold", false, func(v *float64) Metric { return &TrueNegatives{Threshold: v} }),
	"false_negatives": number("threshold", false, func(v *float64) Metric { return &FalseNegatives{Threshold: v} }),
	"precision":       number("threshold", false, func(v *float64) Metric { return &Precision{Threshold: v} }),
	"recall":          number("threshold", false, func(v *float64) Metric { return &Recall{Threshold: v} }),
	"f1_score":        number("threshold", false, func(v *float64) Metric { return &F1Score{Threshold: v} }),
	"fbeta_score":     number("beta", false, func(v *float64) Metric { return &FBetaScore{Beta: orDefault(v, 1)} }),

	"auc":       curve(func(c Curve) Metric { return &AUC{Curve: c} }, "roc", "pr", "prgain"),
	"exact_auc": curve(func(c Curve) Metric { return &ExactAUC{Curve: c} }, "roc", "pr"),

	"sensitivity_at_specificity": number("specificity", true, func(v *float64) Metric { return &SensitivityAtSpecificity{Specificity: *v} }),
	"specificity_at_sensitivity": number("sensitivity", true, func(v *float64) Metric { return &SpecificityAtSensitivity{Sensitivity: *v} }),
	"precision_at_recall":        number("recall", true, func(v *float64) Metric { return &PrecisionAtRecall{Recall: *v} }),
	"recall_at_precision":        number("precision", true, func(v *float64) Metric { return &RecallAtPrecision{Precision: *v} }),

	"mean_squared_error":             plain[MeanSquaredError](),
	"root_mean_squared_error":        plain[RootMeanSquaredError](),
	"mean_absolute_error":            plain[MeanAbsoluteError](),
	"mean_absolute_percentage_error": plain[MeanAbsolutePercentageError](),
	"mean_squared_logarithmic_error": plain[MeanSquaredLogarithmicError](),
	"logcosh":                        plain[LogCosh](),
	"huber":                          number("delta", false, func(v *float64) Metric { return &Huber{Delta: v} }),
	"cosine_similarity":              plain[CosineSimilarity](),
	"r2_score":                       plain[R2Score](),

	"kl_divergence":                   plain[KLDivergence](),
	"poisson":                         plain[Poisson](),
	"binary_crossentropy":             plain[BinaryCrossentropy](),
	"categorical_crossentropy":        plain[CategoricalCrossentropy](),
	"sparse_categorical_crossentropy": plain[SparseCategoricalCrossentropy](),
	"hinge":                           plain[Hinge](),
	"squared_hinge":                   plain[SquaredHinge](),
	"categorical_hinge":               plain[CategoricalHinge](),
}

// aliases are short names, Keras's and what people write elsewhere.
var aliases = map[string]string{
	"acc": "accuracy", "mse": "mean_squared_error", "rmse": "root_mean_squared_error", "mae": "mean_absolute_error",
	"mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error", "bce": "binary_crossentropy",
	"kld": "kl_divergence", "log_cosh": "logcosh", "log_cosh_error": "logcosh", "f1": "f1_score", "r2": "r2_score",
	"f_beta_score": "fbeta_score", "fp": "false_positives", "fn": "false_negatives", "tp": "true_positives", "tn": "true_negatives",
	"sensitivity": "recall", "roc_auc": "auc",
}

// Names returns the names that [Parse] knows, without aliases, in ascending order.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Parse returns the metric of a name: as Keras spells it, auc or AUC, mean_squared_error, MeanSquaredError or
// mse; "accuracy" is [Auto]. Some take an argument after a colon: a threshold (precision:0.3), a curve (auc:pr),
// what is to be reached (precision_at_recall:0.9), a number of predictions (top_k_categorical_accuracy:3). As
// in Keras the metric then has the name that was asked for, a colon apart, which becomes an underscore.
func Parse(name string) (Metric, error) {
	base, arg, hasArg := strings.Cut(name, ":")
	key := snake(base)
	if full, ok := aliases[key]; ok {
		key = full
	}
	e, ok := registry[key]
	if !ok {
		known := slices.Concat(Names(), slices.Sorted(maps.Keys(aliases)))
		return nil, fmt.Errorf("there is no metric %q%s; there are %s", name, nearest.Hint(snake(base), known), strings.Join(Names(), ", "))
	}
	if hasArg && (e.arg == "" || arg == "") {
		return nil, fmt.Errorf("metric %s: %s", name, colonHelp(e.arg))
	}
	m, err := e.make(arg)
	if err != nil {
		return nil, fmt.Errorf("metric %s: %w", name, err)
	}
	if shown := strings.ReplaceAll(name, ":", "_"); shown != m.Name() {
		m = Named(shown, m)
	}
	return m, nil
}

func colonHelp(meaning string) string {
	if meaning == "" {
		return "it takes no argument after a colon"
	}
	return "after the colon goes its " + meaning
}

// snake turns MeanSquaredError into mean_squared_error, and leaves mse, MSE and mean_squared_error in lower case.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' {
			before := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if before || after {
				b.WriteByte('_')
			}
		}
		if r == '-' || r == ' ' {
			r = '_'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
