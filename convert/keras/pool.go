package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// pool converts MaxPooling1D to 3D and AveragePooling1D to 3D; padding counts in neither.
func pool(name string, n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		w := x.poolWindow(n)
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		v := x.toFront(x.in[0], first)
		y := x.Emit(1, name, []*ir.Value{v}, w.attrs(x, v, false)...)[0]
		return one(x.fromFront(y, first))
	}
}

// globalPool converts GlobalMaxPooling1D to 3D and GlobalAveragePooling1D to 3D.
func globalPool(reduce string, n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		axes := spaceAxes(n, x.channelsFirst())
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		return one(x.Reduce(reduce, x.in[0], x.layer.flag("keepdims", false), axes...))
	}
}

// adaptivePool converts AdaptiveMaxPooling1D to 3D and AdaptiveAveragePooling1D to 3D: result i of n
// along an axis of size s is of the elements floor(i*s/n) to ceil((i+1)*s/n). Axes are independent of
// one another, so each is pooled on its own: in one operator where n divides s.
func adaptivePool(name, reduce string, n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		want := x.positive("output_size", n, nil)
		if !x.rank(n+2) || x.Err() != nil {
			return x.in[:1]
		}
		v := x.in[0]
		even := true
		size := make([]int, n)
		for i, a := range spaceAxes(n, first) {
			s, known := v.Fact.Shape[a].Int()
			size[i] = s / want[i]
			even = even && known && s > 0 && s%want[i] == 0
		}
		if even {
			v = x.toFront(v, first)
			y := x.OpA(name, v, op.Attr("kernel_shape", size), op.Attr("strides", size))
			return one(x.fromFront(y, first))
		}
		for i, a := range spaceAxes(n, first) {
			v = x.adaptAxis(reduce, v, a, want[i])
		}
		return one(v)
	}
}

// maxAdaptive bounds how many slices an uneven pooling may take.
const maxAdaptive = 4096

// adaptAxis pools one axis to n results, of a size that may come with the values.
func (x *emit) adaptAxis(reduce string, v *ir.Value, axis, n int) *ir.Value {
	s, known := v.Fact.Shape[axis].Int()
	if known && s == n {
		return v
	}
	if n > maxAdaptive {
		x.Fail(argument("output_size", n))
		return v
	}
	var size *ir.Value
	if !known {
		size = x.Gather(x.Shape(v), x.Ints(axis), 0)
	}
	parts := make([]*ir.Value, n)
	for i := range parts {
		var part *ir.Value
		if known {
			part = x.Slice(v, axis, i*s/n, ((i+1)*s+n-1)/n)
		} else {
			from := x.Op("Div", x.Mul(size, x.Ints(i)), x.Ints(n))
			to := x.Op("Div", x.Add(x.Mul(size, x.Ints(i+1)), x.Ints(n-1)), x.Ints(n))
			part = x.Op("Slice", v, from, to, x.Ints(axis))
		}
		parts[i] = x.Reduce(reduce, part, true, axis)
	}
	return x.Concat(axis, parts...)
}
