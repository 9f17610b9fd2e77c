package keras

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// layer is a layer of a configuration: a class with its arguments.
type layer struct {
	Class      string          `json:"class_name"`
	Registered string          `json:"registered_name"`
	Module     string          `json:"module"`
	Config     map[string]any  `json:"config"`
	Name       string          `json:"name"`
	Shared     json.Number     `json:"shared_object_id"` // that the layer came up before, in another model
	Inbound    json.RawMessage `json:"inbound_nodes"`
	Compile    json.RawMessage `json:"compile_config"` // of the whole model

	used map[string]bool // arguments that the conversion has read
}

// name returns the layer's name.
func (l *layer) name() string {
	if n, ok := l.Config["name"].(string); ok && n != "" && l.Class != "TensorFlowOpLayer" { // there, the operator's
		return n
	}
	return l.Name
}

func (l *layer) get(key string) any {
	if l.used == nil {
		l.used = map[string]bool{}
	}
	l.used[key] = true
	return l.Config[key]
}

// has reports whether an argument is there and not null.
func (l *layer) has(key string) bool { return l.get(key) != nil }

func (l *layer) text(key, def string) string {
	if s, ok := l.get(key).(string); ok {
		return s
	}
	return def
}

func (l *layer) flag(key string, def bool) bool {
	switch v := l.get(key).(type) {
	case bool:
		return v
	case json.Number:
		f, _ := number(v)
		return f != 0
	}
	return def
}

func (l *layer) num(key string, def float64) float64 {
	if v, ok := number(l.get(key)); ok {
		return v
	}
	return def
}

func (l *layer) integer(key string, def int) int {
	const most = min(1<<53, math.MaxInt) // float64 is exact to 2^53; an int may have 32 bits
	return int(min(max(l.num(key, float64(def)), -most), most))
}

// ints returns a list of integers; a single one is repeated n times where n is positive.
func (l *layer) ints(key string, n int) []int {
	switch v := l.get(key).(type) {
	case json.Number:
		f, ok := number(v)
		if !ok {
			return nil
		}
		return slices.Repeat([]int{int(f)}, max(1, n))
	case []any:
		out := make([]int, 0, len(v))
		for _, x := range v {
			f, ok := number(x)
			if !ok {
				return nil
			}
			out = append(out, int(f))
		}
		return out
	}
	return nil
}

// inner returns a layer that is an argument of this one: a wrapper's.
func (l *layer) inner(key string) (*layer, error) {
	raw, err := json.Marshal(l.get(key))
	if err != nil {
		return nil, err
	}
	var in layer
	if err := decode(raw, &in); err != nil || in.Class == "" {
		return nil, fmt.Errorf("%w: argument %s is not a layer", ErrMalformed, key)
	}
	return &in, nil
}

// atInference are the arguments that say nothing of what a layer computes at inference, and what
// serialisation adds.
var atInference = []string{
	"name", "trainable", "dtype", "autocast", "seed", "seed_generator", "batch_input_shape", "batch_shape", "input_length",
	"input_dtype", "build_input_shape", "is_graph_network", "weights", "input_shape", "synchronized", "renorm", "fused",
	"quantization_mode", "quantization_config", "lora_rank", "lora_alpha", "implementation", "time_major", "zero_output_for_mask_default",
}

// unread returns the arguments that the conversion has not looked at and that could matter.
func (l *layer) unread() []string {
	var out []string
	for key, v := range l.Config {
		switch {
		case v == nil || v == false || l.used[key] || slices.Contains(atInference, key):
		case strings.HasSuffix(key, "_initializer"), strings.HasSuffix(key, "_regularizer"), strings.HasSuffix(key, "_constraint"):
		default:
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
