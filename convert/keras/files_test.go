package keras_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// fileCase is a case of testdata/kerasfiles/*.zip, see testdata/gen/kerasfile.py.
type fileCase struct {
	Name    string
	File    string
	Batches []int
	Opset   int
	MaxT    *int `json:"transposes"` // Transpose nodes there may be
	Loops   bool // no other operators say what the layer does
}

// runner answers a model: this module, or onnxruntime.
type runner interface {
	Inputs() []infer.ValueInfo
	Outputs() []infer.ValueInfo
	Run(context.Context, map[string]tensor.Any) (map[string]tensor.Any, error)
}

// TestFiles converts every file that Keras saved and compares with what Keras answered, in pure Go and
// in onnxruntime where there is one.
func TestFiles(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/kerasfiles/*.zip")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, a := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(a), ".zip"), func(t *testing.T) { testArchive(t, a) })
	}
}

func testArchive(t *testing.T, path string) {
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var index struct{ Cases []fileCase }
	if err := json.Unmarshal(member(t, &z.Reader, "index.json"), &index); err != nil {
		t.Fatal(err)
	}
	_, err = ort.Load(ort.Options{})
	haveORT := err == nil
	for _, c := range index.Cases {
		t.Run(c.Name, func(t *testing.T) {
			file := member(t, &z.Reader, c.File)
			arrays := member(t, &z.Reader, c.Name+"/io.npz")
			values, err := data.ReadNPZ(bytes.NewReader(arrays), int64(len(arrays)), data.ArrayOptions{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{Opset: c.Opset})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, node := range m.Graph.Node {
				if node.OpType == "Transpose" {
					n++
				}
			}
			if c.MaxT != nil && n > *c.MaxT {
				t.Errorf("%d Transposes, want %d", n, *c.MaxT)
			}
			s, err := infer.New(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			compareBatches(t, "go", s, c, values)
			if !haveORT {
				return
			}
			o, err := ort.New(m, ort.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			compareBatches(t, "onnxruntime", o, c, values)
		})
	}
}

func member(t testing.TB, z *zip.Reader, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compareBatches runs the first rows of the inputs and holds the results against as many rows of what
// Keras answered.
func compareBatches(t *testing.T, name string, s runner, c fileCase, values map[string]tensor.Any) {
	t.Helper()
	for _, batch := range c.Batches {
		in := map[string]tensor.Any{}
		for i, v := range s.Inputs() {
			x, err := rows(values[fmt.Sprintf("in_%d", i)], batch)
			if err == nil {
				x, err = data.As(x, v.DType)
			}
			if err != nil {
				t.Fatalf("input %s: %v", v.Name, err)
			}
			in[v.Name] = x
		}
		out, err := s.Run(context.Background(), in)
		if err != nil {
			t.Fatalf("%s, batch %d: %v", name, batch, err)
		}
		for i, v := range s.Outputs() {
			want := values[fmt.Sprintf("out_%d", i)]
			if len(c.Batches) > 1 {
				if want, err = rows(want, batch); err != nil {
					t.Fatalf("output %s: %v", v.Name, err)
				}
			}
			if err := near(out[v.Name], want); err != nil {
				t.Fatalf("%s, batch %d, output %s: %v", name, batch, v.Name, err)
			}
		}
		if k := fmt.Sprintf("out_%d", len(s.Outputs())); values[k] != nil {
			t.Fatalf("there are %d outputs, Keras has more", len(s.Outputs()))
		}
	}
}

// rows returns the first n rows.
func rows(v tensor.Any, n int) (tensor.Any, error) {
	switch v := v.(type) {
	case nil:
		return nil, errors.New("the case has no array for it")
	case *tensor.Tensor[float32]:
		return firstRows(v, n)
	case *tensor.Tensor[float64]:
		return firstRows(v, n)
	case *tensor.Tensor[int32]:
		return firstRows(v, n)
	case *tensor.Tensor[int64]:
		return firstRows(v, n)
	case *tensor.Tensor[int8]:
		return firstRows(v, n)
	case *tensor.Tensor[uint8]:
		return firstRows(v, n)
	case *tensor.Tensor[uint64]:
		return firstRows(v, n)
	case *tensor.Tensor[bool]:
		return firstRows(v, n)
	case *tensor.Tensor[string]:
		return firstRows(v, n)
	}
	return nil, fmt.Errorf("rows of %v", v.DType())
}

func firstRows[T tensor.Elem](v *tensor.Tensor[T], n int) (tensor.Any, error) {
	s := v.Shape().Clone()
	if len(s) == 0 || s[0] <= n {
		return v, nil
	}
	s[0] = n
	size, _ := s.Size()
	return tensor.New(v.Data()[:size], s...)
}

// kind is a type without its width.
func kind(d tensor.DType) string {
	return strings.TrimRight(strings.TrimPrefix(d.String(), "u"), "0123456789")
}

// near compares at Keras's precision; integers, strings and bools exactly.
func near(got, want tensor.Any) error {
	if !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("shape %v, want %v", got.Shape(), want.Shape())
	}
	if w, ok := want.(*tensor.Tensor[string]); ok {
		g, ok := got.(*tensor.Tensor[string])
		if !ok {
			return fmt.Errorf("type %v, want %v", got.DType(), want.DType())
		}
		for i := range w.Data() {
			if g.Data()[i] != w.Data()[i] {
				return fmt.Errorf("[%d] is %q, want %q", i, g.Data()[i], w.Data()[i])
			}
		}
		return nil
	}
	if kind(got.DType()) != kind(want.DType()) {
		return fmt.Errorf("type %v, want %v", got.DType(), want.DType())
	}
	g, err := data.As(got, tensor.Float64)
	if err != nil {
		return err
	}
	w, err := data.As(want, tensor.Float64)
	if err != nil {
		return err
	}
	wd := tensor.Data[float64](w)
	for i, v := range tensor.Data[float64](g) {
		if v == wd[i] || math.IsNaN(v) && math.IsNaN(wd[i]) {
			continue
		}
		if !(math.Abs(v-wd[i]) <= 1e-5+1e-4*math.Abs(wd[i])) {
			return fmt.Errorf("[%d] is %v, want %v", i, v, wd[i])
		}
	}
	return nil
}
