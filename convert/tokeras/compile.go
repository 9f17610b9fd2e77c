package tokeras

import (
	"encoding/json"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
)

// compiledThere returns what a model was compiled with in the words of Keras 3, where it came from there. It is nil
// where the metadata does not say, or names anything that is not Keras's own, which keras.saving.load_model would
// refuse.
func compiledThere(m *onnxio.Model) map[string]any {
	text, _ := onnxio.Metadata(m.MetadataProps, "keras.compile")
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var from map[string]any
	if text == "" || d.Decode(&from) != nil {
		return nil
	}
	out := map[string]any{}
	for _, key := range []string{"optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"} {
		if !ownObjects(from[key], 0) {
			return nil
		}
		out[key] = from[key]
	}
	if out["optimizer"] == nil || out["loss"] == nil {
		return nil
	}
	return out
}

// ownObjects reports whether all objects of a configuration are of classes and functions that Keras exports.
func ownObjects(v any, depth int) bool {
	if depth > 32 {
		return false
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if !ownObjects(x, depth+1) {
				return false
			}
		}
	case map[string]any:
		if _, object := v["class_name"]; object {
			module, _ := v["module"].(string)
			switch module {
			case "keras.optimizers", "keras.optimizers.schedules", "keras.losses", "keras.metrics":
			default:
				return false
			}
			if v["registered_name"] != nil {
				return false
			}
		}
		for _, x := range v {
			if !ownObjects(x, depth+1) {
				return false
			}
		}
	}
	return true
}
