package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opScan runs its body once for each slice of the scan inputs along their axes, with states that it
// hands from one run to the next. What else the body gives is stacked along the scan outputs' axes.
// A direction of 1 begins at the end.
var opScan = &op.Def{
	Name: "Scan", Since: 25,
	Doc: "Runs a subgraph over the slices of its inputs, with values that it hands from one to the next.",
	In: []op.Param{{
		Name: "initial_state_and_scan_inputs", Type: "V", Variadic: true, Min: 1, Hetero: true, Grad: op.Differentiable,
	}},
	Out: []op.Param{{Name: "final_state_and_scan_outputs", Type: "V", Variadic: true, Min: 1, Hetero: true}},
	Attrs: []op.AttrDef{
		op.Need("body", op.GraphKind), op.Need("num_scan_inputs", op.IntKind),
		op.May("scan_input_axes", op.IntsKind), op.May("scan_input_directions", op.IntsKind),
		op.May("scan_output_axes", op.IntsKind), op.May("scan_output_directions", op.IntsKind),
	},
	Types:   op.Types{"V": allTypes},
	Infer:   inferScan,
	Formals: scanFormals,
	Control: bindScan,
	Inline:  inlineScan,
	Grad:    gradInlined,
	Old: append(controlVersions(11, 9), op.Version{
		Since: 8, Types: op.Types{"I": {tensor.Int64}, "V": op.AllClassic}, Expand: expandScan8,
		In: []op.Param{op.Opt("sequence_lens", "I", op.Zero), {
			Name: "initial_state_and_scan_inputs", Type: "V", Variadic: true, Min: 1, Hetero: true,
		}},
		Attrs: []op.AttrDef{op.Need("body", op.GraphKind), op.May("directions", op.IntsKind), op.Need("num_scan_inputs", op.IntKind)},
	}),
}

// scan is what the attributes of a node say.
type scan struct {
	states, ins           int // own inputs: states, then scan inputs
	outs                  int // scan outputs of the body
	inAxes, outAxes       []int
	inReverse, outReverse []bool
}

func scanOf(n *op.Node) (scan, error) {
	s := scan{ins: n.Int("num_scan_inputs")}
	s.states = n.NumOwn() - s.ins
	s.outs = len(n.Graph("body").Outputs) - s.states
	if s.ins < 1 || s.states < 0 {
		return s, op.Malformedf("num_scan_inputs is %d, of %d inputs", s.ins, n.NumOwn())
	}
	if s.outs < 0 || n.NumOut() > s.states+s.outs {
		return s, op.Malformedf("the body has %d outputs; %d states and %d outputs of the node need more", s.states+s.outs, s.states, n.NumOut())
	}
	var err error
	if s.inAxes, err = perScan(n, "scan_input_axes", s.ins); err != nil {
		return s, err
	}
	if s.outAxes, err = perScan(n, "scan_output_axes", s.outs); err != nil {
		return s, err
	}
	if s.inReverse, err = directions(n, "scan_input_directions", s.ins); err != nil {
		return s, err
	}
	s.outReverse, err = directions(n, "scan_output_directions", s.outs)
	return s, err
}

// perScan returns an attribute with a number for each scan input or output; absent is 0 for each.
func perScan(n *op.Node, name string, count int) ([]int, error) {
	v := n.Ints(name)
	if v == nil {
		return make([]int, count), nil
	}
	if len(v) != count {
		return nil, op.Malformedf("%s has %d numbers, expected %d", name, len(v), count)
	}
	return v, nil
}

func directions(n *op.Node, name string, count int) ([]bool, error) {
	v, err := perScan(n, name, count)
	out := make([]bool, len(v))
	for i, d := range v {
		if d != 0 && d != 1 {
			return nil, op.Malformedf("%s is %v, expected numbers 0 and 1", name, v)
		}
		out[i] = d == 1
	}
	return out, err
}

func scanFormals(n *op.Node, _ string) ([]op.Formal, error) {
	if n.Version == 8 {
		return scan8Formals(n)
	}
	ins := n.Int("num_scan_inputs")
	states := n.NumOwn() - ins
	if ins < 1 || states < 0 {
		return nil, op.Malformedf("num_scan_inputs is %d, of %d inputs", ins, n.NumOwn())
	}
	axes, err := perScan(n, "scan_input_axes", ins)
	if err != nil {
		return nil, err
	}
	var f []op.Formal
	for i := range states {
		f = append(f, op.Formal{Fact: n.In(i).Like(), From: i})
	}
	for k := range ins {
		x, err := withoutAxis(n.In(states+k), axes[k])
		if err != nil {
			return nil, err
		}
		f = append(f, op.Formal{Fact: x, From: -1})
	}
	return f, nil
}

