package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func node(name, op string, in, out []string, attrs ...*onnxio.Attribute) *onnxio.Node {
	return &onnxio.Node{OpType: op, Name: name, Input: in, Output: out, Attribute: attrs}
}

// net is a small classifier whose nodes are named as a converter names them.
func net() *onnxio.Model {
	w := func(name string, seed, rows, cols int) *onnxio.Tensor {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = float32((i*seed)%7)/4 - 0.6
		}
		return onnxio.FromTensor(name, tensor.Must(v, rows, cols))
	}
	return &onnxio.Model{IRVersion: 10, OpsetImport: []*onnxio.OperatorSetID{{Version: 21}}, Graph: &onnxio.Graph{
		Name:        "net",
		Input:       []*onnxio.ValueInfo{onnxio.NewValueInfo("x", tensor.Float32, "batch", 4)},
		Output:      []*onnxio.ValueInfo{onnxio.NewValueInfo("probs", tensor.Float32, "batch", 3)},
		Initializer: []*onnxio.Tensor{w("w1", 3, 4, 5), w("b1", 5, 1, 5), w("w2", 4, 5, 3)},
		Node: []*onnxio.Node{
			node("dense/MatMul", "MatMul", []string{"x", "w1"}, []string{"m1"}),
			node("dense/Add", "Add", []string{"m1", "b1"}, []string{"a1"}),
			node("dense/Tanh", "Tanh", []string{"a1"}, []string{"t1"}),
			node("dense_1/MatMul", "MatMul", []string{"t1", "w2"}, []string{"m2"}),
			node("dense_1/Softmax", "Softmax", []string{"m2"}, []string{"probs"}, onnxio.NewAttribute("axis", -1)),
		},
	}}
}

// wrong is Go whose node that makes value makes it half as large again: where it is asked for its outputs only, if hidden.
func wrong(value string, hidden bool) Backend {
	return Backend{"wrong", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		if hidden && values != nil {
			return Go(1).Open(m, values)
		}
		model, graph := *m, *m.Graph
		graph.Initializer = append(slices.Clone(graph.Initializer), onnxio.FromTensor("planted_factor", tensor.Scalar[float32](1.5)))
		graph.Node = nil
		for _, n := range m.Graph.Node {
			c := *n
			if c.Output[0] == value {
				c.Output = []string{"planted_before"}
				fault := node("planted", "Mul", []string{"planted_before", "planted_factor"}, []string{value})
				graph.Node = append(graph.Node, &c, fault)
				continue
			}
			graph.Node = append(graph.Node, &c)
		}
		model.Graph = &graph
		return Go(1).Open(&model, values)
	}}
}

func lacking(op string) Backend {
	return Backend{"lacking", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		for _, n := range m.Graph.Node {
			if n.OpType == op {
				return nil, fmt.Errorf("%w: operator %s", infer.ErrUnsupported, op)
			}
		}
		return Go(1).Open(m, values)
	}}
}

func save(t *testing.T, m *onnxio.Model) string {
	t.Helper()
	b, err := onnxio.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func runOne(t *testing.T, o Options, path string) *CaseReport {
	t.Helper()
	found, err := FindCases(path)
	if err != nil {
		t.Fatal(err)
	}
	r := o.Run(t.Context(), found)
	if len(r.Cases) != 1 {
		t.Fatalf("%d cases", len(r.Cases))
	}
	return r.Cases[0]
}

var goReference = Reference{Kind: "go"}

func TestVerdicts(t *testing.T) {
	path := save(t, net())
	changed := net()
	weights, _ := changed.Graph.Initializer[2].Value()
	tensor.Data[float32](weights)[3] += 0.5
	renamed := net()
	renamed.Graph.Input[0].Name, renamed.Graph.Node[0].Input[0] = "features", "features"
	for _, c := range []struct {
		name    string
		o       Options
		verdict Verdict
		reason  string
		node    string
		note    string
	}{
		{"same", Options{Reference: goReference}, Passed, "", "", ""},
		{"fault in the first node", Options{Reference: goReference, Candidate: wrong("m1", false)}, Failed, "output probs", "dense/MatMul (MatMul-13)", ""},
		{"fault in the middle", Options{Reference: goReference, Candidate: wrong("t1", false)}, Failed, "output probs", "dense/Tanh (Tanh-13)", ""},
		{"fault in the last node", Options{Reference: goReference, Candidate: wrong("probs", false)}, Failed, "output probs", "dense_1/Softmax (Softmax-13)", ""},
		{"fault that hides", Options{Reference: goReference, Candidate: wrong("t1", true)}, Failed, "output probs", " ()", ""},
		{"weight", Options{Reference: Reference{Kind: "model", Model: changed}}, Failed, "output probs", "dense_1/MatMul (MatMul-13)", "its weight w2 differs in 1 of 15 elements, first [1 0]: "},
		{"model with another input name", Options{Reference: Reference{Kind: "model", Model: renamed}}, Passed, "", "", ""},
		{"unsupported by the candidate", Options{Reference: goReference, Candidate: lacking("Tanh")}, Unsupported, "candidate (lacking): unsupported: operator Tanh", "", ""},
		{"unsupported by the reference", Options{Reference: Reference{Kind: "go", Backend: lacking("Tanh")}}, Unsupported, "reference (lacking)", "", ""},
		{"bad inputs", Options{Reference: goReference, Inputs: map[string]tensor.Any{"x": tensor.Zeros[float32](2, 3)}}, Error, "input x is f32[2,3]", "", ""},
		{"nothing recorded", Options{Reference: Reference{Kind: "recorded"}}, Error, "nothing is recorded", "", ""},
		{"tolerance", Options{Reference: goReference, Candidate: wrong("probs", false), Tolerances: Tolerances{ATol: ptr(2)}}, Passed, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := runOne(t, c.o, path)
			if r.Verdict != c.verdict || !strings.Contains(r.Reason, c.reason) {
				t.Fatalf("got %s: %s", r.Verdict, r.Reason)
			}
			if c.verdict == Failed {
				d := r.FirstDivergence
				if got := d.Node + " (" + d.Op + ")"; got != c.node || !strings.Contains(d.Note, c.note) || d.Vanishes != (c.name == "fault that hides") {
					t.Errorf("got %s, %+v", got, d)
				}
			} else if r.FirstDivergence != nil {
				t.Errorf("a divergence: %v", r.FirstDivergence)
			}
		})
	}
}

