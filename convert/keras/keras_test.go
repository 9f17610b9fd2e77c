package keras_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// shared returns a file of ../shared, or skips where there is none.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("ONNXTOOL_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	p := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skip("no shared files")
	}
	return p
}

// TestKeras2Files converts files that TensorFlow 1.15 and 2.10 saved and compares with what those answered.
func TestKeras2Files(t *testing.T) {
	root := shared(t, "keras2")
	dirs, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, d := range dirs {
		t.Run(d.Name(), func(t *testing.T) {
			m, err := keras.Convert(filepath.Join(root, d.Name(), "model.h5"), keras.Options{})
			if errors.Is(err, keras.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			s, err := infer.New(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			io, err := data.LoadNPZ(filepath.Join(root, d.Name(), "io.npz"), data.ArrayOptions{})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, s, io)
			done++
		})
	}
	t.Logf("%d files converted", done)
}

// compare feeds in_0, in_1, ... to a session and holds its outputs against out_0, out_1, ...
func compare(t *testing.T, s *infer.Session, io map[string]tensor.Any) {
	t.Helper()
	in := map[string]tensor.Any{}
	for i, v := range s.Inputs() {
		a, err := data.As(io["in_"+string(rune('0'+i))], v.DType)
		if err != nil {
			t.Fatal(err)
		}
		in[v.Name] = a
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range s.Outputs() {
		want := io["out_"+string(rune('0'+i))]
		if !want.Shape().Equal(out[v.Name].Shape()) {
			t.Fatalf("output %s has shape %v, want %v", v.Name, out[v.Name].Shape(), want.Shape())
		}
		w := tensor.Data[float32](want)
		for k, g := range tensor.Data[float32](out[v.Name]) {
			if math.Abs(float64(g-w[k])) > 1e-5+1e-4*math.Abs(float64(w[k])) {
				t.Fatalf("output %s[%d] is %v, want %v", v.Name, k, g, w[k])
			}
		}
	}
}

// TestCourseFile converts the class-7 model as Colab saved it in 2020.
func TestCourseFile(t *testing.T) {
	m, err := keras.Convert(shared(t, "keras", "wine_embedding_colab_2020.h5"), keras.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, i := range m.Graph.Initializer {
		found = found || i.Name == "vendor_embedding/embeddings" && len(i.Dims) == 2 && i.Dims[0] == 502 && i.Dims[1] == 8
	}
	if !found {
		t.Error("no embedding of 502 x 8 called vendor_embedding/embeddings")
	}
	if got := []string{m.Graph.Input[0].Name, m.Graph.Input[1].Name}; got[0] != "features" || got[1] != "vendor_idx" {
		t.Errorf("inputs %v", got)
	}
	var nodes []string
	for _, n := range m.Graph.Node {
		nodes = append(nodes, n.Name)
	}
	want := []string{"vendor_embedding/Cast", "vendor_embedding/Gather", "flatten/Flatten", "concatenate/Concat",
		"dense_2/Gemm", "activation_2/Relu", "dense_3/Gemm", "activation_3/Sigmoid"}
	if !slices.Equal(nodes, want) {
		t.Errorf("nodes %v, want %v", nodes, want)
	}
}

// TestDamagedFile converts files with bits flipped: an error or a model, and no panic.
func TestDamagedFile(t *testing.T) {
	file, err := os.ReadFile(shared(t, "keras2", "nested_vae__tf210", "model.h5"))
	if err != nil {
		t.Fatal(err)
	}
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	for i := range rounds {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		b := bytes.Clone(file)
		for range 1 + r.IntN(8) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		if r.IntN(5) == 0 {
			b = b[:r.IntN(len(b))]
		}
		_, _ = keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{})
	}
}

func TestLambda(t *testing.T) {
	_, err := keras.Convert(shared(t, "keras2", "lambda_layer__tf210", "model.h5"), keras.Options{})
	if !errors.Is(err, keras.ErrUnsupported) || !strings.Contains(err.Error(), "Lambda") {
		t.Errorf("error %v, want one that names the Lambda layer", err)
	}
}

// TestReplaceMisspelt holds that a name in Replace that no layer has is named beside the layer that needs one.
func TestReplaceMisspelt(t *testing.T) {
	b := archive(t, sequential("float32", `{"class_name":"Lambda","config":{"name":"scale","function":{"class_name":"__lambda__","config":{}}}}`))
	_, err := keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{Replace: map[string]string{"scal": "x"}})
	for _, want := range []string{"layer scale: a Lambda", "there is no layer scal to replace"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
