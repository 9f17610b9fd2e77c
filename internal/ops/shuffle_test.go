package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestTile(t *testing.T) {
	runRows(t, []row{
		{name: "both axes", op: "Tile", in: ins(ramp(1, 2), i64([]int64{2, 2}, 2)), want: ins(f32([]float32{0, 1, 0, 1, 0, 1, 0, 1}, 2, 4))},
		{name: "inner rows", op: "Tile", opset: 7, in: ins(ramp(2, 2), i64([]int64{1, 2}, 2)), want: ins(f32([]float32{0, 1, 0, 1, 2, 3, 2, 3}, 2, 4))},
		{name: "nothing", op: "Tile", in: ins(ramp(2), i64([]int64{0}, 1)), want: ins(ramp(0))},
		{name: "scalar", op: "Tile", in: ins(ramp(), i64([]int64{}, 0)), want: ins(ramp())},
		{name: "strings", op: "Tile", in: ins(tensor.Vector("a", "b"), i64([]int64{2}, 1)), want: ins(tensor.Vector("a", "b", "a", "b"))},
		{name: "count", op: "Tile", in: ins(ramp(2), i64([]int64{1, 1}, 2)), err: "2 repeats for an input of rank 1"},
		{name: "negative", op: "Tile", in: ins(ramp(2), i64([]int64{-1}, 1)), err: "-1 times"},
		{name: "overflow", op: "Tile", in: ins(ramp(4), i64([]int64{math.MaxInt64 / 2}, 1)), err: "invalid shape"},
	})
}

func TestOneHot(t *testing.T) {
	depth, values := tensor.Scalar[int64](3), f32([]float32{2, 5}, 2)
	x := i64([]int64{0, -1, 3}, 3)
	runRows(t, []row{
		{name: "last axis", op: "OneHot", in: ins(x, depth, values), want: ins(f32([]float32{5, 2, 2, 2, 2, 5, 2, 2, 2}, 3, 3))},
		{name: "first axis", op: "OneHot", opset: 9, attrs: attrs(at("axis", 0)), in: ins(x, depth, values), want: ins(f32([]float32{5, 2, 2, 2, 2, 2, 2, 5, 2}, 3, 3))},
		{name: "float indices", op: "OneHot", in: ins(f32([]float32{1.9}, 1), tensor.Vector[float32](2), i64([]int64{0, 1}, 2)), want: ins(i64([]int64{0, 1}, 1, 2))},
		{name: "scalar", op: "OneHot", in: ins(tensor.Scalar[int32](1), depth, tensor.Vector(false, true)), want: ins(tensor.Vector(false, true, false))},
		{name: "no depth", op: "OneHot", in: ins(x, tensor.Scalar[int64](0), values), err: "depth is 0"},
		{name: "values", op: "OneHot", in: ins(x, depth, ramp(3)), err: "expected two elements"},
		{name: "axis", op: "OneHot", attrs: attrs(at("axis", 2)), in: ins(x, depth, values), err: "axis 2 outside"},
	})
}

func TestTrilu(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	k := func(v int64) tensor.Any { return tensor.Scalar(v) }
	lower := attrs(at("upper", 0))
	runRows(t, []row{
		{name: "upper", op: "Trilu", in: ins(x), want: ins(f32([]float32{1, 2, 3, 0, 5, 6}, 2, 3))},
		{name: "upper 1", op: "Trilu", in: ins(x, k(1)), want: ins(f32([]float32{0, 2, 3, 0, 0, 6}, 2, 3))},
		{name: "lower", op: "Trilu", attrs: lower, in: ins(x), want: ins(f32([]float32{1, 0, 0, 4, 5, 0}, 2, 3))},
		{name: "lower -1", op: "Trilu", attrs: lower, in: ins(x, k(-1)), want: ins(f32([]float32{0, 0, 0, 4, 0, 0}, 2, 3))},
		{name: "far", op: "Trilu", in: ins(x, k(math.MinInt64)), want: ins(x)},
		{name: "farther", op: "Trilu", attrs: lower, in: ins(x, k(math.MaxInt64)), want: ins(x)},
		{name: "batch", op: "Trilu", in: ins(ramp(2, 2, 2)), want: ins(f32([]float32{0, 1, 0, 3, 4, 5, 0, 7}, 2, 2, 2))},
		{name: "empty", op: "Trilu", in: ins(ramp(0, 2)), want: ins(ramp(0, 2))},
		{name: "vector", op: "Trilu", in: ins(ramp(2)), err: "expected matrices"},
	})
}

