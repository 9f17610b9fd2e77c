package train

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TerminateOnNaN ends a training with a [NaNError] when a step makes the loss or a parameter NaN or infinite.
// The step is done again to find the node that made it, and the parameters stay as they were before. Keras's
// callback stops without an error and looks at the loss alone.
//
// Each step costs a copy of the parameters and of the optimizer's slots.
type TerminateOnNaN struct {
	before snapshot
	batch  *data.Batch
}

// NaNError says where a number that is not finite came from.
type NaNError struct {
	Step  int64  // steps done before
	Epoch int    // from 0
	Batch int    // of the epoch, from 0
	Value string // NaN, Inf or -Inf
	Of    string // loss, or a parameter
	// Source is the input, parameter or constant that held it when the step began, with its place; empty where a
	// node made it.
	Source string
	Node   string // that made it
	Op     string // its operator and version
	Phase  string // forward, backward or optimizer
	Inputs string // of the node, with the range of their values
}

// Error implements error.
func (e *NaNError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "train: epoch %d, batch %d: %s is %s: ", e.Epoch+1, e.Batch+1, e.Of, e.Value)
	if e.Source != "" {
		b.WriteString(e.Source)
		return b.String()
	}
	fmt.Fprintf(&b, "node %s (%s, %s pass) made it from %s", e.Node, e.Op, e.Phase, e.Inputs)
	return b.String()
}

// BatchBegin implements [BatchBeginCallback].
func (c *TerminateOnNaN) BatchBegin(_ context.Context, t *Trainer, b *data.Batch) error {
	if _, err := t.stepPass(b); err != nil { // makes the optimizer's slots
		return err
	}
	c.batch = b
	return c.before.take(t)
}

// BatchEnd implements [BatchCallback].
func (c *TerminateOnNaN) BatchEnd(_ context.Context, t *Trainer, p Progress) error {
	e := &NaNError{Step: c.before.steps, Epoch: p.Epoch, Batch: p.Batch}
	if !finite(p.LastLoss) {
		e.Of, e.Value = "the loss", fmt.Sprint(p.LastLoss)
	} else {
		for _, v := range t.net.Params {
			if at := firstBad(t.params[v.Value]); at >= 0 {
				e.Of, e.Value = "parameter "+v.Value.Name, fmt.Sprint(numberAt(t.params[v.Value], at))
				break
			}
		}
	}
	if e.Of == "" {
		return nil
	}
	if err := c.before.restore(t); err != nil {
		return err
	}
	if err := t.findNaN(c.batch, e); err != nil {
		return err
	}
	if err := c.before.restore(t); err != nil {
		return err
	}
	return e
}

// EpochEnd implements [Callback].
func (c *TerminateOnNaN) EpochEnd(context.Context, *Trainer, Epoch) error { return nil }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// firstBad returns the place of the first number that is not finite, -1 where there is none.
func firstBad(t tensor.Any) int {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		for i, v := range t.Data() {
			if v-v != 0 {
				return i
			}
		}
	case *tensor.Tensor[float64]:
		for i, v := range t.Data() {
			if v-v != 0 {
				return i
			}
		}
	case *tensor.Tensor[tensor.Half]:
		for i, v := range t.Data() {
			if !finite(float64(v.Float32())) {
				return i
			}
		}
	case *tensor.Tensor[tensor.BHalf]:
		for i, v := range t.Data() {
			if !finite(float64(v.Float32())) {
				return i
			}
		}
	}
	return -1
}

// numberAt returns an element of a tensor of floats.
func numberAt(t tensor.Any, i int) float64 {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return float64(t.Data()[i])
	case *tensor.Tensor[float64]:
		return t.Data()[i]
	case *tensor.Tensor[tensor.Half]:
		return float64(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.BHalf]:
		return float64(t.Data()[i].Float32())
	}
	return 0
}
