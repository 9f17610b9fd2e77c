package keras_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

const fixture = "../../cmd/onnxtool/testdata/keras/dense.keras"

// archive makes a .keras file of a configuration, and other files by name.
func archive(t testing.TB, config string, files ...string) []byte {
	t.Helper()
	z, err := zip.OpenReader(fixture)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("model.weights.h5")
	if err != nil {
		t.Fatal(err)
	}
	weights, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	all := append([]string{"config.json", config, "model.weights.h5", string(weights), "metadata.json", `{"keras_version":"3.15.1"}`}, files...)
	for i := 0; i < len(all); i += 2 {
		f, err := w.Create(all[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, all[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sequential is the configuration of an input and further layers.
func sequential(dtype string, layers ...string) string {
	input := `{"class_name":"InputLayer","config":{"batch_shape":[null,3],"dtype":"` + dtype + `","name":"x"}}`
	return `{"class_name":"Sequential","config":{"name":"s","layers":[` + strings.Join(append([]string{input}, layers...), ",") + `]}}`
}

func read(b []byte, o keras.Options) (*infer.Session, error) {
	m, err := keras.Read(bytes.NewReader(b), int64(len(b)), o)
	if err != nil {
		return nil, err
	}
	return infer.New(m, infer.Options{})
}

// TestHostileArchives holds published attacks on Keras's readers against this one: each is an error that
// says why, nothing runs, and no file but the given one is read.
func TestHostileArchives(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup := `{"class_name":"StringLookup","config":{"name":"l","vocabulary":%s}}`
	deep := `{"class_name":"Activation","config":{"name":"a","activation":"relu"}}`
	for range 200 {
		deep = `{"class_name":"Sequential","config":{"name":"s","layers":[` + deep + `]}}`
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"CVE-2024-3660 Lambda", archive(t, sequential("float32", `{"class_name":"Lambda","config":{"name":"evil","function":{"class_name":"__lambda__","config":{"code":"4wEAAAA="}}}}`)), "never run"},
		{"CVE-2025-1550 module", archive(t, sequential("float32", `{"class_name":"system","module":"os","registered_name":"system","config":{"name":"evil"}}`)), "evil"},
		{"CVE-2025-8747 get_file", archive(t, sequential("float32", `{"class_name":"function","module":"keras.utils","registered_name":"get_file","config":{"name":"evil"}}`)), "evil"},
		{"CVE-2025-9906 unsafe config", archive(t, sequential("float32", `{"class_name":"function","module":"keras.config","registered_name":"enable_unsafe_deserialization","config":{"name":"evil"}}`)), "evil"},
		{"CVE-2025-49655 TorchModuleWrapper", archive(t, sequential("float32", `{"class_name":"TorchModuleWrapper","config":{"name":"evil","module":"gASV"}}`)), "evil"},
		{"CVE-2025-12058 vocabulary path", archive(t, sequential("string", fmt.Sprintf(lookup, `"`+secret+`"`))), "never read"},
		{"vocabulary URL", archive(t, sequential("string", fmt.Sprintf(lookup, `"http://169.254.169.254/"`))), "never read"},
		{"traversal in assets", archive(t, sequential("string", `{"class_name":"StringLookup","config":{"name":"../../etc"}}`), "assets/layers/../../etc/vocabulary.txt2", "a"), "vocabulary is not in the file"},
		{"operation of another module", archive(t, sequential("float32", `{"class_name":"Popen","module":"keras.src.ops.numpy","config":{"name":"evil"}}`)), "evil"},
		{"deep nesting", archive(t, sequential("float32", deep)), "nested too deeply"},
		{"deep JSON", archive(t, strings.Repeat(`{"a":`, 20000)+"1"+strings.Repeat("}", 20000)), "configuration"},
		{"zip bomb", archive(t, strings.Repeat(" ", 32<<20)+sequential("float32")), "limit"},
		{"vocabulary bomb", archive(t, sequential("string", fmt.Sprintf(lookup, "null")), "assets/layers/string_lookup/vocabulary.txt", strings.Repeat("a\n", 16<<20)), "limit"},
		{"two configurations", archive(t, sequential("float32"), "config.json", sequential("float32")), "two files"},
		{"huge repeats", archive(t, sequential("float32", `{"class_name":"Dense","config":{"name":"d","units":1e18}}`)), "d"},
		{"huge vectors", archive(t, sequential("int64", `{"class_name":"CategoryEncoding","config":{"name":"c","num_tokens":1e15}}`)), "vectors"},
		{"no layers", archive(t, `{"class_name":"Sequential","config":{"layers":null}}`), "layers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := keras.Read(bytes.NewReader(c.file), int64(len(c.file)), keras.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestReplace gives expressions for a Lambda layer.
func TestReplace(t *testing.T) {
	lambda := sequential("float32", `{"class_name":"Lambda","config":{"name":"f","function":{"class_name":"__lambda__","config":{"code":"x"}}}}`)
	file := archive(t, lambda)
	for _, c := range []struct {
		expr string
		want []float32 // for x = 1, -2, 3
	}{
		{"x", []float32{1, -2, 3}},
		{"x0 * 2 + 1", []float32{3, -3, 7}},
		{"-x**2 / 2", []float32{-.5, -2, -4.5}},
		{"(x + 1) % 3 - 7 // 2", []float32{-1, -1, -2}},
		{"exp(0 * x) + relu(x)", []float32{2, 1, 4}},
		{"x - mean(x, axis=-1, keepdims=True)", []float32{1. / 3, -8. / 3, 7. / 3}},
		{"keras.ops.clip(x, -1, 2.5)", []float32{1, -1, 2.5}},
		{"concatenate([x[:, 1:], x[..., :1]], axis=1)", []float32{-2, 3, 1}},
		{"where(x > 0, x, 0.1 * x)", []float32{1, -.2, 3}},
		{"einsum('bi,bi->b', x, x)", []float32{14}},
		{"x @ transpose(x, (1, 0))", []float32{14}},
		{"cast(x >= 1, 'float32')", []float32{1, 0, 1}},
		{"2 ** -1 * x", []float32{.5, -1, 1.5}},
	} {
		s, err := read(file, keras.Options{Replace: map[string]string{"f": c.expr}})
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		out, err := s.Run(context.Background(), map[string]tensor.Any{"x": tensor.Must([]float32{1, -2, 3}, 1, 3)})
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		got := out[s.Outputs()[0].Name]
		if err := near(got, tensor.Must(c.want, got.Shape()...)); err != nil {
			t.Errorf("%s: %v", c.expr, err)
		}
		s.Close()
	}
	for expr, want := range map[string]string{
		"": "too early", "x +": "too early", "x1": "1 inputs", "y": "not known", "x)": "unexpected", "system('ls')": "system", "x.shape": "not known",
		"clip(x_min=1, x)": "without a name", "'a": "without an end", "x $ 1": "unexpected", "[1, x": "too early", "x[": "too early",
		"mean(x, axis=9)": "axis", strings.Repeat("(", 5000) + "x": "nested too deeply", "__import__('os')": "__import__",
		"x[0:1:2:3]": "unexpected", "1..2": "no number", "sum(x, where=x)": "where",
	} {
		if _, err := read(file, keras.Options{Replace: map[string]string{"f": expr}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want one with %q", expr, err, want)
		}
	}
	if _, err := read(file, keras.Options{Replace: map[string]string{"g": "x", "f": "x"}}); err == nil || !strings.Contains(err.Error(), "no layer g") {
		t.Errorf("error %v for a layer that does not exist", err)
	}
	if _, err := read(file, keras.Options{}); !errors.Is(err, keras.ErrUnsupported) {
		t.Errorf("error %v", err)
	}
}

// FuzzRead reads damaged files: an error or a model that can be loaded, no panic.
func FuzzRead(f *testing.F) {
	for _, name := range []string{fixture, "../../cmd/onnxtool/testdata/keras/dense.h5"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(archive(f, sequential("string", `{"class_name":"StringLookup","config":{"name":"l","vocabulary":["a","b"],"output_mode":"count"}}`)))
	f.Add([]byte("PK"))
	f.Add([]byte("\x89HDF\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{MaxBytes: 1 << 24})
	})
}

// FuzzTFJS reads damaged TensorFlow.js models: model.json and the file of its weights.
func FuzzTFJS(f *testing.F) {
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		f.Fatal(err)
	}
	defer z.Close()
	const shard = "group1-shard1of1.bin"
	seed := extract(f, &z.Reader, "tfjs_uint8")
	model, err := os.ReadFile(filepath.Join(seed, "model.json"))
	if err != nil {
		f.Fatal(err)
	}
	weights, err := os.ReadFile(filepath.Join(seed, shard))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(model, weights)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, model, weights []byte) {
		for name, b := range map[string][]byte{"model.json": model, shard: weights} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = keras.Convert(filepath.Join(dir, "model.json"), keras.Options{MaxBytes: 1 << 24})
	})
}

// FuzzConfig reads damaged configurations, with weights that are whole.
func FuzzConfig(f *testing.F) {
	f.Add(sequential("float32", `{"class_name":"Dense","config":{"name":"d","units":2,"activation":"relu"}}`))
	for _, a := range [][2]string{{"version_3.6.0", "recurrent_keras/model.keras"}, {"version_3.6.0", "sequential_keras/model.keras"}} {
		z, err := zip.OpenReader("../../testdata/kerasfiles/" + a[0] + ".zip")
		if err != nil {
			f.Fatal(err)
		}
		defer z.Close()
		b := member(f, &z.Reader, a[1])
		inner, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(member(f, inner, "config.json")))
	}
	f.Fuzz(func(t *testing.T, config string) {
		b := archive(t, config)
		_, _ = keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{MaxBytes: 1 << 24})
	})
}

// FuzzFolder reads a damaged configuration, an index of weights in several files and a damaged one of these.
func FuzzFolder(f *testing.F) {
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		f.Fatal(err)
	}
	defer z.Close()
	dir := extract(f, &z.Reader, "sharded")
	names := []string{"config.json", "model.weights.json", "model_00001.weights.h5"}
	var seed [][]byte
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			f.Fatal(err)
		}
		seed = append(seed, b)
	}
	f.Add(seed[0], seed[1], seed[2])
	f.Fuzz(func(t *testing.T, config, index, shard []byte) {
		for i, b := range [][]byte{config, index, shard} {
			if err := os.WriteFile(filepath.Join(dir, names[i]), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = keras.Convert(dir, keras.Options{MaxBytes: 1 << 24})
	})
}

// FuzzExpression evaluates expressions.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{"x", "-x**2+1", "mean(x, axis=-1, keepdims=True)", "x[:, ::-1, None]", "concatenate([x, x], 1)", "einsum('bi->b', x)", "x @ x"} {
		f.Add(s)
	}
	file := archive(f, sequential("float32", `{"class_name":"Lambda","config":{"name":"f"}}`))
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{Replace: map[string]string{"f": s}})
	})
}
