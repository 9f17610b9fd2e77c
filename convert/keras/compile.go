package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
)

// write puts the recipe into a model's metadata, and what the model was compiled with as Keras wrote it.
func (t *training) write(m *onnxio.Model, compile []byte) error {
	if text := bytes.TrimSpace(compile); len(text) > 0 && !bytes.Equal(text, []byte("null")) {
		var c map[string]any
		if err := decode(text, &c); err != nil {
			return op.Malformedf("how the model was compiled: %v", err)
		}
		t.compiled(c)
		var short bytes.Buffer
		if err := json.Compact(&short, text); err != nil {
			return op.Malformedf("how the model was compiled: %v", err)
		}
		m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, "keras.compile", short.String())
	}
	text, err := t.recipe.Marshal()
	if err != nil {
		return err
	}
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, recipe.Key, text)
	return nil
}

// compiled reads loss, optimizer and metrics: of .keras, of .h5 and of Keras 2.
func (t *training) compiled(c map[string]any) {
	if v, ok := c["config"].(map[string]any); ok && c["optimizer"] == nil {
		c = v
	}
	loss, err := lossSpec(c["loss"])
	if err != nil {
		t.note("loss: %v", err)
	}
	t.recipe.Loss = loss
	o := c["optimizer"]
	if o == nil {
		o = c["optimizer_config"]
	}
	if o != nil {
		if err := t.optimizer(o); err != nil {
			t.note("optimizer: %v", err)
		}
	}
	t.metrics(c["metrics"], false)
	t.metrics(c["weighted_metrics"], true)
}

// lossSpec returns a loss as the command line takes it; "" for none.
func lossSpec(v any) (string, error) {
	v = single(v)
	switch v := v.(type) {
	case nil:
		return "", nil
	case []any:
		return "", fmt.Errorf("several outputs have one each")
	case map[string]any:
		if _, ok := v["class_name"]; !ok {
			return "", fmt.Errorf("several outputs have one each")
		}
	}
	name, config := object(v)
	return spec(name, config, "name", "dtype", "fn", "axis", "reduction")
}

// single returns the element of a list or dictionary that has one, as a model of one output has.
func single(v any) any {
	switch w := v.(type) {
	case []any:
		if len(w) == 1 {
			return single(w[0])
		}
	case map[string]any:
		if _, object := w["class_name"]; len(w) == 1 && !object {
			for _, x := range w {
				return single(x)
			}
		}
	}
	return v
}

// spec writes a class with its arguments as name:key=value,... Arguments that are null, and those of skip,
// are left out; reduction is written where it is not the usual one.
func spec(name string, config map[string]any, skip ...string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("no class")
	}
	var args []string
	switch r, _ := config["reduction"].(string); r {
	case "", "auto", "sum_over_batch_size":
	default:
		args = append(args, "reduction="+r)
	}
	for _, k := range slices.Sorted(maps.Keys(config)) {
		if slices.Contains(skip, k) || config[k] == nil || config[k] == false {
			continue
		}
		text, err := argumentText(config[k])
		if err != nil {
			return "", fmt.Errorf("%s: argument %s: %w", name, k, err)
		}
		args = append(args, k+"="+text)
	}
	if len(args) == 0 {
		return name, nil
	}
	return name + ":" + strings.Join(args, ","), nil
}

func argumentText(v any) (string, error) {
	switch v := v.(type) {
	case json.Number:
		return v.String(), nil
	case bool:
		return fmt.Sprint(v), nil
	case string:
		if strings.ContainsAny(v, ",=[]") {
			return "", fmt.Errorf("%q", v)
		}
		return v, nil
	case []any:
		var out []string
		for _, x := range v {
			t, err := argumentText(x)
			if err != nil {
				return "", err
			}
			out = append(out, t)
		}
		return "[" + strings.Join(out, ",") + "]", nil
	}
	return "", fmt.Errorf("%v", v)
}

