package tokeras

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const kerasOps = "keras.src.ops."

// kerasTypes are the element types of tensors in Keras.
var kerasTypes = map[string]tensor.DType{
	"float32": tensor.Float32, "float64": tensor.Float64, "float16": tensor.Float16, "bfloat16": tensor.BFloat16,
	"int32": tensor.Int32, "int64": tensor.Int64, "int16": tensor.Int16, "int8": tensor.Int8,
	"uint8": tensor.Uint8, "uint16": tensor.Uint16, "uint32": tensor.Uint32, "uint64": tensor.Uint64,
	"bool": tensor.Bool, "string": tensor.String,
}

// kerasType returns the name of an element type, empty where Keras has none.
func kerasType(d tensor.DType) string {
	for name, t := range kerasTypes {
		if t == d {
			return name
		}
	}
	return ""
}

var (
	wordStart = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	caseStep  = regexp.MustCompile(`([a-z])([A-Z])`)
)

// groupName is Keras's to_snake_case: the group of a class's weights, conv2d_transpose of Conv2DTranspose.
func groupName(class string) string {
	return strings.ToLower(caseStep.ReplaceAllString(wordStart.ReplaceAllString(class, "${1}_${2}"), "${1}_${2}"))
}

// plain returns a value as it lies in ONNX.
func (s *saver) plain(v *ir.Value) held {
	h := s.held[v]
	r := v.Fact.Rank()
	switch h.as {
	case plain:
		return h
	case last:
		dims := []int{r - 1}
		for i := 1; i < r-1; i++ {
			dims = append(dims, i)
		}
		h = held{layer: s.add("keras.layers", "Permute", map[string]any{"dims": dims}, h).name}
	case steps:
		axes := []int{1, 0}
		for i := 2; i < r; i++ {
			axes = append(axes, i)
		}
		h = held{layer: s.add(kerasOps+"numpy", "Transpose", map[string]any{"axes": axes}, h).name}
	case stepsDir:
		h = held{layer: s.add(kerasOps+"numpy", "Transpose", map[string]any{"axes": []int{1, 0, 2}}, h).name}
		h = held{layer: s.add(kerasOps+"numpy", "ExpandDims", map[string]any{"axis": 1}, h).name}
	case apart:
		newshape := []int{-1}
		for _, d := range v.Fact.Shape[1:] {
			n, ok := d.Int()
			if !ok {
				n = -1
			}
			newshape = append(newshape, n)
		}
		h = held{layer: s.add(kerasOps+"numpy", "Reshape", map[string]any{"newshape": newshape}, h).name}
	case dir:
		h = held{layer: s.add(kerasOps+"numpy", "ExpandDims", map[string]any{"axis": 0}, h).name}
	}
	return h
}

// lastOf returns a value of rank 3 or more with its channels last.
func (s *saver) lastOf(v *ir.Value) held {
	if h := s.held[v]; h.as == last {
		return h
	}
	h := s.plain(v)
	dims := []int{}
	for i := 2; i < v.Fact.Rank(); i++ {
		dims = append(dims, i)
	}
	return held{layer: s.add("keras.layers", "Permute", map[string]any{"dims": append(dims, 1)}, h).name, as: last}
}

// axisOf returns where an axis of ONNX's is in Keras's tensor.
func axisOf(axis, rank int, as layout) int {
	if axis < 0 {
		axis += rank
	}
	switch {
	case as == last && axis == 1:
		return rank - 1
	case as == last && axis > 1:
		return axis - 1
	case as == steps && axis < 2:
		return 1 - axis
	}
	return axis
}

// constant returns the numbers of a constant as float32; false where it is none.
func constant(v *ir.Value) ([]float32, []int, bool) {
	if v == nil || v.Kind != ir.Const || v.Data == nil {
		return nil, nil, false
	}
	shape := slices.Clone([]int(v.Data.Shape()))
	switch t := v.Data.(type) {
	case *tensor.Tensor[float32]:
		return t.Data(), shape, true
	case *tensor.Tensor[float64]:
		return widened(t.Data()), shape, true
	case *tensor.Tensor[int64]:
		return widened(t.Data()), shape, true
	case *tensor.Tensor[int32]:
		return widened(t.Data()), shape, true
	}
	return nil, nil, false
}

func widened[T float64 | int64 | int32](v []T) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// weightOf returns a constant of a rank, for a layer's variable.
func weightOf(v *ir.Value, rank int) (hdf5.Array, error) {
	data, shape, ok := constant(v)
	if !ok || len(shape) != rank {
		return hdf5.Array{}, op.Unsupportedf("its weights are no constant of rank %d", rank)
	}
	return hdf5.Array{Shape: shape, Data: data}, nil
}

// permuted returns an array with its axes in another order.
func permuted(a hdf5.Array, perm ...int) hdf5.Array {
	strides := make([]int, len(a.Shape))
	for i, n := len(a.Shape)-1, 1; i >= 0; i-- {
		strides[i] = n
		n *= a.Shape[i]
	}
	out := hdf5.Array{Data: make([]float32, len(a.Data))}
	for _, p := range perm {
		out.Shape = append(out.Shape, a.Shape[p])
	}
	at := make([]int, len(perm))
	for i := range out.Data {
		from := 0
		for k, p := range perm {
			from += at[k] * strides[p]
		}
		out.Data[i] = a.Data[from]
		for k := len(at) - 1; k >= 0; k-- {
			if at[k]++; at[k] < out.Shape[k] {
				break
			}
			at[k] = 0
		}
	}
	return out
}

// integers returns an attribute's list, def where it is absent.
func integers(n *ir.Node, name string, def ...int) []int {
	switch v := n.Attr(name).(type) {
	case []int64:
		out := make([]int, len(v))
		for i, x := range v {
			out[i] = int(x)
		}
		return out
	case []int:
		return v
	}
	return def
}

func attrInt(n *ir.Node, name string, def int) int {
	switch v := n.Attr(name).(type) {
	case int64:
		return int(v)
	case int:
		return v
	}
	return def
}

func attrFloat(n *ir.Node, name string, def float64) float64 {
	switch v := n.Attr(name).(type) {
	case float32:
		return float64(v)
	case float64:
		return v
	}
	return def
}

func attrString(n *ir.Node, name, def string) string {
	if v, ok := n.Attr(name).(string); ok {
		return v
	}
	return def
}

// list returns a constant of integers, such as axes and shapes.
func list(v *ir.Value) ([]int, bool) {
	if v == nil {
		return nil, false
	}
	out := []int{}
	if v.Kind != ir.Const {
		for _, d := range v.Fact.Elems {
			n, ok := d.Int()
			if !ok {
				return nil, false
			}
			out = append(out, n)
		}
		return out, v.Fact.Elems != nil
	}
	switch t := v.Data.(type) {
	case *tensor.Tensor[int64]:
		for _, x := range t.Data() {
			out = append(out, int(x))
		}
	case *tensor.Tensor[int32]:
		for _, x := range t.Data() {
			out = append(out, int(x))
		}
	default:
		return nil, false
	}
	return out, true
}

// only returns the node that alone reads a value; nil where there are others, or it is an output.
func (s *saver) only(v *ir.Value) *ir.Node {
	if u := s.uses[v]; len(u) == 1 {
		return u[0]
	}
	return nil
}
