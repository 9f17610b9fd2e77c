package nn

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// affine is the scale and shift behind a normalisation.
type affine struct {
	noCenter, noScale   bool
	betaInit, gammaInit Initializer
	betaReg, gammaReg   Regularizer
	betaCon, gammaCon   Constraint
}

// params makes gamma and beta; nil where there is none.
func (a affine) params(b *Builder, shape []int) (gamma, beta *Value) {
	if !a.noScale {
		p := b.Param("gamma", shape, orInit(a.gammaInit, Ones{}))
		p.Regularizer, p.Constraint = a.gammaReg, a.gammaCon
		gamma = p.Value
	}
	if !a.noCenter {
		p := b.Param("beta", shape, orInit(a.betaInit, Zeros{}))
		p.Regularizer, p.Constraint = a.betaReg, a.betaCon
		beta = p.Value
	}
	return gamma, beta
}

// apply is x*gamma + beta, where these are.
func (b *Builder) affine(x, gamma, beta *Value) *Value {
	if gamma != nil {
		x = b.Mul(x, gamma)
	}
	if beta != nil {
		x = b.Add(x, beta)
	}
	return x
}

// standardize is (x-mean)/sqrt(variance+epsilon) over axes.
func (b *Builder) standardize(x *Value, epsilon float64, axes ...int) *Value {
	d := b.Sub(x, b.Reduce("ReduceMean", x, true, axes...))
	v := b.Reduce("ReduceMean", b.Mul(d, d), true, axes...)
	return b.Div(d, b.Op("Sqrt", b.AddScalar(v, epsilon)))
}

// axesOf returns axes counted from 0, sorted, the last one where none are given.
func (b *Builder) axesOf(layer string, x *Value, axes []int) ([]int, bool) {
	if len(axes) == 0 {
		axes = []int{-1}
	}
	rank := x.Fact.Rank()
	var out []int
	for _, a := range axes {
		if a < 0 {
			a += rank
		}
		if a < 1 || a >= rank || slices.Contains(out, a) {
			b.Fail(fmt.Errorf("%s{Axis: %v} on %v: the axes must be different ones behind the batch's", layer, axes, x.Fact))
			return nil, false
		}
		out = append(out, a)
	}
	slices.Sort(out)
	return out, true
}

// sizes returns the sizes of axes, which must be known.
func (b *Builder) sizes(layer string, x *Value, axes []int) ([]int, bool) {
	var out []int
	for _, a := range axes {
		n, ok := x.Fact.Shape[a].Int()
		if !ok || n == 0 {
			b.Fail(fmt.Errorf("%s on %v: the size of axis %d must be known", layer, x.Fact, a))
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// LayerNormalization is (x-mean)/sqrt(variance+Epsilon)*gamma + beta, mean and variance of each example
// over Axis; Ba et al., arXiv 1607.06450.
type LayerNormalization struct {
	Name             string
	Axis             []int   // the last where nil
	Epsilon          float64 // 0.001 where zero
	NoCenter         bool    // Keras's center=False
	NoScale          bool    // Keras's scale=False
	BetaInitializer  Initializer
	GammaInitializer Initializer
	BetaRegularizer  Regularizer
	GammaRegularizer Regularizer
	BetaConstraint   Constraint
	GammaConstraint  Constraint
}

// LayerName implements [Named].
func (l *LayerNormalization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *LayerNormalization) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	axes, ok := b.axesOf("LayerNormalization", x, l.Axis)
	if !ok {
		return in[:1]
	}
	shape, ok := b.sizes("LayerNormalization", x, axes)
	if !ok {
		return in[:1]
	}
	a := affine{l.NoCenter, l.NoScale, l.BetaInitializer, l.GammaInitializer, l.BetaRegularizer, l.GammaRegularizer, l.BetaConstraint, l.GammaConstraint}
	gamma, beta := a.params(b, shape)
	epsilon := orDefault(l.Epsilon, 1e-3)
	trailing := axes[0] == x.Fact.Rank()-len(axes) && axes[len(axes)-1] == x.Fact.Rank()-1
	if trailing && gamma != nil && b.Set.Lookup("", "LayerNormalization") != nil {
		y := b.Emit(1, "LayerNormalization", []*Value{x, gamma, beta}, op.Attr("axis", -len(axes)), op.Attr("epsilon", epsilon))[0]
		return []*Value{b.keepMask(x, y)}
	}
	wide := b.spread(x, axes)
	return []*Value{b.keepMask(x, b.affine(b.standardize(x, epsilon, axes...), wide(gamma), wide(beta)))}
}

// spread returns what gives a parameter over some axes of x the axes of x.
func (b *Builder) spread(x *Value, axes []int) func(p *Value) *Value {
	rank := x.Fact.Rank()
	if axes[0] == rank-len(axes) && axes[len(axes)-1] == rank-1 {
		return func(p *Value) *Value { return p }
	}
	shape := make([]int, rank-axes[0])
	for i := range shape {
		shape[i] = 1
	}
	for _, a := range axes {
		shape[a-axes[0]], _ = x.Fact.Shape[a].Int()
	}
	return func(p *Value) *Value {
		if p == nil {
			return nil
		}
		return b.ReshapeTo(p, shape...)
	}
}

// RMSNormalization is x/sqrt(mean(x^2)+Epsilon)*scale over Axis; Zhang and Sennrich, arXiv 1910.07467.
type RMSNormalization struct {
	Name    string
	Axis    []int   // the last where nil
	Epsilon float64 // 1e-6 where zero
}

// LayerName implements [Named].
func (l *RMSNormalization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *RMSNormalization) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	axes, ok := b.axesOf("RMSNormalization", x, l.Axis)
	if !ok {
		return in[:1]
	}
	shape, ok := b.sizes("RMSNormalization", x, axes)
	if !ok {
		return in[:1]
	}
	scale := b.Param("scale", shape, Ones{}).Value
	ms := b.Reduce("ReduceMean", b.Mul(x, x), true, axes...)
	y := b.Div(x, b.Op("Sqrt", b.AddScalar(ms, orDefault(l.Epsilon, 1e-6))))
	return []*Value{b.keepMask(x, b.Mul(y, b.spread(x, axes)(scale)))}
}

// UnitNormalization gives the vectors along Axis length 1; one shorter than 1e-12 counts as of that
// length.
type UnitNormalization struct {
	Name string
	Axis []int // the last where nil
}

// LayerName implements [Named].
func (l *UnitNormalization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *UnitNormalization) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	axes, ok := b.axesOf("UnitNormalization", x, l.Axis)
	if !ok {
		return in[:1]
	}
	inverse := b.Op("Reciprocal", b.Op("Sqrt", b.Sum(b.Mul(x, x), true, axes...)))
	return []*Value{b.keepMask(x, b.Mul(x, b.Op("Min", inverse, b.Scalar(x, 1e12))))}
}
