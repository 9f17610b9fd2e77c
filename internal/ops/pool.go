package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The attributes that all poolings under a window have, without and with what later versions brought.
var (
	poolAttrs = []op.AttrDef{
		op.Str("auto_pad", "NOTSET"), op.Need("kernel_shape", op.IntsKind), op.May("pads", op.IntsKind), op.May("strides", op.IntsKind),
	}
	poolCeil     = []op.AttrDef{op.Int("ceil_mode", 0)}
	poolDilation = []op.AttrDef{op.May("dilations", op.IntsKind)}
)

// attrList joins lists of attributes.
func attrList(lists ...[]op.AttrDef) []op.AttrDef {
	var out []op.AttrDef
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// inferPool gives every output the shape of the window's positions.
func inferPool(n *op.Node) error {
	x := n.In(0)
	w, err := windowOf(n, n.Ints("kernel_shape"))
	if err != nil || !x.Ranked {
		return err
	}
	if x.Rank() != len(w.kernel)+2 {
		return op.Shapef("%v under a window of %v: expected rank %d", x, w.kernel, len(w.kernel)+2)
	}
	out, err := w.out(x.Shape[2:])
	if err != nil {
		return err
	}
	for i := range n.NumOut() {
		n.SetShape(i, append(ir.Shape{x.Shape[0], x.Shape[1]}, out...))
	}
	return nil
}

// poolWindow returns the window of a node whose spatial sizes are known, and the padding at the end.
func poolWindow(n *op.Node, in, out []int) (kernel.Window, []int, error) {
	w, err := windowOf(n, n.Ints("kernel_shape"))
	if err != nil {
		return kernel.Window{}, nil, err
	}
	k, end := w.over(in, out)
	if !k.Covers() {
		return k, nil, op.Unsupportedf("a window of %v over %v with padding %v and %v that lies on no element", w.kernel, in, k.Pad, end)
	}
	return k, end, nil
}

// bindPool binds a folding of the elements under the window.
func bindPool[T tensor.Number](fold func(n *op.Node, w *kernel.Window, end []int) kernel.PoolFold[T]) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		w, end, err := poolWindow(n, n.InShape(0)[2:], n.OutShape(0)[2:])
		if err != nil {
			return nil, err
		}
		k := kernel.NewPooling(w, fold(n, &w, end))
		return func(c *op.Call) error {
			k.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0))
			return nil
		}, nil
	}
}

// gradPoolWindow returns the window of a pooling whose gradient is emitted, which needs spatial sizes
// that are known.
func gradPoolWindow(g *op.Grad) (w kernel.Window, end []int, ok bool) {
	in, ok := staticSpatial(g.In(0).Fact)
	out, ok2 := staticSpatial(g.Out(0).Fact)
	if !ok || !ok2 {
		g.Fail(op.Unsupportedf("the gradient of %s over spatial axes of unknown size: %v", g.Node.Op, g.In(0).Fact))
		return w, nil, false
	}
	w, end, err := poolWindow(g.Node, in, out)
	if err != nil {
		g.Fail(err)
	}
	return w, end, err == nil
}

// spreadPool adds each position's element of d to all elements of x under the window there.
func spreadPool(g *op.Grad, d *ir.Value, w kernel.Window) *ir.Value {
	x := g.In(0)
	d = g.ReshapeTo(d, append([]int{-1, 1}, w.Out...)...)
	ones := g.Expand(g.Scalar(x, 1), g.Ints(append([]int{1, 1}, w.Kernel...)...))
	return g.Reshape(spread(g.Builder, d, ones, w, 1), g.Shape(x))
}

// spatialAxes lists the axes after the first two of a global pooling's input.
func spatialAxes(b *op.Builder, n *op.Node) []int {
	x := n.In(0)
	if x.Rank() < 3 {
		b.Fail(op.Unsupportedf("%s of %v: at least one spatial axis expected", n.Op, x))
		return nil
	}
	var axes []int
	for i := 2; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	return axes
}
