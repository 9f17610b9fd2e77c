package kernel

import (
	"math/bits"
	"sync"
)

// Fold says how elements are reduced to one: Init, then every element by Run or Cols, partial results
// by Join, the result by End.
type Fold[T any] struct {
	Init T
	// Run reduces a short run of elements to one.
	Run func(x []T) T
	// Cols brings a row of elements into one accumulator each.
	Cols func(acc, x []T)
	// Join brings two partial results together.
	Join func(a, b T) T
	// End turns accumulators of n elements each into results; nil where they are them.
	End func(acc []T, n int)
}

// leaf is the longest run that is folded one element after the other, and stripe the columns that are
// folded side by side.
const (
	leaf   = 128
	stripe = 256
)

// Reduce folds a tensor along some of its axes. The elements are folded as a balanced tree whose form
// depends on the shape alone: rounding errors grow with the logarithm of the number of elements, and
// the result does not depend on the number of threads.
type Reduce[T any] struct {
	fold  Fold[T]
	runs  bool // the innermost axis is reduced
	inner int  // its length
	outer int  // results, or rows of results where the innermost axis is kept
	red   int  // combinations of the other reduced axes
	count int  // elements of one result
	kept  walk // from a result or a row of results to where its elements begin
	over  walk // from a combination of the reduced axes to the offset of a run or row
	// work is cut into chunks of results, or of stripes of rows of results.
	stripes, chunks int
	jobs            sync.Pool
	partial         sync.Pool // of *[]T: a stripe of accumulators for each level of the tree
}

// walk finds offsets from a position counted over some axes, outermost first.
type walk struct{ dims, strides []int }

func (w walk) at(i int) int {
	off := 0
	for k := len(w.dims) - 1; k > 0; k-- {
		off += i % w.dims[k] * w.strides[k]
		i /= w.dims[k]
	}
	if len(w.dims) > 0 {
		off += i * w.strides[0]
	}
	return off
}

func (w *walk) unshift(n, stride int) {
	w.dims, w.strides = append([]int{n}, w.dims...), append([]int{stride}, w.strides...)
}

// NewReduce returns the folding of a tensor of the given shape along the marked axes.
func NewReduce[T any](shape []int, reduced []bool, f Fold[T]) *Reduce[T] {
	r := &Reduce[T]{fold: f, inner: 1, outer: 1, red: 1, count: 1, runs: true}
	var dims []int
	var marks []bool
	for i, n := range shape {
		if reduced[i] {
			r.count *= n
		}
		switch l := len(dims) - 1; {
		case n == 1:
		case l >= 0 && marks[l] == reduced[i]:
			dims[l] *= n
		default:
			dims, marks = append(dims, n), append(marks, reduced[i])
		}
	}
	stride := 1
	for i := len(dims) - 1; i >= 0; i-- {
		n := dims[i]
		switch {
		case i == len(dims)-1:
			r.inner, r.runs = n, marks[i]
		case marks[i]:
			r.red *= n
			r.over.unshift(n, stride)
		default:
			r.outer *= n
			r.kept.unshift(n, stride)
		}
		stride *= n
	}
	r.stripes = 1
	if !r.runs {
		r.stripes = ceilDiv(r.inner, stripe)
	}
	r.chunks = min(max(1, r.outer*r.stripes), Chunks(stride))
	r.jobs.New = func() any { return &reduceJob[T]{r: r} }
	r.partial.New = func() any {
		s := make([]T, min(r.inner, stripe)*bits.Len(uint(r.red)))
		return &s
	}
	return r
}

// Run reduces x to d.
func (r *Reduce[T]) Run(p *Pool, d, x []T) {
	if len(d) == 0 {
		return
	}
	if len(x) == 0 {
		fill(d, r.fold.Init)
		if r.fold.End != nil {
			r.fold.End(d, 0)
		}
		return
	}
	j := r.jobs.Get().(*reduceJob[T])
	j.d, j.x = d, x
	p.Run(j, r.chunks)
	j.d, j.x = nil, nil
	r.jobs.Put(j)
}

type reduceJob[T any] struct {
	r    *Reduce[T]
	d, x []T
}

func (j *reduceJob[T]) Chunk(i int) {
	r := j.r
	lo, hi := Part(r.outer*r.stripes, r.chunks, i)
	for ; lo < hi; lo++ {
		row, s := lo/r.stripes, lo%r.stripes
		x := j.x[r.kept.at(row):]
		var d []T
		if r.runs {
			d = j.d[row : row+1]
			d[0] = r.foldRuns(x, 0, r.red)
		} else {
			a, b := s*stripe, min((s+1)*stripe, r.inner)
			d = j.d[row*r.inner+a : row*r.inner+b]
			tmp := r.partial.Get().(*[]T)
			r.foldRows(d, x[a:], *tmp, 0, r.red)
			r.partial.Put(tmp)
		}
		if r.fold.End != nil {
			r.fold.End(d, r.count)
		}
	}
}

// foldRuns folds runs lo to hi.
func (r *Reduce[T]) foldRuns(x []T, lo, hi int) T {
	if hi-lo == 1 {
		at := r.over.at(lo)
		return r.foldRun(x[at : at+r.inner])
	}
	mid := lo + (hi-lo+1)/2
	return r.fold.Join(r.foldRuns(x, lo, mid), r.foldRuns(x, mid, hi))
}

// foldRun folds adjacent elements.
func (r *Reduce[T]) foldRun(x []T) T {
	if len(x) <= leaf {
		return r.fold.Run(x)
	}
	mid := (len(x)/leaf + 1) / 2 * leaf
	return r.fold.Join(r.foldRun(x[:mid]), r.foldRun(x[mid:]))
}

// foldRows folds rows lo to hi into acc, column by column. tmp has room for the levels below.
func (r *Reduce[T]) foldRows(acc, x, tmp []T, lo, hi int) {
	if hi-lo <= leaf/4 {
		fill(acc, r.fold.Init)
		for ; lo < hi; lo++ {
			at := r.over.at(lo)
			r.fold.Cols(acc, x[at:at+len(acc)])
		}
		return
	}
	mid := lo + (hi-lo+1)/2
	half := tmp[:len(acc)]
	r.foldRows(acc, x, tmp[len(acc):], lo, mid)
	r.foldRows(half, x, tmp[len(acc):], mid, hi)
	for i, v := range half {
		acc[i] = r.fold.Join(acc[i], v)
	}
}
