// Package nn holds the layers of neural networks. A layer is a small struct with Keras's names,
// arguments and defaults; it emits ONNX nodes and marks its parameters, so what is trained is what
// is exported.
//
// A network is built layer by layer with a [Builder], or in one call with [Sequential]. Your own
// layer is a type with one method, Build.
package nn

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Value is a tensor of the network: an input, a parameter or the result of an operator.
type Value = ir.Value

// Layer is a part of a network. Applying the same layer twice, the same pointer, shares its parameters.
type Layer interface {
	// Build emits the layer's nodes and returns its outputs. Errors go to b.Fail.
	Build(b *Builder, in ...*Value) []*Value
}

// Named is a layer that may bring its own name; others are named after their type: dense, dense_1.
type Named interface{ LayerName() string }

// Builder builds a network. Its embedded builder emits ONNX operators: b.Op("Tanh", x), b.MatMul(x, w).
// The first error stays and is returned by [Builder.Net].
type Builder struct {
	*op.Builder
	seed   uint64
	params []*Param
	names  map[string]int   // uses of each layer name
	built  map[Layer]string // scope of each layer that has been applied
	owned  map[string]*Param
}

// NewBuilder returns a builder of an empty network. Initial weights are drawn from the seed.
func NewBuilder(seed uint64) *Builder {
	return &Builder{
		Builder: op.NewBuilder(ir.New("network"), ops.Set()),
		seed:    seed, names: map[string]int{}, built: map[Layer]string{}, owned: map[string]*Param{},
	}
}

// Input declares an input of the network.
type Input struct {
	Name  string       // "input" where empty
	Shape []int        // without the batch axis; -1 is a size that differs from run to run
	DType tensor.DType // float32 where Undefined
}

// Input adds an input.
func (b *Builder) Input(in Input) *Value {
	if in.Name == "" {
		in.Name = "input"
	}
	if in.DType == tensor.Undefined {
		in.DType = tensor.Float32
	}
	shape := ir.Shape{ir.Sym("batch")}
	for i, n := range in.Shape {
		if n < 0 {
			shape = append(shape, ir.Sym(fmt.Sprintf("%s_%d", in.Name, i+1)))
		} else {
			shape = append(shape, ir.Known(n))
		}
	}
	return b.G.AddInput(in.Name, ir.Typed(in.DType, shape...))
}

// Param is a parameter of the network.
type Param struct {
	Value       *Value
	Trainable   bool
	Regularizer Regularizer // nil is none
	Constraint  Constraint  // nil is none
}

// Param returns the parameter of the layer being built with the given name, made and initialised when
// the layer is applied for the first time.
func (b *Builder) Param(name string, shape []int, init Initializer) *Param {
	full := b.Scope + "/" + name
	if p := b.owned[full]; p != nil {
		return p
	}
	data := make([]float32, tensor.Shape(shape).Len())
	init.Init(b.rand(), shape, data)
	p := &Param{Value: b.G.AddState(full, tensor.Must(data, shape...)), Trainable: true}
	b.params = append(b.params, p)
	b.owned[full] = p
	return p
}

// Apply applies a layer that has one output.
func (b *Builder) Apply(l Layer, in ...*Value) *Value {
	out := b.ApplyAll(l, in...)
	if len(out) != 1 {
		b.Fail(fmt.Errorf("nn: layer %s has %d outputs, expected one", b.built[l], len(out)))
		return &Value{}
	}
	return out[0]
}

// ApplyAll applies a layer.
func (b *Builder) ApplyAll(l Layer, in ...*Value) (out []*Value) {
	scope, ok := b.built[l]
	if !ok {
		scope = b.layerName(l)
		b.built[l] = scope
	}
	failed := b.Err() != nil
	b.Do(scope, func() { out = l.Build(b, in...) })
	if err := b.Err(); err != nil && !failed {
		b.Wrap(fmt.Errorf("nn: layer %s: %w", scope, err))
	}
	return out
}

// layerName returns the layer's own name, or its type's with a number: dense, dense_1, dense_2.
func (b *Builder) layerName(l Layer) string {
	name := ""
	if n, ok := l.(Named); ok {
		name = n.LayerName()
	}
	if name == "" {
		t := fmt.Sprintf("%T", l)
		name = snake(t[strings.LastIndexByte(t, '.')+1:])
	}
	k := b.names[name]
	b.names[name]++
	if k > 0 {
		return fmt.Sprintf("%s_%d", name, k)
	}
	return name
}

// snake turns BatchNormalization into batch_normalization and Conv2D into conv2d.
func snake(s string) string {
	var out strings.Builder
	var prev rune
	for i, r := range s {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(prev) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
		prev = r
	}
	return out.String()
}

// Net is a network: a graph with its parameters.
type Net struct {
	Graph  *ir.Graph
	Params []*Param
}

// Output gives a value the name that it has as an output of the network.
func (b *Builder) Output(name string, v *Value) *Value {
	if v.Kind != ir.Computed || v.Node == nil {
		v = b.Op("Identity", v)
	}
	b.G.Rename(v, name)
	return v
}

// Net returns the network with the given outputs.
func (b *Builder) Net(outputs ...*Value) (*Net, error) {
	if b.Err() != nil {
		return nil, b.Err()
	}
	if len(outputs) == 0 {
		return nil, errors.New("nn: a network needs an output")
	}
	b.G.Outputs = outputs
	return &Net{b.G, b.params}, nil
}

// Sequential builds a network of one input and layers that each feed the next. Its output is called output.
func Sequential(seed uint64, in Input, layers ...Layer) (*Net, error) {
	b := NewBuilder(seed)
	x := b.Input(in)
	for _, l := range layers {
		x = b.Apply(l, x)
	}
	if b.Err() != nil {
		return nil, b.Err()
	}
	return b.Net(b.Output("output", x))
}
