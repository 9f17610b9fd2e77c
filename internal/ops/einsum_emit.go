package ops

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// named is a value whose axes have labels.
type named struct {
	b    *op.Builder
	v    *ir.Value
	axes []label
}

// emit appends the nodes of the equation.
func (e *equation) emit(b *op.Builder, in []*ir.Value) *ir.Value {
	terms := make([]named, len(in))
	for i, v := range in {
		terms[i] = named{b, v, e.in[i]}.diagonals()
	}
	acc := terms[0]
	for i := 1; ; i++ {
		keep := slices.Clone(e.out)
		for _, t := range terms[i:] {
			keep = append(keep, t.axes...)
		}
		acc = acc.sum(func(l label) bool { return !slices.Contains(keep, l) })
		if i == len(terms) {
			break
		}
		keep = slices.Clone(e.out)
		for _, t := range terms[i+1:] {
			keep = append(keep, t.axes...)
		}
		next := terms[i].sum(func(l label) bool { return !slices.Contains(keep, l) && !slices.Contains(acc.axes, l) })
		acc = multiply(acc, next, keep)
	}
	return acc.order(e.out).v
}

func (n named) dim(l label) ir.Dim { return n.v.Fact.Shape[slices.Index(n.axes, l)] }

// diagonals takes the diagonal of axes that share a label: with both last and taken as one, every
// (n+1)-th element.
func (n named) diagonals() named {
	for i := 0; i < len(n.axes); i++ {
		j := slices.Index(n.axes[i+1:], n.axes[i]) + i + 1
		if j == i || n.b.Err() != nil {
			continue
		}
		size, ok := n.v.Fact.Shape[i].Int()
		other, ok2 := n.v.Fact.Shape[j].Int()
		if !ok || !ok2 {
			n.b.Fail(op.Unsupportedf("the diagonal of axes %d and %d of %v, whose sizes are not known", i, j, n.v.Fact))
			return n
		}
		if size != other {
			n.b.Fail(op.Shapef("axes %d and %d of %v have one label and different sizes", i, j, n.v.Fact))
			return n
		}
		var perm []int
		var rest []label
		for k, l := range n.axes {
			if k != i && k != j {
				perm, rest = append(perm, k), append(rest, l)
			}
		}
		v := n.b.Transpose(n.v, append(perm, i, j)...)
		flat := append(n.sizes(rest), n.b.Ints(size*size))
		v = n.reshape(v, flat)
		last := len(rest)
		v = n.b.Op("Slice", v, n.b.Ints(0), n.b.Ints(size*size), n.b.Ints(last), n.b.Ints(size+1))
		n.v, n.axes = v, append(rest, n.axes[i])
		i = -1
	}
	return n
}

// sum adds up the axes whose labels f names.
func (n named) sum(f func(label) bool) named {
	var axes []int
	var rest []label
	for i, l := range n.axes {
		if f(l) {
			axes = append(axes, i)
		} else {
			rest = append(rest, l)
		}
	}
	if len(axes) > 0 {
		n.v, n.axes = n.b.Sum(n.v, false, axes...), rest
	}
	return n
}

// order permutes the axes.
func (n named) order(axes []label) named {
	if slices.Equal(n.axes, axes) || n.b.Err() != nil {
		return n
	}
	perm := make([]int, len(axes))
	for i, l := range axes {
		perm[i] = slices.Index(n.axes, l)
	}
	n.v, n.axes = n.b.Transpose(n.v, perm...), axes
	return n
}

// sizes returns the sizes of axes as vectors of one element, constants where they are known.
func (n named) sizes(axes []label) []*ir.Value {
	out := make([]*ir.Value, len(axes))
	for i, l := range axes {
		if size, ok := n.dim(l).Int(); ok {
			out[i] = n.b.Ints(size)
		} else {
			at := slices.Index(n.axes, l)
			out[i] = n.b.Slice(n.b.Shape(n.v), 0, at, at+1)
		}
	}
	return out
}

