package train

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// The fixtures' nets, losses and optimizers, built from Keras's configurations.

// errNotBuilt marks what a fixture uses and package train has not.
var errNotBuilt = errors.New("not built")

// settings is a Keras configuration.
type settings map[string]any

func (s settings) num(key string) float64  { v, _ := s[key].(float64); return v }
func (s settings) flag(key string) bool    { v, _ := s[key].(bool); return v }
func (s settings) text(key string) string  { v, _ := s[key].(string); return v }
func (s settings) has(key string) bool     { return s[key] != nil }
func (s settings) sub(key string) settings { v, _ := s[key].(map[string]any); return v }

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
		layer, err := buildLayer(l)
		if err != nil {
			return nil, err
		}
		var in []*nn.Value
		for _, name := range l.Inbound {
			if !contains(masks, name) {
				in = append(in, vals[name])
			}
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

func regularizer(v any) (nn.Regularizer, error) {
	if v == nil {
		return nil, nil
	}
	raw, _ := json.Marshal(v)
	var o kerasObject
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	switch o.Class {
	case "L1", "L2", "L1L2":
		return nn.L1L2{L1: o.Config.num("l1"), L2: o.Config.num("l2")}, nil
	}
	return nil, fmt.Errorf("%w: regularizer %s", errNotBuilt, o.Class)
}

// buildLayer maps a Keras layer to ours.
func buildLayer(l kerasLayer) (nn.Layer, error) {
	c := l.Config
	for _, k := range []string{"kernel_constraint", "bias_constraint", "embeddings_constraint", "activity_regularizer"} {
		if c.has(k) {
			return nil, fmt.Errorf("%w: %s", errNotBuilt, k)
		}
	}
	kernelReg, err := regularizer(c["kernel_regularizer"])
	if err != nil {
		return nil, err
	}
	biasReg, err := regularizer(c["bias_regularizer"])
	if err != nil {
		return nil, err
	}
	if a := c.text("activation"); a != "" && !contains(nn.Activations(), a) {
		return nil, fmt.Errorf("%w: activation %s", errNotBuilt, a)
	}
	switch l.Class {
	case "Dense":
		return &nn.Dense{
			Name: l.Name, Units: int(c.num("units")), Activation: c.text("activation"), NoBias: !c.flag("use_bias"),
			KernelRegularizer: kernelReg, BiasRegularizer: biasReg,
		}, nil
	case "Activation":
		return &nn.Activation{Name: l.Name, Function: c.text("activation")}, nil
	case "Dropout":
		return &nn.Dropout{Name: l.Name, Rate: c.num("rate")}, nil
	case "Embedding":
		if c.flag("mask_zero") {
			return nil, fmt.Errorf("%w: mask_zero", errNotBuilt)
		}
		return &nn.Embedding{Name: l.Name, InputDim: int(c.num("input_dim")), OutputDim: int(c.num("output_dim"))}, nil
	case "Flatten":
		return &nn.Flatten{Name: l.Name}, nil
	case "Concatenate":
		return &nn.Concatenate{Name: l.Name, Axis: int(c.num("axis"))}, nil
	}
	return nil, fmt.Errorf("%w: layer %s", errNotBuilt, l.Class)
}
