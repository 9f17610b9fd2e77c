package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// cellCall is a recurrent cell that the model calls by itself: one step, from the states that the call gives to
// the output and the next states. It is a recurrence over a single step.
func cellCall(x *emit) []*ir.Value {
	x.noCall("states")
	r := &recurrence{}
	if x.layer.Class == "StackedRNNCells" {
		r.cells = x.cellsOf(x.layer)
	} else {
		r.cells = []*cell{x.cellOf(x.layer)}
	}
	if x.Err() != nil {
		return x.in
	}
	if x.in[0].Fact.Rank() != 2 {
		x.Fail(op.Shapef("a recurrent cell takes (batch, features), not %v", x.in[0].Fact))
		return x.in
	}
	states := x.in[1:]
	if s := x.words["states"]; s != nil {
		states = s
	}
	if len(states) != r.numStates() {
		x.Fail(op.Unsupportedf("a call with %d states that are values of the graph; there are %d states", len(states), r.numStates()))
		return x.in
	}
	v := x.Unsqueeze(x.in[0], 1)
	x.converter.byTime[v] = x.Unsqueeze(x.in[0], 0)
	y := x.run(r, v, states, nil, "")
	return append(one(y.last), y.states...)
}
