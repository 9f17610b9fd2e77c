package ort

import (
	"errors"
	"fmt"
)

// Level says how much onnxruntime may rewrite a graph before it runs it.
type Level int

// The levels of onnxruntime.
const (
	OptimizeAll      Level = iota // everything, the layout of memory too: onnxruntime's own default
	OptimizeExtended              // fusions into operators of its own
	OptimizeBasic                 // constant folding, removal of what does nothing
	OptimizeOff                   // the graph as it is
)

// String returns all, extended, basic or off.
func (l Level) String() string {
	switch l {
	case OptimizeAll:
		return "all"
	case OptimizeExtended:
		return "extended"
	case OptimizeBasic:
		return "basic"
	case OptimizeOff:
		return "off"
	}
	return fmt.Sprintf("Level(%d)", int(l))
}

// Options configure a session. The zero value is what onnxruntime does by default.
type Options struct {
	// Library is the path of the shared library, or of the folder that holds it; empty means that
	// Find decides. A process can load one library only: the first session's.
	Library string
	// Threads is the number of threads that one operator may use; 0 is one for each core.
	Threads int
	// Optimize is how much the graph may be rewritten.
	Optimize Level
	// Outputs names the values to return instead of the model's outputs: any value of the main graph
	// that is a tensor, intermediate ones and inputs included.
	Outputs []string
}

// MinVersion is the oldest onnxruntime that can be used: the first with the API that the binding calls.
const MinVersion = "1.24"

// apiVersion is the number of that API.
const apiVersion = 24

// ErrLibrary is the kind of every error about the shared library: not found, not loadable, too old.
var ErrLibrary = errors.New("onnxruntime")

// ErrNotFound is the kind of error where no shared library was found. It is an [ErrLibrary] too.
var ErrNotFound = fmt.Errorf("%w is not installed", ErrLibrary)
