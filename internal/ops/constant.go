package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opConstant is the tensor in one of its attributes, of which exactly one is given. A sparse tensor
// is taken in dense form.
var opConstant = &op.Def{
	Name: "Constant", Since: 25,
	Doc:    "The tensor that an attribute holds.",
	Out:    []op.Param{op.Out("output", "T")},
	Attrs:  attrsConstant12,
	Types:  op.Types{"T": allTypes},
	Expand: expandConstant,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}, Expand: expandConstant},
		{Since: 23, Types: op.Types{"T": types23}, Expand: expandConstant},
		{Since: 21, Types: op.Types{"T": types21}, Expand: expandConstant},
		{Since: 19, Types: op.Types{"T": types19}, Expand: expandConstant},
		{Since: 13, Types: op.Types{"T": types13}, Expand: expandConstant},
		{Since: 12, Types: op.Types{"T": op.AllClassic}, Expand: expandConstant},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, Attrs: []op.AttrDef{op.May("sparse_value", op.SparseKind), op.May("value", op.TensorKind)}, Expand: expandConstant},
		{Since: 9, Types: op.Types{"T": op.AllClassic}, Attrs: []op.AttrDef{op.Need("value", op.TensorKind)}, Expand: expandConstant},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Need("value", op.TensorKind)}, Expand: expandConstant},
	},
}

var attrsConstant12 = []op.AttrDef{
	op.May("sparse_value", op.SparseKind), op.May("value", op.TensorKind),
	op.May("value_float", op.FloatKind), op.May("value_floats", op.FloatsKind),
	op.May("value_int", op.IntKind), op.May("value_ints", op.IntsKind),
	op.May("value_string", op.StringKind), op.May("value_strings", op.StringsKind),
}

func expandConstant(b *op.Builder, n *op.Node) []*ir.Value {
	if len(n.Attrs) != 1 {
		b.Fail(op.Malformedf("%d attributes hold a value, expected one", len(n.Attrs)))
		return []*ir.Value{b.Const(tensor.Scalar(float32(0)))}
	}
	var t tensor.Any
	switch v := n.Attrs[0].Value.(type) {
	case tensor.Any:
		t = v
	case float32:
		t = tensor.Scalar(v)
	case int64:
		t = tensor.Scalar(v)
	case string:
		t = tensor.Scalar(v)
	case []float32:
		t = tensor.Vector(v...)
	case []int64:
		t = tensor.Vector(v...)
	case []string:
		t = tensor.Vector(v...)
	}
	return []*ir.Value{b.Const(t)}
}
