package kernel

import "sync"

// Rows runs a function over numbered rows of equal cost, cut into chunks.
// A value of type A carries the operands to the function.
type Rows[A any] struct {
	f    func(a A, row int)
	cost int
	jobs sync.Pool
}

// NewRows returns the walk that calls f for each row; cost is about how many elements a row touches.
func NewRows[A any](cost int, f func(a A, row int)) *Rows[A] {
	w := &Rows[A]{f: f, cost: max(1, cost)}
	w.jobs.New = func() any { return &rowsJob[A]{f: f} }
	return w
}

// Run calls the function for rows 0 to n-1, in no particular order.
func (w *Rows[A]) Run(p *Pool, a A, n int) {
	chunks := min(max(n, 1), Chunks(n*w.cost))
	if chunks == 1 {
		for r := range n {
			w.f(a, r)
		}
		return
	}
	j := w.jobs.Get().(*rowsJob[A])
	j.a, j.n, j.chunks = a, n, chunks
	p.Run(j, j.chunks)
	var zero A
	j.a = zero
	w.jobs.Put(j)
}

type rowsJob[A any] struct {
	f         func(a A, row int)
	a         A
	n, chunks int
}

func (j *rowsJob[A]) Chunk(i int) {
	lo, hi := Part(j.n, j.chunks, i)
	for r := lo; r < hi; r++ {
		j.f(j.a, r)
	}
}
