package main

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// kerasRun is a run.json of testdata/finetune/runs.zip, optimizers.zip or sklearn_runs.zip.
type kerasRun struct {
	Args        []string
	History     map[string][]float64
	Predictions []float64
}

// TestKerasRuns takes files of Keras through convert and finetune and holds the history and the predictions of
// the tuned model against those of Keras's own fit.
func TestKerasRuns(t *testing.T) {
	for _, archive := range []string{"runs", "optimizers"} {
		kerasRuns(t, "../../testdata/finetune/"+archive+".zip", "model.keras")
	}
}

// TestSklearnRuns does the same with scikit-learn's networks as skl2onnx exports them; the history is that of a
// copy in Keras.
func TestSklearnRuns(t *testing.T) {
	kerasRuns(t, "../../testdata/finetune/sklearn_runs.zip", "m.onnx")
}

func kerasRuns(t *testing.T, archive, model string) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var index struct{ Cases []string }
	readJSON(t, &z.Reader, "index.json", &index)
	for _, name := range index.Cases {
		t.Run(name, func(t *testing.T) {
			var r kerasRun
			readJSON(t, &z.Reader, name+"/run.json", &r)
			dir := t.TempDir()
			for _, f := range []string{model, "data.npz"} {
				if err := os.WriteFile(filepath.Join(dir, f), readZip(t, &z.Reader, name+"/"+f), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if model == "model.keras" {
				if code, _, msg := call(t, "convert", filepath.Join(dir, model), "-o", filepath.Join(dir, "m.onnx")); code != 0 {
					t.Fatalf("convert: %s", msg)
				}
			}
			r.run(t, dir)
		})
	}
}

func (r *kerasRun) run(t *testing.T, dir string) {
	in := func(name string) string { return filepath.Join(dir, name) }
	args := append([]string{"finetune", in("m.onnx"), "--data", in("data.npz"), "--shuffle=false", "--history", in("h.csv"), "-o", in("out.onnx")}, r.Args...)
	if code, _, msg := call(t, args...); code != 0 {
		t.Fatalf("finetune: %s", msg)
	}
	b, err := os.Open(in("h.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	rows, err := csv.NewReader(b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range r.History {
		k := slices.Index(rows[0], name)
		if k < 0 || len(rows) != len(want)+1 || len(rows[0]) != len(r.History)+1 {
			t.Fatalf("history %v with %d rows, Keras has %s", rows[0], len(rows), name)
		}
		for i, w := range want {
			if got, err := strconv.ParseFloat(rows[i+1][k], 64); err != nil || !(math.Abs(got-w) <= 1e-4*math.Abs(w)+1e-7) {
				t.Errorf("epoch %d: %s is %v, Keras has %v", i, name, got, w)
				break
			}
		}
	}
	if len(r.Predictions) > 0 {
		r.predictions(t, in("out.onnx"), in("data.npz"))
	}
}

func (r *kerasRun) predictions(t *testing.T, model, npz string) {
	s, err := infer.Open(model, infer.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	arrays, err := data.LoadNPZ(npz, data.ArrayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]tensor.Any{}
	for _, v := range s.Inputs() {
		if in[v.Name], err = data.As(arrays[v.Name], v.DType); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var got []float32
	for _, v := range s.Outputs() { // a classifier of scikit-learn's gives labels first
		if t, ok := out[v.Name].(*tensor.Tensor[float32]); ok && got == nil {
			got = t.Data()
		}
	}
	for i, w := range r.Predictions {
		if !(math.Abs(float64(got[i])-w) <= 1e-3*math.Abs(w)+1e-4) {
			t.Fatalf("prediction %d is %v, Keras has %v", i, got[i], w)
		}
	}
}

func readJSON(t *testing.T, z *zip.Reader, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(readZip(t, z, name), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readZip(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
