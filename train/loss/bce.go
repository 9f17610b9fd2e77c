package loss

// BinaryCrossentropy is -mean(y*log(p) + (1-y)*log(1-p)) over the last axis.
//
// p is limited to [1e-7, 1-1e-7], as in Keras. With FromLogits the predictions are logits x, and the
// loss is max(x,0) - x*y + log(1+exp(-|x|)).
type BinaryCrossentropy struct {
	FromLogits     bool
	LabelSmoothing float64 // moves y towards 1/2: y*(1-s) + s/2
}

// Name implements [Loss].
func (BinaryCrossentropy) Name() string { return "binary_crossentropy" }

// PerSample implements [Loss].
func (l BinaryCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := smoothBinary(b, aligned(b, yTrue, yPred), l.LabelSmoothing)
	if l.FromLogits {
		x := yPred
		soft := b.Op("Softplus", b.Neg(b.Op("Abs", x)))
		return meanLast(b, b.Add(b.Sub(b.Op("Relu", x), b.Mul(x, y)), soft))
	}
	return meanLast(b, binaryCrossentropy(b, y, yPred))
}

// SummedBinaryCrossentropy is -sum(y*log(p) + (1-y)*log(1-p)) over all axes but the batch's: minus the logarithm
// of the likelihood, in nats, of what is drawn with the probabilities p independently, such as the pixels of an
// image. It is the first term of a variational autoencoder's loss.
type SummedBinaryCrossentropy struct{}

// Name implements [Loss].
func (SummedBinaryCrossentropy) Name() string { return "summed_binary_crossentropy" }

// PerSample implements [Loss]; there is one number for each sample, whatever the rank.
func (SummedBinaryCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	each := binaryCrossentropy(b, aligned(b, yTrue, yPred), yPred)
	axes := make([]int, 0, yPred.Fact.Rank())
	for i := 1; i < yPred.Fact.Rank(); i++ {
		axes = append(axes, i)
	}
	if len(axes) == 0 {
		return each
	}
	return b.Sum(each, false, axes...)
}

// binaryCrossentropy is the cross-entropy of each element, for probabilities.
func binaryCrossentropy(b *Builder, y, p *Value) *Value {
	p = clip(b, p, epsilon, 1-epsilon)
	one := b.Scalar(p, 1)
	pos := b.Mul(y, b.Op("Log", p))
	neg := b.Mul(b.Sub(one, y), b.Op("Log", b.Sub(one, p)))
	return b.Neg(b.Add(pos, neg))
}

// smoothBinary moves targets towards 1/2.
func smoothBinary(b *Builder, y *Value, s float64) *Value {
	if s == 0 {
		return y
	}
	return b.AddScalar(b.Scale(y, 1-s), s/2)
}
