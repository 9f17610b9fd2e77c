package kernel

// ConvTranspose computes a transposed convolution: the gradient of a convolution by its input, whose
// window slides over y and has its positions in x.
//
//	y[n,m,o*stride+t*dilation-pad] += x[n,c,o] * w[c,m,t]
//
// It multiplies into columns for a few samples at a time and sums those up, in a fixed order. Where a
// group has one input channel, that is added to the output as it is multiplied.
type ConvTranspose[T Float] struct {
	win        Window
	n, cout    int
	groups     int
	block      int      // samples at a time
	gemm, rest *Gemm[T] // of a block, of the last block where that is smaller
	sum        *Rows[transposeOperands[T]]
	direct     *Rows[convOperands[T]]
	cin        int
}

type transposeOperands[T Float] struct{ y, cols, b []T }

// transposeBlock is about how many elements the columns of a block have.
const transposeBlock = 1 << 19

// NewConvTranspose returns the transposed convolution of n samples with cin input and cout output
// channels in all.
func NewConvTranspose[T Float](win Window, n, cin, cout, groups int) *ConvTranspose[T] {
	c := &ConvTranspose[T]{win: win, n: n, cin: cin, cout: cout, groups: groups}
	rows, p := cout/groups*win.Taps(), win.OutSize()
	if cin == groups {
		c.direct = NewRows(p*win.Taps(), c.single)
		return c
	}
	c.block = max(1, min(n, transposeBlock/max(1, rows*groups*p)))
	product := func(samples int) *Gemm[T] {
		g := Product{M: rows, N: p, K: cin / groups, A: Strides{1, rows}, B: Strides{p, 1}, C: p}
		g.Batch = NewBatch([]int{samples, groups}, []int{1, groups}, []int{samples, groups}, cin/groups*rows, cin/groups*p, rows*p)
		return NewGemm[T](g)
	}
	c.gemm = product(c.block)
	if r := n % c.block; r > 0 {
		c.rest = product(r)
	}
	c.sum = NewRows(p*win.Taps(), c.channel)
	return c
}

// Scratch returns how many elements Run needs beside the operands.
func (c *ConvTranspose[T]) Scratch() int {
	if c.direct != nil {
		return 0
	}
	return c.block * c.cout * c.win.Taps() * c.win.OutSize()
}

// Run computes y. b is nil where no bias is added.
func (c *ConvTranspose[T]) Run(p *Pool, y, x, w, b, cols []T) {
	if len(y) == 0 {
		return
	}
	if c.direct != nil {
		c.direct.Run(p, convOperands[T]{y, x, w, b}, c.n*c.cout)
		return
	}
	in, out := c.cin*c.win.OutSize(), c.cout*c.win.InSize()
	for i := 0; i < c.n; i += c.block {
		g, samples := c.gemm, min(c.block, c.n-i)
		if samples < c.block {
			g = c.rest
		}
		g.Run(p, Operands[T]{C: cols, A: w, B: x[i*in:], Alpha: 1})
		c.sum.Run(p, transposeOperands[T]{y[i*out:], cols, b}, samples*c.cout)
	}
}

// channel sums up one output channel of one sample.
func (c *ConvTranspose[T]) channel(o transposeOperands[T], row int) {
	y := c.start(o.y, o.b, row)
	taps, p := c.win.Taps(), c.win.OutSize()
	for t := range taps {
		c.tap(y, o.cols[(row*taps+t)*p:][:p], 1, t)
	}
}

// single computes one output channel of one sample from its only input channel.
func (c *ConvTranspose[T]) single(o convOperands[T], row int) {
	y := c.start(o.y, o.b, row)
	n, m := row/c.cout, row%c.cout
	taps, p := c.win.Taps(), c.win.OutSize()
	x := o.x[(n*c.groups+m*c.groups/c.cout)*p:][:p]
	for t, v := range o.w[m*taps : (m+1)*taps] {
		c.tap(y, x, v, t)
	}
}

// start returns an output channel of a sample with its bias in it.
func (c *ConvTranspose[T]) start(y, b []T, row int) []T {
	y = y[row*c.win.InSize():][:c.win.InSize()]
	var bias T
	if b != nil {
		bias = b[row%c.cout]
	}
	fill(y, bias)
	return y
}

// tap adds the columns times v to the elements that a tap lies on.
func (c *ConvTranspose[T]) tap(y, cols []T, v T, t int) {
	w := &c.win
	last := len(w.In) - 1
	lo, hi, off := w.Reach(last, t%w.Kernel[last])
	if lo >= hi {
		return
	}
	step, length := w.Stride[last], w.Out[last]
	for r := 0; r < len(cols); r += length {
		base, on := w.outerBase(r/length, t/w.Kernel[last])
		if !on {
			continue
		}
		src := cols[r+lo : r+hi]
		dst := y[base*w.In[last]+lo*step+off:]
		if step == 1 {
			dst = dst[:len(src)]
			for i, e := range src {
				dst[i] += v * e
			}
			continue
		}
		for i, e := range src {
			dst[i*step] += v * e
		}
	}
}

// outerBase returns the row of elements, counted over all axes but the last, on which a tap lies at a
// position, both without their last axis.
func (w *Window) outerBase(position, tap int) (base int, on bool) {
	stride := 1
	for a := len(w.In) - 2; a >= 0; a-- {
		p := position%w.Out[a]*w.Stride[a] + tap%w.Kernel[a]*w.Dilation[a] - w.Pad[a]
		if p < 0 || p >= w.In[a] {
			return 0, false
		}
		position /= w.Out[a]
		tap /= w.Kernel[a]
		base += p * stride
		stride *= w.In[a]
	}
	return base, true
}
