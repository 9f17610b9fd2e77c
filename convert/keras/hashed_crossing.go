package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The constants of TensorFlow's FingerprintCat64 and of its sparse cross, as int64, whose products wrap.
const (
	fingerprintMul = -4132994306676758123 // 0xc6a4a7935bd1e995
	crossKey       = 0xDECAFCAFFE
)

// hashedCrossing numbers combinations of integers: the fingerprints of the features, which for integers are
// themselves, are joined one after the other, and what comes out is taken modulo num_bins.
func hashedCrossing(x *emit) []*ir.Value {
	x.noCall()
	bins := x.layer.integer("num_bins", 0)
	if len(x.in) < 2 || bins < 1 {
		x.Fail(argument("num_bins", bins))
		return x.in[:1]
	}
	mul := x.Const(tensor.Scalar(int64(fingerprintMul)))
	var hash *ir.Value
	for _, v := range x.in {
		if d := v.Fact.DType; d == tensor.String || isFloat(d) {
			x.Fail(op.Unsupportedf("a HashedCrossing of %v: ONNX has no operator that gives the bytes of a string", d))
			return x.in[:1]
		}
		start := x.Const(tensor.Scalar(int64(crossKey ^ fingerprintMul)))
		if hash != nil {
			start = x.xor(hash, mul)
		}
		hash = x.Mul(x.xor(start, x.Mul(x.mix(x.Mul(x.Cast(v, tensor.Int64), mul)), mul)), mul)
		hash = x.mix(x.Mul(x.mix(hash), mul))
	}
	rest := x.Op("Mod", x.Cast(hash, tensor.Uint64), x.Const(tensor.Scalar(uint64(bins))))
	return one(x.encode(x.Cast(rest, tensor.Int64), bins, tensor.Int64, tensor.Float32))
}
