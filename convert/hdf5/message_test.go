package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Messages of versions that no current library writes, and broken ones.

var wide = sizes{8, 8}

// le joins little-endian fields of the types uint8, uint16, uint32, uint64 and raw bytes.
func le(fields ...any) []byte {
	var b []byte
	for _, f := range fields {
		if s, ok := f.(string); ok {
			b = append(b, s...)
			continue
		}
		var err error
		if b, err = binary.Append(b, binary.LittleEndian, f); err != nil {
			panic(err)
		}
	}
	return b
}

type (
	u8  = uint8
	u16 = uint16
	u32 = uint32
	u64 = uint64
)

func TestLayoutMessage(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"1 contiguous", le(u8(1), u8(2), u8(1), "\x00\x00\x00\x00\x00", u64(0x800), u32(3), u32(4)), "class 1 at 0x800"},
		{"2 compact", le(u8(2), u8(1), u8(0), "\x00\x00\x00\x00\x00", u32(3), u32(4), "abcd"), `class 0 "abcd"`},
		{"1 chunked", le(u8(1), u8(3), u8(2), "\x00\x00\x00\x00\x00", u64(0x800), u32(3), u32(5), u32(4)), "class 2 at 0x800 chunk [3 5] of 4"},
		{"3 contiguous", le(u8(3), u8(1), u64(0x700), u64(12)), "class 1 at 0x700"},
		{"3 chunked", le(u8(3), u8(2), u8(2), ^u64(0), u32(3), u32(4)), "class 2 at 0xffffffffffffffff chunk [3] of 4"},
		{"4 fixed", le(u8(4), u8(2), u8(0), u8(2), u8(1), u8(7), u8(4), u8(3), u8(10), u64(0x900)), "class 2 at 0x900 chunk [7] of 4"},
		{"5 single", le(u8(5), u8(2), u8(2), u8(2), u8(1), u8(7), u8(4), u8(1), u64(99), u32(0), u64(0x900)), "class 2 at 0x900 chunk [7] of 4"},
		{"virtual", le(u8(4), u8(3), u64(0x900), u32(1)), "refused: leads outside the file: virtual dataset"},
		{"version", le(u8(6), u8(1)), "unsupported: version 6 of layout message"},
		{"class", le(u8(3), u8(9)), "layout of class 9"},
		{"short", le(u8(3), u8(1), u32(1)), "ends after"},
		{"zero", le(u8(3), u8(2), u8(2), u64(1), u32(0), u32(4)), "chunk [0] of elements of 4"},
		{"rank", le(u8(3), u8(2), u8(200), u64(1)), "chunk of rank 199"},
		{"width", le(u8(4), u8(2), u8(0), u8(2), u8(9)), "chunk dimensions of 9 bytes"},
		{"index", le(u8(4), u8(2), u8(0), u8(2), u8(1), u8(7), u8(4), u8(7), u64(0)), "chunk index of type 7"},
	}
	for _, tt := range tests {
		l, err := readLayout(wide, tt.b)
		got := fmt.Sprintf("class %d", l.class)
		switch {
		case err != nil:
			got = err.Error()
		case l.class == layoutCompact:
			got += fmt.Sprintf(" %q", l.compact)
		default:
			got += fmt.Sprintf(" at %#x", l.addr)
		}
		if err == nil && l.chunk != nil {
			got += fmt.Sprintf(" chunk %d of %d", l.chunk, l.elem)
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFillMessage(t *testing.T) {
	tests := []struct {
		name   string
		b, old []byte
		want   string
	}{
		{"none", nil, nil, "[]"},
		{"old", nil, le(u32(2), u16(5)), "[5 0]"},
		{"1", le(u8(1), u8(2), u8(2), u8(1), u32(1), u8(9)), nil, "[9]"},
		{"1 undefined", le(u8(1), u8(2), u8(2), u8(0), ^u32(0)), nil, "[]"},
		{"2", le(u8(2), u8(2), u8(2), u8(1), u32(1), u8(9)), le(u32(1), u8(1)), "[9]"},
		{"2 undefined", le(u8(2), u8(2), u8(2), u8(0)), nil, "[]"},
		{"3", le(u8(3), u8(0x20), u32(1), u8(9)), nil, "[9]"},
		{"3 undefined", le(u8(3), u8(0x10)), nil, "[]"},
		{"3 short", le(u8(3), u8(0x20), u32(100), u8(9)), nil, "ends after"},
	}
	for _, tt := range tests {
		b, err := readFill(wide, tt.b, tt.old)
		got := fmt.Sprint(b)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTypeMessage(t *testing.T) {
	int16LE := le(u8(0x10), "\x08\x00\x00", u32(2), u16(0), u16(16))
	float32LE := le(u8(0x11), "\x20\x1f\x00", u32(4), u16(0), u16(32), u8(23), u8(8), u8(0), u8(23), u32(127))
	deep := int16LE
	for range 40 {
		deep = le(u8(0x39), "\x00\x00\x00", u32(16), string(deep))
	}
	x87 := le(u8(0x11), "\x00\x4f\x00", u32(16), u16(0), u16(80), u8(64), u8(15), u8(0), u8(64), u32(16383))
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"int", int16LE, "int16"},
		{"float", float32LE, "float32"},
		{"compound 1", le(u8(0x16), "\x01\x00\x00", u32(4), "x\x00\x00\x00\x00\x00\x00\x00", u32(0), u8(0), "\x00\x00\x00", u32(0), u32(0), u64(0), u64(0), string(float32LE)), "compound{x float32}"},
		{"compound outside", le(u8(0x26), "\x01\x00\x00", u32(4), "x\x00\x00\x00\x00\x00\x00\x00", u32(1), string(float32LE)), "outside"},
		{"array 2", le(u8(0x2a), "\x00\x00\x00", u32(12), u8(2), "\x00\x00\x00", u32(2), u32(3), u32(0), u32(0), string(int16LE)), "array[2 3] of int16"},
		{"array of another size", le(u8(0x3a), "\x00\x00\x00", u32(13), u8(1), u32(6), string(int16LE)), "in 13 bytes"},
		{"array too large", le(u8(0x3a), "\x00\x00\x00", u32(8), u8(2), ^u32(0), ^u32(0), string(int16LE)), "array dimension"},
		{"enum 1", le(u8(0x18), "\x02\x00\x00", u32(2), string(int16LE), "FALSE\x00\x00\x00", "TRUE\x00\x00\x00\x00", u16(0), u16(1)), "enum of int16"},
		{"enum of floats", le(u8(0x38), "\x01\x00\x00", u32(4), string(float32LE), "A\x00", u32(1)), "based on float32"},
		{"x87", x87, "80-bit float in 16 bytes"},
		{"complex", le(u8(0x5b), "\x00\x00\x00", u32(8), string(float32LE)), "complex[8]"},
		{"deep", deep, "nested more than 16 deep"},
		{"no size", le(u8(0x13), "\x00\x00\x00", u32(0)), "string datatype of 0 bytes"},
		{"class", le(u8(0x1f), "\x00\x00\x00", u32(1)), "class 15"},
		{"version", le(u8(0x73), "\x00\x00\x00", u32(1)), "version 7"},
		{"bits", le(u8(0x10), "\x00\x00\x00", u32(2), u16(1), u16(16)), "16 bits at bit 1 in 2 bytes"},
		{"mantissa", le(u8(0x11), "\x20\x1f\x00", u32(4), u16(0), u16(32), u8(23), u8(8), u8(10), u8(23), u32(127)), "mantissa 10+23"},
		{"padding", le(u8(0x13), "\x0f\x00\x00", u32(4)), "string padding 15"},
	}
	for _, tt := range tests {
		f := &File{limits: Limits{}.withDefaults()}
		f.super.sizes = wide
		f.budget.init(f.limits, 1000)
		typ, err := readType(f, tt.b)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = typ.String()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if err == nil && typ.Kind() == Float {
			if err := typ.floatFits(Float64); !errors.Is(err, ErrUnsupported) {
				t.Errorf("%s as float64: %v", tt.name, err)
			}
		}
	}
}

func TestChecksums(t *testing.T) {
	for text, want := range map[string]uint32{
		"":                               0xdeadbeef,
		"Four score and seven years ago": 0x17770551, // from the driver of lookup3.c
	} {
		if got := lookup3([]byte(text)); got != want {
			t.Errorf("lookup3(%q) = %08x, want %08x", text, got, want)
		}
	}
	// Five 16-bit words, then with an odd byte: sums worked out by hand.
	if got := fletcher32([]byte{0, 1, 0, 2}); got != 4<<16|3 {
		t.Errorf("fletcher32 = %08x", got)
	}
	if got := fletcher32([]byte{0, 1, 2}); got != 0x202<<16|0x201 {
		t.Errorf("fletcher32 of an odd length = %08x", got)
	}
}

func TestPipeline(t *testing.T) {
	data := []byte("some text that repeats, some text that repeats, some text")
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(data)
	w.Close()
	sum := fletcher32(data)
	old := sum&0x00ff00ff<<8 | sum>>8&0x00ff00ff
	deflate, fletcher := filter{id: filterDeflate}, filter{id: filterFletcher32}
	tests := []struct {
		name    string
		filters []filter
		mask    uint32
		in      []byte
		says    string
	}{
		{"none", nil, 0, data, ""},
		{"short", nil, 0, data[1:], "instead of"},
		{"deflate", []filter{deflate}, 0, z.Bytes(), ""},
		{"deflate left out", []filter{deflate}, 1, data, ""},
		{"not deflate", []filter{deflate}, 0, data, "deflate"},
		{"cut", []filter{deflate}, 0, z.Bytes()[:20], "deflate"},
		{"fletcher", []filter{fletcher}, 0, le(string(data), sum), ""},
		{"fletcher of old", []filter{fletcher}, 0, le(string(data), old), ""},
		{"fletcher wrong", []filter{fletcher}, 0, le(string(data), sum+1), "checksum"},
		{"fletcher short", []filter{fletcher}, 0, data[:3], "fletcher32: 3 bytes"},
		{"no end", []filter{deflate}, 0, z.Bytes()[:z.Len()-2], "deflate"},
		{"no end, room left", []filter{deflate, fletcher}, 2, z.Bytes()[:z.Len()-2], "deflate"},
		{"fletcher left out", []filter{deflate, fletcher}, 2, z.Bytes(), ""},
		{"room left", []filter{deflate, fletcher}, 0, le(z.String(), fletcher32(z.Bytes())), ""},
		{"twice", []filter{fletcher, deflate}, 1, z.Bytes(), ""},
	}
	for _, tt := range tests {
		p := pipeline{filters: tt.filters, size: len(data), in: bytes.Clone(tt.in)}
		got, err := p.undo(tt.mask)
		if tt.says == "" && (err != nil || !bytes.Equal(got, data)) {
			t.Errorf("%s: %q %v", tt.name, got, err)
		}
		if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.says)
		}
	}
}

