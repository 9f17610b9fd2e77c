package onnxio

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// samples is a tensor of each element type.
func samples() []tensor.Any {
	return []tensor.Any{
		tensor.Must([]float32{1, -2.5, 3, 0, 4, float32(math.Inf(1))}, 2, 3),
		tensor.Must([]float64{1, -2.5e300}, 2),
		tensor.Must([]int8{-128, 127, 0}, 3),
		tensor.Must([]int16{-32768, 32767}, 2),
		tensor.Must([]int32{math.MinInt32, 7, math.MaxInt32}, 3, 1),
		tensor.Must([]int64{math.MinInt64, math.MaxInt64}, 2),
		tensor.Must([]uint8{0, 255}, 2),
		tensor.Must([]uint16{0, 65535}, 2),
		tensor.Must([]uint32{0, math.MaxUint32}, 2),
		tensor.Must([]uint64{0, math.MaxUint64}, 2),
		tensor.Must([]bool{true, false, true}, 3),
		tensor.Must([]string{"", "a\x00b", "é"}, 3),
		tensor.Must([]complex64{1 + 2i, -3i}, 2),
		tensor.Must([]complex128{1 + 2i, -3i}, 2),
		tensor.Must([]tensor.Half{0, 0x3c00, 0xffff}, 3),
		tensor.Must([]tensor.BHalf{0, 0x3f80, 0xffff}, 3),
		tensor.Must([]tensor.F8E4M3FN{0, 0xff}, 2),
		tensor.Must([]tensor.F8E4M3FNUZ{0, 0xff}, 2),
		tensor.Must([]tensor.F8E5M2{0, 0xff}, 2),
		tensor.Must([]tensor.F8E5M2FNUZ{0, 0xff}, 2),
		tensor.Must([]tensor.F8E8M0{0, 0xff}, 2),
		tensor.Must([]tensor.F6E2M3{0, 1, 62, 63, 32}, 5),
		tensor.Must([]tensor.F6E3M2{0, 1, 62, 63}, 4),
		tensor.Must([]tensor.F4E2M1{0, 15, 7}, 3),
		tensor.Must([]tensor.I4{-8, 7, -1}, 3),
		tensor.Must([]tensor.U4{0, 15, 1, 8}, 4),
		tensor.Must([]tensor.I2{-2, 1, -1, 0, 1}, 5),
		tensor.Must([]tensor.U2{0, 3, 1, 2, 3, 3}, 6),
		tensor.Scalar[float32](7),
		tensor.Must([]float32{}, 0, 4),
		tensor.Must([]string{}, 0),
		tensor.Must([]tensor.U4{}, 0),
	}
}

