package keras_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// newestOpset is that of the newest ONNX, newestORT what the onnxruntime of the tests runs whole.
const (
	newestOpset = 28
	newestORT   = 25
)

// TestOpsets converts every file at old and new opsets and compares with what Keras answered. What an opset
// cannot say must be an error that names layer and opset. Every opset of every file is tried with
// ONNXTOOL_SWEEP=1; one opset of each file, in turn, without.
func TestOpsets(t *testing.T) {
	if testing.Short() {
		t.Skip("converts every file")
	}
	sweep := os.Getenv("ONNXTOOL_SWEEP") != ""
	_, err := ort.Load(ort.Options{})
	haveORT := err == nil
	opsets := []int{13, 17, 18, 21, newestORT, newestOpset}
	i, refused := 0, 0
	eachFile(t, func(t *testing.T, c fileCase, file []byte, values map[string]tensor.Any) {
		for k, opset := range opsets {
			if i++; !sweep && (i+k)%len(opsets) != 0 {
				continue
			}
			m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{Opset: opset})
			if errors.Is(err, keras.ErrUnsupported) && strings.Contains(err.Error(), "is enough: layer") {
				t.Log(err)
				refused++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := m.OpsetVersion(""); got != int64(opset) {
				t.Errorf("opset %d, want %d", got, opset)
			}
			c.Batches = c.Batches[:1]
			s, err := infer.New(m, infer.Options{})
			if err != nil {
				t.Fatalf("opset %d: %v", opset, err)
			}
			compareBatches(t, "go", s, c, values)
			s.Close()
			if !haveORT || opset > newestORT || !sweep && i%5 != 0 {
				continue
			}
			o, err := ort.New(m, ort.Options{})
			if err != nil {
				t.Fatalf("opset %d: %v", opset, err)
			}
			compareBatches(t, "onnxruntime", o, c, values)
			o.Close()
		}
	})
	t.Logf("%d refused", refused)
}

// eachFile calls f for every case of testdata/kerasfiles.
func eachFile(t *testing.T, f func(t *testing.T, c fileCase, file []byte, values map[string]tensor.Any)) {
	t.Helper()
	archives, err := filepath.Glob("../../testdata/kerasfiles/*.zip")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, a := range archives {
		z, err := zip.OpenReader(a)
		if err != nil {
			t.Fatal(err)
		}
		var index struct{ Cases []fileCase }
		if err := json.Unmarshal(member(t, &z.Reader, "index.json"), &index); err != nil {
			t.Fatal(err)
		}
		for _, c := range index.Cases {
			t.Run(strings.TrimSuffix(filepath.Base(a), ".zip")+"/"+c.Name, func(t *testing.T) {
				arrays := member(t, &z.Reader, c.Name+"/io.npz")
				values, err := data.ReadNPZ(bytes.NewReader(arrays), int64(len(arrays)), data.ArrayOptions{})
				if err != nil {
					t.Fatal(err)
				}
				f(t, c, member(t, &z.Reader, c.File), values)
			})
		}
		z.Close()
	}
}
