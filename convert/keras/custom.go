package keras

import (
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

type (
	// Builder appends ONNX nodes; its methods are the operators.
	Builder = op.Builder
	// Value is a value of the graph.
	Value = ir.Value
)

// Layer is one call of a layer of the user's own class, for the functions in Options.Layers.
type Layer struct {
	*Builder // appends nodes, under the layer's name; Fail reports errors
	// Name and Class are the layer's, Config its arguments as the file has them.
	Name, Class string
	Config      map[string]any
	// Inputs are what the layer is called on.
	Inputs []*Value

	x *emit
}

// LayerFunc emits the nodes of a layer and returns its outputs.
type LayerFunc func(l *Layer) []*Value

// Weight takes the layer's next weight, in the order in which the layer made them, trainable ones first.
// Its shape must be the given one, in which a negative size stands for any. All have to be taken.
func (l *Layer) Weight(name string, shape ...int) *Value { return l.x.weight(name, shape...) }

// Tensor is Weight as an array, not yet part of the graph.
func (l *Layer) Tensor(name string, shape ...int) *tensor.Tensor[float32] {
	return l.x.take(name, shape...)
}

// Expr emits an expression of the layer's inputs, as Options.Replace has them.
func (l *Layer) Expr(text string) []*Value { return l.x.evaluate(text) }

// own returns the user's conversion of a layer, nil where there is none.
func (c *converter) own(l *layer) convertFunc {
	o := c.options
	if text, ok := o.Replace[l.name()]; ok {
		c.replaced[l.name()] = true
		return func(x *emit) []*ir.Value {
			x.all()
			x.weights = nil
			if len(x.in) == 0 {
				x.Fail(op.Malformedf("the layer is called on nothing"))
				return nil
			}
			return x.evaluate(text)
		}
	}
	for _, name := range []string{l.Registered, l.Class} {
		f := o.Layers[name]
		if name == "" || f == nil {
			continue
		}
		return func(x *emit) []*ir.Value {
			x.all()
			out := f(&Layer{Builder: x.Builder, Name: l.name(), Class: l.Class, Config: l.Config, Inputs: x.in, x: x})
			if len(out) == 0 && x.Err() == nil {
				x.Fail(op.Malformedf("the conversion given for class %s returned nothing", l.Class))
			}
			return out
		}
	}
	return nil
}

// all marks a layer's arguments as read.
func (x *emit) all() {
	for k := range x.layer.Config {
		x.layer.get(k)
	}
}

// unused returns an error for names in Options.Replace that no layer has.
func (c *converter) unused() error {
	for _, name := range slices.Sorted(maps.Keys(c.options.Replace)) {
		if !c.replaced[name] {
			return op.Malformedf("there is no layer %s to replace", name)
		}
	}
	return nil
}
