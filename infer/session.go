package infer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/plan"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The kinds of errors that opening and running a model give, for errors.Is.
var (
	ErrUnsupported = op.ErrUnsupported // an operator, version, attribute or type that is not handled
	ErrDType       = op.ErrDType       // a tensor of the wrong element type
	ErrShape       = op.ErrShape       // shapes that do not fit
	ErrMalformed   = op.ErrMalformed   // not a valid model
	ErrLimit       = op.ErrLimit       // more than the options allow
)

// ErrClosed is returned for a run of a session that is closed.
var ErrClosed = errors.New("the session is closed")

// Options configure a session. The zero value suits most models.
type Options struct {
	// Threads is the number of goroutines that one Run may use; 0 is GOMAXPROCS.
	Threads int
	// Outputs names the values to compute instead of the model's outputs: any value of the main graph.
	Outputs []string
	// MaxBytes bounds the memory that one Run takes; 0 is 8 GiB.
	MaxBytes int
	// MaxNodes bounds the model's nodes, functions put in their places; 0 is a million.
	MaxNodes int
	// MaxIterations bounds the iterations of all loops in one Run, each branch that is taken counted as
	// one; 0 is ten million.
	MaxIterations int
	// Timeout bounds the time of one Run; 0 is no bound.
	Timeout time.Duration
	// Plain computes node by node, each value in memory of its own, without rewriting the graph: slow,
	// and what the fast way is checked against.
	Plain bool
}

// Session is a model that is ready to run. It may be used by many goroutines at once.
type Session struct {
	opt    Options
	graph  *ir.Graph
	pool   *kernel.Pool
	closer func() error
	ins    []ValueInfo
	outs   []ValueInfo

	life   sync.RWMutex // runs hold it for reading, so that Close waits for them
	closed bool

	mu    sync.Mutex
	plans []*bound // most recently used first
}

// maxPlans is how many sets of input shapes a session keeps plans for.
const maxPlans = 8

// bound is a plan for one set of input shapes, with the frames that are not in use.
type bound struct {
	shapes []tensor.Shape
	plan   *plan.Plan
	free   []*plan.Frame
}

// Open reads a model from a file and prepares it.
func Open(path string, opt Options) (*Session, error) {
	m, err := onnxio.Load(path)
	if err != nil {
		return nil, err
	}
	s, err := New(m, opt)
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.closer = m.Close
	return s, nil
}

// New prepares a model, which must not change or be closed before the session is. What the model
// holds that cannot be run is found here, and all of it is in the error.
func New(m *onnxio.Model, opt Options) (*Session, error) {
	if m == nil {
		return nil, fmt.Errorf("%w: no model is given", ErrMalformed)
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{Outputs: opt.Outputs, MaxNodes: opt.MaxNodes})
	if err != nil {
		return nil, err
	}
	if !opt.Plain {
		if err := rewrite.Prepare(r.Graph, ops.Set()); err != nil {
			return nil, err
		}
	}
	s := &Session{opt: opt, graph: r.Graph, pool: kernel.NewPool(opt.Threads), closer: func() error { return nil }}
	for _, v := range r.Graph.Inputs {
		s.ins = append(s.ins, describe(v, v.Name))
	}
	names := opt.Outputs
	if names == nil {
		for _, v := range m.Graph.Output {
			names = append(names, v.Name)
		}
	}
	for i, v := range r.Graph.Outputs {
		s.outs = append(s.outs, describe(v, names[i]))
	}
	return s, nil
}

func describe(v *ir.Value, name string) ValueInfo {
	info := ValueInfo{Name: name, DType: v.Fact.DType, Ranked: v.Fact.Ranked}
	for _, d := range v.Fact.Shape {
		if n, ok := d.Int(); ok {
			info.Shape = append(info.Shape, Dim{Size: n})
			continue
		}
		name := ""
		if !d.IsUnknown() {
			name = d.String()
		}
		info.Shape = append(info.Shape, Dim{Size: -1, Name: name})
	}
	return info
}

// Inputs describes what Run wants.
func (s *Session) Inputs() []ValueInfo { return s.ins }

// Outputs describes what Run gives.
func (s *Session) Outputs() []ValueInfo { return s.outs }

// Close releases the session's goroutines and the model's file, after the runs that are under way. A run
// that begins later is [ErrClosed].
func (s *Session) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.pool.Close()
	if s.closer == nil {
		return nil
	}
	return s.closer()
}

// open returns an error for a session that cannot run: a closed one, and a zero value.
func (s *Session) open() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.graph == nil:
		return errors.New("infer: the session is a zero value: Open and New make one")
	}
	return nil
}

