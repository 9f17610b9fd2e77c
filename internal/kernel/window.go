package kernel

// MaxSpatial is the most spatial axes that a Window may have.
const MaxSpatial = 8

// Window is a window that slides over the spatial axes of a tensor: by axis, the sizes of what it
// slides over and of its positions, its own size, the steps between positions and between its taps,
// and how far the first position lies before the first element.
type Window struct {
	In, Out, Kernel, Stride, Dilation, Pad []int
}

// Taps returns the number of elements under the window.
func (w *Window) Taps() int { return size(w.Kernel) }

// InSize returns the number of elements that the window slides over.
func (w *Window) InSize() int { return size(w.In) }

// OutSize returns the number of positions.
func (w *Window) OutSize() int { return size(w.Out) }

// Reach returns the positions lo to hi (exclusive) along an axis at which tap k lies on an element, and
// where it lies at position 0.
func (w *Window) Reach(axis, k int) (lo, hi, off int) {
	off = k*w.Dilation[axis] - w.Pad[axis]
	s := w.Stride[axis]
	if off < 0 {
		lo = ceilDiv(-off, s)
	}
	if last := w.In[axis] - 1 - off; last >= 0 {
		hi = min(w.Out[axis], last/s+1)
	}
	return min(lo, hi), hi, off
}

// taps lists the taps of a window, the last axis fastest.
type taps struct {
	axes   int
	pos    []int // by tap and axis: the offset from the window's corner
	offset []int // by tap: the same in elements
}

func (w *Window) taps() taps {
	t := taps{axes: len(w.In), pos: make([]int, w.Taps()*len(w.In)), offset: make([]int, w.Taps())}
	for i := range t.offset {
		k, stride := i, 1
		for a := len(w.In) - 1; a >= 0; a-- {
			p := k % w.Kernel[a] * w.Dilation[a]
			k /= w.Kernel[a]
			t.pos[i*t.axes+a] = p
			t.offset[i] += p * stride
			stride *= w.In[a]
		}
	}
	return t
}

// corner finds where the window begins at a position; base is the same in elements. inside says
// whether all taps lie on elements.
func (w *Window) corner(position int, at *[MaxSpatial]int) (base int, inside bool) {
	inside = true
	stride := 1
	for a := len(w.In) - 1; a >= 0; a-- {
		p := position%w.Out[a]*w.Stride[a] - w.Pad[a]
		position /= w.Out[a]
		at[a] = p
		base += p * stride
		stride *= w.In[a]
		inside = inside && p >= 0 && p+(w.Kernel[a]-1)*w.Dilation[a] < w.In[a]
	}
	return base, inside
}
