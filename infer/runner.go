// Package infer runs ONNX models in pure Go: no cgo, no shared library, small enough for an edge binary.
//
// [Open] checks a model whole and prepares it; a [Session] then runs it, from as many goroutines at
// once as one likes. Package infer/ort is the same on onnxruntime.
package infer

import (
	"context"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Runner computes a model's outputs from its inputs. [Session] is one, and so is infer/ort's.
type Runner interface {
	// Inputs describes what Run wants, in the model's order.
	Inputs() []ValueInfo
	// Outputs describes what Run gives, in the model's order.
	Outputs() []ValueInfo
	// Run computes all outputs. It may be called by many goroutines at once.
	Run(ctx context.Context, inputs map[string]tensor.Any) (map[string]tensor.Any, error)
	// Close releases what the runner holds; no Run may be under way.
	Close() error
}

// ValueInfo describes an input or output.
type ValueInfo struct {
	Name  string
	DType tensor.DType
	// Ranked is false where the model says nothing of the shape.
	Ranked bool
	Shape  []Dim
	// Optional inputs have a value of their own in the model, used where none is given.
	Optional bool
}

// Dim is a dimension: a size, or a name where the size differs from run to run.
type Dim struct {
	Size int    // -1 where it is not fixed
	Name string // of a size that is not fixed; may be empty
}
