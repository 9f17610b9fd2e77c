package loss

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Reduction is how the losses of samples become one number.
type Reduction uint8

// The reductions of Keras. Each sample's loss is multiplied by its weight first.
const (
	SumOverBatchSize     Reduction = iota // the sum over the number of samples, Keras's default
	Sum                                   // the sum
	MeanWithSampleWeight                  // the sum over the sum of the weights, 0 where that is 0
)

var reductionNames = map[string]Reduction{
	"sum_over_batch_size": SumOverBatchSize, "mean": SumOverBatchSize, "sum": Sum, "mean_with_sample_weight": MeanWithSampleWeight,
}

// ParseReduction returns the reduction of Keras's name.
func ParseReduction(name string) (Reduction, error) {
	if r, ok := reductionNames[name]; ok {
		return r, nil
	}
	return 0, fmt.Errorf("there is no reduction %q to train with; there are sum_over_batch_size, mean, sum, mean_with_sample_weight", name)
}

// Reduced is a loss with another reduction.
type Reduced struct {
	Loss
	Reduction Reduction
}

// Masked is a loss that leaves samples out of the mean.
type Masked interface {
	Loss
	// Mask emits a bool for each sample, in the shape of PerSample, false for those that do not count.
	Mask(b *Builder, yTrue, yPred *Value) *Value
}

// Total emits the loss of a batch: the samples' losses, weighted, masked and reduced. weight is nil or
// has one number for each sample of the batch, or for each number of PerSample.
// mask, where not nil, says which of them count.
func Total(b *Builder, l Loss, yTrue, yPred, weight, mask *Value) *Value {
	r := SumOverBatchSize
	if x, ok := l.(Reduced); ok {
		l, r = x.Loss, x.Reduction
	}
	per := l.PerSample(b, yTrue, yPred)
	if err := checkPerSample(l, per, yPred); b.Err() == nil && err != nil {
		b.Fail(err)
	}
	if b.Err() != nil {
		return &Value{}
	}
	if mask != nil && mask.Fact.Rank() != per.Fact.Rank() {
		b.Fail(op.Shapef("the losses are %v, the mask that the network hands on %v: both must be one number a step", per.Fact, mask.Fact))
		return per
	}
	if m, ok := l.(Masked); ok {
		if own := m.Mask(b, yTrue, yPred); mask == nil {
			mask = own
		} else if own != nil {
			mask = b.Op("And", mask, own)
		}
	}
	w := weights(b, per, weight, mask, r)
	if w != nil {
		per = b.Mul(per, w)
	}
	if per.Fact.Rank() == 0 {
		return per
	}
	switch {
	case r == Sum:
		return b.Sum(per, false)
	case r == MeanWithSampleWeight && w != nil:
		n := b.Sum(w, false)
		none := b.Op("Equal", n, b.Scalar(n, 0))
		return b.Where(none, b.Scalar(n, 0), b.Div(b.Sum(per, false), b.Where(none, b.Scalar(n, 1), n)))
	}
	return b.Reduce("ReduceMean", per, false)
}

// checkPerSample reports a loss that emits nothing, or a number for each prediction instead of each sample.
func checkPerSample(l Loss, per, yPred *Value) error {
	if per == nil {
		return fmt.Errorf("loss %s: PerSample returns nil", l.Name())
	}
	if yPred.Fact.Ranked && yPred.Fact.Rank() > 0 && per.Fact.Ranked && per.Fact.Rank() >= yPred.Fact.Rank() {
		return op.Shapef("loss %s: PerSample gives %v of predictions %v: the last axis must be gone", l.Name(), per.Fact, yPred.Fact)
	}
	return nil
}

// weights returns what the samples' losses are multiplied by, nil for nothing. For a mean the mask is
// scaled up, as Keras does, so that the mean is over the samples that count.
func weights(b *Builder, per, weight, mask *Value, r Reduction) *Value {
	var w *Value
	if weight != nil {
		w = b.Cast(weight, per.Fact.DType)
		for k := w.Fact.Rank(); k < per.Fact.Rank(); k++ {
			w = b.Unsqueeze(w, k)
		}
	}
	if mask == nil {
		return w
	}
	m := b.Cast(mask, per.Fact.DType)
	if r == SumOverBatchSize {
		n := b.Cast(b.Op("Size", m), m.Fact.DType)
		m = b.Mul(m, b.Div(n, b.AddScalar(b.Sum(m, false), epsilon)))
	}
	if w == nil {
		return m
	}
	return b.Mul(w, m)
}

// notEqual emits x != v for integers of any type.
func notEqual(b *Builder, x *Value, v int) *Value {
	x = b.Cast(x, tensor.Int64)
	return b.Op("Not", b.Op("Equal", x, b.Scalar(x, float64(v))))
}
