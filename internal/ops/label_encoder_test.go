package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestLabelEncoder(t *testing.T) {
	nan := float32(math.NaN())
	strs, ints, floats := []string{"a", "b"}, []int64{10, 20}, []float32{.5, nan}
	run := func(name string, opset int, a []ir.Attr, x, want tensor.Any) row {
		return row{name: name, domain: domainML, op: "LabelEncoder", opset: opset, attrs: a, in: ins(x), want: ins(want), nograd: true}
	}
	bad := func(name string, a []ir.Attr, x tensor.Any, err string) row {
		return row{name: name, domain: domainML, op: "LabelEncoder", attrs: a, in: ins(x), err: err}
	}
	s := tensor.Must([]string{"b", "x"}, 2, 1)
	runRows(t, []row{
		run("strings ints", 0, attrs(at("keys_strings", strs), at("values_int64s", ints)), s, i64([]int64{20, -1}, 2, 1)),
		run("strings floats", 2, attrs(at("keys_strings", strs), at("values_floats", floats), at("default_float", 7.0)), s, f32([]float32{nan, 7}, 2, 1)),
		run("ints strings", 2, attrs(at("keys_int64s", ints), at("values_strings", strs)), i64([]int64{20, 5}, 2), tensor.Vector("b", "_Unused")),
		run("NaN is a key", 0, attrs(at("keys_floats", floats), at("values_strings", strs), at("default_string", "?")), f32([]float32{nan, .5, 0}, 3), tensor.Vector("b", "a", "?")),
		run("NaN is no key in version 2", 2, attrs(at("keys_floats", floats), at("values_strings", strs), at("default_string", "?")), f32([]float32{nan, .5, 0}, 3), tensor.Vector("?", "a", "?")),
		run("tensors", 0, attrs(at("keys_tensor", tensor.Vector[int16](1, 2)), at("values_tensor", tensor.Vector(1.5, 2.5)), at("default_tensor", tensor.Vector(9.))), tensor.Vector[int16](2, 3), tensor.Vector(2.5, 9)),
		run("tensors, default", 0, attrs(at("keys_tensor", tensor.Vector(1., math.NaN())), at("values_tensor", tensor.Vector[int16](1, 2))), tensor.Vector(math.NaN(), 3.), tensor.Vector[int16](2, -1)),
		run("the first of equal keys", 0, attrs(at("keys_strings", []string{"a", "a"}), at("values_int64s", ints)), tensor.Vector("a"), i64([]int64{10}, 1)),
		run("version 1", 1, attrs(at("classes_strings", strs)), s, i64([]int64{1, -1}, 2, 1)),
		run("version 1, back", 1, attrs(at("classes_strings", strs), at("default_string", "-")), i64([]int64{0, 2}, 2), tensor.Vector("a", "-")),
		run("no elements", 0, attrs(at("keys_strings", strs), at("values_int64s", ints)), tensor.Zeros[string](0), i64([]int64{}, 0)),
		bad("no keys", attrs(at("values_int64s", ints)), s, "no attribute holds the keys"),
		bad("two lists of keys", attrs(at("keys_int64s", ints), at("keys_strings", strs), at("values_int64s", ints)), s, "more than one attribute"),
		bad("lengths", attrs(at("keys_strings", strs), at("values_int64s", []int64{1})), s, "2 keys, 1 values"),
		bad("type", attrs(at("keys_int64s", ints), at("values_int64s", ints)), s, "the keys are i64"),
		bad("default", attrs(at("keys_strings", strs), at("values_int64s", ints), at("default_tensor", ramp(1))), s, "default_tensor"),
		{name: "strings", domain: domainML, op: "CategoryMapper", attrs: attrs(at("cats_strings", strs), at("cats_int64s", ints)), in: ins(s), want: ins(i64([]int64{20, -1}, 2, 1))},
		{name: "ints", domain: domainML, op: "CategoryMapper", attrs: attrs(at("cats_strings", strs), at("cats_int64s", ints)), in: ins(tensor.Vector[int64](10)), want: ins(tensor.Vector("a"))},
		{name: "lengths", domain: domainML, op: "CategoryMapper", attrs: attrs(at("cats_strings", strs)), in: ins(s), err: "keys"},
	})
}

func TestOneHotEncoder(t *testing.T) {
	cats := at("cats_int64s", []int64{3, 1})
	ml := func(name string, a []ir.Attr, x, want tensor.Any, err string) row {
		r := row{name: name, domain: domainML, op: "OneHotEncoder", attrs: a, in: ins(x), err: err, nograd: true}
		if want != nil {
			r.want = ins(want)
		}
		return r
	}
	runRows(t, []row{
		ml("ints", attrs(cats), i64([]int64{1, 3, 2}, 3), f32([]float32{0, 1, 1, 0, 0, 0}, 3, 2), ""),
		ml("floats", attrs(cats), f32([]float32{1.9}, 1, 1), f32([]float32{0, 1}, 1, 1, 2), ""),
		ml("doubles", attrs(cats), f64([]float64{3}, 1), f32([]float32{1, 0}, 1, 2), ""),
		ml("strings", attrs(at("cats_strings", []string{"a", "b"})), tensor.Vector("b"), f32([]float32{0, 1}, 1, 2), ""),
		ml("unknown", attrs(cats, at("zeros", 0)), i64([]int64{1, 2}, 2), nil, "element 1 is none of the 2 categories"),
		ml("missing", attrs(cats), tensor.Vector("b"), nil, "cats_strings is missing"),
		ml("both", attrs(cats, at("cats_strings", []string{"a"})), tensor.Vector("b"), nil, "both"),
	})
}

