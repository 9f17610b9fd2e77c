package onnxio

import (
	"math"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// attributeTypeName returns the word for a type of attributes in text.
func attributeTypeName(t AttributeType) string {
	if t == AttributeUndefined {
		return "undefined"
	}
	return strings.ToLower(t.String())
}

func attributeTypeOf(word string) AttributeType {
	for t, name := range namesAttributeType {
		if t != AttributeUndefined && strings.ToLower(name) == word {
			return t
		}
	}
	return AttributeUndefined
}

// listType returns the type of a list of values of a type.
func listType(t AttributeType) AttributeType {
	switch t {
	case AttributeSparseTensor:
		return AttributeSparseTensors
	case AttributeTypeProto:
		return AttributeTypeProtos
	case AttributeFloat, AttributeInt, AttributeString, AttributeTensor, AttributeGraph:
		return t - AttributeFloat + AttributeFloats
	}
	return AttributeUndefined
}

// attribute consumes what follows an attribute's name: its type, if given, and its value.
func (p *textParser) attribute(name string) *Attribute {
	p.spend(sizeAttribute)
	a := &Attribute{Name: name}
	want := AttributeUndefined
	if p.match(':') {
		word := p.id()
		if want = attributeTypeOf(word); want == AttributeUndefined {
			p.fail("no attribute has type %q", word)
		}
	}
	p.expect('=')
	switch {
	case p.err != nil:
	case p.match('@'):
		a.RefAttrName, a.Type = p.name(), want
	case p.peek() == '[':
		p.attributeList(a, want)
	default:
		v := p.value(want)
		p.checkType(v.Type, want)
		v.Name = name
		return v
	}
	return a
}

func (p *textParser) checkType(got, want AttributeType) {
	if want != AttributeUndefined && got != want {
		p.fail("a value of type %s, expected %s", attributeTypeName(got), attributeTypeName(want))
	}
}

// attributeList consumes a list of values, all of one type.
func (p *textParser) attributeList(a *Attribute, want AttributeType) {
	item := AttributeUndefined
	for t := range namesAttributeType {
		if want != AttributeUndefined && listType(t) == want {
			item = t
		}
	}
	if want != AttributeUndefined && item == AttributeUndefined {
		p.fail("a list of values, expected one %s", attributeTypeName(want))
	}
	p.list('[', ']', func() {
		v := p.value(item)
		if item == AttributeUndefined {
			item = v.Type
		}
		p.checkType(v.Type, item)
		p.appendValue(a, v)
	})
	if a.Type = listType(item); a.Type == AttributeUndefined {
		p.fail("an empty list needs a type, as in a: ints = []")
	}
}

func (p *textParser) appendValue(a, v *Attribute) {
	p.spend(24)
	switch v.Type {
	case AttributeFloat:
		a.Floats = append(a.Floats, v.F)
	case AttributeInt:
		a.Ints = append(a.Ints, v.I)
	case AttributeString:
		a.Strings = append(a.Strings, v.S)
	case AttributeTensor:
		a.Tensors = append(a.Tensors, v.T)
	case AttributeGraph:
		a.Graphs = append(a.Graphs, v.G)
	case AttributeSparseTensor:
		a.SparseTensors = append(a.SparseTensors, v.SparseTensor)
	case AttributeTypeProto:
		a.TypeProtos = append(a.TypeProtos, v.TP)
	}
}

// value consumes one value. An integer where a float is wanted is one.
func (p *textParser) value(want AttributeType) *Attribute {
	c := p.peek()
	switch {
	case c == '"':
		if want == AttributeGraph {
			return &Attribute{Type: AttributeGraph, G: p.graph()} // its name is quoted
		}
		return &Attribute{Type: AttributeString, S: []byte(p.quoted())}
	case p.startsType():
		return p.typeOrTensor()
	case isLetter(c) && !isFloatName(p.peekID()):
		return &Attribute{Type: AttributeGraph, G: p.graph()}
	}
	s, integer := p.number()
	if !integer || want == AttributeFloat {
		return &Attribute{Type: AttributeFloat, F: float32(p.parseFloat(s, 32))}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && p.err == nil {
		p.fail("%s is no integer of 64 bits", s)
	}
	return &Attribute{Type: AttributeInt, I: n}
}

// typeOrTensor consumes a type, or a tensor: a type with elements after it.
func (p *textParser) typeOrTensor() *Attribute {
	t := p.typ()
	c := p.peek()
	if c != '{' && c != '=' && c != '[' && !p.startsName() {
		return &Attribute{Type: AttributeTypeProto, TP: t}
	}
	name := ""
	if p.startsName() {
		name = p.name()
	}
	p.match('=')
	if t.SparseTensorType != nil {
		s := p.sparse(t.SparseTensorType)
		if s.Values != nil {
			s.Values.Name = name
		}
		return &Attribute{Type: AttributeSparseTensor, SparseTensor: s}
	}
	x := p.tensor(t)
	x.Name = name
	return &Attribute{Type: AttributeTensor, T: x}
}

// dims returns the dimensions of a constant's type, all of which are numbers.
func (p *textParser) dims(shape *TensorShape) []int64 {
	if shape == nil {
		p.fail("a constant needs a shape")
		return nil
	}
	var dims []int64
	for i, d := range shape.Dim {
		n, ok := d.Value()
		if !ok || n < 0 {
			p.fail("dimension %d of a constant is no number", i)
			return nil
		}
		dims = append(dims, n)
	}
	return dims
}

// sparse consumes the values and places of a sparse tensor: {float[2] {1, 2}, int64[2] {3, 8}}.
func (p *textParser) sparse(t *SparseTensorType) *SparseTensor {
	p.spend(sizeSparseTensor)
	s := &SparseTensor{Dims: p.dims(t.Shape)}
	p.expect('{')
	s.Values = p.tensor(&Type{TensorType: p.tensorType()})
	p.expect(',')
	s.Indices = p.tensor(&Type{TensorType: p.tensorType()})
	p.expect('}')
	if p.err == nil && s.Values.DataType != t.ElemType {
		p.fail("a sparse tensor of %v has values of %v", dtypeOf(t.ElemType), s.Values.DType())
	}
	return s
}

// tensor consumes the elements of a tensor of a type, or where they are.
func (p *textParser) tensor(t *Type) *Tensor {
	p.spend(sizeTensor)
	m := &Tensor{source: p.source}
	if t.TensorType == nil {
		p.fail("a constant must be a tensor")
		return m
	}
	m.DataType, m.Dims = t.TensorType.ElemType, p.dims(t.TensorType.Shape)
	if p.peek() == '[' {
		m.DataLocation, m.ExternalData = DataLocationExternal, p.entries()
		return m
	}
	p.elements(m)
	if p.err != nil {
		return m
	}
	shape, err := m.Shape()
	if err == nil {
		err = m.checkList(m.DType(), shape)
	}
	if err != nil {
		p.fail("%v", err)
	}
	return m
}

// elements consumes a tensor's elements into the list of its type.
func (p *textParser) elements(m *Tensor) {
	d := m.DType()
	var codes []byte // elements of 2 and 4 bits
	p.list('{', '}', func() {
		p.spend(16)
		switch listOf(d) {
		case "float_data":
			m.FloatData = append(m.FloatData, float32(p.float(32)))
		case "double_data":
			m.DoubleData = append(m.DoubleData, p.float(64))
		case "int64_data":
			m.Int64Data = append(m.Int64Data, p.integer(math.MinInt64, math.MaxInt64))
		case "uint64_data":
			hi := uint64(math.MaxUint64)
			if d == tensor.Uint32 {
				hi = math.MaxUint32
			}
			m.Uint64Data = append(m.Uint64Data, p.unsigned(hi))
		case "string_data":
			m.StringData = append(m.StringData, []byte(p.quoted()))
		default:
			lo, hi := codeRange(d)
			n := p.integer(int64(lo), int64(hi))
			if d.Bits() < 8 && d.Bits() != 6 {
				codes = append(codes, byte(n))
			} else {
				m.Int32Data = append(m.Int32Data, int32(n))
			}
		}
	})
	if codes == nil || p.err != nil {
		return
	}
	shape, err := m.Shape()
	if err != nil || shape.Len() != len(codes) {
		p.fail("%d elements for dimensions %v", len(codes), m.Dims)
		return
	}
	for _, b := range pack(d, codes) {
		m.Int32Data = append(m.Int32Data, int32(b))
	}
}

// codeRange returns the integers that stand for elements of a type in text: values of integer types,
// bits of the others.
func codeRange(d tensor.DType) (lo, hi int32) {
	bits := d.Bits()
	switch d {
	case tensor.Int32:
		return math.MinInt32, math.MaxInt32
	case tensor.Bool:
		return 0, 1
	case tensor.Int8, tensor.Int16, tensor.Int4, tensor.Int2:
		return -1 << (bits - 1), 1<<(bits-1) - 1
	}
	return 0, 1<<bits - 1
}
