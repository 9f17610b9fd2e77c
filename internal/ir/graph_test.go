package ir_test

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
)

func TestNames(t *testing.T) {
	g := ir.New("g")
	g.Reserve("y_1")
	var got []string
	for _, name := range []string{"y", "y", "y", "y_1", "y_3", ""} {
		got = append(got, g.AddInput(name, ir.Fact{}).Name)
	}
	for i, want := range []string{"y", "y_2", "y_3", "y_1_1", "y_3_1", "v"} {
		if got[i] != want {
			t.Errorf("name %d is %s, want %s", i, got[i], want)
		}
	}
	// Names that were given back are there again.
	sub := g.Sub("s")
	first := sub.AddInput("x", ir.Fact{}).Name
	sub.Discard()
	if again := g.Sub("s").AddInput("x", ir.Fact{}).Name; again != first {
		t.Errorf("a discarded %s became %s", first, again)
	}
}

// BenchmarkNames adds nodes without a name, as some exporters write them: 100,000 of one kind.
func BenchmarkNames(b *testing.B) {
	for b.Loop() {
		g := ir.New("g")
		for range 100_000 {
			g.AddNode(&ir.Node{Op: "Add"}, "")
		}
	}
}