func TestFeatures(t *testing.T) {
	nan := float32(math.NaN())
	x := f32([]float32{1, -2, 3, 4}, 2, 2)
	r := func(name, operator string, a []ir.Attr, want tensor.Any, in ...tensor.Any) row {
		kink := operator == "Imputer" && name != "NaN" // where x is the replaced value
		return row{name: name, domain: domainML, op: operator, attrs: a, in: in, want: ins(want), nograd: kink}
	}
	bad := func(name, operator string, a []ir.Attr, err string, in ...tensor.Any) row {
		return row{name: name, domain: domainML, op: operator, attrs: a, in: in, err: err}
	}
	runRows(t, []row{
		r("NaN", "Imputer", attrs(at("imputed_value_floats", []float32{7, 8}), at("replaced_value_float", math.NaN())), f32([]float32{7, 1, 2, 8}, 2, 2), f32([]float32{nan, 1, 2, nan}, 2, 2)),
		r("number", "Imputer", attrs(at("imputed_value_floats", []float32{7}), at("replaced_value_float", -2.0)), f32([]float32{1, 7, 3, 4}, 2, 2), x),
		r("ints", "Imputer", attrs(at("imputed_value_int64s", []int64{7}), at("replaced_value_int64", -1)), i32([]int32{7, 2}, 2), i32([]int32{-1, 2}, 2)),
		r("doubles", "Imputer", attrs(at("imputed_value_floats", []float32{.5})), f64([]float64{.5, 2}, 2), f64([]float64{0, 2}, 2)),
		bad("no value", "Imputer", attrs(at("imputed_value_int64s", []int64{7})), "imputed_value_floats is missing", x),
		bad("features", "Imputer", attrs(at("imputed_value_floats", []float32{7, 8, 9})), "2 features", x),
		bad("rank 3", "Imputer", attrs(at("imputed_value_floats", []float32{7, 8})), "expected [features]", ramp(1, 2, 2)),
		r("one for all", "Scaler", attrs(at("offset", []float32{1}), at("scale", []float32{2})), f32([]float32{0, -6, 4, 6}, 2, 2), x),
		r("by feature", "Scaler", attrs(at("offset", []float32{1, 0}), at("scale", []float32{2, 1})), f32([]float32{0, -2, 4, 4}, 2, 2), x),
		r("ints", "Scaler", attrs(at("offset", []float32{.5}), at("scale", []float32{2})), f32([]float32{1, 3}, 2), i64([]int64{1, 2}, 2)),
		r("doubles", "Scaler", attrs(at("offset", []float32{1 << 24}), at("scale", []float32{1})), f32([]float32{1}, 1), f64([]float64{1<<24 + 1}, 1)),
		bad("features", "Scaler", attrs(at("offset", []float32{1, 2, 3})), "2 features", x),
		r("floats", "Binarizer", attrs(at("threshold", 1.0)), f32([]float32{0, 0, 1, 1}, 2, 2), x),
		r("ints", "Binarizer", attrs(at("threshold", .5)), i64([]int64{0, 1}, 2), i64([]int64{0, 1}, 2)),
		bad("threshold", "Binarizer", attrs(at("threshold", 1e30)), "out of the range", i64([]int64{0}, 1)),
		r("max", "Normalizer", nil, f32([]float32{1, -2, .75, 1}, 2, 2), x),
		r("L1", "Normalizer", attrs(at("norm", "L1")), f32([]float32{1. / 3, -2. / 3, 3. / 7, 4. / 7}, 2, 2), x),
		r("L2", "Normalizer", attrs(at("norm", "L2")), f32([]float32{.6, -.8, 0, 0}, 2, 2), f32([]float32{3, -4, 0, 0}, 2, 2)),
		bad("norm", "Normalizer", attrs(at("norm", "L3")), `norm is "L3"`, x),
		bad("rank", "Normalizer", nil, "expected [features]", ramp(1, 1, 1)),
		r("two", "FeatureVectorizer", attrs(at("inputdimensions", []int64{2, 1})), f32([]float32{1, -2, 5, 3, 4, 6}, 2, 3), x, f32([]float32{5, 6}, 2, 1)),
		r("cut and filled up", "FeatureVectorizer", attrs(at("inputdimensions", []int64{1, 2})), f32([]float32{1, 5, 0, 3, 6, 0}, 2, 3), x, f32([]float32{5, 6}, 2, 1)),
		r("vector", "FeatureVectorizer", attrs(at("inputdimensions", []int64{2})), f32([]float32{1, 2}, 1, 2), i64([]int64{1, 2}, 2)),
		bad("count", "FeatureVectorizer", attrs(at("inputdimensions", []int64{2})), "1 elements for 2 inputs", x, x),
		r("columns", "ArrayFeatureExtractor", nil, f32([]float32{-2, 4}, 2, 1), x, i64([]int64{1}, 1)),
		r("vector", "ArrayFeatureExtractor", nil, tensor.Must([]string{"b", "a"}, 1, 2), tensor.Vector("a", "b"), i64([]int64{1, 0}, 1, 2)),
		bad("range", "ArrayFeatureExtractor", nil, "index 2", x, i64([]int64{2}, 1)),
		bad("scalar", "ArrayFeatureExtractor", nil, "an axis to pick from", ramp(), i64([]int64{0}, 1)),
	})
}
