package onnxio

import (
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// attribute writes name: type = value.
func (w *printer) attribute(a *Attribute, indent string) {
	kind := a.Kind()
	name, ok := textKinds[kind]
	if !ok {
		w.fail("attribute %s of type %v", a.Name, kind)
		return
	}
	w.write(ident(a.Name), ": ", name, " = ")
	if a.RefAttrName != "" {
		w.write("@", ident(a.RefAttrName))
		return
	}
	inner := indent
	if _, isList := itemType[kind]; isList {
		w.write("[")
		defer w.write("]")
	}
	switch kind {
	case AttributeFloat:
		w.write(floatText(float64(a.F), 32))
	case AttributeInt:
		w.write(strconv.FormatInt(a.I, 10))
	case AttributeString:
		w.write(quote(string(a.S)))
	case AttributeTensor:
		w.tensor(a.T)
	case AttributeGraph:
		w.graph(a.G, inner)
	case AttributeTypeProto:
		w.typ(a.TP)
	case AttributeFloats:
		join(w, a.Floats, func(v float32) { w.write(floatText(float64(v), 32)) })
	case AttributeInts:
		join(w, a.Ints, func(v int64) { w.write(strconv.FormatInt(v, 10)) })
	case AttributeStrings:
		join(w, a.Strings, func(s []byte) { w.write(quote(string(s))) })
	case AttributeTensors:
		join(w, a.Tensors, w.tensor)
	case AttributeGraphs:
		join(w, a.Graphs, func(g *Graph) { w.graph(g, inner) })
	case AttributeTypeProtos:
		join(w, a.TypeProtos, w.typ)
	}
}

func (w *printer) tensor(t *Tensor) {
	w.tensorType(t)
	if t.Name != "" {
		w.write(" ", ident(t.Name))
	}
	w.write(" ")
	w.elements(t)
}

// elements writes a tensor's elements in braces, or where they are kept.
func (w *printer) elements(t *Tensor) {
	if t.DataLocation == DataLocationExternal {
		w.pairs(t.ExternalData)
		return
	}
	v, err := t.Value()
	if err != nil {
		w.fail("tensor %s: %v", t.Name, err)
		return
	}
	w.write("{")
	switch v := v.(type) {
	case *tensor.Tensor[string]:
		join(w, v.Data(), func(s string) { w.write(quote(s)) })
	case *tensor.Tensor[float32]:
		join(w, v.Data(), func(x float32) { w.write(floatText(float64(x), 32)) })
	case *tensor.Tensor[float64]:
		join(w, v.Data(), func(x float64) { w.write(floatText(x, 64)) })
	case *tensor.Tensor[complex64]:
		join(w, v.Data(), func(x complex64) { w.write(floatText(float64(real(x)), 32), ", ", floatText(float64(imag(x)), 32)) })
	case *tensor.Tensor[complex128]:
		join(w, v.Data(), func(x complex128) { w.write(floatText(real(x), 64), ", ", floatText(imag(x), 64)) })
	case *tensor.Tensor[bool]:
		join(w, v.Data(), func(x bool) {
			if x {
				w.write("1")
			} else {
				w.write("0")
			}
		})
	default:
		w.integers(v)
	}
	w.write("}")
}

// integers writes integers, and the bits of half and narrower types.
func (w *printer) integers(v tensor.Any) {
	switch v := v.(type) {
	case *tensor.Tensor[int64]:
		printInts(w, v.Data())
	case *tensor.Tensor[int32]:
		printInts(w, v.Data())
	case *tensor.Tensor[int16]:
		printInts(w, v.Data())
	case *tensor.Tensor[int8]:
		printInts(w, v.Data())
	case *tensor.Tensor[tensor.I4]:
		printInts(w, v.Data())
	case *tensor.Tensor[tensor.I2]:
		printInts(w, v.Data())
	case *tensor.Tensor[uint64]:
		join(w, v.Data(), func(x uint64) { w.write(strconv.FormatUint(x, 10)) })
	case *tensor.Tensor[uint32]:
		printInts(w, v.Data())
	case *tensor.Tensor[uint16]:
		printInts(w, v.Data())
	case *tensor.Tensor[tensor.Half]:
		printInts(w, v.Data())
	case *tensor.Tensor[tensor.BHalf]:
		printInts(w, v.Data())
	default: // a byte each
		printInts(w, tensor.Bytes(v))
	}
}

func printInts[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32](w *printer, s []T) {
	join(w, s, func(x T) { w.write(strconv.FormatInt(int64(x), 10)) })
}
