package op

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Formal is what an operator gives to an input of one of its subgraphs.
type Formal struct {
	Fact ir.Fact
	// From is the output of the subgraph that becomes this input when it runs again; -1 is none.
	From int
	// Unit marks one number. The subgraph says itself whether it is a scalar or a vector of length 1.
	Unit bool
}

// Subgraphs runs the subgraphs of a node, within the run that the node is part of.
type Subgraphs interface {
	// Run computes a subgraph's outputs. turn counts the runs of a loop; the first is 0. The results
	// are overwritten by the next call but one.
	Run(g *ir.Graph, turn int, in []tensor.Any) ([]tensor.Any, error)
	// Give hands over output k of the node. The tensor stays the node's.
	Give(k int, t tensor.Any) error
	// MaxBytes bounds the memory of one value; 0 is no bound.
	MaxBytes() int
}

// Formals returns what a node of some opset gives to the inputs of a subgraph, which the node need not have yet.
func (s *Set) Formals(n *ir.Node, opset int, attr string) ([]Formal, error) {
	d := s.Lookup(n.Domain, n.Op)
	if d.Formals == nil {
		return nil, Malformedf("a %s has no subgraph %s", n.Op, attr)
	}
	sch, _ := d.at(opset)
	n.Version = sch.since
	return d.Formals(&Node{Node: n, Def: d, set: s, attrs: sch.attrs, in: Facts(n.In)}, attr)
}

// Actual returns the facts of a subgraph's own inputs.
func Actual(g *ir.Graph, formals []Formal) ([]ir.Fact, error) {
	own := g.Own()
	if len(own) != len(formals) {
		return nil, Malformedf("subgraph %s has %d inputs, %d expected", g.Name, len(own), len(formals))
	}
	in := make([]ir.Fact, len(own))
	for i, f := range formals {
		in[i] = f.Fact
		if f.Unit && own[i].Fact.Rank() == 1 {
			in[i].Shape = ir.Shape{ir.Known(1)}
		}
	}
	return in, nil
}

// InferBody returns the facts of the inputs and outputs of a subgraph that hold whenever it runs.
func (n *Node) InferBody(attr string) (in, out []ir.Fact, err error) {
	g := n.Graph(attr)
	formals, err := n.Def.Formals(n, attr)
	if err != nil {
		return nil, nil, err
	}
	if in, err = Actual(g, formals); err != nil {
		return nil, nil, err
	}
	in = append(in, n.in[len(n.in)-g.Captured:]...)
	for pass := 0; ; pass++ {
		if out, err = n.set.InferGraph(g, in); err != nil {
			return nil, nil, err
		}
		if same, err := Feedback(in, out, formals, pass); same || err != nil {
			return in, out, err
		}
	}
}

// Feedback makes the facts of a subgraph's inputs cover what the subgraph hands on to its next run. It
// reports whether they did already. From the third pass on an input that changes may have any shape.
func Feedback(in, out []ir.Fact, formals []Formal, pass int) (same bool, err error) {
	same = true
	for i, f := range formals {
		if f.From < 0 {
			continue
		}
		if f.From >= len(out) {
			return false, Malformedf("the subgraph has %d outputs, at least %d expected", len(out), f.From+1)
		}
		next := out[f.From]
		if next.DType != in[i].DType {
			return false, fmt.Errorf("%w: input %d of the subgraph is %v and becomes %v", ErrDType, i, in[i], next)
		}
		j := Join(in[i], next)
		if j.Ranked == in[i].Ranked && sameShape(j.Shape, in[i].Shape) {
			continue
		}
		if pass >= 2 {
			j = ir.Fact{DType: j.DType}
		}
		in[i], same = j, false
	}
	return same, nil
}

func sameShape(a, b ir.Shape) bool {
	for i := range a {
		if !a[i].Same(b[i]) && !(a[i].IsUnknown() && b[i].IsUnknown()) {
			return false
		}
	}
	return true
}

// Join returns what is true of a value that is one or the other, of the same type.
func Join(a, b ir.Fact) ir.Fact {
	j := ir.Fact{DType: a.DType}
	if !a.Ranked || !b.Ranked || len(a.Shape) != len(b.Shape) {
		return j
	}
	j.Ranked = true
	for i, d := range a.Shape {
		if !d.Same(b.Shape[i]) {
			d = ir.Unknown
		}
		j.Shape = append(j.Shape, d)
	}
	return j
}

// InferGraph returns the facts of a graph's outputs, given those of its inputs.
func (s *Set) InferGraph(g *ir.Graph, in []ir.Fact) ([]ir.Fact, error) {
	return s.inferGraph(g, in, func(*ir.Value, ir.Fact) {}, func(*Node) {})
}

// Annotate replaces the facts of all values of a subgraph by those that follow from its inputs'.
func (s *Set) Annotate(g *ir.Graph, in []ir.Fact) error {
	_, err := s.inferGraph(g, in, func(v *ir.Value, f ir.Fact) { v.Fact = f }, (*Node).annotate)
	return err
}

// annotate is Annotate for the subgraphs of a node. What the operator puts up with, such as a branch
// that cannot be taken, stays as it was.
func (n *Node) annotate() {
	for _, a := range n.Attrs {
		if g, ok := a.Value.(*ir.Graph); ok {
			if in, _, err := n.InferBody(a.Name); err == nil {
				_ = n.set.Annotate(g, in) // InferBody found no error
			}
		}
	}
}

func (s *Set) inferGraph(g *ir.Graph, in []ir.Fact, note func(*ir.Value, ir.Fact), after func(*Node)) ([]ir.Fact, error) {
	facts := make([]ir.Fact, g.NumValues())
	for i, v := range g.Inputs {
		facts[v.ID] = in[i]
		note(v, in[i])
	}
	list := func(vs []*ir.Value) []ir.Fact {
		out := make([]ir.Fact, len(vs))
		for i, v := range vs {
			switch {
			case v == nil:
			case v.Kind == ir.Const:
				out[i] = v.Fact
			default:
				out[i] = facts[v.ID]
			}
		}
		return out
	}
	for _, n := range g.Nodes {
		r, err := s.Resolve(n, list(n.In))
		if err != nil {
			return nil, err
		}
		for i, v := range n.Out {
			if v != nil {
				facts[v.ID] = r.out[i]
				note(v, r.out[i])
			}
		}
		after(r)
	}
	return list(g.Outputs), nil
}

// Draws reports whether a node, or one of its subgraphs, draws random numbers.
func (s *Set) Draws(n *ir.Node) bool {
	if s.Lookup(n.Domain, n.Op).Random {
		return true
	}
	for _, g := range n.Subgraphs() {
		if slices.ContainsFunc(g.Nodes, s.Draws) {
			return true
		}
	}
	return false
}
