package ops

import (
	"hash/fnv"
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// streamOf returns what keys a node's random numbers in a run: its attribute seed or, without it, the
// run's seed and the node's name. The run's step advances either.
func streamOf(n *op.Node) func(c *op.Call) kernel.Stream {
	switch seed := n.Node.Attr("seed").(type) {
	case float32:
		return fixedStream(uint64(math.Float32bits(seed)))
	case int64:
		return fixedStream(uint64(seed))
	}
	h := fnv.New64a()
	h.Write([]byte(n.Name))
	name := h.Sum64()
	return func(c *op.Call) kernel.Stream {
		return kernel.Stream{Key: mix(c.Rand.Seed) ^ name, Step: c.Rand.Step}
	}
}

func fixedStream(seed uint64) func(c *op.Call) kernel.Stream {
	key := mix(seed + 1)
	return func(c *op.Call) kernel.Stream { return kernel.Stream{Key: key, Step: c.Rand.Step} }
}

// mix spreads the bits of a number: the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// distribution is what a random operator draws from: normal with mean a and standard deviation b, or
// uniform from a (inclusive) to b (exclusive).
type distribution struct {
	normal bool
	a, b   float64
}

// normal and uniform return the distribution that a node's attributes say.
func normal(n *op.Node) distribution {
	return distribution{true, float64(n.Float("mean")), float64(n.Float("scale"))}
}

func uniform(n *op.Node) distribution {
	return distribution{false, float64(n.Float("low")), float64(n.Float("high"))}
}

// draw calls f for the numbers first to first+n of a stream; precise asks for 53 random bits instead of 24.
func (d distribution) draw(s kernel.Stream, first, n int, precise bool, f func(i int, v float64)) {
	switch {
	case d.normal:
		s.Normals(first, n, func(i int, z float64) { f(i, d.a+d.b*z) })
	case precise:
		s.Uniforms53(first, n, func(i int, u float64) { f(i, d.a+(d.b-d.a)*u) })
	default:
		s.Uniforms(first, n, func(i int, u float64) { f(i, d.a+(d.b-d.a)*u) })
	}
}

// randomKernels is the table of an operator that fills its output from a distribution.
func randomKernels(d func(*op.Node) distribution) op.Kernels {
	return op.Kernels{
		tensor.Float32:  bindRandom(d, false, func(v float64) float32 { return float32(v) }),
		tensor.Float64:  bindRandom(d, true, func(v float64) float64 { return v }),
		tensor.Float16:  bindRandom(d, false, func(v float64) tensor.Half { return tensor.ToHalf(tensor.Odd32(v)) }),
		tensor.BFloat16: bindRandom(d, false, func(v float64) tensor.BHalf { return tensor.ToBHalf(tensor.Odd32(v)) }),
	}
}

func bindRandom[T tensor.Elem](of func(*op.Node) distribution, precise bool, to func(float64) T) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		d, stream := of(n), streamOf(n)
		k := kernel.NewDraws(func(out []T, s kernel.Stream, first, n int) {
			d.draw(s, first, n, precise, func(i int, v float64) { out[i] = to(v) })
		})
		return func(c *op.Call) error {
			out := op.Result[T](c, 0)
			k.Run(c.Pool, out, stream(c), len(out))
			return nil
		}, nil
	}
}

// inferRandomShape gives output 0 the attributes dtype and shape.
func inferRandomShape(n *op.Node) error {
	shape := n.Ints("shape")
	for _, d := range shape {
		if d < 0 {
			return op.Shapef("size %d in shape %v", d, tensor.Shape(shape))
		}
	}
	f, err := withDType(n, ir.Fact{Ranked: true, Shape: ir.KnownShape(shape)})
	n.SetOut(0, f)
	return err
}

// inferRandomLike gives output 0 the shape of input 0 and the attribute dtype, or its type without it.
func inferRandomLike(n *op.Node) error {
	f, err := withDType(n, n.In(0).Like())
	n.SetOut(0, f)
	return err
}

// withDType returns the fact with the type of the attribute dtype where that is given.
func withDType(n *op.Node, f ir.Fact) (ir.Fact, error) {
	d := n.Int("dtype")
	if d == 0 && !n.HasAttr("dtype") {
		return f, nil
	}
	if d <= 0 || d > 255 || !tensor.DType(d).Valid() {
		return f, op.Malformedf("attribute dtype is %d, which is no element type", d)
	}
	f.DType = tensor.DType(d)
	return f, nil
}

var (
	attrsNormal  = []op.AttrDef{op.Int("dtype", 1), op.Float("mean", 0), op.Float("scale", 1), op.May("seed", op.FloatKind), op.Need("shape", op.IntsKind)}
	attrsUniform = []op.AttrDef{op.Int("dtype", 1), op.Float("high", 1), op.Float("low", 0), op.May("seed", op.FloatKind), op.Need("shape", op.IntsKind)}
)
