package onnxio

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/onnxtool/onnxtool/onnxio/internal/schema"
)

func splitLines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func fieldLine(m *schema.Message, f *schema.Field) string {
	label, packed, oneof, typ := "optional", "-", "-", f.Type
	if f.Repeated {
		label = "repeated"
	}
	if f.Packed {
		packed = "packed"
	}
	if f.Oneof >= 0 {
		oneof = m.Oneofs[f.Oneof]
	}
	if f.Message != nil {
		typ = f.Message.FullName()
	} else if f.Enum != nil {
		typ = f.Enum.FullName()
	}
	return fmt.Sprintf("%s %d %s %s %s %s %s", m.FullName(), f.Number, f.Name, label, typ, packed, oneof)
}

func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	in := map[string]bool{}
	for _, l := range want {
		in[l] = true
	}
	for _, l := range got {
		if !in[l] {
			t.Errorf("not in the reference: %s", l)
		}
		delete(in, l)
	}
	for l := range in {
		t.Errorf("missing: %s", l)
	}
}

// roundTrip checks that bytes come back as they were.
func roundTrip(t *testing.T, name string, b []byte) {
	t.Helper()
	m, err := LoadBytes(b)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	got, err := Marshal(m)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !bytes.Equal(got, b) {
		t.Errorf("%s: %d bytes became %d others", name, len(b), len(got))
	}
}

func TestRoundTripAllFields(t *testing.T) {
	b, err := os.ReadFile("testdata/allfields.onnx")
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, "allfields", b)
	pm := oracleModel(t)
	if err := proto.Unmarshal(b, pm); err != nil {
		t.Fatal(err)
	}
	if len(pm.GetUnknown()) > 0 {
		t.Error("fields that onnx.proto does not know")
	}
}

// TestRoundTripConformance runs ONNX's own models through the codec.
func TestRoundTripConformance(t *testing.T) {
	for _, file := range []string{"node.zip", "models.zip"} {
		z, err := zip.OpenReader(filepath.Join("../testdata/onnx", file))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		n := 0
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, ".onnx") {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, f.Name, b)
			n++
		}
		t.Logf("%s: %d models", file, n)
	}
}

// randomFill sets fields of a message of Google's runtime at random.
func randomFill(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if r.IntN(3) == 0 || f.Message() != nil && depth == 0 {
			continue
		}
		switch {
		case f.IsList():
			list := m.Mutable(f).List()
			for range r.IntN(3) {
				if f.Message() != nil {
					randomFill(r, list.AppendMutable().Message(), depth-1)
				} else {
					list.Append(randomScalar(r, f))
				}
			}
		case f.Message() != nil:
			randomFill(r, m.Mutable(f).Message(), depth-1)
		default:
			m.Set(f, randomScalar(r, f))
		}
	}
	if r.IntN(4) == 0 {
		u := protowire.AppendTag(nil, 1000, protowire.BytesType)
		m.SetUnknown(protowire.AppendString(u, "from the future"))
	}
}

func randomScalar(r *rand.Rand, f protoreflect.FieldDescriptor) protoreflect.Value {
	zero := r.IntN(3) == 0
	n := r.Int64() >> r.IntN(64)
	if zero {
		n = 0
	}
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.Repeat("é", int(n&0x3f)))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{byte(n)}, int(n&0x3f)))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(n)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(n))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n) / 8)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(n) / 8)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n & 0xff))
	}
	panic(f.Kind())
}

// TestOracle holds the codec against Google's on random messages of every kind.
func TestOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		pm := oracleModel(t)
		randomFill(r, pm, 2+i%5)
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(pm)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) == 0 {
			continue
		}
		m, err := LoadBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back := oracleModel(t)
		if err := proto.Unmarshal(got, back); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(pm, back) {
			t.Fatalf("message %d: another meaning after a round trip", i)
		}
		if len(got) != len(b) { // Google's codec writes oneofs last, so the order may differ
			t.Fatalf("message %d: %d bytes after a round trip, %d before", i, len(got), len(b))
		}
		roundTrip(t, fmt.Sprintf("message %d", i), got)
	}
}

func TestMalformed(t *testing.T) {
	good, err := os.ReadFile("testdata/allfields.onnx")
	if err != nil {
		t.Fatal(err)
	}
	deep := []byte{}
	for range 120 {
		for _, tag := range []byte{0x32, 0x2a, 0x0a} {
			deep = append(protowire.AppendVarint([]byte{tag}, uint64(len(deep))), deep...)
		}
	}
	deep = append(protowire.AppendVarint([]byte{0x3a}, uint64(len(deep))), deep...)
	for _, c := range []struct {
		name string
		b    []byte
		opts LoadOptions
		want error
	}{
		{"empty", nil, LoadOptions{}, ErrMalformed},
		{"text", []byte("no model at all"), LoadOptions{}, ErrMalformed},
		{"truncated", good[:len(good)-1], LoadOptions{}, ErrMalformed},
		{"length beyond the end", []byte{0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f}, LoadOptions{}, ErrMalformed},
		{"endless varint", []byte{8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, LoadOptions{}, ErrMalformed},
		{"field number 0", []byte{0, 0}, LoadOptions{}, ErrMalformed},
		{"group without end", []byte{0x1b | 0x40, 0x08}, LoadOptions{}, ErrMalformed},
		{"nested", deep, LoadOptions{}, ErrLimit},
		{"memory", good, LoadOptions{MaxMemory: 1000}, ErrLimit},
	} {
		if _, err := c.opts.LoadBytes(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	for i := 0; i < len(good); i += 37 { // no prefix panics
		LoadBytes(good[:i])
	}
}
