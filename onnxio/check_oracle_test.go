package onnxio_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

// checkedOtherwise lists the faults that Check and onnx.checker judge differently, and why.
var checkedOtherwise = map[string]string{
	"no_input_shape":                "a warning: onnxruntime runs such models",
	"domain_ai_onnx":                "the specification has ai.onnx and the empty domain mean the same",
	"attribute_reference_outside":   "nothing gives the attribute a value",
	"attribute_reference_and_value": "which of the two counts is not said",
	"future_opset":                  "onnx.checker leaves it to the operators' schemas",
	"function_attribute_in_both":    "the specification has the names be unique",
}

// TestCheckLikeONNX holds Check against onnx.checker (testdata/gen/checks.py).
func TestCheckLikeONNX(t *testing.T) {
	b, err := os.ReadFile("testdata/checks.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name, Error string
		Model       []byte
	}
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		m, err := onnxio.LoadBytes(c.Model)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		got := onnxio.Check(m).Err()
		why := checkedOtherwise[c.Name]
		if same := (got == nil) == (c.Error == ""); same != (why == "") {
			t.Errorf("%s: got %v\nonnx.checker: %s\nexpected difference: %q", c.Name, got, c.Error, why)
		}
	}
}
