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
	"math"
	"reflect"
	"slices"
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
// The first error stays and is returned by [Builder.Net]. The zero value, after its first Input, is that of
// NewBuilder(0).
type Builder struct {
	*op.Builder
	seed   uint64
	params []*Param
	names  map[string]int   // uses of each layer name
	built  map[Layer]string // scope of each layer that has been applied
	owned  map[string]*Param

	masks     map[*Value]*Value // by value: which steps count
	first     map[*Value]*Value // by channels-last value: the same with its channels in front
	children  map[childKey]Layer
	penalties []Penalty
	forms     Forms
	steps     int // that lie beside one another along the batch, inside TimeDistributed; else 0
}

// NewBuilder returns a builder of an empty network. Initial weights are drawn from the seed.
func NewBuilder(seed uint64) *Builder {
	b := On(op.NewBuilder(ir.New("network"), ops.Set()))
	b.seed = seed
	return b
}

// On returns a builder that appends to a graph that exists, for what regularisers, constraints and
// losses emit.
func On(b *op.Builder) *Builder {
	return &Builder{
		Builder: b, names: map[string]int{}, built: map[Layer]string{}, owned: map[string]*Param{},
		masks: map[*Value]*Value{}, first: map[*Value]*Value{}, forms: Forms{}, children: map[childKey]Layer{},
	}
}

// begin makes the zero value a builder of an empty network.
func (b *Builder) begin() {
	if b.Builder == nil {
		*b = *NewBuilder(0)
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
	b.begin()
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
	Layout      Layout      // nil where the value has Keras's shape
	init        Initializer // nil where it was not made by a layer
}

// Layout maps a parameter between the shape in which it is held and Keras's.
type Layout interface {
	Rank() int // of Keras's shape
	View(b *Builder, held *Value) *Value
	Hold(b *Builder, view *Value) *Value
}

// maxParam is how many numbers a parameter may have: 8 GiB of them.
const maxParam = math.MaxInt32

// Param returns the parameter of the layer being built with the given name, made and initialised when
// the layer is applied for the first time.
func (b *Builder) Param(name string, shape []int, init Initializer) *Param {
	b.begin()
	full := b.Scope + "/" + name
	if p := b.owned[full]; p != nil {
		return p
	}
	if n, ok := tensor.Shape(shape).Size(); !ok || n > maxParam {
		b.Fail(fmt.Errorf("parameter %s has the shape %v: sizes from 0, and at most %d numbers", name, shape, maxParam))
		shape = []int{0}
	}
	if init == nil {
		b.Fail(fmt.Errorf("parameter %s has no initializer", name))
		init = Zeros{}
	}
	if err := checkInitializer(init); err != nil {
		b.Fail(fmt.Errorf("parameter %s: %w", name, err))
		init = Zeros{}
	}
	data := make([]float32, tensor.Shape(shape).Len())
	init.Init(initialRand(b.seed, len(b.params)), shape, data)
	p := &Param{Value: b.G.AddState(full, tensor.Must(data, shape...)), Trainable: true, init: init}
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

// ApplyAll applies a layer. Its nodes and parameters are named in the scope in which it was applied for
// the first time.
func (b *Builder) ApplyAll(l Layer, in ...*Value) (out []*Value) {
	b.begin()
	if l == nil || !reflect.TypeOf(l).Comparable() {
		b.Fail(fmt.Errorf("nn: a layer is %T: it must be a pointer, by which its parameters are known", l))
		return []*Value{{}}
	}
	scope, ok := b.built[l]
	if !ok {
		scope = b.layerName(l)
		b.built[l] = scope
	}
	failed := b.Err() != nil
	old := b.Scope
	b.Scope = scope
	if len(in) == 0 {
		b.Fail(errors.New("it has no input"))
	}
	if slices.Contains(in, nil) {
		b.Fail(errors.New("an input is nil"))
	}
	if b.Err() == nil {
		out = l.Build(b, in...)
	} else {
		out = []*Value{{}}
	}
	b.Scope = old
	if err := b.Err(); err != nil && !failed {
		b.Wrap(fmt.Errorf("nn: layer %s: %w", scope, err))
	}
	return out
}

// layerName returns the scope of a new layer: its own name, or its type's with a number: dense,
// dense_1, dense_2; behind that of the layer around it.
func (b *Builder) layerName(l Layer) string {
	name := ""
	if n, ok := l.(Named); ok {
		name = n.LayerName()
	}
	if name == "" {
		t := fmt.Sprintf("%T", l)
		name = snake(t[strings.LastIndexByte(t, '.')+1:])
	}
	if b.Scope != "" {
		name = b.Scope + "/" + name
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
	Graph     *ir.Graph
	Params    []*Param
	Masks     []*Value  // by output: which steps count in the loss; nil where all do
	Penalties []Penalty // added to the loss
	Forms     Forms     // nodes that act otherwise in training
	// UnbiasedVariance makes BatchNormalization's running variances PyTorch's, of n-1 degrees of freedom.
	UnbiasedVariance bool
}

// Output gives a value the name that it has as an output of the network.
func (b *Builder) Output(name string, v *Value) *Value {
	if v == nil {
		b.Fail(fmt.Errorf("nn: output %s is nil", name))
		return nil
	}
	if v.Kind != ir.Computed || v.Node == nil {
		v = b.keepMask(v, b.Op("Identity", v))
	}
	b.G.Rename(v, name)
	return v
}

// Net returns the network with the given outputs.
func (b *Builder) Net(outputs ...*Value) (*Net, error) {
	b.begin()
	if b.Err() != nil {
		return nil, b.Err()
	}
	if len(outputs) == 0 {
		return nil, errors.New("nn: a network needs an output")
	}
	if slices.Contains(outputs, nil) {
		return nil, errors.New("nn: an output is nil")
	}
	b.G.Outputs = outputs
	var keep, masks []*Value
	for _, v := range outputs {
		masks = append(masks, b.masks[v])
		if m := b.masks[v]; m != nil {
			keep = append(keep, m)
		}
	}
	for _, p := range b.penalties {
		keep = append(keep, p.Of...)
	}
	for _, f := range b.forms {
		keep = append(keep, f.Of...)
	}
	b.G.Prune(keep...)
	if err := b.checkOwn(); err != nil {
		return nil, err
	}
	return &Net{Graph: b.G, Params: b.params, Masks: masks, Penalties: b.penalties, Forms: b.forms}, nil
}

// checkOwn reports values of another builder's network.
func (b *Builder) checkOwn() error {
	own := map[*Value]bool{}
	foreign := func(v *Value) bool {
		return v != nil && (v.Kind == ir.Input || v.Kind == ir.Computed) && !own[v]
	}
	for _, v := range b.G.Inputs {
		own[v] = true
	}
	for _, n := range b.G.Nodes {
		for _, v := range n.In {
			if foreign(v) {
				return fmt.Errorf("nn: %s reads %s, which is not of this network: a value belongs to the builder that made it", n.Name, v.Name)
			}
		}
		for _, v := range n.Out {
			own[v] = true
		}
	}
	for _, v := range b.G.Outputs {
		if foreign(v) {
			return fmt.Errorf("nn: output %s is not of this network: a value belongs to the builder that made it", v.Name)
		}
	}
	return nil
}

// Initialize draws the initial values of the parameters again, as a builder with that seed does. Those of an imported
// model stay.
func (n *Net) Initialize(seed uint64) {
	for i, p := range n.Params {
		if p.init != nil {
			t := p.Value.Data.(*tensor.Tensor[float32])
			p.init.Init(initialRand(seed, i), t.Shape(), t.Data())
		}
	}
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
