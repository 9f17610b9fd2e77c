package verify

import (
	"context"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// describe adds the types of the node's inputs, and writes the node as a case where that is wanted.
func (b *bisection) describe(ctx context.Context, n *onnxio.Node, d *Divergence) error {
	values := map[string]tensor.Any{}
	var exposable []string
	constants := constantsOf(b.c.model.Graph)
	if b.c.kind == "model" {
		b.c.weights(n, constants, d)
	}
	for _, name := range reads(n) {
		switch {
		case b.s.inputs[name] != nil:
			values[name] = b.s.inputs[name]
		case constants[name] != nil:
			t, err := constants[name].Value()
			if err != nil {
				return err
			}
			values[name] = t
		default:
			exposable = append(exposable, name)
		}
	}
	for _, get := range []func(context.Context, []string) (map[string]tensor.Any, error){b.source.values, b.candidate} {
		var missing []string
		for _, name := range exposable {
			if values[name] == nil {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 {
			break
		}
		more, err := get(ctx, missing)
		if err != nil {
			continue // the other side may have them
		}
		for _, name := range missing {
			if more[name] != nil {
				values[name] = more[name]
			}
		}
	}
	for _, name := range n.Input {
		switch t := values[name]; {
		case name == "":
			d.Inputs = append(d.Inputs, "-")
		case t == nil:
			d.Inputs = append(d.Inputs, "?")
		default:
			d.Inputs = append(d.Inputs, t.DType().String()+t.Shape().String())
		}
	}
	if b.c.o.Dump == "" {
		return nil
	}
	answers, err := b.source.values(ctx, n.Output)
	if err != nil {
		return err
	}
	return b.dump(n, values, answers, d)
}

// weights notes which of a node's constants differ from those of the same name in the other model.
func (c *check) weights(n *onnxio.Node, constants map[string]*onnxio.Tensor, d *Divergence) {
	exact := 0.0
	t := &twins{tol: Tolerances{RTol: &exact, ATol: &exact}}
	theirs := constantsOf(c.o.Reference.Model.Graph)
	for _, name := range reads(n) {
		if constants[name] != nil && theirs[name] != nil {
			t.constants(n, "its weight "+name, constants[name], theirs[name])
		}
	}
	for _, p := range t.found {
		d.addNote(p.text)
	}
}

func constantsOf(g *onnxio.Graph) map[string]*onnxio.Tensor {
	constants := map[string]*onnxio.Tensor{}
	for _, t := range g.Initializer {
		if t != nil {
			constants[t.Name] = t
		}
	}
	return constants
}
