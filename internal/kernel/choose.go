package kernel

import "sync"

// Where picks elements of two operands by a third, with broadcasting.
type Where[T any] struct {
	way    *Broadcast
	chunks int
	jobs   sync.Pool
}

// NewWhere returns the walk for the shapes of the condition and the two operands.
func NewWhere[T any](out, cond, x, y []int) *Where[T] {
	w := &Where[T]{way: NewBroadcast(out, cond, x, y)}
	w.chunks = Chunks(w.way.rows * w.way.row)
	w.jobs.New = func() any { return &whereJob[T]{w: w} }
	return w
}

// Run sets d to x where c holds, to y elsewhere. d may be an operand of its own shape.
func (w *Where[T]) Run(p *Pool, d []T, c []bool, x, y []T) {
	if len(d) == 0 {
		return
	}
	if w.chunks == 1 {
		j := whereJob[T]{w, d, x, y, c}
		j.Chunk(0)
		return
	}
	j := w.jobs.Get().(*whereJob[T])
	j.d, j.c, j.x, j.y = d, c, x, y
	p.Run(j, w.chunks)
	j.d, j.c, j.x, j.y = nil, nil, nil, nil
	w.jobs.Put(j)
}

type whereJob[T any] struct {
	w       *Where[T]
	d, x, y []T
	c       []bool
}

func (j *whereJob[T]) Chunk(i int) {
	way := j.w.way
	lo, hi := Part(way.rows*way.row, j.w.chunks, i)
	var step [3]int
	for k, s := range way.step {
		if s {
			step[k] = 1
		}
	}
	for lo < hi {
		r, col := lo/way.row, lo%way.row
		end := min(hi, (r+1)*way.row)
		at := way.offsets(r)
		for k := range at {
			at[k] += col * step[k]
		}
		j.row(j.d[lo:end], at, step)
		lo = end
	}
}

// row picks a run of elements, from where each operand begins, with 1 for those that advance.
func (j *whereJob[T]) row(d []T, at, step [3]int) {
	n := len(d)
	if step[0] == 0 {
		from, o := j.y, 2
		if j.c[at[0]] {
			from, o = j.x, 1
		}
		if step[o] == 0 {
			fill(d, from[at[o]])
			return
		}
		copy(d, from[at[o]:at[o]+n])
		return
	}
	c := j.c[at[0] : at[0]+n]
	switch {
	case step[1] == 0 && step[2] == 0:
		pickConsts(d, c, j.x[at[1]], j.y[at[2]])
	case step[1] == 0:
		pickX(d, c, j.x[at[1]], j.y[at[2]:at[2]+n])
	case step[2] == 0:
		pickY(d, c, j.x[at[1]:at[1]+n], j.y[at[2]])
	default:
		pick(d, c, j.x[at[1]:at[1]+n], j.y[at[2]:at[2]+n])
	}
}

// The loops below load both sides first, so that the choice is a move and not a branch: conditions
// are mostly unpredictable.

func pick[T any](d []T, c []bool, x, y []T) {
	c, x, y = c[:len(d)], x[:len(d)], y[:len(d)]
	for i := range d {
		v, w := x[i], y[i]
		if c[i] {
			w = v
		}
		d[i] = w
	}
}

func pickX[T any](d []T, c []bool, x T, y []T) {
	c, y = c[:len(d)], y[:len(d)]
	for i := range d {
		w := y[i]
		if c[i] {
			w = x
		}
		d[i] = w
	}
}

func pickY[T any](d []T, c []bool, x []T, y T) {
	c, x = c[:len(d)], x[:len(d)]
	for i := range d {
		w := x[i]
		if !c[i] {
			w = y
		}
		d[i] = w
	}
}

func pickConsts[T any](d []T, c []bool, x, y T) {
	c = c[:len(d)]
	for i := range d {
		w := y
		if c[i] {
			w = x
		}
		d[i] = w
	}
}
