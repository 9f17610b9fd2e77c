package plan

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// RunEach executes the plan once and shows every node's inputs before it runs, which it may overwrite, and its
// outputs after. They are nil where the node has none, and valid during the call. States are replaced as in
// Run.
func (f *Frame) RunEach(rand op.Rand, before, after func(n *ir.Node, t []tensor.Any)) error {
	for i := range f.p.steps {
		n := f.p.steps[i].node
		before(n, f.calls[i].In)
		if err := f.step(i, rand); err != nil {
			return f.wrap(i, err)
		}
		after(n, f.calls[i].Out)
	}
	return f.copyOut()
}
