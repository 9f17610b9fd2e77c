package nn

// Penalty is a number that is added to the loss, computed from values of the network.
type Penalty struct {
	Of   []*Value
	Emit func(b *Builder, of ...*Value) *Value // returns a scalar
	// WarmUp is the number of training steps over which the penalty's weight rises in equal parts from 0
	// to 1: in step s, counted from 0, it is min(1, s/WarmUp). 0 is none. Evaluation takes the full weight.
	WarmUp int
}

// AddLoss adds what emit returns to the loss: the divergence term of a variational autoencoder, the
// penalty of an activity. It is a part of the training alone: the exported network does not have it.
func (b *Builder) AddLoss(emit func(b *Builder, of ...*Value) *Value, of ...*Value) {
	b.AddPenalty(Penalty{Of: of, Emit: emit})
}

// AddPenalty is [Builder.AddLoss] for a penalty whose weight warms up.
func (b *Builder) AddPenalty(p Penalty) { b.penalties = append(b.penalties, p) }

// activity adds the penalty of a layer's output, divided by the size of the batch as in Keras.
func (b *Builder) activity(r Regularizer, y *Value) *Value {
	if r != nil {
		b.AddLoss(func(b *Builder, of ...*Value) *Value {
			y := of[0]
			n := b.Cast(b.Squeeze(b.Slice(b.Shape(y), 0, 0, 1), 0), y.Fact.DType)
			return b.Div(r.Penalty(b, y), n)
		}, y)
	}
	return y
}

// ActivityRegularization adds the penalty L1*sum|x| + L2*sum(x^2) of its input, divided by the size of the
// batch, to the loss, and gives the input as it is.
type ActivityRegularization struct {
	Name   string
	L1, L2 float64
}

// LayerName implements [Named].
func (l *ActivityRegularization) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ActivityRegularization) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.activity(L1L2{l.L1, l.L2}, in[0])}
}