func TestEyeLike(t *testing.T) {
	runRows(t, []row{
		{name: "like", op: "EyeLike", in: ins(ramp(2, 3)), want: ins(f32([]float32{1, 0, 0, 0, 1, 0}, 2, 3))},
		{name: "above", op: "EyeLike", opset: 9, attrs: attrs(at("k", 1), at("dtype", tensor.Int32)), in: ins(ramp(2, 3)), want: ins(i32([]int32{0, 1, 0, 0, 0, 1}, 2, 3))},
		{name: "below", op: "EyeLike", attrs: attrs(at("k", -1), at("dtype", tensor.Float16)), in: ins(ramp(2, 2)), want: ins(tensor.Must([]tensor.Half{0, 0, 0x3c00, 0}, 2, 2))},
		{name: "outside", op: "EyeLike", attrs: attrs(at("k", math.MinInt)), in: ins(ramp(1, 2)), want: ins(f32([]float32{0, 0}, 1, 2))},
		{name: "vector", op: "EyeLike", in: ins(ramp(2)), err: "expected a matrix"},
		{name: "dtype", op: "EyeLike", attrs: attrs(at("dtype", 99)), in: ins(ramp(2, 2)), err: "no element type"},
	})
}

func TestDepthSpace(t *testing.T) {
	block := func(k int, more ...ir.Attr) []ir.Attr { return append(attrs(at("blocksize", k)), more...) }
	x := ramp(1, 8, 1, 1)
	runRows(t, []row{
		{name: "DCR", op: "DepthToSpace", attrs: block(2), in: ins(x), want: ins(f32([]float32{0, 2, 4, 6, 1, 3, 5, 7}, 1, 2, 2, 2))},
		{name: "CRD", op: "DepthToSpace", attrs: block(2, at("mode", "CRD")), in: ins(x), want: ins(f32([]float32{0, 1, 2, 3, 4, 5, 6, 7}, 1, 2, 2, 2))},
		{name: "opset 7", op: "DepthToSpace", opset: 7, attrs: block(2), in: ins(x), want: ins(f32([]float32{0, 2, 4, 6, 1, 3, 5, 7}, 1, 2, 2, 2))},
		{name: "channels", op: "DepthToSpace", attrs: block(3), in: ins(x), err: "no multiple of 9"},
		{name: "rank", op: "DepthToSpace", attrs: block(2), in: ins(ramp(4)), err: "expected [batch"},
		{name: "mode", op: "DepthToSpace", attrs: block(2, at("mode", "X")), in: ins(x), err: `mode is "X"`},
		{name: "DCR", op: "SpaceToDepth", attrs: block(2), in: ins(ramp(1, 2, 2, 2)), want: ins(f32([]float32{0, 4, 1, 5, 2, 6, 3, 7}, 1, 8, 1, 1))},
		{name: "CRD", op: "SpaceToDepth", attrs: block(2, at("mode", "CRD")), in: ins(ramp(1, 2, 2, 2)), want: ins(f32([]float32{0, 1, 2, 3, 4, 5, 6, 7}, 1, 8, 1, 1))},
		{name: "opset 7", op: "SpaceToDepth", opset: 7, attrs: block(1), in: ins(x), want: ins(x)},
		{name: "block 0", op: "SpaceToDepth", attrs: block(0), in: ins(x), err: "blocksize is 0"},
	})
}

func TestCastLike(t *testing.T) {
	runRows(t, []row{
		{name: "int", op: "CastLike", in: ins(f32([]float32{1.5}, 1), tensor.Scalar[int8](0)), want: ins(tensor.Vector[int8](1))},
		{name: "opset 15", op: "CastLike", opset: 15, in: ins(f32([]float32{1.5}, 1), tensor.Scalar(0.)), want: ins(tensor.Vector(1.5))},
		{name: "saturate", op: "CastLike", opset: 19, attrs: attrs(at("saturate", 0)), in: ins(f32([]float32{1e9}, 1), tensor.Scalar[tensor.F8E4M3FN](0)), want: ins(tensor.Vector[tensor.F8E4M3FN](0x7f))},
		{name: "strings", op: "CastLike", in: ins(tensor.Vector("2"), tensor.Scalar[int64](0)), want: ins(tensor.Vector[int64](2))},
	})
}

