package autodiff_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestGradientsOnONNXRuntime differentiates each recorded case in float32, exports forward and backward
// pass as one ONNX model, and holds what onnxruntime makes of it against our own evaluation.
func TestGradientsOnONNXRuntime(t *testing.T) {
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if testing.Short() {
		t.Skip("short")
	}
	files, err := filepath.Glob("../../testdata/ort/*.zip")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	compared := map[string]int{}
	refused := map[string]int{}
	for _, file := range append(files, "../../testdata/onnx/node.zip") {
		a, err := cases.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		for i := range a.Cases {
			c := &a.Cases[i]
			if len(c.Ops) != 1 {
				continue
			}
			g, feed, err := gradientGraph(c)
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			if g == nil {
				continue
			}
			switch err := compareOnORT(g, feed); {
			case errors.Is(err, errRefused):
				refused[c.Ops[0]+": "+err.Error()]++
			case err != nil:
				t.Errorf("%s: %v", c.Name, err)
			default:
				compared[c.Ops[0]]++
			}
		}
	}
	names := slices.Sorted(maps.Keys(compared))
	t.Logf("gradients of %d operators compared: %v", len(names), compared)
	for r, n := range refused {
		t.Logf("onnxruntime refuses %d: %.300s", n, r)
	}
	for _, d := range ops.Set().All() {
		if d.Grad != nil && compared[d.Name] == 0 && compared[d.Domain+"::"+d.Name] == 0 {
			t.Logf("not compared: %s", d.Name)
		}
	}
}

var errRefused = errors.New("refused")

// gradientGraph returns a case's graph with loss = sum(w*output) and the gradients by its float32
// inputs as outputs; nil where there is nothing to differentiate.
func gradientGraph(c *cases.Case) (*ir.Graph, map[*ir.Value]tensor.Any, error) {
	m, err := c.Model()
	if err != nil {
		return nil, nil, err
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		return nil, nil, nil // the conformance test counts these
	}
	g := r.Graph
	feed := map[*ir.Value]tensor.Any{}
	for k, v := range m.Graph.Input {
		x, err := c.Value(0, "input", k, v.Type)
		if err != nil || x == nil {
			return nil, nil, nil
		}
		if val := r.Values[v.Name]; val != nil {
			feed[val] = x
		}
	}
	vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		return nil, nil, nil
	}
	b := op.NewBuilder(g, ops.Set())
	for _, n := range g.Nodes {
		if ops.Set().Lookup(n.Domain, n.Op).Random {
			return nil, nil, nil
		}
	}
	// Static shapes: the recorded ones.
	bound, ok := static(g, feed)
	if !ok {
		return nil, nil, nil
	}
	loss := weighted(b, g.Outputs, vals)
	if loss == nil {
		return nil, nil, nil
	}
	var wrt []*ir.Value
	for _, v := range g.Inputs {
		if v.Fact.DType == tensor.Float32 && feed[v].Len() > 0 && finite(feed[v]) && bound {
			if leads(g, v) {
				wrt = append(wrt, v)
			}
		}
	}
	if len(wrt) == 0 {
		return nil, nil, nil
	}
	grads, err := autodiff.Gradients(b, loss, wrt)
	if err != nil {
		if strings.Contains(err.Error(), "does not depend on") {
			return nil, nil, nil
		}
		return nil, nil, err
	}
	g.Outputs = append([]*ir.Value{loss}, grads...)
	for i, v := range g.Outputs {
		if v.Kind != ir.Computed || slices.Contains(g.Outputs[:i], v) {
			g.Outputs[i] = b.Op("Identity", v)
		}
	}
	return g, feed, b.Err()
}

// static gives the inputs their recorded shapes and infers the graph again with the integers known.
func static(g *ir.Graph, feed map[*ir.Value]tensor.Any) (ok, _ bool) {
	for _, v := range g.Inputs {
		f := ir.ConstFact(feed[v])
		if d := v.Fact.DType; (d == tensor.Float32 || d == tensor.Float64) && leads(g, v) {
			f = f.Like()
		} else {
			v.Kind, v.Data = ir.Const, feed[v]
		}
		v.Fact = f
	}
	g.Inputs = slices.DeleteFunc(g.Inputs, func(v *ir.Value) bool { return v.Kind == ir.Const })
	for _, n := range g.Nodes {
		r, err := ops.Set().Resolve(n, op.Facts(n.In))
		if err != nil {
			return false, false
		}
		for i, v := range n.Out {
			if v != nil {
				v.Fact = r.Out(i)
			}
		}
	}
	return true, true
}

// leads reports whether every operator that reads v has a rule for it.
func leads(g *ir.Graph, v *ir.Value) bool {
	for _, n := range g.Nodes {
		d := ops.Set().Lookup(n.Domain, n.Op)
		for i, in := range n.In {
			if in == v && d.In[min(i, len(d.In)-1)].Grad != op.Differentiable {
				return false
			}
		}
	}
	return true
}

func finite(t tensor.Any) bool {
	for _, v := range tensor.Data[float32](t) {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}

func weighted(b *op.Builder, out []*ir.Value, vals []tensor.Any) *ir.Value {
	rnd := rand.New(rand.NewPCG(1, 2))
	var loss *ir.Value
	for _, v := range out {
		// onnxruntime 1.24 crashes on some graphs with an initializer that has no element.
		if v.Fact.DType != tensor.Float32 || v.Kind != ir.Computed || !finite(vals[v.ID]) || vals[v.ID].Len() == 0 {
			continue
		}
		if _, ok := v.Fact.Static(); !ok {
			continue // the shape depends on data
		}
		w := tensor.Zeros[float32](vals[v.ID].Shape()...)
		for i := range w.Data() {
			w.Data()[i] = rnd.Float32() + .5
		}
		one := b.Sum(b.Mul(v, b.Const(w)), false)
		if loss == nil {
			loss = one
		} else {
			loss = b.Add(loss, one)
		}
	}
	return loss
}

func compareOnORT(g *ir.Graph, feed map[*ir.Value]tensor.Any) error {
	vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		return err
	}
	m, err := lower.Raise(g, ops.Set(), lower.RaiseOptions{})
	if err != nil {
		return err
	}
	s, err := ort.New(m, ort.Options{Threads: 1})
	if err != nil {
		return fmt.Errorf("%w: %v", errRefused, err)
	}
	defer s.Close()
	in := map[string]tensor.Any{}
	for _, v := range g.Inputs {
		in[v.Name] = feed[v]
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		return fmt.Errorf("%w: %v", errRefused, err)
	}
	for i, v := range g.Outputs {
		err := close32(out[v.Name], vals[v.ID])
		if err != nil && i == 0 {
			// The forward pass already: the conformance test holds ours against the recorded outputs,
			// which some of onnxruntime's kernels do not give.
			return fmt.Errorf("%w: its forward pass is another: %v", errRefused, err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	return nil
}

func close32(got, want tensor.Any) error {
	if !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("shape %v, ours %v", got.Shape(), want.Shape())
	}
	w := tensor.Data[float32](want)
	for i, v := range tensor.Data[float32](got) {
		a, b := float64(v), float64(w[i])
		if a == b || math.IsNaN(a) && math.IsNaN(b) {
			continue
		}
		if !(math.Abs(a-b) <= 1e-5+1e-4*math.Abs(b)) {
			return fmt.Errorf("element %d is %v, ours %v", i, a, b)
		}
	}
	return nil
}
