package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
)

// activations maps Keras's names to what they emit.
var activations = map[string]func(b *Builder, x *Value) *Value{
	"linear":       func(_ *Builder, x *Value) *Value { return x },
	"relu":         func(b *Builder, x *Value) *Value { return b.Op("Relu", x) },
	"sigmoid":      func(b *Builder, x *Value) *Value { return b.Op("Sigmoid", x) },
	"tanh":         func(b *Builder, x *Value) *Value { return b.Op("Tanh", x) },
	"softmax":      func(b *Builder, x *Value) *Value { return b.OpA("Softmax", x, op.Attr("axis", -1)) },
	"log_softmax":  func(b *Builder, x *Value) *Value { return b.OpA("LogSoftmax", x, op.Attr("axis", -1)) },
	"softplus":     func(b *Builder, x *Value) *Value { return b.Op("Softplus", x) },
	"softsign":     func(b *Builder, x *Value) *Value { return b.Op("Softsign", x) },
	"exponential":  func(b *Builder, x *Value) *Value { return b.Op("Exp", x) },
	"elu":          func(b *Builder, x *Value) *Value { return b.Op("Elu", x) },
	"selu":         func(b *Builder, x *Value) *Value { return b.Op("Selu", x) },
	"gelu":         func(b *Builder, x *Value) *Value { return b.Op("Gelu", x) },
	"leaky_relu":   func(b *Builder, x *Value) *Value { return b.OpA("LeakyRelu", x, op.Attr("alpha", .2)) },
	"relu6":        func(b *Builder, x *Value) *Value { return b.Op("Clip", x, b.Scalar(x, 0), b.Scalar(x, 6)) },
	"hard_sigmoid": func(b *Builder, x *Value) *Value { return b.OpA("HardSigmoid", x, op.Attr("alpha", 1./6)) },
	"silu":         func(b *Builder, x *Value) *Value { return b.Mul(x, b.Op("Sigmoid", x)) },
	"swish":        func(b *Builder, x *Value) *Value { return b.Mul(x, b.Op("Sigmoid", x)) },
	"mish":         func(b *Builder, x *Value) *Value { return b.Mul(x, b.Op("Tanh", b.Op("Softplus", x))) },
}

// Activations returns the names that layers take as an activation.
func Activations() []string {
	var out []string
	for name := range activations {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Activate emits an activation by Keras's name; an empty name is linear.
func (b *Builder) Activate(name string, x *Value) *Value {
	if name == "" {
		return x
	}
	f := activations[name]
	if f == nil {
		b.Fail(fmt.Errorf("nn: unknown activation %q; there are %s", name, strings.Join(Activations(), ", ")))
		return x
	}
	return f(b, x)
}

// Activation applies an activation function.
type Activation struct {
	Name     string // of the layer
	Function string // relu, sigmoid, softmax, ...; see [Activations]
}

// LayerName implements [Named].
func (l *Activation) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Activation) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.Activate(l.Function, in[0])}
}
