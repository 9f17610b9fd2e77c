package ops

import (
	"fmt"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// checkInPlace runs the kernel with its output in the memory of each input that it may take over.
func (r row) checkInPlace(t *testing.T) {
	d := Set().Lookup(r.domain, r.op)
	if r.opset != 0 || len(r.want) == 0 || r.want[0] == nil {
		return
	}
	for _, i := range d.InPlace {
		if i >= len(r.in) || r.in[i] == nil || r.in[i].DType() != r.want[0].DType() || !r.in[i].Shape().Equal(r.want[0].Shape()) {
			continue
		}
		in := slices.Clone(r.in)
		in[i] = tensor.CloneAny(in[i])
		n := &ir.Node{Name: "n", Domain: r.domain, Op: r.op, Attrs: r.attrs, In: make([]*ir.Value, len(in)), Out: make([]*ir.Value, max(1, r.nout))}
		facts := make([]ir.Fact, len(in))
		for k, x := range in {
			if x != nil {
				n.In[k], facts[k] = &ir.Value{}, ir.ConstFact(x)
			}
		}
		for k := range n.Out {
			n.Out[k] = &ir.Value{}
		}
		b, err := Set().Resolve(n, facts)
		if err != nil || b.Widened() || d.Eval != nil {
			return
		}
		k, err := b.Bind()
		if err != nil {
			t.Errorf("in place: %v", err)
			return
		}
		c := &op.Call{In: in, Out: []tensor.Any{in[i]}, Scratch: make([]byte, b.ScratchSize())}
		for o := 1; o < len(n.Out); o++ {
			s, _ := b.Out(o).Static()
			x, err := tensor.Alloc(b.Out(o).DType, s)
			if err != nil {
				t.Fatal(err)
			}
			c.Out = append(c.Out, x)
		}
		if err := k(c); err != nil {
			t.Errorf("in place: %v", err)
			return
		}
		sameTensor(t, fmt.Sprintf("output in input %d's place", i), c.Out[0], r.want[0], r.tol)
	}
}