func TestVanishing(t *testing.T) {
	// A fault that shows with one exposed value, and not with many.
	b := Backend{"fused", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		return wrong("t1", len(values) > 1).Open(m, values)
	}}
	r := runOne(t, Options{Reference: goReference, Candidate: b}, save(t, net()))
	d := r.FirstDivergence
	if r.Verdict != Failed || d == nil || !d.Vanishes || d.Node != "dense/Tanh" || d.Layer != "dense" {
		t.Fatalf("got %s %+v", r.Verdict, d)
	}
	if text := d.String(); !strings.Contains(text, "vanishes") || !strings.Contains(text, "layer dense: first differs at node dense/Tanh (Tanh-13) f32[1,5]") {
		t.Error(text)
	}
}

func TestDump(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dump")
	r := runOne(t, Options{Reference: goReference, Candidate: wrong("m2", false), Dump: dir}, save(t, net()))
	if r.FirstDivergence == nil || r.FirstDivergence.Dump != dir || r.FirstDivergence.Node != "dense_1/MatMul" {
		t.Fatalf("got %+v", r.FirstDivergence)
	}
	// The dump is a case: it passes with an honest candidate, and fails with the same faulty one.
	if good := runOne(t, Options{}, dir); good.Verdict != Passed || good.Reference != "recorded" {
		t.Errorf("the dump: %+v", good)
	}
	if bad := runOne(t, Options{Candidate: wrong("m2", false), Bisector: Go(1)}, dir); bad.Verdict != Failed || bad.FirstDivergence.Node != "dense_1/MatMul" ||
		!strings.Contains(bad.FirstDivergence.Note, "recorded cases hold no intermediate values: searched against go instead") {
		t.Errorf("the dump with the fault: %+v %+v", bad, bad.FirstDivergence)
	}
}

// TestDumpRefused says why a node was not written.
func TestDumpRefused(t *testing.T) {
	file := save(t, net())
	r := runOne(t, Options{Reference: goReference, Candidate: wrong("m2", false), Dump: file}, file)
	if d := r.FirstDivergence; r.Verdict != Failed || d == nil || d.Dump != "" || d.Node != "dense_1/MatMul" || !strings.Contains(d.String(), file) {
		t.Errorf("got %s %+v", r.Verdict, d)
	}
}

