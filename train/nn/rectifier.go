package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
)

// Zero is the number 0 for fields in which 0 stands for a default. It is the least number above 0, and
// 0 in float32.
const Zero = 5e-324

// orDefault returns v, or def where v is zero.
func orDefault(v, def float64) float64 {
	switch v {
	case 0:
		return def
	case Zero:
		return 0
	}
	return v
}

// ReLU is x above Threshold, at most MaxValue, and NegativeSlope*(x-Threshold) below.
type ReLU struct {
	Name          string
	MaxValue      float64 // none where zero
	NegativeSlope float64
	Threshold     float64
}

// LayerName implements [Named].
func (l *ReLU) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ReLU) Build(b *Builder, in ...*Value) []*Value {
	if l.MaxValue < 0 || l.NegativeSlope < 0 || l.Threshold < 0 {
		b.Fail(fmt.Errorf("ReLU%+v: no number may be negative", *l))
		return in[:1]
	}
	return []*Value{b.each(in[0], func(x *Value) *Value {
		if l.MaxValue == 0 && l.Threshold == 0 && l.NegativeSlope != 0 {
			return b.OpA("LeakyRelu", x, op.Attr("alpha", l.NegativeSlope))
		}
		y := x
		if l.Threshold != 0 {
			y = b.OpA("ThresholdedRelu", x, op.Attr("alpha", l.Threshold))
		} else {
			y = b.Op("Relu", x)
		}
		if l.MaxValue != 0 {
			y = b.Op("Clip", y, b.Scalar(x, 0), b.Scalar(x, l.MaxValue))
		}
		if l.NegativeSlope != 0 {
			below := b.Op("Relu", b.Sub(b.Scalar(x, l.Threshold), x))
			y = b.Sub(y, b.Scale(below, l.NegativeSlope))
		}
		return y
	})}
}

// LeakyReLU is x where it is positive and NegativeSlope*x elsewhere.
type LeakyReLU struct {
	Name          string
	NegativeSlope float64 // 0.3 where zero
}

// LayerName implements [Named].
func (l *LeakyReLU) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *LeakyReLU) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.each(in[0], func(x *Value) *Value {
		return b.OpA("LeakyRelu", x, op.Attr("alpha", orDefault(l.NegativeSlope, .3)))
	})}
}

// ELU is x where it is positive and Alpha*(exp(x)-1) elsewhere; Clevert et al., arXiv 1511.07289.
type ELU struct {
	Name  string
	Alpha float64 // 1 where zero
}

// LayerName implements [Named].
func (l *ELU) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ELU) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.each(in[0], func(x *Value) *Value {
		return b.OpA("Elu", x, op.Attr("alpha", orDefault(l.Alpha, 1)))
	})}
}

// PReLU is x where it is positive and alpha*x elsewhere, alpha a parameter of the input's shape without
// the batch axis; He et al., arXiv 1502.01852.
type PReLU struct {
	Name             string
	AlphaInitializer Initializer // Zeros where nil
	AlphaRegularizer Regularizer
	AlphaConstraint  Constraint
	SharedAxes       []int // axes, counted from the batch's 0, along which alpha is one number
}

// LayerName implements [Named].
func (l *PReLU) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *PReLU) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	shape := make([]int, max(0, x.Fact.Rank()-1))
	for i := range shape {
		n, ok := x.Fact.Shape[i+1].Int()
		shape[i] = n
		for _, a := range l.SharedAxes {
			if a == i+1 {
				shape[i], ok = 1, true
			}
		}
		if !ok {
			b.Fail(fmt.Errorf("PReLU on %v: the size of axis %d must be known or shared", x.Fact, i+1))
			return in[:1]
		}
	}
	a := b.Param("alpha", shape, orInit(l.AlphaInitializer, Zeros{}))
	a.Regularizer, a.Constraint = l.AlphaRegularizer, l.AlphaConstraint
	return []*Value{b.keepMask(x, b.Op("PRelu", x, a.Value))}
}

// Softmax is exp(x)/sum(exp(x)) along an axis. Steps that a mask leaves out get no share.
type Softmax struct {
	Name string
	Axis int // the last where zero
}

// LayerName implements [Named].
func (l *Softmax) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Softmax) Build(b *Builder, in ...*Value) []*Value {
	axis := l.Axis
	if axis == 0 {
		axis = -1
	}
	return []*Value{b.keepMask(in[0], b.OpA("Softmax", in[0], op.Attr("axis", axis)))}
}
