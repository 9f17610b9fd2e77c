package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/op"
)

// function is an activation function.
type function struct {
	emit func(b *Builder, x *Value) *Value
	axis bool // it acts along the last axis, not on each element alone
}

// activations maps Keras's names to what they emit.
var activations = map[string]function{
	"celu":         {emit: func(b *Builder, x *Value) *Value { return b.Op("Celu", x) }},
	"elu":          {emit: func(b *Builder, x *Value) *Value { return b.Op("Elu", x) }},
	"exponential":  {emit: func(b *Builder, x *Value) *Value { return b.Op("Exp", x) }},
	"gelu":         {emit: func(b *Builder, x *Value) *Value { return b.Op("Gelu", x) }},
	"glu":          {emit: gatedLinear, axis: true},
	"hard_shrink":  {emit: func(b *Builder, x *Value) *Value { return b.OpA("Shrink", x, op.Attr("lambd", .5)) }},
	"hard_sigmoid": {emit: func(b *Builder, x *Value) *Value { return b.OpA("HardSigmoid", x, op.Attr("alpha", 1./6)) }},
	"hard_silu":    {emit: func(b *Builder, x *Value) *Value { return b.Op("HardSwish", x) }},
	"hard_swish":   {emit: func(b *Builder, x *Value) *Value { return b.Op("HardSwish", x) }},
	"hard_tanh":    {emit: func(b *Builder, x *Value) *Value { return b.Op("Clip", x, b.Scalar(x, -1), b.Scalar(x, 1)) }},
	"leaky_relu":   {emit: func(b *Builder, x *Value) *Value { return b.OpA("LeakyRelu", x, op.Attr("alpha", .2)) }},
	"linear":       {emit: func(_ *Builder, x *Value) *Value { return x }},
	"log_sigmoid":  {emit: func(b *Builder, x *Value) *Value { return b.Neg(b.Op("Softplus", b.Neg(x))) }},
	"log_softmax":  {emit: func(b *Builder, x *Value) *Value { return b.OpA("LogSoftmax", x, op.Attr("axis", -1)) }, axis: true},
	"mish":         {emit: func(b *Builder, x *Value) *Value { return b.Op("Mish", x) }},
	"relu":         {emit: func(b *Builder, x *Value) *Value { return b.Op("Relu", x) }},
	"relu6":        {emit: func(b *Builder, x *Value) *Value { return b.Op("Clip", x, b.Scalar(x, 0), b.Scalar(x, 6)) }},
	"selu":         {emit: func(b *Builder, x *Value) *Value { return b.Op("Selu", x) }},
	"sigmoid":      {emit: func(b *Builder, x *Value) *Value { return b.Op("Sigmoid", x) }},
	"silu":         {emit: func(b *Builder, x *Value) *Value { return b.Mul(x, b.Op("Sigmoid", x)) }},
	"soft_shrink": {emit: func(b *Builder, x *Value) *Value {
		return b.OpA("Shrink", x, op.Attr("lambd", .5), op.Attr("bias", .5))
	}},
	"softmax":        {emit: func(b *Builder, x *Value) *Value { return b.OpA("Softmax", x, op.Attr("axis", -1)) }, axis: true},
	"softplus":       {emit: func(b *Builder, x *Value) *Value { return b.Op("Softplus", x) }},
	"softsign":       {emit: func(b *Builder, x *Value) *Value { return b.Op("Softsign", x) }},
	"sparse_plus":    {emit: sparsePlus},
	"sparse_sigmoid": {emit: sparseSigmoid},
	"sparsemax":      {emit: sparsemax, axis: true},
	"squareplus":     {emit: squareplus},
	"swish":          {emit: func(b *Builder, x *Value) *Value { return b.Mul(x, b.Op("Sigmoid", x)) }},
	"tanh":           {emit: func(b *Builder, x *Value) *Value { return b.Op("Tanh", x) }},
	"tanh_shrink":    {emit: func(b *Builder, x *Value) *Value { return b.Sub(x, b.Op("Tanh", x)) }},
}

// Activations returns the names that layers take as an activation.
func Activations() []string { return slices.Sorted(maps.Keys(activations)) }

// Activate emits an activation by Keras's name; an empty name is linear.
func (b *Builder) Activate(name string, x *Value) *Value {
	if name == "" || name == "linear" {
		return x
	}
	f, ok := activations[name]
	if !ok {
		b.Fail(fmt.Errorf("nn: unknown activation %q%s; there are %s", name, nearest.Hint(name, Activations()), strings.Join(Activations(), ", ")))
		return x
	}
	emit := func(x *Value) *Value { return f.emit(b, x) }
	if f.axis {
		return b.keepMask(x, emit(x))
	}
	return b.each(x, emit)
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

// gatedLinear splits the last axis in two halves and returns a*sigmoid(b); Dauphin et al. 2017.
func gatedLinear(b *Builder, x *Value) *Value {
	if n, ok := lastDim(x); !ok || n%2 != 0 {
		b.Fail(fmt.Errorf("glu on %v: the last axis must be even and known", x.Fact))
		return x
	}
	h := b.Emit(2, "Split", []*Value{x}, op.Attr("axis", -1), op.Attr("num_outputs", 2))
	return b.Mul(h[0], b.Op("Sigmoid", h[1]))
}

// sparsePlus is 0 up to -1, x from 1, and (x+1)^2/4 between.
func sparsePlus(b *Builder, x *Value) *Value {
	one := b.Scalar(x, 1)
	up := b.Add(x, one)
	mid := b.Where(b.Op("LessOrEqual", x, b.Scalar(x, -1)), b.Scalar(x, 0), b.Scale(b.Mul(up, up), .25))
	return b.Where(b.Op("Less", x, one), mid, x)
}

// sparseSigmoid is 0 up to -1, 1 from 1, and (x+1)/2 between.
func sparseSigmoid(b *Builder, x *Value) *Value {
	return b.Op("Clip", b.Scale(b.AddScalar(x, 1), .5), b.Scalar(x, 0), b.Scalar(x, 1))
}

// squareplus is (x+sqrt(x^2+4))/2.
func squareplus(b *Builder, x *Value) *Value {
	return b.Scale(b.Add(x, b.Op("Sqrt", b.AddScalar(b.Mul(x, x), 4))), .5)
}

// sparsemax is max(x-t, 0) as Keras 3 computes it, on all its backends: t = (sum of C_i over the support - 1)/k,
// C_i the cumulative sums of the sorted x and k the size of the support. In Martins and Astudillo,
// arXiv 1602.02068, it is the last C_i alone, so that the result sums to 1; here it does not where k > 1.
func sparsemax(b *Builder, x *Value) *Value {
	n, ok := lastDim(x)
	if !ok {
		b.Fail(fmt.Errorf("sparsemax on %v: the last axis must be known", x.Fact))
		return x
	}
	sorted := b.Emit(2, "TopK", []*Value{x, b.Ints(n)}, op.Attr("axis", -1))[0]
	rank := make([]float64, n)
	for i := range rank {
		rank[i] = float64(i + 1)
	}
	sum := b.Op("CumSum", sorted, b.Scalar(b.Ints(0), -1))
	in := b.Op("Greater", b.AddScalar(b.Mul(b.vector(rank), sorted), 1), sum)
	kept := b.Where(in, sum, b.Scalar(x, 0))
	count := b.Sum(b.Cast(in, x.Fact.DType), true, -1)
	t := b.Div(b.AddScalar(b.Sum(kept, true, -1), -1), count)
	return b.Op("Relu", b.Sub(x, t))
}
