package op

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Widened reports whether the node computes in float32 between casts, as its type has no kernel of its own.
func (n *Node) Widened() bool {
	t := n.onType()
	if n.Def.Eval != nil {
		return false
	}
	b, ok := n.Def.Kernels[t]
	return ok && b == nil
}

// onType is the type that the operator's main type variable stands for.
func (n *Node) onType() tensor.DType {
	for i := range n.Node.In {
		if n.Node.In[i] != nil && paramAt(n.Def.In, i).Type == n.Def.on() {
			return n.in[i].DType
		}
	}
	for i := range n.out {
		if n.Node.Out[i] != nil && paramAt(n.Def.Out, i).Type == n.Def.on() {
			return n.out[i].DType
		}
	}
	return tensor.Undefined
}

// InType reports whether input i has the operator's main type variable; widening casts those.
func (n *Node) InType(i int) bool { return paramAt(n.Def.In, i).Type == n.Def.on() }

// OutType reports whether output i has the operator's main type variable.
func (n *Node) OutType(i int) bool { return paramAt(n.Def.Out, i).Type == n.Def.on() }

// Bind returns the kernel of a resolved node whose shapes are all known.
func (n *Node) Bind() (Kernel, error) {
	t := n.onType()
	b := n.Def.Kernels[t]
	if b == nil {
		return nil, fmt.Errorf("%w: %s has no kernel for %v", ErrUnsupported, OpName(n.Node), t)
	}
	return b(n)
}

// Eval computes one node's outputs. It is for folding and tests: a plan runs whole graphs.
func (s *Set) Eval(n *ir.Node, in []tensor.Any) ([]tensor.Any, error) {
	return s.eval(n, in, run{})
}

// EvalLimited is Eval for nodes whose shapes become known during a run: with the run's random
// numbers and threads, and a bound for the bytes of each output.
func (s *Set) EvalLimited(n *ir.Node, in []tensor.Any, rand Rand, pool *kernel.Pool, maxBytes int) ([]tensor.Any, error) {
	return s.eval(n, in, run{rand: rand, pool: pool, maxBytes: maxBytes})
}

// run is what evaluating a single node needs of the run that it is part of.
type run struct {
	ctx      context.Context // nil is none
	rand     Rand
	pool     *kernel.Pool
	maxBytes int  // 0 is no bound
	turns    *int // of loops that are left; nil is DefaultTurns
}

func (s *Set) eval(n *ir.Node, in []tensor.Any, w run) ([]tensor.Any, error) {
	facts := make([]ir.Fact, len(in))
	for i, t := range in {
		if t != nil {
			facts[i] = ir.ConstFact(t)
		}
	}
	r, err := s.resolve(n, facts)
	if err != nil {
		return nil, Wrap("infer", n, facts, err)
	}
	out, err := s.run(r, in, w)
	return out, Wrap("run", n, facts, err)
}

func (s *Set) run(r *Node, in []tensor.Any, w run) ([]tensor.Any, error) {
	if r.Widened() {
		return s.runWidened(r, in, w)
	}
	c := &Call{In: in, Pool: w.pool, Rand: w.rand}
	if r.Def.Eval != nil {
		return r.Def.Eval(r, c)
	}
	if r.Def.Control != nil {
		sub := &plainSub{s, w, make([]tensor.Any, len(r.out))}
		c.Sub = sub
		k, err := r.Def.Control(r)
		if err != nil {
			return nil, err
		}
		return sub.out, k(c)
	}
	k, err := r.Bind()
	if err != nil {
		return nil, err
	}
	c.Out = make([]tensor.Any, len(r.out))
	for i, f := range r.out {
		if r.Node.Out[i] == nil {
			continue
		}
		shape, ok := f.Static()
		if !ok {
			return nil, Shapef("output %d is %v after inference with all inputs known", i, f)
		}
		if size, ok := shape.Size(); !ok || w.maxBytes > 0 && size > w.maxBytes/max(1, f.DType.Size()) {
			return nil, fmt.Errorf("%w: output %d would be %v", ErrLimit, i, f)
		}
		if c.Out[i], err = tensor.Alloc(f.DType, shape); err != nil {
			return nil, err
		}
	}
	if r.scratch > 0 {
		c.Scratch = make([]byte, r.scratch)
	}
	return c.Out, k(c)
}

// runWidened casts the inputs to float32, runs the node and casts the outputs back.
func (s *Set) runWidened(r *Node, in []tensor.Any, w run) ([]tensor.Any, error) {
	half := r.onType()
	wide := make([]tensor.Any, len(in))
	for i, t := range in {
		wide[i] = t
		if t != nil && r.InType(i) {
			c, err := s.cast(t, tensor.Float32)
			if err != nil {
				return nil, err
			}
			wide[i] = c
		}
	}
	out, err := s.eval(r.Node, wide, w)
	if err != nil {
		return nil, err
	}
	for i, t := range out {
		if t != nil && r.OutType(i) {
			if out[i], err = s.cast(t, half); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (s *Set) cast(t tensor.Any, to tensor.DType) (tensor.Any, error) {
	v := &ir.Value{}
	n := &ir.Node{Op: "Cast", In: []*ir.Value{v}, Out: []*ir.Value{{}}, Attrs: []ir.Attr{{Name: "to", Value: int64(to)}}}
	out, err := s.Eval(n, []tensor.Any{t})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}
