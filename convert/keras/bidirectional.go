package keras

import (
	"encoding/json"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// bidirectional runs a recurrent layer over time both ways and merges what they give.
func bidirectional(x *emit) []*ir.Value {
	x.noCall("mask", "initial_state")
	mode := "none"
	if x.layer.has("merge_mode") {
		mode = x.layer.text("merge_mode", "?")
	} else if _, null := x.layer.Config["merge_mode"]; !null {
		mode = "concat"
	}
	fwd, bwd := x.bothWays()
	if x.Err() != nil {
		return x.in
	}
	n := fwd.numStates()
	init, mask := x.recurrentInputs(n + bwd.numStates())
	if x.Err() != nil {
		return x.in
	}
	steps := x.batchFirst(fwd, mask)
	var y []*ir.Value
	var states []*ir.Value
	one := len(fwd.cells) == 1 && len(bwd.cells) == 1 && fwd.cells[0].fits(bwd.cells[0])
	if one && steps == nil {
		y, states = x.bothInOne(fwd, bwd, init, mode)
	} else {
		y, states = x.eachWay(fwd, bwd, init, steps, mode)
	}
	if fwd.sequences && fwd.backwards {
		for i := range y { // the first layer goes backwards, and its order is the output's
			y[i] = x.flip(y[i])
		}
	}
	if fwd.sequences && fwd.timeMajor {
		for i := range y {
			y[i] = x.timeMajor(y[i])
		}
	}
	if fwd.sequences {
		for _, v := range y {
			x.setMask(v, x.outputMask(mask))
		}
	}
	if fwd.states {
		y = append(y, states...)
	}
	return y
}

// bothWays reads the layers of the two directions.
func (x *emit) bothWays() (fwd, bwd *recurrence) {
	layer, err := x.layer.inner("layer")
	if err != nil {
		x.Fail(err)
		return nil, nil
	}
	other := layer
	if x.layer.has("backward_layer") {
		other, err = x.layer.inner("backward_layer")
	} else {
		other, err = copyOf(layer)
		if err == nil {
			other.Config["go_backwards"] = !layer.flag("go_backwards", false)
			other.Config["name"] = "backward_" + strings.TrimPrefix(layer.name(), "forward_")
		}
	}
	if err != nil {
		x.Fail(err)
		return nil, nil
	}
	s, done := x.sub(layer)
	fwd = s.recurrenceOf(layer)
	done()
	s, done = x.sub(other)
	bwd = s.recurrenceOf(other)
	done()
	if fwd.sequences != bwd.sequences || fwd.states != bwd.states || fwd.backwards == bwd.backwards {
		x.Fail(op.Malformedf("the layers of the two directions do not fit each other"))
	}
	fwd.zeros, bwd.zeros = fwd.sequences, bwd.sequences // Keras sets them so
	return fwd, bwd
}

// copyOf returns a layer like another.
func copyOf(l *layer) (*layer, error) {
	raw, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	var c layer
	err = decode(raw, &c)
	if err == nil && c.Config == nil {
		c.Config = map[string]any{}
	}
	return &c, err
}

// bothInOne emits one node for the two directions. ONNX's first goes forwards in time.
func (x *emit) bothInOne(fwd, bwd *recurrence, init []*ir.Value, mode string) (y, states []*ir.Value) {
	t, _ := x.sequenceIn(fwd.cells[0], x.in[0], nil)
	n := fwd.numStates()
	cells := []*cell{fwd.cells[0], bwd.cells[0]}
	if fwd.backwards {
		cells[0], cells[1] = cells[1], cells[0]
	}
	var first []*ir.Value
	for i := range n {
		if init == nil {
			break
		}
		a, b := x.Unsqueeze(init[i], 0), x.Unsqueeze(init[n+i], 0)
		if fwd.backwards {
			a, b = b, a
		}
		first = append(first, x.Concat(0, a, b))
	}
	all, last := x.node(cells, t, first, nil, "bidirectional", "")
	if fwd.states {
		for _, way := range []int{0, 1} {
			if fwd.backwards {
				way = 1 - way
			}
			for _, h := range last {
				states = append(states, x.Squeeze(x.Slice(h, 0, way, way+1), 0))
			}
		}
	}
	if !fwd.sequences {
		return x.mergeWays(last[0], 0, cells[0].units, fwd.backwards, mode), states
	}
	for _, v := range x.mergeWays(all, 1, cells[0].units, fwd.backwards, mode) {
		y = append(y, x.batchMajor(v))
	}
	return y, states
}

// mergeWays merges the directions, which lie along an axis of v: that before the batch.
func (x *emit) mergeWays(v *ir.Value, axis, units int, swapped bool, mode string) []*ir.Value {
	switch mode {
	case "sum":
		return one(x.Reduce("ReduceSum", v, false, axis))
	case "ave":
		return one(x.Reduce("ReduceMean", v, false, axis))
	case "mul":
		return one(x.Reduce("ReduceProd", v, false, axis))
	case "concat":
		if !swapped {
			if axis == 0 {
				return one(x.ReshapeTo(x.Transpose(v, 1, 0, 2), 0, 2*units))
			}
			return one(x.ReshapeTo(x.Transpose(v, 0, 2, 1, 3), 0, 0, 2*units))
		}
	case "none":
	default:
		x.Fail(argument("merge_mode", mode))
		return one(v)
	}
	a, b := x.Squeeze(x.Slice(v, axis, 0, 1), axis), x.Squeeze(x.Slice(v, axis, 1, 2), axis)
	if swapped {
		a, b = b, a
	}
	if mode == "concat" {
		return one(x.Concat(-1, a, b))
	}
	return []*ir.Value{a, b}
}

// eachWay runs the directions one by one.
func (x *emit) eachWay(fwd, bwd *recurrence, init []*ir.Value, mask *ir.Value, mode string) (y, states []*ir.Value) {
	var first, second []*ir.Value
	if init != nil {
		first, second = init[:fwd.numStates()], init[fwd.numStates():]
	}
	a := x.run(fwd, x.in[0], first, mask, "_forward")
	b := x.run(bwd, x.in[0], second, mask, "_backward")
	states = append(a.states, b.states...)
	u, v := a.last, b.last
	if fwd.sequences {
		u, v = a.sequence, b.sequence
	}
	switch mode {
	case "concat":
		y = one(x.Concat(-1, u, v))
	case "sum":
		y = one(x.Add(u, v))
	case "ave":
		y = one(x.Scale(x.Add(u, v), .5))
	case "mul":
		y = one(x.Mul(u, v))
	case "none":
		y = []*ir.Value{u, v}
	default:
		x.Fail(argument("merge_mode", mode))
		y = one(u)
	}
	return y, states
}
