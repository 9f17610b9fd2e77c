package hdf5

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// readAll opens a file and reads every link, attribute and element of it that can be read. It
// returns how many values it could read.
func readAll(b []byte, lax bool) int {
	f, err := open(bytes.NewReader(b), int64(len(b)), Options{}, lax)
	if err != nil {
		return 0
	}
	n := 0
	one := func(v Value) {
		var err error
		if v.Type() != nil && v.Type().Kind() == String {
			_, err = Strings(v)
		} else {
			_, err = Bytes(v)
		}
		if err == nil {
			n++
		}
	}
	f.Root().Walk(func(path string, o Object, err error) error {
		if err != nil {
			return nil
		}
		if attrs, err := o.Attrs(); err == nil {
			for _, a := range attrs {
				one(a)
			}
		}
		switch o := o.(type) {
		case *Dataset:
			one(o)
		case *Group:
			for _, l := range o.Links() {
				if l.Kind == SoftLink {
					o.Open(l.Name)
				}
			}
		}
		return nil
	})
	return n
}

// The numbers that corrupt puts in place of others.
var nasty = []uint64{0, 1, 2, 7, 8, 0x7f, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	1 << 40, 1<<62 - 1, 1 << 63, 1<<64 - 8, 1<<64 - 1}

// corrupt returns a damaged copy of b.
func corrupt(b []byte, r *rand.Rand) []byte {
	b = bytes.Clone(b)
	for range 1 + r.IntN(4) {
		if len(b) < 16 {
			return b
		}
		at := r.IntN(len(b) - 8)
		switch r.IntN(8) {
		case 0:
			b = b[:at]
		case 1: // a run of zeros or ones
			run := b[at:min(at+1+r.IntN(64), len(b))]
			for i := range run {
				run[i] = byte(-(at & 1))
			}
		case 2: // a part of the file in another place
			from := r.IntN(len(b) - 8)
			copy(b[at:], bytes.Clone(b[from:min(from+1+r.IntN(200), len(b))]))
		case 3: // another address or length
			binary.LittleEndian.PutUint64(b[at&^7:], nasty[r.IntN(len(nasty))])
		case 4:
			binary.LittleEndian.PutUint32(b[at&^3:], uint32(nasty[r.IntN(len(nasty))]))
		case 5: // an address in the file
			binary.LittleEndian.PutUint64(b[at&^7:], uint64(r.IntN(len(b))))
		default:
			b[at] ^= byte(1 << r.IntN(8))
		}
	}
	return b
}

var corrupted = []string{"userblock", "superblock1", "shared", "v110_types", "v108_groups"}

// TestCorruption reads 10,000 damaged files. None may panic or take long, and everything that
// reading one allocates, garbage included, is held to ten times the file and 64 MiB.
func TestCorruption(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 100
	}
	for _, name := range corrupted {
		t.Run(name, func(t *testing.T) {
			whole := unzip(t, name+".h5.gz")
			good := readAll(whole, false)
			if good == 0 {
				t.Fatal("nothing to read")
			}
			less, slowest, most := 0, time.Duration(0), uint64(0)
			for i := range n {
				b := corrupt(whole, rand.New(rand.NewPCG(uint64(i), 5)))
				start := time.Now()
				used := allocated(func() {
					if readAll(b, i%2 == 1) < good {
						less++
					}
				})
				slowest, most = max(slowest, time.Since(start)), max(most, used)
				if used > uint64(10*len(b)+64<<20) {
					t.Errorf("seed %d: %d bytes allocated for a file of %d", i, used, len(b))
				}
			}
			if less == 0 {
				t.Error("no corruption was noticed")
			}
			if slowest > 10*time.Second {
				t.Errorf("a file took %v", slowest)
			}
			t.Logf("%d files of %d KiB, %d with less to read, at most %v and %d KiB", n, len(whole)>>10, less, slowest, most>>10)
		})
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// FuzzOpen reads whatever it is given. The seeds are small, because Go's fuzzer is slow to shrink
// large ones: -fuzzminimizetime=1x helps further.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"tiny_old", "tiny_new", "refused"} {
		f.Add(unzip(f, name+".h5.gz"), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, lax bool) {
		if used := allocated(func() { readAll(b, lax) }); used > uint64(12*len(b)+128<<20) {
			t.Errorf("%d bytes allocated for a file of %d", used, len(b))
		}
	})
}
