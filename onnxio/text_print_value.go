package onnxio

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func (p *textPrinter) valueInfo(v *ValueInfo) {
	if v == nil {
		v = &ValueInfo{}
	}
	p.losesRemarks("values", v.DocString, v.MetadataProps, v.unknown)
	if v.Type == nil {
		p.firstName(v.Name)
		return
	}
	p.typ(v.Type)
	p.WriteByte(' ')
	p.name(v.Name)
}

// elementType writes the name of an element type.
func (p *textPrinter) elementType(n int32) {
	if d := dtypeOf(n); d != tensor.Undefined {
		p.WriteString(d.ONNX())
		return
	}
	p.loses("element types that do not exist", 1)
	p.WriteString("undefined")
}

func (p *textPrinter) typ(t *Type) {
	p.types++
	defer func() { p.types-- }()
	if t == nil || p.types > maxNesting {
		t = &Type{}
	}
	if t.Denotation != "" {
		p.loses("denotations", 1)
	}
	p.losesRemarks("types", "", nil, t.unknown)
	switch {
	case t.TensorType != nil:
		p.tensorType(t.TensorType.ElemType, t.TensorType.Shape)
	case t.SequenceType != nil:
		p.WriteString("seq(")
		p.typ(t.SequenceType.ElemType)
		p.WriteByte(')')
	case t.OptionalType != nil:
		p.WriteString("optional(")
		p.typ(t.OptionalType.ElemType)
		p.WriteByte(')')
	case t.MapType != nil:
		p.WriteString("map(")
		p.elementType(t.MapType.KeyType)
		p.WriteString(", ")
		p.typ(t.MapType.ValueType)
		p.WriteByte(')')
	case t.SparseTensorType != nil:
		p.WriteString("sparse_tensor(")
		p.tensorType(t.SparseTensorType.ElemType, t.SparseTensorType.Shape)
		p.WriteByte(')')
	case t.OpaqueType != nil:
		p.opaque(t.OpaqueType)
	default:
		p.loses("types that are empty", 1)
		p.WriteString("undefined")
	}
}

func (p *textPrinter) opaque(o *OpaqueType) {
	p.WriteString("opaque(")
	if o.Domain != "" {
		p.dotted(o.Domain)
		p.WriteByte(',')
	}
	if o.Name != "" || o.Domain != "" {
		p.dotted(o.Name)
	}
	p.WriteByte(')')
}

// dotted writes a name whose parts are separated by points.
func (p *textPrinter) dotted(s string) {
	from := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			continue
		}
		if from > 0 {
			p.WriteByte('.')
		}
		p.name(s[from:i])
		from = i + 1
	}
}

func (p *textPrinter) tensorType(elem int32, shape *TensorShape) {
	p.elementType(elem)
	switch {
	case shape == nil:
		p.WriteString("[]")
	case len(shape.Dim) > 0:
		joined(p, "[", ",", "]", shape.Dim, p.dimension)
	}
}

func (p *textPrinter) dimension(d *Dimension) {
	if d == nil {
		d = &Dimension{}
	}
	if d.Denotation != "" {
		p.loses("denotations", 1)
	}
	switch {
	case d.DimValue != nil:
		p.integer(*d.DimValue)
	case d.DimParam != nil:
		p.name(*d.DimParam)
	default:
		p.WriteByte('?')
	}
}

func (p *textPrinter) attribute(a *Attribute) {
	if a == nil {
		p.loses("an attribute that is nil", 1)
		a = &Attribute{}
	}
	p.losesRemarks("attributes", a.DocString, nil, a.unknown)
	p.name(a.Name)
	p.WriteString(": " + attributeTypeName(a.Kind()) + " = ")
	if a.RefAttrName != "" {
		p.WriteByte('@')
		p.name(a.RefAttrName)
		return
	}
	switch a.Kind() {
	case AttributeInt:
		p.integer(a.I)
	case AttributeInts:
		joined(p, "[", ", ", "]", a.Ints, p.integer)
	case AttributeFloat:
		p.float(float64(a.F), 32)
	case AttributeFloats:
		joined(p, "[", ", ", "]", a.Floats, func(f float32) { p.float(float64(f), 32) })
	case AttributeString:
		p.quote(string(a.S))
	case AttributeStrings:
		joined(p, "[", ", ", "]", a.Strings, func(s []byte) { p.quote(string(s)) })
	case AttributeTensor:
		p.tensor(a.T, false)
	case AttributeTensors:
		joined(p, "[", ", ", "]", a.Tensors, func(t *Tensor) { p.tensor(t, false) })
	case AttributeGraph:
		p.graph(a.G)
	case AttributeGraphs:
		joined(p, "[", ", ", "]", a.Graphs, p.graph)
	case AttributeSparseTensor:
		p.sparse(a.SparseTensor, false)
	case AttributeSparseTensors:
		joined(p, "[", ", ", "]", a.SparseTensors, func(s *SparseTensor) { p.sparse(s, false) })
	case AttributeTypeProto:
		p.typ(a.TP)
	case AttributeTypeProtos:
		joined(p, "[", ", ", "]", a.TypeProtos, p.typ)
	default:
		p.loses("attributes without a type", 1)
	}
}

