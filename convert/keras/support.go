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
