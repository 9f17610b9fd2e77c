package metric

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/spec"
)

// arguments are the arguments of a metric, by Keras's names.
type arguments struct{ *spec.Spec }

// number reads a number, nil where it is not given.
func (a arguments) number(key string) *float64 {
	v := new(float64)
	a.Float(key, v)
	if !a.Given(key) {
		return nil
	}
	return v
}

// float reads a number that is 0 where it is not given.
func (a arguments) float(key string) (v float64) {
	a.Float(key, &v)
	return v
}

// must reads a number that has no default.
func (a arguments) must(key string) (v float64) {
	a.Float(key, &v)
	if !a.Given(key) {
		a.Fail(fmt.Errorf("needs its %s", key))
	}
	return v
}

// whole reads a whole number, nil where it is not given.
func (a arguments) whole(key string) *int {
	v := new(int)
	a.Int(key, v)
	if !a.Given(key) {
		return nil
	}
	return v
}

// count reads a number of things, 0 where it is not given.
func (a arguments) count(key string) int {
	v := a.whole(key)
	switch {
	case v == nil:
		return 0
	case *v < 1:
		a.Fail(fmt.Errorf("%s=%d must be at least 1", key, *v))
	}
	return *v
}

// classCount reads the number of classes, which has no default.
func (a arguments) classCount() int {
	if !a.Given("num_classes") {
		a.Fail(errors.New("needs its num_classes"))
	}
	return a.count("num_classes")
}

func (a arguments) flag(key string) (v bool) {
	a.Bool(key, &v)
	return v
}

// list reads numbers in brackets.
func (a arguments) list(key string) (out []float64) {
	var text []string
	a.Strings(key, &text)
	for _, t := range text {
		v, err := strconv.ParseFloat(t, 64)
		if err != nil || math.IsNaN(v) {
			a.Fail(fmt.Errorf("%s: %q is not a number", key, t))
		}
		out = append(out, v)
	}
	return out
}

// classes reads whole numbers in brackets.
func (a arguments) classes(key string) (out []int) {
	for _, v := range a.list(key) {
		if v != math.Trunc(v) {
			a.Fail(fmt.Errorf("%s: %v is not a class", key, v))
		}
		out = append(out, int(v))
	}
	return out
}

// threshold reads the one threshold of decisions, nil where it is not given.
func (a arguments) threshold() *float64 {
	switch list := a.list("thresholds"); len(list) {
	case 0:
		return nil
	case 1:
		return &list[0]
	default:
		a.Fail(fmt.Errorf("%d thresholds would be %d figures: give a metric for each", len(list), len(list)))
		return nil
	}
}

// choice reads one of some words, letter case aside, and returns its place; 0 where it is not given.
func (a arguments) choice(key string, words ...string) int {
	text := ""
	a.String(key, &text)
	if text == "" || strings.EqualFold(text, "none") {
		return 0
	}
	i := slices.Index(words, strings.ToLower(text))
	if i < 0 {
		a.Fail(fmt.Errorf("there is no %s %q, only %s", key, text, strings.Join(words, ", ")))
		return 0
	}
	return i
}

// fixed reads a number that may only be what it is by default.
func (a arguments) fixed(key string, is float64) {
	if v := a.number(key); v != nil && *v != is {
		a.Fail(fmt.Errorf("%s=%v is not supported, only %v", key, *v, is))
	}
}

// entry makes a metric; main is the argument that may follow the colon without its name, "" where none does.
type entry struct {
	main string
	make func(a arguments) Metric
}

// plain is an entry without an argument.
func plain[T any, P interface {
	*T
	Metric
}]() entry {
	return entry{make: func(arguments) Metric { return P(new(T)) }}
}

// lastAxis is an entry of a metric along the last axis, which may be named.
func lastAxis[T any, P interface {
	*T
	Metric
}]() entry {
	return entry{make: func(a arguments) Metric {
		a.fixed("axis", -1)
		return P(new(T))
	}}
}

