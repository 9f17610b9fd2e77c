// Package optim holds the optimizers, with Keras's names, arguments, defaults and formulas.
//
// An optimizer is a graph: it emits the ONNX nodes of one parameter's update, so a training step can
// be exported whole. What all optimizers share, such as clipping, weight decay and gradient
// accumulation, is in [Options]. Your own optimizer is a type with the methods of [Optimizer].
package optim

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Value is a value of the graph.
type Value = ir.Value

// Optimizer changes parameters against their gradients. One that embeds [Options] has those too.
type Optimizer interface {
	// Name is Keras's: sgd, adam, rmsprop, ...
	Name() string
	// Rate is the learning rate at the start.
	Rate() float64
	// Update emits a parameter's next value.
	Update(s *Step) *Value
}

// Step is the update of one parameter. Its embedded builder emits ONNX operators.
type Step struct {
	*op.Builder
	Name   string // the parameter's
	Index  int    // its place among the Count that are updated, from 0
	Count  int
	Param  *Value // the parameter
	Before *Value // the parameter before weight decay
	Grad   *Value // the loss's gradient by it
	// Occurrences, where not nil, applies f to the gradient of each row that the batch used, as often as it
	// used it, and adds up. What is linear gives the same as f(Grad).
	Occurrences  func(f func(*Value) *Value) *Value
	LearningRate *Value // scalar, of the parameter's type
	Iteration    *Value // scalar, of the parameter's type: 1 in the first update
	Slots        Slots
	Scalars      Slots             // scalars that the optimizer keeps once for all parameters
	Shared       map[string]*Value // what is the same for all parameters, by a name of the optimizer's choice
	Layout       Layout            // nil where the parameter is held in Keras's shape
}

// Layout maps a parameter between the shape in which it is held and Keras's.
type Layout interface {
	Rank() int // of Keras's shape
	View(b *op.Builder, held *Value) *Value
	Hold(b *op.Builder, view *Value) *Value
}

// Slots keeps what an optimizer remembers between steps.
type Slots interface {
	// Get returns the value of a slot before the step: of the parameter's shape, initial at first.
	Get(name string, initial float32) *Value
	// GetShaped is Get for a slot of another shape.
	GetShaped(name string, initial float32, shape []int) *Value
	// Set gives the slot's value after the step.
	Set(name string, next *Value)
}

// Once returns the value that emit makes when it is asked for the first time in a step, so that
// scalars are computed once for all parameters.
func (s *Step) Once(name string, emit func() *Value) *Value {
	if v := s.Shared[name]; v != nil {
		return v
	}
	v := emit()
	s.Shared[name] = v
	return v
}

// view returns a value of the parameter's shape in Keras's.
func (s *Step) view(x *Value) *Value {
	if s.Layout == nil {
		return x
	}
	return s.Layout.View(s.Builder, x)
}

// rank returns the number of axes that the parameter has in Keras.
func (s *Step) rank() int {
	if s.Layout == nil {
		return s.Param.Fact.Rank()
	}
	return s.Layout.Rank()
}

// hold is the inverse of view.
func (s *Step) hold(x *Value) *Value {
	if s.Layout == nil {
		return x
	}
	return s.Layout.Hold(s.Builder, x)
}

// first is true in the first update.
func (s *Step) first() *Value {
	return s.Once("first", func() *Value { return s.Op("Equal", s.Iteration, s.Scalar(s.Iteration, 1)) })
}

// each returns f of the gradient, of each occurrence of a row where these are kept apart.
func (s *Step) each(f func(*Value) *Value) *Value {
	if s.Occurrences != nil {
		return s.Occurrences(f)
	}
	return f(s.Grad)
}

// squares returns the gradient's squares.
func (s *Step) squares() *Value {
	return s.each(func(g *Value) *Value { return s.Mul(g, g) })
}

// towards returns old + (to-old)*rate, a running average.
func (s *Step) towards(old, to *Value, rate float64) *Value {
	return s.Add(old, s.Scale(s.Sub(to, old), rate))
}

// average moves a slot that starts at zero towards a value and returns it.
func (s *Step) average(slot string, to *Value, rate float64) *Value {
	v := s.towards(s.Slots.Get(slot, 0), to, rate)
	s.Slots.Set(slot, v)
	return v
}

// correction returns 1 - beta^t, what an average that started at zero has seen of its limit after
// update t.
func (s *Step) correction(beta float64) *Value {
	return s.Sub(s.Scalar(s.Iteration, 1), s.Op("Pow", s.Scalar(s.Iteration, beta), s.Iteration))
}

// Zero is the number 0 for fields in which 0 stands for a default: Adam{Beta1: Zero}. It is the least
// number above 0, and 0 in float32.
const Zero = 5e-324

// orDefault returns v, or def where v is zero.
func orDefault(v, def float64) float64 {
	switch v {
	case 0:
		return def
	case Zero:
		return 0
	}
	return v
}
