package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// argOld lists the versions of ArgMax and ArgMin before 13.
var argOld = []op.Version{
	{Since: 12, Types: op.Types{"T": argTypes}},
	{Since: 11, Types: op.Types{"T": argTypes}, Attrs: argAttrs1},
	{Since: 1, Types: op.Types{"T": argTypes}, Attrs: argAttrs1},
}

var (
	argTypes  = op.List(op.FloatsIEEE, op.SignedInts, op.UnsignedInts)
	argAttrs1 = []op.AttrDef{op.Int("axis", 0), op.Int("keepdims", 1)}
)

func inferArg(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), x.Rank())
	if err != nil {
		return op.Shapef("%v", err)
	}
	if x.Shape[axis].Is(0) {
		return op.Shapef("axis %d of %v is empty: there is no element to find", axis, x)
	}
	mark := make([]bool, x.Rank())
	mark[axis] = true
	n.SetShape(0, reducedShape(x.Shape, mark, n.Bool("keepdims")))
	return nil
}

// bindArg binds a function that finds a position among n elements that are stride apart.
func bindArg[T tensor.Number](f func(x []T, n, stride int, last bool) int) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		s := n.InShape(0)
		axis, err := s.Axis(n.Int("axis"))
		if err != nil {
			return nil, op.Shapef("%v", err)
		}
		length, stride, last := s[axis], s[axis+1:].Len(), n.Bool("select_last_index")
		type pair struct {
			d []int64
			x []T
		}
		rows := kernel.NewRows(length, func(p pair, r int) {
			p.d[r] = int64(f(p.x[r/stride*stride*length+r%stride:], length, stride, last))
		})
		return func(c *op.Call) error {
			d := op.Result[int64](c, 0)
			rows.Run(c.Pool, pair{d, op.Arg[T](c, 0)}, len(d))
			return nil
		}, nil
	}
}
