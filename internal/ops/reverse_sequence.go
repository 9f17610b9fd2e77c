package ops

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opReverseSequence turns the first sequence_lens[b] slices along the time axis of batch element b
// around and leaves the others. So it does with the gradient.
var opReverseSequence = &op.Def{
	Name: "ReverseSequence", Since: 28,
	Doc:     "The beginning of each sequence turned around.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.In("sequence_lens", "int64", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T")},
	Attrs:   []op.AttrDef{op.Int("batch_axis", 1), op.Int("time_axis", 0)},
	Infer:   inferReverseSequence,
	Kernels: movedBytes(types13, bindReverseSequence[uint8], bindReverseSequence[string]),
	Grad: func(g *op.Grad) {
		attrs := []ir.Attr{op.Attr("batch_axis", g.Node.Int("batch_axis")), op.Attr("time_axis", g.Node.Int("time_axis"))}
		g.Set(0, g.Emit(1, "ReverseSequence", []*ir.Value{g.DOut(0), g.In(1)}, attrs...)[0])
	},
	Old: []op.Version{{Since: 10, Types: op.Types{"T": op.AllClassic}}},
}

func inferReverseSequence(n *op.Node) error {
	x, lens := n.In(0), n.In(1)
	batch, time := n.Int("batch_axis"), n.Int("time_axis")
	if batch != 1-time || time != 0 && time != 1 {
		return op.Malformedf("batch_axis is %d, time_axis %d; expected 0 and 1 or 1 and 0", batch, time)
	}
	if x.Ranked {
		if len(x.Shape) < 2 {
			return op.Shapef("the input is %v, expected two axes or more", x)
		}
		if lens.Ranked && (len(lens.Shape) != 1 || lens.Shape[0].Differ(x.Shape[batch])) {
			return op.Shapef("sequence_lens is %v for %v", lens, x)
		}
	}
	return op.InferSame(n)
}

func bindReverseSequence[T any](n *op.Node) (op.Kernel, error) {
	s, time := n.InShape(0), n.Int("time_axis")
	steps, seqs := s[time], s[1-time]
	inner := s[2:].Len() * elemBytes(n.In(0).DType)
	needInts(n, steps*seqs)
	k := kernel.NewGather[T](1, steps*seqs, inner, steps*seqs)
	at := func(t, b int) int {
		if time == 0 {
			return t*seqs + b
		}
		return b*steps + t
	}
	return func(c *op.Call) error {
		index := scratchInts(c, steps*seqs)
		for b, v := range op.Arg[int64](c, 1) {
			if v < 0 || v > int64(steps) {
				return fmt.Errorf("sequence_lens[%d] is %d, the time axis has size %d", b, v, steps)
			}
			for t := range steps {
				from := t
				if t < int(v) {
					from = int(v) - 1 - t
				}
				index[at(t, b)] = at(from, b)
			}
		}
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), index)
		return nil
	}, nil
}
