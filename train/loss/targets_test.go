package loss

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestCheckTargets(t *testing.T) {
	minus := -1
	sparse := SparseCategoricalCrossentropy{}
	for _, c := range []struct {
		l       Loss
		y       tensor.Any
		classes int
		want    string
	}{
		{sparse, tensor.Vector[int64](0, 2, 1), 3, ""},
		{sparse, tensor.Vector[int64](0, 3, 1), 3, "target 1 is class 3, but the predictions have the classes from 0 to 2"},
		{sparse, tensor.Vector[int64](0, 1, -1), 3, "target 2 is class -1"},
		{sparse, tensor.Vector[int64](7), -1, ""},
		{sparse, tensor.Vector[int32](5), 5, "from 0 to 4"},
		{sparse, tensor.Vector[float32](1, 1.5), 3, "target 1 is 1.5, which is not the number of a class"},
		{sparse, tensor.Vector(math.NaN()), 3, "target 0 is NaN"},
		{Reduced{Loss: sparse, Reduction: Sum}, tensor.Vector[uint8](3), 3, "class 3"},
		{SparseCategoricalCrossentropy{IgnoreClass: &minus}, tensor.Vector[int64](-1, 2), 3, ""},
		{BinaryCrossentropy{}, tensor.Vector[float32](0, 1, 2), 1, "element 2 is 2"},
		{BinaryCrossentropy{}, tensor.Vector[float32](0, .5, 1.00000005), 1, ""},
		{CategoricalCrossentropy{}, tensor.Vector[int32](0, -1), 2, "element 1 is -1"},
		{BinaryFocalCrossentropy{}, tensor.Vector(0, 1.5), 1, "element 1 is 1.5"},
		{MeanSquaredError{}, tensor.Vector[float32](99), 3, ""},
	} {
		err := CheckTargets(c.l, c.y, c.classes)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrTarget) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.y, err, c.want)
		}
	}
}
