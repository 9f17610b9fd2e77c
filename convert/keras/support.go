package keras

import (
	"maps"
	"slices"
	"strings"
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

// RefusedOperations returns the functions of keras.ops that Convert does not know, each with the reason.
func RefusedOperations() map[string]string {
	m := map[string]string{}
	for why, names := range refusedOperations {
		for name := range strings.FieldsSeq(names) {
			m[name] = why
		}
	}
	return m
}

// refusedOperations are the functions of keras.ops that are not converted, by the reason.
var refusedOperations = map[string]string{
	"take a Python function, which is never run":                                      "associative_scan cond custom_gradient fori_loop jvp map scan switch vectorize vectorized_map while_loop",
	"no layer, or what the model's code has computed when it was built":               "bartlett blackman convert_to_numpy dtype empty eye hamming hanning is_tensor kaiser ones tri zeros",
	"decompositions of matrices that no operator of ONNX gives":                       "eig eigh lstsq lu_factor matrix_rank pinv qr svd",
	"ONNX has no complex numbers; transforms that give their two parts are converted": "polar view_as_complex view_as_real",
	"ONNX has no operator for the bits of a float":                                    "nextafter view",
	"draws random numbers":                               "elastic_transform",
	"sequences of unknown length, searched step by step": "ctc_loss",
	"the order of what it returns is not defined":        "argpartition",
}

var refused = map[string]string{
	"AbstractRNNCell":    "a base class: what a cell of one's own computes is Python code",
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
