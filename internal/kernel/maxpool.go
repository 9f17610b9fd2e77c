package kernel

// MaxPool finds the greatest element under a sliding window and where it lies.
type MaxPool[T Number] struct {
	*Pooling[T]
	find     *Rows[poolOperands[T]]
	colMajor bool
}

// NewMaxPool returns the pooling of planes under a window. With colMajor, positions in a plane are
// counted with the first axis fastest.
func NewMaxPool[T Number](win Window, colMajor bool) *MaxPool[T] {
	m := &MaxPool[T]{Pooling: NewPooling(win, PoolMax[T]()), colMajor: colMajor}
	m.find = NewRows(win.OutSize()*win.Taps(), m.findPlane)
	return m
}

// RunFind computes y from x, and pos, the positions of y's elements in all of x.
func (m *MaxPool[T]) RunFind(pool *Pool, y, x []T, pos []int64) {
	if len(y) > 0 {
		m.find.Run(pool, poolOperands[T]{y, x, pos}, len(y)/m.win.OutSize())
	}
}

func (m *MaxPool[T]) findPlane(o poolOperands[T], i int) {
	w := &m.win
	first := i * w.InSize()
	x := o.x[first:][:w.InSize()]
	y, pos := o.y[i*w.OutSize():][:w.OutSize()], o.pos[i*w.OutSize():][:w.OutSize()]
	last := len(w.Out) - 1
	length := w.Out[last]
	var at [MaxSpatial]int
	for r := 0; r < len(y); r += length {
		base, _ := w.corner(r, &at)
		best, where := y[r:r+length], pos[r:r+length]
		fill(best, m.fold.Init)
		fill(where, -1)
		for t, off := range m.taps.offset {
			lo, hi, _ := w.Reach(last, t%w.Kernel[last])
			if lo < hi && m.taps.outerOn(w, t, &at) {
				step := w.Stride[last]
				better(best[lo:hi], where[lo:hi], x, base+off+lo*step, step)
			}
		}
		for k, p := range where {
			if m.colMajor {
				p = w.colMajor(p)
			}
			where[k] = p + int64(first)
		}
	}
}

// better takes the elements of x from at on that are greater than the best so far. The first NaN stays.
func better[T Number](best []T, where []int64, x []T, at, step int) {
	for i, m := range best {
		if v := x[at]; where[i] < 0 || v > m || v != v && m == m {
			best[i], where[i] = v, int64(at)
		}
		at += step
	}
}

// colMajor turns a position counted with the last axis fastest into one with the first axis fastest.
func (w *Window) colMajor(p int64) int64 {
	var out int64
	stride := int64(w.InSize())
	for a := len(w.In) - 1; a >= 0; a-- {
		n := int64(w.In[a])
		stride /= n
		out += p % n * stride
		p /= n
	}
	return out
}
