package hdf5

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
)

// kindsOf says which element types of Go every value of a stored type converts to.
var kindsOf = map[string]string{
	"bool":           "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64",
	"int8":           "int8 int16 int32 int64 float32 float64",
	"int16":          "int16 int32 int64 float32 float64",
	"int32":          "int32 int64 float64",
	"int64":          "int64",
	"uint8":          "int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64",
	"uint16":         "int32 int64 uint16 uint32 uint64 float32 float64",
	"uint32":         "int64 uint32 uint64 float64",
	"uint64":         "uint64",
	"float16":        "float32 float64",
	"bfloat16":       "float32 float64",
	"float32":        "float32 float64",
	"float64":        "float64",
	"int24":          "int32 int64 float32 float64",
	"uint12":         "int16 int32 int64 uint16 uint32 uint64 float32 float64",
	"enum":           "int16 int32 int64 float32 float64",
	"opaque":         "",
	"string_nullpad": "",
	"vlen_ascii":     "",
}

func tryRead[T Element](v Value) (any, error) {
	x, err := Read[T](v)
	return x, err
}

var readers = []struct {
	kind string
	read func(Value) (any, error)
}{
	{"bool", tryRead[bool]}, {"int8", tryRead[int8]}, {"int16", tryRead[int16]}, {"int32", tryRead[int32]},
	{"int64", tryRead[int64]}, {"uint8", tryRead[uint8]}, {"uint16", tryRead[uint16]}, {"uint32", tryRead[uint32]},
	{"uint64", tryRead[uint64]}, {"float32", tryRead[float32]}, {"float64", tryRead[float64]},
}

// TestConversions reads every stored type as every type of Go, from every layout and byte order.
// What converts must print like the element in its own type.
func TestConversions(t *testing.T) {
	f := openFixture(t, "v110_types")
	for stored, kinds := range kindsOf {
		for _, layout := range []string{"compact", "contiguous", "chunked"} {
			for _, order := range []string{"_le", "_be", ""} {
				d, err := f.Root().Dataset(layout + "/" + stored + order)
				if errors.Is(err, ErrNotExist) || stored+order == "enum_be" { // of another type
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				var want string
				for _, r := range readers {
					got, err := r.read(d)
					if ok := contains(kinds, r.kind); ok != (err == nil) {
						t.Errorf("%s %v as %s: error %v", d.Path(), d.Type(), r.kind, err)
					} else if !ok {
						if !errors.Is(err, ErrType) {
							t.Errorf("%s %v as %s: error %v is not ErrType", d.Path(), d.Type(), r.kind, err)
						}
						continue
					}
					if text := asFloats(got); want == "" {
						want = text
					} else if text != want {
						t.Errorf("%s as %s: %s, want %s", d.Path(), r.kind, text, want)
					}
				}
			}
		}
	}
}

func contains(list, word string) bool {
	var w string
	for len(list) > 0 {
		n, _ := fmt.Sscan(list, &w)
		if n == 0 {
			return false
		}
		if w == word {
			return true
		}
		list = list[min(len(w)+1, len(list)):]
	}
	return false
}

// asFloats prints numbers alike whatever their type; no test value needs more than a float64 has.
func asFloats(x any) string {
	v := reflect.ValueOf(x)
	var s []float64
	for i := range v.Len() {
		switch e := v.Index(i); e.Kind() {
		case reflect.Bool:
			if e.Bool() {
				s = append(s, 1)
			} else {
				s = append(s, 0)
			}
		default:
			s = append(s, e.Convert(reflect.TypeFor[float64]()).Float())
		}
	}
	return fmt.Sprint(s)
}

func TestValues(t *testing.T) {
	inf := float32(math.Inf(1))
	f := openFixture(t, "v110_types")
	for path, want := range map[string][]float32{
		"contiguous/bfloat16_be": {0, 1, -2.5, 3.0040553e38, inf, 9.1835e-41},
		"chunked/float16_le":     {0, float32(math.Copysign(0, -1)), 1.5, -65504, inf, 5.9604645e-08},
		"compact/bool":           {1, 0, 1, 1, 0, 1},
		"chunked/enum":           {42, 0, 1, 1, 0, 42},
		"contiguous/int24_be":    {-8388608, -1, 0, 1, 5, 8388607},
		"contiguous/uint12_le":   {0, 1, 4095, 77, 2048, 9},
		"others/scalar":          {2.5},
		"others/empty":           {},
		"others/null":            {},
	} {
		d, err := f.Root().Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.ReadFloat32()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v %v, want %v", path, got, err, want)
		}
		into := make([]float32, len(want))
		for i := range into {
			into[i] = -77
		}
		if err := d.ReadInto(into); err != nil || fmt.Sprint(into) != fmt.Sprint(want) {
			t.Errorf("%s into memory: %v %v, want %v", path, into, err, want)
		}
		if err := d.ReadInto(make([]float32, len(want)+1)); !errors.Is(err, ErrShape) {
			t.Errorf("%s into too much memory: %v", path, err)
		}
	}
}

