package edit

import (
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const encoder = `<ir_version: 8, opset_import: ["" : 18]>
encoder (float[n,2] x) => (float[n,2] mu, float[n,2] spare)
<float[2] k = {10,20}> {
  h = Mul(x, k)
  mu = Identity(h)
  spare = Neg(x)
}`

// decoder uses names of the encoder's, and reads one in a subgraph.
const decoder = `<ir_version: 9, opset_import: ["" : 18, "ai.onnx.ml" : 3]>
decoder (float[n,2] z, bool yes) => (float[n,2] y)
<float[2] k = {1,2}> {
  h = Add(z, k)
  y = If(yes) <then_branch = a () => (float[n,2] t) { t = Mul(h, k) }, else_branch = b () => (float[n,2] e) { e = Identity(h) }>
}`

func TestMergeNames(t *testing.T) {
	m, err := Merge(parse(t, encoder), parse(t, decoder), MergeOptions{Connect: map[string]string{"z": "mu"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range onnxio.Check(m) {
		t.Error(f)
	}
	if m.IRVersion != 9 || len(m.OpsetImport) != 2 {
		t.Errorf("IR %d, %d operator sets", m.IRVersion, len(m.OpsetImport))
	}
	var names []string
	for _, v := range append(m.Graph.Input, m.Graph.Output...) {
		names = append(names, v.Name)
	}
	if got := strings.Join(names, " "); got != "x yes y spare" {
		t.Errorf("inputs and outputs are %s", got)
	}
	body := m.Graph.Node[len(m.Graph.Node)-1].Attr("then_branch").G
	if got := strings.Join(body.Node[0].Input, " "); got != "h_1 k_1" {
		t.Errorf("the branch reads %s", got)
	}
}

func TestMergeRuns(t *testing.T) {
	second := parse(t, `<ir_version: 8, opset_import: ["" : 18]>
second (float[n,2] x) => (float[n,2] h) <float[2] k = {1,2}> { h = Add(x, k) }`)
	first := parse(t, `<ir_version: 8, opset_import: ["" : 18]>
first (float[n,2] x) => (float[n,2] mu) <float[2] k = {10,20}> { h = Mul(x, k)
 mu = Identity(h) }`)
	m, err := Merge(first, second, MergeOptions{}) // one output feeds one input
	if err != nil {
		t.Fatal(err)
	}
	near(t, "h", runModel(t, m, map[string]tensor.Any{"x": tensor.Must([]float32{1, 2}, 1, 2)})["h"], []float64{11, 42})
}

func TestMergeErrors(t *testing.T) {
	other := func(from, to string) *onnxio.Model { return parse(t, strings.Replace(decoder, from, to, 1)) }
	tests := []struct {
		name    string
		second  *onnxio.Model
		connect map[string]string
		want    string
	}{
		{"no names in common", other("", ""), nil, "no output of the first model (mu, spare) has the name of an input of the second (yes, z)"},
		{"no such output", other("", ""), map[string]string{"z": "nu"}, "the first model has no output nu"},
		{"no such input", other("", ""), map[string]string{"q": "mu"}, "the second model has no input q"},
		{"shape", other("float[n,2] z", "float[n,3] z"), map[string]string{"z": "mu"}, "output mu is f32[n,2], input z is f32[n,3]"},
		{"type", other("float[n,2] z", "int64[n,2] z"), map[string]string{"z": "mu"}, "input z is i64[n,2]"},
		{"operator sets", other(`"" : 18`, `"" : 17`), map[string]string{"z": "mu"}, "version 18 of ai.onnx, the second version 17"},
		{"two outputs of a name", parse(t, strings.ReplaceAll(decoder, "y", "spare")), map[string]string{"z": "mu"}, "both models have an output spare"},
		{"two inputs of a name", parse(t, strings.ReplaceAll(decoder, "yes", "x")), map[string]string{"z": "mu"}, "x is an input of both models"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Merge(parse(t, encoder), tt.second, MergeOptions{Connect: tt.connect})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %s", err, tt.want)
			}
		})
	}
}
