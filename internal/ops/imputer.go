package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opImputer replaces the elements that equal the replaced value (NaN equals NaN here) by the imputed
// one, of which there is one for all or one for each feature. Floats have their values in the
// attributes *_float(s), integers in *_int64(s).
var opImputer = &op.Def{
	Domain: domainML, Name: "Imputer", Since: 1,
	Doc: "The input with missing values replaced.",
	In:  []op.Param{op.In("X", "T", op.Differentiable)},
	Out: []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{
		op.May("imputed_value_floats", op.FloatsKind), op.May("imputed_value_int64s", op.IntsKind),
		op.Float("replaced_value_float", 0), op.Int("replaced_value_int64", 0),
	},
	Types:  op.Types{"T": mlNumbers},
	Expand: expandImputer,
}

func expandImputer(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	d := x.Fact.DType
	floats, ints := n.Floats("imputed_value_floats"), n.Ints("imputed_value_int64s")
	name, have := "imputed_value_floats", len(floats)
	if d.IsInt() {
		name, have = "imputed_value_int64s", len(ints)
	}
	if have == 0 {
		b.Fail(op.Malformedf("the input is %v and attribute %s is missing", x.Fact, name))
		return []*ir.Value{x}
	}
	if err := checkFeatures(n, name, have); err != nil {
		b.Fail(err)
		return []*ir.Value{x}
	}
	var missing, imputed *ir.Value
	if d.IsInt() {
		long := make([]int64, len(ints))
		for i, v := range ints {
			long[i] = int64(v)
		}
		imputed = b.Cast(featureValues(b, long), d)
		missing = b.Op("Equal", x, b.Cast(b.Const(tensor.Scalar(int64(n.Int("replaced_value_int64")))), d))
	} else {
		imputed = b.Cast(featureValues(b, floats), d)
		if r := n.Float("replaced_value_float"); r != r {
			missing = b.Op("IsNaN", x)
		} else {
			missing = b.Op("Equal", x, b.Cast(b.Const(tensor.Scalar(r)), d))
		}
	}
	return []*ir.Value{b.Where(missing, imputed, x)}
}