var registry = map[string]entry{
	"accuracy":                          plain[Auto](),
	"binary_accuracy":                   {"threshold", func(a arguments) Metric { return &BinaryAccuracy{Threshold: a.number("threshold")} }},
	"categorical_accuracy":              plain[CategoricalAccuracy](),
	"sparse_categorical_accuracy":       plain[SparseCategoricalAccuracy](),
	"top_k_categorical_accuracy":        {"k", func(a arguments) Metric { return &TopKCategoricalAccuracy{K: a.count("k")} }},
	"sparse_top_k_categorical_accuracy": {"k", func(a arguments) Metric { return &SparseTopKCategoricalAccuracy{K: a.count("k")} }},

	"true_positives":  {"thresholds", func(a arguments) Metric { return &TruePositives{Threshold: a.threshold()} }},
	"false_positives": {"thresholds", func(a arguments) Metric { return &FalsePositives{Threshold: a.threshold()} }},
	"true_negatives":  {"thresholds", func(a arguments) Metric { return &TrueNegatives{Threshold: a.threshold()} }},
	"false_negatives": {"thresholds", func(a arguments) Metric { return &FalseNegatives{Threshold: a.threshold()} }},
	"precision": {"thresholds", func(a arguments) Metric {
		return &Precision{Threshold: a.threshold(), TopK: a.count("top_k"), Class: a.whole("class_id")}
	}},
	"recall": {"thresholds", func(a arguments) Metric {
		return &Recall{Threshold: a.threshold(), TopK: a.count("top_k"), Class: a.whole("class_id")}
	}},
	"f1_score": {"threshold", func(a arguments) Metric { return &F1Score{Average: a.average(), Threshold: a.number("threshold")} }},
	"fbeta_score": {"beta", func(a arguments) Metric {
		return &FBetaScore{Average: a.average(), Beta: a.float("beta"), Threshold: a.number("threshold")}
	}},

	"auc":       {"curve", func(a arguments) Metric { return a.auc() }},
	"exact_auc": {"curve", func(a arguments) Metric { return &ExactAUC{Curve: Curve(a.choice("curve", curves[:2]...))} }},

	"sensitivity_at_specificity": {"specificity", func(a arguments) Metric {
		return &SensitivityAtSpecificity{Specificity: a.must("specificity"), NumThresholds: a.count("num_thresholds"), Class: a.whole("class_id")}
	}},
	"specificity_at_sensitivity": {"sensitivity", func(a arguments) Metric {
		return &SpecificityAtSensitivity{Sensitivity: a.must("sensitivity"), NumThresholds: a.count("num_thresholds"), Class: a.whole("class_id")}
	}},
	"precision_at_recall": {"recall", func(a arguments) Metric {
		return &PrecisionAtRecall{Recall: a.must("recall"), NumThresholds: a.count("num_thresholds"), Class: a.whole("class_id")}
	}},
	"recall_at_precision": {"precision", func(a arguments) Metric {
		return &RecallAtPrecision{Precision: a.must("precision"), NumThresholds: a.count("num_thresholds"), Class: a.whole("class_id")}
	}},

	"io_u": {"", func(a arguments) Metric {
		m := a.iou(IoU{Classes: a.classCount(), Targets: a.classes("target_class_ids")})
		return &m
	}},
	"mean_io_u": {"num_classes", func(a arguments) Metric { return &MeanIoU{a.iou(IoU{Classes: a.classCount()})} }},
	"one_hot_io_u": {"", func(a arguments) Metric {
		return &OneHotIoU{a.oneHot(IoU{Classes: a.classCount(), Targets: a.classes("target_class_ids")})}
	}},
	"one_hot_mean_io_u": {"num_classes", func(a arguments) Metric { return &OneHotMeanIoU{a.oneHot(IoU{Classes: a.classCount()})} }},
	"binary_io_u": {"threshold", func(a arguments) Metric {
		return &BinaryIoU{Targets: a.classes("target_class_ids"), Threshold: a.number("threshold")}
	}},

	"mean_squared_error":             plain[MeanSquaredError](),
	"root_mean_squared_error":        plain[RootMeanSquaredError](),
	"mean_absolute_error":            plain[MeanAbsoluteError](),
	"mean_absolute_percentage_error": plain[MeanAbsolutePercentageError](),
	"mean_squared_logarithmic_error": plain[MeanSquaredLogarithmicError](),
	"logcosh":                        plain[LogCosh](),
	"huber":                          {"delta", func(a arguments) Metric { return &Huber{Delta: a.number("delta")} }},
	"cosine_similarity":              lastAxis[CosineSimilarity](),
	"pearson_correlation":            lastAxis[PearsonCorrelation](),
	"concordance_correlation":        lastAxis[ConcordanceCorrelation](),
	"r2_score": {"", func(a arguments) Metric {
		i := a.choice("class_aggregation", "uniform_average", "variance_weighted_average")
		n := 0
		a.Int("num_regressors", &n)
		return &R2Score{VarianceWeighted: i == 1, Regressors: n}
	}},

	"crossentropy":  plain[Crossentropy](),
	"kl_divergence": plain[KLDivergence](),
	"poisson":       plain[Poisson](),
	"binary_crossentropy": {"", func(a arguments) Metric {
		return &BinaryCrossentropy{FromLogits: a.flag("from_logits"), LabelSmoothing: a.float("label_smoothing")}
	}},
	"categorical_crossentropy": {"", func(a arguments) Metric {
		a.fixed("axis", -1)
		return &CategoricalCrossentropy{FromLogits: a.flag("from_logits"), LabelSmoothing: a.float("label_smoothing")}
	}},
	"sparse_categorical_crossentropy": {"", func(a arguments) Metric {
		a.fixed("axis", -1)
		return &SparseCategoricalCrossentropy{FromLogits: a.flag("from_logits")}
	}},
	"hinge":             plain[Hinge](),
	"squared_hinge":     plain[SquaredHinge](),
	"categorical_hinge": plain[CategoricalHinge](),
}

