package keras

import (
	"slices"

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

// scan emits a Scan over the first axis of xs, from its end where backwards is set. body gets the states
// and one row of each of xs, and returns the next states and a row of the result; all has the rows in the
// order of xs.
func (x *emit) scan(init, xs []*ir.Value, backwards bool, body func(x *emit, states, rows []*ir.Value) (next []*ir.Value, row *ir.Value)) (last []*ir.Value, all *ir.Value) {
	if x.Err() != nil {
		return init, init[0]
	}
	g := x.G.Sub(x.Scope + "/body")
	var states, rows []*ir.Value
	for _, v := range init {
		states = append(states, g.AddInput(x.Scope+"/state", v.Fact.Like()))
	}
	for _, v := range xs {
		rows = append(rows, g.AddInput(x.Scope+"/row", ir.Typed(v.Fact.DType, v.Fact.Shape[1:]...)))
	}
	x.inside(g, func(x *emit) {
		next, row := body(x, states, rows)
		if slices.Contains(next, row) {
			row = x.Op("Identity", row)
		}
		g.Outputs = append(slices.Clone(next), row)
	})
	attrs := []ir.Attr{op.Attr("body", g), op.Attr("num_scan_inputs", len(xs))}
	if backwards {
		attrs = append(attrs, op.Attr("scan_input_directions", slices.Repeat([]int{1}, len(xs))), op.Attr("scan_output_directions", []int{1}))
	}
	out := x.Emit(len(init)+1, "Scan", slices.Concat(init, xs), attrs...)
	return out[:len(init)], out[len(init)]
}
