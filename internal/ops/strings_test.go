package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestStrings(t *testing.T) {
	s := func(v ...string) tensor.Any { return tensor.Vector(v...) }
	runRows(t, []row{
		{name: "broadcast", op: "StringConcat", in: ins(s("a", "b"), tensor.Scalar("!")), want: ins(s("a!", "b!"))},
		{name: "whole", op: "RegexFullMatch", attrs: attrs(at("pattern", "a+|b")), in: ins(s("aa", "b", "ab", "")), want: ins(tensor.Vector(true, true, false, false))},
		{name: "syntax", op: "RegexFullMatch", attrs: attrs(at("pattern", "(")), in: ins(s("a")), err: `pattern "("`},
		{name: "missing", op: "RegexFullMatch", in: ins(s("a")), err: "pattern is missing"},
		{name: "lower, stop words in any case", op: "StringNormalizer", attrs: attrs(at("case_change_action", "LOWER"), at("stopwords", []string{"MON"})), in: ins(s("Mon", "Tue")), want: ins(s("tue"))},
		{name: "upper, stop words as they are", op: "StringNormalizer", attrs: attrs(at("case_change_action", "UPPER"), at("is_case_sensitive", 1), at("stopwords", []string{"MON"})), in: ins(s("Mon", "MON")), want: ins(s("MON"))},
		{name: "all dropped", op: "StringNormalizer", attrs: attrs(at("stopwords", []string{"a"})), in: ins(tensor.Must([]string{"a"}, 1, 1)), want: ins(tensor.Must([]string{""}, 1, 1))},
		{name: "Turkish", op: "StringNormalizer", attrs: attrs(at("case_change_action", "UPPER"), at("locale", "tr_TR")), in: ins(s("i")), want: ins(s("İ"))},
		{name: "ASCII", op: "StringNormalizer", attrs: attrs(at("case_change_action", "LOWER"), at("locale", "C")), in: ins(s("AZÀ", "[@")), want: ins(s("azÀ", "[@"))},
		{name: "ASCII upper", op: "StringNormalizer", attrs: attrs(at("case_change_action", "UPPER"), at("locale", "POSIX")), in: ins(s("azà`{")), want: ins(s("AZà`{"))},
		{name: "matrix", op: "StringNormalizer", in: ins(tensor.Zeros[string](2, 2)), err: "expected [C] or [1,C]"},
		{name: "action", op: "StringNormalizer", attrs: attrs(at("case_change_action", "TITLE")), in: ins(s("a")), err: "case_change_action"},
		{name: "delimiter", op: "StringSplit", nout: 2, attrs: attrs(at("delimiter", ",")), in: ins(s("a,,b", "")), want: ins(tensor.Must([]string{"a", "", "b", "", "", ""}, 2, 3), tensor.Vector[int64](3, 1))},
		{name: "white space", op: "StringSplit", nout: 2, in: ins(s("  a  b ", " ")), want: ins(tensor.Must([]string{"a", "b", "", ""}, 2, 2), tensor.Vector[int64](2, 0))},
		{name: "white space, once", op: "StringSplit", nout: 2, attrs: attrs(at("maxsplit", 1)), in: ins(s(" 1  2   3  ")), want: ins(tensor.Must([]string{"1", "2   3  "}, 1, 2), tensor.Vector[int64](2))},
		{name: "delimiter, once", op: "StringSplit", nout: 2, attrs: attrs(at("maxsplit", 1), at("delimiter", "-")), in: ins(tensor.Scalar("a-b-c")), want: ins(s("a", "b-c"), tensor.Scalar[int64](2))},
		{name: "nothing", op: "StringSplit", nout: 2, in: ins(tensor.Zeros[string](0)), want: ins(tensor.Zeros[string](0, 0), tensor.Vector[int64]())},
	})
}

func TestUnique(t *testing.T) {
	nan := float32(math.NaN())
	v := func(x ...int64) tensor.Any { return tensor.Vector(x...) }
	x := f32([]float32{2, 1, nan, 1, nan}, 5)
	runRows(t, []row{
		{name: "sorted", op: "Unique", opset: 11, nout: 4, in: ins(x), want: ins(f32([]float32{1, 2, nan}, 3), v(1, 0, 2), v(1, 0, 2, 0, 2), v(2, 1, 2))},
		{name: "in order", op: "Unique", nout: 4, attrs: attrs(at("sorted", 0)), in: ins(x), want: ins(f32([]float32{2, 1, nan}, 3), v(0, 1, 2), v(0, 1, 2, 1, 2), v(1, 2, 2))},
		{name: "rows", op: "Unique", nout: 4, attrs: attrs(at("axis", 0)), in: ins(i32([]int32{3, 1, 0, 9, 3, 1}, 3, 2)), want: ins(i32([]int32{0, 9, 3, 1}, 2, 2), v(1, 0), v(1, 0, 1), v(1, 2))},
		{name: "columns", op: "Unique", attrs: attrs(at("axis", -1)), in: ins(tensor.Must([]string{"b", "a", "b"}, 1, 3)), want: ins(tensor.Must([]string{"a", "b"}, 1, 2))},
		{name: "uint64", op: "Unique", in: ins(tensor.Vector[uint64](math.MaxUint64, 1)), want: ins(tensor.Vector[uint64](1, math.MaxUint64))},
		{name: "none", op: "Unique", nout: 4, in: ins(ramp(0)), want: ins(ramp(0), v(), v(), v())},
		{name: "scalar", op: "Unique", in: ins(ramp()), want: ins(ramp(1))},
		{name: "axis", op: "Unique", attrs: attrs(at("axis", 1)), in: ins(ramp(2)), err: "axis 1 outside"},
	})
}
