package loss

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// BinaryFocalCrossentropy is the mean over the last axis of (1-q)^Gamma * bce, where q is p for the
// target 1 and 1-p for the target 0, and bce as in [BinaryCrossentropy]; Lin et al., arXiv 1708.02002.
type BinaryFocalCrossentropy struct {
	ApplyClassBalancing bool    // weighs targets 1 by Alpha and targets 0 by 1-Alpha
	Alpha               float64 // 0.25 where zero
	Gamma               float64 // 2 where zero; to have none take BinaryCrossentropy
	FromLogits          bool
	LabelSmoothing      float64 // moves y towards 1/2: y*(1-s) + s/2
}

// Name implements [Loss].
func (BinaryFocalCrossentropy) Name() string { return "binary_focal_crossentropy" }

// PerSample implements [Loss].
func (l BinaryFocalCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y, p := smoothBinary(b, aligned(b, yTrue, yPred), l.LabelSmoothing), yPred
	if l.FromLogits {
		p = b.Op("Sigmoid", p)
	}
	one := b.Scalar(p, 1)
	pick := func(x *Value) *Value { // x where y is 1, 1-x where it is 0
		return b.Add(b.Mul(y, x), b.Mul(b.Sub(one, y), b.Sub(one, x)))
	}
	bce := binaryCrossentropy(b, y, p)
	out := b.Mul(power(b, b.Sub(one, pick(p)), orDefault(l.Gamma, 2)), bce)
	if l.ApplyClassBalancing {
		out = b.Mul(out, pick(b.Scalar(p, orDefault(l.Alpha, .25))))
	}
	return meanLast(b, out)
}

// CategoricalFocalCrossentropy is -sum(Alpha*(1-p)^Gamma*y*log(p)) over the last axis, for one-hot
// targets, p as in [CategoricalCrossentropy].
type CategoricalFocalCrossentropy struct {
	Alpha          float64 // 0.25 where zero
	Gamma          float64 // 2 where zero
	FromLogits     bool
	LabelSmoothing float64   // moves y towards 1/n: y*(1-s) + s/n for n classes
	ClassAlpha     []float64 // where not nil, each class's in the place of Alpha
}

// Name implements [Loss].
func (CategoricalFocalCrossentropy) Name() string { return "categorical_focal_crossentropy" }

// PerSample implements [Loss].
func (l CategoricalFocalCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := smoothClasses(b, aligned(b, yTrue, yPred), yPred, l.LabelSmoothing)
	p := yPred
	if l.FromLogits {
		p = softmax(b, p)
	}
	p = probabilities(b, p)
	factor := power(b, b.Sub(b.Scalar(p, 1), p), orDefault(l.Gamma, 2))
	if l.ClassAlpha == nil {
		factor = b.Scale(factor, orDefault(l.Alpha, .25))
	} else {
		alpha := make([]float32, len(l.ClassAlpha))
		for i, a := range l.ClassAlpha {
			alpha[i] = float32(a)
		}
		factor = b.Mul(factor, b.Cast(b.Const(tensor.Vector(alpha...)), p.Fact.DType))
	}
	return b.Neg(b.Sum(b.Mul(factor, b.Mul(y, b.Op("Log", p))), false, -1))
}

// power returns x^k.
func power(b *Builder, x *Value, k float64) *Value {
	switch k {
	case 1:
		return x
	case 2:
		return b.Mul(x, x)
	}
	return b.Op("Pow", x, b.Scalar(x, k))
}

func orDefault(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
