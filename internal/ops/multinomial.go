package ops

import (
	"math"
	"sort"
	"unsafe"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMultinomial draws sample_size classes for each row of unnormalized log-probabilities.
var opMultinomial = &op.Def{
	Name: "Multinomial", Since: 22,
	Doc:     "Classes drawn with the probabilities exp(x) / sum(exp(x)) of each row.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.Int("dtype", 6), op.Int("sample_size", 1), op.May("seed", op.FloatKind)},
	Types:   op.Types{"T2": op.Index},
	On:      "T1",
	Random:  true,
	Infer:   inferMultinomial,
	Kernels: op.Each(bindMultinomial, op.Floats...),
	Old:     []op.Version{{Since: 7, Types: op.Types{"T1": op.FloatsIEEE}}},
}

func inferMultinomial(n *op.Node) error {
	x, size := n.In(0), n.Int("sample_size")
	if size < 1 {
		return op.Malformedf("sample_size is %d", size)
	}
	f, err := withDType(n, ir.Fact{Ranked: true, Shape: ir.Shape{ir.Unknown, ir.Known(size)}})
	if err != nil {
		return err
	}
	if x.Ranked {
		if len(x.Shape) != 2 {
			return op.Shapef("the input is %v, expected [batch, classes]", x)
		}
		f.Shape[0] = x.Shape[0]
		if x.Shape[1].Is(0) && !x.Shape[0].Is(0) {
			return op.Shapef("the input is %v: there is no class", x)
		}
	}
	n.SetOut(0, f)
	return nil
}

func bindMultinomial(n *op.Node) (op.Kernel, error) {
	s, samples := n.InShape(0), n.Int("sample_size")
	read, write := castReaders[n.In(0).DType], castWriters(n.Out(0).DType, castOptions{})
	stream := streamOf(n)
	n.Scratch(s[1] * 8)
	return func(c *op.Call) error {
		if s.Len() == 0 {
			return nil
		}
		sums := unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(c.Scratch))), s[1])
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		key := stream(c)
		for row := range s[0] {
			cumulate(sums, b, read, c.In[0], row)
			total := sums[len(sums)-1]
			if !(total > 0) || math.IsInf(total, 0) {
				return op.Malformedf("row %d holds no probabilities: the sum of exp(x) is %g", row, total)
			}
			drawClasses(key, sums, b, write, c.Out[0], row*samples, samples)
		}
		return nil
	}, nil
}

// cumulate fills sums with the running sums of exp(x - max(x)) of a row.
func cumulate(sums []float64, b *castBuffer, read castReader, x tensor.Any, row int) {
	most := math.Inf(-1)
	for at := 0; at < len(sums); at += castBlock {
		m := min(castBlock, len(sums)-at)
		read(b, m, x, row*len(sums)+at)
		for i, v := range b.f[:m] {
			sums[at+i] = v
			most = max(most, v)
		}
	}
	sum := 0.
	for i, v := range sums {
		sum += math.Exp(v - most)
		sums[i] = sum
	}
}

func drawClasses(s kernel.Stream, sums []float64, b *castBuffer, write castWriter, d tensor.Any, first, n int) {
	total := sums[len(sums)-1]
	for at := 0; at < n; at += castBlock {
		m := min(castBlock, n-at)
		s.Uniforms53(first+at, m, func(i int, u float64) {
			// u < 1, so u*total is below the last sum but for rounding.
			k := sort.Search(len(sums)-1, func(j int) bool { return sums[j] > u*total })
			b.i[i-first-at] = int64(k)
		})
		write(d, first+at, m, b, asInt)
	}
}
