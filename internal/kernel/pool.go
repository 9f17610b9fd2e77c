// Package kernel holds the loops that do the arithmetic: slices and ints in, slices out.
// Nothing here knows of ONNX, names or graphs, and nothing allocates once it is warm.
package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Task is work that can be cut into chunks that do not depend on one another.
type Task interface {
	// Chunk does chunk i.
	Chunk(i int)
}

// Pool runs tasks on a fixed number of goroutines. A nil Pool runs them on the caller's.
// The result never depends on the number of goroutines: a chunk's work does not know who does it.
type Pool struct {
	threads int
	wake    chan *job
	jobs    sync.Pool
	stop    sync.Once
}

type job struct {
	task   Task
	chunks int64
	next   atomic.Int64 // the next chunk to claim
	users  sync.WaitGroup
}

// NewPool returns a pool of n goroutines, the caller's included; n <= 0 takes GOMAXPROCS.
// Close releases them.
func NewPool(n int) *Pool {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: n, jobs: sync.Pool{New: func() any { return new(job) }}}
	if n > 1 {
		p.wake = make(chan *job, n-1)
		for range n - 1 {
			go work(p.wake)
		}
	}
	return p
}

func work(wake <-chan *job) {
	for j := range wake {
		j.drain()
		j.users.Done()
	}
}

func (j *job) drain() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.chunks {
			return
		}
		j.task.Chunk(int(i))
	}
}

// Threads returns how many goroutines the pool has, the caller's included.
func (p *Pool) Threads() int {
	if p == nil {
		return 1
	}
	return p.threads
}

// Run does chunks 0 to n-1 of the task and returns when all are done. The caller takes part, so a
// busy pool costs nothing but parallelism.
func (p *Pool) Run(t Task, n int) {
	if p == nil || p.threads == 1 || n <= 1 {
		for i := range n {
			t.Chunk(i)
		}
		return
	}
	j := p.jobs.Get().(*job)
	j.task, j.chunks = t, int64(n)
	j.next.Store(0)
	for range min(p.threads, n) - 1 {
		j.users.Add(1)
		select {
		case p.wake <- j:
		default:
			j.users.Done()
		}
	}
	j.drain()
	j.users.Wait()
	j.task = nil
	p.jobs.Put(j)
}

// Close ends the pool's goroutines. Tasks must not be running.
func (p *Pool) Close() {
	if p != nil && p.wake != nil {
		p.stop.Do(func() { close(p.wake) })
	}
}
