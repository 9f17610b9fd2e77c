package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// What the normalisations share.

// readAs converts the elements of a tensor of any numeric type.
func readAs[T tensor.Float](d []T, x tensor.Any) {
	if t, ok := x.(*tensor.Tensor[T]); ok {
		copy(d, t.Data())
		return
	}
	b := castBuffers.Get().(*castBuffer)
	read := castReaders[x.DType()]
	for at := 0; at < len(d); at += castBlock {
		n := min(castBlock, len(d)-at)
		read(b, n, x, at)
		for i, v := range b.f[:n] {
			d[at+i] = T(v)
		}
	}
	castBuffers.Put(b)
}

// writeAs returns what writes elements to a tensor of a floating-point type.
func writeAs[T tensor.Float](to tensor.DType) func(d tensor.Any, x []T) {
	write := castWriters(to, castOptions{tensor.RoundNearest, true})
	return func(d tensor.Any, x []T) {
		if t, ok := d.(*tensor.Tensor[T]); ok {
			copy(t.Data(), x)
			return
		}
		b := castBuffers.Get().(*castBuffer)
		for at := 0; at < len(x); at += castBlock {
			n := min(castBlock, len(x)-at)
			for i, v := range x[at : at+n] {
				b.f[i] = float64(v)
			}
			write(d, at, n, b, asFloat)
		}
		castBuffers.Put(b)
	}
}

// wideOf returns the type that a normalisation of x computes in: float32 for the half types.
func wideOf(x *ir.Value) tensor.DType {
	if x.Fact.DType == tensor.Float64 {
		return tensor.Float64
	}
	return tensor.Float32
}

// checkChannels holds per-channel parameters against the channels of input 0, axis 1.
func checkChannels(n *op.Node, from, to int) error {
	x := n.In(0)
	c := ir.Unknown
	if x.Ranked {
		switch len(x.Shape) {
		case 0:
			return op.Shapef("%s is a scalar, expected [batch, channels, ...]", n.Def.In[0].Name)
		case 1:
			c = ir.Known(1)
		default:
			c = x.Shape[1]
		}
	}
	for i := from; i <= to; i++ {
		f := n.In(i)
		if !f.Ranked {
			continue
		}
		if len(f.Shape) != 1 || knownOther(f.Shape[0], c) {
			return op.Shapef("%s is %v, expected a vector with an element for each of the %v channels of %v", n.Def.In[i].Name, f, c, x)
		}
	}
	return nil
}

// splitChannels returns batch, channels and elements of a channel.
func splitChannels(s tensor.Shape) (n, c, inner int) {
	if len(s) == 1 {
		return s[0], 1, 1
	}
	return s[0], s[1], s[2:].Len()
}

// perChannel gives a vector of channels the form that broadcasts against a tensor of some rank.
func perChannel(b *op.Builder, v *ir.Value, rank int) *ir.Value {
	if rank <= 2 {
		return v
	}
	return b.Unsqueeze(v, axesFrom(1, rank-1)...)
}

// axesFrom returns lo to hi-1.
func axesFrom(lo, hi int) []int {
	var out []int
	for i := lo; i < hi; i++ {
		out = append(out, i)
	}
	return out
}

// standardize returns (x-mean)*inv and inv = 1/sqrt(variance+epsilon) over the axes; raw takes the
// mean as 0.
func standardize(b *op.Builder, x *ir.Value, epsilon float32, raw bool, axes ...int) (xhat, inv *ir.Value) {
	if !raw {
		x = b.Sub(x, b.Reduce("ReduceMean", x, true, axes...))
	}
	v := b.Reduce("ReduceMean", b.Mul(x, x), true, axes...)
	inv = b.Op("Reciprocal", b.Op("Sqrt", b.AddScalar(v, float64(epsilon))))
	return b.Mul(x, inv), inv
}

// unstandardize is the gradient of standardize by x, d being that by xhat:
//
//	dx = inv * (d - mean(d) - xhat*mean(d*xhat))
//
// without mean(d) where the mean is taken as 0.
func unstandardize(b *op.Builder, d, xhat, inv *ir.Value, raw bool, axes ...int) *ir.Value {
	r := b.Mul(xhat, b.Reduce("ReduceMean", b.Mul(d, xhat), true, axes...))
	if !raw {
		r = b.Add(r, b.Reduce("ReduceMean", d, true, axes...))
	}
	return b.Mul(inv, b.Sub(d, r))
}

// setAs is Set of a gradient in another floating-point type.
func setAs(g *op.Grad, i int, d *ir.Value) {
	if d != nil && g.Need(i) {
		g.Set(i, g.Cast(d, g.In(i).Fact.DType))
	}
}

// needRank fails where the rank of input 0 is not known, which a gradient needs.
func needRank(g *op.Grad) (int, bool) {
	r := g.In(0).Fact.Rank()
	if r < 0 {
		g.Fail(op.Shapef("the rank of %v is not known", g.In(0).Fact))
	}
	return r, r >= 0
}

// reshapeExact gives x a shape in which 0 is a size like any other.
func reshapeExact(b *op.Builder, x, shape *ir.Value) *ir.Value {
	return b.Emit(1, "Reshape", []*ir.Value{x, shape}, op.Attr("allowzero", 1))[0]
}
