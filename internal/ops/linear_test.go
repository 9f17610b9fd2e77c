package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestLinear(t *testing.T) {
	w := []float32{1, 2, -1, .5}
	x, ints, words := f32([]float32{1, 1, 2, -3}, 2, 2), at("classlabels_ints", []int64{7, 3}), at("classlabels_strings", []string{"no", "yes"})
	two := attrs(at("coefficients", w), at("intercepts", []float32{.5, 0}))
	outputs := map[string]int{"LinearClassifier": 2}
	r := func(name, operator string, a []ir.Attr, want ...tensor.Any) row {
		return row{name: name, domain: domainML, op: operator, attrs: a, in: ins(x), nout: outputs[operator], want: want, nograd: operator == "LinearClassifier"}
	}
	bad := func(name, operator string, a []ir.Attr, err string) row {
		return row{name: name, domain: domainML, op: operator, attrs: a, in: ins(x), nout: outputs[operator], err: err}
	}
	scores := f32([]float32{3.5, -.5, -3.5, -3.5}, 2, 2)
	runRows(t, []row{
		r("one target", "LinearRegressor", attrs(at("coefficients", w[:2])), f32([]float32{3, -4}, 2, 1)),
		r("two targets", "LinearRegressor", append(two, at("targets", 2)), scores),
		{name: "vector", domain: domainML, op: "LinearRegressor", attrs: attrs(at("coefficients", w[:2])), in: ins(f32([]float32{1, 1}, 2)), want: ins(f32([]float32{3}, 1, 1))},
		r("two classes", "LinearClassifier", append(two, ints), i64([]int64{7, 7}, 2), scores),
		r("words", "LinearClassifier", append(two, words), tensor.Vector("no", "no"), scores),
		r("one row", "LinearClassifier", attrs(at("coefficients", w[:2]), at("intercepts", []float32{0}), words), tensor.Vector("yes", "no"), f32([]float32{-2, 3, 5, -4}, 2, 2)),
		bad("targets", "LinearRegressor", append(two, at("targets", 3)), "coefficients has 4 elements"),
		bad("no target", "LinearRegressor", append(two, at("targets", 0)), "coefficients has 4 elements"),
		bad("no coefficients", "LinearRegressor", nil, "coefficients has 0 elements"),
		bad("intercepts", "LinearRegressor", attrs(at("coefficients", w[:2]), at("intercepts", w)), "intercepts has 4 elements, expected 1"),
		bad("features", "LinearRegressor", attrs(at("coefficients", w)), "coefficients has 4 elements for each output"),
		bad("transform", "LinearRegressor", append(two, at("targets", 2), at("post_transform", "PROBIT")), "post_transform PROBIT"),
		bad("unknown transform", "LinearRegressor", append(two, at("targets", 2), at("post_transform", "SIGMOID")), "expected NONE"),
		bad("intercepts of two classes", "LinearClassifier", attrs(at("coefficients", append(w, w...)), at("intercepts", w), ints), "intercepts has 4 elements, expected 2"),
		bad("no labels", "LinearClassifier", two, "expected one sort"),
		bad("both labels", "LinearClassifier", append(two, ints, words), "expected one sort"),
	})
}
