package ops

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opStringSplit cuts strings at a delimiter, or at white space where that is empty, at most maxsplit
// times from the left. The parts lie along a new last axis, filled up with empty strings; Z counts them.
var opStringSplit = &op.Def{
	Name: "StringSplit", Since: 20,
	Doc:     "Strings cut at a delimiter.",
	In:      []op.Param{op.In("X", "T1", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T2"), op.Out("Z", "T3")},
	Attrs:   []op.AttrDef{op.May("delimiter", op.StringKind), op.May("maxsplit", op.IntKind)},
	Types:   op.Types{"T2": {tensor.String}, "T3": {tensor.Int64}},
	On:      "T1",
	Kernels: op.Kernels{tensor.String: nil},
	Infer: func(n *op.Node) error {
		x := n.In(0)
		n.SetOut(0, ir.Fact{DType: tensor.String})
		n.SetOut(1, ir.Fact{DType: tensor.Int64, Ranked: x.Ranked, Shape: x.Shape})
		if x.Ranked {
			n.SetOut(0, ir.Fact{DType: tensor.String, Ranked: true, Shape: append(append(ir.Shape{}, x.Shape...), ir.Unknown)})
		}
		return nil
	},
	Eval: evalStringSplit,
}

// maxSplit bounds the result, which one string of many parts can make much larger than the input.
const maxSplit = 1 << 27

func evalStringSplit(n *op.Node, c *op.Call) ([]tensor.Any, error) {
	x := op.Arg[string](c, 0)
	most := -1
	if n.HasAttr("maxsplit") {
		most = n.Int("maxsplit")
	}
	parts, counts, width := make([][]string, len(x)), make([]int64, len(x)), 0
	for i, s := range x {
		parts[i] = splitString(s, n.Str("delimiter"), most)
		counts[i] = int64(len(parts[i]))
		width = max(width, len(parts[i]))
	}
	if n := len(x) * width; n > maxSplit {
		return nil, fmt.Errorf("%w: %d strings of up to %d parts, at most %d elements", op.ErrLimit, len(x), width, maxSplit)
	}
	shape := c.In[0].Shape()
	y, err := tensor.Alloc(tensor.String, append(shape.Clone(), width))
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		copy(tensor.Data[string](y)[i*width:], p)
	}
	z, err := tensor.New(counts, shape...)
	return []tensor.Any{y, z}[:n.NumOut()], err
}

// splitString cuts a string as Python's split does; a negative most is no limit.
func splitString(s, delimiter string, most int) []string {
	if delimiter != "" {
		if most < 0 {
			return strings.Split(s, delimiter)
		}
		return strings.SplitN(s, delimiter, most+1)
	}
	if most < 0 {
		return strings.Fields(s)
	}
	var out []string
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 || len(out) == most {
			return append(out, s)
		}
		out, s = append(out, s[:end]), s[end:]
	}
	return out
}
