package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBernoulli is 1 with the probability that the input gives, else 0.
var opBernoulli = &op.Def{
	Name: "Bernoulli", Since: 22,
	Doc:     "1 with probability p, else 0.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.May("dtype", op.IntKind), op.May("seed", op.FloatKind)},
	Types:   op.Types{"T2": plainTypes(types13)},
	On:      "T1",
	Random:  true,
	Infer:   inferRandomLike,
	Kernels: op.Each(bindBernoulli, op.Floats...),
	Old:     []op.Version{{Since: 15, Types: op.Types{"T1": op.FloatsIEEE}}},
}

func bindBernoulli(n *op.Node) (op.Kernel, error) {
	read, write := castReaders[n.In(0).DType], castWriters(n.Out(0).DType, castOptions{})
	stream := streamOf(n)
	k := kernel.NewDraws(func(a [2]tensor.Any, s kernel.Stream, first, n int) {
		b := castBuffers.Get().(*castBuffer)
		for at := first; at < first+n; at += castBlock {
			m := min(castBlock, first+n-at)
			read(b, m, a[1], at)
			s.Uniforms(at, m, func(i int, u float64) { b.i[i-at] = fromBool[int64](u < b.f[i-at]) })
			write(a[0], at, m, b, asInt)
		}
		castBuffers.Put(b)
	})
	return func(c *op.Call) error {
		k.Run(c.Pool, [2]tensor.Any{c.Out[0], c.In[0]}, stream(c), c.In[0].Len())
		return nil
	}, nil
}
