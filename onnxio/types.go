package onnxio

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// dtypeOf returns the element type with the given number, Undefined if there is none.
func dtypeOf(n int32) tensor.DType {
	if n > 0 && n < 256 && tensor.DType(n).Valid() {
		return tensor.DType(n)
	}
	return tensor.Undefined
}

// DType returns the element type, [tensor.Undefined] if DataType is no known number.
func (m *Tensor) DType() tensor.DType { return dtypeOf(m.DataType) }

// DType returns the element type, [tensor.Undefined] if ElemType is no known number.
func (m *TensorType) DType() tensor.DType { return dtypeOf(m.ElemType) }

// DType returns the element type, [tensor.Undefined] if ElemType is no known number.
func (m *SparseTensorType) DType() tensor.DType { return dtypeOf(m.ElemType) }

// Value returns the length of the dimension and true, or false where it is a name or unknown.
func (m *Dimension) Value() (int64, bool) {
	if m.DimValue == nil {
		return 0, false
	}
	return *m.DimValue, true
}

// Param returns the name of the dimension, empty where it is a number or unknown.
func (m *Dimension) Param() string {
	if m.DimParam == nil {
		return ""
	}
	return *m.DimParam
}

// FixedDim returns a dimension of the given length.
func FixedDim(n int64) *Dimension { return &Dimension{DimValue: &n} }

// NamedDim returns a dimension known by name; an empty name is an unknown dimension.
func NamedDim(name string) *Dimension {
	if name == "" {
		return &Dimension{}
	}
	return &Dimension{DimParam: &name}
}

// NewShape returns a shape of dimensions that are each an int, an int64, a name, or nil for an
// unknown one. It panics on any other type.
func NewShape(dims ...any) *TensorShape {
	s := &TensorShape{Dim: make([]*Dimension, len(dims))}
	for i, d := range dims {
		switch d := d.(type) {
		case int:
			s.Dim[i] = FixedDim(int64(d))
		case int64:
			s.Dim[i] = FixedDim(d)
		case string:
			s.Dim[i] = NamedDim(d)
		case nil:
			s.Dim[i] = &Dimension{}
		default:
			panic("onnxio: a dimension is an int, an int64, a string or nil")
		}
	}
	return s
}

// NewTensorType returns the type of a dense tensor; a nil shape is one of unknown rank.
func NewTensorType(d tensor.DType, shape *TensorShape) *Type {
	return &Type{TensorType: &TensorType{ElemType: int32(d), Shape: shape}}
}

// NewValueInfo returns a named value of tensor type, its dimensions as in [NewShape].
func NewValueInfo(name string, d tensor.DType, dims ...any) *ValueInfo {
	return &ValueInfo{Name: name, Type: NewTensorType(d, NewShape(dims...))}
}

// OpsetVersion returns the version of a domain's operators that the model imports, and whether it
// does. The default domain is "" and "ai.onnx" alike.
func (m *Model) OpsetVersion(domain string) (int64, bool) {
	return opsetVersion(m.OpsetImport, domain)
}

func opsetVersion(imports []*OperatorSetID, domain string) (int64, bool) {
	for _, o := range imports {
		if o != nil && NormalDomain(o.Domain) == NormalDomain(domain) {
			return o.Version, true
		}
	}
	return 0, false
}

// NormalDomain returns the domain with "ai.onnx" written as "", which means the same.
func NormalDomain(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// Metadata returns the value of a key in a list of entries, and whether it is there.
func Metadata(props []*StringStringEntry, key string) (string, bool) {
	for _, p := range props {
		if p != nil && p.Key == key {
			return p.Value, true
		}
	}
	return "", false
}

// SetMetadata returns the list with the key set to the value.
func SetMetadata(props []*StringStringEntry, key, value string) []*StringStringEntry {
	for _, p := range props {
		if p != nil && p.Key == key {
			p.Value = value
			return props
		}
	}
	return append(props, &StringStringEntry{Key: key, Value: value})
}
