package kernel

import "sync"

// Broadcast is the way through up to three operands that are broadcast to one shape: rows along the
// innermost axis, on which every operand either advances or stands still.
type Broadcast struct {
	row     int      // length of a row
	rows    int      // number of rows
	dims    []int    // sizes of the outer axes
	strides [][3]int // by outer axis, elements to advance in each operand
	step    [3]bool  // whether the operand advances along a row
}

// NewBroadcast returns the way to walk operands of the given shapes (at most three) together. out is
// the shape they broadcast to; shapes are aligned at their last axis, as NumPy does.
func NewBroadcast(out []int, shapes ...[]int) *Broadcast {
	b := &Broadcast{row: 1, rows: 1}
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == 1 {
			continue
		}
		var st [3]int
		for k, s := range shapes {
			if j := i - (len(out) - len(s)); j >= 0 && s[j] != 1 {
				st[k] = size(s[j+1:])
			}
		}
		b.push(out[i], st)
	}
	if len(b.dims) > 0 {
		b.row = b.dims[0]
		for k, s := range b.strides[0] {
			b.step[k] = s != 0
		}
		b.dims, b.strides = b.dims[1:], b.strides[1:]
	}
	for _, d := range b.dims {
		b.rows *= d
	}
	return b
}

// push adds the next outer axis, joined with the one inside it where all operands allow.
func (b *Broadcast) push(n int, st [3]int) {
	if l := len(b.dims) - 1; l >= 0 {
		join := true
		for k := range st {
			join = join && st[k] == b.strides[l][k]*b.dims[l]
		}
		if join {
			b.dims[l] *= n
			return
		}
	}
	b.dims = append(b.dims, n)
	b.strides = append(b.strides, st)
}

func size(s []int) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// offsets returns where row r begins in each operand.
func (b *Broadcast) offsets(r int) (at [3]int) {
	for i, d := range b.dims {
		k := r % d
		r /= d
		for o := range at {
			at[o] += k * b.strides[i][o]
		}
	}
	return at
}

// block is how many elements a row function gets at a time where an operand stands still, and
// grain the elements below which work is not cut into chunks.
const (
	block = 256
	grain = 1 << 14
)

// Binary applies a function of two operands with broadcasting.
type Binary[D, X, Y any] struct {
	way    *Broadcast
	f      func(d []D, x []X, y []Y)
	chunks int
	jobs   sync.Pool
	fills  sync.Pool
}

// NewBinary returns the walk for the operands' shapes; f computes a run of elements.
func NewBinary[D, X, Y any](out, x, y []int, f func(d []D, x []X, y []Y)) *Binary[D, X, Y] {
	b := &Binary[D, X, Y]{way: NewBroadcast(out, x, y), f: f}
	b.chunks = Chunks(b.way.rows * b.way.row)
	b.jobs.New = func() any { return &binaryJob[D, X, Y]{b: b} }
	b.fills.New = func() any { return new(fills[X, Y]) }
	return b
}

// Part returns the bounds of part i of n elements cut into parts.
func Part(n, parts, i int) (lo, hi int) {
	q, r := n/parts, n%parts // n*i may be more than an int of 32 bits holds
	return q*i + r*i/parts, q*(i+1) + r*(i+1)/parts
}

// Chunks returns into how many parts the work on n elements is cut.
func Chunks(n int) int { return max(1, n/grain) }

// Run computes d from x and y. d may be x or y where their shape is the same.
func (b *Binary[D, X, Y]) Run(p *Pool, d []D, x []X, y []Y) {
	if len(d) == 0 {
		return
	}
	if b.chunks == 1 {
		j := binaryJob[D, X, Y]{b, d, x, y}
		j.Chunk(0)
		return
	}
	j := b.jobs.Get().(*binaryJob[D, X, Y])
	j.d, j.x, j.y = d, x, y
	p.Run(j, b.chunks)
	j.d, j.x, j.y = nil, nil, nil
	b.jobs.Put(j)
}

type binaryJob[D, X, Y any] struct {
	b *Binary[D, X, Y]
	d []D
	x []X
	y []Y
}

func (j *binaryJob[D, X, Y]) Chunk(i int) {
	w := j.b.way
	lo, hi := Part(w.rows*w.row, j.b.chunks, i)
	if !w.step[0] || !w.step[1] {
		j.still(lo, hi)
		return
	}
	for lo < hi {
		r, c := lo/w.row, lo%w.row
		end := min(hi, (r+1)*w.row)
		at := w.offsets(r)
		x, y := at[0]+c, at[1]+c
		j.b.f(j.d[lo:end], j.x[x:x+end-lo], j.y[y:y+end-lo])
		lo = end
	}
}

// still does elements lo to hi where an operand stands still along a row: its element is repeated in
// a block of its own.
func (j *binaryJob[D, X, Y]) still(lo, hi int) {
	w := j.b.way
	f := j.b.fills.Get().(*fills[X, Y])
	fx, fy := &f.x, &f.y
	for lo < hi {
		r, c := lo/w.row, lo%w.row
		end := min(hi, (r+1)*w.row)
		at := w.offsets(r)
		d := j.d[lo:end]
		lo = end
		n := min(len(d), block)
		if !w.step[0] {
			fill(fx[:n], j.x[at[0]])
		}
		if !w.step[1] {
			fill(fy[:n], j.y[at[1]])
		}
		for len(d) > 0 {
			n := min(block, len(d))
			x, y := fx[:n], fy[:n]
			if w.step[0] {
				x = j.x[at[0]+c : at[0]+c+n]
			}
			if w.step[1] {
				y = j.y[at[1]+c : at[1]+c+n]
			}
			j.b.f(d[:n], x, y)
			d, c = d[n:], c+n
		}
	}
	j.b.fills.Put(f)
}

// fills are the blocks of a goroutine.
type fills[X, Y any] struct {
	x [block]X
	y [block]Y
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