// withoutAxis returns the fact of a slice.
func withoutAxis(f ir.Fact, axis int) (ir.Fact, error) {
	if !f.Ranked {
		return f.Like(), nil
	}
	a, err := tensor.Axis(axis, len(f.Shape))
	if err != nil {
		return f, op.Shapef("scan input %v: %v", f, err)
	}
	s := append(append(ir.Shape{}, f.Shape[:a]...), f.Shape[a+1:]...)
	return ir.Typed(f.DType, s...), nil
}

func inferScan(n *op.Node) error {
	s, err := scanOf(n)
	if err != nil {
		return err
	}
	length, err := scanLength(n, s)
	if err != nil {
		return err
	}
	in, out, err := n.InferBody("body")
	if err != nil {
		return err
	}
	for k := range n.NumOut() {
		if k < s.states {
			n.SetOut(k, in[k].Like())
			continue
		}
		axis := 0
		if out[k].Ranked {
			if axis, err = tensor.Axis(s.outAxes[k-s.states], len(out[k].Shape)+1); err != nil {
				return op.Shapef("scan output %d: %v", k-s.states, err)
			}
		}
		n.SetOut(k, stacked(out[k], length, axis))
	}
	return nil
}

// scanLength returns the number of slices that all scan inputs have.
func scanLength(n *op.Node, s scan) (ir.Dim, error) {
	length := ir.Unknown
	for k := range s.ins {
		f := n.In(s.states + k)
		if !f.Ranked {
			continue
		}
		a, err := tensor.Axis(s.inAxes[k], len(f.Shape))
		if err != nil {
			return length, op.Shapef("scan input %d is %v: %v", k, f, err)
		}
		d := f.Shape[a]
		if length.Differ(d) {
			return length, op.Shapef("scan input %d has %v slices, others %v", k, d, length)
		}
		if _, known := d.Int(); known || length.IsUnknown() {
			length = d
		}
	}
	return length, nil
}

func bindScan(n *op.Node) (op.Kernel, error) {
	s, err := scanOf(n)
	if err != nil {
		return nil, err
	}
	body := n.Graph("body")
	rows := make([]ir.Fact, s.outs)
	for k := range rows {
		rows[k] = rowOf(n, s.states+k, body.Outputs[s.states+k].Fact, s.outAxes[k])
	}
	return func(c *op.Call) error {
		slicers, length, err := s.slicers(c)
		if err != nil {
			return err
		}
		in := append([]tensor.Any{}, c.In...)
		stacks := make([]stack, s.outs)
		for i := range length {
			for k := range slicers {
				at := i
				if s.inReverse[k] {
					at = length - 1 - i
				}
				if in[s.states+k], err = slicers[k].at(at); err != nil {
					return err
				}
			}
			out, err := c.Sub.Run(body, i, in)
			if err != nil {
				return err
			}
			copy(in, out[:s.states])
			for k := range stacks {
				if err := stacks[k].push(out[s.states+k], c.Sub.MaxBytes()); err != nil {
					return err
				}
			}
		}
		if err := giveAll(c, in[:s.states], 0); err != nil {
			return err
		}
		for k := range stacks {
			t, err := stacks[k].tensor(rows[k], s.outAxes[k], s.outReverse[k])
			if err != nil {
				return err
			}
			if err := c.Sub.Give(s.states+k, t); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (s scan) slicers(c *op.Call) ([]slicer, int, error) {
	out := make([]slicer, s.ins)
	length := 0
	for k := range out {
		x := c.In[s.states+k]
		axis, err := x.Shape().Axis(s.inAxes[k])
		if err != nil {
			return nil, 0, op.Shapef("scan input %d: %v", k, err)
		}
		n := x.Shape()[axis]
		if k > 0 && n != length {
			return nil, 0, op.Shapef("scan input %d has %d slices, others %d", k, n, length)
		}
		length = n
		if out[k], err = newSlicer(x, axis); err != nil {
			return nil, 0, err
		}
	}
	return out, length, nil
}
