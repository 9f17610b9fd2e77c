// Package optim holds the optimizers, with Keras's names, arguments, defaults and formulas.
//
// An optimizer is a graph: it emits the ONNX nodes of one parameter's update, so a training step can
// be exported whole. Your own optimizer is a type with the methods of [Optimizer].
package optim

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Value is a value of the graph.
type Value = ir.Value

// Optimizer changes parameters against their gradients.
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
	Param        *Value // the parameter
	Grad         *Value // the loss's gradient by it
	LearningRate *Value // scalar, of the parameter's type
	Iteration    *Value // scalar, of the parameter's type: 1 in the first step
	Slots        Slots
	Shared       map[string]*Value // what is the same for all parameters, by a name of the optimizer's choice
}

// Slots keeps what an optimizer remembers of a parameter between steps.
type Slots interface {
	// Get returns the value of a slot, which has the parameter's shape and starts at initial.
	Get(name string, initial float32) *Value
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

// orDefault returns v, or def where v is zero.
func orDefault(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
