package rewrite

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Training is a graph in which nodes that act otherwise in training do.
type Training struct {
	Graph   *ir.Graph
	Values  map[*ir.Value]*ir.Value // from the graph that it was made of
	Updates map[*ir.Value]*ir.Value // by state: what replaces it after a step, such as running statistics

	options
	named   map[*ir.Value]bool // values that have the name of the one they were made of
	learned map[*ir.Value]bool // values that depend on a state
	within  map[*ir.Value]bool // inputs of branches that stand for states
	inside  []*conditional     // that what is copied is within
}

// TrainingForm copies a graph with every node in its training form: Dropout drops, BatchNormalization
// uses the batch's statistics and keeps running ones, where these are states.
// A Dropout whose training_mode is the constant false does not act in training either. It does the same in loops and
// branches.
func TrainingForm(g *ir.Graph, set *op.Set, o TrainingOptions) (*Training, error) {
	return copyGraph(g, set, options{TrainingOptions: o, training: true})
}

// TrainingOptions say what else acts otherwise in training.
type TrainingOptions struct {
	Forms Forms
	// Inputs are what is known of the graph's inputs, where that is more than the graph says.
	Inputs []ir.Fact
	// UnbiasedVariance makes running variances those of a sample, n/(n-1) times the population's.
	UnbiasedVariance bool
}

// options say how a graph is copied.
type options struct {
	TrainingOptions
	training bool
	wide     bool // float32 in the place of 16 bits
}

