package tfevent

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestBytes holds a file against one by TensorBoard's own code: testdata/gen/tensorboard_events.py.
func TestBytes(t *testing.T) {
	want, err := os.ReadFile("../../testdata/tensorboard/events.bin")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "events"))
	if err != nil {
		t.Fatal(err)
	}
	w := &Writer{f: f, now: func() time.Time { return time.Unix(1, 5e8) }}
	for _, err := range []error{
		w.begin(3),
		w.Scalar("epoch_loss", 0, .75),
		w.Scalar("epoch_loss", 300, math.NaN()),
		w.Histogram("dense/kernel/histogram", 1, []float32{-1, -.5, .25, .25, 2}),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes differ from TensorBoard's %d:\n%x\n%x", len(got), len(want), got, want)
	}
}

func TestHistogram(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		values  []float32
		num     float64
		buckets int
	}{
		{nil, 0, 0},
		{[]float32{3, 3}, 2, 1},
		{[]float32{inf - inf, inf, -inf}, 0, 0},
		{[]float32{1, inf, 2}, 2, 30},
	} {
		h := newHistogram(c.values)
		sum := 0.
		for _, n := range h.counts {
			sum += n
		}
		if h.num != c.num || sum != c.num || len(h.limits) != c.buckets {
			t.Errorf("%v: %v values, %v in %d buckets; want %v in %d", c.values, h.num, sum, len(h.limits), c.num, c.buckets)
		}
	}
}

func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		w, err := Create(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*")); len(files) != 2 {
		t.Errorf("%d files of two trainings", len(files))
	}
}
