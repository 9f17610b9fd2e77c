package onnxio

import (
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tensorData reads the elements of a tensor in braces, or where they are kept, in brackets.
func (p *parser) tensorData(name string, typ *TensorType) *Tensor {
	d := typ.DType()
	t := &Tensor{Name: name, DataType: typ.ElemType}
	for _, dim := range typ.Shape.Dim {
		n, ok := dim.Value()
		if !ok {
			p.fail("tensor %s has a dimension that is no number", name)
			return t
		}
		t.Dims = append(t.Dims, n)
	}
	if p.is("[") {
		t.ExternalData, t.DataLocation = p.pairs(), DataLocationExternal
		return t
	}
	p.expect("{")
	count := 0
	p.list("}", func() {
		p.element(t, d)
		count++
	})
	if p.err != nil {
		return t
	}
	shape, err := t.Shape()
	if err != nil {
		p.fail("%v", err)
		return t
	}
	want := shape.Len()
	switch d {
	case tensor.Complex64, tensor.Complex128:
		want *= 2
	case tensor.Int4, tensor.Uint4, tensor.Float4E2M1, tensor.Int2, tensor.Uint2:
		if count == want {
			t.packList(d)
		}
	}
	if count != want {
		p.fail("tensor %s has %d elements, its shape needs %d", name, count, want)
	}
	return t
}

// element reads one element into the list that the type calls for; of half types it is the bits, as
// ONNX's printer has it.
func (p *parser) element(t *Tensor, d tensor.DType) {
	text := p.tok.text
	bad := func(err error) bool {
		if err != nil {
			p.fail("%s is no %s", p.tok.describe(), d.ONNX())
		}
		return err != nil
	}
	switch d {
	case tensor.String:
		t.StringData = append(t.StringData, []byte(p.str()))
		return
	case tensor.Float32, tensor.Complex64:
		v, err := strconv.ParseFloat(text, 32)
		if !bad(numberError(err)) {
			t.FloatData = append(t.FloatData, float32(v))
		}
	case tensor.Float64, tensor.Complex128:
		v, err := strconv.ParseFloat(text, 64)
		if !bad(numberError(err)) {
			t.DoubleData = append(t.DoubleData, v)
		}
	case tensor.Int64:
		v, err := strconv.ParseInt(text, 10, 64)
		if !bad(err) {
			t.Int64Data = append(t.Int64Data, v)
		}
	case tensor.Uint32, tensor.Uint64:
		v, err := strconv.ParseUint(text, 10, d.Bits())
		if !bad(err) {
			t.Uint64Data = append(t.Uint64Data, v)
		}
	default:
		lo, hi := elementRange(d)
		v, err := strconv.ParseInt(text, 10, 64)
		if err == nil && (v < lo || v > hi) {
			p.fail("%s is outside %s", p.tok.describe(), d.ONNX())
			return
		}
		if !bad(err) {
			t.Int32Data = append(t.Int32Data, int32(v))
		}
	}
	p.advance()
}

// numberError passes what ParseFloat says but for a number too large, which is infinite.
func numberError(err error) error {
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return nil
	}
	return err
}

// elementRange returns the integers that an element of int32_data may be.
func elementRange(d tensor.DType) (lo, hi int64) {
	switch d {
	case tensor.Bool:
		return 0, 1
	case tensor.Int32, tensor.Int16, tensor.Int8, tensor.Int4, tensor.Int2:
		return -1 << (d.Bits() - 1), 1<<(d.Bits()-1) - 1
	}
	return 0, 1<<d.Bits() - 1
}

// packList puts elements narrower than a byte together, as int32_data has them: the first in the low bits.
func (m *Tensor) packList(d tensor.DType) {
	wide := make([]byte, len(m.Int32Data))
	for i, v := range m.Int32Data {
		wide[i] = byte(v)
	}
	m.Int32Data = nil
	m.RawData = pack(d, wide)
}
