package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opConvTranspose is the transposed convolution of X[N,C,...] with W[C,M/group,...] plus B[M]:
// Y[n,m,o*stride+t*dilation-pad] sums X[n,c,o] * W[c,m,t]. The output has
// stride*(in-1) + output_padding + (kernel-1)*dilation + 1 - padding elements along an axis, or what
// output_shape says, from which the padding then follows.
// dX = Conv(dY, W), dW = the convolution of dY with X, dB = dY summed over all but the channels.
var opConvTranspose = &op.Def{
	Name: "ConvTranspose", Since: 22,
	Doc: "Transposed convolution over any number of spatial axes, in groups.",
	In:  convIn,
	Out: []op.Param{op.Out("Y", "T")},
	Attrs: append(convAttrs[:len(convAttrs):len(convAttrs)], op.Int("group", 1),
		op.May("output_padding", op.IntsKind), op.May("output_shape", op.IntsKind)),
	Infer: inferConvTranspose,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindConvTranspose[float32], tensor.Float64: bindConvTranspose[float64],
	}),
	Grad: gradConvTranspose,
	Old:  []op.Version{{Since: 11, Types: op.Types{"T": op.FloatsIEEE}}, {Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

func inferConvTranspose(n *op.Node) error {
	if known, err := checkConv(n); err != nil || !known {
		return err
	}
	x, w, g := n.In(0), n.In(1), n.Int("group")
	if x.Shape[1].Differ(w.Shape[0]) {
		return op.Shapef("X is %v, W is %v: %v channels, expected %v", x, w, x.Shape[1], w.Shape[0])
	}
	if c, ok := w.Shape[0].Int(); ok && c%g != 0 {
		return op.Shapef("%d input channels in %d groups", c, g)
	}
	m := w.Shape[1].Mul(ir.Known(g))
	if b := n.In(2); b.Ranked && b.Shape[0].Differ(m) {
		return op.Shapef("B is %v for %v output channels", b, m)
	}
	y := append(ir.Shape{x.Shape[0], m}, unknownShape(x.Rank()-2)...)
	size, known, err := kernelSize(n)
	if err != nil {
		return err
	}
	if known {
		t, err := transposedOf(n, size)
		if err != nil {
			return err
		}
		for i, d := range x.Shape[2:] {
			if k, ok := d.Int(); ok {
				out, _, err := t.size(i, k)
				if err != nil {
					return err
				}
				y[i+2] = ir.Known(out)
			} else {
				y[i+2] = t.symbolic(i, d)
			}
		}
	}
	n.SetShape(0, y)
	return nil
}

// transposed is a window with the attributes that only ConvTranspose has.
type transposed struct {
	window
	more  []int // output_padding
	shape []int // output_shape, nil where absent
}

func transposedOf(n *op.Node, size []int) (t transposed, err error) {
	if t.window, err = windowOf(n, size); err != nil {
		return t, err
	}
	if t.more, err = perAxis(n, "output_padding", len(size), 0, 0); err != nil {
		return t, err
	}
	if s := n.Ints("output_shape"); len(s) > 0 {
		if len(s) == len(size)+2 { // as some exporters write it: with samples and channels
			s = s[2:]
		}
		if len(s) != len(size) {
			return t, op.Shapef("output_shape is %v, expected %d entries", s, len(size))
		}
		for _, k := range s {
			if k < 0 || k > sizeLimit {
				return t, op.Shapef("output_shape is %v", s)
			}
		}
		t.shape = s
	}
	return t, nil
}

// size returns the output's size along spatial axis i, and the padding before it.
func (t transposed) size(i, in int) (out, begin int, err error) {
	full := t.strides[i]*(in-1) + t.more[i] + t.extent(i)
	switch {
	case t.shape != nil:
		out = t.shape[i]
	case t.autoPad == "SAME_UPPER" || t.autoPad == "SAME_LOWER":
		out = in * t.strides[i]
	case t.autoPad == "VALID":
		out = full
	default:
		if out = full - t.begin[i] - t.end[i]; out < 0 {
			err = op.Shapef("padding %d and %d leaves nothing of axis %d, which has %d elements without", t.begin[i], t.end[i], i+2, full)
		}
		return out, t.begin[i], err
	}
	total := max(0, full-out)
	begin = total - total/2
	if t.autoPad == "SAME_UPPER" {
		begin = total / 2
	}
	return out, begin, nil
}

func (t transposed) symbolic(i int, in ir.Dim) ir.Dim {
	scaled := in.Mul(ir.Known(t.strides[i]))
	rest := t.more[i] + t.extent(i) - t.strides[i]
	switch {
	case t.shape != nil:
		return ir.Known(t.shape[i])
	case t.autoPad == "SAME_UPPER" || t.autoPad == "SAME_LOWER":
		return scaled
	case t.autoPad == "VALID":
		return scaled.Add(ir.Known(rest))
	}
	return scaled.Add(ir.Known(rest - t.begin[i] - t.end[i]))
}

// transposedWindow returns the window over the output of a node whose spatial sizes are known.
func transposedWindow(n *op.Node, in, out []int) (kernel.Window, error) {
	size, _, err := kernelSize(n)
	if err != nil {
		return kernel.Window{}, err
	}
	t, err := transposedOf(n, size)
	if err != nil {
		return kernel.Window{}, err
	}
	k := kernel.Window{In: out, Out: in, Kernel: size, Stride: t.strides, Dilation: t.dilations, Pad: make([]int, len(in))}
	for i := range in {
		if _, k.Pad[i], err = t.size(i, in[i]); err != nil {
			return k, err
		}
	}
	return k, nil
}

func bindConvTranspose[T tensor.Float](n *op.Node) (op.Kernel, error) {
	x, y := n.InShape(0), n.OutShape(0)
	win, err := transposedWindow(n, x[2:], y[2:])
	if err != nil {
		return nil, err
	}
	k := kernel.NewConvTranspose[T](win, x[0], x[1], y[1], n.Int("group"))
	n.Scratch(k.Scratch() * tensor.TypeOf[T]().Size())
	return func(c *op.Call) error {
		k.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0), op.Arg[T](c, 1), op.Arg[T](c, 2), op.Scratch[T](c, k.Scratch()))
		return nil
	}, nil
}

