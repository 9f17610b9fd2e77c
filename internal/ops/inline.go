package ops

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxTurns bounds the turns of a loop that are laid out one behind the other.
const maxTurns = 4096

// gradInlined differentiates a loop turn by turn, as it is laid out in the graph around it. Where the number
// of turns depends on data there is no gradient.
func gradInlined(g *op.Grad) {
	g.Through(func(b *op.Builder, n *op.Node) []*ir.Value {
		out, err := b.Inline(n, nil)
		if err != nil {
			b.Fail(err)
		}
		return out
	})
}

// unknownTurns says why a loop cannot be laid out.
func unknownTurns(format string, args ...any) error {
	return op.Unsupportedf("a gradient through a number of turns that is not known before the graph runs: "+format+
		"; give the model's inputs fixed sizes, or freeze the weights before and within it", args...)
}

func inlineLoop(b *op.Builder, n *op.Node, body *op.Body) ([]*ir.Value, error) {
	g, states := n.Graph("body"), loopStates(n)
	trips, bounded := -1, false
	if n.HasIn(0) {
		m, ok := n.ConstInts(0)
		if !ok || len(m) != 1 {
			return nil, unknownTurns("M is %v", n.Node.In[0])
		}
		trips, bounded = m[0], true
	}
	more := true
	if n.HasIn(1) {
		known := false
		if more, known = flag(n.In(1).Const); !known {
			return nil, unknownTurns("the condition is %v", n.Node.In[1])
		}
	}
	in := slices.Clone(n.Node.In)
	in = append(in, nil, nil)[:max(len(in), 2)] // M and cond may be left out
	in[1] = b.Const(unit(true, g.Inputs[1]))
	rows := make([][]*ir.Value, len(g.Outputs)-1-states)
	for i := 0; more && (!bounded || i < trips); i++ {
		if i >= maxTurns {
			return nil, op.Unsupportedf("a gradient through more than %d turns", maxTurns)
		}
		in[0] = b.Const(unit(int64(i), g.Inputs[0]))
		out := body.Run(g, in)
		if b.Err() != nil {
			return nil, b.Err()
		}
		for k := range rows {
			rows[k] = append(rows[k], out[1+states+k])
		}
		copy(in[2:], out[1:1+states])
		if bounded && i == trips-1 {
			break
		}
		known := false
		if more, known = flag(out[0].Fact.Const); !known {
			return nil, unknownTurns("the condition that the body gives in turn %d depends on data", i)
		}
	}
	out := slices.Clone(in[2 : 2+states])
	for k, row := range rows {
		if states+k >= n.NumOut() {
			break
		}
		out = append(out, stackRows(b, row, n.Out(states+k), 0))
	}
	return out, b.Err()
}

func inlineScan(b *op.Builder, n *op.Node, body *op.Body) ([]*ir.Value, error) {
	s, err := scanOf(n)
	if err != nil {
		return nil, err
	}
	length, err := scanLength(n, s)
	if err != nil {
		return nil, err
	}
	turns, ok := length.Int()
	if !ok {
		return nil, unknownTurns("%v has %v slices", n.Node.In[s.states], length)
	}
	if turns > maxTurns {
		return nil, op.Unsupportedf("a gradient through %d turns, more than %d", turns, maxTurns)
	}
	in := slices.Clone(n.Node.In)
	parts := make([][]*ir.Value, s.ins)
	for k := range parts {
		parts[k] = cut(b, in[s.states+k], s.inAxes[k], turns)
		if s.inReverse[k] {
			slices.Reverse(parts[k])
		}
	}
	rows := make([][]*ir.Value, s.outs)
	for i := range turns {
		for k := range parts {
			in[s.states+k] = parts[k][i]
		}
		out := body.Run(n.Graph("body"), in)
		if b.Err() != nil {
			return nil, b.Err()
		}
		copy(in, out[:s.states])
		for k := range rows {
			rows[k] = append(rows[k], out[s.states+k])
		}
	}
	out := slices.Clone(in[:s.states])
	for k, row := range rows {
		if s.states+k >= n.NumOut() {
			break
		}
		if s.outReverse[k] {
			slices.Reverse(row)
		}
		out = append(out, stackRows(b, row, n.Out(s.states+k), s.outAxes[k]))
	}
	return out, b.Err()
}

// cut returns the n slices of a value along an axis.
func cut(b *op.Builder, v *ir.Value, axis, n int) []*ir.Value {
	out := splitEven(b, v, axis, n, 1)
	for i := range out {
		out[i] = b.Squeeze(out[i], axis)
	}
	return out
}

// splitEven cuts a value into n pieces of a size.
func splitEven(b *op.Builder, v *ir.Value, axis, n, size int) []*ir.Value {
	switch n {
	case 0:
		return nil
	case 1:
		return []*ir.Value{v}
	}
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = size
	}
	return slices.Clone(b.Emit(n, "Split", []*ir.Value{v, b.Ints(sizes...)}, op.Attr("axis", axis)))
}

// stackRows joins the rows that the turns of a loop gave along a new axis; f is what is known of the result,
// which stands for it where there was no turn.
func stackRows(b *op.Builder, rows []*ir.Value, f ir.Fact, axis int) *ir.Value {
	if len(rows) > 0 {
		parts := make([]*ir.Value, len(rows))
		for i, v := range rows {
			parts[i] = b.Unsqueeze(v, axis)
		}
		return b.Concat(axis, parts...)
	}
	shape, ok := f.Static()
	if !ok {
		b.Fail(op.Unsupportedf("no turn of a loop whose rows are %v: their shape is not known", f))
		return b.Ints()
	}
	t, err := tensor.Alloc(f.DType, shape)
	if err != nil {
		b.Fail(err)
		return b.Ints()
	}
	return b.Const(t)
}
