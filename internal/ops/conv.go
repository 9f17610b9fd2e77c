package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opConv is the convolution (cross-correlation) of X[N,C,...] with W[M,C/group,...] plus B[M]:
// Y[n,m,o] = B[m] + sum over c, t of W[m,c,t] * X[n,c,o*stride+t*dilation-pad].
// dX = ConvTranspose(dY, W), dW = the convolution of X with dY, samples and channels exchanged, and
// strides and dilations; dB = dY summed over all but the channels.
var opConv = &op.Def{
	Name: "Conv", Since: 22,
	Doc:   "Convolution over any number of spatial axes, in groups.",
	In:    convIn,
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: append(convAttrs[:len(convAttrs):len(convAttrs)], op.Int("group", 1)),
	Infer: inferConv,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindConv[float32], tensor.Float64: bindConv[float64],
	}),
	Grad: gradConv,
	Old:  []op.Version{{Since: 11, Types: op.Types{"T": op.FloatsIEEE}}, {Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

var (
	convIn = []op.Param{op.In("X", "T", op.Differentiable), op.In("W", "T", op.Differentiable), op.Opt("B", "T", op.Differentiable)}
	// convAttrs are the attributes of Conv and ConvTranspose about the window.
	convAttrs = []op.AttrDef{
		op.Str("auto_pad", "NOTSET"), op.May("dilations", op.IntsKind), op.May("kernel_shape", op.IntsKind),
		op.May("pads", op.IntsKind), op.May("strides", op.IntsKind),
	}
)

// checkConv holds the ranks of a convolution's inputs together; known is false where one is not known.
func checkConv(n *op.Node) (known bool, err error) {
	x, w := n.In(0), n.In(1)
	if g := n.Int("group"); g < 1 {
		return false, op.Shapef("group is %d", g)
	}
	for i, f := range []ir.Fact{x, w} {
		if f.Ranked && f.Rank() < 3 {
			return false, op.Shapef("input %d is %v, expected at least one spatial axis", i, f)
		}
	}
	if x.Ranked && w.Ranked && x.Rank() != w.Rank() {
		return false, op.Shapef("X is %v, W is %v: the ranks differ", x, w)
	}
	if b := n.In(2); n.HasIn(2) && b.Ranked && b.Rank() != 1 {
		return false, op.Shapef("B is %v, expected a vector", b)
	}
	return x.Ranked && w.Ranked, nil
}

// kernelSize returns the window's size from kernel_shape or from W; known is false where neither says.
func kernelSize(n *op.Node) (size []int, known bool, err error) {
	w := n.In(1)
	size = n.Ints("kernel_shape")
	s, ok := w.Shape[2:].Known()
	switch {
	case ok && size == nil:
		return s, true, nil
	case size == nil:
		return nil, false, nil
	case len(size) != len(w.Shape)-2:
		return nil, false, op.Shapef("kernel_shape is %v, W is %v", size, w)
	}
	for i, k := range size {
		if w.Shape[i+2].Differ(ir.Known(k)) {
			return nil, false, op.Shapef("kernel_shape is %v, W is %v", size, w)
		}
	}
	return size, true, nil
}

func inferConv(n *op.Node) error {
	if known, err := checkConv(n); err != nil || !known {
		return err
	}
	x, w, g := n.In(0), n.In(1), n.Int("group")
	if c := w.Shape[1].Mul(ir.Known(g)); x.Shape[1].Differ(c) {
		return op.Shapef("X is %v, W is %v with %d groups: %v channels, expected %v", x, w, g, x.Shape[1], c)
	}
	if m, ok := w.Shape[0].Int(); ok && m%g != 0 {
		return op.Shapef("%d output channels in %d groups", m, g)
	}
	if b := n.In(2); b.Ranked && b.Shape[0].Differ(w.Shape[0]) {
		return op.Shapef("B is %v for %v output channels", b, w.Shape[0])
	}
	y := ir.Shape{x.Shape[0], w.Shape[0]}
	size, known, err := kernelSize(n)
	if err != nil {
		return err
	}
	if !known {
		n.SetShape(0, append(y, unknownShape(x.Rank()-2)...))
		return nil
	}
	win, err := windowOf(n, size)
	if err != nil {
		return err
	}
	out, err := win.out(x.Shape[2:])
	if err != nil {
		return err
	}
	n.SetShape(0, append(y, out...))
	return nil
}

// convWindow returns the window of a node being bound, over spatial axes of the given sizes.
func convWindow(n *op.Node, in, out []int) (kernel.Window, error) {
	size, _, err := kernelSize(n)
	if err != nil {
		return kernel.Window{}, err
	}
	win, err := windowOf(n, size)
	if err != nil {
		return kernel.Window{}, err
	}
	k, _ := win.over(in, out)
	return k, nil
}

func bindConv[T tensor.Float](n *op.Node) (op.Kernel, error) {
	x, y := n.InShape(0), n.OutShape(0)
	win, err := convWindow(n, x[2:], y[2:])
	if err != nil {
		return nil, err
	}
	k := kernel.NewConv[T](win, x[0], x[1], y[1], n.Int("group"))
	return func(c *op.Call) error {
		k.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0), op.Arg[T](c, 1), op.Arg[T](c, 2))
		return nil
	}, nil
}

