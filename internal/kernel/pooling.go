package kernel

import "math"

// Pooling folds the elements under a sliding window, plane by plane. Elements outside are left out.
type Pooling[T Number] struct {
	win  Window
	taps taps
	fold PoolFold[T]
	rows *Rows[poolOperands[T]]
}

// PoolFold says how the elements under a window become one.
type PoolFold[T Number] struct {
	Init T
	// Add brings a tap's elements, which are step apart, into the positions that they lie under.
	Add func(acc, x []T, step int)
	// End turns the accumulators of a row of positions, the first of which is at, into results; nil
	// where they are them.
	End func(acc []T, at int)
}

type poolOperands[T Number] struct {
	y, x []T
	pos  []int64 // of the greatest elements; nil where they are not wanted
}

// NewPooling returns the pooling of planes under a window.
func NewPooling[T Number](win Window, f PoolFold[T]) *Pooling[T] {
	p := &Pooling[T]{win: win, taps: win.taps(), fold: f}
	p.rows = NewRows(win.OutSize()*win.Taps(), p.plane)
	return p
}

// Run computes y from x.
func (p *Pooling[T]) Run(pool *Pool, y, x []T) {
	if len(y) > 0 {
		p.rows.Run(pool, poolOperands[T]{y: y, x: x}, len(y)/p.win.OutSize())
	}
}

func (p *Pooling[T]) plane(o poolOperands[T], i int) {
	w := &p.win
	x := o.x[i*w.InSize():][:w.InSize()]
	y := o.y[i*w.OutSize():][:w.OutSize()]
	last := len(w.Out) - 1
	length := w.Out[last]
	var at [MaxSpatial]int
	for r := 0; r < len(y); r += length {
		base, _ := w.corner(r, &at)
		acc := y[r : r+length]
		fill(acc, p.fold.Init)
		for t, off := range p.taps.offset {
			lo, hi, _ := w.Reach(last, t%w.Kernel[last])
			if lo < hi && p.taps.outerOn(w, t, &at) {
				p.fold.Add(acc[lo:hi], x[base+off+lo*w.Stride[last]:], w.Stride[last])
			}
		}
		if p.fold.End != nil {
			p.fold.End(acc, r)
		}
	}
}

// outerOn reports whether a tap lies on elements along all axes but the last.
func (t *taps) outerOn(w *Window, tap int, at *[MaxSpatial]int) bool {
	for a, p := range t.pos[tap*t.axes : (tap+1)*t.axes-1] {
		if q := at[a] + p; q < 0 || q >= w.In[a] {
			return false
		}
	}
	return true
}

// PoolMax folds to the greatest element, NaN where one is.
func PoolMax[T Number]() PoolFold[T] {
	lo, _ := limits[T]()
	return PoolFold[T]{Init: lo, Add: func(acc, x []T, step int) {
		for i, m := range acc {
			acc[i] = maxNaN(m, x[i*step])
		}
	}}
}

// PoolMean folds to the sum over counts, which are listed by position.
func PoolMean[T Float](counts []int) PoolFold[T] {
	return PoolFold[T]{
		Add: func(acc, x []T, step int) {
			for i := range acc {
				acc[i] += x[i*step]
			}
		},
		End: func(acc []T, at int) {
			for i, n := range counts[at : at+len(acc)] {
				acc[i] /= T(n)
			}
		},
	}
}

// PoolNorm folds to the p-th root of the sum of the p-th powers of absolute values.
func PoolNorm[T Float](p int) PoolFold[T] {
	f := PoolFold[T]{
		Add: func(acc, x []T, step int) {
			for i := range acc {
				acc[i] += T(math.Pow(math.Abs(float64(x[i*step])), float64(p)))
			}
		},
		End: func(acc []T, _ int) {
			for i, v := range acc {
				acc[i] = T(math.Pow(float64(v), 1/float64(p)))
			}
		},
	}
	switch p {
	case 1:
		f.End = nil
		f.Add = func(acc, x []T, step int) {
			for i := range acc {
				acc[i] += magnitude(x[i*step])
			}
		}
	case 2:
		f.Add = func(acc, x []T, step int) {
			for i := range acc {
				acc[i] += x[i*step] * x[i*step]
			}
		}
		f.End = func(acc []T, _ int) {
			for i, v := range acc {
				acc[i] = T(math.Sqrt(float64(v)))
			}
		}
	}
	return f
}

// Counts returns for each position how many taps lie on elements or, where end is given, on elements
// and padding, which then is end elements long after the last.
func (w *Window) Counts(end []int) []int {
	counts := []int{1}
	for a := range w.In {
		var next []int
		for _, c := range counts {
			for o := range w.Out[a] {
				size := w.In[a]
				first := w.Pad[a] - o*w.Stride[a] // from the window's corner to the first element
				if end != nil {
					first, size = -o*w.Stride[a], w.Pad[a]+size+end[a]
				}
				lo, hi := max(0, first+w.Dilation[a]-1)/w.Dilation[a], 0
				if last := first + size - 1; last >= 0 {
					hi = min(w.Kernel[a], last/w.Dilation[a]+1)
				}
				n := max(0, hi-lo)
				next = append(next, c*n)
			}
		}
		counts = next
	}
	return counts
}

// Covers reports whether at every position at least one tap lies on an element.
func (w *Window) Covers() bool {
	for a := range w.In {
		one := Window{In: w.In[a : a+1], Out: w.Out[a : a+1], Kernel: w.Kernel[a : a+1], Stride: w.Stride[a : a+1], Dilation: w.Dilation[a : a+1], Pad: w.Pad[a : a+1]}
		for _, n := range one.Counts(nil) {
			if n == 0 {
				return false
			}
		}
	}
	return true
}
