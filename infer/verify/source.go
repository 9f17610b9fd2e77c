package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// source decides whose intermediate values to compare with, and says so where it is not the reference.
func (c *check) source(s sample) (source, string) {
	switch c.kind {
	case "model":
		return c.modelSource(s), ""
	case "npz":
		if src := c.arraySource(s); src.values != nil {
			return src, ""
		}
		return c.otherSource(s, "the arrays hold no intermediate values")
	case "recorded":
		return c.otherSource(s, "recorded cases hold no intermediate values")
	}
	b := c.o.Reference.Backend
	return source{b.Name, func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
		return exposed(ctx, b, c.model, unique(names), s.inputs)
	}}, ""
}

// otherSource is the bisector, where the reference itself cannot be asked.
func (c *check) otherSource(s sample, why string) (source, string) {
	b := c.o.Bisector
	r, err := b.Open(c.model, nil)
	if err != nil {
		if errors.Is(err, ort.ErrLibrary) {
			return source{}, why + ", and there is no onnxruntime to ask: " + oneLine(err)
		}
		return source{}, fmt.Sprintf("%s, and %s cannot run the model: %s", why, b.Name, oneLine(err))
	}
	r.Close()
	return source{b.Name, func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
		return exposed(ctx, b, c.model, unique(names), s.inputs)
	}}, why + ": searched against " + b.Name + " instead"
}

// modelSource gives those values of the other model that have the same names.
func (c *check) modelSource(s sample) source {
	other, b := c.o.Reference.Model, c.o.Reference.Backend
	made := map[string]bool{}
	for _, n := range other.Graph.Node {
		if n != nil {
			for _, name := range n.Output {
				made[name] = true
			}
		}
	}
	return source{"the reference model", func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
		var common []string
		for _, name := range unique(names) {
			if made[name] {
				common = append(common, name)
			}
		}
		if len(common) == 0 {
			return nil, nil
		}
		inputs, err := rename(s.inputs, namesOf(fed(c.model.Graph)), namesOf(fed(other.Graph)))
		if err != nil {
			return nil, err
		}
		return exposed(ctx, b, other, common, inputs)
	}}
}

func namesOf(infos []*onnxio.ValueInfo) []string {
	list := make([]string, len(infos))
	for i, v := range infos {
		if v != nil {
			list[i] = v.Name
		}
	}
	return list
}

// arraySource finds arrays named by value, by node, or by layer: a layer's is what its last node makes.
func (c *check) arraySource(s sample) source {
	arrays := c.o.Reference.Arrays
	byValue := map[string]tensor.Any{}
	last := map[string]string{} // layer -> what its last node makes
	outputs := map[string]bool{}
	for _, v := range c.model.Graph.Output {
		if v != nil {
			outputs[v.Name] = true
		}
	}
	inner := 0
	note := func(value string, t tensor.Any) {
		if byValue[value] == nil && t != nil {
			byValue[value] = t
			if !outputs[value] {
				inner++
			}
		}
	}
	for _, n := range c.model.Graph.Node {
		if n == nil || len(n.Output) == 0 {
			continue
		}
		for _, value := range n.Output {
			note(value, arrays[value])
		}
		if n.Name != "" {
			note(n.Output[0], arrays[n.Name])
		}
		if l := layerOf(n); l != "" {
			last[l] = n.Output[0]
		}
	}
	for layer, value := range last {
		note(value, arrays[layer])
	}
	for value, t := range s.want {
		note(value, t)
	}
	if inner == 0 {
		return source{}
	}
	return source{"the arrays", func(_ context.Context, names []string) (map[string]tensor.Any, error) {
		found := map[string]tensor.Any{}
		for _, name := range names {
			if t := byValue[name]; t != nil {
				found[name] = t
			}
		}
		return found, nil
	}}
}
