package kernel

// Elements is the way of GatherElements and ScatterElements: every element of an index tensor names a
// place along one axis of the data; its other coordinates are its own.
type Elements struct {
	outer, inner []int // offsets in the data of the coordinates before and after the axis
	n, stride    int   // length of the index tensor's axis, stride of the data's
}

// NewElements returns the way for data and an index tensor of these shapes, of which the second is
// nowhere larger except along the axis, and is not empty.
func NewElements(data, index []int, axis int) *Elements {
	strides := make([]int, len(data))
	n := 1
	for i := len(data) - 1; i >= 0; i-- {
		strides[i] = n
		n *= data[i]
	}
	return &Elements{
		outer:  offsetTable(index[:axis], strides[:axis]),
		inner:  offsetTable(index[axis+1:], strides[axis+1:]),
		n:      index[axis],
		stride: strides[axis],
	}
}

// offsetTable returns the offsets of all coordinates of a shape, in order.
func offsetTable(shape, strides []int) []int {
	t := []int{0}
	for i, n := range shape {
		next := make([]int, 0, len(t)*n)
		for _, o := range t {
			for k := range n {
				next = append(next, o+k*strides[i])
			}
		}
		t = next
	}
	return t
}

// columns is how many neighbours along the inner axes one task takes.
const columns = 64

// tasks returns how many tasks the walk has: by outer coordinate and stretch of inner ones. Each owns
// the places that it touches, so the order in which updates meet at a place is always the same.
func (e *Elements) tasks() int { return len(e.outer) * e.stretches() }

func (e *Elements) stretches() int { return (len(e.inner) + columns - 1) / columns }

// cost is about how many elements a task touches.
func (e *Elements) cost() int { return e.n * min(columns, len(e.inner)) }

// each calls f for the rows of a task: i is where one begins in the index tensor, n its length, inner
// the offsets of its elements from base in the data.
func (e *Elements) each(task int, f func(i, n, base int, inner []int)) {
	o, s := task/e.stretches(), task%e.stretches()
	lo, hi := s*columns, min(len(e.inner), (s+1)*columns)
	for k := range e.n {
		f((o*e.n+k)*len(e.inner)+lo, hi-lo, e.outer[o], e.inner[lo:hi])
	}
}

type elements[T any] struct {
	d, x  []T
	index []int
}

// GatherElements picks single elements.
type GatherElements[T any] struct {
	way  *Elements
	rows *Rows[elements[T]]
}

// NewGatherElements returns the walk along a way.
func NewGatherElements[T any](e *Elements) *GatherElements[T] {
	return &GatherElements[T]{e, NewRows(e.cost(), func(a elements[T], task int) {
		e.each(task, func(i, n, base int, inner []int) {
			d, index := a.d[i:i+n], a.index[i:i+n]
			for j, k := range index {
				d[j] = a.x[base+k*e.stride+inner[j]]
			}
		})
	})}
}

// Run fills d from x. Every index must be within the axis.
func (g *GatherElements[T]) Run(p *Pool, d, x []T, index []int) {
	g.rows.Run(p, elements[T]{d, x, index}, g.way.tasks())
}

// ScatterElements puts single elements into data.
type ScatterElements[T any] struct {
	way  *Elements
	rows *Rows[elements[T]]
}

// NewScatterElements returns the walk along a way that updates places of the data; updates of one place
// come in order.
func NewScatterElements[T any](e *Elements, u Update[T]) *ScatterElements[T] {
	return &ScatterElements[T]{e, NewRows(e.cost(), func(a elements[T], task int) {
		e.each(task, func(i, n, base int, inner []int) {
			u.places(a.d, a.x[i:i+n], a.index[i:i+n], inner, base, e.stride)
		})
	})}
}

// Run updates d. Every index must be within the axis.
func (s *ScatterElements[T]) Run(p *Pool, d, updates []T, index []int) {
	s.rows.Run(p, elements[T]{d, updates, index}, s.way.tasks())
}
