package train

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/plan"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// runner runs a graph on batches. It keeps a plan for each size of batch: the usual one and that of
// an epoch's last.
type runner struct {
	graph  *ir.Graph
	update map[*ir.Value]*ir.Value
	state  map[*ir.Value]tensor.Any
	pool   *kernel.Pool
	max    int
	frames []*frame // most recently used first
	in     []tensor.Any
}

// frame is a plan with its memory and outputs.
type frame struct {
	shapes []tensor.Shape
	*plan.Frame
	out []tensor.Any
}

// maxFrames bounds the plans that are kept.
const maxFrames = 4

// run executes the graph. The outputs stay valid until the next run; those that replace states are nil.
func (r *runner) run(ctx context.Context, in []tensor.Any, rand op.Rand) ([]tensor.Any, error) {
	f, err := r.ready(in)
	if err != nil {
		return nil, err
	}
	return f.out, f.Run(ctx, rand)
}

// ready returns the frame for inputs, which it has.
func (r *runner) ready(in []tensor.Any) (*frame, error) {
	f, err := r.take(in)
	if err != nil {
		return nil, err
	}
	for i, t := range in {
		if err := f.SetInput(i, t); err != nil {
			return nil, fmt.Errorf("input %s: %w", r.graph.Inputs[i].Name, err)
		}
	}
	return f, nil
}

func (r *runner) take(in []tensor.Any) (*frame, error) {
	for k, f := range r.frames {
		if f.fits(in) {
			copy(r.frames[1:], r.frames[:k])
			r.frames[0] = f
			return f, nil
		}
	}
	f, err := r.make(in)
	if err != nil {
		return nil, err
	}
	r.frames = append([]*frame{f}, r.frames[:min(len(r.frames), maxFrames-1)]...)
	return f, nil
}

func (f *frame) fits(in []tensor.Any) bool {
	for i, t := range in {
		if !f.shapes[i].Equal(t.Shape()) {
			return false
		}
	}
	return true
}

func (r *runner) make(in []tensor.Any) (*frame, error) {
	f := &frame{out: make([]tensor.Any, len(r.graph.Outputs))}
	for i, t := range in {
		if v := r.graph.Inputs[i]; v.Fact.DType != t.DType() {
			return nil, fmt.Errorf("%w: input %s is %v%v, expected %v", op.ErrDType, v.Name, t.DType(), t.Shape(), v.Fact)
		}
		f.shapes = append(f.shapes, t.Shape().Clone())
	}
	p, err := plan.New(ops.Set(), r.graph, f.shapes, plan.Options{Updates: r.update, MaxBytes: r.max})
	if err != nil {
		return nil, err
	}
	if f.Frame, err = p.NewFrame(r.pool); err != nil {
		return nil, err
	}
	for v, t := range r.state {
		if err := f.SetState(v, t); err != nil {
			return nil, err
		}
	}
	for i, v := range r.graph.Outputs {
		if r.update[v] != nil {
			continue
		}
		fact := p.OutputFact(i)
		shape, ok := fact.Static()
		if !ok {
			return nil, fmt.Errorf("%w: output %s is %v: its shape depends on data", op.ErrUnsupported, v.Name, fact)
		}
		if f.out[i], err = tensor.Alloc(fact.DType, shape); err != nil {
			return nil, err
		}
		if err := f.SetOutput(i, f.out[i]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// runEach executes the graph and shows what each node sees and makes.
func (r *runner) runEach(in []tensor.Any, rand op.Rand, before, after func(*ir.Node, []tensor.Any)) error {
	f, err := r.ready(in)
	if err != nil {
		return err
	}
	return f.RunEach(rand, before, after)
}