// tensor writes a tensor with its type, its name, and its elements or where they are.
func (p *textPrinter) tensor(t *Tensor, initializer bool) {
	if t == nil {
		t = &Tensor{}
	}
	p.losesRemarks("tensors", t.DocString, t.MetadataProps, t.unknown)
	p.elementType(t.DataType)
	if len(t.Dims) > 0 {
		joined(p, "[", ",", "]", t.Dims, p.integer)
	}
	if t.Name != "" {
		p.WriteByte(' ')
		p.name(t.Name)
	}
	if initializer {
		p.WriteString(" = ")
	}
	if t.DataLocation == DataLocationExternal {
		if !initializer { // a bracket right after the type would be its shape
			p.WriteString(" = ")
		}
		p.entries(t.ExternalData)
		return
	}
	p.elements(t)
}

// sparse writes a sparse tensor: sparse_tensor(float[9]) name {float[2] {1, 2}, int64[2] {3, 8}}.
func (p *textPrinter) sparse(s *SparseTensor, initializer bool) {
	if s == nil || s.Values == nil || s.Indices == nil {
		p.loses("sparse tensors without values or indices", 1)
		p.WriteString("...")
		return
	}
	p.losesRemarks("sparse tensors", "", nil, s.unknown)
	p.WriteString("sparse_tensor(")
	p.elementType(s.Values.DataType)
	if len(s.Dims) > 0 {
		joined(p, "[", ",", "]", s.Dims, p.integer)
	}
	p.WriteByte(')')
	if s.Values.Name != "" || initializer {
		p.WriteByte(' ')
		p.name(s.Values.Name)
	}
	if initializer {
		p.WriteString(" =")
	}
	p.WriteString(" {")
	values := *s.Values
	values.Name = ""
	p.tensor(&values, false)
	p.WriteString(", ")
	p.tensor(s.Indices, false)
	p.WriteByte('}')
}

// elements writes a tensor's elements in braces, integers for the types that Go lacks: their bits.
func (p *textPrinter) elements(t *Tensor) {
	shape, err := t.Shape()
	if err == nil && p.options.MaxElements > 0 && shape.Len() >= p.options.MaxElements {
		p.WriteString("...")
		return
	}
	v, err := t.Value()
	if err != nil {
		p.loses("tensors that are not valid", 1)
		p.WriteString("...")
		return
	}
	if list, ok := v.(*tensor.Tensor[string]); ok {
		joined(p, "{", ", ", "}", list.Data(), p.quote)
		return
	}
	p.WriteByte(' ')
	p.numbers(v)
}

func (p *textPrinter) numbers(v tensor.Any) {
	const open, separator, end = "{", ",", "}"
	switch v := v.(type) {
	case *tensor.Tensor[float32]:
		joined(p, open, separator, end, v.Data(), func(f float32) { p.float(float64(f), 32) })
	case *tensor.Tensor[float64]:
		joined(p, open, separator, end, v.Data(), func(f float64) { p.float(f, 64) })
	case *tensor.Tensor[complex64]:
		joined(p, open, separator, end, v.Data(), func(c complex64) {
			p.float(float64(real(c)), 32)
			p.WriteString(separator)
			p.float(float64(imag(c)), 32)
		})
	case *tensor.Tensor[complex128]:
		joined(p, open, separator, end, v.Data(), func(c complex128) {
			p.float(real(c), 64)
			p.WriteString(separator)
			p.float(imag(c), 64)
		})
	case *tensor.Tensor[uint64]:
		joined(p, open, separator, end, v.Data(), p.unsigned)
	case *tensor.Tensor[int64]:
		joined(p, open, separator, end, v.Data(), p.integer)
	case *tensor.Tensor[uint32]:
		integers(p, v.Data())
	case *tensor.Tensor[int32]:
		integers(p, v.Data())
	case *tensor.Tensor[int16]:
		integers(p, v.Data())
	case *tensor.Tensor[int8]:
		integers(p, v.Data())
	case *tensor.Tensor[tensor.I4]:
		integers(p, v.Data())
	case *tensor.Tensor[tensor.I2]:
		integers(p, v.Data())
	default:
		p.codes(v)
	}
}

// codes writes the elements of the other types, one and two bytes wide, as their bits.
func (p *textPrinter) codes(v tensor.Any) {
	mem := tensor.Bytes(v)
	if v.DType().Size() == 1 {
		integers(p, mem)
		return
	}
	words, err := tensor.View(tensor.Uint16, v.Shape(), mem)
	if err != nil {
		panic(err) // every type that is left takes two bytes
	}
	integers(p, tensor.Data[uint16](words))
}

func integers[T ~int8 | ~int16 | ~int32 | ~uint8 | ~uint16 | ~uint32](p *textPrinter, list []T) {
	joined(p, "{", ",", "}", list, func(n T) { p.integer(int64(n)) })
}
