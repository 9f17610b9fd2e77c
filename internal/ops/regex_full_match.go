package ops

import (
	"regexp"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opRegexFullMatch tells which strings match a regular expression as a whole. Its syntax is RE2's,
// which is Go's; matching takes time linear in the string.
var opRegexFullMatch = &op.Def{
	Name: "RegexFullMatch", Since: 20,
	Doc:   "Whether each string matches a pattern as a whole.",
	In:    []op.Param{op.In("X", "T1", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T2")},
	Attrs: []op.AttrDef{op.May("pattern", op.StringKind)},
	Types: op.Types{"T2": {tensor.Bool}},
	On:    "T1",
	Infer: func(n *op.Node) error {
		n.SetOut(0, ir.Fact{DType: tensor.Bool, Ranked: n.In(0).Ranked, Shape: n.In(0).Shape})
		_, err := fullPattern(n)
		return err
	},
	Kernels: op.Kernels{tensor.String: func(n *op.Node) (op.Kernel, error) {
		re, err := fullPattern(n)
		if err != nil {
			return nil, err
		}
		return unaryTo(eachElem(re.MatchString))(n)
	}},
}

func fullPattern(n *op.Node) (*regexp.Regexp, error) {
	if !n.HasAttr("pattern") {
		return nil, op.Malformedf("attribute pattern is missing")
	}
	re, err := regexp.Compile(`\A(?:` + n.Str("pattern") + `)\z`)
	if err != nil {
		return nil, op.Malformedf("pattern %q: %v", n.Str("pattern"), err)
	}
	return re, nil
}
