package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// inside runs f on an emit that appends to a subgraph. What f reads from around the subgraph must be a
// constant or one of the subgraph's inputs.
func (x *emit) inside(g *ir.Graph, f func(x *emit)) {
	in := *x
	in.Builder = &op.Builder{G: g, Set: x.Set, Scope: x.Scope}
	f(&in)
	if err := in.Err(); err != nil {
		x.Fail(err)
	}
}

// while emits a Loop that changes a value until body says that there is no more to do. around are values
// that the body reads unchanged.
func (x *emit) while(v *ir.Value, around []*ir.Value, body func(x *emit, v *ir.Value, around []*ir.Value) (next, more *ir.Value)) *ir.Value {
	if x.Err() != nil {
		return v
	}
	g := x.G.Sub(x.Scope + "/body")
	g.AddInput(x.Scope+"/turn", ir.Typed(tensor.Int64))
	g.AddInput(x.Scope+"/more", ir.Typed(tensor.Bool))
	state := g.AddInput(x.Scope+"/state", v.Fact)
	x.inside(g, func(x *emit) {
		next, more := body(x, state, capture(g, around))
		g.Outputs = []*ir.Value{more, next}
	})
	in := append([]*ir.Value{nil, x.Const(tensor.Scalar(true)), v}, around...)
	return x.Emit(1, "Loop", in, op.Attr("body", g))[0]
}

// capture adds the last inputs of a subgraph: values of the graph around it.
func capture(g *ir.Graph, around []*ir.Value) []*ir.Value {
	in := make([]*ir.Value, len(around))
	for i, v := range around {
		in[i] = g.AddInput(v.Name, v.Fact)
	}
	g.Captured = len(in)
	return in
}
