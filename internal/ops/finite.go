package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/op"
)

// inferFinite is op.InferSame that checks that attributes are finite numbers.
func inferFinite(names ...string) func(n *op.Node) error {
	return func(n *op.Node) error {
		for _, name := range names {
			if v := float64(n.Float(name)); math.IsNaN(v) || math.IsInf(v, 0) {
				return op.Unsupportedf("%s is %v, expected a finite number", name, v)
			}
		}
		return op.InferSame(n)
	}
}
