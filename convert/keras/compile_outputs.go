package keras

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/recipe"
)

// compiledOutputs reads the losses, their weights and the metrics of a model with several outputs.
func (t *training) compiledOutputs(c map[string]any) {
	losses, err := t.each(c["loss"])
	if err != nil {
		t.note("loss: %v", err)
		return
	}
	weights, err := t.each(c["loss_weights"])
	if err != nil {
		t.note("loss_weights: %v", err)
		return
	}
	plain, weighted := t.eachMetrics("metrics", c["metrics"]), t.eachMetrics("weighted_metrics", c["weighted_metrics"])
	for i, name := range t.outputs {
		o := recipe.Output{Output: name, Weight: 1}
		if o.Loss, err = t.lossSpec(losses[i]); err != nil {
			t.note("loss of output %s: %v", name, err)
		}
		if w, ok := number(weights[i]); ok {
			o.Weight = w
		}
		o.Metrics = append(t.metricList(plain[i], false), t.metricList(weighted[i], true)...)
		for k, m := range o.Metrics { // Keras 2 writes the names that they have in histories
			if n, ok := strings.CutPrefix(m.Name, name+"_"); ok && t.keras2 {
				o.Metrics[k].Name = n
			}
		}
		if o.Loss == "" && len(o.Metrics) > 0 {
			t.note("metrics of output %s, which has no loss", name)
		}
		if o.Loss != "" {
			t.recipe.Outputs = append(t.recipe.Outputs, o)
		}
	}
}

// each returns what there is for each output: in a list in their order, by name, or one for all.
func (t *training) each(v any) ([]any, error) {
	out := make([]any, len(t.outputs))
	switch w := untupled(v).(type) {
	case []any:
		if len(w) != len(out) {
			return nil, fmt.Errorf("%d for %d outputs", len(w), len(out))
		}
		return w, nil
	case map[string]any:
		if _, object := w["class_name"]; object {
			break
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			i := slices.Index(t.outputs, k)
			if i < 0 {
				return nil, fmt.Errorf("there is no output %s", k)
			}
			out[i] = w[k]
		}
		return out, nil
	}
	for i := range out {
		out[i] = v
	}
	return out, nil
}

// eachMetrics is each for metrics. Keras 2 gives a list in which there is no list to every output.
func (t *training) eachMetrics(what string, v any) []any {
	list, _ := untupled(v).([]any)
	nested := func(x any) bool {
		switch x := x.(type) {
		case []any:
			return true
		case map[string]any:
			_, object := x["class_name"]
			return !object
		}
		return false
	}
	if t.keras2 && list != nil && !slices.ContainsFunc(list, nested) {
		v = map[string]any{}
		for _, name := range t.outputs {
			v.(map[string]any)[name] = list
		}
	}
	if list != nil && len(list) == 0 {
		v = nil
	}
	out, err := t.each(v)
	if err != nil {
		t.note("%s: %v", what, err)
		return make([]any, len(t.outputs))
	}
	return out
}
