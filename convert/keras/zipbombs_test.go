package keras_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/convert/keras"
)

// raw makes an archive of members that need not say the truth about what they hold.
func raw(t *testing.T, members ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		h := members[i].(zip.FileHeader)
		f, err := w.CreateRaw(&h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(members[i+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stored is a header of data that is not packed.
func stored(name string, data []byte) zip.FileHeader {
	return zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data))}
}

// overlaid lets all entries of an archive's directory point to its first member.
func overlaid(b []byte) []byte {
	for at := 0; ; at += 46 {
		i := bytes.Index(b[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return b
		}
		at += i
		binary.LittleEndian.PutUint32(b[at+42:], 0)
	}
}

// TestArchivesThatLie reads archives whose directory lies: an error each, in little time and memory.
func TestArchivesThatLie(t *testing.T) {
	config := []byte(sequential("float32"))
	packed := func(size int) []byte {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, 9)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte(" "), size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	with := func(h zip.FileHeader, edit func(*zip.FileHeader)) zip.FileHeader {
		edit(&h)
		return h
	}
	weights := stored("model.weights.h5", []byte("\x89HDF\r\n\x1a\n"))
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"a size of 2^40", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), config), "config.json"},
		{"a size of 2^63", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.UncompressedSize64, h.CompressedSize64 = 1<<63, 1<<63 }), config), "limit"},
		{"weights of 2^40 bytes", raw(t, stored("config.json", config), config, with(weights, func(h *zip.FileHeader) { h.UncompressedSize64, h.CompressedSize64 = 1<<40, 1<<40 }), []byte("\x89HDF\r\n\x1a\n")), "limit"},
		{"packed weights of 2^40 bytes", raw(t, stored("config.json", config), config, with(weights, func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 1<<40 }), packed(1<<20)), "limit"},
		{"more than it says", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 10 }), packed(64<<20)), "config.json"},
		{"less than it says", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 20 }), config), "config.json"},
		{"a wrong checksum", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.CRC32++ }), config), "checksum"},
		{"another method", raw(t, with(stored("config.json", config), func(h *zip.FileHeader) { h.Method = 99 }), config), "config.json"},
		{"a symbolic link", raw(t, with(stored("config.json", []byte("/etc/passwd")), func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }), []byte("/etc/passwd")), "configuration"},
		{"a folder", raw(t, stored("config.json/", nil), []byte{}), "config.json"},
		{"entries over each other", overlaid(raw(t, stored("config.json", config), config, weights, []byte("\x89HDF\r\n\x1a\n"))), "checksum"},
		{"an entry behind the end", func() []byte {
			b := raw(t, stored("config.json", config), config)
			i := bytes.Index(b, []byte("PK\x01\x02"))
			binary.LittleEndian.PutUint32(b[i+42:], 1<<31)
			return b
		}(), "config.json"},
		{"many entries", func() []byte {
			var all []any
			for range 200000 {
				all = append(all, stored(strings.Repeat("../", 3)+"x", nil), []byte{})
			}
			return raw(t, all...)
		}(), "two files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := keras.Read(bytes.NewReader(c.file), int64(len(c.file)), keras.Options{})
			runtime.ReadMemStats(&after)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(10*len(c.file)+64<<20) {
				t.Errorf("%d MB for a file of %d bytes", used>>20, len(c.file))
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
