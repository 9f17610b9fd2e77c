package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const domainML = "ai.onnx.ml"

// opLabelEncoder maps each element through a table: the attribute keys_* lists keys, values_* the
// value for each. What is no key becomes the default. NaN is a key like others; of equal keys the
// first counts, as in onnxruntime.
var opLabelEncoder = &op.Def{
	Domain: domainML, Name: "LabelEncoder", Since: 4,
	Doc:   "Each element replaced by the value that a table has for it, or a default.",
	In:    []op.Param{op.In("X", "T1", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T2")},
	Attrs: append([]op.AttrDef{op.May("default_tensor", op.TensorKind), op.May("keys_tensor", op.TensorKind), op.May("values_tensor", op.TensorKind)}, attrsLabel2...),
	Types: op.Types{"T2": labelTypes},
	On:    "T1",
	Infer: inferLabelEncoder,
	Kernels: op.Kernels{
		tensor.Float32: bindLabels(nanKeys[float32]), tensor.Float64: bindLabels(nanKeys[float64]),
		tensor.Int16: bindLabels(keys[int16]), tensor.Int32: bindLabels(keys[int32]), tensor.Int64: bindLabels(keys[int64]),
		tensor.String: bindLabels(keys[string]),
	},
	Old: []op.Version{
		{Since: 2, Types: op.Types{"T1": labelTypes2, "T2": labelTypes2}, Attrs: attrsLabel2, Expand: expandLabelEncoder2},
		{
			Since: 1, Types: op.Types{"T1": labelTypes1, "T2": labelTypes1}, Expand: expandLabelEncoder1,
			Attrs: []op.AttrDef{op.May("classes_strings", op.StringsKind), op.Int("default_int64", -1), op.Str("default_string", "_Unused")},
		},
	},
}

var (
	labelTypes  = []tensor.DType{tensor.Float32, tensor.Int16, tensor.Int32, tensor.Int64, tensor.String, tensor.Float64}
	labelTypes2 = []tensor.DType{tensor.Float32, tensor.Int64, tensor.String}
	labelTypes1 = []tensor.DType{tensor.Int64, tensor.String}
	attrsLabel2 = []op.AttrDef{
		op.Float("default_float", float32(math.Copysign(0, -1))), op.Int("default_int64", -1), op.Str("default_string", "_Unused"),
		op.May("keys_floats", op.FloatsKind), op.May("keys_int64s", op.IntsKind), op.May("keys_strings", op.StringsKind),
		op.May("values_floats", op.FloatsKind), op.May("values_int64s", op.IntsKind), op.May("values_strings", op.StringsKind),
	}
)

// expandLabelEncoder1 says what version 1 does: strings become their place in classes_strings, and the reverse.
func expandLabelEncoder1(b *op.Builder, n *op.Node) []*ir.Value {
	classes := n.Strs("classes_strings")
	places := make([]int64, len(classes))
	for i := range places {
		places[i] = int64(i)
	}
	return emitLabels(b, n, classes, places)
}

// expandLabelEncoder2 says what version 2 does, in which a NaN among the keys equals nothing.
func expandLabelEncoder2(b *op.Builder, n *op.Node) []*ir.Value {
	attrs := append([]ir.Attr{}, n.Attrs...)
	floats := n.Floats("keys_floats")
	for i := range attrs {
		switch v := attrs[i].Value.(type) {
		case []float32:
			attrs[i].Value = keepReal(v, floats)
		case []int64:
			attrs[i].Value = keepReal(v, floats)
		case []string:
			attrs[i].Value = keepReal(v, floats)
		}
	}
	return b.EmitIn(domainML, 1, "LabelEncoder", n.Node.In, attrs...)
}

// keepReal returns the elements of a list whose key, if it is a float, is not NaN.
func keepReal[T any](list []T, floats []float32) []T {
	out := []T{}
	for i, v := range list {
		if i >= len(floats) || floats[i] == floats[i] {
			out = append(out, v)
		}
	}
	return out
}

// emitLabels maps between strings and the int64 of the same place, with the node's defaults.
func emitLabels(b *op.Builder, n *op.Node, names []string, ints []int64) []*ir.Value {
	attrs := []ir.Attr{op.Attr("keys_strings", names), op.Attr("values_int64s", ints), op.Attr("default_int64", n.Int("default_int64"))}
	if n.In(0).DType == tensor.Int64 {
		attrs = []ir.Attr{op.Attr("keys_int64s", ints), op.Attr("values_strings", names), op.Attr("default_string", n.Str("default_string"))}
	}
	return b.EmitIn(domainML, 1, "LabelEncoder", n.Node.In, attrs...)
}

// labelList returns the list that one of prefix_tensor, prefix_strings, prefix_int64s and
// prefix_floats holds.
func labelList(n *op.Node, prefix string) (tensor.Any, error) {
	var found tensor.Any
	for i := range n.Attrs {
		var t tensor.Any
		switch a := n.Attrs[i]; a.Name {
		case prefix + "_tensor":
			t, _ = a.Value.(tensor.Any)
		case prefix + "_strings":
			t = tensor.Vector(n.Strs(a.Name)...)
		case prefix + "_int64s":
			v, _ := a.Value.([]int64)
			t = tensor.Vector(v...)
		case prefix + "_floats":
			t = tensor.Vector(n.Floats(a.Name)...)
		default:
			continue
		}
		if found != nil {
			return nil, op.Malformedf("%s are given in more than one attribute", prefix)
		}
		found = t
	}
	if found == nil {
		return nil, op.Malformedf("no attribute holds the %s", prefix)
	}
	return found, nil
}

// labelDefault returns one element of the values' type.
func labelDefault(n *op.Node, d tensor.DType) (tensor.Any, error) {
	if t := n.Tensor("default_tensor"); t != nil {
		if t.DType() != d || t.Len() != 1 {
			return nil, op.Malformedf("default_tensor is %v, expected one %v", t, d)
		}
		return t, nil
	}
	switch {
	case d == tensor.String:
		return tensor.Scalar(n.Str("default_string")), nil
	case d == tensor.Float32:
		return tensor.Scalar(n.Float("default_float")), nil
	case d == tensor.Float64:
		return tensor.Scalar(float64(n.Float("default_float"))), nil
	}
	return op.ScalarOf(d, float64(n.Int("default_int64")))
}

func inferLabelEncoder(n *op.Node) error {
	keys, err := labelList(n, "keys")
	if err != nil {
		return err
	}
	values, err := labelList(n, "values")
	if err != nil {
		return err
	}
	if keys.Len() != values.Len() {
		return op.Malformedf("%d keys, %d values", keys.Len(), values.Len())
	}
	x := n.In(0)
	if x.DType != tensor.Undefined && keys.DType() != x.DType {
		return op.Malformedf("the keys are %v, the input is %v", keys.DType(), x)
	}
	if _, err := labelDefault(n, values.DType()); err != nil {
		return err
	}
	n.SetOut(0, ir.Fact{DType: values.DType(), Ranked: x.Ranked, Shape: x.Shape})
	return nil
}

// keys returns a function that looks up elements of an input: their place among the keys, or none.
func keys[K tensor.Elem](list tensor.Any, none int) func(x tensor.Any, at int) int {
	places := map[K]int{}
	for i, k := range tensor.Data[K](list) {
		if _, ok := places[k]; !ok {
			places[k] = i
		}
	}
	return func(x tensor.Any, at int) int {
		if i, ok := places[tensor.Data[K](x)[at]]; ok {
			return i
		}
		return none
	}
}

// nanKeys is keys where NaN equals NaN.
func nanKeys[K tensor.Float](list tensor.Any, none int) func(x tensor.Any, at int) int {
	nan := none
	for i, k := range tensor.Data[K](list) {
		if k != k && nan == none {
			nan = i
		}
	}
	find := keys[K](list, none)
	return func(x tensor.Any, at int) int {
		if v := tensor.Data[K](x)[at]; v != v {
			return nan
		}
		return find(x, at)
	}
}

func bindLabels(index func(list tensor.Any, none int) func(x tensor.Any, at int) int) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		list, err := labelList(n, "keys")
		if err != nil {
			return nil, err
		}
		find := index(list, list.Len())
		switch n.Out(0).DType.Size() {
		case 0:
			return labelKernel[string](n, find)
		case 2:
			return labelKernel[uint16](n, find)
		case 4:
			return labelKernel[uint32](n, find)
		}
		return labelKernel[uint64](n, find)
	}
}

func labelKernel[V any](n *op.Node, find func(x tensor.Any, at int) int) (op.Kernel, error) {
	list, err := labelList(n, "values")
	if err != nil {
		return nil, err
	}
	other, err := labelDefault(n, list.DType())
	if err != nil {
		return nil, err
	}
	values := append(append([]V{}, words[V](list)...), words[V](other)...)
	const stretch = 256
	rows := kernel.NewRows(8*stretch, func(a [2]tensor.Any, r int) {
		d := words[V](a[0])
		for i := r * stretch; i < min(len(d), (r+1)*stretch); i++ {
			d[i] = values[find(a[1], i)]
		}
	})
	return func(c *op.Call) error {
		rows.Run(c.Pool, [2]tensor.Any{c.Out[0], c.In[0]}, (c.In[0].Len()+stretch-1)/stretch)
		return nil
	}, nil
}
