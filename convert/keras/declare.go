package keras

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// declare adds the model's input that a layer tells the shape of.
func (w *walk) declare(l *layer, first bool) *ir.Value {
	shape, ok := l.Config["batch_shape"].([]any)
	if !ok {
		shape, ok = l.Config["batch_input_shape"].([]any)
	}
	if !ok {
		w.c.fail(op.Unsupportedf("layer %s: the shape of the model's input is not known; a model that has been called, or has an Input layer, says it", l.name()))
		return nil
	}
	d := tensor.Float32
	if name, ok := l.Config["dtype"].(string); ok && l.Class == "InputLayer" {
		if parsed, ok := kerasTypes[name]; ok {
			d = parsed
		} else {
			w.c.fail(op.Unsupportedf("input %s of type %s", l.name(), name))
			return nil
		}
	} else if l.Class == "Embedding" {
		d = tensor.Float32 // Keras takes floats there and casts them
	}
	name := l.name()
	if l.Class != "InputLayer" && first {
		name += "_input"
	}
	var dims ir.Shape
	for i, x := range shape {
		n, ok := whole(x)
		switch {
		case i == 0 && w.c.options.Batch > 0:
			dims = append(dims, ir.Known(w.c.options.Batch))
		case i == 0:
			dims = append(dims, ir.Sym("batch"))
		case ok && n >= 0:
			dims = append(dims, ir.Known(n))
		default:
			dims = append(dims, ir.Sym(fmt.Sprintf("%s_%d", name, i)))
		}
	}
	v := w.c.input(name, ir.Typed(d, dims...))
	switch d {
	case tensor.Float16, tensor.BFloat16, tensor.Float64: // weights and activations are float32
		w.c.scopes[name] = true
		w.c.b.Do(name, func() { v = w.c.b.Cast(v, tensor.Float32) })
	}
	return v
}

// kerasTypes are the element types of inputs.
var kerasTypes = map[string]tensor.DType{
	"float32": tensor.Float32, "float64": tensor.Float64, "float16": tensor.Float16, "bfloat16": tensor.BFloat16,
	"int32": tensor.Int32, "int64": tensor.Int64, "int16": tensor.Int16, "int8": tensor.Int8,
	"uint8": tensor.Uint8, "uint16": tensor.Uint16, "uint32": tensor.Uint32, "uint64": tensor.Uint64,
	"bool": tensor.Bool, "string": tensor.String,
}
