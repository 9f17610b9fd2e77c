package nn

import (
	"fmt"
	"math"
)

// SpatialDropout is [Dropout] that drops whole channels: all steps, or all pixels, of one at once;
// Tompson et al., arXiv 1411.4280. It is Keras's SpatialDropout1D, 2D and 3D.
type SpatialDropout struct {
	Name       string
	Rate       float64
	DataFormat string
}

// LayerName implements [Named].
func (l *SpatialDropout) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *SpatialDropout) Build(b *Builder, in ...*Value) []*Value {
	if !b.rate("SpatialDropout", l.Rate) || l.Rate == 0 {
		return in[:1]
	}
	x, rank := in[0], in[0].Fact.Rank()
	if rank < 3 {
		b.Fail(fmt.Errorf("SpatialDropout on %v: expected batch, axes in space and channels", x.Fact))
		return in[:1]
	}
	var axes []int
	for i := 1; i < rank-1; i++ {
		axes = append(axes, i)
		if l.DataFormat == ChannelsFirst {
			axes[i-1] = i + 1
		}
	}
	y := b.OnlyTraining(x, func(b *Builder, x *Value, _ ...*Value) *Value { return b.Noise("Dropout", x, l.Rate, axes...) })
	return []*Value{b.keepMask(x, y)}
}

// DropMask returns, in the shape of like, 0 with probability rate and 1/(1-rate) elsewhere.
func (b *Builder) DropMask(like *Value, rate float64) *Value {
	u := b.OpA("RandomUniformLike", like)
	keep := b.Op("GreaterOrEqual", u, b.Scalar(u, rate))
	return b.Where(keep, b.Scalar(u, 1/(1-rate)), b.Scalar(u, 0))
}

func (b *Builder) rate(layer string, r float64) bool {
	if r < 0 || r >= 1 {
		b.Fail(fmt.Errorf("%s{Rate: %v}: the rate must be in [0,1)", layer, r))
		return false
	}
	return true
}

// GaussianNoise adds normal noise of standard deviation Stddev while training.
type GaussianNoise struct {
	Name   string
	Stddev float64
}

// LayerName implements [Named].
func (l *GaussianNoise) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *GaussianNoise) Build(b *Builder, in ...*Value) []*Value {
	if l.Stddev < 0 {
		b.Fail(fmt.Errorf("GaussianNoise{Stddev: %v}: the standard deviation must not be negative", l.Stddev))
		return in[:1]
	}
	y := b.OnlyTraining(in[0], func(b *Builder, x *Value, _ ...*Value) *Value { return b.Noise("GaussianNoise", x, l.Stddev) })
	return []*Value{b.keepMask(in[0], y)}
}

// GaussianDropout multiplies by normal noise of mean 1 and standard deviation sqrt(Rate/(1-Rate)) while
// training; Srivastava et al. 2014.
type GaussianDropout struct {
	Name string
	Rate float64
}

// LayerName implements [Named].
func (l *GaussianDropout) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *GaussianDropout) Build(b *Builder, in ...*Value) []*Value {
	if !b.rate("GaussianDropout", l.Rate) || l.Rate == 0 {
		return in[:1]
	}
	y := b.OnlyTraining(in[0], func(b *Builder, x *Value, _ ...*Value) *Value { return b.Noise("GaussianDropout", x, l.Rate) })
	return []*Value{b.keepMask(in[0], y)}
}

// AlphaDropout sets a fraction Rate of its inputs to SELU's limit for low numbers while training, then
// scales and shifts so that mean and variance stay; Klambauer et al., arXiv 1706.02515.
type AlphaDropout struct {
	Name       string
	Rate       float64
	NoiseShape []int // as [Dropout] has it
}

// LayerName implements [Named].
func (l *AlphaDropout) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *AlphaDropout) Build(b *Builder, in ...*Value) []*Value {
	if !b.rate("AlphaDropout", l.Rate) || l.Rate == 0 {
		return in[:1]
	}
	if l.NoiseShape != nil {
		return b.sharedNoise("AlphaDropout", in[0], l.Rate, l.NoiseShape)
	}
	y := b.OnlyTraining(in[0], func(b *Builder, x *Value, _ ...*Value) *Value { return b.Noise("AlphaDropout", x, l.Rate) })
	return []*Value{b.keepMask(in[0], y)}
}

// Noise emits what a layer of the class does to x in training: Dropout, GaussianNoise, whose rate is its
// standard deviation, GaussianDropout or AlphaDropout. There is one draw along each axis that is shared.
func (b *Builder) Noise(class string, x *Value, rate float64, shared ...int) *Value {
	like := x
	for _, a := range shared {
		like = b.Slice(like, a, 0, 1)
	}
	switch class {
	case "Dropout":
		return b.Mul(x, b.DropMask(like, rate))
	case "GaussianNoise":
		return b.Add(x, b.Scale(b.OpA("RandomNormalLike", like), rate))
	case "GaussianDropout":
		return b.Mul(x, b.AddScalar(b.Scale(b.OpA("RandomNormalLike", like), math.Sqrt(rate/(1-rate))), 1))
	case "AlphaDropout":
		const low = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717 // -scale*alpha of SELU
		a := 1 / math.Sqrt((1-rate)*(1+rate*low*low))
		u := b.OpA("RandomUniformLike", like)
		kept := b.Where(b.Op("GreaterOrEqual", u, b.Scalar(u, rate)), x, b.Scalar(x, low))
		return b.AddScalar(b.Scale(kept, a), -a*low*rate)
	}
	b.Fail(fmt.Errorf("noise of class %q is not known", class))
	return x
}
