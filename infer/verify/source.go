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
	return source{name: b.Name, values: func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
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
	return source{name: b.Name, values: func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
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
	return source{name: "the reference model", values: func(ctx context.Context, names []string) (map[string]tensor.Any, error) {
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
