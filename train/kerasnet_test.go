package train

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// The fixtures' nets, losses and optimizers, built from Keras's configurations.

// settings is a Keras configuration.
type settings map[string]any

func (s settings) num(key string) float64  { v, _ := s[key].(float64); return v }
func (s settings) flag(key string) bool    { v, _ := s[key].(bool); return v }
func (s settings) text(key string) string  { v, _ := s[key].(string); return v }
func (s settings) has(key string) bool     { return s[key] != nil }
func (s settings) sub(key string) settings { v, _ := s[key].(map[string]any); return v }

func (s settings) texts(key string) (out []string) {
	list, _ := s[key].([]any)
	for _, v := range list {
		text, _ := v.(string)
		out = append(out, text)
	}
	return out
}

// nums returns a list of numbers; a number alone is a list of one.
func (s settings) nums(key string) (out []float64) {
	switch v := s[key].(type) {
	case float64:
		return []float64{v}
	case []any:
		for _, e := range v {
			n, _ := e.(float64)
			out = append(out, n)
		}
	}
	return out
}

type kerasObject struct {
	Class  string   `json:"class_name"`
	Config settings `json:"config"`
}

type kerasLayer struct {
	kerasObject
	Name    string   `json:"name"`
	Inbound []string `json:"inbound"`
	Call    settings `json:"call"`
}

type kerasModel struct {
	Inputs, Outputs []string
	Layers          []kerasLayer
}

// buildNet builds a fixture's net. intInputs names the inputs that carry int64.
func buildNet(m kerasModel, masks []string, intInputs map[string]bool) (*nn.Net, error) {
	b := nn.NewBuilder(1)
	vals := map[string]*nn.Value{}
	for _, l := range m.Layers {
		if l.Class == "InputLayer" {
			if contains(masks, l.Name) {
				continue
			}
			in := nn.Input{Name: l.Name}
			if intInputs[l.Name] {
				in.DType = tensor.Int64
			}
			shape, _ := l.Config["batch_shape"].([]any)
			for _, d := range shape[1:] {
				n, ok := d.(float64)
				if !ok {
					n = -1
				}
				in.Shape = append(in.Shape, int(n))
			}
			vals[l.Name] = b.Input(in)
			continue
		}
		var in []*nn.Value
		for _, name := range l.Inbound {
			if !contains(masks, name) {
				in = append(in, vals[name])
			}
		}
		layer, err := buildLayer(l, in)
		if err != nil {
			return nil, err
		}
		vals[l.Name] = b.Apply(layer, in...)
	}
	var outs []*nn.Value
	for _, name := range m.Outputs {
		outs = append(outs, b.Output(name+"_output", vals[name]))
	}
	return b.Net(outs...)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
