//go:build !cgo

package ort

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ErrNoCgo is the kind of every error of a program that was built without cgo. It is an [ErrLibrary] too.
var ErrNoCgo = fmt.Errorf("%w cannot be used: this program was built without cgo (CGO_ENABLED=1 and a C compiler are needed)", ErrLibrary)

// Session is never made without cgo.
type Session struct{}

// Available reports why onnxruntime cannot be used: there is no cgo.
func Available() error { return ErrNoCgo }

// Load returns an error: there is no cgo.
func Load(Options) (Library, error) { return Library{}, ErrNoCgo }

// Open returns an error: there is no cgo.
func Open(string, Options) (*Session, error) { return nil, ErrNoCgo }

// OpenBytes returns an error: there is no cgo.
func OpenBytes([]byte, Options) (*Session, error) { return nil, ErrNoCgo }

// New returns an error: there is no cgo.
func New(*onnxio.Model, Options) (*Session, error) { return nil, ErrNoCgo }

// Inputs returns nil.
func (*Session) Inputs() []infer.ValueInfo { return nil }

// Outputs returns nil.
func (*Session) Outputs() []infer.ValueInfo { return nil }

// Run returns an error.
func (*Session) Run(context.Context, map[string]tensor.Any) (map[string]tensor.Any, error) {
	return nil, ErrNoCgo
}

// Close does nothing.
func (*Session) Close() error { return nil }

// Bind returns an error.
func (*Session) Bind(map[string]tensor.Any) (*Bound, error) { return nil, ErrNoCgo }

// Bound is never made without cgo.
type Bound struct{}

// Outputs returns nil.
func (*Bound) Outputs() map[string]tensor.Any { return nil }

// Run returns an error.
func (*Bound) Run(context.Context) error { return ErrNoCgo }

// Close does nothing.
func (*Bound) Close() error { return nil }
