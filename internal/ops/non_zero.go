package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opNonZero is the indices of the elements that are not zero, false or empty strings, one column
// each, in order: a matrix [rank, count]. NaN is not zero.
var opNonZero = &op.Def{
	Name: "NonZero", Since: 13,
	Doc:     "The indices of the elements that are not zero.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "int64")},
	Infer:   inferNonZero,
	Kernels: op.Each(nil, types13...),
	Eval:    evalNonZero,
	Old:     []op.Version{{Since: 9, Types: op.Types{"T": op.AllClassic}}},
}

func inferNonZero(n *op.Node) error {
	s := unknownShape(2)
	if r := n.In(0).Rank(); r >= 0 {
		s[0] = ir.Known(r)
	}
	n.SetShape(0, s)
	return nil
}

func evalNonZero(_ *op.Node, c *op.Call) ([]tensor.Any, error) {
	x := c.In[0]
	shape, set := x.Shape(), nonZero(x)
	count := 0
	for _, s := range set {
		if s {
			count++
		}
	}
	out := make([]int64, len(shape)*count)
	k := 0
	for i, s := range set {
		if !s {
			continue
		}
		for a := len(shape) - 1; a >= 0; a-- {
			out[a*count+k] = int64(i % shape[a])
			i /= shape[a]
		}
		k++
	}
	y, err := tensor.New(out, len(shape), count)
	return []tensor.Any{y}, err
}

// nonZero reports for each element whether it is anything but zero, false or empty.
func nonZero(x tensor.Any) []bool {
	out := make([]bool, x.Len())
	switch x := x.(type) {
	case *tensor.Tensor[string]:
		eachElem(func(s string) bool { return s != "" })(out, x.Data())
	case *tensor.Tensor[complex64]:
		eachElem(func(v complex64) bool { return v != 0 })(out, x.Data())
	case *tensor.Tensor[complex128]:
		eachElem(func(v complex128) bool { return v != 0 })(out, x.Data())
	default:
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		read, class := castReaders[x.DType()], classOf(x.DType())
		d := tensor.Must(out, len(out))
		for at := 0; at < len(out); at += castBlock {
			n := min(castBlock, len(out)-at)
			read(b, n, x, at)
			writeBool(d, at, n, b, class)
		}
	}
	return out
}
