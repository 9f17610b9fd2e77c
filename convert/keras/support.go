package keras

import (
	"maps"
	"slices"
)

// Layers returns the classes of keras.layers, and of the operations on tensors, that Convert knows, in
// the order of the alphabet. Options of theirs that ONNX cannot say are errors that name them.
func Layers() []string {
	names := slices.Collect(maps.Keys(layerConverters()))
	names = append(names, "Functional", "Model", "Sequential")
	slices.Sort(names)
	return slices.Compact(names)
}
