package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/train"
)

// TestPace counts rate and time left, also for a training that was resumed within its second epoch.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name  string
		from  float64
		steps []train.Progress
		want  string
	}{
		{"from the start", 0, []train.Progress{{Done: 50, Total: 100}, {Batch: 1, Done: 100, Total: 100}, {Epoch: 1, Done: 50, Total: 100}}, "  15 examples/s, 17s left"},
		{"resumed", 1, []train.Progress{{Epoch: 1, Batch: 5, Done: 50, Total: 100}, {Epoch: 1, Batch: 6, Done: 60, Total: 100}}, "  1 examples/s, 4m0s left"},
		{"unknown length", 0, []train.Progress{{Done: 50, Total: -1}, {Batch: 1, Done: 200, Total: -1}}, "  20 examples/s"},
		{"nothing yet", 0, nil, ""},
	} {
		p := pace{epochs: 4, begin: time.Now().Add(-10 * time.Second), from: c.from}
		for _, s := range c.steps {
			p.batch(s)
		}
		if got := p.text(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLines writes within an epoch only when some time has passed.
func TestLines(t *testing.T) {
	var b bytes.Buffer
	l := &lines{w: &b, last: time.Now(), pace: pace{epochs: 2, begin: time.Now()}}
	step := func() {
		if err := l.BatchEnd(context.Background(), nil, train.Progress{Done: 32, Total: 100, Loss: .5}); err != nil {
			t.Fatal(err)
		}
	}
	step()
	l.last = l.last.Add(-2 * lineEvery)
	step()
	step()
	if got := b.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "epoch 1/2  32/100 examples  loss 0.5000") {
		t.Errorf("got %q", got)
	}
}
