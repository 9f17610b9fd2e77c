package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Types of operators that move elements and never look at them, by the opset that admitted them.
var (
	types13  = op.List(op.AllClassic, []tensor.DType{tensor.BFloat16})
	types19  = op.List(types13, []tensor.DType{tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ})
	types21  = op.List(types19, []tensor.DType{tensor.Uint4, tensor.Int4})
	types23  = op.List(types21, []tensor.DType{tensor.Float4E2M1})
	types24  = op.List(types23, []tensor.DType{tensor.Float8E8M0})
	types25  = op.List(types24, []tensor.DType{tensor.Uint2, tensor.Int2})
	allTypes = types25
)

var noAttrs = []op.AttrDef{}

// bindCopy copies input 0 to output 0, whatever their type.
func bindCopy(*op.Node) (op.Kernel, error) { return copyElems, nil }

func copyElems(c *op.Call) error {
	if s, ok := c.In[0].(*tensor.Tensor[string]); ok {
		copy(op.Result[string](c, 0), s.Data())
		return nil
	}
	copy(tensor.Bytes(c.Out[0]), tensor.Bytes(c.In[0]))
	return nil
}

// rankFromVector returns the length of a vector that lists sizes.
func rankFromVector(f ir.Fact) (int, bool) {
	if len(f.Shape) != 1 {
		return 0, false
	}
	return f.Shape[0].Int()
}

func unknownShape(rank int) ir.Shape {
	s := make(ir.Shape, rank)
	for i := range s {
		s[i] = ir.Unknown
	}
	return s
}