func gradConvTranspose(g *op.Grad) {
	x, w, dy := g.In(0), g.In(1), g.DOut(0)
	if g.Need(2) {
		g.Set(2, sumChannels(g.Builder, dy))
	}
	if !g.Need(0) && !g.Need(1) {
		return
	}
	in, ok := staticSpatial(x.Fact)
	out, ok2 := staticSpatial(g.Out(0).Fact)
	if !ok || !ok2 {
		g.Fail(op.Unsupportedf("the gradient of ConvTranspose over spatial axes of unknown size: %v", x.Fact))
		return
	}
	win, err := transposedWindow(g.Node, in, out)
	if err != nil {
		g.Fail(err)
		return
	}
	group := g.Node.Int("group")
	if g.Need(1) {
		g.Set(1, convWeights(g.Builder, dy, x, win, group))
	}
	if !g.Need(0) {
		return
	}
	end := make([]int, len(in))
	for i := range end { // what makes the positions exactly those of x
		end[i] = win.Stride[i]*(in[i]-1) + (win.Kernel[i]-1)*win.Dilation[i] + 1 - win.Pad[i] - out[i]
		if end[i] < 0 {
			dy = g.Slice(dy, i+2, 0, max(0, out[i]+end[i]))
			end[i] = 0
		}
	}
	g.Set(0, g.Emit(1, "Conv", []*ir.Value{dy, w}, append(windowAttrs(win, end), op.Attr("group", group))...)[0])
}
