package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
)

// BatchNormalization is (x-mean)/sqrt(variance+Epsilon)*gamma + beta for each channel: mean and variance of
// the batch while training, of all batches in a running average otherwise; Ioffe and Szegedy,
// arXiv 1502.03167. The average moves by 1-Momentum towards each batch's, whose variance is the
// population's.
type BatchNormalization struct {
	Name                      string
	Axis                      int     // of the channels; the last where zero
	Momentum                  float64 // 0.99 where zero
	Epsilon                   float64 // 0.001 where zero
	NoCenter                  bool    // Keras's center=False
	NoScale                   bool    // Keras's scale=False
	BetaInitializer           Initializer
	GammaInitializer          Initializer
	MovingMeanInitializer     Initializer
	MovingVarianceInitializer Initializer
	BetaRegularizer           Regularizer
	GammaRegularizer          Regularizer
	BetaConstraint            Constraint
	GammaConstraint           Constraint
}

// LayerName implements [Named].
func (l *BatchNormalization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *BatchNormalization) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if b.Mask(x) != nil {
		b.Fail(fmt.Errorf("BatchNormalization behind a mask: %w", op.ErrUnsupported))
		return in[:1]
	}
	axis := l.Axis
	if axis == 0 {
		axis = -1
	}
	axes, ok := b.axesOf("BatchNormalization", x, []int{axis})
	if !ok {
		return in[:1]
	}
	size, ok := b.sizes("BatchNormalization", x, axes)
	if !ok {
		return in[:1]
	}
	a := affine{l.NoCenter, l.NoScale, l.BetaInitializer, l.GammaInitializer, l.BetaRegularizer, l.GammaRegularizer, l.BetaConstraint, l.GammaConstraint}
	gamma, beta := a.params(b, size)
	state := func(name string, init, def Initializer) *Value {
		p := b.Param(name, size, orInit(init, def))
		p.Trainable = false
		return p.Value
	}
	mean := state("moving_mean", l.MovingMeanInitializer, Zeros{})
	variance := state("moving_variance", l.MovingVarianceInitializer, Ones{})
	if gamma == nil {
		gamma = b.vector(filled(size[0], 1))
	}
	if beta == nil {
		beta = b.vector(filled(size[0], 0))
	}
	normalize := func(x *Value) *Value {
		y := b.Emit(1, "BatchNormalization", []*Value{x, gamma, beta, mean, variance},
			op.Attr("momentum", orDefault(l.Momentum, .99)), op.Attr("epsilon", orDefault(l.Epsilon, 1e-3)))[0]
		if b.steps > 1 && b.Err() == nil {
			b.forms[y.Node] = Form{Steps: b.steps}
		}
		return y
	}
	rank := x.Fact.Rank()
	switch {
	case axes[0] == 1:
		return []*Value{normalize(x)}
	case axes[0] == rank-1:
		return []*Value{b.dataFormat(normalize(b.channelsFirst(x, ChannelsLast)), ChannelsLast)}
	}
	perm := make([]int, rank) // the channels and axis 1 change places
	for i := range perm {
		perm[i] = i
	}
	perm[1], perm[axes[0]] = axes[0], 1
	return []*Value{b.Transpose(normalize(b.Transpose(x, perm...)), perm...)}
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