func TestFromTensorValue(t *testing.T) {
	for _, want := range samples() {
		m := FromTensor("x", want)
		b, err := EncodeTensor(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, shift := range []int{0, 1, 2, 4} { // elements on any address
			mem := append(make([]byte, shift, shift+len(b)), b...)
			back, err := DecodeTensor(mem[shift:])
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.Value()
			if err != nil {
				t.Errorf("%v: %v", want, err)
				continue
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%v: got %v", want, got)
			}
		}
	}
}

// listForm moves a tensor's elements from RawData to the list of its type.
func listForm(m *Tensor, v tensor.Any) {
	raw := m.RawData
	m.RawData = nil
	switch d := v.DType(); {
	case d == tensor.Float32:
		m.FloatData = tensor.Data[float32](v)
	case d == tensor.Complex64:
		for _, c := range tensor.Data[complex64](v) {
			m.FloatData = append(m.FloatData, real(c), imag(c))
		}
	case d == tensor.Float64:
		m.DoubleData = tensor.Data[float64](v)
	case d == tensor.Complex128:
		for _, c := range tensor.Data[complex128](v) {
			m.DoubleData = append(m.DoubleData, real(c), imag(c))
		}
	case d == tensor.Int64:
		m.Int64Data = tensor.Data[int64](v)
	case d == tensor.Uint64:
		m.Uint64Data = tensor.Data[uint64](v)
	case d == tensor.Uint32:
		for _, x := range tensor.Data[uint32](v) {
			m.Uint64Data = append(m.Uint64Data, uint64(x))
		}
	case d == tensor.Int32:
		m.Int32Data = tensor.Data[int32](v)
	case d == tensor.Int16:
		for _, x := range tensor.Data[int16](v) {
			m.Int32Data = append(m.Int32Data, int32(x))
		}
	case d == tensor.Int8:
		for _, x := range tensor.Data[int8](v) {
			m.Int32Data = append(m.Int32Data, int32(x))
		}
	case d.Size() == 2:
		for i := 0; i < len(raw); i += 2 {
			m.Int32Data = append(m.Int32Data, int32(raw[i])|int32(raw[i+1])<<8)
		}
	case d.Bits() == 6:
		for _, x := range tensor.Bytes(v) {
			m.Int32Data = append(m.Int32Data, int32(x))
		}
	default:
		for _, x := range raw {
			m.Int32Data = append(m.Int32Data, int32(x))
		}
	}
}

func TestValueOfLists(t *testing.T) {
	for _, want := range samples() {
		m := FromTensor("x", want)
		if want.DType() != tensor.String {
			listForm(m, want)
		}
		got, err := m.Value()
		if err != nil {
			t.Errorf("%v: %v", want, err)
			continue
		}
		if !reflect.DeepEqual(got, want) && want.Len() > 0 {
			t.Errorf("%v: got %v", want, got)
		}
	}
}

func TestBoolsAreNormal(t *testing.T) {
	m := &Tensor{DataType: int32(tensor.Bool), Dims: []int64{4}, RawData: []byte{0, 1, 2, 255}}
	v, err := m.Value()
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Bytes(v); !reflect.DeepEqual(got, []byte{0, 1, 1, 1}) {
		t.Errorf("got %v", got)
	}
	if m.RawData[2] != 2 {
		t.Error("the document has changed")
	}
}

func TestValueAliases(t *testing.T) {
	v, err := FromTensor("x", tensor.Vector[float32](1, 2)).Value()
	if err != nil {
		t.Fatal(err)
	}
	m := FromTensor("x", v)
	again, err := m.Value()
	if err != nil {
		t.Fatal(err)
	}
	tensor.Data[float32](v)[0] = 5
	if littleEndian && tensor.Data[float32](again)[0] != 5 {
		t.Error("the elements were copied")
	}
}

func TestValueErrors(t *testing.T) {
	f32, i8 := int32(tensor.Float32), int32(tensor.Int8)
	for _, c := range []struct {
		name string
		m    *Tensor
		want string
	}{
		{"no type", &Tensor{}, "element type 0"},
		{"future type", &Tensor{DataType: 300}, "element type 300"},
		{"negative type", &Tensor{DataType: -1}, "element type -1"},
		{"negative dimension", &Tensor{DataType: f32, Dims: []int64{-1}}, "dimension 0 is -1"},
		{"overflow", &Tensor{DataType: f32, Dims: []int64{math.MaxInt, math.MaxInt}}, "too many elements"},
		{"almost overflow", &Tensor{DataType: int32(tensor.Complex128), Dims: []int64{math.MaxInt >> 2}, RawData: []byte{1}}, "does not fit"},
		{"huge narrow", &Tensor{DataType: int32(tensor.Int2), Dims: []int64{math.MaxInt >> 2}, RawData: []byte{1}}, "does not fit"},
		{"no data", &Tensor{DataType: f32, Dims: []int64{1}}, "does not fit 0 entries"},
		{"short raw", &Tensor{DataType: f32, Dims: []int64{2}, RawData: make([]byte, 7)}, "does not fit 7 bytes"},
		{"long raw", &Tensor{DataType: f32, Dims: []int64{2}, RawData: make([]byte, 9)}, "does not fit 9 bytes"},
		{"raw strings", &Tensor{DataType: int32(tensor.String), Dims: []int64{2}, RawData: make([]byte, 2)}, "strings cannot"},
		{"two places", &Tensor{DataType: f32, Dims: []int64{1}, RawData: make([]byte, 4), FloatData: []float32{1}}, "in raw_data and in float_data"},
		{"wrong place", &Tensor{DataType: f32, Dims: []int64{1}, Int64Data: []int64{1}}, "belong in float_data"},
		{"out of range", &Tensor{DataType: i8, Dims: []int64{1}, Int32Data: []int32{128}}, "int32_data[0] = 128 is no i8"},
		{"out of range 6", &Tensor{DataType: int32(tensor.Float6E2M3), Dims: []int64{1}, Int32Data: []int32{64}}, "is no f6e2m3"},
		{"out of range 32", &Tensor{DataType: int32(tensor.Uint32), Dims: []int64{1}, Uint64Data: []uint64{1 << 32}}, "is no u32"},
		{"location", &Tensor{DataType: f32, DataLocation: 7}, "data location 7"},
	} {
		if _, err := c.m.Value(); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := (&Tensor{DataType: f32, Segment: &Segment{}}).Value(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("segment: %v", err)
	}
}

func TestAttributeValue(t *testing.T) {
	x := FromTensor("", tensor.Scalar[float32](1))
	g := &Graph{Name: "g"}
	s := &SparseTensor{Values: x}
	ty := NewTensorType(tensor.Float32, nil)
	for _, v := range []any{
		float32(0), float32(1.5), int64(0), int64(-3), "", "text", []int64{1, 2}, []float32{1}, []string{"a", ""}, x, g, s, ty,
		[]*Tensor{x}, []*Graph{g}, []*SparseTensor{s}, []*Type{ty}, []int64{},
	} {
		a := NewAttribute("a", v)
		got, err := a.Value()
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%T %v: got %v, %v", v, v, got, err)
		}
		m := &Model{Graph: &Graph{Node: []*Node{{OpType: "X", Attribute: []*Attribute{a}}}}}
		b, err := Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := LoadBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		read := back.Graph.Node[0].Attr("a")
		if read.Type != a.Type {
			t.Errorf("%v: type %v became %v", v, a.Type, read.Type)
		}
		if _, single := v.([]int64); !single && len(read.setFields()) != 1 {
			t.Errorf("%T %v: fields %v are set", v, v, read.setFields())
		}
	}
	for _, a := range []*Attribute{
		{Name: "a"}, {Name: "a", Type: AttributeTensor}, {Name: "a", Type: 99}, {Name: "a", RefAttrName: "b", Type: AttributeInt},
	} {
		if v, err := a.Value(); err == nil {
			t.Errorf("%+v: got %v", a, v)
		}
	}
}
