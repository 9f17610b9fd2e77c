package lower

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxNesting bounds subgraphs in subgraphs, and maxLoops those that run again and again: the facts of
// each are derived up to four times for one derivation of those around it.
const (
	maxNesting = 48
	maxLoops   = 8
)

// captures lists the values that the subgraphs of one node read from around it.
type captures struct {
	values []*ir.Value
	weak   bool // their shapes are not to be relied on
}

// lookup returns the value with a name; nil and true for a function's input that the call leaves out.
// A value from around a subgraph becomes one of its inputs.
func (l *lowering) lookup(s *scope, name string) (*ir.Value, bool) {
	v, ok := s.values[name]
	if ok || s.outer == nil {
		return v, ok
	}
	if v, ok = l.lookup(s.outer, name); !ok || v == nil {
		return v, ok
	}
	if s.captures != nil {
		v = l.capture(s, v)
	}
	s.values[name] = v
	return v, true
}

func (l *lowering) capture(s *scope, v *ir.Value) *ir.Value {
	if in := s.inner[v]; in != nil {
		return in
	}
	f := v.Fact
	if s.captures.weak {
		f = ir.Fact{DType: f.DType}
	}
	in := s.graph.AddInput(v.Name, f)
	s.inner[v] = in
	l.bad[in] = l.bad[v]
	if !slices.Contains(s.captures.values, v) {
		s.captures.values = append(s.captures.values, v)
	}
	return in
}

// errReported stands for errors that are recorded already.
var errReported = errors.New("reported")

// hasGraphs reports whether a node has subgraphs.
func hasGraphs(doc *onnxio.Node) bool {
	return slices.ContainsFunc(doc.Attribute, func(a *onnxio.Attribute) bool { return a.G != nil })
}

// control lowers the subgraphs of a node.
func (l *lowering) control(doc *onnxio.Node, n *ir.Node, opset int, s *scope) error {
	caps := &captures{}
	var bodies []*scope
	for _, a := range doc.Attribute {
		if a.G == nil {
			continue
		}
		b, err := l.body(n, opset, a, caps, s)
		if err != nil {
			return err
		}
		bodies = append(bodies, b)
		n.Attrs = append(n.Attrs, ir.Attr{Name: a.Name, Value: b.graph})
	}
	for _, b := range bodies {
		b.graph.Inputs = b.graph.Own()
		for _, v := range caps.values {
			in := b.inner[v]
			if in == nil {
				in = b.graph.AddInput(v.Name, v.Fact)
				b.graph.Inputs = b.graph.Inputs[:len(b.graph.Inputs)-1]
			}
			b.graph.Inputs = append(b.graph.Inputs, in)
		}
		b.graph.Captured = len(caps.values)
	}
	params := l.set.Lookup(n.Domain, n.Op).In
	for _, p := range params[min(len(n.In), len(params)):] {
		if p.Optional { // left out at the end, where the captured values would be taken for it
			n.In = append(n.In, nil)
		}
	}
	n.In = append(n.In, caps.values...)
	return nil
}

// branch returns the branch that stands for an If whose condition is known, else nil.
func branch(doc *onnxio.Node, n *ir.Node) *onnxio.Attribute {
	if n.Op != "If" || n.Domain != "" || len(n.In) != 1 || n.In[0] == nil {
		return nil
	}
	cond, ok := n.In[0].Fact.Const.(*tensor.Tensor[bool])
	if !ok || cond.Len() != 1 {
		return nil
	}
	name := "else_branch"
	if cond.Data()[0] {
		name = "then_branch"
	}
	i := slices.IndexFunc(doc.Attribute, func(a *onnxio.Attribute) bool { return a.Name == name && a.G != nil })
	if i < 0 {
		return nil
	}
	return doc.Attribute[i]
}

// inline puts the nodes of a branch in the place of its If.
func (l *lowering) inline(doc *onnxio.Node, n *ir.Node, a *onnxio.Attribute, s *scope) error {
	if l.nesting >= maxNesting {
		return fmt.Errorf("%w: subgraphs are nested more than %d deep", op.ErrLimit, maxNesting)
	}
	inner := &scope{
		values: map[string]*ir.Value{}, opsets: s.opsets, attrs: s.attrs,
		prefix: n.Name + "/" + a.Name + "/", outer: s, graph: s.graph,
	}
	l.nesting++
	defer func() { l.nesting-- }()
	l.constants(a.G, inner)
	l.nodes(a.G.Node, inner)
	outs := trim(doc.Output)
	if len(a.G.Output) < len(outs) {
		return op.Malformedf("%s has %d outputs, the node %d", a.Name, len(a.G.Output), len(outs))
	}
	for i, name := range outs {
		if name == "" {
			continue
		}
		v, ok := l.lookup(inner, a.G.Output[i].Name)
		if !ok || v == nil {
			return op.Malformedf("%s: output %s: no such value in the graph", a.Name, a.G.Output[i].Name)
		}
		if l.bad[v] {
			s.values[name] = v
			continue
		}
		l.define(outs[i:i+1], []*ir.Value{v}, s)
	}
	return nil
}

