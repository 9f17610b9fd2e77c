package ops

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opEinsum is the sum of products that an equation such as "bij,bjk->bik" says: each term names the
// axes of an input, and axes that the output does not name are summed over. It is emitted as
// diagonals, sums, products and matrix products, from the first input to the last.
// The gradient is that of those nodes.
var opEinsum = &op.Def{
	Name: "Einsum", Since: 28,
	Doc:    "The sum of products in Einstein's notation.",
	In:     []op.Param{op.Many("Inputs", "T", 1, op.Differentiable)},
	Out:    []op.Param{op.Out("Output", "T")},
	Attrs:  []op.AttrDef{op.Need("equation", op.StringKind)},
	Types:  op.Types{"T": numbers13},
	Expand: expandEinsum,
	Old:    []op.Version{{Since: 12, Types: op.Types{"T": numbers7}}},
}

// label names an axis: a letter, or below zero an axis of the ellipsis, counted from its end.
type label int

func (l label) String() string {
	if l < 0 {
		return "of the ellipsis"
	}
	return string(rune(l))
}

// equation is a parsed equation: the labels of each input's axes and of the output's.
type equation struct {
	in  [][]label
	out []label
}

// parseEquation reads an equation for inputs of the given ranks.
func parseEquation(text string, ranks []int) (*equation, error) {
	left, right, explicit := strings.Cut(strings.ReplaceAll(text, " ", ""), "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(ranks) {
		return nil, op.Malformedf("equation %q has %d terms for %d inputs", text, len(terms), len(ranks))
	}
	e := &equation{in: make([][]label, len(terms))}
	dots := -1 // axes that the ellipsis stands for
	for i, t := range terms {
		if strings.Contains(t, "...") {
			n := ranks[i] - len(strings.Replace(t, "...", "", 1))
			if dots >= 0 && n != dots {
				return nil, op.Shapef("equation %q: the ellipsis stands for %d axes in term %q and for %d before", text, n, t, dots)
			}
			if n < 0 {
				return nil, op.Shapef("term %q of equation %q names %d axes, input %d has %d", t, text, ranks[i]-n, i, ranks[i])
			}
			dots = n
		}
		var err error
		if e.in[i], err = parseTerm(t, dots); err != nil {
			return nil, op.Malformedf("equation %q: %v", text, err)
		}
		if len(e.in[i]) != ranks[i] {
			return nil, op.Shapef("term %q of equation %q names %d axes, input %d has %d", t, text, len(e.in[i]), i, ranks[i])
		}
	}
	if !explicit {
		e.out = e.implicit(max(dots, 0))
		return e, nil
	}
	var err error
	if e.out, err = parseTerm(right, max(dots, 0)); err != nil {
		return nil, op.Malformedf("equation %q: %v", text, err)
	}
	if dots > 0 && !strings.Contains(right, "...") {
		return nil, op.Malformedf("equation %q: the inputs have an ellipsis and the output has none", text)
	}
	return e, e.checkOut(text)
}

// parseTerm returns the labels of one term.
func parseTerm(t string, dots int) ([]label, error) {
	var out []label
	seen := false
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			out = append(out, label(c))
		case strings.HasPrefix(t[i:], "...") && !seen:
			for k := range dots {
				out = append(out, label(k-dots))
			}
			seen = true
			i += 2
		default:
			return nil, op.Malformedf("%q in term %q, expected letters and at most one ellipsis", t[i:], t)
		}
	}
	return out, nil
}

// implicit returns the output of an equation that names none: the ellipsis, then the letters that
// appear once, in the order of ASCII.
func (e *equation) implicit(dots int) []label {
	count := map[label]int{}
	for _, l := range slices.Concat(e.in...) {
		count[l]++
	}
	var out []label
	for l, n := range count {
		if n == 1 && l > 0 {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	var lead []label
	for k := range dots {
		lead = append(lead, label(k-dots))
	}
	return append(lead, out...)
}

func (e *equation) checkOut(text string) error {
	for i, l := range e.out {
		if slices.Contains(e.out[:i], l) {
			return op.Malformedf("equation %q: the output names axis %v twice", text, l)
		}
		if !slices.ContainsFunc(e.in, func(t []label) bool { return slices.Contains(t, l) }) {
			return op.Malformedf("equation %q: no input names axis %v of the output", text, l)
		}
	}
	return nil
}

// expandEinsum emits an equation. Types that the matrix product does not take are computed in wider
// ones: half types in float32, small integers in 32 bits, which wrap around to the same.
func expandEinsum(b *op.Builder, n *op.Node) []*ir.Value {
	ranks := make([]int, n.NumIn())
	for i := range ranks {
		if ranks[i] = n.In(i).Rank(); ranks[i] < 0 {
			b.Fail(op.Unsupportedf("Einsum of input %d, whose rank is not known", i))
			return []*ir.Value{n.Node.In[0]}
		}
	}
	e, err := parseEquation(n.Str("equation"), ranks)
	if err != nil {
		b.Fail(err)
		return []*ir.Value{n.Node.In[0]}
	}
	t := n.In(0).DType
	wide := t
	switch t {
	case tensor.Float16, tensor.BFloat16:
		wide = tensor.Float32
	case tensor.Int8, tensor.Int16:
		wide = tensor.Int32
	case tensor.Uint8, tensor.Uint16:
		wide = tensor.Uint32
	}
	in := make([]*ir.Value, n.NumIn())
	for i, x := range n.Node.In {
		in[i] = b.Cast(x, wide)
	}
	return []*ir.Value{b.Cast(e.emit(b, in), t)}
}
