package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opCategoryMapper maps strings to integers or the reverse: cats_strings[i] and cats_int64s[i] belong together.
var opCategoryMapper = &op.Def{
	Domain: domainML, Name: "CategoryMapper", Since: 1,
	Doc: "Strings as the integers of a table, or the reverse.",
	In:  []op.Param{op.In("X", "T1", op.Zero)},
	Out: []op.Param{op.Out("Y", "T2")},
	Attrs: []op.AttrDef{
		op.May("cats_int64s", op.IntsKind), op.May("cats_strings", op.StringsKind),
		op.Int("default_int64", -1), op.Str("default_string", "_Unused"),
	},
	Types: op.Types{"T1": labelTypes1, "T2": labelTypes1},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		ints, _ := n.Node.Attr("cats_int64s").([]int64)
		return emitLabels(b, n, n.Strs("cats_strings"), ints)
	},
}
