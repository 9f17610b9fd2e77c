package ir_test

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
)

func TestDim(t *testing.T) {
	n, m, known := ir.Sym("n"), ir.Sym("m"), ir.Known
	for _, c := range []struct {
		got  ir.Dim
		want string
	}{
		{known(2).Add(known(3)), "5"},
		{n.Add(n), "2*n"},
		{n.Add(known(1)).Mul(known(2)), "2*n+2"},
		{n.Sub(n), "0"},
		{n.Sub(known(3)), "n-3"},
		{n.Add(m), "?"},
		{m.Mul(n), "m*n"},
		{n.Mul(m).Mul(known(4)).Div(m.Mul(known(2))), "2*n"},
		{n.Mul(m).Div(n.Mul(m)), "1"},
		{n.Mul(known(6)).Div(known(4)), "?"},
		{n.Div(known(0)), "?"},
		{known(7).Div(known(2)), "?"},
		{known(0).Div(n), "0"},
		{n.Add(known(1)).Mul(m), "?"},
		{ir.Unknown.Mul(known(0)), "0"},
		{ir.Unknown.Sub(ir.Unknown), "?"},
		{ir.Sym(""), "?"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %v, want %s", c.got, c.want)
		}
	}
}

// TestDimSame checks that nothing is taken for equal, or for different, that need not be.
func TestDimSame(t *testing.T) {
	n, m := ir.Sym("n"), ir.Sym("m")
	for _, c := range []struct {
		a, b         ir.Dim
		same, differ bool
	}{
		{ir.Known(3), ir.Known(3), true, false},
		{ir.Known(3), ir.Known(4), false, true},
		{n, n, true, false},
		{n, n.Add(ir.Known(1)), false, true},
		{n, m, false, false},
		{n, ir.Known(3), false, false},
		{n, n.Mul(ir.Known(2)), false, false},
		{ir.Unknown, ir.Unknown, false, false},
	} {
		if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
			t.Errorf("%v, %v: Same is %v", c.a, c.b, !c.same)
		}
		if c.a.Differ(c.b) != c.differ || c.b.Differ(c.a) != c.differ {
			t.Errorf("%v, %v: Differ is %v", c.a, c.b, !c.differ)
		}
	}
}
