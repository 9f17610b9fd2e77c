// Package ops defines ONNX's operators, one file each: versions, types, shape inference, kernels,
// gradient. The list below is the only place that knows them all.
package ops

import "github.com/onnxtool/onnxtool/internal/op"

// All lists the operators in alphabetical order of domain and name.
var All = []*op.Def{
	opAbs,
	opAdd,
	opAnd,
	opCast,
	opClip,
	opConcat,
	opConstant,
	opConstantOfShape,
	opDiv,
	opEqual,
	opExp,
	opExpand,
	opFlatten,
	opGather,
	opGemm,
	opGreater,
	opGreaterOrEqual,
	opIdentity,
	opLess,
	opLessOrEqual,
	opLog,
	opMatMul,
	opMax,
	opMin,
	opMul,
	opNeg,
	opNot,
	opOr,
	opPow,
	opReduceMean,
	opReduceSum,
	opRelu,
	opReshape,
	opShape,
	opSigmoid,
	opSign,
	opSize,
	opSlice,
	opSoftmax,
	opSplit,
	opSqrt,
	opSqueeze,
	opSub,
	opTanh,
	opTranspose,
	opUnsqueeze,
	opWhere,
	opXor,
}

var set = op.NewSet(All...)

// Set returns the set of all operators.
func Set() *op.Set { return set }
