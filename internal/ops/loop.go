package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLoop runs its body M times, or for as long as the condition holds: with the number of the iteration,
// the condition and the states, of which the body gives the next ones. What else the body gives is
// stacked, one row an iteration. Without M or cond the bound is absent.
var opLoop = &op.Def{
	Name: "Loop", Since: 25,
	Doc: "Runs a subgraph again and again, with values that it hands from one iteration to the next.",
	In: []op.Param{
		op.Opt("M", "I", op.Zero), op.Opt("cond", "B", op.Zero),
		{Name: "v_initial", Type: "V", Variadic: true, Hetero: true, Grad: op.Differentiable},
	},
	Out:     []op.Param{{Name: "v_final_and_scan_outputs", Type: "V", Variadic: true, Min: 1, Hetero: true}},
	Attrs:   []op.AttrDef{op.Need("body", op.GraphKind)},
	Types:   op.Types{"I": {tensor.Int64}, "B": {tensor.Bool}, "V": allTypes},
	Infer:   inferLoop,
	Formals: loopFormals,
	Control: bindLoop,
	Inline:  inlineLoop,
	Grad:    gradInlined,
	Old: append(controlVersions(13, 11), op.Version{Since: 1, Types: op.Types{"V": op.AllClassic}, In: []op.Param{
		op.Opt("M", "I", op.Zero), op.Opt("cond", "B", op.Zero),
		{Name: "v_initial", Type: "V", Variadic: true, Hetero: true, Min: 1, Grad: op.Differentiable},
	}}),
}

// loopStates returns the number of values that a Loop hands from one iteration to the next.
func loopStates(n *op.Node) int { return max(0, n.NumOwn()-2) }

func loopFormals(n *op.Node, _ string) ([]op.Formal, error) {
	f := []op.Formal{
		{Fact: ir.Typed(tensor.Int64), From: -1, Unit: true},
		{Fact: ir.Typed(tensor.Bool), From: -1, Unit: true},
	}
	for i := range loopStates(n) {
		f = append(f, op.Formal{Fact: n.In(2 + i).Like(), From: 1 + i})
	}
	return f, nil
}

func inferLoop(n *op.Node) error {
	for i, name := range []string{"M", "cond"} {
		if err := oneElement(n, i, name); err != nil {
			return err
		}
	}
	in, out, err := n.InferBody("body")
	if err != nil {
		return err
	}
	states := loopStates(n)
	if len(out) < 1+states || len(out)-1 < n.NumOut() {
		return op.Malformedf("the body has %d outputs; %d states and %d outputs of the node need more", len(out), states, n.NumOut())
	}
	if f := out[0]; f.DType != tensor.Bool {
		return op.Malformedf("the body's condition is %v, expected one bool", f)
	}
	for k := range n.NumOut() {
		if k < states {
			n.SetOut(k, in[2+k].Like())
			continue
		}
		n.SetOut(k, stacked(out[1+k], loopTrips(n, out[0]), 0))
	}
	return nil
}

// loopTrips returns the number of iterations where nothing but M decides it.
func loopTrips(n *op.Node, next ir.Fact) ir.Dim {
	for _, f := range []ir.Fact{n.In(1), next} {
		if v, ok := flag(f.Const); f.DType != tensor.Undefined && !(ok && v) {
			return ir.Unknown
		}
	}
	if !n.HasIn(0) || len(n.In(0).Elems) != 1 {
		return ir.Unknown
	}
	d := n.In(0).Elems[0]
	if k, ok := d.Int(); ok {
		return ir.Known(max(0, k))
	}
	return d
}

// stacked returns the fact of n values stacked along a new axis.
func stacked(f ir.Fact, n ir.Dim, axis int) ir.Fact {
	if !f.Ranked {
		return ir.Fact{DType: f.DType}
	}
	s := make(ir.Shape, 0, len(f.Shape)+1)
	s = append(append(append(s, f.Shape[:axis]...), n), f.Shape[axis:]...)
	return ir.Typed(f.DType, s...)
}

// rowOf returns what is known of the values that are stacked along an axis of output k: f, or more where
// the node knows more.
func rowOf(n *op.Node, k int, f ir.Fact, axis int) ir.Fact {
	if out := n.Out(k); out.Ranked {
		if row, err := withoutAxis(out, axis); err == nil {
			return row
		}
	}
	return f
}

func bindLoop(n *op.Node) (op.Kernel, error) {
	body, states := n.Graph("body"), loopStates(n)
	var rows []ir.Fact // of the outputs that are stacked
	for k := states; k < len(body.Outputs)-1; k++ {
		rows = append(rows, rowOf(n, k, body.Outputs[1+k].Fact, 0))
	}
	return func(c *op.Call) error {
		trips := math.MaxInt
		if m, ok := op.Ints(c.In[0]); ok {
			trips = m[0]
		}
		more := true
		if c.In[1] != nil {
			more, _ = flag(c.In[1])
		}
		in := append([]tensor.Any{nil, unit(true, body.Inputs[1])}, c.In[2:]...)
		number := unit(int64(0), body.Inputs[0])
		in[0] = number
		stacks := make([]stack, len(rows))
		for i := 0; i < trips && more; i++ {
			number.Data()[0] = int64(i)
			out, err := c.Sub.Run(body, i, in)
			if err != nil {
				return err
			}
			next, ok := flag(out[0])
			if !ok {
				return op.Shapef("the body's condition is %v, expected one element", out[0].Shape())
			}
			more = next
			copy(in[2:2+states], out[1:])
			for k := range stacks {
				if err := stacks[k].push(out[1+states+k], c.Sub.MaxBytes()); err != nil {
					return err
				}
			}
		}
		if err := giveAll(c, in[2:2+states], 0); err != nil {
			return err
		}
		for k := range stacks {
			t, err := stacks[k].tensor(rows[k], 0, false)
			if err != nil {
				return err
			}
			if err := c.Sub.Give(states+k, t); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// unit returns a number in the form that an input of a subgraph has: a scalar, or a vector of length 1.
func unit[T tensor.Elem](v T, of *ir.Value) *tensor.Tensor[T] {
	if of.Fact.Rank() == 1 {
		return tensor.Vector(v)
	}
	return tensor.Scalar(v)
}
