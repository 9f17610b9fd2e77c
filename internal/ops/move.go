package ops

import (
	"unsafe"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
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

// maxRank is the rank up to which shapes are followed that a vector of unknown content gives.
const maxRank = 64

// rankFromVector returns the length of a vector that lists sizes, where it is known and makes sense.
func rankFromVector(f ir.Fact) (int, bool) {
	if len(f.Shape) != 1 {
		return 0, false
	}
	n, ok := f.Shape[0].Int()
	return n, ok && n >= 0 && n <= maxRank
}

func unknownShape(rank int) ir.Shape {
	s := make(ir.Shape, rank)
	for i := range s {
		s[i] = ir.Unknown
	}
	return s
}

// words returns a tensor's memory as elements of T, which is string for strings and else any type of
// the elements' size: what moves elements without looking at them sees only their size.
func words[T any](t tensor.Any) []T {
	if s, ok := t.(*tensor.Tensor[string]); ok {
		d := s.Data()
		return *(*[]T)(unsafe.Pointer(&d))
	}
	var z T
	b := tensor.Bytes(t)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(z)))
}

// wide16 stands for elements of 16 bytes.
type wide16 [2]uint64

// moved is the table of an operator that moves elements, from its binders for elements of 1, 2, 4,
// 8 and 16 bytes and for strings.
func moved(types []tensor.DType, b1, b2, b4, b8, b16, str op.Bind) op.Kernels {
	by := map[int]op.Bind{0: str, 1: b1, 2: b2, 4: b4, 8: b8, 16: b16}
	out := op.Kernels{}
	for _, t := range types {
		out[t] = by[t.Size()]
	}
	return out
}

// movedBytes is moved for operators that copy long runs: bytes, in elements of n.elemBytes, or strings.
func movedBytes(types []tensor.DType, bytes, str op.Bind) op.Kernels {
	return moved(types, bytes, bytes, bytes, bytes, bytes, str)
}

// elemBytes returns how many units an element takes in what [movedBytes] binds: 1 for a string.
func elemBytes(d tensor.DType) int { return max(1, d.Size()) }

// bindStrided binds the copy of input 0 to output 0 with the given offset and strides.
func bindStrided[T any](n *op.Node, offset int, strides []int) (op.Kernel, error) {
	k := kernel.NewStrided[T](offset, n.OutShape(0), strides)
	return func(c *op.Call) error {
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]))
		return nil
	}, nil
}

// setElems records an integer output whose elements are known, maybe symbolically: a vector or, where
// there is one element, a scalar.
func setElems(n *op.Node, i int, elems []ir.Dim, scalar bool) {
	f := ir.Fact{DType: n.Out(i).DType, Ranked: true, Elems: elems}
	if !scalar {
		f.Shape = ir.Shape{ir.Known(len(elems))}
	}
	known, ok := ir.Shape(elems).Known()
	if f.DType == tensor.Undefined {
		f.DType = tensor.Int64
	}
	if ok && f.DType == tensor.Int64 {
		v := make([]int64, len(known))
		for k, d := range known {
			v[k] = int64(d)
		}
		s, _ := f.Static()
		f.Const = tensor.Must(v, s...)
	}
	n.SetOut(i, f)
}

// passElems copies the symbolic elements of input 0 to output 0, for operators that keep every
// element in its order, where the output is a scalar or vector.
func passElems(n *op.Node) {
	f := n.Out(0)
	if n.In(0).Elems != nil && f.Ranked && len(f.Shape) <= 1 {
		f.Elems = n.In(0).Elems
		n.SetOut(0, f)
	}
}

// zerosLike returns zeros of x's type and shape.
func zerosLike(b *op.Builder, x *ir.Value) *ir.Value { return zerosOf(b, x.Fact.DType, b.Shape(x)) }

// zerosOf returns zeros of a type, in the shape that an int64 vector lists.
func zerosOf(b *op.Builder, d tensor.DType, shape *ir.Value) *ir.Value {
	zero, err := tensor.Alloc(d, tensor.Shape{1})
	if err != nil {
		b.Fail(err)
		return shape
	}
	return b.OpA("ConstantOfShape", shape, op.Attr("value", zero))
}