// body lowers a subgraph with facts that hold whenever it runs: those of its first run, made wider until
// they cover what it hands on. A subgraph that does not fit what is known here may never run; it is
// lowered without the shapes of what it reads from around it.
func (l *lowering) body(n *ir.Node, opset int, a *onnxio.Attribute, caps *captures, s *scope) (*scope, error) {
	if l.nesting >= maxNesting {
		return nil, fmt.Errorf("%w: subgraphs are nested more than %d deep", op.ErrLimit, maxNesting)
	}
	formals, err := l.set.Formals(n, opset, a.Name)
	if err != nil {
		return nil, err
	}
	loop := slices.ContainsFunc(formals, func(f op.Formal) bool { return f.From >= 0 })
	if loop && l.loops >= maxLoops {
		return nil, fmt.Errorf("%w: loops are nested more than %d deep", op.ErrLimit, maxLoops)
	}
	l.nesting++
	if loop {
		l.loops++
	}
	defer func(b *op.Builder, loops int) { l.b, l.loops, l.nesting = b, loops, l.nesting-1 }(l.b, l.loops-btoi(loop))
	before := l.errs
	l.errs = nil
	inner, err := l.settle(n, a, formals, caps, s)
	if first := l.errs; err == nil && len(first) > 0 && allShapes(first) {
		l.errs = nil
		inner.graph.Discard()
		weak := &captures{values: caps.values, weak: true}
		for i := range formals {
			if formals[i].From >= 0 {
				formals[i].Fact = ir.Fact{DType: formals[i].Fact.DType}
			}
		}
		again, err := l.settle(n, a, formals, weak, s)
		if err == nil && len(l.errs) == 0 {
			caps.values, inner = weak.values, again
		} else {
			l.errs = first
		}
	}
	found := l.errs
	l.errs = before
	for _, e := range found {
		l.fail(e)
	}
	if err == nil && len(found) > 0 {
		err = errReported
	}
	return inner, err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func allShapes(errs []error) bool {
	return !slices.ContainsFunc(errs, func(err error) bool { return !errors.Is(err, op.ErrShape) })
}

// settle lowers a subgraph until the facts of its inputs cover what it hands on.
func (l *lowering) settle(n *ir.Node, a *onnxio.Attribute, formals []op.Formal, caps *captures, s *scope) (*scope, error) {
	outer := l.b
	var facts []ir.Fact
	for pass := 0; ; pass++ {
		inner := &scope{
			values: map[string]*ir.Value{}, opsets: s.opsets, attrs: s.attrs, prefix: n.Name + "/" + a.Name + "/",
			outer: s, graph: outer.G.Sub(a.Name), captures: caps, inner: map[*ir.Value]*ir.Value{},
		}
		l.b = op.NewBuilder(inner.graph, l.set)
		if err := l.formals(a.G, formals, facts, inner); err != nil {
			return nil, err
		}
		l.constants(a.G, inner)
		l.nodes(a.G.Node, inner)
		if err := l.results(a, inner); err != nil {
			return nil, err
		}
		if len(l.errs) > 0 {
			return inner, nil
		}
		facts = op.Facts(inner.graph.Inputs[:len(formals)])
		same, err := op.Feedback(facts, op.Facts(inner.graph.Outputs), formals, pass)
		if same || err != nil {
			inner.graph.Captured = len(inner.graph.Inputs) - len(formals)
			return inner, err
		}
		inner.graph.Discard()
	}
}

// formals makes the subgraph's own inputs, with the given facts or else those of its first run.
func (l *lowering) formals(doc *onnxio.Graph, formals []op.Formal, facts []ir.Fact, s *scope) error {
	var own []*onnxio.ValueInfo
	for _, v := range doc.Input {
		if !slices.ContainsFunc(doc.Initializer, func(t *onnxio.Tensor) bool { return t.Name == v.Name }) {
			own = append(own, v)
		}
	}
	if len(own) != len(formals) {
		return op.Malformedf("subgraph %s has %d inputs, %d expected", s.graph.Name, len(own), len(formals))
	}
	for i, v := range own {
		f := formals[i].Fact
		if facts != nil {
			f = facts[i]
		}
		if v.Type != nil {
			declared, err := FactOf(v.Type)
			if err != nil {
				return fmt.Errorf("subgraph %s, input %s: %w", s.graph.Name, v.Name, err)
			}
			if f.DType == tensor.Undefined {
				f.DType = declared.DType
			}
			if declared.DType != f.DType {
				return fmt.Errorf("%w: subgraph %s, input %s is declared %v and given %v", op.ErrDType, s.graph.Name, v.Name, declared, f)
			}
			if formals[i].Unit && declared.Rank() == 1 {
				f.Shape = ir.Shape{ir.Known(1)}
			}
		}
		if f.DType == tensor.Undefined {
			return op.Malformedf("subgraph %s, input %s has no type", s.graph.Name, v.Name)
		}
		s.values[v.Name] = s.graph.AddInput(v.Name, f)
	}
	return nil
}

func (l *lowering) results(a *onnxio.Attribute, s *scope) error {
	for _, o := range a.G.Output {
		v, ok := l.lookup(s, o.Name)
		if !ok || v == nil {
			return op.Malformedf("subgraph %s, output %s: no such value in the graph", a.Name, o.Name)
		}
		s.graph.Outputs = append(s.graph.Outputs, v)
	}
	return nil
}
