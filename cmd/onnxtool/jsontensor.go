package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tensorFromJSON reads nested arrays as a tensor of a type. Floats may be "NaN", "Inf" and "-Inf".
func tensorFromJSON(r io.Reader, d tensor.DType) (tensor.Any, error) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows the value")
	}
	return tensorFromValue(v, d)
}

// tensorFromValue is tensorFromJSON of a decoded document.
func tensorFromValue(v any, d tensor.DType) (tensor.Any, error) {
	if d == tensor.Undefined {
		return nil, errors.New("the model does not say the input's type")
	}
	var shape tensor.Shape
	for x := v; ; {
		list, ok := x.([]any)
		if !ok {
			break
		}
		shape = append(shape, len(list))
		if len(list) == 0 {
			break
		}
		x = list[0]
	}
	// The first elements of the arrays can promise any number of elements: count before memory is taken.
	if err := walkJSON(v, shape, nil, func(any) error { return nil }); err != nil {
		return nil, err
	}
	t, err := tensor.Alloc(d, shape)
	if err != nil {
		return nil, err
	}
	set, err := setter(t)
	if err != nil {
		return nil, err
	}
	at := 0
	return t, walkJSON(v, shape, nil, func(x any) error {
		at++
		return set(at-1, x)
	})
}

// walkJSON calls leaf for each element of nested arrays, whose lengths have to be those of the shape.
// path is where v is.
func walkJSON(v any, shape tensor.Shape, path []int, leaf func(any) error) error {
	fail := func(format string, args ...any) error {
		where := ""
		for _, i := range path {
			where += "[" + strconv.Itoa(i) + "]"
		}
		return fmt.Errorf("element "+where+": "+format, args...)
	}
	list, ok := v.([]any)
	if ok != (len(shape) > 0) {
		return fail("the arrays are not nested evenly")
	}
	if !ok {
		if err := leaf(v); err != nil {
			return fail("%w", err)
		}
		return nil
	}
	if len(list) != shape[0] {
		return fail("%d elements, its siblings have %d", len(list), shape[0])
	}
	for i, x := range list {
		if err := walkJSON(x, shape[1:], append(path, i), leaf); err != nil {
			return err
		}
	}
	return nil
}

// setter returns what stores a JSON value as an element.
func setter(t tensor.Any) (func(int, any) error, error) {
	switch t := t.(type) {
	case *tensor.Tensor[string]:
		return func(i int, x any) error {
			s, ok := x.(string)
			if x == nil {
				s, ok = "", true
			}
			if !ok {
				return fmt.Errorf("%v is not a string", x)
			}
			t.Data()[i] = s
			return nil
		}, nil
	case *tensor.Tensor[bool]:
		return func(i int, x any) error {
			b, ok := x.(bool)
			if !ok {
				return fmt.Errorf("%v is neither true nor false", x)
			}
			t.Data()[i] = b
			return nil
		}, nil
	case *tensor.Tensor[float32]:
		return floatSetter(t.Data(), func(x float64) float32 { return float32(x) }), nil
	case *tensor.Tensor[float64]:
		return floatSetter(t.Data(), func(x float64) float64 { return x }), nil
	case *tensor.Tensor[tensor.Half]:
		return floatSetter(t.Data(), func(x float64) tensor.Half { return tensor.ToHalf(tensor.Odd32(x)) }), nil
	case *tensor.Tensor[tensor.BHalf]:
		return floatSetter(t.Data(), func(x float64) tensor.BHalf { return tensor.ToBHalf(tensor.Odd32(x)) }), nil
	case *tensor.Tensor[int8]:
		return intSetter(t.Data(), 8), nil
	case *tensor.Tensor[int16]:
		return intSetter(t.Data(), 16), nil
	case *tensor.Tensor[int32]:
		return intSetter(t.Data(), 32), nil
	case *tensor.Tensor[int64]:
		return intSetter(t.Data(), 64), nil
	case *tensor.Tensor[uint8]:
		return uintSetter(t.Data(), 8), nil
	case *tensor.Tensor[uint16]:
		return uintSetter(t.Data(), 16), nil
	case *tensor.Tensor[uint32]:
		return uintSetter(t.Data(), 32), nil
	case *tensor.Tensor[uint64]:
		return uintSetter(t.Data(), 64), nil
	}
	return nil, fmt.Errorf("elements of type %v have no form in JSON: use .npy or .pb", t.DType())
}

