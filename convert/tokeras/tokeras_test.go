package tokeras_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestThereAndBack converts Keras's files to ONNX, writes those as .keras, converts them again, and holds
// the answers against Keras's. ONNXTOOL_TOKERAS_DUMP=FOLDER leaves the files there, for
// testdata/gen/tokeras_check.py.
func TestThereAndBack(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/kerasfiles/*.zip")
	if err != nil {
		t.Fatal(err)
	}
	written, refused := 0, map[string]int{}
	for _, a := range archives {
		z, err := zip.OpenReader(a)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		var index struct{ Cases []struct{ Name, File string } }
		if err := json.Unmarshal(member(t, &z.Reader, "index.json"), &index); err != nil {
			t.Fatal(err)
		}
		for _, c := range index.Cases {
			file := member(t, &z.Reader, c.File)
			m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{})
			if err != nil {
				continue
			}
			dir := t.TempDir()
			if d := os.Getenv("ONNXTOOL_TOKERAS_DUMP"); d != "" {
				dir = d
			}
			path := filepath.Join(dir, strings.TrimSuffix(filepath.Base(a), ".zip")+"-"+c.Name+".keras")
			if err := tokeras.Write(path, m); err != nil {
				for line := range strings.Lines(err.Error()) {
					if _, op, ok := strings.Cut(line, "("); ok {
						op, _, _ = strings.Cut(op, ")")
						refused[op]++
					}
				}
				if !errors.Is(err, tokeras.ErrUnsupported) {
					t.Errorf("%s: %v", c.Name, err)
				}
				continue
			}
			written++
			arrays := member(t, &z.Reader, c.Name+"/io.npz")
			if err := again(path, m, arrays); err != nil {
				t.Errorf("%s %s: %v", filepath.Base(a), c.Name, err)
			}
			if os.Getenv("ONNXTOOL_TOKERAS_DUMP") != "" {
				if err := os.WriteFile(strings.TrimSuffix(path, ".keras")+".npz", arrays, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("%d files written; nodes refused: %v", written, refused)
	if written < 600 {
		t.Errorf("only %d files could be written", written)
	}
}

func again(path string, m *onnxio.Model, arrays []byte) error {
	back, err := keras.Convert(path, keras.Options{})
	if err != nil {
		return err
	}
	values, err := data.ReadNPZ(bytes.NewReader(arrays), int64(len(arrays)), data.ArrayOptions{})
	if err != nil {
		return err
	}
	s, err := infer.New(back, infer.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	in := map[string]tensor.Any{}
	for i, v := range s.Inputs() {
		if v.Name != m.Graph.Input[i].Name {
			return fmt.Errorf("input %d is %s, was %s", i, v.Name, m.Graph.Input[i].Name)
		}
		if in[v.Name], err = data.As(values[fmt.Sprintf("in_%d", i)], v.DType); err != nil {
			return err
		}
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		return err
	}
	for i, v := range s.Outputs() {
		want := values[fmt.Sprintf("out_%d", i)]
		if !want.Shape().Equal(out[v.Name].Shape()) {
			return fmt.Errorf("output %s has shape %v, want %v", v.Name, out[v.Name].Shape(), want.Shape())
		}
		g, err := data.As(out[v.Name], tensor.Float64)
		if err != nil {
			return err
		}
		w, err := data.As(want, tensor.Float64)
		if err != nil {
			return err
		}
		for k, x := range tensor.Data[float64](g) {
			if y := tensor.Data[float64](w)[k]; !(math.Abs(x-y) <= 1e-5+1e-4*math.Abs(y)) && x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
				return fmt.Errorf("output %s[%d] is %v, want %v", v.Name, k, x, y)
			}
		}
	}
	return nil
}

func member(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
