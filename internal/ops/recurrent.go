package ops

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// What RNN, GRU and LSTM share. In all of them X is [steps, batch, input], Y [steps, directions, batch,
// hidden] and a state [directions, batch, hidden]; with layout 1 X is [batch, steps, input], Y [batch,
// steps, directions, hidden] and a state [batch, directions, hidden]. The weights W of the input are
// [directions, gates*hidden, input], R of the state [directions, gates*hidden, hidden], and B is
// [directions, 2*gates*hidden] with the bias of W before that of R.
//
// A sequence that is shorter than the others keeps its state from its end on and has zeros in Y; a
// reverse direction begins at its end. clip bounds what goes into activations to [-clip, clip].

// recurrent is one of the three operators.
type recurrent struct {
	cell        kernel.Cell
	activations []string
	flags       []op.AttrDef
}

// attrs are the attributes of a version, sorted like ONNX's.
func (r recurrent) attrs(layout bool) []op.AttrDef {
	a := []op.AttrDef{
		op.May("activation_alpha", op.FloatsKind), op.May("activation_beta", op.FloatsKind), op.May("activations", op.StringsKind),
		op.May("clip", op.FloatKind), op.Str("direction", "forward"), op.May("hidden_size", op.IntKind),
	}
	if r.cell == kernel.CellRNN {
		a[2].Default = []string{"Tanh", "Tanh"}
	}
	if layout {
		a = append(a, op.Int("layout", 0))
	}
	return append(a, r.flags...)
}

// versions are those from opset 7 to 14.
func (r recurrent) versions() []op.Version {
	t := op.Types{"T": op.FloatsIEEE}
	return []op.Version{
		{Since: 14, Types: t, Attrs: r.attrs(true)},
		{Since: 7, Types: t, Attrs: r.attrs(false)},
	}
}

// recurrentIn are the inputs that all three have.
var recurrentIn = []op.Param{
	op.In("X", "T", op.Differentiable), op.In("W", "T", op.Differentiable), op.In("R", "T", op.Differentiable),
	op.Opt("B", "T", op.Differentiable), op.Opt("sequence_lens", "T1", op.Zero), op.Opt("initial_h", "T", op.Differentiable),
}

var (
	recurrentOut   = []op.Param{op.OptOut("Y", "T"), op.OptOut("Y_h", "T")}
	recurrentTypes = op.Types{"T1": {tensor.Int32}}
)

// recurrentDims are the sizes of a node, unknown where its inputs' are.
type recurrentDims struct {
	steps, batch, input, hidden, directions ir.Dim
	backwards, batchFirst                   bool
}

// dims returns the sizes after checking all inputs against each other.
func (r recurrent) dims(n *op.Node) (d recurrentDims, err error) {
	d = recurrentDims{steps: ir.Unknown, batch: ir.Unknown, input: ir.Unknown, hidden: ir.Unknown, directions: ir.Known(1), batchFirst: n.Bool("layout")}
	switch s := n.Str("direction"); s {
	case "forward":
	case "reverse":
		d.backwards = true
	case "bidirectional":
		d.directions = ir.Known(2)
	default:
		return d, op.Malformedf("direction is %q, expected forward, reverse or bidirectional", s)
	}
	if l := n.Int("layout"); l != 0 && l != 1 {
		return d, op.Malformedf("layout is %d, expected 0 or 1", l)
	}
	if n.HasAttr("clip") && !(n.Float("clip") > 0) {
		return d, op.Malformedf("clip is %v, expected a positive number", n.Float("clip"))
	}
	if n.HasAttr("hidden_size") {
		d.hidden = ir.Known(n.Int("hidden_size"))
	}
	dirs := d.directions
	gates := ir.Known(r.cell.Gates())
	steps, batch := &d.steps, &d.batch
	if d.batchFirst {
		steps, batch = batch, steps
	}
	rows := d.hidden.Mul(gates)
	unify := func(i int, what ...*ir.Dim) {
		if err == nil {
			err = unifyDims(n, i, what...)
		}
	}
	unify(0, steps, batch, &d.input)
	unify(2, &dirs, &rows, &d.hidden)
	rows = d.hidden.Mul(gates)
	both, peep := rows.Add(rows), d.hidden.Mul(ir.Known(3))
	unify(1, &dirs, &rows, &d.input)
	unify(3, &dirs, &both)
	unify(4, &d.batch)
	state := []*ir.Dim{&dirs, &d.batch, &d.hidden}
	if d.batchFirst {
		state = []*ir.Dim{&d.batch, &dirs, &d.hidden}
	}
	unify(5, state...)
	unify(6, state...)
	unify(7, &dirs, &peep)
	return d, err
}

