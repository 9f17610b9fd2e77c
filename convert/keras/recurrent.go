package keras

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// recurrence is a recurrent layer: cells that each feed the next, and how they run over time.
type recurrence struct {
	cells     []*cell
	conv      *convCell // in place of cells
	sequences bool      // give the output of all steps
	states    bool      // give the last states too
	backwards bool
	zeros     bool // masked steps give zeros
	timeMajor bool // values are (time, batch, ...)
}

// sub returns an emit for a layer that is an argument of this one and takes the next weights; done
// must be called when it has.
func (x *emit) sub(l *layer) (in *emit, done func()) {
	in = &emit{
		Builder: x.Builder, converter: x.converter, layer: l, weights: x.weights, path: x.path, at: x.at,
		prefix: x.prefix + l.name() + "/", frozen: x.frozen || !l.flag("trainable", true),
	}
	return in, func() {
		x.weights = in.weights
		if rest := l.unread(); len(rest) > 0 {
			x.Fail(op.Unsupportedf("arguments %v of %s (%s)", rest, l.name(), l.Class))
		}
	}
}

// recurrenceOf reads a recurrent layer and takes its weights.
func (x *emit) recurrenceOf(l *layer) *recurrence {
	r := &recurrence{
		sequences: l.flag("return_sequences", false),
		states:    l.flag("return_state", false),
		backwards: l.flag("go_backwards", false),
		zeros:     l.flag("zero_output_for_mask", false),
	}
	l.get("unroll") // says how to compute, not what
	l.get("input_dim")
	r.timeMajor = l.flag("time_major", false)
	if l.flag("stateful", false) {
		x.converter.warn("layer %s: stateful=True: each run starts from zero states, as Keras does after reset_states; with return_state and initial_state the states are outputs and inputs", x.layer.name())
	}
	if convDims(l.Class) > 0 {
		r.conv = x.convCellOf(l)
		return r
	}
	if l.Class != "RNN" {
		r.cells = []*cell{x.cellOf(l)}
		return r
	}
	in, err := l.inner("cell")
	if err != nil {
		x.Fail(err)
		return r
	}
	r.cells = x.cellsOf(in)
	return r
}

// cellsOf reads the cells of a layer that is a cell or StackedRNNCells, an argument of this one, and takes their weights.
// Those of a stack inside another one stand in its place.
func (x *emit) cellsOf(l *layer) []*cell {
	list, err := cellLayers(l)
	if err != nil {
		x.Fail(err)
	}
	var out []*cell
	for _, c := range list {
		s, done := x.sub(c)
		switch {
		case c.Class != "StackedRNNCells":
			out = append(out, s.cellOf(c))
		case strings.Count(s.prefix, "/") > maxDepth:
			x.Fail(op.Malformedf("StackedRNNCells are nested too deeply"))
		default:
			out = append(out, s.cellsOf(c)...)
		}
		done()
	}
	if len(out) > maxCells {
		x.Fail(op.Malformedf("StackedRNNCells of %d cells", len(out)))
	}
	return out
}

// maxCells bounds how many cells a recurrent layer has.
const maxCells = 1000

