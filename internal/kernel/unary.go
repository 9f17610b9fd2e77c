package kernel

import "sync"

// Unary applies a function of one operand, element by element.
type Unary[D, X any] struct {
	f    func(d []D, x []X)
	jobs sync.Pool
}

// NewUnary returns the walk that computes runs of elements by f.
func NewUnary[D, X any](f func(d []D, x []X)) *Unary[D, X] {
	u := &Unary[D, X]{f: f}
	u.jobs.New = func() any { return &unaryJob[D, X]{f: f} }
	return u
}

// Run computes d from x, which have the same length and may be the same.
func (u *Unary[D, X]) Run(p *Pool, d []D, x []X) {
	if Chunks(len(d)) == 1 {
		u.f(d, x)
		return
	}
	j := u.jobs.Get().(*unaryJob[D, X])
	j.d, j.x, j.chunks = d, x, Chunks(len(d))
	p.Run(j, j.chunks)
	j.d, j.x = nil, nil
	u.jobs.Put(j)
}

type unaryJob[D, X any] struct {
	f      func(d []D, x []X)
	d      []D
	x      []X
	chunks int
}

func (j *unaryJob[D, X]) Chunk(i int) {
	lo, hi := Part(len(j.d), j.chunks, i)
	j.f(j.d[lo:hi], j.x[lo:hi])
}

// UnaryWith is Unary for a function that takes an argument known only when it runs.
type UnaryWith[D, X, A any] struct {
	f    func(d []D, x []X, a A)
	jobs sync.Pool
}

// NewUnaryWith returns the walk that computes runs of elements by f.
func NewUnaryWith[D, X, A any](f func(d []D, x []X, a A)) *UnaryWith[D, X, A] {
	u := &UnaryWith[D, X, A]{f: f}
	u.jobs.New = func() any { return &unaryWithJob[D, X, A]{f: f} }
	return u
}

// Run computes d from x, which have the same length and may be the same.
func (u *UnaryWith[D, X, A]) Run(p *Pool, d []D, x []X, a A) {
	if Chunks(len(d)) == 1 {
		u.f(d, x, a)
		return
	}
	j := u.jobs.Get().(*unaryWithJob[D, X, A])
	j.d, j.x, j.a, j.chunks = d, x, a, Chunks(len(d))
	p.Run(j, j.chunks)
	var zero A
	j.d, j.x, j.a = nil, nil, zero
	u.jobs.Put(j)
}

type unaryWithJob[D, X, A any] struct {
	f      func(d []D, x []X, a A)
	d      []D
	x      []X
	a      A
	chunks int
}

func (j *unaryWithJob[D, X, A]) Chunk(i int) {
	lo, hi := Part(len(j.d), j.chunks, i)
	j.f(j.d[lo:hi], j.x[lo:hi], j.a)
}
