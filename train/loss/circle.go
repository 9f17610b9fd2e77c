package loss

import (
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Circle pulls embeddings of one class together and those of others apart; Sun et al., arXiv 2002.10857. Of the
// distances d = max(1-cos, 0) between the examples of a batch it is, for each example,
//
//	softplus(log sum exp(-Gamma*(m+d)*(m-d)) over its class + log sum exp(Gamma*max(1+m-d, 0)*(1-m-d)) over the others)
//
// with m = Margin. Predictions [n, size] have length 1, targets are class numbers (n) or (n,1). As in Keras, examples
// whose loss is 0 do not count in the mean; so do those without another one of their class.
type Circle struct {
	Gamma        float64 // 80 where zero
	Margin       float64 // 0.4 where zero
	KeepDiagonal bool    // an example is one of its own class: Keras's remove_diagonal=False
}

// Name implements [Loss].
func (Circle) Name() string { return "circle" }

// nothing stands for the logarithm of 0 in a sum of exponentials.
const nothing = -1e30

// PerSample implements [Loss].
func (l Circle) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	if yPred.Fact.Rank() != 2 {
		b.Fail(op.Shapef("predictions are %v: circle takes embeddings [n, size]", yPred.Fact))
		return yPred
	}
	gamma, m := orDefault(l.Gamma, 80), orDefault(l.Margin, .4)
	d := b.MatMul(yPred, b.Transpose(yPred, 1, 0))
	d = b.Op("Max", b.Sub(b.Scalar(d, 1), d), b.Scalar(d, 0))
	y := b.Cast(classNumbers(b, yTrue, yPred), int64Type)
	same := b.Op("Equal", y, b.Transpose(y, 1, 0))
	others := b.Op("Not", same)
	if !l.KeepDiagonal {
		same = b.Op("And", same, b.Op("Not", b.Cast(b.OpA("EyeLike", d), tensor.Bool)))
	}
	sum := func(over, of *Value) *Value {
		return b.Reduce("ReduceLogSumExp", b.Where(over, of, b.Scalar(of, nothing)), false, 1)
	}
	near := b.Scale(b.Mul(b.AddScalar(d, m), b.Sub(b.Scalar(d, m), d)), -gamma)
	far := b.Mul(b.Op("Max", b.Sub(b.Scalar(d, 1+m), d), b.Scalar(d, 0)), b.Scale(b.Sub(b.Scalar(d, 1-m), d), gamma))
	return b.Op("Softplus", b.Add(sum(same, near), sum(others, far)))
}

// Mask implements [Masked].
func (l Circle) Mask(b *Builder, yTrue, yPred *Value) *Value {
	per := l.PerSample(b, yTrue, yPred)
	return b.Op("Greater", per, b.Scalar(per, 0))
}
