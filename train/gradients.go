package train

import (
	"context"
	"strings"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// Gradients returns the loss of a batch and its derivatives by each trainable parameter, as the next step would
// compute them: dropout acts, regularizers count, nothing is clipped. Nothing is trained. The tensors are the
// caller's. A parameter that the outputs do not depend on is left out.
func (t *Trainer) Gradients(ctx context.Context, b *data.Batch) (loss float64, by []NamedTensor, err error) {
	p, err := t.passFor(&t.gradients, b, func() (*graph, batchForm, error) { return backwardFor(t.net, t.cfg, b, gradientGraph) })
	if err != nil {
		return 0, nil, err
	}
	t.stepIn.Data()[0] = t.steps
	in, err := t.arrange(b, p.run, p.in)
	if err != nil {
		return 0, nil, err
	}
	out, err := p.run.run(ctx, in, op.Rand{Seed: t.cfg.Seed, Step: uint64(t.steps)})
	if err != nil {
		return 0, nil, err
	}
	loss, _ = op.NumberOf(out[0])
	for i, g := range out[1:] {
		by = append(by, NamedTensor{strings.TrimSuffix(p.run.graph.Outputs[i+1].Name, gradientSuffix), tensor.CloneAny(g)})
	}
	return loss, by, nil
}

// gradientSuffix stands behind a parameter's name in that of its derivative.
const gradientSuffix = "/gradient"

// gradientGraph builds a forward and a backward pass without an optimizer. Its outputs are the loss and the
// derivative by each trainable parameter in use, in the network's order.
func gradientGraph(net *nn.Net, cfg Config, form batchForm) (*graph, error) {
	g, b, total, err := lossGraph(net, cfg, form, true)
	if err != nil {
		return nil, err
	}
	clear(g.updates) // running statistics stay as they are
	_, wrt := g.trainable(net)
	grads, err := autodiff.Gradients(b, total, wrt)
	if err != nil {
		return nil, err
	}
	g.g.Outputs = []*ir.Value{total}
	for i, d := range grads {
		d = b.Op("Identity", d) // one may be the derivative by several
		g.g.Rename(d, wrt[i].Name+gradientSuffix)
		g.g.Outputs = append(g.g.Outputs, d)
	}
	if cfg.noiseInputs && b.Err() == nil {
		g.noise = rewrite.NoiseInputs(g.g, ops.Set())
	}
	return g, b.Err()
}
