package keras

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/recipe"
)

// metricList reads the metrics of one output: one, or several in whatever lists and dictionaries.
func (t *training) metricList(v any, weighted bool) (out []recipe.Metric) {
	switch w := untupled(v).(type) {
	case nil:
	case []any:
		for _, x := range w {
			out = append(out, t.metricList(x, weighted)...)
		}
	case map[string]any:
		if _, object := w["class_name"]; object {
			return t.metric(w, weighted)
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			out = append(out, t.metricList(w[k], weighted)...)
		}
	default:
		return t.metric(w, weighted)
	}
	return out
}

// metric reads a metric; nothing is one that is noted.
func (t *training) metric(v any, weighted bool) []recipe.Metric {
	name, config := object(v)
	m := recipe.Metric{Spec: name, Name: name, Weighted: weighted}
	if text, ok := v.(string); ok {
		m.Name = text // as it was given: mae stays mae
		if t.keras2 {
			m.Name = shownByKeras2(text)
		}
	}
	if n, ok := config["name"].(string); ok && n != "" {
		m.Name = n
	}
	if fn, ok := config["fn"]; ok { // a function as a metric
		m.Spec, _ = object(fn)
		switch t.bare(m.Name) { // Keras 2 has chosen one, before it knew the targets
		case "accuracy", "acc":
			m.Spec = "accuracy"
		case "crossentropy", "ce":
			m.Spec = "crossentropy"
		}
	}
	config = maps.Clone(config)
	for k, v := range config {
		if def, known := metricDefaults[k]; known && same(v, def) || k == "thresholds" && evenly(v) {
			delete(config, k)
		}
	}
	for _, k := range []string{"sparse_y_true", "sparse_y_pred"} { // whose defaults differ from class to class
		if v, ok := config[k].(bool); ok {
			config[k] = map[bool]string{true: "true", false: "false"}[v]
		}
	}
	text, err := spec(m.Spec, config, "name", "dtype", "fn")
	if err != nil {
		t.note("metric %s: %v", m.Name, err)
		return nil
	}
	m.Spec = text
	return []recipe.Metric{m}
}

// shownByKeras2 returns the name in Keras 2's histories of a metric that was given by its name: of a class, such as
// TopKCategoricalAccuracy, the name that the class has itself.
func shownByKeras2(name string) string {
	switch {
	case name == "KLDivergence":
		return "kullback_leibler_divergence"
	case name == "LogCoshError":
		return "logcosh"
	case name == "AUC", strings.ToUpper(name) != name:
		return snake(name)
	}
	return name
}

// bare returns a metric's name without what Keras 2 puts in front: the output's name, and that it is weighted.
func (t *training) bare(name string) string {
	for _, o := range t.outputs {
		if rest, ok := strings.CutPrefix(name, o+"_"); ok && len(t.outputs) > 1 {
			name = rest
		}
	}
	return strings.TrimPrefix(name, "weighted_")
}

// metricDefaults are the arguments of metrics that may be left out when they have these values.
var metricDefaults = map[string]any{
	"num_thresholds": 200, "curve": "ROC", "summation_method": "interpolation", "class_aggregation": "uniform_average",
	"label_smoothing": 0, "num_regressors": 0, "axis": -1,
}

// evenly reports whether v are the thresholds between 0 and 1 of 200 that are as far from each other.
func evenly(v any) bool {
	list, _ := v.([]any)
	for i, t := range list {
		if x, ok := number(t); !ok || math.Abs(x-float64(i+1)/199) > 1e-6 {
			return false
		}
	}
	return len(list) == 198
}

// same reports whether two arguments are the same text or number.
func same(a, b any) bool {
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x == y || a == b
}
