// Package rewrite holds the passes that turn a graph into one that means the same and runs better,
// one file each.
package rewrite

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Prepare makes a lowered graph ready to be planned: types without kernels are widened, constants
// folded.
func Prepare(g *ir.Graph, set *op.Set) error {
	if err := Widen(g, set); err != nil {
		return err
	}
	return Fold(g, set)
}
