package kernel

import "sync"

// Conv computes a convolution of batches of channels, in groups.
//
//	y[n,m,o] = b[m] + sum over c, t of w[m,c,t] * x[n,c,o*stride+t*dilation-pad]
//
// The channels c are those of m's group; elements outside x are zero.
type Conv[T Float] struct {
	win    Window
	groups int
	taps   taps
	direct *Rows[convOperands[T]] // each output channel by itself, where a group has few
	rows   int
	gemm   *Gemm[T]
	plain  bool // x itself is the matrix: one tap, one step, no padding
	cols   sync.Pool
	cin    int // input channels of a group
	cout   int // output channels of a group
}

type convOperands[T Float] struct{ y, x, w, b []T }

// NewConv returns the convolution of n samples with cin input and cout output channels.
func NewConv[T Float](win Window, n, cin, cout, groups int) *Conv[T] {
	c := &Conv[T]{win: win, groups: groups, cin: cin / groups, cout: cout / groups, rows: n * cout}
	c.taps = win.taps()
	k, p := c.cin*win.Taps(), win.OutSize()
	if c.cout == 1 || c.cin == 1 && c.cout <= 4 {
		c.direct = NewRows(p*k, c.channel)
		return c
	}
	c.plain = win.isPlain()
	g := Product{M: c.cout, N: p, K: k, A: Strides{k, 1}, B: Strides{p, 1}, C: p, D: Strides{1, 0}, DStep: c.cout, DEvery: groups, Panel: !c.plain}
	// Weights differ by group alone, the matrix of elements and the output by sample and group.
	g.Batch = NewBatch([]int{n, groups}, []int{1, groups}, []int{n, groups}, c.cout*k, c.cin*win.InSize(), c.cout*p)
	c.gemm = NewGemm[T](g)
	c.cols.New = func() any {
		return &im2col[T]{Window: &c.win, taps: c.taps, plane: win.InSize(), batch: c.cin * win.InSize()}
	}
	return c
}

// isPlain reports whether positions and elements are the same.
func (w *Window) isPlain() bool {
	for a := range w.In {
		if w.Kernel[a] != 1 || w.Stride[a] != 1 || w.Pad[a] != 0 || w.In[a] != w.Out[a] {
			return false
		}
	}
	return true
}

// Run computes y. b is nil where no bias is added.
func (c *Conv[T]) Run(p *Pool, y, x, w, b []T) {
	if len(y) == 0 {
		return
	}
	if c.direct != nil {
		c.direct.Run(p, convOperands[T]{y, x, w, b}, c.rows)
		return
	}
	o := Operands[T]{C: y, A: w, B: x, D: b, Alpha: 1, Beta: 1}
	if c.plain {
		c.gemm.Run(p, o)
		return
	}
	m := c.cols.Get().(*im2col[T])
	m.x = x
	o.Panel = m
	c.gemm.Run(p, o)
	m.x = nil
	c.cols.Put(m)
}

// channel computes one output channel of one sample, row by row.
func (c *Conv[T]) channel(o convOperands[T], row int) {
	w := &c.win
	cout := c.groups * c.cout
	n, m := row/cout, row%cout
	k := c.cin * len(c.taps.offset)
	weights := o.w[m*k : (m+1)*k]
	plane := w.InSize()
	x := o.x[(n*c.groups+m/c.cout)*c.cin*plane:]
	y := o.y[row*w.OutSize():][:w.OutSize()]
	var bias T
	if o.b != nil {
		bias = o.b[m]
	}
	last := len(w.Out) - 1
	length := w.Out[last]
	var at [MaxSpatial]int
	for r := 0; r < len(y); r += length {
		base, _ := w.corner(r, &at)
		d := y[r : r+length]
		fill(d, bias)
		c.row(d, x, weights, base, &at)
	}
}

// row adds what lies under the window at one row of positions; base is where the window begins.
func (c *Conv[T]) row(d, x, weights []T, base int, at *[MaxSpatial]int) {
	w, n := &c.win, len(c.taps.offset)
	last := len(w.Out) - 1
	step, plane := w.Stride[last], w.InSize()
	for t, off := range c.taps.offset {
		lo, hi, _ := w.Reach(last, t%w.Kernel[last])
		if lo >= hi || !c.taps.outerOn(w, t, at) {
			continue
		}
		first := base + off + lo*step
		for i := range c.cin {
			axpy(d[lo:hi], x[first+i*plane:], weights[i*n+t], step)
		}
	}
}

// axpy computes d += v*x with the elements of x step apart.
func axpy[T Number](d, x []T, v T, step int) {
	if step == 1 {
		x = x[:len(d)]
		for i, e := range x {
			d[i] += v * e
		}
		return
	}
	for i := range d {
		d[i] += v * x[i*step]
	}
}