// reshape gives v the listed sizes, among which 0 is 0.
func (n named) reshape(v *ir.Value, sizes []*ir.Value) *ir.Value {
	shape := n.b.Ints()
	if len(sizes) > 0 {
		shape = n.b.Concat(0, sizes...)
	}
	return n.b.Emit(1, "Reshape", []*ir.Value{v, shape}, op.Attr("allowzero", true))[0]
}

// product returns the product of sizes, as a vector of one element.
func (n named) product(sizes []*ir.Value) *ir.Value {
	p := n.b.Ints(1)
	for i, s := range sizes {
		if i == 0 {
			p = s
		} else {
			p = n.b.Mul(p, s)
		}
	}
	return p
}

// multiply returns the product of x and y, summed over the labels of both that keep does not list.
func multiply(x, y named, keep []label) named {
	var batch, inner, onlyX, onlyY []label
	for _, l := range x.axes {
		switch {
		case !slices.Contains(y.axes, l):
			onlyX = append(onlyX, l)
		case slices.Contains(keep, l):
			batch = append(batch, l)
		case x.dim(l).Is(1) || y.dim(l).Is(1):
			// An axis of size 1 broadcasts: a sum on the other side.
			x = x.sum(func(k label) bool { return k == l })
			y = y.sum(func(k label) bool { return k == l })
		default:
			inner = append(inner, l)
		}
	}
	for _, l := range y.axes {
		if !slices.Contains(batch, l) && !slices.Contains(inner, l) {
			onlyY = append(onlyY, l)
		}
	}
	if x.b.Err() != nil {
		return x
	}
	if len(inner) == 0 {
		return outer(x, y, batch, onlyX, onlyY)
	}
	return matmul(x, y, batch, inner, onlyX, onlyY)
}

// outer multiplies without a sum: element by element, with axes of size 1 where one side lacks a label.
func outer(x, y named, batch, onlyX, onlyY []label) named {
	x = x.order(slices.Concat(batch, onlyX))
	y = y.order(slices.Concat(batch, onlyY))
	if len(onlyY) > 0 && len(onlyX) > 0 {
		x.v = x.b.Unsqueeze(x.v, count(len(batch)+len(onlyX), len(onlyY))...)
		y.v = y.b.Unsqueeze(y.v, count(len(batch), len(onlyX))...)
	} else if len(onlyY) > 0 {
		x.v = x.b.Unsqueeze(x.v, count(len(batch), len(onlyY))...)
	} else if len(onlyX) > 0 {
		y.v = y.b.Unsqueeze(y.v, count(len(batch), len(onlyX))...)
	}
	x.v, x.axes = x.b.Mul(x.v, y.v), slices.Concat(batch, onlyX, onlyY)
	return x
}

// count returns n numbers from first on.
func count(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}

// matmul multiplies and sums over inner by a matrix product, the axes of each group taken as one.
func matmul(x, y named, batch, inner, onlyX, onlyY []label) named {
	for _, l := range inner {
		if knownOther(x.dim(l), y.dim(l)) {
			x.b.Fail(op.Shapef("axis %v is %v in one input and %v in another", l, x.dim(l), y.dim(l)))
			return x
		}
	}
	sx, sy := x.sizes(onlyX), y.sizes(onlyY)
	xv := x.matrix(batch, onlyX, inner)
	yv := y.matrix(batch, inner, onlyY)
	z := named{x.b, x.b.MatMul(xv, yv), nil}
	if x.b.Err() != nil {
		return x
	}
	if len(onlyX) != 1 || len(onlyY) != 1 {
		z.axes = make([]label, len(z.v.Fact.Shape)) // only the batch axes have labels yet
		copy(z.axes, batch)
		z.v = z.reshape(z.v, slices.Concat(z.sizes(batch), sx, sy))
	}
	z.axes = slices.Concat(batch, onlyX, onlyY)
	return z
}

// matrix orders the axes as batch, rows, columns and takes the rows as one axis and the columns as one.
func (n named) matrix(batch, rows, cols []label) *ir.Value {
	shape := append(n.sizes(batch), n.product(n.sizes(rows)), n.product(n.sizes(cols)))
	n = n.order(slices.Concat(batch, rows, cols))
	if len(rows) == 1 && len(cols) == 1 {
		return n.v
	}
	return n.reshape(n.v, shape)
}
