package ops

import "github.com/onnxtool/onnxtool/internal/op"

// opRandomNormal is a tensor of the given shape from the normal distribution.
var opRandomNormal = &op.Def{
	Name: "RandomNormal", Since: 22,
	Doc:     "Normally distributed numbers with the given mean and scale (standard deviation).",
	In:      []op.Param{},
	Out:     outT("output"),
	Attrs:   attrsNormal,
	Random:  true,
	Infer:   inferRandomShape,
	Kernels: randomKernels(normal),
	Old:     []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

// opRandomNormalLike is RandomNormal with the shape of its input.
var opRandomNormalLike = &op.Def{
	Name: "RandomNormalLike", Since: 22,
	Doc:     "Normally distributed numbers in the shape of the input.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.May("dtype", op.IntKind), op.Float("mean", 0), op.Float("scale", 1), op.May("seed", op.FloatKind)},
	Types:   op.Types{"T1": types13},
	On:      "T2",
	Random:  true,
	Infer:   inferRandomLike,
	Kernels: randomKernels(normal),
	Old:     []op.Version{{Since: 1, Types: op.Types{"T1": op.AllClassic, "T2": op.FloatsIEEE}}},
}