func TestTopK(t *testing.T) {
	nan := float32(math.NaN())
	x := f32([]float32{3, 1, 4, 1.5, 9, 2.5}, 2, 3)
	k := func(v int64) tensor.Any { return tensor.Vector(v) }
	runRows(t, []row{
		{name: "largest", op: "TopK", nout: 2, in: ins(x, k(2)), want: ins(f32([]float32{4, 3, 9, 2.5}, 2, 2), i64([]int64{2, 0, 1, 2}, 2, 2))},
		{name: "smallest", op: "TopK", nout: 2, attrs: attrs(at("largest", 0)), in: ins(x, k(2)), want: ins(f32([]float32{1, 3, 1.5, 2.5}, 2, 2), i64([]int64{1, 0, 0, 2}, 2, 2))},
		{name: "axis 0", op: "TopK", opset: 10, nout: 2, attrs: attrs(at("axis", 0)), in: ins(x, k(1)), want: ins(f32([]float32{3, 9, 4}, 1, 3), i64([]int64{0, 1, 0}, 1, 3))},
		{name: "attribute", op: "TopK", opset: 7, nout: 2, attrs: attrs(at("k", 3)), in: ins(f32([]float32{1, 3, 2}, 3)), want: ins(f32([]float32{3, 2, 1}, 3), i64([]int64{1, 2, 0}, 3))},
		{name: "ties", op: "TopK", nout: 2, in: ins(i32([]int32{5, 7, 7, 5, 7}, 5), k(4)), want: ins(i32([]int32{7, 7, 7, 5}, 4), i64([]int64{1, 2, 4, 0}, 4))},
		{name: "NaN is greatest", op: "TopK", nout: 2, in: ins(f32([]float32{1, nan, 2}, 3), k(2)), want: ins(f32([]float32{nan, 2}, 2), i64([]int64{1, 2}, 2)), nograd: true},
		{name: "NaN is not least", op: "TopK", nout: 2, attrs: attrs(at("largest", 0)), in: ins(f32([]float32{nan, 1, 2}, 3), k(3)), want: ins(f32([]float32{1, 2, nan}, 3), i64([]int64{1, 2, 0}, 3)), nograd: true},
		{name: "none", op: "TopK", nout: 2, in: ins(x, k(0)), want: ins(ramp(2, 0), i64([]int64{}, 2, 0))},
		{name: "half", op: "TopK", nout: 2, in: ins(tensor.Vector(tensor.ToHalf(1), tensor.ToHalf(2)), k(1)), want: ins(tensor.Vector(tensor.ToHalf(2)), i64([]int64{1}, 1))},
		{name: "too many", op: "TopK", nout: 2, in: ins(x, k(4)), err: "K is 4, axis 1"},
		{name: "negative", op: "TopK", nout: 2, in: ins(x, k(-1)), err: "K is -1"},
	})
}

func TestNonZero(t *testing.T) {
	runRows(t, []row{
		{name: "matrix", op: "NonZero", in: ins(f32([]float32{1, 0, float32(math.NaN()), float32(math.Copysign(0, -1))}, 2, 2)), want: ins(i64([]int64{0, 1, 0, 0}, 2, 2))},
		{name: "bools", op: "NonZero", opset: 9, in: ins(tensor.Vector(false, true)), want: ins(i64([]int64{1}, 1, 1))},
		{name: "strings", op: "NonZero", in: ins(tensor.Vector("", "a")), want: ins(i64([]int64{1}, 1, 1))},
		{name: "complex", op: "NonZero", in: ins(tensor.Vector[complex64](0, 1i)), want: ins(i64([]int64{1}, 1, 1))},
		{name: "scalar", op: "NonZero", in: ins(tensor.Scalar[int64](3)), want: ins(i64([]int64{}, 0, 1))},
		{name: "none", op: "NonZero", in: ins(ramp(0, 2)), want: ins(i64([]int64{}, 2, 0))},
	})
}

func TestCompress(t *testing.T) {
	x := ramp(3, 2)
	cond := tensor.Vector(false, true, true)
	runRows(t, []row{
		{name: "axis 0", op: "Compress", attrs: attrs(at("axis", 0)), in: ins(x, cond), want: ins(f32([]float32{2, 3, 4, 5}, 2, 2))},
		{name: "flat, short", op: "Compress", opset: 9, in: ins(x, cond), want: ins(f32([]float32{1, 2}, 2))},
		{name: "long", op: "Compress", attrs: attrs(at("axis", -1)), in: ins(x, cond), want: ins(f32([]float32{1, 3, 5}, 3, 1))},
		{name: "strings", op: "Compress", in: ins(tensor.Vector("a", "b"), tensor.Vector(false, true)), want: ins(tensor.Vector("b"))},
		{name: "none", op: "Compress", in: ins(x, tensor.Vector(false)), want: ins(ramp(0))},
		{name: "axis", op: "Compress", attrs: attrs(at("axis", 2)), in: ins(x, cond), err: "axis 2 outside"},
		{name: "matrix", op: "Compress", in: ins(x, tensor.Must([]bool{true}, 1, 1)), err: "expected a vector"},
	})
}

func TestReverseSequence(t *testing.T) {
	runRows(t, []row{
		{name: "time first", op: "ReverseSequence", opset: 10, in: ins(ramp(3, 2), i64([]int64{3, 2}, 2)), want: ins(f32([]float32{4, 3, 2, 1, 0, 5}, 3, 2))},
		{name: "batch first", op: "ReverseSequence", attrs: attrs(at("batch_axis", 0), at("time_axis", 1)), in: ins(ramp(1, 3, 2), i64([]int64{2}, 1)), want: ins(f32([]float32{2, 3, 0, 1, 4, 5}, 1, 3, 2))},
		{name: "length", op: "ReverseSequence", in: ins(ramp(3, 1), i64([]int64{4}, 1)), err: "sequence_lens[0] is 4"},
		{name: "axes", op: "ReverseSequence", attrs: attrs(at("batch_axis", 0)), in: ins(ramp(3, 1), i64([]int64{4}, 1)), err: "batch_axis is 0"},
	})
}
