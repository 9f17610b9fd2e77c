package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Model returns the document with the trainer's parameters in the place of the weights, each in its own type.
// Nothing else in it differs from the one that was imported, but for weights that several nodes shared because
// they were equal, such as biases of 0: those that were trained have initializers of their own. Low-rank
// updates are added to the weights unless they are kept apart. Metadata that says how the model was trained, see
// [RecipeOf], names the losses, the optimizer and the metrics of this training.
func (im *Imported) Model(t *Trainer) (*onnxio.Model, error) {
	if t == nil {
		return nil, errors.New("train: no trainer is given")
	}
	values := map[string]tensor.Any{}
	for v, s := range im.stored {
		data := t.params[v]
		if data == nil {
			return nil, fmt.Errorf("train: the trainer is of another network: it has no %s", s.name)
		}
		stored, err := rewrite.Convert(data, s.dtype)
		if err != nil {
			return nil, err
		}
		values[s.name] = tensor.CloneAny(stored)
	}
	for name, first := range im.repeats {
		if v := values[first]; v != nil {
			values[name] = tensor.CloneAny(v)
		}
	}
	if im.lora != nil && !im.lora.opt.Keep {
		if err := im.lora.merge(values, fullValues(t, im.stored)); err != nil {
			return nil, err
		}
	}
	made := slices.DeleteFunc(slices.Clone(im.splits), func(s split) bool { return values[s.name] == nil })
	m, err := im.patchSubgraphs(separate(im.source, made), values)
	if err != nil {
		return nil, err
	}
	if len(im.linears) > 0 {
		m = im.patchLinears(m, values)
	}
	if im.lora != nil && im.lora.opt.Keep {
		again, err := addLoRA(m, nil, im.lora.outputs, im.lora.opt)
		if err != nil {
			return nil, err
		}
		m = again.model
	}
	e := newEdit(m)
	if im.form != nil {
		if values, e.model.MetadataProps, err = im.form.collapse(values); err != nil {
			return nil, err
		}
	}
	if r, err := recipe.Of(e.model); r != nil && err == nil { // a recipe that is not read is left as it is
		if err := t.writeRecipe(e.model, r); err != nil {
			return nil, err
		}
	}
	for name, v := range values {
		if !e.patch(name, v) {
			return nil, fmt.Errorf("train: writing weight %s back: it is neither an initializer nor a constant", name)
		}
	}
	return e.model, nil
}

// patchSubgraphs returns the model with those of the values in place that its subgraphs have, and takes them out.
func (im *Imported) patchSubgraphs(m *onnxio.Model, values map[string]tensor.Any) (*onnxio.Model, error) {
	for name, h := range im.inside {
		v := values[name]
		if v == nil {
			continue
		}
		g, ok := patchInside(m.Graph, h.path, h.name, v)
		if !ok {
			return nil, fmt.Errorf("train: writing weight %s back: it is not where it was", name)
		}
		c := *m
		c.Graph = g
		m = &c
		delete(values, name)
	}
	return m, nil
}

// patch puts a tensor in the place of an initializer or of a Constant node's value.
func (e *edit) patch(name string, data tensor.Any) bool {
	for i, t := range e.graph.Initializer {
		if t != nil && t.Name == name {
			e.graph.Initializer[i] = t.WithValue(data)
			return true
		}
	}
	for i, n := range e.graph.Node {
		if n != nil && n.OpType == "Constant" && len(n.Output) == 1 && n.Output[0] == name {
			c := *n
			c.Attribute = []*onnxio.Attribute{constant(n.Attribute[0], data)}
			e.graph.Node[i] = &c
			return true
		}
	}
	return false
}

// value returns the elements of an initializer or of a Constant node.
func (e *edit) value(name string) (tensor.Any, error) {
	for _, t := range e.graph.Initializer {
		if t != nil && t.Name == name {
			return t.Value()
		}
	}
	if n := producer(e.graph, name); n != nil && n.OpType == "Constant" && len(n.Attribute) == 1 && n.Attribute[0].T != nil {
		return n.Attribute[0].T.Value()
	}
	return nil, fmt.Errorf("train: %s is neither an initializer nor a constant", name)
}

// constant returns a Constant node's attribute with another value.
func constant(a *onnxio.Attribute, data tensor.Any) *onnxio.Attribute {
	c := *a
	switch f := tensor.Data[float32](data); {
	case a.Name == "value_float":
		c.F = f[0]
	case a.Name == "value_floats":
		c.Floats = f
	default:
		c.T = a.T.WithValue(data)
	}
	return &c
}