func floatSetter[T any](dst []T, convert func(float64) T) func(int, any) error {
	return func(i int, x any) error {
		f := math.NaN()
		switch x := x.(type) {
		case nil: // a missing value
		case json.Number:
			v, err := strconv.ParseFloat(string(x), 64)
			if err != nil {
				return err
			}
			f = v
		case string:
			special := map[string]float64{"NaN": math.NaN(), "Inf": math.Inf(1), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)}
			v, ok := special[x]
			if !ok {
				return fmt.Errorf("%q is not a number", x)
			}
			f = v
		default:
			return fmt.Errorf("%v is not a number", x)
		}
		dst[i] = convert(f)
		return nil
	}
}

func intSetter[T int8 | int16 | int32 | int64](dst []T, bits int) func(int, any) error {
	return func(i int, x any) error {
		n, ok := x.(json.Number)
		if !ok {
			return fmt.Errorf("%v is not a whole number", x)
		}
		v, err := strconv.ParseInt(string(n), 10, bits)
		if err != nil {
			return fmt.Errorf("%s is not an integer of %d bits", n, bits)
		}
		dst[i] = T(v)
		return nil
	}
}

func uintSetter[T uint8 | uint16 | uint32 | uint64](dst []T, bits int) func(int, any) error {
	return func(i int, x any) error {
		n, ok := x.(json.Number)
		if !ok {
			return fmt.Errorf("%v is not a whole number", x)
		}
		v, err := strconv.ParseUint(string(n), 10, bits)
		if err != nil {
			return fmt.Errorf("%s is not an unsigned integer of %d bits", n, bits)
		}
		dst[i] = T(v)
		return nil
	}
}

// elementText returns element i of a tensor as people write it.
func elementText(t tensor.Any, i int) string {
	switch v := elementJSON(t, i).(type) {
	case string:
		if t.DType() == tensor.String {
			return strconv.Quote(v)
		}
		return v
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	default:
		return fmt.Sprint(v)
	}
}

// elementJSON returns element i as encoding/json writes it exactly; what JSON cannot say is a string.
func elementJSON(t tensor.Any, i int) any {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return finite(t.Data()[i])
	case *tensor.Tensor[float64]:
		return finite(t.Data()[i])
	case *tensor.Tensor[tensor.Half]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.BHalf]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F8E4M3FN]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F8E4M3FNUZ]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F8E5M2]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F8E5M2FNUZ]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F8E8M0]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F6E2M3]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F6E3M2]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[tensor.F4E2M1]:
		return finite(t.Data()[i].Float32())
	case *tensor.Tensor[complex64]:
		return strconv.FormatComplex(complex128(t.Data()[i]), 'g', -1, 64)
	case *tensor.Tensor[complex128]:
		return strconv.FormatComplex(t.Data()[i], 'g', -1, 128)
	case *tensor.Tensor[bool]:
		return t.Data()[i]
	case *tensor.Tensor[string]:
		return t.Data()[i]
	case *tensor.Tensor[int8]:
		return t.Data()[i]
	case *tensor.Tensor[int16]:
		return t.Data()[i]
	case *tensor.Tensor[int32]:
		return t.Data()[i]
	case *tensor.Tensor[int64]:
		return t.Data()[i]
	case *tensor.Tensor[uint8]:
		return t.Data()[i]
	case *tensor.Tensor[uint16]:
		return t.Data()[i]
	case *tensor.Tensor[uint32]:
		return t.Data()[i]
	case *tensor.Tensor[uint64]:
		return t.Data()[i]
	case *tensor.Tensor[tensor.I4]:
		return int8(t.Data()[i])
	case *tensor.Tensor[tensor.U4]:
		return uint8(t.Data()[i])
	case *tensor.Tensor[tensor.I2]:
		return int8(t.Data()[i])
	case *tensor.Tensor[tensor.U2]:
		return uint8(t.Data()[i])
	}
	return nil
}

func finite[T float32 | float64](x T) any {
	switch f := float64(x); {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	}
	return x
}

// nested returns a tensor as nested arrays for encoding/json.
func nested(t tensor.Any) any {
	at := 0
	var build func(shape tensor.Shape) any
	build = func(shape tensor.Shape) any {
		if len(shape) == 0 {
			at++
			return elementJSON(t, at-1)
		}
		list := make([]any, shape[0])
		for i := range list {
			list[i] = build(shape[1:])
		}
		return list
	}
	return build(t.Shape())
}
