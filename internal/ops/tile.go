package ops

import (
	"math"
	"math/bits"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opTile repeats the input along each axis. The gradient is the sum over the repetitions.
var opTile = &op.Def{
	Name: "Tile", Since: 13,
	Doc:     "The input repeated along each axis.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.In("repeats", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Types:   op.Types{"T1": {tensor.Int64}},
	Infer:   inferTile,
	Kernels: moved(types13, bindTile[uint8], bindTile[uint16], bindTile[uint32], bindTile[uint64], bindTile[wide16], bindTile[string]),
	Grad:    gradTile,
	Old:     []op.Version{{Since: 6, Types: op.Types{"T": op.AllClassic}}},
}

func inferTile(n *op.Node) error {
	x, rep := n.In(0), n.In(1)
	if rep.Ranked && len(rep.Shape) != 1 {
		return op.Shapef("repeats is %v, expected a vector", rep)
	}
	if !x.Ranked {
		return nil
	}
	if k, ok := rankFromVector(rep); ok && k != len(x.Shape) {
		return op.Shapef("%d repeats for an input of rank %d", k, len(x.Shape))
	}
	out := unknownShape(len(x.Shape))
	if rep.Elems == nil {
		n.SetShape(0, out)
		return nil
	}
	for i, r := range rep.Elems {
		times, ok := r.Int()
		if ok && times < 0 {
			return op.Shapef("axis %d repeated %d times", i, times)
		}
		if size, known := x.Shape[i].Int(); ok && known {
			if hi, lo := bits.Mul64(uint64(times), uint64(size)); hi != 0 || lo > min(1<<48, math.MaxInt) {
				return op.Shapef("axis %d of %v repeated %d times", i, x, times)
			}
		}
		out[i] = x.Shape[i].Mul(r)
	}
	n.SetShape(0, out)
	return nil
}

func bindTile[T any](n *op.Node) (op.Kernel, error) {
	in, out := n.InShape(0), n.OutShape(0)
	if out.Len() == 0 {
		return func(*op.Call) error { return nil }, nil
	}
	var dims, strides []int
	for i, st := range in.Strides() {
		dims = append(dims, out[i]/in[i], in[i])
		strides = append(strides, 0, st)
	}
	k := kernel.NewStrided[T](0, dims, strides)
	return func(c *op.Call) error {
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]))
		return nil
	}, nil
}

func gradTile(g *op.Grad) {
	x := g.In(0)
	rank := x.Fact.Rank()
	if rank < 1 {
		if rank < 0 {
			g.Fail(op.Unsupportedf("the gradient of a Tile whose rank is not known"))
		}
		g.Set(0, g.DOut(0))
		return
	}
	pairs := g.Concat(1, g.Unsqueeze(g.In(1), 1), g.Unsqueeze(g.Shape(x), 1))
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = 2 * i
	}
	g.Set(0, g.Sum(g.Reshape(g.DOut(0), g.ReshapeTo(pairs, -1)), false, axes...))
}
