package op

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Builder appends nodes to a graph and infers their facts as it goes. The first error stays: later
// calls return values without facts, and Err tells.
type Builder struct {
	G     *ir.Graph
	Set   *Set
	Scope string // put before the names of nodes, with a slash

	err error
}

// NewBuilder returns a builder that appends to g.
func NewBuilder(g *ir.Graph, s *Set) *Builder { return &Builder{G: g, Set: s} }

// Err returns the first error.
func (b *Builder) Err() error { return b.err }

// Fail records an error unless there is one already.
func (b *Builder) Fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Builder) scoped(name string) string {
	if b.Scope == "" {
		return name
	}
	return b.Scope + "/" + name
}

// Do runs f with a further scope.
func (b *Builder) Do(scope string, f func()) {
	old := b.Scope
	b.Scope = b.scoped(scope)
	f()
	b.Scope = old
}

// Attr makes an attribute from a Go value: ints, bools and dtypes become int64, float64 float32.
func Attr(name string, v any) ir.Attr {
	switch x := v.(type) {
	case int:
		v = int64(x)
	case bool:
		v = int64(0)
		if x {
			v = int64(1)
		}
	case tensor.DType:
		v = int64(x)
	case float64:
		v = float32(x)
	case []int:
		s := make([]int64, len(x))
		for i, k := range x {
			s[i] = int64(k)
		}
		v = s
	}
	return ir.Attr{Name: name, Value: v}
}

// Emit appends a node of ai.onnx with nout outputs at the operator's newest version.
func (b *Builder) Emit(nout int, name string, in []*ir.Value, attrs ...ir.Attr) []*ir.Value {
	return b.EmitIn("", nout, name, in, attrs...)
}

// EmitIn is Emit for an operator of another domain.
func (b *Builder) EmitIn(domain string, nout int, name string, in []*ir.Value, attrs ...ir.Attr) []*ir.Value {
	for len(in) > 0 && in[len(in)-1] == nil {
		in = in[:len(in)-1]
	}
	d := b.Set.Lookup(domain, name)
	if d == nil {
		b.Fail(b.Set.Unsupported(domain, name, 0))
		return b.dummies(nout)
	}
	if b.err != nil {
		return b.dummies(nout)
	}
	n := &ir.Node{Name: b.scoped(name), Domain: d.Domain, Op: name, Version: d.Since, Attrs: attrs, In: in}
	if d.composite() {
		n.Out = b.dummies(nout)
		r, err := bindNode(d, n, d.newest(), Facts(in))
		if err != nil {
			b.Fail(Wrap("infer", n, Facts(in), err))
			return n.Out
		}
		return b.expand(d.Expand, r)
	}
	outs := make([]string, nout)
	for i := range outs {
		outs[i] = n.Name
	}
	b.G.AddNode(n, outs...)
	r, err := b.Set.Resolve(n, Facts(in))
	if err != nil {
		b.Fail(err)
		return n.Out
	}
	for i, v := range n.Out {
		v.Fact = r.out[i]
	}
	return n.Out
}

// expand runs an expansion in the scope of its node.
func (b *Builder) expand(e Expand, n *Node) (out []*ir.Value) {
	b.Do(n.Name, func() { out = e(b, n) })
	return out
}

func (b *Builder) dummies(n int) []*ir.Value {
	out := make([]*ir.Value, n)
	for i := range out {
		out[i] = &ir.Value{Name: "?"}
	}
	return out
}

// Op appends a node with one output.
func (b *Builder) Op(name string, in ...*ir.Value) *ir.Value { return b.Emit(1, name, in)[0] }

// OpA appends a node with one input, one output and attributes.
func (b *Builder) OpA(name string, x *ir.Value, attrs ...ir.Attr) *ir.Value {
	return b.Emit(1, name, []*ir.Value{x}, attrs...)[0]
}

// Const returns a constant.
func (b *Builder) Const(t tensor.Any) *ir.Value { return b.G.AddConst(b.scoped("const"), t) }

// Ints returns an int64 vector.
func (b *Builder) Ints(v ...int) *ir.Value {
	s := make([]int64, len(v))
	for i, k := range v {
		s[i] = int64(k)
	}
	return b.Const(tensor.Vector(s...))
}

// Scalar returns the number as a scalar constant of the type of x.
func (b *Builder) Scalar(x *ir.Value, v float64) *ir.Value {
	d := x.Fact.DType
	if d == tensor.Float16 || d == tensor.BFloat16 {
		return b.Cast(b.Const(tensor.Scalar(float32(v))), d)
	}
	t, err := ScalarOf(d, v)
	if err != nil {
		b.Fail(err)
		t = tensor.Scalar(float32(v))
	}
	return b.Const(t)
}

// ScalarOf returns a number as a scalar of one of the types that Go computes with.
func ScalarOf(d tensor.DType, v float64) (tensor.Any, error) {
	switch d {
	case tensor.Float32:
		return tensor.Scalar(float32(v)), nil
	case tensor.Float64:
		return tensor.Scalar(v), nil
	case tensor.Int64:
		return tensor.Scalar(int64(v)), nil
	case tensor.Int32:
		return tensor.Scalar(int32(v)), nil
	case tensor.Int16:
		return tensor.Scalar(int16(v)), nil
	case tensor.Int8:
		return tensor.Scalar(int8(v)), nil
	case tensor.Uint64:
		return tensor.Scalar(uint64(v)), nil
	case tensor.Uint32:
		return tensor.Scalar(uint32(v)), nil
	case tensor.Uint16:
		return tensor.Scalar(uint16(v)), nil
	case tensor.Uint8:
		return tensor.Scalar(uint8(v)), nil
	case tensor.Bool:
		return tensor.Scalar(v != 0), nil
	}
	return nil, fmt.Errorf("%w: no numeric constant of type %v", ErrDType, d)
}

// Resolve returns a node of the graph as its operator sees it.
func (b *Builder) Resolve(n *ir.Node) (*Node, error) { return b.Set.Resolve(n, Facts(n.In)) }

// Wrap replaces the recorded error by one that wraps it.
func (b *Builder) Wrap(err error) { b.err = err }

// Copy appends a node like n with other inputs, and with subgraphs of its own.
func (b *Builder) Copy(n *ir.Node, in []*ir.Value) []*ir.Value {
	m := *n
	m.In = in
	m.Attrs = b.G.CloneAttrs(n.Attrs)
	return b.append(&m, n.Version)
}
