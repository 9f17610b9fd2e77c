package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfMatrices adds the functions of tf.linalg on the last two axes.
func tfMatrices(m map[string]operation) {
	m["linalg.diag_part"] = operation{"input", func(x *emit, a *arguments) []*ir.Value { return one(tfDiagonal(x, a, "input")) }}
	m["linalg.trace"] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(x.Sum(tfDiagonal(x, a, "x"), false, -1)) }}
	m["linalg.adjoint"] = operation{"matrix", func(x *emit, a *arguments) []*ir.Value {
		return one(x.matrixTransposed(a.value("matrix")))
	}}
	m["linalg.matrix_transpose"] = operation{"a conjugate", func(x *emit, a *arguments) []*ir.Value {
		a.flag("conjugate") // of real numbers nothing
		return one(x.matrixTransposed(a.value("a")))
	}}
	m["linalg.diag"] = operation{"diagonal", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("diagonal")
		return one(x.Where(x.onDiagonal(v), x.Unsqueeze(v, v.Fact.Rank()), x.Scalar(v, 0)))
	}}
	m["linalg.set_diag"] = operation{"input diagonal", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("input")
		d := a.asValue("diagonal", a.get("diagonal"), v)
		rank := v.Fact.Rank()
		if x.Err() != nil || rank < 2 {
			x.Fail(op.Shapef("the diagonal of %v", v.Fact))
			return one(v)
		}
		if h, w := x.dim(v, rank-2), x.dim(v, rank-1); h != w {
			x.Fail(op.Unsupportedf("setting the diagonal of %d x %d", h, w))
		}
		return one(x.Where(x.onDiagonal(d), x.Unsqueeze(d, d.Fact.Rank()), v))
	}}
	m["linalg.matvec"] = operation{"a b transpose_a adjoint_a", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("a", "b")
		if a.flag("transpose_a") || a.flag("adjoint_a") {
			v[0] = x.matrixTransposed(v[0])
		}
		return one(x.Squeeze(x.MatMul(v[0], x.Unsqueeze(v[1], v[1].Fact.Rank())), -1))
	}}
	m["linalg.normalize"] = operation{"tensor ord axis", func(x *emit, a *arguments) []*ir.Value {
		a.values["keepdims"] = true
		norm := tfNorm(x, a)[0]
		return []*ir.Value{x.Div(a.value("tensor"), norm), norm}
	}}
	m["linalg.triangular_solve"] = operation{"matrix rhs lower adjoint", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("matrix", "rhs")
		t := x.halved(x.squares(v[0]), !a.has("lower") || a.flag("lower"))
		if a.flag("adjoint") {
			t = x.matrixTransposed(t)
		}
		return one(x.solution(t, v[1]))
	}}
	m["linalg.cross"] = operation{"a b", func(x *emit, a *arguments) []*ir.Value {
		return x.callOperation("cross", []any{a.value("a"), a.value("b")}, nil)
	}}
}

func tfDiagonal(x *emit, a *arguments, key string) *ir.Value {
	a.values["x"], a.values["axis1"], a.values["axis2"] = a.get(key), -2, -1
	return diagonal(x, a)
}

// matrixTransposed swaps the last two axes.
func (x *emit) matrixTransposed(v *ir.Value) *ir.Value {
	perm := count(v.Fact.Rank())
	if n := len(perm); n > 1 {
		perm[n-1], perm[n-2] = perm[n-2], perm[n-1]
	}
	return x.Transpose(v, perm...)
}

// onDiagonal is true on the diagonal of a square with as many rows as d has elements along its last axis.
func (x *emit) onDiagonal(d *ir.Value) *ir.Value {
	i := x.upTo(x.sizeOf(d, d.Fact.Rank()-1))
	return x.Op("Equal", x.Unsqueeze(i, 1), x.Unsqueeze(i, 0))
}
