package ops

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opOneHotEncoder puts an axis of the categories' number behind the others, with 1 at the category
// that the element is and 0 elsewhere. Floats are truncated to integers first. An element that is no
// category becomes all 0, or is an error where the attribute zeros is 0.
var opOneHotEncoder = &op.Def{
	Domain: domainML, Name: "OneHotEncoder", Since: 1,
	Doc:     "Each element as a vector with 1 at its category.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "float")},
	Attrs:   []op.AttrDef{op.May("cats_int64s", op.IntsKind), op.May("cats_strings", op.StringsKind), op.Int("zeros", 1)},
	Infer:   inferOneHotEncoder,
	Kernels: op.Each(bindOneHotEncoder, tensor.String, tensor.Int64, tensor.Int32, tensor.Float32, tensor.Float64),
}

// categories returns the list that matches the input.
func categories(n *op.Node) (tensor.Any, error) {
	if n.HasAttr("cats_int64s") && n.HasAttr("cats_strings") {
		return nil, op.Malformedf("both cats_int64s and cats_strings are given")
	}
	name, list := "cats_int64s", tensor.Any(nil)
	if n.In(0).DType == tensor.String {
		name = "cats_strings"
		list = tensor.Vector(n.Strs(name)...)
	} else {
		v, _ := n.Node.Attr(name).([]int64)
		list = tensor.Vector(v...)
	}
	if !n.HasAttr(name) {
		return nil, op.Malformedf("the input is %v and attribute %s is missing", n.In(0), name)
	}
	return list, nil
}

func inferOneHotEncoder(n *op.Node) error {
	list, err := categories(n)
	if err != nil {
		return err
	}
	if x := n.In(0); x.Ranked {
		n.SetShape(0, append(append(ir.Shape{}, x.Shape...), ir.Known(list.Len())))
	}
	return nil
}

func bindOneHotEncoder(n *op.Node) (op.Kernel, error) {
	list, err := categories(n)
	if err != nil {
		return nil, err
	}
	width, zeros := list.Len(), n.Bool("zeros")
	var find func(x tensor.Any, at int) int
	if n.In(0).DType == tensor.String {
		find = keys[string](list, -1)
	} else {
		find = intKeys(list, n.In(0).DType)
	}
	return func(c *op.Call) error {
		d := op.Result[float32](c, 0)
		clear(d)
		for i := range c.In[0].Len() {
			if k := find(c.In[0], i); k >= 0 {
				d[i*width+k] = 1
			} else if !zeros {
				return fmt.Errorf("element %d is none of the %d categories, and zeros is 0", i, width)
			}
		}
		return nil
	}, nil
}

// intKeys is keys for an input of any numeric type, taken as integers.
func intKeys(list tensor.Any, d tensor.DType) func(x tensor.Any, at int) int {
	places := map[int64]int{}
	for i, k := range tensor.Data[int64](list) {
		if _, ok := places[k]; !ok {
			places[k] = i
		}
	}
	elem := intElem(d)
	return func(x tensor.Any, at int) int {
		if i, ok := places[elem(x, at)]; ok {
			return i
		}
		return -1
	}
}