// unifyDims checks that input i has the given sizes, and fills in those that are not known.
func unifyDims(n *op.Node, i int, dims ...*ir.Dim) error {
	f := n.In(i)
	if !n.HasIn(i) || !f.Ranked {
		return nil
	}
	want := make(ir.Shape, len(dims))
	for k, d := range dims {
		want[k] = *d
	}
	bad := len(f.Shape) != len(dims)
	for k := 0; k < len(dims) && !bad; k++ {
		bad = knownOther(want[k], f.Shape[k])
		if _, known := dims[k].Int(); !known && !f.Shape[k].IsUnknown() {
			*dims[k] = f.Shape[k]
		}
	}
	if bad {
		return op.Shapef("%s is %v, expected %v", n.Def.In[i].Name, f, want)
	}
	return nil
}

func (r recurrent) infer(n *op.Node) error {
	d, err := r.dims(n)
	if err != nil {
		return err
	}
	dirs, _ := d.directions.Int()
	if _, err := readActivations(n, dirs, r.activations...); err != nil {
		return err
	}
	y, state := ir.Shape{d.steps, d.directions, d.batch, d.hidden}, ir.Shape{d.directions, d.batch, d.hidden}
	if d.batchFirst {
		y, state = ir.Shape{d.batch, d.steps, d.directions, d.hidden}, ir.Shape{d.batch, d.directions, d.hidden}
	}
	n.SetShape(0, y)
	n.SetShape(1, state)
	n.SetShape(2, state)
	return nil
}

func bindRecurrent[T tensor.Float](r recurrent) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		d, err := r.dims(n)
		if err != nil {
			return nil, err
		}
		size := func(d ir.Dim) int { v, _ := d.Int(); return v }
		g := kernel.Recurrence{
			Cell: r.cell, Steps: size(d.steps), Batch: size(d.batch), Input: size(d.input), Hidden: size(d.hidden),
			Directions: size(d.directions), Backwards: d.backwards, BatchFirst: d.batchFirst,
			ResetAfter: n.Bool("linear_before_reset"), Couple: n.Bool("input_forget"), Clip: float64(n.Float("clip")),
		}
		// Sizes may be any where there are no elements.
		const most = min(1<<40, math.MaxInt>>3)
		if float64(g.Batch)*float64(g.Hidden) > most || float64(g.Steps)*float64(g.Input+1) > most {
			return nil, fmt.Errorf("%w: %d steps of %d sequences of %d units", op.ErrLimit, g.Steps, g.Batch, g.Hidden)
		}
		named, err := readActivations(n, g.Directions, r.activations...)
		if err != nil {
			return nil, err
		}
		acts := make([][]func(d, x []T), len(named))
		for i, list := range named {
			for _, a := range list {
				acts[i] = append(acts[i], gateKernel[T](a))
			}
		}
		k := kernel.NewRecurrent(g, acts)
		n.Scratch(k.ScratchLen() * n.In(0).DType.Size())
		return func(c *op.Call) error {
			lens := op.Arg[int32](c, 4)
			for i, l := range lens {
				if l < 0 || int(l) > g.Steps {
					return fmt.Errorf("sequence_lens[%d] is %d, there are %d steps", i, l, g.Steps)
				}
			}
			k.Run(c.Pool, kernel.RecurrentOperands[T]{
				X: op.Arg[T](c, 0), W: op.Arg[T](c, 1), R: op.Arg[T](c, 2), B: op.Arg[T](c, 3), Lens: lens,
				H0: op.Arg[T](c, 5), C0: op.Arg[T](c, 6), P: op.Arg[T](c, 7),
				Y: op.Result[T](c, 0), H: op.Result[T](c, 1), C: op.Result[T](c, 2), Scratch: op.Scratch[T](c, k.ScratchLen()),
			})
			return nil
		}, nil
	}
}

func (r recurrent) kernels() op.Kernels {
	return op.Merge(op.Wide(), op.Kernels{tensor.Float32: bindRecurrent[float32](r), tensor.Float64: bindRecurrent[float64](r)})
}

// grad differentiates the node step by step.
func (r recurrent) grad(g *op.Grad) { g.Through(r.expand) }
