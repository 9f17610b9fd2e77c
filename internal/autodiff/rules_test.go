package autodiff_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A rule is an operator with attributes whose gradient is checked at shapes that differ: in float64 against
// central differences, in float32 against onnxruntime on the exported graph.
type rule struct {
	op    string // ai.onnx's, or with its domain and a dot
	attrs string // as in ONNX's text syntax
	// shapes holds the inputs of each case, apart by blanks:
	//
	//	2,3       numbers of that shape, drawn; a dot is a scalar
	//	2,3@1~4   drawn between 1 and 4; 2,3+ is 2,3@.25~1.25
	//	-         absent
	//	i2,1:4,5  given numbers, constants of type int64; j int32, b bool, f float; without a shape they are a vector
	//	          and without a letter of the type of those drawn
	//	I:4,5     the same as an input of the graph
	shapes []string
	nout   int     // 0 is 1
	opset  int     // 0 is the newest
	step   float32 // of differences in float32, where there is no float64; 1 for what is linear in each input
	noORT  string  // why onnxruntime cannot tell
}

// TestRules checks the gradient of each rule by each input that is drawn. The loss is a weighted sum of all outputs.
func TestRules(t *testing.T) {
	runtime := ort.Available()
	if runtime != nil && os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
		t.Fatal(runtime)
	}
	for _, r := range allRules() {
		t.Run(r.op+"/"+r.attrs, func(t *testing.T) {
			agreed := 0
			for i, s := range r.shapes {
				if i > 0 && testing.Short() {
					return
				}
				c := r.parse(t, s)
				t.Run(s, func(t *testing.T) {
					c.check(t)
					c.checkForms(t, i == 0)
					if runtime == nil && c.checkORT(t) {
						agreed++
					}
				})
			}
			if agreed == len(r.shapes) && r.noORT != "" {
				t.Errorf("onnxruntime agrees: not so that %s", r.noORT)
			}
		})
	}
}

// check compares with central differences.
func (c *ruleCase) check(t *testing.T) {
	t.Helper()
	if c.step > 0 {
		compareSlopes(t, c.differentiate(t, "float", false, nil, nil), c.step)
		return
	}
	d := c.differentiate(t, "double", false, nil, nil)
	g, feed := c.lower(t, "double", false)
	forward := &differentiatedCase{graph: g, feed: feed}
	b := op.NewBuilder(g, ops.Set())
	g.Outputs = []*ir.Value{c.loss(t, b, feed, nil)}
	vals := d.eval(t)
	for k, v := range d.wrt {
		if got := vals[1+k].Shape(); !got.Equal(d.feed[v].Shape()) {
			t.Fatalf("the gradient by %s is %v", v, got)
		}
		forward.compare(t, v.Name, tensor.Data[float64](vals[1+k]))
	}
	for _, v := range d.none {
		forward.compare(t, v.Name, make([]float64, d.feed[v].Len()))
	}
}

// compare holds the gradient by an input against central differences.
func (d *differentiatedCase) compare(t *testing.T, input string, got []float64) {
	t.Helper()
	k := slices.IndexFunc(d.graph.Inputs, func(v *ir.Value) bool { return v.Name == input })
	x := tensor.Data[float64](d.feed[d.graph.Inputs[k]])
	at := func(i int, v float64) float64 {
		x[i] = v
		return tensor.Data[float64](d.eval(t)[0])[0]
	}
	for i, keep := range x {
		const h = 1e-5
		want := (at(i, keep+h) - at(i, keep-h)) / (2 * h)
		x[i] = keep
		if !(math.Abs(got[i]-want) <= 1e-6*(1+math.Abs(want))) {
			t.Errorf("gradient by %s[%d] is %g, central difference %g", input, i, got[i], want)
		}
	}
}

