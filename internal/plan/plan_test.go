package plan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/plan"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestAgainstPlain runs random graphs of elementwise operators, views and broadcasts, where memory is
// shared wherever it can be, and compares every output with the plain evaluation.
func TestAgainstPlain(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { againstPlain(t, seed) })
	}
}

func againstPlain(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	g := ir.New("random")
	b := op.NewBuilder(g, ops.Set())
	feed := map[*ir.Value]tensor.Any{}
	var vals []*ir.Value
	for i := range 2 {
		x := tensor.Zeros[float32](4, 6)
		for k := range x.Data() {
			x.Data()[k] = r.Float32() + .5
		}
		v := g.AddInput(fmt.Sprintf("x%d", i), ir.ConstFact(x).Like())
		feed[v] = x
		vals = append(vals, v)
	}
	pick := func() *ir.Value { return vals[r.IntN(len(vals))] }
	for range 5 + r.IntN(25) {
		x := pick()
		var y *ir.Value
		switch r.IntN(7) {
		case 0:
			y = b.ReshapeTo(x, 4, 6)
		case 1:
			y = b.ReshapeTo(b.ReshapeTo(x, 24), 4, 6)
		case 2:
			y = b.Op("Identity", x)
		case 3:
			y = b.Op("Relu", x)
		case 4:
			y = b.Op("Tanh", x)
		case 5:
			y = b.Mul(x, pick())
		default:
			y = b.Add(x, b.Sum(pick(), true, r.IntN(2)))
		}
		vals = append(vals, y)
	}
	for range 1 + r.IntN(4) {
		g.Outputs = append(g.Outputs, pick())
	}
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	want, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(ops.Set(), g, nil, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.NewFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second run must not see what the first left
		runAndCompare(t, g, f, feed, want)
	}
}

func runAndCompare(t *testing.T, g *ir.Graph, f *plan.Frame, feed map[*ir.Value]tensor.Any, want []tensor.Any) {
	t.Helper()
	for i, v := range g.Inputs {
		if err := f.SetInput(i, feed[v]); err != nil {
			t.Fatal(err)
		}
	}
	outs := make([]*tensor.Tensor[float32], len(g.Outputs))
	for i := range g.Outputs {
		outs[i] = tensor.Zeros[float32](4, 6)
		if err := f.SetOutput(i, outs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Run(context.Background(), op.Rand{}); err != nil {
		t.Fatal(err)
	}
	for i, v := range g.Outputs {
		if !slices.Equal(outs[i].Data(), tensor.Data[float32](want[v.ID])) {
			t.Fatalf("output %d (%s) is %v, want %v", i, v.Name, outs[i].Data(), tensor.Data[float32](want[v.ID]))
		}
	}
}

// TestUpdates checks that states are replaced after a run, by values that need their old content.
func TestUpdates(t *testing.T) {
	g := ir.New("swap")
	b := op.NewBuilder(g, ops.Set())
	a := g.AddState("a", tensor.Vector[float32](1, 2))
	c := g.AddState("c", tensor.Vector[float32](10, 20))
	d := g.AddState("d", tensor.Vector[float32](100, 200))
	aNext, cNext := b.Op("Identity", c), b.Op("Identity", a) // a and c change places
	dNext := b.Add(d, a)
	dOut := b.Op("Identity", d)
	g.Outputs = []*ir.Value{dOut, aNext, cNext, dNext}
	p, err := plan.New(ops.Set(), g, nil, plan.Options{Updates: map[*ir.Value]*ir.Value{aNext: a, cNext: c, dNext: d}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.NewFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	states := map[*ir.Value]*tensor.Tensor[float32]{}
	for _, v := range []*ir.Value{a, c, d} {
		states[v] = tensor.CloneAny(v.Data).(*tensor.Tensor[float32])
		if err := f.SetState(v, states[v]); err != nil {
			t.Fatal(err)
		}
	}
	out := tensor.Zeros[float32](2)
	if err := f.SetOutput(0, out); err != nil {
		t.Fatal(err)
	}
	if err := f.Run(context.Background(), op.Rand{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		got  []float32
		want []float32
	}{
		{"a", states[a].Data(), []float32{10, 20}},
		{"c", states[c].Data(), []float32{1, 2}},
		{"d", states[d].Data(), []float32{101, 202}},
		{"old d", out.Data(), []float32{100, 200}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s is %v, want %v", c.what, c.got, c.want)
		}
	}
}

// TestLimit checks that a plan that would take too much memory is refused before anything is allocated.
func TestLimit(t *testing.T) {
	g := ir.New("large")
	b := op.NewBuilder(g, ops.Set())
	x := g.AddInput("x", ir.Typed(tensor.Float32, ir.Known(1)))
	g.Outputs = []*ir.Value{b.Expand(x, b.Ints(1_000_000, 1_000_000))}
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	_, err := plan.New(ops.Set(), g, nil, plan.Options{})
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Fatalf("error %v, want one about the limit", err)
	}
}
