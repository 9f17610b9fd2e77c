package keras

import (
	"maps"
	"slices"
)

// Layers returns the classes of keras.layers that Convert knows, in
// the order of the alphabet. Options of theirs that ONNX cannot say are errors that name them.
func Layers() []string {
	names := slices.Collect(maps.Keys(layerConverters()))
	names = append(names, "Functional", "Model", "Sequential")
	slices.Sort(names)
	return slices.Compact(names)
}

// Operations returns the functions of keras.ops that Convert knows, in the order of the alphabet.
func Operations() []string { return slices.Sorted(maps.Keys(operations())) }

// Refused returns the classes of keras.layers that Convert does not know, each with the reason.
func Refused() map[string]string { return maps.Clone(refused) }

var refused = map[string]string{
	"AbstractRNNCell": "a base class: what a cell of one's own computes is Python code",
	"ContrastLimitedAdaptiveHistogramEqualization": "not written yet",
	"DenseFeatures":      "feature columns of TensorFlow, which Keras 3 has no more",
	"FlaxLayer":          "code of another framework",
	"InputSpec":          "no layer",
	"JaxLayer":           "code of another framework",
	"Lambda":             "Python code, which is never run",
	"Layer":              "a base class, which computes nothing",
	"TFSMLayer":          "a TensorFlow graph in another folder",
	"TorchModuleWrapper": "code of another framework",
	"Wrapper":            "a base class, which computes nothing",
}
