package verify

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func ptr(x float64) *float64 { return &x }

var (
	nan  = float32(math.NaN())
	inf  = float32(math.Inf(1))
	next = math.Nextafter32
)

func TestCompare(t *testing.T) {
	f32 := func(v ...float32) tensor.Any { return tensor.Vector(v...) }
	for _, c := range []struct {
		name     string
		got, ref tensor.Any
		tol      Tolerances
		outside  int
		first    []int
		reason   string
	}{
		{name: "equal", got: f32(1, 2), ref: f32(1, 2)},
		{name: "within rtol", got: f32(1000.05), ref: f32(1000)},
		{name: "outside rtol", got: f32(1000.2), ref: f32(1000), outside: 1, first: []int{0}},
		{name: "within atol", got: f32(9e-6), ref: f32(0)},
		{name: "outside atol", got: f32(0, 2e-5), ref: f32(0, 0), outside: 1, first: []int{1}},
		{name: "nan equals nan", got: f32(nan), ref: f32(nan)},
		{name: "nan against number", got: f32(nan), ref: f32(1), outside: 1, first: []int{0}},
		{name: "number against nan", got: f32(1), ref: f32(nan), outside: 1, first: []int{0}},
		{name: "inf equals inf", got: f32(inf, -inf), ref: f32(inf, -inf)},
		{name: "inf by sign", got: f32(-inf), ref: f32(inf), outside: 1, first: []int{0}},
		{name: "number against inf", got: f32(1e38), ref: f32(inf), outside: 1, first: []int{0}},
		{name: "inf against number", got: f32(inf), ref: f32(1e38), outside: 1, first: []int{0}},
		{name: "minus zero", got: f32(0), ref: f32(float32(math.Copysign(0, -1)))},
		{name: "given tolerance", got: f32(1.5), ref: f32(1), tol: Tolerances{ATol: ptr(1)}},
		{name: "given tolerance of zero", got: f32(next(1, 2)), ref: f32(1), tol: Tolerances{RTol: ptr(0), ATol: ptr(0)}, outside: 1, first: []int{0}},
		{name: "index", got: tensor.Must([]float32{0, 0, 0, 0, 5, 0}, 2, 3), ref: tensor.Zeros[float32](2, 3), outside: 1, first: []int{1, 1}},
		{name: "empty", got: tensor.Zeros[float32](0, 3), ref: tensor.Zeros[float32](0, 3)},
		{name: "shape", got: f32(1), ref: tensor.Scalar[float32](1), reason: "it is f32[1], the reference is f32[]"},
		{name: "type", got: f32(1), ref: tensor.Vector(1.0), reason: "it is f32[1], the reference is f64[1]"},
		{name: "absent", got: nil, ref: f32(1), reason: "the candidate has no"},
		{name: "absent reference", got: f32(1), ref: nil, reason: "the reference has no"},
		{name: "f64", got: tensor.Vector(1 + 1e-6), ref: tensor.Vector(1.0), outside: 1, first: []int{0}},
		{name: "f64 within", got: tensor.Vector(1 + 1e-8), ref: tensor.Vector(1.0)},
		{name: "f16", got: tensor.Vector(tensor.ToHalf(1.005)), ref: tensor.Vector(tensor.ToHalf(1))},
		{name: "f16 outside", got: tensor.Vector(tensor.ToHalf(1.05)), ref: tensor.Vector(tensor.ToHalf(1)), outside: 1, first: []int{0}},
		{name: "bf16", got: tensor.Vector(tensor.ToBHalf(1.05)), ref: tensor.Vector(tensor.ToBHalf(1))},
		{name: "f8 one step", got: tensor.Vector[tensor.F8E4M3FN](0x39), ref: tensor.Vector[tensor.F8E4M3FN](0x38)},
		{name: "f8 two steps", got: tensor.Vector[tensor.F8E4M3FN](0x3a), ref: tensor.Vector[tensor.F8E4M3FN](0x38), outside: 1, first: []int{0}},
		{name: "f8 across zero", got: tensor.Vector[tensor.F8E5M2](0x80), ref: tensor.Vector[tensor.F8E5M2](0x01)},
		{name: "f8 inf is no step", got: tensor.Vector[tensor.F8E5M2](0x7b), ref: tensor.Vector[tensor.F8E5M2](0x7c), outside: 1, first: []int{0}},
		{name: "c64", got: tensor.Vector[complex64](1 + 1i), ref: tensor.Vector[complex64](1 + 1.00001i)},
		{name: "c64 outside", got: tensor.Vector[complex64](1 + 1i), ref: tensor.Vector[complex64](1 + 1.01i), outside: 1, first: []int{0}},
		{name: "i64 exact", got: tensor.Vector[int64](1<<60 + 1), ref: tensor.Vector[int64](1 << 60), outside: 1, first: []int{0}},
		{name: "i64 extremes", got: tensor.Vector[int64](math.MinInt64), ref: tensor.Vector[int64](math.MaxInt64), outside: 1, first: []int{0}},
		{name: "integers ignore tolerances", got: tensor.Vector[int8](1), ref: tensor.Vector[int8](2), tol: Tolerances{ATol: ptr(9)}, outside: 1, first: []int{0}},
		{name: "u64", got: tensor.Vector[uint64](math.MaxUint64), ref: tensor.Vector[uint64](math.MaxUint64)},
		{name: "bool", got: tensor.Vector(true, false), ref: tensor.Vector(true, true), outside: 1, first: []int{1}},
		{name: "string", got: tensor.Vector("a", "b"), ref: tensor.Vector("a", "c"), outside: 1, first: []int{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Compare("y", c.got, c.ref, c.tol)
			if d.Outside != c.outside || !slices.Equal(d.First, c.first) || !strings.HasPrefix(d.Reason, c.reason) || (c.reason == "") != (d.Reason == "") {
				t.Errorf("got %+v", d)
			}
			if d.Agrees() != (c.outside == 0 && c.reason == "") {
				t.Errorf("agrees: %v", d.Agrees())
			}
		})
	}
}

