package ops

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestSymbolicGradients differentiates operators whose input is [batch, 4] with a batch of any size,
// and holds the gradients, run with a batch of 3, against those with the size known.
func TestSymbolicGradients(t *testing.T) {
	idx := func(v ...int64) tensor.Any { return tensor.Vector(v...) }
	for _, c := range []struct {
		name string
		f    func(b *op.Builder, x *ir.Value) *ir.Value
	}{
		{"Gather rows", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Gather(x, b.Const(idx(0, 2, 0)), 0) }},
		{"Gather columns", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Gather(x, b.Const(idx(1, 1)), 1) }},
		{"GatherElements", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Op("GatherElements", x, b.Const(tensor.Must([]int64{0, 1, 1, 0}, 1, 4)))
		}},
		{"GatherND", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Op("GatherND", x, b.Const(tensor.Must([]int64{0, 1, -1, 0}, 2, 2)))
		}},
		{"Slice columns", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Slice(x, 1, 1, 3) }},
		{"Slice rows", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Slice(x, 0, 1, math.MaxInt) }},
		{"Slice backwards", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Op("Slice", x, b.Ints(-1), b.Ints(-100), b.Ints(0), b.Ints(-2))
		}},
		{"Concat", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Concat(0, x, b.Mul(x, x)) }},
		{"Concat features", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Concat(1, x, b.Mul(x, x)) }},
		{"Split", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Emit(2, "Split", []*ir.Value{x, b.Ints(1, 3)}, op.Attr("axis", 1))[1]
		}},
		{"Pad", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Op("Pad", x, b.Ints(0, 1, 0, 2)) }},
		{"Pad by reflection", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Emit(1, "Pad", []*ir.Value{x, b.Ints(0, 1, 0, 2)}, op.Attr("mode", "reflect"))[0]
		}},
		{"Transpose", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Transpose(x, 1, 0) }},
		{"Flatten", func(b *op.Builder, x *ir.Value) *ir.Value { return b.OpA("Flatten", x, op.Attr("axis", 0)) }},
		{"Reshape", func(b *op.Builder, x *ir.Value) *ir.Value { return b.ReshapeTo(x, 0, 2, 2) }},
		{"Unsqueeze and Expand", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Expand(b.Unsqueeze(x, 1), b.Ints(1, 5, 1)) }},
		{"Tile", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Op("Tile", x, b.Ints(1, 2)) }},
		{"Cast", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Cast(b.Cast(x, tensor.Float32), tensor.Float64) }},
		{"TopK", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Emit(2, "TopK", []*ir.Value{x, b.Ints(2)})[0] }},
		{"ScatterElements", func(b *op.Builder, x *ir.Value) *ir.Value {
			in := []*ir.Value{x, b.Const(tensor.Must([]int64{0, 1, 1, 0}, 1, 4)), b.Const(tensor.Must([]float64{1, 2, 3, 4}, 1, 4))}
			return b.Emit(1, "ScatterElements", in, op.Attr("reduction", "mul"))[0]
		}},
		{"BatchNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			v := b.Const(tensor.Vector(1., 2, 3, 4))
			return b.Emit(3, "BatchNormalization", []*ir.Value{x, v, v, v, v}, op.Attr("training_mode", 1))[0]
		}},
		{"BatchNormalization in inference", func(b *op.Builder, x *ir.Value) *ir.Value {
			v := b.Const(tensor.Vector(1., 2, 3, 4))
			return b.Op("BatchNormalization", x, v, v, v, v)
		}},
		{"LayerNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Op("LayerNormalization", x, b.Const(tensor.Vector(1., 2, 3, 4)))
		}},
		{"RMSNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.Op("RMSNormalization", x, b.Const(tensor.Vector(1., 2, 3, 4)))
		}},
		{"InstanceNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			v := b.Const(tensor.Vector(1., 2))
			return b.Op("InstanceNormalization", b.ReshapeTo(x, 0, 2, 2), v, v)
		}},
		{"GroupNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			v := b.Const(tensor.Vector(1., 2, 3, 4))
			return b.Emit(1, "GroupNormalization", []*ir.Value{x, v, v}, op.Attr("num_groups", 2))[0]
		}},
		{"LRN", func(b *op.Builder, x *ir.Value) *ir.Value { return b.OpA("LRN", x, op.Attr("size", 3)) }},
		{"LpNormalization", func(b *op.Builder, x *ir.Value) *ir.Value { return b.Op("LpNormalization", x) }},
		{"MeanVarianceNormalization", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.OpA("MeanVarianceNormalization", x, op.Attr("axes", []int{1}))
		}},
		{"LSTM", func(b *op.Builder, x *ir.Value) *ir.Value {
			w, r := b.Const(toFloat64(noise(1, 1, 12, 2))), b.Const(toFloat64(noise(2, 1, 12, 3)))
			return b.Emit(1, "LSTM", []*ir.Value{b.ReshapeTo(x, 0, 2, 2), w, r}, op.Attr("layout", 1))[0]
		}},
		{"GRU", func(b *op.Builder, x *ir.Value) *ir.Value {
			w, r := b.Const(toFloat64(noise(1, 2, 9, 2))), b.Const(toFloat64(noise(2, 2, 9, 3)))
			return b.Emit(1, "GRU", []*ir.Value{b.Transpose(b.ReshapeTo(x, 0, 2, 2), 1, 0, 2), w, r}, op.Attr("direction", "bidirectional"))[0]
		}},
		{"Attention", func(b *op.Builder, x *ir.Value) *ir.Value {
			x = b.ReshapeTo(x, 0, 1, 2, 2)
			return b.Emit(1, "Attention", []*ir.Value{x, x, x}, op.Attr("is_causal", 1))[0]
		}},
		{"DepthToSpace", func(b *op.Builder, x *ir.Value) *ir.Value {
			return b.OpA("DepthToSpace", b.Unsqueeze(x, 2, 3), op.Attr("blocksize", 2))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := tensor.Zeros[float64](3, 4)
			for i := range x.Data() {
				x.Data()[i] = float64((i*7)%12) + .5
			}
			var first []float64
			for _, batch := range []ir.Dim{ir.Known(3), ir.Sym("batch")} {
				g := ir.New("test")
				b := op.NewBuilder(g, Set())
				in := g.AddInput("x", ir.Typed(tensor.Float64, batch, ir.Known(4)))
				y := c.f(b, in)
				loss := b.Sum(b.Mul(y, y), false)
				grads, err := autodiff.Gradients(b, loss, []*ir.Value{in})
				if err != nil {
					t.Fatal(err)
				}
				g.Outputs = grads
				vals, err := Set().EvalGraph(context.Background(), g, map[*ir.Value]tensor.Any{in: x}, op.Rand{})
				if err != nil {
					t.Fatal(err)
				}
				got := tensor.Data[float64](vals[grads[0].ID])
				if first == nil {
					first = got
				} else if !slices.Equal(first, got) {
					t.Errorf("with a symbolic batch the gradient is %v, with a known one %v", got, first)
				}
			}
		})
	}
}
