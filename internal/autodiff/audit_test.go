package autodiff_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// flat lists the operators that make floats of floats and have no gradient, with the reason.
var flat = map[string]string{
	"Ceil": "piecewise constant", "Floor": "piecewise constant", "Round": "piecewise constant", "Sign": "piecewise constant",
	"Hardmax":   "piecewise constant, though ONNX's schema says differentiable",
	"Bernoulli": "a draw", "RandomNormalLike": "a draw, which takes the shape alone", "RandomUniformLike": "a draw, which takes the shape alone",
	"EyeLike":              "takes the shape alone",
	"Unique":               "no rule: the elements that are kept depend on all others",
	"ai.onnx.ml.Binarizer": "piecewise constant", "ai.onnx.ml.LabelEncoder": "a dictionary", "ai.onnx.ml.OneHotEncoder": "a dictionary",
}

// noRule lists inputs by which there is no gradient: asking for one is an error.
var noRule = map[string]string{
	"Dropout/ratio": "a number that is chosen", "Resize/roi": "a region that is chosen", "Resize/scales": "numbers that are chosen",
	"Upsample/scales": "numbers that are chosen", "Unique/X": "see flat",
}

// TestEveryOperatorHasAGradient goes through all operators: each has a rule for what ONNX's schemas call
// differentiable, or is listed above with the reason.
func TestEveryOperatorHasAGradient(t *testing.T) {
	official := differentiation(t)
	for _, d := range ops.Set().All() {
		name := d.Name
		if d.Domain != "" {
			name = d.Domain + "." + d.Name
		}
		expands := d.Kernels == nil && d.Eval == nil && d.Control == nil && d.Expand != nil
		some := d.Inline != nil // by what its subgraphs read
		floats := false
		for _, p := range d.In {
			some = some || p.Grad == op.Differentiable
			floats = floats || takesFloat(d, p)
			if p.Grad == op.NoRule && noRule[name+"/"+p.Name] == "" {
				t.Errorf("%s has no rule for its input %s", name, p.Name)
			}
			if official[name][p.Name] == "differentiable" && p.Grad != op.Differentiable && flat[name] == "" {
				t.Errorf("%s gives no gradient by %s, which is differentiable", name, p.Name)
			}
		}
		switch {
		case some && d.Grad == nil && !expands:
			t.Errorf("%s says that it is differentiable and has neither a rule nor an expansion", name)
		case !some && d.Grad != nil:
			t.Errorf("%s has a rule and no input that it is for", name)
		case !some && floats && flat[name] == "" && slices.ContainsFunc(d.Out, func(p op.Param) bool { return takesFloat(d, p) }):
			t.Errorf("%s makes floats of floats and has no gradient; list it as flat if that is right", name)
		case some && flat[name] != "":
			t.Errorf("%s is listed as flat and has a gradient", name)
		}
	}
}

func takesFloat(d *op.Def, p op.Param) bool {
	fixed, ok := tensor.ParseDType(p.Type)
	return ok && fixed.IsFloat() || !ok && slices.Contains(d.TypesOf(p.Type), tensor.Float32)
}

// differentiation returns what ONNX's newest schemas say of each operator's inputs.
func differentiation(t *testing.T) map[string]map[string]string {
	t.Helper()
	f, err := os.Open("../../testdata/onnx/schemas.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Schemas []struct {
			Domain, Name string
			Since        int `json:"since_version"`
			Inputs       []struct{ Name, Differentiation string }
		}
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	newest, out := map[string]int{}, map[string]map[string]string{}
	for _, s := range all.Schemas {
		name := s.Name
		if d := op.Domain(s.Domain); d != "" {
			name = d + "." + s.Name
		}
		if s.Since < newest[name] {
			continue
		}
		newest[name], out[name] = s.Since, map[string]string{}
		for _, p := range s.Inputs {
			out[name][p.Name] = p.Differentiation
		}
	}
	return out
}
