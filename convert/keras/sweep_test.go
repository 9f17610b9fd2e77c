package keras_test

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/convert/keras"
)

// damaged is a file of the sweep, and what reads a copy of it.
type damaged struct {
	name string
	file []byte
	read func(b []byte)
}

func damagedFiles(t *testing.T) []damaged {
	t.Helper()
	var out []damaged
	whole := func(b []byte) { _, _ = keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{}) }
	for _, f := range [][2]string{{"version_3.6.0", "recurrent_keras/model.keras"}, {"version_3.6.0", "sequential_keras/model.keras"},
		{"version_tf212", "nested_h5/model.h5"}, {"version_tf212", "attention_h5/model.h5"}} {
		z, err := zip.OpenReader("../../testdata/kerasfiles/" + f[0] + ".zip")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, damaged{f[1], member(t, &z.Reader, f[1]), whole})
		z.Close()
	}
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := extract(t, &z.Reader, "tfjs_uint8")
	model := filepath.Join(dir, "model.json")
	text, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, damaged{"tfjs_uint8/model.json", text, func(b []byte) {
		if err := os.WriteFile(model, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = keras.Convert(model, keras.Options{})
	}})
}

// damage returns a copy with bits flipped, a part in another place, or its end cut off.
func damage(b []byte, r *rand.Rand) []byte {
	b = bytes.Clone(b)
	for range 1 + r.IntN(4) {
		switch at := r.IntN(len(b)); r.IntN(8) {
		case 0:
			b = b[:at+1]
		case 1:
			from := r.IntN(len(b))
			copy(b[at:], bytes.Clone(b[from:min(from+1+r.IntN(200), len(b))]))
		case 2:
			b[at] = byte(r.IntN(256))
		default:
			b[at] ^= 1 << r.IntN(8)
		}
	}
	return b
}

// TestSweep reads damaged copies of five files: each is an error or a model, without a panic, in time, and
// in ten times the file's size and 64 MiB. ONNXTOOL_SWEEP=1 tries 10,000 of them.
func TestSweep(t *testing.T) {
	rounds := 60
	if os.Getenv("ONNXTOOL_SWEEP") != "" {
		rounds = 2000
	}
	if testing.Short() {
		rounds = 10
	}
	for k, f := range damagedFiles(t) {
		slowest, most := time.Duration(0), uint64(0)
		for i := range rounds {
			b := damage(f.file, rand.New(rand.NewPCG(uint64(i), uint64(k))))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s, seed %d: panic: %v", f.name, i, p)
					}
				}()
				f.read(b)
			}()
			slowest = max(slowest, time.Since(start))
			runtime.ReadMemStats(&after)
			used := after.TotalAlloc - before.TotalAlloc
			if most = max(most, used); used > uint64(10*len(b)+64<<20) {
				t.Errorf("%s, seed %d: %d bytes allocated for %d", f.name, i, used, len(b))
			}
		}
		if slowest > 10*time.Second {
			t.Errorf("%s: a file took %v", f.name, slowest)
		}
		t.Logf("%s: %d damaged copies, the slowest %v, at most %d KiB allocated", f.name, rounds, slowest, most>>10)
	}
}
