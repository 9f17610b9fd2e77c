package infer_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tight are limits under which a hostile model does little harm.
var tight = infer.Options{Threads: 1, MaxBytes: 64 << 20, MaxNodes: 10000, Timeout: 5 * time.Second}

// try opens and runs what may be a model. It must come back, without a panic.
func try(b []byte) {
	m, err := onnxio.LoadBytes(b)
	if err != nil {
		return
	}
	s, err := infer.New(m, tight)
	if err != nil {
		return
	}
	defer s.Close()
	in := map[string]tensor.Any{}
	for _, v := range s.Inputs() {
		shape := tensor.Shape{}
		for _, d := range v.Shape {
			n := d.Size
			if n < 0 {
				n = 2
			}
			shape = append(shape, n)
		}
		if n, ok := shape.Size(); !ok || n > 1<<20 {
			return
		}
		t, err := tensor.Alloc(v.DType, shape)
		if err != nil {
			return
		}
		in[v.Name] = t
	}
	s.Run(context.Background(), in) //nolint:errcheck // any error will do
}

// TestDamagedModels opens and runs models with bits flipped and bytes cut off.
func TestDamagedModels(t *testing.T) {
	a, err := cases.Open("../testdata/onnx/node.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for i := range a.Cases {
		c := &a.Cases[i]
		m, err := c.Model()
		if err != nil {
			t.Fatal(err)
		}
		b, err := onnxio.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		for k := range rounds {
			damaged := damage(b, uint64(i*100+k))
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s, damage %d: panic: %v", c.Name, k, p)
					}
				}()
				try(damaged)
			}()
		}
	}
}

// damage flips some bits of a copy and at times cuts its end off.
func damage(b []byte, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 9))
	out := append([]byte{}, b...)
	for range 1 + r.IntN(4) {
		out[r.IntN(len(out))] ^= 1 << r.IntN(8)
	}
	if r.IntN(4) == 0 {
		out = out[:r.IntN(len(out))]
	}
	return out
}

// FuzzOpen opens and runs arbitrary bytes.
func FuzzOpen(f *testing.F) {
	a, err := cases.Open("../testdata/onnx/node.zip")
	if err != nil {
		f.Fatal(err)
	}
	defer a.Close()
	for i := 0; i < len(a.Cases); i += 20 {
		m, err := a.Cases[i].Model()
		if err != nil {
			f.Fatal(err)
		}
		b, err := onnxio.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(_ *testing.T, b []byte) { try(b) })
}