// Form emits what a node is in training.
type Form struct {
	// Emit is for a node of one input and output: of its input and further values of the graph.
	Of   []*ir.Value
	Emit func(b *op.Builder, x *ir.Value, of ...*ir.Value) *ir.Value
	// Whole, where not nil, emits all outputs of the node, of all inputs.
	Whole func(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value
	// Steps, where greater than 1, is how many steps of a series lie beside one another along the batch of a
	// BatchNormalization: each is normalised by itself, and moves the running statistics in its turn.
	Steps int
}

// Forms are nodes that act otherwise in training.
type Forms map[*ir.Node]Form

// Copy copies a graph as it is.
func Copy(g *ir.Graph, set *op.Set) (*Training, error) { return copyGraph(g, set, options{}) }

func copyGraph(g *ir.Graph, set *op.Set, o options) (*Training, error) {
	t := &Training{
		Graph: ir.New(g.Name), Values: map[*ir.Value]*ir.Value{}, Updates: map[*ir.Value]*ir.Value{},
		named: map[*ir.Value]bool{}, learned: map[*ir.Value]bool{}, within: map[*ir.Value]bool{}, options: o,
	}
	b := op.NewBuilder(t.Graph, set)
	for i, v := range g.Inputs {
		fact := v.Fact
		if o.Inputs != nil {
			fact = o.Inputs[i]
		}
		if t.wide {
			fact = widenFact(fact)
		}
		t.Values[v] = t.Graph.AddInput(v.Name, fact)
	}
	for _, n := range g.Nodes {
		for _, v := range n.Out {
			if v != nil {
				t.Graph.Reserve(v.Name)
			}
		}
	}
	for _, n := range g.Nodes {
		in := make([]*ir.Value, len(n.In))
		for i, v := range n.In {
			in[i] = t.value(v)
		}
		out := t.emit(b, n, in)
		if b.Err() != nil {
			return nil, b.Err()
		}
		for i, v := range n.Out {
			if v == nil {
				continue
			}
			t.Values[v] = out[i]
			if out[i].Kind == ir.Computed && !t.named[out[i]] {
				t.named[out[i]] = true
				t.Graph.Rename(out[i], v.Name)
			}
		}
	}
	for _, v := range g.Outputs {
		t.Graph.Outputs = append(t.Graph.Outputs, t.value(v))
	}
	return t, nil
}

// value returns the copy of a value; constants and states are copied when they are met.
func (t *Training) value(v *ir.Value) *ir.Value {
	if v == nil {
		return nil
	}
	if c := t.Values[v]; c != nil {
		return c
	}
	data := v.Data
	if t.wide {
		data = widened(data)
	}
	var c *ir.Value
	if v.Kind == ir.State {
		c = t.Graph.AddState(v.Name, data)
	} else {
		c = t.Graph.AddConst(v.Name, data)
	}
	t.Values[v] = c
	return c
}

// emit appends what stands for a node.
func (t *Training) emit(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	switch {
	case t.wide:
		m := *n
		m.Attrs = b.G.CloneAttrs(widenAttrs(n.Attrs))
		for _, s := range m.Subgraphs() {
			s.Discard() // the copy of it takes its names
			widenSub(s)
		}
		return b.Copy(&m, in)
	case !t.training:
		return b.Copy(n, in)
	}
	out := t.form(b, n, in)
	if slices.ContainsFunc(in, t.isLearned) {
		for _, v := range out {
			if v != nil {
				t.learned[v] = true
			}
		}
	}
	return out
}

// form appends the training form of a node.
func (t *Training) form(b *op.Builder, n *ir.Node, in []*ir.Value) (out []*ir.Value) {
	form := t.Forms[n]
	if form.Whole != nil {
		b.Do(n.Name, func() { out = form.Whole(b, n, in) })
		return out
	}
	if form.Emit != nil {
		of := make([]*ir.Value, len(form.Of))
		for i, v := range form.Of {
			of[i] = t.value(v)
		}
		b.Do(n.Name, func() { out = []*ir.Value{form.Emit(b, in[0], of...)} })
		return out
	}
	switch {
	case len(n.Subgraphs()) > 0:
		return t.control(b, n, in)
	case n.Domain != "":
	case n.Op == "Dropout":
		return t.dropout(b, n, in)
	case n.Op == "BatchNormalization" && t.isState(in[3]) && t.isState(in[4]):
		return t.batchNorm(b, n, in)
	}
	return b.Copy(n, in)
}

// off reports whether a Dropout's training_mode is the constant false.
func off(in []*ir.Value) bool {
	if len(in) < 3 || in[2] == nil {
		return false
	}
	on, ok := in[2].Fact.Const.(*tensor.Tensor[bool])
	return ok && on.Len() == 1 && !on.Data()[0]
}

// dropout draws u uniform in [0,1) and keeps x/(1-ratio) where u >= ratio. Where it does not act it is x.
func (t *Training) dropout(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	ratio := .5
	if off(in) {
		ratio = 0
	} else if len(in) > 1 && in[1] != nil {
		r, ok := scalar(in[1])
		if !ok {
			b.Fail(op.Wrap("train", n, op.Facts(in), op.Unsupportedf("Dropout whose ratio is not a constant")))
			return n.Out
		}
		ratio = r
	}
	if ratio == 0 {
		out := []*ir.Value{in[0]}
		if len(n.Out) > 1 {
			yes := b.Op("Equal", in[0], in[0])
			out = append(out, yes)
		}
		return out
	}
	var y, keep *ir.Value
	b.Do(n.Name, func() {
		u := t.draw(b, n, in[0])
		keep = b.Op("GreaterOrEqual", u, b.Scalar(u, ratio))
		y = b.Where(keep, b.Scale(in[0], 1/(1-ratio)), b.Scalar(in[0], 0))
	})
	return []*ir.Value{y, keep}
}

func scalar(v *ir.Value) (float64, bool) {
	return op.NumberOf(v.Fact.Const)
}

// batchNorm normalises by the batch's statistics and moves the running ones towards them.
func (t *Training) batchNorm(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	attrs := append([]ir.Attr{}, n.Attrs...)
	m := &ir.Node{Attrs: attrs}
	momentum, ok := m.Attr("momentum").(float32)
	if !ok {
		momentum = .9
	}
	m.SetAttr("training_mode", int64(1))
	mean, variance := in[3], in[4]
	parts := []*ir.Value{in[0]}
	steps := t.Forms[n].Steps
	if steps > 1 {
		parts = stepsApart(b, in[0], steps)
	}
	for i, x := range parts {
		of := append([]*ir.Value{x}, in[1:]...)
		for i := 3; i < 5; i++ { // where the node was met before, it goes on from there
			if next := t.Updates[in[i]]; next != nil {
				of[i] = next
			}
		}
		out := b.Emit(3, "BatchNormalization", of, m.Attrs...)
		parts[i], t.Updates[mean], t.Updates[variance] = out[0], out[1], out[2]
		if t.UnbiasedVariance {
			t.Updates[variance] = unbiased(b, of, out[2], float64(momentum))
		}
	}
	if steps > 1 {
		parts[0] = stepsBeside(b, parts, in[0])
	}
	return []*ir.Value{parts[0], t.Updates[mean], t.Updates[variance]}[:len(n.Out)]
}

// stepsApart returns the n steps of x, which lie beside one another along the batch: [batch*n, ...] is n times
// [batch, ...].
func stepsApart(b *op.Builder, x *ir.Value, n int) []*ir.Value {
	series := b.Reshape(x, b.Concat(0, b.Ints(-1, n), b.Slice(b.Shape(x), 0, 1, x.Fact.Rank())))
	out := make([]*ir.Value, n)
	for i, v := range b.Emit(n, "Split", []*ir.Value{series}, op.Attr("axis", 1), op.Attr("num_outputs", n)) {
		out[i] = b.Squeeze(v, 1)
	}
	return out
}

// stepsBeside undoes stepsApart.
func stepsBeside(b *op.Builder, steps []*ir.Value, x *ir.Value) *ir.Value {
	series := make([]*ir.Value, len(steps))
	for i, v := range steps {
		series[i] = b.Unsqueeze(v, 1)
	}
	return b.Reshape(b.Concat(1, series...), b.Shape(x))
}

// unbiased returns the running variance that the variance of a sample leads to: next is m*r + (1-m)*v, and the
// part that is new is multiplied by n/(n-1), where n is the number of values of a channel, at least 2.
func unbiased(b *op.Builder, in []*ir.Value, next *ir.Value, momentum float64) *ir.Value {
	count := b.Div(b.Cast(b.Op("Size", in[0]), next.Fact.DType), b.Cast(b.Op("Size", in[4]), next.Fact.DType))
	less := b.Op("Max", b.AddScalar(count, -1), b.Scalar(count, 1))
	old := b.Scale(in[4], momentum)
	return b.Add(old, b.Mul(b.Sub(next, old), b.Div(count, less)))
}
