package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// solveOperations adds what Gauss, Jordan and Cholesky compute of the matrices in the last two axes: a Scan of a step for
// each column, in float64, so that what remains of rounding is Keras's.
func solveOperations(m map[string]operation) {
	m["inv"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		return one(x.Cast(x.inverse(x.squares(v)), v.Fact.DType))
	}}
	m["solve"] = operation{"a b", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("a", "b")
		return one(x.solution(x.squares(v[0]), v[1]))
	}}
	m["solve_triangular"] = operation{"a b lower", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("a", "b")
		return one(x.solution(x.halved(x.squares(v[0]), a.flag("lower")), v[1]))
	}}
	m["cholesky"] = operation{"x upper", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		y := x.Cast(x.cholesky(x.squares(v)), v.Fact.DType)
		if a.flag("upper") {
			y = x.matrixTransposed(y)
		}
		return one(y)
	}}
	m["cholesky_inverse"] = operation{"x upper", func(x *emit, a *arguments) []*ir.Value {
		upper := a.flag("upper")
		v := x.float(a.value("x"))
		y := x.Cast(x.inverse(x.halved(x.squares(v), !upper)), v.Fact.DType) // onnxruntime fuses what follows, in float32 alone
		if upper {
			return one(x.MatMul(y, x.matrixTransposed(y)))
		}
		return one(x.MatMul(x.matrixTransposed(y), y))
	}}
}

// squares checks that values are matrices with as many rows as columns, and returns them in float64.
func (x *emit) squares(v *ir.Value) *ir.Value {
	rank := v.Fact.Rank()
	if rank < 2 {
		x.Fail(op.Shapef("matrices are wanted, not %v", v.Fact))
		return v
	}
	h, known := v.Fact.Shape[rank-2].Int()
	if w, ok := v.Fact.Shape[rank-1].Int(); ok && known && h != w {
		x.Fail(op.Shapef("square matrices are wanted, not %v", v.Fact))
	}
	return x.Cast(v, tensor.Float64)
}

// rowNumbers numbers the rows of matrices.
func (x *emit) rowNumbers(v *ir.Value) *ir.Value { return x.upTo(x.sizeOf(v, v.Fact.Rank()-2)) }

// halved leaves the lower or the upper triangle of matrices, with the diagonal.
func (x *emit) halved(v *ir.Value, lower bool) *ir.Value {
	n := x.rowNumbers(v)
	rows := x.Unsqueeze(n, 1)
	in := x.Op("GreaterOrEqual", n, rows)
	if lower {
		in = x.Op("GreaterOrEqual", rows, n)
	}
	return x.Where(in, v, x.Scalar(v, 0))
}

// inverse solves for the identity.
func (x *emit) inverse(v *ir.Value) *ir.Value {
	n := x.rowNumbers(v)
	identity := x.Cast(x.Op("Equal", x.Unsqueeze(n, 1), n), v.Fact.DType)
	return x.eliminated(v, x.Expand(identity, x.Shape(v)))
}

// solution solves a·y = b, where b is a matrix or a vector for each of a, and returns the type of b.
func (x *emit) solution(a, b *ir.Value) *ir.Value {
	kind := x.float(b).Fact.DType
	vector := b.Fact.Rank() == a.Fact.Rank()-1
	if b = x.Cast(b, tensor.Float64); vector {
		b = x.Unsqueeze(b, b.Fact.Rank())
	}
	if b.Fact.Rank() != a.Fact.Rank() {
		x.Fail(op.Shapef("equations with %v on one side and %v on the other", a.Fact, b.Fact))
		return b
	}
	y := x.eliminated(a, b)
	if vector {
		y = x.Squeeze(y, -1)
	}
	return x.Cast(y, kind)
}

// eliminated is the solution of a·y = b by Gauss and Jordan: each column in turn has its largest element from the diagonal
// down brought to the diagonal with its row, which is made 1 and taken off the other rows.
func (x *emit) eliminated(a, b *ir.Value) *ir.Value {
	rank := a.Fact.Rank()
	if x.Err() != nil {
		return b
	}
	last, _ := x.scan(one(x.Concat(rank-1, a, b)), one(x.rowNumbers(a)), false, func(x *emit, states, rows []*ir.Value) ([]*ir.Value, *ir.Value) {
		m, k := states[0], rows[0]
		n := x.rowNumbers(m)
		column := x.Gather(m, k, rank-1)
		size := x.Where(x.Op("Less", n, k), x.Scalar(column, -1), x.Op("Abs", column))
		at := x.OpA("ArgMax", size, op.Attr("axis", rank-2), op.Attr("keepdims", 1))
		chosen := x.Unsqueeze(x.Op("Equal", n, at), rank-1)
		pivot := x.Sum(x.Where(chosen, m, x.Scalar(m, 0)), true, rank-2)
		pivot = x.Div(pivot, x.Unsqueeze(x.Gather(pivot, k, rank-1), rank-1))
		m = x.Where(chosen, x.Unsqueeze(x.Gather(m, k, rank-2), rank-2), m)
		factors := x.Unsqueeze(x.Gather(m, k, rank-1), rank-1)
		here := x.Unsqueeze(x.Op("Equal", n, k), 1)
		return one(x.Where(here, pivot, x.Sub(m, x.Mul(factors, pivot)))), x.Op("Identity", k)
	})
	size := x.ReshapeTo(x.sizeOf(a, rank-1), 1)
	end := x.Add(size, x.ReshapeTo(x.sizeOf(b, rank-1), 1))
	return x.Op("Slice", last[0], size, end, x.Ints(rank-1))
}

// cholesky is the lower triangle whose product with its transpose is v, column by column.
func (x *emit) cholesky(v *ir.Value) *ir.Value {
	rank := v.Fact.Rank()
	if x.Err() != nil {
		return v
	}
	_, columns := x.scan(one(v), one(x.rowNumbers(v)), false, func(x *emit, states, rows []*ir.Value) ([]*ir.Value, *ir.Value) {
		m, k := states[0], rows[0]
		n := x.rowNumbers(m)
		column := x.Gather(m, k, rank-1)
		root := x.Op("Sqrt", x.Unsqueeze(x.Gather(column, k, rank-2), rank-2))
		column = x.Where(x.Op("Less", n, k), x.Scalar(column, 0), x.Div(column, root))
		return one(x.Sub(m, x.Mul(x.Unsqueeze(column, rank-1), x.Unsqueeze(column, rank-2)))), column
	})
	perm := append(count(rank)[1:], 0)
	return x.Transpose(columns, perm...)
}