// average reads how scores of classes become one. Without one Keras has a figure for each class, this their mean.
func (a arguments) average() Average {
	return Average(a.choice("average", averages...))
}

func (a arguments) auc() *AUC {
	m := &AUC{
		Curve: Curve(a.choice("curve", curves...)), Summation: Summation(a.choice("summation_method", summations...)),
		NumThresholds: a.count("num_thresholds"), Thresholds: a.list("thresholds"), MultiLabel: a.flag("multi_label"),
		LabelWeights: a.list("label_weights"), FromLogits: a.flag("from_logits"),
	}
	a.count("num_labels") // the predictions' columns
	return m
}

// aliases are short names, Keras's and what people write elsewhere.
var aliases = map[string]string{
	"acc": "accuracy", "mse": "mean_squared_error", "rmse": "root_mean_squared_error", "mae": "mean_absolute_error",
	"mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error", "bce": "binary_crossentropy", "ce": "crossentropy",
	"kld": "kl_divergence", "kullback_leibler_divergence": "kl_divergence", "cosine_proximity": "cosine_similarity", "log_cosh": "logcosh", "log_cosh_error": "logcosh", "f1": "f1_score", "r2": "r2_score",
	"f_beta_score": "fbeta_score", "fp": "false_positives", "fn": "false_negatives", "tp": "true_positives", "tn": "true_negatives",
	"sensitivity": "recall", "roc_auc": "auc", "iou": "io_u", "mean_iou": "mean_io_u", "one_hot_iou": "one_hot_io_u",
	"one_hot_mean_iou": "one_hot_mean_io_u", "binary_iou": "binary_io_u",
}

// Names returns the names that [Parse] knows, without aliases, in ascending order.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Parse returns the metric of a name: as Keras spells it, auc or AUC, mean_squared_error, MeanSquaredError or
// mse; "accuracy" is [Auto]. Arguments follow a colon by Keras's names, auc:curve=pr,num_thresholds=500; the usual
// one can do without its name, as a threshold (precision:0.3), a curve (auc:pr), what is to be reached
// (precision_at_recall:0.9) or a number of predictions (top_k_categorical_accuracy:3).
//
// The metric is called as in Keras: what was asked for where that is a name alone, as with metrics=["mse"]; the
// metric's own name where there are arguments, as with an instance of the class, or that of the argument name.
func Parse(text string) (Metric, error) {
	base, rest, hasArgs := strings.Cut(text, ":")
	key := snake(base)
	if full, ok := aliases[key]; ok {
		key = full
	}
	e, ok := registry[key]
	if !ok {
		known := slices.Concat(Names(), slices.Sorted(maps.Keys(aliases)))
		return nil, fmt.Errorf("there is no metric %q%s; there are %s", base, nearest.Hint(snake(base), known), strings.Join(Names(), ", "))
	}
	if first, _, _ := strings.Cut(rest, ","); hasArgs && !strings.Contains(first, "=") {
		if e.main == "" || first == "" {
			return nil, fmt.Errorf("metric %s: %s", text, colonHelp(e.main))
		}
		rest = e.main + "=" + rest
	}
	p, err := spec.Parse(key + ":" + rest)
	if err != nil {
		return nil, fmt.Errorf("metric %w", err)
	}
	a := arguments{p}
	m := e.make(a)
	name := m.Name()
	if !hasArgs {
		name = base
	}
	a.String("name", &name)
	if err := a.Done(); err != nil {
		return nil, fmt.Errorf("metric %w", err)
	}
	if name != m.Name() {
		m = Named(name, m)
	}
	return m, nil
}

func colonHelp(main string) string {
	if main == "" {
		return "it takes arguments by name after a colon, if any"
	}
	return "after the colon goes its " + main
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
