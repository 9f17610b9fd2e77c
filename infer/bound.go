package infer

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/plan"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Bound is a session tied to the memory of its inputs and outputs: a run reads what the inputs hold
// by then, fills the outputs, and allocates nothing unless the options have a timeout. One goroutine at a
// time may use it: a server keeps one for each of its workers.
type Bound struct {
	s     *Session
	frame *plan.Frame
	outs  map[string]tensor.Any
}

// Bind ties the session to inputs, by name, whose shapes stay as they are, and allocates the outputs.
// A model whose output shapes depend on data cannot be bound.
func (s *Session) Bind(inputs map[string]tensor.Any) (*Bound, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if err := s.open(); err != nil {
		return nil, err
	}
	in, err := s.arrange(inputs)
	if err != nil {
		return nil, err
	}
	b, f, err := s.take(shapesOf(in))
	if err != nil {
		return nil, err
	}
	for i, t := range in {
		if err := f.SetInput(i, t); err != nil {
			return nil, err
		}
	}
	outs := map[string]tensor.Any{}
	for i, v := range s.outs {
		if b.plan.Dynamic(i) {
			return nil, fmt.Errorf("%w: output %s cannot be bound: its shape depends on data", ErrUnsupported, v.Name)
		}
		fact := b.plan.OutputFact(i)
		shape, _ := fact.Static()
		t, err := tensor.Alloc(fact.DType, shape)
		if err != nil {
			return nil, err
		}
		if err := f.SetOutput(i, t); err != nil {
			return nil, err
		}
		outs[v.Name] = t
	}
	return &Bound{s, f, outs}, nil
}

// Outputs returns the memory that runs fill, by name.
func (b *Bound) Outputs() map[string]tensor.Any { return b.outs }

// Run computes the outputs from what the inputs hold now.
func (b *Bound) Run(ctx context.Context) error {
	b.s.life.RLock()
	defer b.s.life.RUnlock()
	if b.s.closed {
		return ErrClosed
	}
	ctx, end := b.s.bounded(ctx)
	defer end()
	return b.frame.Run(ctx, op.Rand{})
}
