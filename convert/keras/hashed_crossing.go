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
	long := func(n int64) *ir.Value { return x.Const(tensor.Scalar(n)) }
	mix := func(v *ir.Value) *ir.Value { // v ^ v>>47, the shift without a sign
		bits := x.Emit(1, "BitShift", []*ir.Value{x.Cast(v, tensor.Uint64), x.Const(tensor.Scalar(uint64(47)))}, op.Attr("direction", "RIGHT"))[0]
		return x.Op("BitwiseXor", v, x.Cast(bits, tensor.Int64))
	}
	var hash *ir.Value
	for _, v := range x.in {
		if d := v.Fact.DType; d == tensor.String || isFloat(d) {
			x.Fail(op.Unsupportedf("a HashedCrossing of %v: ONNX has no hash of strings", d))
			return x.in[:1]
		}
		mul := long(fingerprintMul)
		start := long(crossKey ^ fingerprintMul)
		if hash != nil {
			start = x.Op("BitwiseXor", hash, mul)
		}
		hash = x.Mul(x.Op("BitwiseXor", start, x.Mul(mix(x.Mul(x.Cast(v, tensor.Int64), mul)), mul)), mul)
		hash = mix(x.Mul(mix(hash), mul))
	}
	rest := x.Op("Mod", x.Cast(hash, tensor.Uint64), x.Const(tensor.Scalar(uint64(bins))))
	return one(x.encode(x.Cast(rest, tensor.Int64), bins, tensor.Int64, tensor.Float32))
}