// optimizer reads an optimizer with its learning rate, or its schedule.
func (t *training) optimizer(v any) error {
	name, config := object(v)
	name = strings.TrimPrefix(name, "custom_") // Custom>Adam of Keras 2.11 to 2.15
	for old, now := range map[string]string{"adam_w": "adamw", "rm_sprop": "rmsprop", "rmsprop_": "rmsprop"} {
		if name == old {
			name = now
		}
	}
	config = maps.Clone(config)
	t.recipe.Rate = numberOr(config, "learning_rate", numberOr(config, "lr", 0)) // lr is of early Keras 2
	if rate, ok := config["learning_rate"].(map[string]any); ok {
		class, args := object(rate)
		s, err := spec(class, args, "name")
		if err != nil {
			return fmt.Errorf("learning_rate: %w", err)
		}
		t.recipe.Schedule = s
	}
	old(name, config)
	if numberOr(config, "decay", 0) == 0 {
		delete(config, "decay")
	}
	if use, _ := config["use_ema"].(bool); !use {
		delete(config, "ema_momentum")
		delete(config, "ema_overwrite_frequency")
	}
	text, err := spec(name, config, "name", "learning_rate", "lr", "loss_scale_factor", "jit_compile", "is_legacy_optimizer", "dtype")
	if err != nil {
		return err
	}
	t.recipe.Optimizer = text
	return nil
}

// old gives the optimizers that Keras had before TensorFlow 2.11, and has as legacy since, the arguments by which
// they differ.
func old(name string, config map[string]any) {
	decay, ok := config["decay"]
	if _, later := config["use_ema"]; !ok || later {
		return
	}
	switch name {
	case "nadam":
		config["schedule_decay"] = decay
		delete(config, "decay")
	case "rmsprop":
		if numberOr(config, "momentum", 0) == 0 {
			config["torch_epsilon"] = true
		}
	}
}

// metrics adds the metrics of a model with one output.
func (t *training) metrics(v any, weighted bool) {
	var each func(v any)
	each = func(v any) {
		switch w := v.(type) {
		case nil:
		case []any:
			for _, x := range w {
				each(x)
			}
		case map[string]any:
			if _, object := w["class_name"]; !object {
				for _, k := range slices.Sorted(maps.Keys(w)) {
					each(w[k])
				}
				return
			}
			t.metric(w, weighted)
		default:
			t.metric(w, weighted)
		}
	}
	each(v)
}

func (t *training) metric(v any, weighted bool) {
	name, config := object(v)
	m := recipe.Metric{Spec: name, Name: name, Weighted: weighted}
	if text, ok := v.(string); ok {
		m.Name = text // as it was given: mae stays mae
	}
	if n, ok := config["name"].(string); ok && n != "" {
		m.Name = n
	}
	if fn, ok := config["fn"]; ok { // a function as a metric
		m.Spec, _ = object(fn)
		if m.Name == "accuracy" || m.Name == "acc" { // Keras 2 has chosen one, before it knew the targets
			m.Spec = "accuracy"
		}
	}
	arg, err := metricArgument(m.Spec, config)
	if err != nil {
		t.note("metric %s: %v", m.Name, err)
		return
	}
	if arg != "" {
		m.Spec += ":" + arg
	}
	t.recipe.Metrics = append(t.recipe.Metrics, m)
}

// metricDefaults are the arguments of metrics that may be left out when they have these values.
var metricDefaults = map[string]any{
	"num_thresholds": 200, "curve": "ROC", "summation_method": "interpolation", "multi_label": false, "from_logits": false,
	"thresholds": nil, "top_k": nil, "class_id": nil, "label_weights": nil, "num_labels": nil, "label_smoothing": 0, "axis": -1,
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

// metricArgument returns the one argument that a metric has on the command line.
func metricArgument(name string, config map[string]any) (string, error) {
	main := map[string]string{
		"binary_accuracy": "threshold", "top_k_categorical_accuracy": "k", "sparse_top_k_categorical_accuracy": "k",
		"precision": "thresholds", "recall": "thresholds", "true_positives": "thresholds", "false_positives": "thresholds",
		"true_negatives": "thresholds", "false_negatives": "thresholds", "auc": "curve", "sensitivity_at_specificity": "specificity",
		"specificity_at_sensitivity": "sensitivity", "precision_at_recall": "recall", "recall_at_precision": "precision",
	}[name]
	out := ""
	for _, k := range slices.Sorted(maps.Keys(config)) {
		v := config[k]
		def, known := metricDefaults[k]
		switch {
		case name == "auc" && k == "thresholds" && evenly(v): // of Keras 2, which writes what num_thresholds means
		case k == "name", k == "dtype", k == "fn", v == nil, known && same(v, def):
		case k == "num_thresholds" && main != "" && name != "auc": // more or fewer change the result little
			return "", fmt.Errorf("argument num_thresholds=%v", v)
		case k == main:
			text, err := argumentText(single(v))
			if err != nil {
				return "", fmt.Errorf("argument %s: %w", k, err)
			}
			out = strings.ToLower(text)
		default:
			return "", fmt.Errorf("argument %s=%v", k, v)
		}
	}
	return out, nil
}
