package nn

import "fmt"

// Dense is y = activation(x·kernel + bias) over the last axis.
//
// x is [batch, ..., n], kernel [n, Units], bias [Units].
type Dense struct {
	Name              string
	Units             int
	Activation        string      // linear where empty
	NoBias            bool        // Keras's use_bias=False
	KernelInitializer Initializer // GlorotUniform where nil
	BiasInitializer   Initializer // Zeros where nil
	KernelRegularizer Regularizer
	BiasRegularizer   Regularizer
	KernelConstraint  Constraint
	BiasConstraint    Constraint
	// ActivityRegularizer adds a penalty on the output, over the size of the batch.
	ActivityRegularizer Regularizer
}

// LayerName implements [Named].
func (l *Dense) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Dense) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	n, ok := lastDim(x)
	if !ok || l.Units <= 0 {
		b.Fail(fmt.Errorf("Dense{Units: %d} on %v: the last axis and Units must be positive and known", l.Units, x.Fact))
		return in[:1]
	}
	w := b.Param("kernel", []int{n, l.Units}, orInit(l.KernelInitializer, GlorotUniform()))
	w.Regularizer, w.Constraint = l.KernelRegularizer, l.KernelConstraint
	y := b.MatMul(x, w.Value)
	if !l.NoBias {
		c := b.Param("bias", []int{l.Units}, orInit(l.BiasInitializer, Zeros{}))
		c.Regularizer, c.Constraint = l.BiasRegularizer, l.BiasConstraint
		y = b.Add(y, c.Value)
	}
	return []*Value{b.activity(l.ActivityRegularizer, b.Activate(l.Activation, b.keepMask(x, y)))}
}

func lastDim(x *Value) (int, bool) {
	if len(x.Fact.Shape) == 0 {
		return 0, false
	}
	n, ok := x.Fact.Shape[len(x.Fact.Shape)-1].Int()
	return n, ok && n > 0
}
