package ops

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// scan8Formals is scanFormals for version 8, whose values have the batch as first axis and the slices as second.
func scan8Formals(n *op.Node) ([]op.Formal, error) {
	states := n.NumOwn() - 1 - n.Int("num_scan_inputs")
	if states < 0 || n.Int("num_scan_inputs") < 1 {
		return nil, op.Malformedf("num_scan_inputs is %d, of %d inputs", n.Int("num_scan_inputs"), n.NumOwn()-1)
	}
	var f []op.Formal
	for i := 1; i < n.NumOwn(); i++ {
		x, err := withoutAxis(n.In(i), 0)
		from := i - 1
		if i > states && err == nil {
			x, err = withoutAxis(x, 0)
			from = -1
		}
		if err != nil {
			return nil, err
		}
		f = append(f, op.Formal{Fact: x, From: from})
	}
	return f, nil
}

// expandScan8 scans over the samples of the batch with a body that scans over the slices of one sample.
// A sample that is shorter than the longest one has zeros at the end of its scan outputs.
func expandScan8(b *op.Builder, n *op.Node) []*ir.Value {
	ins, own := n.Int("num_scan_inputs"), n.Node.In[:n.NumOwn()]
	lens, xs, captured := own[0], own[1:], n.Node.In[n.NumOwn():]
	states := len(xs) - ins
	dirs := n.Ints("directions")
	if dirs == nil {
		dirs = make([]int, ins)
	}
	inner := b.G.Sub("sample")
	var args []*ir.Value
	for _, v := range xs {
		f, err := withoutAxis(v.Fact, 0)
		if err != nil {
			b.Fail(err)
			return n.Node.Out
		}
		args = append(args, inner.AddInput(v.Name, f))
	}
	var length *ir.Value
	outerIn := slices.Clone(xs)
	if lens != nil {
		f, _ := withoutAxis(lens.Fact, 0)
		length = inner.AddInput("length", f)
		outerIn = append(outerIn, lens)
	}
	for _, v := range captured {
		args = append(args, inner.AddInput(v.Name, v.Fact))
	}
	inner.Captured = len(captured)
	outs := n.NumOut()
	ib := &op.Builder{G: inner, Set: b.Set, Scope: b.Scope}
	inner.Outputs = scan8Sample(ib, n, args, length, states, ins, dirs)
	if ib.Err() != nil {
		b.Fail(ib.Err())
		return n.Node.Out
	}
	return b.Emit(outs, "Scan", append(outerIn, captured...),
		op.Attr("body", inner), op.Attr("num_scan_inputs", len(outerIn)))
}

// scan8Sample emits the scan of one sample.
func scan8Sample(b *op.Builder, n *op.Node, args []*ir.Value, length *ir.Value, states, ins int, dirs []int) []*ir.Value {
	full := make([]*ir.Value, ins)
	args = slices.Clone(args)
	for k := range ins {
		full[k] = args[states+k]
		if length != nil {
			args[states+k] = b.Op("Slice", full[k], b.Ints(0), b.ReshapeTo(length, 1), b.Ints(0))
		}
	}
	out := b.Emit(n.NumOut(), "Scan", args, op.Attr("body", b.G.Clone(n.Graph("body"))),
		op.Attr("num_scan_inputs", ins), op.Attr("scan_input_directions", dirs))
	if length == nil {
		return out
	}
	out = slices.Clone(out)
	for k := states; k < len(out); k++ {
		longest := b.Slice(b.Shape(full[0]), 0, 0, 1)
		after := b.Sub(longest, b.ReshapeTo(length, 1))
		pads := b.Concat(0, b.Ints(0), after)
		out[k] = b.Op("Pad", out[k], pads, nil, b.Ints(0))
	}
	return out
}
