package nn

import (
	"fmt"
	"slices"
)

// GroupNormalization parts the channels in groups and is (x-mean)/sqrt(variance+Epsilon)*gamma + beta,
// mean and variance of each example over a group's channels and all axes in space; Wu and He,
// arXiv 1803.08494. As many groups as channels are instance normalisation.
type GroupNormalization struct {
	Name             string
	Groups           int     // 32 where zero, as many as there are channels where -1
	Axis             int     // of the channels; the last where zero
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
func (l *GroupNormalization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *GroupNormalization) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	axis := l.Axis
	if axis == 0 {
		axis = -1
	}
	axes, ok := b.axesOf("GroupNormalization", x, []int{axis})
	if !ok {
		return in[:1]
	}
	size, ok := b.sizes("GroupNormalization", x, axes)
	if !ok {
		return in[:1]
	}
	axis = axes[0]
	channels, groups := size[0], l.Groups
	switch groups {
	case 0:
		groups = 32
	case -1:
		groups = channels
	}
	if groups < 1 || channels%groups != 0 {
		b.Fail(fmt.Errorf("GroupNormalization{Groups: %d} on %v: the %d channels must be a multiple of the groups", l.Groups, x.Fact, channels))
		return in[:1]
	}
	parted := slices.Concat(b.dims(x, 0, axis), []*Value{b.Ints(groups, channels/groups)}, b.dims(x, axis+1, x.Fact.Rank()))
	var over []int
	for i := 1; i <= x.Fact.Rank(); i++ {
		if i != axis {
			over = append(over, i)
		}
	}
	a := affine{l.NoCenter, l.NoScale, l.BetaInitializer, l.GammaInitializer, l.BetaRegularizer, l.GammaRegularizer, l.BetaConstraint, l.GammaConstraint}
	gamma, beta := a.params(b, size)
	y := b.standardize(b.Reshape(x, b.Concat(0, parted...)), orDefault(l.Epsilon, 1e-3), over...)
	y = b.Reshape(y, b.Shape(x))
	wide := b.spread(x, axes)
	return []*Value{b.keepMask(x, b.affine(y, wide(gamma), wide(beta)))}
}

// dims returns the sizes of axes from to to, as a part of a shape.
func (b *Builder) dims(x *Value, from, to int) []*Value {
	if from >= to {
		return nil
	}
	return []*Value{b.Slice(b.Shape(x), 0, from, to)}
}