func TestEveryTypeCompares(t *testing.T) {
	for d := tensor.Float32; d.Valid(); d++ {
		x, err := tensor.Alloc(d, tensor.Shape{3})
		if err != nil {
			t.Fatal(err)
		}
		if diff := Compare("x", x, tensor.CloneAny(x), Tolerances{}); !diff.Agrees() {
			t.Errorf("%v: %+v", d, diff)
		}
		y := tensor.CloneAny(x)
		switch {
		case d == tensor.String:
			tensor.Data[string](y)[2] = "other"
		case d == tensor.Bool:
			tensor.Data[bool](y)[2] = true
		case d.Bits() < 8:
			tensor.Bytes(y)[2] = 1 << (d.Bits() - 2)
		default:
			b := tensor.Bytes(y)
			b[len(b)-1] = 0x41
		}
		diff := Compare("x", y, x, Tolerances{})
		if diff.Agrees() || !slices.Equal(diff.First, []int{2}) {
			// A step from zero is within tolerance for the smallest floats.
			if d.Bits() >= 8 || !d.IsFloat() {
				t.Errorf("%v: a difference was not found: %+v", d, diff)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	d := Compare("y", tensor.Vector[float32](1, 2, 4, 0), tensor.Vector[float32](1, 2.5, 2, 0), Tolerances{})
	for name, c := range map[string][2]float64{
		"max abs": {d.MaxAbs, 2}, "max rel": {d.MaxRel, 1}, "mean abs": {d.MeanAbs, 2.5 / 4},
		"cosine": {d.Cosine, (1 + 5 + 8) / (math.Sqrt(21) * math.Sqrt(1+6.25+4))}, "outside": {float64(d.Outside), 2},
	} {
		if math.Abs(c[0]-c[1]) > 1e-12 {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	one := Compare("y", tensor.Vector(next(1, 2)), tensor.Vector[float32](1), Tolerances{})
	if one.ULPp99 != 1 {
		t.Errorf("ulp %v", one.ULPp99)
	}
	around := Compare("y", tensor.Vector(math.Float32frombits(1)), tensor.Vector(math.Float32frombits(1<<31|1)), Tolerances{})
	if around.ULPp99 != 2 {
		t.Errorf("ulp around zero: %v", around.ULPp99)
	}
	bad := Compare("y", tensor.Vector(nan, 1), tensor.Vector[float32](1, 1), Tolerances{})
	if !math.IsNaN(bad.MaxAbs) || !math.IsNaN(bad.MaxRel) || !math.IsNaN(bad.MeanAbs) || !math.IsInf(bad.ULPp99, 1) {
		t.Errorf("nan: %+v", bad)
	}
	zero := Compare("y", tensor.Zeros[float32](2), tensor.Zeros[float32](2), Tolerances{})
	if zero.Cosine != 1 {
		t.Errorf("cosine of zeros: %v", zero.Cosine)
	}
}