func gradConv(g *op.Grad) {
	x, w, dy := g.In(0), g.In(1), g.DOut(0)
	if g.Need(2) {
		g.Set(2, sumChannels(g.Builder, dy))
	}
	if !g.Need(0) && !g.Need(1) {
		return
	}
	win, ok := gradWindow(g, x, g.Out(0))
	if !ok {
		return
	}
	group := g.Node.Int("group")
	if g.Need(0) {
		g.Set(0, spread(g.Builder, dy, w, win, group))
	}
	if g.Need(1) {
		g.Set(1, convWeights(g.Builder, x, dy, win, group))
	}
}

// gradWindow returns the window of a node whose gradient is emitted, over the larger of its input
// and its output; fixed spatial sizes are needed.
func gradWindow(g *op.Grad, large, small *ir.Value) (kernel.Window, bool) {
	in, ok := staticSpatial(large.Fact)
	out, ok2 := staticSpatial(small.Fact)
	if !ok || !ok2 {
		g.Fail(op.Unsupportedf("the gradient of %s over spatial axes of unknown size: %v", g.Node.Op, large.Fact))
		return kernel.Window{}, false
	}
	win, err := convWindow(g.Node, in, out)
	if err != nil {
		g.Fail(err)
	}
	return win, err == nil
}

// windowAttrs are the attributes of a convolution or pooling with explicit padding.
func windowAttrs(k kernel.Window, end []int) []ir.Attr {
	pads := append(append([]int{}, k.Pad...), end...)
	return []ir.Attr{op.Attr("kernel_shape", k.Kernel), op.Attr("strides", k.Stride), op.Attr("dilations", k.Dilation), op.Attr("pads", pads)}
}

// sumChannels sums x[N,C,...] over all axes but the channels.
func sumChannels(b *op.Builder, x *ir.Value) *ir.Value {
	axes := []int{0}
	for i := 2; i < x.Fact.Rank(); i++ {
		axes = append(axes, i)
	}
	return b.Sum(x, false, axes...)
}

// spread is the transposed convolution of y with w that gives exactly the window's input.
func spread(b *op.Builder, y, w *ir.Value, k kernel.Window, group int) *ir.Value {
	end, more := make([]int, len(k.In)), make([]int, len(k.In))
	for i := range k.In {
		over := k.Stride[i]*(k.Out[i]-1) + (k.Kernel[i]-1)*k.Dilation[i] + 1 - k.Pad[i] - k.In[i]
		end[i], more[i] = max(0, over), max(0, -over)
	}
	attrs := append(windowAttrs(k, end), op.Attr("group", group), op.Attr("output_padding", more))
	return b.Emit(1, "ConvTranspose", []*ir.Value{y, w}, attrs...)[0]
}

// convWeights is the gradient of a convolution of x that gave y by its weights, from dy: the
// convolution of x with dy where samples are the channels.
func convWeights(b *op.Builder, x, dy *ir.Value, k kernel.Window, group int) *ir.Value {
	rank := x.Fact.Rank()
	swap := make([]int, rank)
	for i := range swap {
		swap[i] = i
	}
	swap[0], swap[1] = 1, 0
	xs := b.Transpose(x, swap...)
	if group > 1 {
		xs = groupSamples(b, x, group)
	}
	kw := kernel.Window{In: k.In, Kernel: k.Out, Stride: k.Dilation, Dilation: k.Stride, Pad: k.Pad}
	end := make([]int, len(k.In))
	for i := range end { // what makes the positions as many as the window has taps
		end[i] = (k.Kernel[i]-1)*k.Dilation[i] + (k.Out[i]-1)*k.Stride[i] + 1 - k.Pad[i] - k.In[i]
		if end[i] < 0 { // elements that no position reaches
			xs = b.Slice(xs, i+2, 0, max(0, k.In[i]+end[i]))
			end[i] = 0
		}
	}
	d := b.Emit(1, "Conv", []*ir.Value{xs, b.Transpose(dy, swap...)}, append(windowAttrs(kw, end), op.Attr("group", group))...)[0]
	return b.Transpose(d, swap...)
}

// groupSamples turns x[N,G*C,...] into [C,G*N,...], the samples of each group side by side.
func groupSamples(b *op.Builder, x *ir.Value, group int) *ir.Value {
	s := x.Fact.Shape
	c, ok := s[1].Int()
	sizes, ok2 := staticSpatial(x.Fact)
	if !ok || !ok2 {
		b.Fail(op.Unsupportedf("the gradient of a convolution in groups of %v", x.Fact))
		return x
	}
	x = b.ReshapeTo(x, append([]int{0, group, c / group}, sizes...)...)
	perm := []int{2, 1, 0}
	for i := range sizes {
		perm = append(perm, i+3)
	}
	return b.ReshapeTo(b.Transpose(x, perm...), append([]int{c / group, -1}, sizes...)...)
}