// bounded returns the context of a run that begins now.
func (s *Session) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.opt.Timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, s.opt.Timeout, fmt.Errorf("%w: a run of more than %v", ErrLimit, s.opt.Timeout))
}

// Run computes the outputs from the inputs, both by name. The result's memory is the caller's.
func (s *Session) Run(ctx context.Context, inputs map[string]tensor.Any) (map[string]tensor.Any, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if err := s.open(); err != nil {
		return nil, err
	}
	in, err := s.arrange(inputs)
	if err != nil {
		return nil, err
	}
	ctx, end := s.bounded(ctx)
	defer end()
	if s.opt.Plain {
		return s.runPlain(ctx, in)
	}
	b, f, err := s.take(shapesOf(in))
	if err != nil {
		return nil, err
	}
	defer s.give(b, f)
	for i, t := range in {
		if err := f.SetInput(i, t); err != nil {
			return nil, err
		}
	}
	out := make([]tensor.Any, len(s.outs))
	for i := range s.outs {
		if b.plan.Dynamic(i) {
			continue
		}
		fact := b.plan.OutputFact(i)
		shape, _ := fact.Static()
		if out[i], err = tensor.Alloc(fact.DType, shape); err != nil {
			return nil, err
		}
		if err := f.SetOutput(i, out[i]); err != nil {
			return nil, err
		}
	}
	if err := f.Run(ctx, op.Rand{}); err != nil {
		return nil, err
	}
	result := make(map[string]tensor.Any, len(s.outs))
	for i, v := range s.outs {
		result[v.Name] = f.Output(i)
	}
	return result, nil
}

func (s *Session) runPlain(ctx context.Context, in []tensor.Any) (map[string]tensor.Any, error) {
	feed := map[*ir.Value]tensor.Any{}
	for i, v := range s.graph.Inputs {
		feed[v] = in[i]
	}
	turns := s.opt.MaxIterations
	if turns == 0 {
		turns = op.DefaultTurns
	}
	maxBytes := s.opt.MaxBytes
	if maxBytes == 0 {
		maxBytes = plan.DefaultMaxBytes
	}
	vals, err := ops.Set().EvalBounded(ctx, s.graph, feed, op.Rand{}, maxBytes, turns)
	if err != nil {
		return nil, err
	}
	result := make(map[string]tensor.Any, len(s.outs))
	for i, v := range s.graph.Outputs {
		result[s.outs[i].Name] = tensor.CloneAny(vals[v.ID])
	}
	return result, nil
}

// arrange puts the inputs in the graph's order and checks them.
func (s *Session) arrange(inputs map[string]tensor.Any) ([]tensor.Any, error) {
	return Arrange(s.ins, inputs)
}

func shapesOf(in []tensor.Any) []tensor.Shape {
	out := make([]tensor.Shape, len(in))
	for i, t := range in {
		out[i] = t.Shape()
	}
	return out
}

// take returns a frame for the inputs' shapes that nobody else uses.
func (s *Session) take(shapes []tensor.Shape) (*bound, *plan.Frame, error) {
	b, f := s.find(shapes)
	var err error
	if b == nil {
		// Planning is done outside the lock; two goroutines may plan the same at once, which is harmless.
		if b, err = s.plan(shapes); err != nil {
			return nil, nil, err
		}
	}
	if f == nil {
		f, err = b.plan.NewFrame(s.pool)
	}
	return b, f, err
}

func (s *Session) find(shapes []tensor.Shape) (*bound, *plan.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, b := range s.plans {
		if !sameShapes(b.shapes, shapes) {
			continue
		}
		copy(s.plans[1:], s.plans[:k])
		s.plans[0] = b
		if n := len(b.free); n > 0 {
			f := b.free[n-1]
			b.free = b.free[:n-1]
			return b, f
		}
		return b, nil
	}
	return nil, nil
}

func (s *Session) plan(shapes []tensor.Shape) (*bound, error) {
	p, err := plan.New(ops.Set(), s.graph, shapes, plan.Options{MaxBytes: s.opt.MaxBytes, MaxTurns: s.opt.MaxIterations})
	if err != nil {
		return nil, err
	}
	b := &bound{plan: p}
	for _, x := range shapes {
		b.shapes = append(b.shapes, x.Clone())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append([]*bound{b}, s.plans[:min(len(s.plans), maxPlans-1)]...)
	return b, nil
}

// give takes a frame back for the next run. As many are kept as can be busy at once: after a burst of runs
// the memory of the others is free.
func (s *Session) give(b *bound, f *plan.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(b.free) < runtime.GOMAXPROCS(0) {
		b.free = append(b.free, f)
	}
}

func sameShapes(a, b []tensor.Shape) bool {
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
