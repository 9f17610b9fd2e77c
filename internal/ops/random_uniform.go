package ops

import "github.com/onnxtool/onnxtool/internal/op"

// opRandomUniform is a tensor of the given shape from the uniform distribution on [low, high). Rounding
// to the type may give high itself.
var opRandomUniform = &op.Def{
	Name: "RandomUniform", Since: 22,
	Doc:     "Uniformly distributed numbers from low to high.",
	In:      []op.Param{},
	Out:     outT("output"),
	Attrs:   attrsUniform,
	Random:  true,
	Infer:   inferRandomShape,
	Kernels: randomKernels(uniform),
	Old:     []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

// opRandomUniformLike is RandomUniform with the shape of its input.
var opRandomUniformLike = &op.Def{
	Name: "RandomUniformLike", Since: 22,
	Doc:     "Uniformly distributed numbers in the shape of the input.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.May("dtype", op.IntKind), op.Float("high", 1), op.Float("low", 0), op.May("seed", op.FloatKind)},
	Types:   op.Types{"T1": types13},
	On:      "T2",
	Random:  true,
	Infer:   inferRandomLike,
	Kernels: randomKernels(uniform),
	Old:     []op.Version{{Since: 1, Types: op.Types{"T1": op.AllClassic, "T2": op.FloatsIEEE}}},
}
