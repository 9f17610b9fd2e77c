package onnxio

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// String returns the name in ONNX's schema: FLOAT, SPARSE_TENSOR.
func (t AttributeType) String() string {
	if s, ok := namesAttributeType[t]; ok {
		return s
	}
	return fmt.Sprintf("AttributeType(%d)", int32(t))
}

// String returns the name in ONNX's schema: DEFAULT, EXTERNAL.
func (l DataLocation) String() string {
	if s, ok := namesDataLocation[l]; ok {
		return s
	}
	return fmt.Sprintf("DataLocation(%d)", int32(l))
}

// implies reports whether a field is to be written because the attribute is of type t. One that was
// read is written as it was.
func (m *Attribute) implies(t AttributeType) bool {
	return m.Type == t && m.RefAttrName == "" && m.has&wasRead == 0
}

// Kind returns the attribute's type. Files of the first ONNX versions leave it out: then it is that
// of the one field that is set, or AttributeUndefined.
func (m *Attribute) Kind() AttributeType {
	if m.Type != AttributeUndefined {
		return m.Type
	}
	if set := m.setFields(); len(set) == 1 {
		return set[0]
	}
	return AttributeUndefined
}

// setFields lists the types whose value fields are set.
func (m *Attribute) setFields() []AttributeType {
	var set []AttributeType
	add := func(t AttributeType, isSet bool) {
		if isSet {
			set = append(set, t)
		}
	}
	const bitF, bitI = 1 << 1, 1 << 2 // in the order of the scalar fields' numbers
	add(AttributeFloat, m.F != 0 || m.has&bitF != 0)
	add(AttributeInt, m.I != 0 || m.has&bitI != 0)
	add(AttributeString, m.S != nil)
	add(AttributeTensor, m.T != nil)
	add(AttributeGraph, m.G != nil)
	add(AttributeFloats, len(m.Floats) > 0)
	add(AttributeInts, len(m.Ints) > 0)
	add(AttributeStrings, len(m.Strings) > 0)
	add(AttributeTensors, len(m.Tensors) > 0)
	add(AttributeGraphs, len(m.Graphs) > 0)
	add(AttributeSparseTensor, m.SparseTensor != nil)
	add(AttributeSparseTensors, len(m.SparseTensors) > 0)
	add(AttributeTypeProto, m.TP != nil)
	add(AttributeTypeProtos, len(m.TypeProtos) > 0)
	return set
}

// Value returns what the attribute holds, in the Go type of its [AttributeType]: float32, int64,
// string, *Tensor, *Graph, *SparseTensor, *Type, or a slice of those. It is an error if the
// attribute has no value of its type, or takes it from the enclosing function (RefAttrName).
func (m *Attribute) Value() (any, error) {
	if m.RefAttrName != "" {
		return nil, fmt.Errorf("attribute %s takes the value of the function's attribute %s", m.Name, m.RefAttrName)
	}
	switch t := m.Kind(); t {
	case AttributeFloat:
		return m.F, nil
	case AttributeInt:
		return m.I, nil
	case AttributeString:
		return string(m.S), nil
	case AttributeFloats:
		return m.Floats, nil
	case AttributeInts:
		return m.Ints, nil
	case AttributeStrings:
		list := make([]string, len(m.Strings))
		for i, s := range m.Strings {
			list[i] = string(s)
		}
		return list, nil
	case AttributeTensors:
		return m.Tensors, nil
	case AttributeGraphs:
		return m.Graphs, nil
	case AttributeSparseTensors:
		return m.SparseTensors, nil
	case AttributeTypeProtos:
		return m.TypeProtos, nil
	default:
		return m.message(t)
	}
}

// message returns the value of an attribute that is one message.
func (m *Attribute) message(t AttributeType) (v any, err error) {
	set := false
	switch t {
	case AttributeTensor:
		v, set = m.T, m.T != nil
	case AttributeGraph:
		v, set = m.G, m.G != nil
	case AttributeSparseTensor:
		v, set = m.SparseTensor, m.SparseTensor != nil
	case AttributeTypeProto:
		v, set = m.TP, m.TP != nil
	default:
		return nil, fmt.Errorf("%w: attribute %s has type %v", ErrMalformed, m.Name, t)
	}
	if !set {
		return nil, fmt.Errorf("%w: attribute %s of type %v has no value", ErrMalformed, m.Name, t)
	}
	return v, nil
}

// NewAttribute returns an attribute that holds v: an int, int64, float32, float64 (rounded to
// float32), bool (0 or 1), string, []byte (a string), tensor.Any, *Tensor, *Graph, *SparseTensor,
// *Type, or a slice of int, int64, float32, float64, string, []byte, *Tensor, *Graph, *SparseTensor
// or *Type. It panics on any other type.
func NewAttribute(name string, v any) *Attribute {
	a := &Attribute{Name: name}
	switch v := v.(type) {
	case int:
		a.Type, a.I = AttributeInt, int64(v)
	case int64:
		a.Type, a.I = AttributeInt, v
	case bool:
		a.Type = AttributeInt
		if v {
			a.I = 1
		}
	case float32:
		a.Type, a.F = AttributeFloat, v
	case float64:
		a.Type, a.F = AttributeFloat, float32(v)
	case string:
		a.Type, a.S = AttributeString, []byte(v)
	case []byte:
		a.Type, a.S = AttributeString, v
	case *Tensor:
		a.Type, a.T = AttributeTensor, v
	case tensor.Any:
		a.Type, a.T = AttributeTensor, FromTensor("", v)
	case *Graph:
		a.Type, a.G = AttributeGraph, v
	case *SparseTensor:
		a.Type, a.SparseTensor = AttributeSparseTensor, v
	case *Type:
		a.Type, a.TP = AttributeTypeProto, v
	default:
		a.setList(v)
	}
	return a
}

func (m *Attribute) setList(v any) {
	switch v := v.(type) {
	case []int:
		m.Type, m.Ints = AttributeInts, make([]int64, len(v))
		for i, x := range v {
			m.Ints[i] = int64(x)
		}
	case []int64:
		m.Type, m.Ints = AttributeInts, v
	case []float32:
		m.Type, m.Floats = AttributeFloats, v
	case []float64:
		m.Type, m.Floats = AttributeFloats, make([]float32, len(v))
		for i, x := range v {
			m.Floats[i] = float32(x)
		}
	case []string:
		m.Type, m.Strings = AttributeStrings, make([][]byte, len(v))
		for i, x := range v {
			m.Strings[i] = []byte(x)
		}
	case [][]byte:
		m.Type, m.Strings = AttributeStrings, v
	case []*Tensor:
		m.Type, m.Tensors = AttributeTensors, v
	case []*Graph:
		m.Type, m.Graphs = AttributeGraphs, v
	case []*SparseTensor:
		m.Type, m.SparseTensors = AttributeSparseTensors, v
	case []*Type:
		m.Type, m.TypeProtos = AttributeTypeProtos, v
	default:
		panic(fmt.Sprintf("onnxio: attribute %s cannot hold a %T", m.Name, v))
	}
}

// Attr returns the node's attribute with the given name, nil if it has none.
func (m *Node) Attr(name string) *Attribute {
	for _, a := range m.Attribute {
		if a != nil && a.Name == name {
			return a
		}
	}
	return nil
}