// TestReadIntoClears reads fill values over what was in memory before.
func TestReadIntoClears(t *testing.T) {
	for _, name := range []string{"earliest_chunks", "v110_chunks"} {
		f := openFixture(t, name)
		for path, want := range map[string]float64{"fills/zero": 0, "fills/value": 2.5, "fills/zero_be": 0, "fills/value_be": 2.5, "gzip/holes": -1.5} {
			d, err := f.Root().Dataset(path)
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float64, d.Len())
			for i := range x {
				x[i] = 99
			}
			if err := ReadInto(d, x); err != nil || x[0] != want || x[len(x)-1] != want {
				t.Errorf("%s %s: %v %v, want %v", name, path, x, err, want)
			}
		}
	}
}

func TestTypes(t *testing.T) {
	f := openFixture(t, "v110_types")
	for path, want := range map[string]string{
		"contiguous/float32_be":     "big-endian float32",
		"contiguous/float16_le":     "float16",
		"contiguous/bfloat16_le":    "bfloat16",
		"contiguous/bool":           "bool",
		"contiguous/int24_be":       "big-endian 24-bit integer in 3 bytes",
		"contiguous/uint12_le":      "12-bit unsigned in 2 bytes",
		"contiguous/enum":           "enum of int16",
		"contiguous/string_nullpad": "string[6]",
		"contiguous/vlen_utf-8":     "string",
		"contiguous/opaque":         "opaque[2]",
		"contiguous/array":          "big-endian float32",
		"others/complex":            "compound{r float32, i float32}",
		"others/compound":           "compound{a int16, b array[2] of big-endian float64, c string[3]}",
		"others/ragged":             "variable-length int32",
		"others/reference":          "reference[8]",
		"others/committed":          "big-endian float32",
	} {
		d, err := f.Root().Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Type().String(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	o, err := f.Root().Open("named_f4")
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := o.(*Committed); !ok || c.Type().Kind() != Float32 {
		t.Errorf("named_f4 is %T", o)
	}
	e, _ := f.Root().Dataset("contiguous/enum_be")
	if got := fmt.Sprint(e.Type().Enum()); got != "[{A -5} {B 700}]" {
		t.Errorf("enum %s", got)
	}
}

func TestAttributeReaders(t *testing.T) {
	f := openFixture(t, "v108_attrs")
	get := func(name string) Attribute {
		a, ok, err := f.Root().Attr(name)
		if !ok || err != nil {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		return a
	}
	check := func(what string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v %v, want %#v", what, got, err, want)
		}
	}
	s, err := get("utf8").Text()
	check("utf8", s, err, "Grüße €")
	s, err = get("fixed").Text()
	check("fixed", s, err, "fixed text")
	ss, err := get("fixed_strings").Strings()
	check("fixed_strings", ss, err, []string{"layer_1", "dense"})
	ss, err = get("no_names").Strings()
	check("no_names", ss, err, []string{})
	i, err := get("uint8_be").Ints()
	check("uint8_be", i, err, []int64{1, 2})
	n, err := get("int64").Int()
	check("int64", n, err, int64(3))
	x, err := get("float16").Float()
	check("float16", x, err, 3.0)
	fs, err := get("matrix").Floats()
	check("matrix", fs, err, []float64{0, 1, 2, 3, 4, 5})
	b, err := get("bool").Bool()
	check("bool", b, err, true)
	if _, err := get("bools").Bool(); !errors.Is(err, ErrShape) {
		t.Errorf("two booleans as one: %v", err)
	}
	if _, err := get("text").Int(); !errors.Is(err, ErrType) {
		t.Errorf("text as an integer: %v", err)
	}
	if _, err := get("complex").Float(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a complex number: %v", err)
	}
	if _, ok, err := f.Root().Attr("none"); ok || err != nil {
		t.Errorf("no attribute: %v %v", ok, err)
	}
}

func TestContiguous(t *testing.T) {
	b := unzip(t, "userblock.h5.gz")
	f := openFixture(t, "userblock")
	if f.UserBlock() != 1024 {
		t.Errorf("user block of %d bytes", f.UserBlock())
	}
	d, _ := f.Root().Dataset("x")
	off, n, ok := d.Contiguous()
	want, _ := d.Bytes()
	if !ok || string(b[off:off+n]) != string(want) {
		t.Errorf("x at %d, %d bytes, %v", off, n, ok)
	}
	for _, path := range []string{"s", "z"} {
		d, _ := f.Root().Dataset(path)
		if _, _, ok := d.Contiguous(); ok {
			t.Errorf("%s is contiguous", path)
		}
	}
}

func TestDescriptions(t *testing.T) {
	f := openFixture(t, "v110_chunks")
	d, err := f.Root().Dataset("gzip/ext1")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Shape(), d.MaxShape(), d.Chunks(), d.Len()); got != "[7 5] [11 -1] [2 3] 35" {
		t.Errorf("shapes %s", got)
	}
	types := openFixture(t, "v110_types")
	for path, want := range map[string]string{
		"contiguous/float64_be": "float 8 true false",
		"contiguous/vlen_utf-8": "variable-length 16 false true",
		"contiguous/enum":       "enum 2 false false",
		"others/bytes":          "string 5 false false",
	} {
		d, err := types.Root().Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		x := d.Type()
		if got := fmt.Sprint(x.Class(), x.Size(), x.BigEndian(), x.UTF8()); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
