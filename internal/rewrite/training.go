package rewrite

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Training is a graph in which nodes that act otherwise in training do.
type Training struct {
	Graph   *ir.Graph
	Values  map[*ir.Value]*ir.Value // from the graph that it was made of
	Updates map[*ir.Value]*ir.Value // by state: what replaces it after a step, such as running statistics

	named map[*ir.Value]bool // values that have the name of the one they were made of
}

// TrainingForm copies a graph with every node in its training form: Dropout drops, BatchNormalization
// uses the batch's statistics and keeps running ones, where these are states.
// What else acts otherwise in training is in forms.
func TrainingForm(g *ir.Graph, set *op.Set, forms Forms) (*Training, error) {
	if forms == nil {
		forms = Forms{}
	}
	return copyGraph(g, set, forms)
}

// Form emits what a node of one input and output is in training: of its input and further values of the
// graph.
type Form struct {
	Of   []*ir.Value
	Emit func(b *op.Builder, x *ir.Value, of ...*ir.Value) *ir.Value
}

// Forms are nodes that act otherwise in training.
type Forms map[*ir.Node]Form

// Copy copies a graph as it is.
func Copy(g *ir.Graph, set *op.Set) (*Training, error) { return copyGraph(g, set, nil) }

// copyGraph copies in training form unless forms is nil.
func copyGraph(g *ir.Graph, set *op.Set, forms Forms) (*Training, error) {
	t := &Training{Graph: ir.New(g.Name), Values: map[*ir.Value]*ir.Value{}, Updates: map[*ir.Value]*ir.Value{}, named: map[*ir.Value]bool{}}
	b := op.NewBuilder(t.Graph, set)
	for _, v := range g.Inputs {
		t.Values[v] = t.Graph.AddInput(v.Name, v.Fact)
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
		var out []*ir.Value
		switch form := forms[n]; {
		case form.Emit != nil:
			of := make([]*ir.Value, len(form.Of))
			for i, v := range form.Of {
				of[i] = t.value(v)
			}
			b.Do(n.Name, func() { out = []*ir.Value{form.Emit(b, in[0], of...)} })
		case forms != nil:
			out = t.emit(b, n, in)
		default:
			out = b.Copy(n, in)
		}
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
	var c *ir.Value
	if v.Kind == ir.State {
		c = t.Graph.AddState(v.Name, v.Data)
	} else {
		c = t.Graph.AddConst(v.Name, v.Data)
	}
	t.Values[v] = c
	return c
}

func (t *Training) emit(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	if n.Domain == "" {
		switch n.Op {
		case "Dropout":
			return dropout(b, n, in)
		case "BatchNormalization":
			if in[3].Kind == ir.State && in[4].Kind == ir.State {
				return t.batchNorm(b, n, in)
			}
		}
	}
	return b.Copy(n, in)
}

// dropout draws u uniform in [0,1) and keeps x/(1-ratio) where u >= ratio.
func dropout(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	ratio := .5
	if len(in) > 1 && in[1] != nil {
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
		u := b.OpA("RandomUniformLike", in[0])
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
	m.SetAttr("training_mode", int64(1))
	out := b.Emit(3, "BatchNormalization", in, m.Attrs...)
	t.Updates[in[3]], t.Updates[in[4]] = out[1], out[2]
	return out[:1]
}
