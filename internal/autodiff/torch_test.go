package autodiff_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestGradientsArePyTorchs holds the gradients of single operators against PyTorch's.
func TestGradientsArePyTorchs(t *testing.T) {
	const file = "../../testdata/torch/ops.zip"
	a, err := cases.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var index struct {
		Cases []struct{ Upstream, Differentiable []string }
	}
	f, err := z.Open("index.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(f).Decode(&index); err != nil {
		t.Fatal(err)
	}
	array := func(name string) tensor.Any {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		x, err := data.ReadNPY(f, data.ArrayOptions{})
		if err != nil {
			t.Fatal(name, err)
		}
		return x
	}
	for i := range a.Cases {
		c := &a.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			torchGradient(t, c, index.Cases[i].Upstream, index.Cases[i].Differentiable, array)
		})
	}
}

func torchGradient(t *testing.T, c *cases.Case, upstream, wanted []string, array func(string) tensor.Any) {
	m, err := c.Model()
	if err != nil {
		t.Fatal(err)
	}
	if ops.Set().Lookup("", c.Op) == nil {
		t.Skipf("no operator %s", c.Op)
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, feed := r.Graph, map[*ir.Value]tensor.Any{}
	for k, v := range m.Graph.Input {
		x, err := c.Value(0, "input", k, v.Type)
		if err != nil {
			t.Fatal(err)
		}
		feed[r.Values[v.Name]] = x
	}
	if ok, _ := static(g, feed); !ok {
		t.Fatal("the recorded shapes do not fit")
	}
	b := op.NewBuilder(g, ops.Set())
	var loss *ir.Value
	for _, name := range upstream {
		one := b.Sum(b.Mul(r.Values[name], b.Const(array(c.Name+"/grad/"+name+".npy"))), false)
		if loss != nil {
			one = b.Add(loss, one)
		}
		loss = one
	}
	var wrt []*ir.Value
	for _, name := range wanted {
		wrt = append(wrt, r.Values[name])
	}
	grads, err := autodiff.Gradients(b, loss, wrt)
	if err != nil {
		if strings.Contains(err.Error(), "does not depend on") && slices.ContainsFunc(wanted, func(n string) bool { return allZero(array(c.Name + "/grad/" + n + ".npy")) }) {
			return // PyTorch's gradient is 0 too
		}
		t.Fatal(err)
	}
	g.Outputs = grads
	vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range wanted {
		want := array(fmt.Sprintf("%s/grad/%s.npy", c.Name, name))
		if got := vals[grads[k].ID]; !got.Shape().Equal(want.Shape()) {
			t.Errorf("gradient by %s is %v, PyTorch's %v", name, got.Shape(), want.Shape())
			continue
		}
		w := tensor.Data[float32](want)
		for i, v := range tensor.Data[float32](vals[grads[k].ID]) {
			if d := math.Abs(float64(v - w[i])); !(d <= 1e-5+1e-4*math.Abs(float64(w[i]))) {
				t.Errorf("gradient by %s[%d] is %v, PyTorch's %v", name, i, v, w[i])
				break
			}
		}
	}
}

func allZero(x tensor.Any) bool {
	return !slices.ContainsFunc(tensor.Data[float32](x), func(v float32) bool { return v != 0 })
}
