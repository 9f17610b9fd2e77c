package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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
	if len(t.outputs) > 1 {
		t.compiledOutputs(c)
	} else {
		t.compiledOutput(c)
	}
	o := c["optimizer"]
	if o == nil {
		o = c["optimizer_config"]
	}
	if o != nil {
		if err := t.optimizer(o); err != nil {
			t.note("optimizer: %v", err)
		}
	}
}

// compiledOutput reads loss and metrics of a model with one output.
func (t *training) compiledOutput(c map[string]any) {
	loss, err := t.lossSpec(c["loss"])
	if err != nil {
		t.note("loss: %v", err)
	}
	t.recipe.Loss = loss
	if w, ok := number(single(untupled(c["loss_weights"]))); ok && w != 1 {
		t.recipe.LossWeight = &w
	}
	t.recipe.Metrics = append(t.metricList(c["metrics"], false), t.metricList(c["weighted_metrics"], true)...)
}

// lossSpec returns a loss as the command line takes it; "" for none.
func (t *training) lossSpec(v any) (string, error) {
	v = single(untupled(v))
	switch v := v.(type) {
	case nil:
		return "", nil
	case []any:
		return "", fmt.Errorf("%d losses of one output", len(v))
	case map[string]any:
		if _, ok := v["class_name"]; !ok {
			return "", fmt.Errorf("%d losses of one output", len(v))
		}
	}
	name, config := object(v)
	config = maps.Clone(config)
	if _, named := config["name"]; name == "huber" && named && config["delta"] == nil {
		t.note("loss huber: Keras does not write its delta into files; 1 is taken, as Keras does when it loads one, unless finetune has --loss huber:delta=D")
	}
	if a, ok := number(config["axis"]); ok && a == -1 && name != "dice" && name != "tversky" { // which have all axes by default
		delete(config, "axis")
	}
	return spec(name, config, "name", "dtype", "fn", "reduction")
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

// untupled returns what Keras 3 writes for a tuple, and for what is in one, as a list.
func untupled(v any) any {
	w, _ := v.(map[string]any)
	if w["class_name"] == "__tuple__" {
		v = w["items"]
	}
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = untupled(x)
	}
	return out
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
		if slices.Contains(skip, k) || config[k] == nil || config[k] == false && !trueByDefault(name, k) {
			continue
		}
		text, err := argumentText(untupled(config[k]))
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

// trueByDefault reports whether an argument of a class is true where it is not given.
func trueByDefault(name, key string) bool {
	switch key {
	case "nesterov", "exclude_embeddings":
		return name == "muon"
	case "remove_diagonal":
		return name == "circle"
	}
	return false
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
	for old, now := range map[string]string{"adam_w": "adamw", "schedule_free_adam_w": "schedule_free_adamw", "rm_sprop": "rmsprop", "rmsprop_": "rmsprop"} {
		if name == old {
			name = now
		}
	}
	if inner := config["inner_optimizer"]; name == "loss_scale_optimizer" && inner != nil { // which has no meaning in float32
		return t.optimizer(inner)
	}
	if name == "multi_optimizer" { // which training will refuse by its name
		t.recipe.Optimizer = name
		return nil
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
	} else if _, keras2 := config["jit_compile"]; keras2 {
		config["ema_from_start"] = true
	}
	if _, keras2 := config["jit_compile"]; keras2 && name == "nadam" {
		config["schedule_per_variable"] = true
	}
	for _, k := range []string{"rms_rate", "weight_decay", "adam_weight_decay"} {
		if v, ok := config[k]; name == "muon" && ok && v == nil {
			config[k] = "none"
		}
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
