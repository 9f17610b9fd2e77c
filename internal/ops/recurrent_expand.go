package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxUnrolled bounds the steps that an expansion lays out one behind the other.
const maxUnrolled = 1 << 14

// unrolled is a recurrent node being laid out step by step in standard operators.
type unrolled struct {
	*op.Builder
	recurrent
	n             *op.Node
	steps, hidden int
	acts          []gateActivation      // of the direction
	rec           []*ir.Value           // recurrent weights [hidden, ...]: of all gates; GRU: of z and r, of h
	masks         []RecurrentMask       // by direction, none where nothing is dropped
	state         []*ir.Value           // the direction's masks of the state
	gates         []*ir.Value           // recurrent weights by gate, where each has a mask
	bias          *ir.Value             // GRU with linear_before_reset: of the recurrent product of h
	peep          [3]*ir.Value          // LSTM: of the gates i, o, f
	live          func(t int) *ir.Value // [batch,1]: whether a sequence reaches step t; nil is always
}

// expand lays the node out. The number of steps and the hidden size must be known.
func (r recurrent) expand(b *op.Builder, n *op.Node) []*ir.Value { return r.unroll(b, n, nil) }

// unroll is expand with masks.
func (r recurrent) unroll(b *op.Builder, n *op.Node, masks []RecurrentMask) []*ir.Value {
	d, err := r.dims(n)
	steps, ok := d.steps.Int()
	hidden, known := d.hidden.Int()
	dirs, _ := d.directions.Int()
	if err == nil && (!ok || !known || steps < 1 || steps > maxUnrolled) {
		err = op.Unsupportedf("%s step by step with %v steps of %v units: both must be known, the steps from 1 to %d", n.Op, d.steps, d.hidden, maxUnrolled)
	}
	named, aerr := readActivations(n, dirs, r.activations...)
	if err == nil {
		err = aerr
	}
	if err != nil {
		b.Fail(err)
		return n.Node.Out
	}
	u := &unrolled{Builder: b, recurrent: r, n: n, steps: steps, hidden: hidden, masks: masks}
	x := u.wide(0)
	if d.batchFirst {
		x = b.Transpose(x, 1, 0, 2)
	}
	if lens := u.in(4); lens != nil {
		column := b.Unsqueeze(lens, 1)
		u.live = func(t int) *ir.Value { return b.Op("Less", b.Const(tensor.Scalar(int32(t))), column) }
	}
	var ys, hs, cs []*ir.Value
	for dir := range dirs {
		u.acts = named[dir]
		y, h, c := u.direction(x, dir, d.batchFirst, d.backwards || dir == 1)
		ys, hs = append(ys, b.Unsqueeze(y, 1)), append(hs, b.Unsqueeze(h, 0))
		if c != nil {
			cs = append(cs, b.Unsqueeze(c, 0))
		}
	}
	out := []*ir.Value{b.Concat(1, ys...), b.Concat(0, hs...)}
	if r.cell == kernel.CellLSTM {
		out = append(out, b.Concat(0, cs...))
	}
	perms := [][]int{{2, 0, 1, 3}, {1, 0, 2}, {1, 0, 2}}
	out = out[:min(len(out), n.NumOut())]
	for i := range out {
		if d.batchFirst {
			out[i] = b.Transpose(out[i], perms[i]...)
		}
		out[i] = b.Cast(out[i], n.In(0).DType)
		if !n.HasOut(i) {
			out[i] = nil
		}
	}
	return out
}

func (u *unrolled) in(i int) *ir.Value {
	if !u.n.HasIn(i) {
		return nil
	}
	return u.n.Node.In[i]
}

// wide returns input i in the type that is computed in.
func (u *unrolled) wide(i int) *ir.Value { return u.Cast(u.n.Node.In[i], wideOf(u.n.Node.In[0])) }

// of returns what belongs to a direction.
func (u *unrolled) of(v *ir.Value, axis, dir int) *ir.Value {
	return u.Squeeze(u.Slice(v, axis, dir, dir+1), axis)
}