// checkForms holds against the gradients of check those where no dimension is known and, with parts, each asked
// for alone and the sum of those of each output.
func (c *ruleCase) checkForms(t *testing.T, parts bool) {
	t.Helper()
	float, near := "double", 1e-9
	if c.step > 0 {
		float, near = "float", 1e-5
	}
	d := c.differentiate(t, float, false, nil, nil)
	want := d.eval(t)
	same := func(how string, got *differentiatedCase, from int) {
		t.Helper()
		for i, x := range got.eval(t)[1:] {
			if err := closeTo(x, want[1+from+i], near); err != nil {
				t.Errorf("%s: gradient by %s: %v", how, got.wrt[i], err)
			}
		}
	}
	if u := c.differentiate(t, float, true, nil, nil); u != nil && len(u.wrt) == len(d.wrt) {
		same("dimensions unknown", u, 0)
	}
	if !parts {
		return
	}
	c.checkOutputs(t, d, want)
	for i, v := range d.wrt {
		same("alone", c.differentiate(t, float, false, nil, []string{v.Name}), i)
	}
}

// checkOutputs holds the sum of the gradients of each output against the gradients of all.
func (c *ruleCase) checkOutputs(t *testing.T, d *differentiatedCase, want []tensor.Any) {
	t.Helper()
	outs := c.outputs(t)
	if outs == 1 {
		return
	}
	sums := map[string][]float64{}
	for _, v := range d.wrt {
		sums[v.Name] = make([]float64, d.feed[v].Len())
	}
	for i := range outs {
		one := c.differentiate(t, "double", false, []int{i}, nil)
		vals := one.eval(t)
		for k, v := range one.wrt {
			for j, x := range tensor.Data[float64](vals[1+k]) {
				sums[v.Name][j] += x
			}
		}
	}
	for k, v := range d.wrt {
		if err := closeTo(tensor.Must(sums[v.Name], d.feed[v].Shape()...), want[1+k], 1e-9); err != nil {
			t.Errorf("gradient by %s: the sum of those of each output: %v", v.Name, err)
		}
	}
}

// checkORT reports whether onnxruntime has all that the graph needs.
func (c *ruleCase) checkORT(t *testing.T) bool {
	t.Helper()
	d := c.differentiate(t, "float", false, nil, nil)
	err := compareOnORT(d.graph, d.feed)
	if errors.Is(err, errRefused) && c.noORT != "" {
		return false
	}
	if err != nil {
		t.Error(err)
	}
	return true
}

// compareSlopes compares in float32: the error is the step's square where it is not 1.
func compareSlopes(t *testing.T, d *differentiatedCase, step float32) {
	t.Helper()
	vals := d.eval(t)
	for k, v := range d.wrt {
		got, x := tensor.Data[float32](vals[1+k]), tensor.Data[float32](d.feed[v])
		for i, keep := range x {
			x[i] = keep + step
			up := tensor.Data[float32](d.eval(t)[0])[0]
			x[i] = keep - step
			down := tensor.Data[float32](d.eval(t)[0])[0]
			x[i] = keep
			if want := (up - down) / (2 * step); !(math.Abs(float64(got[i]-want)) <= float64(1e-4+step*step*(1-step))*(1+math.Abs(float64(want)))) {
				t.Errorf("gradient by %s[%d] is %g, central difference %g", v.Name, i, got[i], want)
			}
		}
	}
}

func closeTo(got, want tensor.Any, near float64) error {
	if !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("shape %v, not %v", got.Shape(), want.Shape())
	}
	g, w := numbers(got), numbers(want)
	for i, v := range g {
		if !(math.Abs(v-w[i]) <= near*(1+math.Abs(w[i]))) {
			return fmt.Errorf("element %d is %v, not %v", i, v, w[i])
		}
	}
	return nil
}

func numbers(x tensor.Any) []float64 {
	if x.DType() == tensor.Float64 {
		return tensor.Data[float64](x)
	}
	var out []float64
	for _, v := range tensor.Data[float32](x) {
		out = append(out, float64(v))
	}
	return out
}
