package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

// TestRecordedNode holds that a recording names a node where it can: what the node reads agrees, and what
// it makes does not.
func TestRecordedNode(t *testing.T) {
	m := net()
	m.Graph.Output = append(m.Graph.Output, onnxio.NewValueInfo("m2", m.Graph.Output[0].Type.TensorType.DType(), "batch", 3))
	s, err := Go(1).Open(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	in, err := RandomInputs(m, s.Inputs(), 1, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	arrays["x"] = in["x"]
	m.Graph.Node[4].Attribute[0].I = 0 // the fault: Softmax along the batch
	r := runOne(t, Options{Reference: Reference{Kind: "npz", Arrays: arrays}, Bisector: Go(1), Dump: t.TempDir()}, save(t, m))
	d := r.FirstDivergence
	if r.Verdict != Failed || d == nil || d.Node != "dense_1/Softmax" || len(d.Inputs) != 1 || d.Inputs[0] != "f32[3,3]" || d.Dump == "" {
		t.Errorf("%+v", d)
	}
	if r := runOne(t, Options{}, d.Dump); r.Verdict != Failed {
		t.Errorf("the dumped node: %s %s", r.Verdict, r.Reason)
	}
}

// TestSurplus holds that a recorded value which the model does not have is an error.
func TestSurplus(t *testing.T) {
	for _, name := range []string{"input_1.pb", "output_1.pb"} {
		dir := t.TempDir()
		record(t, dir, net(), false)
		set := filepath.Join(dir, "test_data_set_0")
		b, err := os.ReadFile(filepath.Join(set, "input_0.pb"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(set, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		if r := runOne(t, Options{}, dir); r.Verdict != Error || !strings.Contains(r.Reason, name+": the model has no ") {
			t.Errorf("%s: %s %s", name, r.Verdict, r.Reason)
		}
	}
}

// TestLinkedFolder holds that a path may be a link to a case or to a folder of them.
func TestLinkedFolder(t *testing.T) {
	root := t.TempDir()
	record(t, filepath.Join(root, "all", "case"), net(), false)
	for i, target := range []string{"all", filepath.Join("all", "case")} {
		link := filepath.Join(root, []string{"a", "b"}[i])
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
		if r := runOne(t, Options{}, link); r.Verdict != Passed {
			t.Errorf("%s: %s %s", target, r.Verdict, r.Reason)
		}
	}
}

// TestUnknownDim holds that a size for a dimension which the model does not have is an error, unless it is
// for one of many models.
func TestUnknownDim(t *testing.T) {
	path := save(t, net())
	o := Options{Reference: goReference, Dims: map[string]int{"bacth": 2}}
	if r := runOne(t, o, path); r.Verdict != Error || !strings.Contains(r.Reason, `no input has a dimension bacth, did you mean "batch"?`) {
		t.Errorf("%s %s", r.Verdict, r.Reason)
	}
	found, err := FindCases(path, path)
	if err != nil {
		t.Fatal(err)
	}
	if r := o.Run(t.Context(), found); r.Passed != 2 {
		t.Error(r.Summary())
	}
}