// record writes a case with what Go answers.
func record(t *testing.T, dir string, m *onnxio.Model, spoil bool) {
	t.Helper()
	s, err := Go(1).Open(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	in, err := RandomInputs(m, s.Inputs(), 1, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	y := out["probs"]
	if spoil {
		tensor.Data[float32](y)[1] = nan
	}
	if err := WriteCase(dir, m, []tensor.Any{in["x"]}, []tensor.Any{y}); err != nil {
		t.Fatal(err)
	}
}

func TestCases(t *testing.T) {
	root := t.TempDir()
	record(t, filepath.Join(root, "a", "good"), net(), false)
	record(t, filepath.Join(root, "b"), net(), true)
	unknown := net()
	record(t, filepath.Join(root, "c"), net(), false)
	unknown.Graph.Node[2].OpType = "NoSuchOperator"
	b, _ := onnxio.Marshal(unknown)
	os.WriteFile(filepath.Join(root, "c", "model.onnx"), b, 0o644)
	record(t, filepath.Join(root, "d"), net(), false)
	os.WriteFile(filepath.Join(root, "d", "model.onnx"), []byte("garbage"), 0o644)
	found, err := FindCases(root)
	if err != nil || len(found) != 4 {
		t.Fatalf("%v, %v", found, err)
	}
	var order []string
	o := Options{Bisector: Go(1), Parallel: 4, Progress: func(c *CaseReport) { order = append(order, filepath.Base(c.Path)) }}
	r := o.Run(t.Context(), found)
	if got := r.Summary(); got != "1 passed, 1 failed, 1 unsupported, 1 errors" || r.OK() {
		t.Errorf("%s", got)
	}
	if !slices.Equal(order, []string{"good", "b", "c", "d"}) {
		t.Errorf("order %v", order)
	}
	for i, want := range []Verdict{Passed, Failed, Unsupported, Error} {
		if r.Cases[i].Verdict != want {
			t.Errorf("%s: %s %s", r.Cases[i].Path, r.Cases[i].Verdict, r.Cases[i].Reason)
		}
	}
	if d := r.Cases[1].FirstDivergence; d == nil || !strings.Contains(d.Note, "go agrees with the candidate: it is the recorded answer") {
		t.Errorf("spoilt recording: %+v", d)
	}
	checkJSON(t, r)
	checkJUnit(t, r)
	if _, err := FindCases(t.TempDir()); err == nil {
		t.Error("an empty folder has cases")
	}
}

func checkJSON(t *testing.T, r *Report) {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Cases []struct {
			Verdict, Reference string
			Outputs            []struct {
				MaxAbs  any `json:"max_abs"`
				Outside int
			}
			Divergence map[string]any `json:"first_divergence"`
		}
		Passed, Failed, Unsupported, Errors int
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Cases[0].Outputs[0].MaxAbs != 0.0 || got.Cases[1].Outputs[0].MaxAbs != "NaN" || got.Cases[1].Outputs[0].Outside != 1 ||
		got.Cases[0].Divergence != nil || got.Cases[1].Divergence == nil || got.Errors != 1 {
		t.Errorf("json: %s", b.Bytes())
	}
}

func checkJUnit(t *testing.T, r *Report) {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuite
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 1 || got.Errors != 2 || got.Cases[1].Failure == nil || got.Cases[2].Error.Type != "unsupported" {
		t.Errorf("junit: %s", b.Bytes())
	}
}

func TestArrays(t *testing.T) {
	m := net()
	s, err := Go(1).Open(m, []string{"t1", "probs"})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Must([]float32{1, -1, 0.5, 2, 0, 1, 2, 3}, 2, 4)
	out, err := s.Run(t.Context(), map[string]tensor.Any{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	path := save(t, m)
	for _, c := range []struct {
		name   string
		arrays map[string]tensor.Any
		cand   Backend
		want   Verdict
		node   string
		reason string
	}{
		{"by name", map[string]tensor.Any{"x": x, "probs": out["probs"]}, Go(1), Passed, "", ""},
		{"by position", map[string]tensor.Any{"in_0": x, "out_0": out["probs"]}, Go(1), Passed, "", ""},
		{"missing", map[string]tensor.Any{"in_0": x}, Go(1), Error, "", "neither probs nor out_0"},
		{"layer", map[string]tensor.Any{"in_0": x, "out_0": out["probs"], "dense": out["t1"]}, wrong("t1", false), Failed, "dense/Tanh", ""},
		{"node name", map[string]tensor.Any{"in_0": x, "out_0": out["probs"], "dense/Tanh": out["t1"]}, wrong("m2", false), Failed, "dense_1/Softmax", ""},
		{"no intermediate values", map[string]tensor.Any{"in_0": x, "out_0": out["probs"]}, wrong("m2", false), Failed, "dense_1/MatMul", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := runOne(t, Options{Candidate: c.cand, Bisector: Go(1), Reference: Reference{Kind: "npz", Arrays: c.arrays}}, path)
			if r.Verdict != c.want || !strings.Contains(r.Reason, c.reason) || c.node != "" && r.FirstDivergence.Node != c.node {
				t.Errorf("got %s %s, %+v", r.Verdict, r.Reason, r.FirstDivergence)
			}
		})
	}
}

func TestRandomOperators(t *testing.T) {
	m := net()
	m.Graph.Node[2] = node("noise", "RandomNormalLike", []string{"a1"}, []string{"t1"})
	r := runOne(t, Options{Reference: goReference, Candidate: wrong("m2", false)}, save(t, m))
	if r.Verdict != Failed || r.FirstDivergence != nil || !strings.Contains(r.Reason, "node noise (RandomNormalLike-") {
		t.Errorf("got %+v", r)
	}
}

// TestManyNodes bisects a model whose values are exposed in several parts, some of which cannot be.
func TestManyNodes(t *testing.T) {
	m := net()
	m.Graph.Input[0].Name, m.Graph.Input[0].Type = "v0", onnxio.NewValueInfo("", tensor.Float32, 4).Type
	m.Graph.Node, m.Graph.Initializer = nil, []*onnxio.Tensor{onnxio.FromTensor("one", tensor.Scalar[float32](1))}
	const n = 2*chunkSize + 50
	for i := range n {
		m.Graph.Node = append(m.Graph.Node, node(fmt.Sprintf("n%d", i), "Add", []string{fmt.Sprintf("v%d", i), "one"}, []string{fmt.Sprintf("v%d", i+1)}))
	}
	m.Graph.Output = []*onnxio.ValueInfo{onnxio.NewValueInfo(fmt.Sprintf("v%d", n), tensor.Float32, 4)}
	path := save(t, m)
	shy := Backend{"shy", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		for _, hidden := range []string{"v3", "v300"} {
			if slices.Contains(values, hidden) {
				return nil, fmt.Errorf("%w: value %s is not a tensor", infer.ErrUnsupported, hidden)
			}
		}
		return Go(1).Open(m, values)
	}}
	r := runOne(t, Options{Reference: Reference{Kind: "go", Backend: shy}, Candidate: wrong("v400", false)}, path)
	if d := r.FirstDivergence; d == nil || d.Node != "n399" || d.Vanishes {
		t.Errorf("got %s %+v", r.Reason, d)
	}
	// Where the faulty value itself cannot be seen, the next one is named.
	if r = runOne(t, Options{Reference: Reference{Kind: "go", Backend: shy}, Candidate: wrong("v300", false)}, path); r.FirstDivergence.Node != "n300" {
		t.Errorf("got %+v", r.FirstDivergence)
	}
}

// TestGuessedSizes holds that a model for which random sizes do not fit says which can be given.
func TestGuessedSizes(t *testing.T) {
	m := net()
	m.Graph.Input[0].Type = onnxio.NewValueInfo("", tensor.Float32, "batch", "features").Type
	path := save(t, m)
	r := runOne(t, Options{Reference: goReference}, path)
	if r.Verdict != Error || !strings.Contains(r.Reason, "can be given: --dim batch=N --dim features=N") {
		t.Errorf("got %+v", r)
	}
	if r = runOne(t, Options{Reference: goReference, Dims: map[string]int{"features": 4}}, path); r.Verdict != Passed {
		t.Errorf("got %+v", r)
	}
}

func TestNamesCannotSteerTheTerminal(t *testing.T) {
	m := net()
	m.Graph.Node[1].Name = "bad\x1b[2Jname"
	r := runOne(t, Options{Reference: goReference, Candidate: wrong("a1", false)}, save(t, m))
	var b strings.Builder
	if err := r.WriteDetails(&b); err != nil || strings.Contains(b.String(), "\x1b") || !strings.Contains(b.String(), "bad?[2Jname") {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestTimeout(t *testing.T) {
	slow := Backend{"slow", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		r, err := Go(1).Open(m, values)
		return sleeper{r}, err
	}}
	r := runOne(t, Options{Reference: goReference, Candidate: slow, Timeout: 10 * time.Millisecond}, save(t, net()))
	if r.Verdict != Error || r.Reason != "the case took more than 10ms" {
		t.Errorf("got %+v", r)
	}
}

// sleeper runs until its context ends.
type sleeper struct{ infer.Runner }

func (sleeper) Run(ctx context.Context, _ map[string]tensor.Any) (map[string]tensor.Any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAgainstORT(t *testing.T) {
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" || !errors.Is(err, ort.ErrLibrary) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	path := save(t, net())
	if r := runOne(t, Options{}, path); r.Verdict != Passed || r.Reference != "ort" || r.Samples != 3 {
		t.Errorf("got %+v", r)
	}
	r := runOne(t, Options{Candidate: wrong("a1", false)}, path)
	if r.Verdict != Failed || r.FirstDivergence.Node != "dense/Add" {
		t.Errorf("got %+v", r.FirstDivergence)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found, _ := FindCases(save(t, net()))
	r := Options{Reference: goReference}.Run(ctx, found)
	if r.Cases[0].Verdict != Error {
		t.Errorf("got %+v", r.Cases[0])
	}
}
