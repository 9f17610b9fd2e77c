package tokeras

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxLiteral bounds the elements of a constant in the configuration's text.
const maxLiteral = 1 << 22

// literals returns a constant's elements as the configuration holds them, and their type.
func literals(c *ir.Value) (elements []any, dtype string, err error) {
	if c.Data == nil || c.Data.Len() > maxLiteral {
		return nil, "", op.Unsupportedf("a constant %v, which is too large for a configuration", c.Fact)
	}
	switch t := c.Data.(type) {
	case *tensor.Tensor[float32]:
		return numbers(t.Data(), 32), "float32", nil
	case *tensor.Tensor[float64]:
		return numbers(t.Data(), 64), "float64", nil
	case *tensor.Tensor[int64]:
		return anys(t.Data()), "int64", nil
	case *tensor.Tensor[int32]:
		return anys(t.Data()), "int32", nil
	case *tensor.Tensor[int16]:
		return anys(t.Data()), "int16", nil
	case *tensor.Tensor[int8]:
		return anys(t.Data()), "int8", nil
	case *tensor.Tensor[bool]:
		return anys(t.Data()), "bool", nil
	}
	return nil, "", op.Unsupportedf("a constant of type %v", c.Fact.DType)
}

func numbers[T float32 | float64](v []T, bits int) []any {
	out := make([]any, len(v))
	for i, x := range v {
		out[i] = number(float64(x), bits)
	}
	return out
}

func anys[T any](v []T) []any {
	out := make([]any, len(v))
	for i, x := range v {
		out[i] = x
	}
	return out
}

// number writes a float as Python reads it, with a point or an exponent.
func number(x float64, bits int) any {
	switch {
	case math.IsNaN(x):
		return special + "NaN"
	case math.IsInf(x, 1):
		return special + "Infinity"
	case math.IsInf(x, -1):
		return special + "-Infinity"
	}
	s := strconv.FormatFloat(x, 'g', -1, bits)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return json.Number(s)
}

// special begins the text that stands for a number of Python's which JSON does not have.
const special = "\x00number:"

// marshal writes a configuration as Python does: NaN and infinities are words without quotes.
func marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		text = bytes.ReplaceAll(text, []byte(`"\u0000number:`+word+`"`), []byte(word))
	}
	return text, nil
}

// operand writes a constant for an operation with h, which holds value and whose layout the constant takes.
func (s *saver) operand(c *ir.Value, rank int, h *held, value *ir.Value) (any, error) {
	elements, dtype, err := literals(c)
	if err != nil {
		return nil, err
	}
	shape := c.Data.Shape()
	if len(shape) > rank {
		return nil, op.Unsupportedf("a constant of shape %v", shape)
	}
	if h.as == apart && len(shape) < rank {
		return array(elements, shape, dtype), nil
	}
	if len(elements) == 1 && dtype != "bool" && dtype != "float64" {
		return elements[0], nil
	}
	wide := append(slices.Repeat([]int{1}, rank-len(shape)), shape...)
	if h.as == last {
		perm := []int{0}
		for i := 2; i < rank; i++ {
			perm = append(perm, i)
		}
		at := make([]float32, len(elements))
		for i := range at {
			at[i] = float32(i)
		}
		a := permuted(hdf5.Array{Shape: wide, Data: at}, append(perm, 1)...)
		turned := make([]any, len(elements))
		for i, from := range a.Data {
			turned[i] = elements[int(from)]
		}
		elements, wide = turned, a.Shape
	} else if value != nil {
		*h = s.plain(value)
	}
	return array(elements, wide, dtype), nil
}

// array writes an array of numbers among the arguments of an operation.
func array(elements []any, shape []int, dtype string) any {
	return map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": nested(elements, shape), "dtype": dtype}}
}

// nested writes an array as lists in lists.
func nested(elements []any, shape []int) any {
	if len(shape) == 0 {
		return elements[0]
	}
	out := []any{}
	for i := range shape[0] {
		n := len(elements) / shape[0]
		out = append(out, nested(elements[i*n:(i+1)*n], shape[1:]))
	}
	return out
}