// direction walks through the steps of x [steps, batch, input] and returns Y [steps, batch, hidden]
// and the last states.
func (u *unrolled) direction(x *ir.Value, dir int, batchFirst, back bool) (y, h, c *ir.Value) {
	gates := u.cell.Gates() * u.hidden
	var mask RecurrentMask
	if u.masks != nil {
		mask = u.masks[dir]
	}
	xw := u.product(x, mask.Input, u.Transpose(u.of(u.wide(1), 0, dir), 1, 0), nil)
	rec := u.Transpose(u.of(u.wide(2), 0, dir), 1, 0)
	if u.state, u.gates = mask.State, nil; len(u.state) > 1 {
		u.gates = splitEven(u.Builder, rec, 1, u.cell.Gates(), u.hidden)
	}
	u.rec = []*ir.Value{rec}
	if u.cell == kernel.CellGRU {
		u.rec = []*ir.Value{u.Slice(rec, 1, 0, 2*u.hidden), u.Slice(rec, 1, 2*u.hidden, gates)}
	}
	if u.in(3) != nil {
		xw = u.biased(xw, u.of(u.wide(3), 0, dir), gates)
	}
	if u.in(7) != nil {
		p := u.of(u.wide(7), 0, dir)
		for i := range u.peep {
			u.peep[i] = u.Slice(p, 0, i*u.hidden, (i+1)*u.hidden)
		}
	}
	axis := 0
	if batchFirst {
		axis = 1
	}
	start := func(i int) *ir.Value {
		if u.in(i) != nil {
			return u.of(u.wide(i), axis, dir)
		}
		return zerosOf(u.Builder, xw.Fact.DType, u.Concat(0, u.Slice(u.Shape(x), 0, 1, 2), u.Ints(u.hidden)))
	}
	h = start(5)
	if u.cell == kernel.CellLSTM {
		c = start(6)
	}
	parts := cut(u.Builder, xw, 0, u.steps)
	ys := make([]*ir.Value, u.steps)
	for t := range u.steps {
		if back {
			t = u.steps - 1 - t
		}
		ys[t], h, c = u.step(t, parts[t], h, c)
		ys[t] = u.Unsqueeze(ys[t], 0)
	}
	return u.Concat(0, ys...), h, c
}

// biased adds the biases b [2*gates] to the inputs' product, but for what a GRU with
// linear_before_reset adds to the state's.
func (u *unrolled) biased(xw, b *ir.Value, gates int) *ir.Value {
	w, r := u.Slice(b, 0, 0, gates), u.Slice(b, 0, gates, 2*gates)
	if !u.n.Bool("linear_before_reset") {
		return u.Add(xw, u.Add(w, r))
	}
	u.bias = u.Slice(r, 0, 2*u.hidden, gates)
	head := u.Add(u.Slice(w, 0, 0, 2*u.hidden), u.Slice(r, 0, 0, 2*u.hidden))
	return u.Add(xw, u.Concat(0, head, u.Slice(w, 0, 2*u.hidden, gates)))
}

// step does step t and returns what it adds to Y and the states after it.
func (u *unrolled) step(t int, z, h, c *ir.Value) (y, h1, c1 *ir.Value) {
	switch u.cell {
	case kernel.CellRNN:
		h1 = u.act(0, u.Add(z, u.product(h, u.state, u.rec[0], u.gates)))
	case kernel.CellGRU:
		h1 = u.gru(z, h)
	case kernel.CellLSTM:
		h1, c1 = u.lstm(z, h, c)
	}
	if u.live == nil {
		return h1, h1, c1
	}
	live := u.live(t)
	y = u.Where(live, h1, u.Scalar(h1, 0))
	h1 = u.Where(live, h1, h)
	if c1 != nil {
		c1 = u.Where(live, c1, c)
	}
	return y, h1, c1
}

// act clips and applies an activation of the direction.
func (u *unrolled) act(i int, x *ir.Value) *ir.Value {
	if u.n.HasAttr("clip") {
		c := float64(u.n.Float("clip"))
		x = u.Op("Clip", x, u.Scalar(x, -c), u.Scalar(x, c))
	}
	return u.acts[i].emit(u.Builder, x)
}

func (u *unrolled) gru(z, h *ir.Value) *ir.Value {
	x := splitEven(u.Builder, z, -1, 3, u.hidden)
	first, last := u.state, u.state
	var gates []*ir.Value
	if len(u.state) > 1 {
		first, last, gates = u.state[:2], u.state[2:], u.gates[:2]
	}
	s := splitEven(u.Builder, u.product(h, first, u.rec[0], gates), -1, 2, u.hidden)
	update, reset := u.act(0, u.Add(x[0], s[0])), u.act(0, u.Add(x[1], s[1]))
	var p *ir.Value
	if u.n.Bool("linear_before_reset") {
		p = u.product(h, last, u.rec[1], nil)
		if u.bias != nil {
			p = u.Add(p, u.bias)
		}
		p = u.Mul(reset, p)
	} else {
		p = u.product(u.Mul(reset, h), last, u.rec[1], nil)
	}
	candidate := u.act(1, u.Add(x[2], p))
	return u.Add(u.Mul(u.Sub(u.Scalar(h, 1), update), candidate), u.Mul(update, h))
}

func (u *unrolled) lstm(z, h, c *ir.Value) (h1, c1 *ir.Value) {
	s := splitEven(u.Builder, u.Add(z, u.product(h, u.state, u.rec[0], u.gates)), -1, 4, u.hidden)
	peep := func(i int, z, c *ir.Value) *ir.Value {
		if u.peep[i] == nil {
			return z
		}
		return u.Add(z, u.Mul(u.peep[i], c))
	}
	in := u.act(0, peep(0, s[0], c))
	var forget *ir.Value
	if u.n.Bool("input_forget") {
		forget = u.Sub(u.Scalar(in, 1), in)
	} else {
		forget = u.act(0, peep(2, s[2], c))
	}
	c1 = u.Add(u.Mul(forget, c), u.Mul(in, u.act(1, s[3])))
	out := u.act(0, peep(1, s[1], c1))
	return u.Mul(out, u.act(2, c1)), c1
}
