package ir

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Dim is one dimension of a shape: coef*sym + off, where sym is empty for a known size, "?" for a
// size of which nothing is known, and else a product of named symbols such as batch or batch*time.
type Dim struct {
	sym       string
	coef, off int
}

// Unknown is a size of which nothing is known; it equals no other, not even itself.
var Unknown = Dim{sym: "?", coef: 1}

// Clamp returns v, or the nearest int where an int has 32 bits: the farthest end of a slice stays
// beyond any axis, and a size too large stays too large.
func Clamp(v int64) int { return int(min(max(v, math.MinInt), math.MaxInt)) }

// Known returns the dimension of size n.
func Known(n int) Dim { return Dim{off: n} }

// Sym returns the dimension with a symbolic size; an empty name is Unknown.
func Sym(name string) Dim {
	if name == "" {
		return Unknown
	}
	return Dim{sym: name, coef: 1}
}

// Int returns the size where it is known.
func (d Dim) Int() (n int, ok bool) { return d.off, d.sym == "" }

// Is reports whether the size is known to be n.
func (d Dim) Is(n int) bool { return d.sym == "" && d.off == n }

// IsUnknown reports whether nothing is known of the size.
func (d Dim) IsUnknown() bool { return d.sym == "?" }

// Same reports whether both sizes are provably equal.
func (d Dim) Same(e Dim) bool { return d.sym != "?" && d == e }

// Differ reports whether the sizes are provably different.
func (d Dim) Differ(e Dim) bool {
	return d.sym == e.sym && d.coef == e.coef && d.sym != "?" && d.off != e.off
}

// Add returns d+e.
func (d Dim) Add(e Dim) Dim {
	switch {
	case d.sym == "?" || e.sym == "?":
		return Unknown
	case e.sym == "":
		d.off += e.off
		return d
	case d.sym == "":
		e.off += d.off
		return e
	case d.sym == e.sym:
		return norm(d.sym, d.coef+e.coef, d.off+e.off)
	}
	return Unknown
}

// Sub returns d-e.
func (d Dim) Sub(e Dim) Dim { return d.Add(e.Mul(Known(-1))) }

// Mul returns d*e.
func (d Dim) Mul(e Dim) Dim {
	if d.Is(0) || e.Is(0) {
		return Known(0)
	}
	switch {
	case d.sym == "?" || e.sym == "?":
		return Unknown
	case e.sym == "":
		return norm(d.sym, d.coef*e.off, d.off*e.off)
	case d.sym == "":
		return norm(e.sym, e.coef*d.off, e.off*d.off)
	case d.off == 0 && e.off == 0:
		f := append(strings.Split(d.sym, "*"), strings.Split(e.sym, "*")...)
		slices.Sort(f)
		return Dim{sym: strings.Join(f, "*"), coef: d.coef * e.coef}
	}
	return Unknown
}

// Div returns d/e where the division is known to be exact, Unknown elsewhere.
func (d Dim) Div(e Dim) Dim {
	if n, ok := e.Int(); ok {
		if n != 0 && d.coef%n == 0 && d.off%n == 0 && d.sym != "?" {
			return norm(d.sym, d.coef/n, d.off/n)
		}
		return Unknown
	}
	if d.sym == "?" || e.sym == "?" || d.off != 0 || e.off != 0 || e.coef == 0 || d.coef%e.coef != 0 || d.sym == "" {
		if d.Is(0) {
			return Known(0)
		}
		return Unknown
	}
	f := strings.Split(d.sym, "*")
	for _, s := range strings.Split(e.sym, "*") {
		i := slices.Index(f, s)
		if i < 0 {
			return Unknown
		}
		f = slices.Delete(f, i, i+1)
	}
	if len(f) == 0 {
		return Known(d.coef / e.coef)
	}
	return Dim{sym: strings.Join(f, "*"), coef: d.coef / e.coef}
}

func norm(sym string, coef, off int) Dim {
	if coef == 0 || sym == "" {
		return Known(off)
	}
	return Dim{sym, coef, off}
}

// Symbol returns the name of a dimension that is one plain symbol.
func (d Dim) Symbol() (name string, ok bool) {
	ok = d.sym != "" && d.sym != "?" && d.coef == 1 && d.off == 0
	if !ok {
		return "", false
	}
	return d.sym, true
}

// String returns the size as in 4, batch, 2*batch+1, ?.
func (d Dim) String() string {
	if d.sym == "" {
		return strconv.Itoa(d.off)
	}
	s := d.sym
	if d.coef != 1 {
		s = strconv.Itoa(d.coef) + "*" + s
	}
	switch {
	case d.off > 0:
		s += "+" + strconv.Itoa(d.off)
	case d.off < 0:
		s += strconv.Itoa(d.off)
	}
	return s
}
