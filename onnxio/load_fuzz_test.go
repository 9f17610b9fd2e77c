package onnxio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// FuzzLoad reads bytes as Google's codec does: both take them or both refuse them, and what is
// written again has the same meaning.
func FuzzLoad(f *testing.F) {
	for _, seed := range loadSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		m, err := LoadBytes(b)
		want := oracleModel(t)
		wantErr := proto.UnmarshalOptions{RecursionLimit: 10_000}.Unmarshal(b, want)
		switch {
		case errors.Is(err, ErrLimit):
			return
		case (err == nil) != (wantErr == nil):
			t.Fatalf("got %v, Google's codec: %v", err, wantErr)
		case err != nil:
			return
		}
		out, err := Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		got := oracleModel(t)
		if err := proto.Unmarshal(out, got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got, want) {
			t.Fatalf("another meaning:\n%v\nwant:\n%v", got, want)
		}
		for x := range m.Tensors() {
			if v, err := x.Value(); err == nil && v.Len() > 8*len(b) {
				t.Fatalf("%d elements out of %d bytes", v.Len(), len(b))
			}
		}
	})
}

// loadSeeds returns models of every kind, and messages that test the codec's corners.
func loadSeeds(f *testing.F) [][]byte {
	var seeds [][]byte
	add := func(b []byte, err error) {
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, b)
	}
	add(Marshal(manyTensors()))
	add(os.ReadFile("testdata/allfields.onnx"))
	for _, name := range []string{"testdata/texts.json", "testdata/checks.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var list []struct{ Model string }
		if err := json.Unmarshal(b, &list); err != nil {
			f.Fatal(err)
		}
		for _, c := range list {
			add(base64.StdEncoding.DecodeString(c.Model))
		}
	}
	graph := protowire.AppendBytes([]byte{0x3a}, []byte{0x12, 1, 'g'})
	seeds = append(seeds,
		bytes.Repeat(graph, 2),               // a graph in two parts, which are one
		[]byte{0x08, 0x80, 0x80, 0x00},       // a number that takes more bytes than it needs
		[]byte{0x0a, 1, 'x'},                 // a known field of another wire type
		[]byte{0x1b, 0x08, 1, 0x1c},          // a group
		[]byte{0x3a, 4, 0x0a, 2, 0x1b, 0x1c}, // a group in a node
		protowire.AppendBytes([]byte{0x3a}, []byte{0x2a, 6, 0x22, 4, 0, 0, 0x80, 0x3f}), // packed floats
		protowire.AppendBytes([]byte{0x3a}, []byte{0x2a, 5, 0x25, 0, 0, 0x80, 0x3f}),    // a float that is not packed
	)
	return seeds
}