// TestChecksummedFile flips each byte of a file whose metadata has checksums: whatever part of it
// is read, reading fails or gives what it gave before, elements without a checksum excepted.
func TestChecksummedFile(t *testing.T) {
	whole := unzip(t, "tiny_new.h5.gz")
	missed := 0
	for i := 12; i < len(whole); i++ {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		if f, err := Open(bytes.NewReader(b), int64(len(b)), Options{}); err == nil {
			err = f.Root().Walk(func(_ string, o Object, err error) error {
				if err == nil {
					_, err = o.Attrs()
				}
				return err
			})
			if err == nil {
				missed++
			}
		}
	}
	t.Logf("%d of %d bytes may change unnoticed: elements, gaps and time stamps", missed, len(whole))
	if missed > len(whole)*9/10 {
		t.Error("checksums are not looked at")
	}
}

func TestOpenErrors(t *testing.T) {
	good := unzip(t, "tiny_old.h5.gz")
	newer := unzip(t, "tiny_new.h5.gz")
	with := func(b []byte, at int, v ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], v)
		return b
	}
	tests := []struct {
		name string
		b    []byte
		want error
		says string
	}{
		{"empty", nil, ErrMalformed, "no HDF5 signature"},
		{"a zip", le("PK\x03\x04", make([]byte, 5000)), ErrMalformed, "no HDF5 signature"},
		{"signature alone", []byte(signature), ErrMalformed, "ends"},
		{"version", with(good, 8, 9), ErrUnsupported, "version 9 of superblock"},
		{"sizes", with(good, 13, 5), ErrUnsupported, "addresses of 5"},
		{"truncated", good[:len(good)-100], ErrMalformed, "truncated"},
		{"truncated new", newer[:len(newer)-1], ErrMalformed, "truncated"},
		{"checksum", with(newer, 46, 1), ErrMalformed, "checksum"},
		{"root", with(good, 64, 0xff, 0xff, 0xff, 0), ErrMalformed, "outside the file"},
	}
	for _, tt := range tests {
		_, err := Open(bytes.NewReader(tt.b), int64(len(tt.b)), Options{})
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "hdf5: ") {
			t.Errorf("%s: %v, want %v with %q", tt.name, err, tt.want, tt.says)
		}
	}
	// The reader's own error comes through.
	if _, err := Open(failing{}, 1000, Options{}); !errors.Is(err, errDisk) {
		t.Errorf("a failing reader: %v", err)
	}
}

