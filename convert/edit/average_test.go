package edit

import (
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// member is a model with preprocessing, two weights and a branch.
func member(w string) string {
	return strings.ReplaceAll(`<ir_version: 8, opset_import: ["" : 18]>
net (float[n,2] x, bool yes) => (float[n,1] y, float[n,2] z)
<float[2] low = {1,2}, float[2,1] w = {W}> {
  s = Sub(x, low)
  z = Mul(s, s)
  h = MatMul(z, w)
  y = If(yes) <then_branch = a () => (float[n,1] t) { t = Neg(h) }, else_branch = b () => (float[n,1] e) { e = Add(h, h) }>
}`, "W", w)
}

func TestAverage(t *testing.T) {
	m, err := Average(parse(t, member("1,2")), parse(t, member("3,6")), parse(t, member("1,2")))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		yes  bool
		want float64
	}{{true, -5. / 3 * 9}, {false, 2 * 5. / 3 * 9}} {
		out := runModel(t, m, map[string]tensor.Any{"x": tensor.Must([]float32{2, 4}, 1, 2), "yes": tensor.Scalar(c.yes)})
		near(t, "y", out["y"], []float64{c.want})
		near(t, "z", out["z"], []float64{1, 4})
	}
	count := map[string]int{}
	for _, n := range m.Graph.Node {
		count[n.OpType]++
	}
	if got := fmt.Sprint(count); got != "map[If:3 MatMul:2 Mean:2 Mul:1 Sub:1]" {
		t.Errorf("nodes %v: what members compute alike should be there once", got)
	}
	if n := len(m.Graph.Initializer); n != 3 {
		t.Errorf("%d initializers, want 3", n)
	}
}

func TestAverageRandom(t *testing.T) {
	noisy := `<ir_version: 8, opset_import: ["" : 18]>
net (float[n] x) => (float[n] y) { r = RandomNormalLike(x)
 y = Add(x, r) }`
	m, err := Average(parse(t, noisy), parse(t, noisy))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Graph.Node); n != 5 {
		t.Errorf("%d nodes: each member draws its own noise", n)
	}
}

func TestAverageErrors(t *testing.T) {
	good := member("1,2")
	for _, c := range []struct{ from, to, want string }{
		{"float[n,2] x", "float[n,3] x", "model 2: input x is f32[n,3], the first model's f32[n,2]"},
		{"bool yes", "float yes", "model 2: input yes is f32[], the first model's bool[]"},
		{"float[n,1] y,", "", "model 2: 1 outputs, the first model has 2"},
		{`"" : 18`, `"" : 17`, "version 17 of ai.onnx, the second version 18"},
	} {
		_, err := Average(parse(t, good), parse(t, strings.Replace(good, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.to, err, c.want)
		}
	}
	labels := `<ir_version: 8, opset_import: ["" : 18]> net (float[n] x) => (int64[n] y) { y = Cast<to = 7>(x) }`
	if _, err := Average(parse(t, labels)); err == nil || !strings.Contains(err.Error(), "only floats have a mean") {
		t.Errorf("integers: error %v", err)
	}
	if _, err := Average(); err == nil {
		t.Error("no model is averaged")
	}
}

// An ensemble of two models in one file.
func ExampleAverage() {
	var members []*onnxio.Model
	for _, slope := range []float64{1, 2} {
		m, err := onnxio.ParseText(fmt.Sprintf(`<ir_version: 8, opset_import: ["" : 18]>
net (float[n] x) => (float[n] y) <float k = {%v}> { y = Mul(x, k) }`, slope))
		if err != nil {
			log.Fatal(err)
		}
		members = append(members, m)
	}
	both, err := Average(members...)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range both.Graph.Node {
		fmt.Println(n.OpType, n.Input, n.Output)
	}
	// Output:
	// Mul [x k] [y_1]
	// Mul [x k_1] [y_2]
	// Mean [y_1 y_2] [y]
}
