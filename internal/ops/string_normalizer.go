package ops

import (
	"slices"
	"strings"
	"unicode"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opStringNormalizer drops the stop words from a vector [C] or a row [1, C] of strings and changes the
// case of the others. Where all are dropped, one empty string stays. Case follows Unicode, the rules of
// Turkish and Azeri where the locale is one of those, and is that of ASCII alone in the locales C and POSIX.
var opStringNormalizer = &op.Def{
	Name: "StringNormalizer", Since: 10,
	Doc: "Strings without the stop words, in another case.",
	In:  []op.Param{op.In("X", "string", op.Zero)},
	Out: []op.Param{op.Out("Y", "string")},
	Attrs: []op.AttrDef{
		op.Str("case_change_action", "NONE"), op.Int("is_case_sensitive", 0), op.May("locale", op.StringKind), op.May("stopwords", op.StringsKind),
	},
	Infer: inferStringNormalizer,
	Eval:  evalStringNormalizer,
}

func inferStringNormalizer(n *op.Node) error {
	if c := n.Str("case_change_action"); !slices.Contains([]string{"NONE", "LOWER", "UPPER"}, c) {
		return op.Malformedf("case_change_action is %q, expected NONE, LOWER or UPPER", c)
	}
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	switch {
	case len(x.Shape) == 1:
		n.SetShape(0, unknownShape(1))
	case len(x.Shape) == 2 && !x.Shape[0].Differ(ir.Known(1)):
		n.SetShape(0, ir.Shape{ir.Known(1), ir.Unknown})
	default:
		return op.Shapef("the input is %v, expected [C] or [1,C]", x)
	}
	return nil
}

func evalStringNormalizer(n *op.Node, c *op.Call) ([]tensor.Any, error) {
	lower, upper := strings.ToLower, strings.ToUpper
	switch l := n.Str("locale"); {
	case l == "C", l == "POSIX":
		lower = asciiCase('A', 'Z', 'a'-'A')
		upper = asciiCase('a', 'z', 'A'-'a')
	case strings.HasPrefix(l, "tr"), strings.HasPrefix(l, "az"):
		lower = func(s string) string { return strings.ToLowerSpecial(unicode.TurkishCase, s) }
		upper = func(s string) string { return strings.ToUpperSpecial(unicode.TurkishCase, s) }
	}
	same := func(s string) string { return s }
	change := map[string]func(string) string{"LOWER": lower, "UPPER": upper, "NONE": same}[n.Str("case_change_action")]
	word := lower
	if n.Bool("is_case_sensitive") {
		word = same
	}
	stop := map[string]bool{}
	for _, s := range n.Strs("stopwords") {
		stop[word(s)] = true
	}
	out := []string{}
	for _, s := range op.Arg[string](c, 0) {
		if !stop[word(s)] {
			out = append(out, change(s))
		}
	}
	if len(out) == 0 {
		out = []string{""}
	}
	shape := []int{1, len(out)}[2-c.In[0].Shape().Rank():]
	y, err := tensor.New(out, shape...)
	return []tensor.Any{y}, err
}

// asciiCase returns a function that moves the letters from first to last by shift.
func asciiCase(first, last, shift rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if first <= r && r <= last {
				return r + shift
			}
			return r
		}, s)
	}
}
