package op

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// The kinds of errors that a graph can cause.
var (
	ErrUnsupported = errors.New("unsupported")
	ErrDType       = errors.New("invalid type")
	ErrShape       = errors.New("invalid shape")
	ErrMalformed   = errors.New("malformed")
	ErrLimit       = errors.New("limit exceeded")
)

// Shapef returns an ErrShape.
func Shapef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrShape, fmt.Sprintf(format, args...))
}

// Malformedf returns an ErrMalformed.
func Malformedf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Unsupportedf returns an ErrUnsupported.
func Unsupportedf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

// NodeError says at which node of a graph something went wrong.
type NodeError struct {
	Phase  string // open, infer, bind, run, differentiate
	Path   string // the node's name, after those of the subgraphs around it
	Op     string // operator with version: Softmax-13
	Inputs []string
	Err    error
}

// Error returns one line: phase, node, operator, inputs, cause.
func (e *NodeError) Error() string {
	return fmt.Sprintf("%s %s (%s) %s: %v", e.Phase, e.Path, e.Op, strings.Join(e.Inputs, " "), e.Err)
}

// Unwrap returns the cause.
func (e *NodeError) Unwrap() error { return e.Err }

// Wrap puts a node and the facts of its inputs to an error. An error that has a node already is returned as it is.
func Wrap(phase string, n *ir.Node, in []ir.Fact, err error) error {
	var ne *NodeError
	if err == nil || errors.As(err, &ne) {
		return err
	}
	e := &NodeError{Phase: phase, Path: n.Name, Op: OpName(n), Err: err}
	for i, f := range in {
		if i < len(n.In) && n.In[i] == nil {
			e.Inputs = append(e.Inputs, "-")
			continue
		}
		e.Inputs = append(e.Inputs, f.String())
	}
	return e
}

// OpName returns a node's operator with domain and version: Softmax-13, ai.onnx.ml.Scaler-1.
func OpName(n *ir.Node) string {
	s := n.Op
	if n.Version > 0 {
		s = fmt.Sprintf("%s-%d", n.Op, n.Version)
	}
	if n.Domain != "" {
		s = n.Domain + "." + s
	}
	return s
}
