package onnxio

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// typeWords begin the types that are no tensors.
func isTypeWord(id string) bool {
	switch id {
	case "seq", "map", "optional", "sparse_tensor", "opaque":
		return true
	}
	return false
}

// elementType returns the element type that an identifier names in text.
func elementType(id string) tensor.DType {
	if d, ok := tensor.ParseDType(id); ok && d.ONNX() == id {
		return d
	}
	return tensor.Undefined
}

// startsType reports whether a type comes next.
func (p *textParser) startsType() bool {
	id := p.peekID()
	return isTypeWord(id) || elementType(id) != tensor.Undefined
}

// valueInfo consumes a name with a type in front of it, or without.
func (p *textParser) valueInfo() *ValueInfo {
	p.spend(sizeValueInfo)
	v := &ValueInfo{}
	if p.startsType() {
		v.Type = p.typ()
	}
	v.Name = p.name()
	return v
}

// typ consumes a type.
func (p *textParser) typ() *Type {
	p.enter()
	defer p.leave()
	p.spend(sizeType + sizeTensorType)
	switch word := p.peekID(); word {
	case "seq":
		return &Type{SequenceType: &SequenceType{ElemType: p.typeArgument(word)}}
	case "optional":
		return &Type{OptionalType: &OptionalType{ElemType: p.typeArgument(word)}}
	case "map":
		p.id()
		p.expect('(')
		m := &MapType{KeyType: int32(p.elementType())}
		p.expect(',')
		m.ValueType = p.typ()
		p.expect(')')
		return &Type{MapType: m}
	case "sparse_tensor":
		p.id()
		p.expect('(')
		t := p.tensorType()
		p.expect(')')
		return &Type{SparseTensorType: &SparseTensorType{ElemType: t.ElemType, Shape: t.Shape}}
	case "opaque":
		return &Type{OpaqueType: p.opaque()}
	}
	return &Type{TensorType: p.tensorType()}
}

func (p *textParser) typeArgument(word string) *Type {
	p.pos += len(word)
	p.expect('(')
	t := p.typ()
	p.expect(')')
	return t
}

// opaque consumes opaque(), opaque(name) or opaque(domain, name), in which either is a dotted name.
func (p *textParser) opaque() *OpaqueType {
	p.id()
	o := &OpaqueType{}
	p.expect('(')
	if p.startsName() {
		o.Name = p.dotted()
		if p.match(',') {
			o.Domain, o.Name = o.Name, p.dotted()
		}
	}
	p.expect(')')
	return o
}

func (p *textParser) dotted() string {
	s := p.name()
	for p.match('.') {
		s += "." + p.name()
		p.spend(len(s))
	}
	return s
}

func (p *textParser) elementType() tensor.DType {
	id := p.peekID()
	d := elementType(id)
	if d == tensor.Undefined {
		p.fail("expected an element type, found %s", p.next())
	}
	p.pos += len(id)
	return d
}

// tensorType consumes the type of a tensor: float is a scalar, float[] has any rank, float[2,N,?]
// has three dimensions.
func (p *textParser) tensorType() *TensorType {
	t := &TensorType{ElemType: int32(p.elementType())}
	if p.peek() != '[' {
		t.Shape = &TensorShape{}
		return t
	}
	var dims []*Dimension
	p.list('[', ']', func() {
		p.spend(sizeDimension)
		switch {
		case p.match('?'):
			dims = append(dims, &Dimension{})
		case p.startsName():
			name := p.name()
			dims = append(dims, &Dimension{DimParam: &name})
		default:
			dims = append(dims, FixedDim(p.integer(math.MinInt64, math.MaxInt64)))
		}
	})
	if dims != nil {
		t.Shape = &TensorShape{Dim: dims}
	}
	return t
}
