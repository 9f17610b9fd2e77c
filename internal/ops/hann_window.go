package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opHannWindow is the Hann window y_i = (1 - cos(2 pi i / n)) / 2 for i = 0 to size-1, where n is size,
// or size-1 for a window that is not periodic but symmetric.
var opHannWindow = &op.Def{
	Name: "HannWindow", Since: 17,
	Doc:   "The Hann window of a size: (1 - cos(2 pi i / n)) / 2.",
	In:    []op.Param{op.In("size", "T1", op.Zero)},
	Out:   []op.Param{op.Out("output", "T2")},
	Attrs: []op.AttrDef{op.Int("output_datatype", 1), op.Int("periodic", 1)},
	Types: op.Types{"T1": op.Index, "T2": numbers13},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		size := b.Cast(n.Node.In[0], tensor.Float64)
		zero, one := b.Scalar(size, 0), b.Scalar(size, 1)
		period := size
		if !n.Bool("periodic") {
			period = b.Sub(size, one)
		}
		angle := b.Div(b.Scale(b.Op("Range", zero, size, one), 2*math.Pi), period)
		y := b.Scale(b.Sub(one, b.Op("Cos", angle)), .5)
		return []*ir.Value{b.Cast(y, tensor.DType(n.Int("output_datatype")))}
	},
}
