//go:build cgo

package ort

/*
#include "api.h"
*/
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Bound is a session tied to the memory of its inputs and outputs: a run reads what the inputs hold by
// then, fills the outputs, and allocates nothing in Go unless its context can end. One goroutine at a
// time may use it.
type Bound struct {
	s       *Session
	inputs  []tensor.Any
	outputs map[string]tensor.Any
	copies  []pair // outputs that are copies of inputs
	in, out []unsafe.Pointer
	pins    runtime.Pinner
}

type pair struct{ dst, src tensor.Any }

// Bind ties the session to inputs, by name. It runs the model once to see what the outputs' shapes are;
// a later run in which they differ is an error. Strings, and elements narrower than a byte, have no
// memory to share with onnxruntime and cannot be bound. The Bound is to be closed before the session is.
func (s *Session) Bind(inputs map[string]tensor.Any) (*Bound, error) {
	outputs, err := s.Run(context.Background(), inputs)
	if err != nil {
		return nil, err
	}
	in, err := infer.Arrange(s.ins, inputs)
	if err != nil {
		return nil, err
	}
	for _, m := range []map[string]tensor.Any{inputs, outputs} {
		for name, t := range m {
			if t.DType() == tensor.String || t.DType().Bits() < 8 {
				return nil, fmt.Errorf("%w: %s of %v cannot be bound", infer.ErrUnsupported, name, t.DType())
			}
		}
	}
	b := &Bound{s: s, inputs: in, outputs: outputs}
	runtime.SetFinalizer(b, (*Bound).Close) // memory must not be forgotten while it is pinned
	if err := b.bind(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bound) bind() error {
	var err error
	if b.in, err = newValues(&b.pins, b.s.ins, b.inputs); err != nil {
		return err
	}
	for i := range b.s.nout {
		v, err := newValue(&b.pins, b.outputs[b.s.names.output(i)])
		if err != nil {
			return err
		}
		b.out = append(b.out, v)
	}
	for _, c := range b.s.copy {
		if i := slices.IndexFunc(b.s.ins, func(v infer.ValueInfo) bool { return v.Name == c.name }); c.input && i >= 0 {
			b.copies = append(b.copies, pair{b.outputs[c.name], b.inputs[i]})
		}
	}
	return nil
}

// Outputs returns the memory that runs fill, by name.
func (b *Bound) Outputs() map[string]tensor.Any { return b.outputs }

// Run computes the outputs from what the inputs hold now.
func (b *Bound) Run(ctx context.Context) error {
	b.s.mu.RLock()
	defer b.s.mu.RUnlock()
	if b.s.closer == nil || b.in == nil {
		return errClosed
	}
	for _, c := range b.copies {
		copy(tensor.Bytes(c.dst), tensor.Bytes(c.src))
	}
	if b.s.nout == 0 {
		return ctx.Err()
	}
	return b.s.call(ctx, b.in, b.out)
}

// Close frees what ties the session to the memory; the memory itself stays.
func (b *Bound) Close() error {
	runtime.SetFinalizer(b, nil)
	releaseAll(b.in)
	releaseAll(b.out)
	b.in, b.out = nil, nil
	b.pins.Unpin()
	return nil
}