var errDisk = errors.New("disk on fire")

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// TestAttributeMessage decodes attributes of which some are broken: they must not spoil the others.
func TestAttributeMessage(t *testing.T) {
	f := &File{limits: Limits{}.withDefaults()}
	f.super.sizes = wide
	f.budget.init(f.limits, 1000)
	int8s := string(le(u8(0x10), "\x08\x00\x00", u32(1), u16(0), u16(8)))
	scalar := string(le(u8(2), u8(0), u8(0), u8(0)))
	attr := func(name, typ, space, data string) message {
		return message{kind: msgAttribute, data: le(u8(3), u8(0), u16(len(name)+1), u16(len(typ)), u16(len(space)), u8(0), name, u8(0), typ, space, data)}
	}
	n := &node{f: f, head: &header{msgs: []message{
		attr("good", int8s, scalar, "\x05"),
		attr("no value", int8s, scalar, ""),
		attr("class", "\x1f\x00\x00\x00\x01\x00\x00\x00", scalar, "\x05"),
		attr("huge", int8s, string(le(u8(2), u8(1), u8(0), u8(1), u64(1<<30))), "\x05"),
		{kind: msgAttribute, data: le(u8(1), u8(0xff), u16(4), u16(12), u16(8), "old\x00\x00\x00\x00\x00", int8s, u32(0), u8(1), u8(0), u8(0), u8(0), u32(0), u8(7))},
	}}}
	o := object{n, "/x"}
	for name, want := range map[string]string{"good": "5", "old": "7", "no value": "0 bytes for 1 elements", "class": "class 15",
		"huge": "1 bytes for 1073741824"} {
		a, ok, err := o.Attr(name)
		if !ok || a.Name() != name {
			t.Errorf("no attribute %q", name)
		}
		var got string
		if err != nil {
			got = err.Error()
			if _, err2 := a.Ints(); err2 == nil || err2.Error() != got || a.Len() != 0 || a.Type() != nil {
				t.Errorf("%s: reading gives %v after %v", name, err2, err)
			}
		} else if x, err := a.Bytes(); err == nil {
			got = fmt.Sprint(x[0])
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
