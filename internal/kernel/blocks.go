package kernel

// Blocks copies runs of elements that lie a fixed distance apart: joining and splitting tensors
// along an axis.
type Blocks[T any] struct {
	rows *Rows[blocks[T]]
	n    int
	arg  blocks[T]
}

type blocks[T any] struct {
	d, x              []T
	block, dGap, xGap int // length of a run, and from one run's start to the next
	dOffset, xOffset  int
}

// NewBlocks returns the copy of n runs of length block. Run r goes from x[xOffset+r*xGap:] to
// d[dOffset+r*dGap:].
func NewBlocks[T any](n, block, dOffset, dGap, xOffset, xGap int) *Blocks[T] {
	return &Blocks[T]{
		rows: NewRows(block, func(a blocks[T], r int) {
			to, from := a.dOffset+r*a.dGap, a.xOffset+r*a.xGap
			copy(a.d[to:to+a.block], a.x[from:from+a.block])
		}),
		n:   n,
		arg: blocks[T]{block: block, dGap: dGap, xGap: xGap, dOffset: dOffset, xOffset: xOffset},
	}
}

// Run copies the runs.
func (b *Blocks[T]) Run(p *Pool, d, x []T) {
	if b.arg.block == 0 || b.n == 0 {
		return
	}
	a := b.arg
	a.d, a.x = d, x
	b.rows.Run(p, a, b.n)
}
