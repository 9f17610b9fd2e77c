package kernel

import "sync"

// Strided copies elements to a dense result from places a fixed stride apart along each axis:
// transposing, slicing (negative strides included), broadcasting (stride 0) and tiling are all this.
type Strided[T any] struct {
	offset        int
	dims, strides []int // outer axes, innermost last
	row, step     int   // length and stride of the innermost axis
	rows, chunks  int
	jobs          sync.Pool
}

// NewStrided returns the copy of a result of shape dims whose element at index i is the operand's
// element at offset + sum(i*strides).
func NewStrided[T any](offset int, dims, strides []int) *Strided[T] {
	s := &Strided[T]{offset: offset, row: 1, rows: 1}
	for i, n := range dims {
		if n == 1 {
			continue
		}
		if l := len(s.dims) - 1; l >= 0 && s.strides[l] == strides[i]*n {
			s.dims[l] *= n
			s.strides[l] = strides[i]
			continue
		}
		s.dims = append(s.dims, n)
		s.strides = append(s.strides, strides[i])
	}
	if l := len(s.dims) - 1; l >= 0 {
		s.row, s.step = s.dims[l], s.strides[l]
		s.dims, s.strides = s.dims[:l], s.strides[:l]
	} else {
		s.step = 1
	}
	for _, n := range s.dims {
		s.rows *= n
	}
	s.chunks = min(max(s.rows, 1), Chunks(s.rows*s.row))
	s.jobs.New = func() any { return &stridedJob[T]{s: s} }
	return s
}

// Run fills d, which must not overlap x.
func (s *Strided[T]) Run(p *Pool, d, x []T) {
	if len(d) == 0 {
		return
	}
	j := s.jobs.Get().(*stridedJob[T])
	j.d, j.x = d, x
	p.Run(j, s.chunks)
	j.d, j.x = nil, nil
	s.jobs.Put(j)
}

type stridedJob[T any] struct {
	s    *Strided[T]
	d, x []T
}

// tileRows is how many rows are filled together where neighbours in the operand lie in one column
// of the result: the plain transposition, in which a row at a time would use one element per cache line.
const tileRows = 16

func (j *stridedJob[T]) Chunk(i int) {
	s := j.s
	lo, hi := Part(s.rows, s.chunks, i)
	tile, last := 1, len(s.dims)-1
	if last >= 0 && s.step != 1 && s.step != 0 && abs(s.strides[last]) < abs(s.step) {
		tile = tileRows
	}
	for lo < hi {
		n := 1
		if tile > 1 {
			n = min(tile, hi-lo, s.dims[last]-lo%s.dims[last])
		}
		at := s.at(lo)
		d := j.d[lo*s.row : (lo+n)*s.row]
		if n == 1 {
			copyRow(d, j.x, at, s.step)
		} else {
			copyTile(d, j.x, at, s.row, s.step, n, s.strides[last])
		}
		lo += n
	}
}

// at returns where row r begins in the operand.
func (s *Strided[T]) at(r int) int {
	at := s.offset
	for i := len(s.dims) - 1; i >= 0; i-- {
		at += r % s.dims[i] * s.strides[i]
		r /= s.dims[i]
	}
	return at
}

func copyRow[T any](d, x []T, at, step int) {
	switch step {
	case 1:
		copy(d, x[at:at+len(d)])
	case 0:
		fill(d, x[at])
	default:
		for i := range d {
			d[i] = x[at]
			at += step
		}
	}
}

// copyTile fills n rows of length row: element (r, c) comes from at + r*down + c*step. It goes by way
// of a block that holds tileRows columns, so that the result is written in runs.
func copyTile[T any](d, x []T, at, row, step, n, down int) {
	var block [tileRows * tileRows]T
	for c := 0; c < row; c += tileRows {
		m := min(tileRows, row-c)
		for k := range m {
			from := at + (c+k)*step
			for r := range n {
				block[r*tileRows+k] = x[from]
				from += down
			}
		}
		for r := range n {
			copy(d[r*row+c:r*row+c+m], block[r*tileRows:r*tileRows+m])
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