// cellLayers returns a cell, or what StackedRNNCells holds.
func cellLayers(l *layer) ([]*layer, error) {
	if l.Class != "StackedRNNCells" {
		return []*layer{l}, nil
	}
	list, _ := l.get("cells").([]any)
	if len(list) == 0 || len(list) > maxCells {
		return nil, op.Malformedf("StackedRNNCells of %d cells", len(list))
	}
	if l.flag("reverse_state_order", false) { // no version of Keras writes it
		return nil, argument("reverse_state_order", true)
	}
	var out []*layer
	for i := range list {
		wrap := &layer{Config: map[string]any{"cell": list[i]}}
		c, err := wrap.inner("cell")
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// numStates is how many states all cells have.
func (r *recurrence) numStates() int {
	if r.conv != nil {
		return 2
	}
	n := 0
	for _, c := range r.cells {
		n += c.states()
	}
	return n
}

// recurrent is for SimpleRNN, LSTM, GRU and RNN.
func recurrent(x *emit) []*ir.Value {
	x.noCall("mask", "initial_state")
	r := x.recurrenceOf(x.layer)
	if x.Err() != nil {
		return x.in
	}
	init, mask := x.recurrentInputs(r.numStates())
	steps := x.batchFirst(r, mask)
	in := x.in[0]
	if r.conv == nil && x.layer.Class != "RNN" && r.cells[0].drops.Rate == 0 {
		in = x.noise(in, "Dropout", x.layer.num("dropout", 0), 1) // one draw for all steps
	}
	y := x.run(r, in, init, steps, "")
	out := []*ir.Value{y.last}
	if r.sequences {
		out[0] = y.sequence
		if r.backwards {
			out[0] = x.flip(y.sequence)
		}
		if r.timeMajor {
			out[0] = x.timeMajor(out[0])
		}
		x.setMask(out[0], x.outputMask(mask)) // Keras leaves the mask's order as it is
	}
	if r.states {
		out = append(out, y.states...)
	}
	return out
}

// batchFirst brings the input of a layer with time_major to (batch, time, ...), and returns its mask so.
func (x *emit) batchFirst(r *recurrence, mask *ir.Value) *ir.Value {
	if !r.timeMajor {
		return mask
	}
	if x.in[0].Fact.Rank() != 3 {
		x.Fail(op.Shapef("a layer with time_major=True takes (time, batch, features), not %v", x.in[0].Fact))
		return mask
	}
	x.in = append(one(x.batchMajor(x.in[0])), x.in[1:]...)
	if mask == nil {
		return nil
	}
	return x.Transpose(mask, 1, 0)
}

// recurrentInputs returns the initial states, nil where there are none, and the mask.
func (x *emit) recurrentInputs(n int) (init []*ir.Value, mask *ir.Value) {
	init = x.in[1:]
	given := x.maskArgument("mask")
	if at := slices.Index(x.call.args, 2); at > 0 && at == len(x.in)-1 { // sequences, initial_state, mask
		init, given = x.in[1:at], x.Cast(x.in[at], tensor.Bool)
	}
	if s := x.words["initial_state"]; s != nil {
		init = s
	} else if x.call.kwargs["initial_state"] != nil {
		x.Fail(op.Unsupportedf("initial_state that is not a value of the graph"))
	}
	if len(init) == 0 {
		init = nil
	} else if len(init) != n {
		x.Fail(op.Unsupportedf("a call with %d initial states; there are %d states", len(init), n))
		init = nil
	}
	// Keras 3 gives a layer the mask by itself where it is called on one value alone.
	if x.mask(x.in[0]) != nil && (init == nil || x.converter.keras2()) {
		mask = x.mask(x.in[0])
	}
	if given != nil {
		mask = given
	}
	if mask != nil && mask.Fact.Rank() != 2 {
		x.Fail(op.Unsupportedf("a mask of rank %d on a recurrent layer", mask.Fact.Rank()))
	}
	return init, mask
}

// outputMask is the mask of a layer's sequence: that which it used, else its input's.
func (x *emit) outputMask(mask *ir.Value) *ir.Value {
	if mask == nil {
		return x.mask(x.in[0])
	}
	return mask
}

// ran is what running a recurrence gives, each (batch, ...).
type ran struct {
	sequence *ir.Value // outputs in the order of time, nil where nobody asks
	last     *ir.Value // the output of the step that is run last
	states   []*ir.Value
}

// timeMajor returns (batch, time, features) as (time, batch, features).
func (x *emit) timeMajor(v *ir.Value) *ir.Value {
	if t := x.converter.byTime[v]; t != nil {
		return t
	}
	t := x.Transpose(v, 1, 0, 2)
	x.converter.byTime[v] = t
	return t
}

// batchMajor is the other way.
func (x *emit) batchMajor(t *ir.Value) *ir.Value {
	v := x.Transpose(t, 1, 0, 2)
	x.converter.byTime[v] = t
	return v
}

// flip reverses (batch, time, ...) along time.
func (x *emit) flip(v *ir.Value) *ir.Value {
	return x.Op("Slice", v, x.Ints(-1), x.Ints(math.MinInt), x.Ints(1), x.Ints(-1))
}

// sequenceIn checks the input of a recurrent layer and brings the steps that count to the front.
func (x *emit) sequenceIn(c *cell, v, mask *ir.Value) (*ir.Value, *steps) {
	if v.Fact.Rank() != 3 {
		x.Fail(op.Shapef("a recurrent layer takes (batch, time, features), not %v", v.Fact))
		return v, nil
	}
	if n, ok := v.Fact.Shape[2].Int(); ok && n != c.features {
		x.Fail(op.Malformedf("the kernel takes %d features, the input has %d", c.features, n))
		return v, nil
	}
	if v.Fact.DType != tensor.Float32 {
		v = x.Cast(v, tensor.Float32)
	}
	if mask == nil {
		return x.timeMajor(v), nil
	}
	s := x.stepsOf(mask)
	return x.timeMajor(x.pick(v, s.order)), s
}

// run emits a recurrence in one direction: a node for each cell.
func (x *emit) run(r *recurrence, v *ir.Value, init []*ir.Value, mask *ir.Value, suffix string) ran {
	if r.conv != nil {
		return x.runConv(r, v, init, mask)
	}
	t, s := x.sequenceIn(r.cells[0], v, mask)
	if x.Err() != nil {
		return ran{sequence: v, last: v}
	}
	var lengths *ir.Value
	if s != nil {
		lengths = s.lengths
	}
	direction := "forward"
	if r.backwards {
		direction = "reverse"
	}
	var out ran
	for i, c := range r.cells {
		var first []*ir.Value
		if init != nil {
			for _, h := range init[:c.states()] {
				first = append(first, x.Unsqueeze(h, 0))
			}
		}
		name := suffix
		if len(r.cells) > 1 {
			name += "_" + string(rune('0'+i%10))
		}
		var y *ir.Value
		var states []*ir.Value
		if c.other() {
			if d := c.drops; d.Rate != 0 || d.StateRate != 0 {
				x.converter.train.note("%s: dropout=%v and recurrent_dropout=%v with an activation that ONNX's operator lacks", x.Scope, d.Rate, d.StateRate)
			}
			y, states = x.stepwise(c, t, first, lengths, r.backwards, name)
		} else {
			y, states = x.node([]*cell{c}, t, first, lengths, direction, name)
		}
		if x.Err() != nil {
			return ran{sequence: v, last: v, states: make([]*ir.Value, r.numStates())}
		}
		t = x.Squeeze(y, 1)
		for k, h := range states {
			if h = x.Squeeze(h, 0); k == 0 {
				out.last = h
			}
			if s != nil {
				rest := x.Scalar(h, 0)
				if init != nil {
					rest = init[k]
				}
				h = x.Where(s.some, h, rest)
			}
			out.states = append(out.states, h)
		}
		if init != nil {
			init = init[c.states():]
		}
	}
	if r.sequences {
		out.sequence = x.batchMajor(t)
	}
	if s != nil {
		out.last = x.lastMasked(out.last, s, r)
		if r.sequences {
			out.sequence = x.back(out.sequence, s, r.backwards, r.zeros)
		}
	}
	return out
}

// lastMasked is the output of the last step where there is a mask: that of the last step that counts,
// zero where none does; with zeros, also where the last step is masked.
func (x *emit) lastMasked(h *ir.Value, s *steps, r *recurrence) *ir.Value {
	valid := s.some
	if r.zeros {
		at := -1
		if r.backwards {
			at = 0
		}
		valid = x.Gather(s.mask, x.Ints(at), 1)
	}
	return x.Where(valid, h, x.Scalar(h, 0))
}
