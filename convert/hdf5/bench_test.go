package hdf5

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// writeLarge writes an HDF5 file with one contiguous dataset /w of n zero floats as the oldest
// library would: superblock 0, a root group with a symbol table, the elements at the end.
func writeLarge(tb testing.TB, n int, order byte) string {
	tb.Helper()
	const (
		header, tree, heap, names, node, data = 96, 200, 800, 840, 900, 2048
		dataHeader                            = 1300
	)
	size := data + 4*n
	b := make([]byte, data)
	put := func(at int, fields ...any) { copy(b[at:], le(fields...)) }
	none := ^u64(0)
	put(0, signature, u8(0), u8(0), u8(0), u8(0), u8(0), u8(8), u8(8), u8(0), u16(4), u16(16), u32(0),
		u64(0), none, u64(size), none, u64(0), u64(header), u32(0), u32(0), u64(0), u64(0))
	put(header, u8(1), u8(0), u16(1), u32(1), u32(24), u32(0), u16(msgSymbols), u16(16), u32(0), u64(tree), u64(heap))
	put(tree, "TREE", u8(0), u8(0), u16(1), none, none, u64(0), u64(node), u64(8))
	put(heap, "HEAP", u32(0), u64(16), none, u64(names))
	put(names+8, "w")
	put(node, "SNOD", u8(1), u8(0), u16(1), u64(8), u64(dataHeader), u32(0), u32(0), u64(0), u64(0))
	message := func(kind int, body []byte) string {
		body = append(body, make([]byte, (8-len(body)%8)%8)...)
		return string(le(u16(kind), u16(len(body)), u32(0), string(body)))
	}
	msgs := message(msgSpace, le(u8(1), u8(1), u8(0), u8(0), u32(0), u64(n))) +
		message(msgType, le(u8(0x11), u8(0x20|order), u8(31), u8(0), u32(4), u16(0), u16(32), u8(23), u8(8), u8(0), u8(23), u32(127))) +
		message(msgLayout, le(u8(3), u8(1), u64(data), u64(4*n)))
	put(dataHeader, u8(1), u8(0), u16(3), u32(1), u32(len(msgs)), u32(0), msgs)
	path := filepath.Join(tb.TempDir(), "large.h5")
	w, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Write(b); err != nil {
		tb.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for i := 0; i < len(block); i += 4 {
		binary.LittleEndian.PutUint32(block[i:], uint32(i)*2654435761>>9|0x3f000000)
	}
	for left := 4 * n; left > 0; left -= len(block) {
		if _, err := w.Write(block[:min(left, len(block))]); err != nil {
			tb.Fatal(err)
		}
	}
	return path
}

const hundredMB = 25 << 20 // floats

func TestLargeMemory(t *testing.T) {
	n := hundredMB / 8
	f := openPath(t, writeLarge(t, n, 0))
	used := allocated(func() {
		d, err := f.Root().Dataset("w")
		if err != nil {
			t.Fatal(err)
		}
		if x, err := d.ReadFloat32(); err != nil || len(x) != n {
			t.Fatal(len(x), err)
		}
	})
	if most := uint64(4*n + 64<<10); used > most {
		t.Errorf("%d bytes allocated to read %d", used, 4*n)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, bb := range []struct {
		name  string
		order byte
		read  func(*Dataset) error
	}{
		{"float32", 0, func(d *Dataset) error { _, err := d.ReadFloat32(); return err }},
		{"float32 big-endian", 1, func(d *Dataset) error { _, err := d.ReadFloat32(); return err }},
		{"float64", 0, func(d *Dataset) error { _, err := Read[float64](d); return err }},
		{"bytes", 0, func(d *Dataset) error { _, err := d.Bytes(); return err }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			path := writeLarge(b, hundredMB, bb.order)
			b.SetBytes(4 * hundredMB)
			b.ReportAllocs()
			for b.Loop() {
				f := openPath(b, path)
				d, err := f.Root().Dataset("w")
				if err == nil {
					err = bb.read(d)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkChunks reads small chunked datasets of every index and filter.
func BenchmarkChunks(b *testing.B) {
	f := openFixture(b, "v110_chunks")
	for _, path := range []string{"plain/fixed", "all/fixed", "indexes/ext_super", "indexes/deep_tree", "indexes/paged"} {
		b.Run(path, func(b *testing.B) {
			d, err := f.Root().Dataset(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Bytes(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
