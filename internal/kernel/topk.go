package kernel

// TopK finds the k greatest or least elements along an axis, best first; of equal ones the first
// comes first. NaN counts as greater than every number.
type TopK[T Number] struct {
	rows *Rows[topk[T]]
	n    int
}

type topk[T Number] struct {
	values  []T
	indices []int64
	x       []T
	heaps   []int
}

// NewTopK returns the walk over an operand of the form [outer][n][inner].
func NewTopK[T Number](outer, n, inner, k int, largest bool) *TopK[T] {
	f := func(a topk[T], r int) {
		o, i := r/inner, r%inner
		x := a.x[o*n*inner+i:]
		s := selection[T]{heap: a.heaps[r*k : (r+1)*k], x: x, stride: inner, largest: largest}
		s.choose(n)
		s.sort()
		for j, at := range s.heap {
			to := (o*k+j)*inner + i
			if a.values != nil {
				a.values[to] = x[at*inner]
			}
			if a.indices != nil {
				a.indices[to] = int64(at)
			}
		}
	}
	return &TopK[T]{NewRows(4*n, f), outer * inner}
}

// Run fills values and indices, of which either may be nil; heaps is memory for as many ints as there
// are results.
func (t *TopK[T]) Run(p *Pool, values []T, indices []int64, x []T, heaps []int) {
	t.rows.Run(p, topk[T]{values, indices, x, heaps}, t.n)
}

// selection is a heap of places in x whose root is the worst of those chosen.
type selection[T Number] struct {
	heap    []int
	x       []T
	stride  int
	largest bool
}

// better reports whether place i comes before place j.
func (s *selection[T]) better(i, j int) bool {
	a, b := s.x[i*s.stride], s.x[j*s.stride]
	if !s.largest {
		a, b = b, a
	}
	switch {
	case a > b, a != a && b == b:
		return true
	case a < b, a == a && b != b:
		return false
	}
	return i < j
}

func (s *selection[T]) choose(n int) {
	k := len(s.heap)
	if k == 0 {
		return
	}
	for i := range s.heap {
		s.heap[i] = i
	}
	for i := k/2 - 1; i >= 0; i-- {
		s.sift(i, k)
	}
	for i := k; i < n; i++ {
		if s.better(i, s.heap[0]) {
			s.heap[0] = i
			s.sift(0, k)
		}
	}
}

// sift lets the place at i sink in the first n of the heap.
func (s *selection[T]) sift(i, n int) {
	for {
		c := 2*i + 1
		if c >= n {
			return
		}
		if c+1 < n && s.better(s.heap[c], s.heap[c+1]) {
			c++
		}
		if !s.better(s.heap[i], s.heap[c]) {
			return
		}
		s.heap[i], s.heap[c] = s.heap[c], s.heap[i]
		i = c
	}
}

// sort puts the chosen places in order, best first.
func (s *selection[T]) sort() {
	for n := len(s.heap) - 1; n > 0; n-- {
		s.heap[0], s.heap[n] = s.heap[n], s.heap[0]
		s.sift(0, n)
	}
}
