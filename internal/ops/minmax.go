package ops

import (
	"github.com/onnxtool/onnxtool/internal/op"
)

// gradFirst is the gradient of Min and Max: it goes to the first input that equals the output.
func gradFirst(g *op.Grad) {
	rest, y := g.DOut(0), g.Out(0)
	last := g.Node.NumIn() - 1
	zero := g.Scalar(y, 0)
	for i := range last {
		hit := g.Op("Equal", g.In(i), y)
		if g.Need(i) {
			g.SetBroadcast(i, g.Where(hit, rest, zero))
		}
		rest = g.Where(hit, zero, rest)
	}
	g.SetBroadcast(last, rest)
}
