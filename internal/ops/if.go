package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opIf is the outputs of then_branch where cond holds, else of else_branch. The branches have no inputs
// of their own: they read the values around them.
var opIf = &op.Def{
	Name: "If", Since: 25,
	Doc:     "The outputs of one of two subgraphs.",
	In:      []op.Param{op.In("cond", "B", op.Zero)},
	Out:     []op.Param{{Name: "outputs", Type: "V", Variadic: true, Min: 1, Hetero: true}},
	Attrs:   []op.AttrDef{op.Need("else_branch", op.GraphKind), op.Need("then_branch", op.GraphKind)},
	Types:   op.Types{"B": {tensor.Bool}, "V": allTypes},
	Infer:   inferIf,
	Formals: func(*op.Node, string) ([]op.Formal, error) { return nil, nil },
	Control: bindIf,
	Inline:  inlineIf,
	Grad:    gradIf,
	Old:     controlVersions(13, 11, 1),
}

// controlVersions lists the older versions of an operator with subgraphs, which differ in types alone:
// those from opset 13 on, and the given ones.
func controlVersions(more ...int) []op.Version {
	old := []op.Version{
		{Since: 24, Types: op.Types{"V": types24}},
		{Since: 23, Types: op.Types{"V": types23}},
		{Since: 21, Types: op.Types{"V": types21}},
		{Since: 19, Types: op.Types{"V": types19}},
		{Since: 16, Types: op.Types{"V": types13}},
	}
	for _, v := range more {
		old = append(old, op.Version{Since: v, Types: op.Types{"V": op.AllClassic}})
	}
	return old
}

func inferIf(n *op.Node) error {
	if err := oneElement(n, 0, "cond"); err != nil {
		return err
	}
	then, errThen := inferBranch(n, "then_branch")
	other, errElse := inferBranch(n, "else_branch")
	if taken, ok := flag(n.In(0).Const); ok {
		if !taken {
			then, errThen = other, errElse
		}
		other, errElse = then, errThen
	}
	// A branch that does not fit these shapes is never taken with them, or else fails when it is.
	switch {
	case errThen != nil && errElse != nil:
		return errThen
	case errThen != nil:
		then = other
	case errElse != nil:
		other = then
	}
	for i := range then {
		if then[i].DType != other[i].DType {
			return op.Malformedf("output %d is %v in one branch and %v in the other", i, then[i], other[i])
		}
		n.SetOut(i, op.Join(then[i], other[i]))
	}
	return nil
}

func inferBranch(n *op.Node, attr string) ([]ir.Fact, error) {
	_, out, err := n.InferBody(attr)
	if err == nil && len(out) != n.NumOut() {
		// Outputs that nobody reads may be left out of the node, at its end.
		if len(out) < n.NumOut() {
			return nil, op.Malformedf("%s has %d outputs, the node %d", attr, len(out), n.NumOut())
		}
		out = out[:n.NumOut()]
	}
	return out, err
}

// oneElement checks that input i, where it is present, is one element.
func oneElement(n *op.Node, i int, name string) error {
	f := n.In(i)
	if !n.HasIn(i) || !f.Ranked {
		return nil
	}
	if k, ok := f.Shape.Size().Int(); ok && k != 1 {
		return op.Shapef("%s is %v, expected one element", name, f)
	}
	return nil
}

// flag returns the element of a bool tensor that has one.
func flag(t tensor.Any) (v, ok bool) {
	b, ok := t.(*tensor.Tensor[bool])
	if !ok || b.Len() != 1 {
		return false, false
	}
	return b.Data()[0], true
}

func bindIf(n *op.Node) (op.Kernel, error) {
	then, other := n.Graph("then_branch"), n.Graph("else_branch")
	return func(c *op.Call) error {
		cond, ok := flag(c.In[0])
		if !ok {
			return op.Shapef("cond is %v, expected one element", c.In[0].Shape())
		}
		g := other
		if cond {
			g = then
		}
		out, err := c.Sub.Run(g, 0, c.In[1:])
		if err != nil {
			return err
		}
		return giveAll(c, out, 0)
	}, nil
}

// giveAll hands tensors over as the node's outputs from the first on.
func giveAll(c *op.Call, ts []tensor.Any, first int) error {
	for i, t := range ts {
		if err := c.Sub.Give(first+i, t); err != nil {
			return err
		}
	}
	return nil
}

func inlineIf(_ *op.Builder, n *op.Node, body *op.Body) ([]*ir.Value, error) {
	cond, ok := flag(n.In(0).Const)
	if !ok {
		return nil, op.Unsupportedf("the condition %v is not known before the graph runs", n.In(0))
	}
	g := n.Graph("else_branch")
	if cond {
		g = n.Graph("then_branch")
	}
	return body.Run(g, n.Node.In[1:]), nil
}
