// Package ops defines ONNX's operators, one file each: versions, types, shape inference, kernels,
// gradient. The list below is the only place that knows them all.
package ops

import "github.com/onnxtool/onnxtool/internal/op"

// All lists the operators in alphabetical order of domain and name.
var All = []*op.Def{
	opAdd,
	opConcat,
	opConstant,
	opConstantOfShape,
	opExpand,
	opFlatten,
	opGather,
	opGemm,
	opIdentity,
	opMatMul,
	opReduceMean,
	opReduceSum,
	opRelu,
	opReshape,
	opShape,
	opSize,
	opSlice,
	opSoftmax,
	opSplit,
	opSqueeze,
	opTranspose,
	opUnsqueeze,
}

var set = op.NewSet(All...)

// Set returns the set of all operators.
func Set() *op.Set { return set }
