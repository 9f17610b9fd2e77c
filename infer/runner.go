// Package infer runs ONNX models in pure Go: no cgo, no shared library, small enough for an edge binary.
//
// [Open] checks a model whole and prepares it; a [Session] then runs it, from as many goroutines at
// once as one likes. Package infer/ort is the same on onnxruntime.
package infer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

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
	// Close releases what the runner holds, after the runs that are under way; later ones are [ErrClosed].
	Close() error
}

// ValueInfo describes an input or output.
type ValueInfo struct {
	Name  string
	DType tensor.DType
	// Ranked is false where the model says nothing of the shape.
	Ranked bool
	Shape  []Dim
}

// Dim is a dimension: a size, or a name where the size differs from run to run.
type Dim struct {
	Size int    // -1 where it is not fixed
	Name string // of a size that is not fixed; may be empty
}

// String returns the dimension as in 3, batch, ?.
func (d Dim) String() string {
	switch {
	case d.Size >= 0:
		return strconv.Itoa(d.Size)
	case d.Name != "":
		return d.Name
	}
	return "?"
}

// String returns the type and shape as in f32[batch,3].
func (v ValueInfo) String() string {
	if !v.Ranked {
		return v.DType.String() + "[...]"
	}
	dims := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		dims[i] = d.String()
	}
	return v.DType.String() + "[" + strings.Join(dims, ",") + "]"
}

// Arrange puts named inputs in the order of their descriptions. An input that is missing, unknown or does
// not fit its description is an error; all of them are in it.
func Arrange(want []ValueInfo, inputs map[string]tensor.Any) ([]tensor.Any, error) {
	in := make([]tensor.Any, len(want))
	dims := map[string]int{}
	var errs []error
	found := 0
	for i, v := range want {
		t := inputs[v.Name]
		if t == nil {
			errs = append(errs, fmt.Errorf("input %s is missing: the model wants %v", v.Name, v))
			continue
		}
		found++
		if err := v.check(t, dims); err != nil {
			errs = append(errs, err)
		}
		in[i] = t
	}
	if len(inputs) > found {
		errs = append(errs, unknownInputs(want, inputs)...)
	}
	return in, errors.Join(errs...)
}

func unknownInputs(want []ValueInfo, inputs map[string]tensor.Any) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.ContainsFunc(want, func(v ValueInfo) bool { return v.Name == name }) {
			errs = append(errs, fmt.Errorf("the model has no input %s", name))
		}
	}
	return errs
}

// check holds a tensor against the description. dims collects the sizes of named dimensions, which
// have to be the same wherever the name occurs.
func (v ValueInfo) check(t tensor.Any, dims map[string]int) error {
	given := t.DType().String() + t.Shape().String()
	if t.DType() != v.DType && v.DType != tensor.Undefined {
		return fmt.Errorf("%w: input %s is %s, the model wants %v", ErrDType, v.Name, given, v)
	}
	if !v.Ranked {
		return nil
	}
	if len(t.Shape()) != len(v.Shape) {
		return fmt.Errorf("%w: input %s is %s, the model wants %v", ErrShape, v.Name, given, v)
	}
	for i, d := range v.Shape {
		n := t.Shape()[i]
		if d.Size >= 0 && d.Size != n {
			return fmt.Errorf("%w: input %s is %s, the model wants %v: axis %d has to be %d", ErrShape, v.Name, given, v, i, d.Size)
		}
		if d.Size >= 0 || d.Name == "" {
			continue
		}
		if old, ok := dims[d.Name]; ok && old != n {
			return fmt.Errorf("%w: input %s is %s: dimension %s is %d here and %d in another input", ErrShape, v.Name, given, d.Name, n, old)
		}
		dims[d.Name] = n
	}
	return nil
}
