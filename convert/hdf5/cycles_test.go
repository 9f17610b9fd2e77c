package hdf5

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// addresses returns where a file has numbers that could be addresses of its parts, and these numbers.
func addresses(b []byte) (at []int, values []uint64) {
	for i := 0; i+8 <= len(b); i++ {
		if v := binary.LittleEndian.Uint64(b[i:]); v > 0 && v < uint64(len(b)) && v&7 == 0 && v > 64 {
			at = append(at, i)
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return at, slices.Compact(values)
}

// TestCycles lets everything in files that could be an address point to everything else that one points to: headers
// that continue in themselves, B-trees that are their own children, indexes of chunks that are heaps, and chunks that
// lie on each other: a sample, with ONNXTOOL_SWEEP a large one.
func TestCycles(t *testing.T) {
	sample := 30
	if os.Getenv("ONNXTOOL_SWEEP") != "" {
		sample = 4000
	}
	for _, name := range []string{"v108_attrs", "v108_groups", "v110_chunks", "v110_groups", "earliest_chunks", "shared", "tiny_new", "tiny_old"} {
		t.Run(name, func(t *testing.T) {
			whole := unzip(t, name+".h5.gz")
			at, values := addresses(whole)
			if len(at) == 0 {
				t.Fatal("no addresses")
			}
			slowest, most := time.Duration(0), uint64(0)
			r := rand.New(rand.NewPCG(3, 5))
			for range sample {
				b, from, to := bytes.Clone(whole), at[r.IntN(len(at))], values[r.IntN(len(values))]
				binary.LittleEndian.PutUint64(b[from:], to)
				start := time.Now()
				used := allocated(func() { readAll(b, true) })
				slowest, most = max(slowest, time.Since(start)), max(most, used)
				if used > uint64(10*len(b)+64<<20) {
					t.Errorf("%d at %d: %d bytes allocated for a file of %d", to, from, used, len(b))
				}
			}
			if slowest > 10*time.Second {
				t.Errorf("a file took %v", slowest)
			}
			t.Logf("%d files of %d KiB, at most %v and %d KiB", sample, len(whole)>>10, slowest, most>>10)
		})
	}
}
