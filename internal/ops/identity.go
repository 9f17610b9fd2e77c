package ops

import "github.com/onnxtool/onnxtool/internal/op"

// opIdentity is y = x. Sequences and optionals are not tensors and not taken.
var opIdentity = &op.Def{
	Name: "Identity", Since: 25,
	Doc:     "y = x.",
	In:      []op.Param{op.In("input", "V", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "V")},
	On:      "V",
	Infer:   inferIdentity,
	Kernels: op.Each(bindCopy, allTypes...),
	View:    true,
	Grad:    func(g *op.Grad) { g.Set(0, g.DOut(0)) },
	Old: []op.Version{
		{Since: 24, Types: op.Types{"V": types24}},
		{Since: 23, Types: op.Types{"V": types23}},
		{Since: 21, Types: op.Types{"V": types21}},
		{Since: 19, Types: op.Types{"V": types19}},
		{Since: 16, Types: op.Types{"V": types13}},
		{Since: 14, Types: op.Types{"V": types13}},
		{Since: 13, In: inT("input"), Out: outT("output"), Types: op.Types{"T": types13}},
		{Since: 1, In: inT("input"), Out: outT("output"), Types: op.Types{"T": op.AllClassic}},
	},
}

// inT and outT are one differentiable input and one output of type T.
func inT(name string) []op.Param  { return []op.Param{op.In(name, "T", op.Differentiable)} }
func outT(name string) []op.Param { return []op.Param{op.Out(name, "T")} }

func inferIdentity(n *op.Node) error {
	f := n.In(0)
	f.Const = nil
	n.SetOut(0, f)
	return nil
}
