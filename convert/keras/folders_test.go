package keras_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestFolders converts models in several files, by each path that may be given.
func TestFolders(t *testing.T) {
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var index struct {
		Cases []struct {
			Name  string
			Paths []string
		}
	}
	if err := json.Unmarshal(member(t, &z.Reader, "index.json"), &index); err != nil {
		t.Fatal(err)
	}
	for _, c := range index.Cases {
		dir := extract(t, &z.Reader, c.Name)
		arrays := member(t, &z.Reader, c.Name+"/io.npz")
		values, err := data.ReadNPZ(bytes.NewReader(arrays), int64(len(arrays)), data.ArrayOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Paths {
			t.Run(c.Name+"/"+p, func(t *testing.T) {
				m, err := keras.Convert(filepath.Join(dir, p), keras.Options{})
				if err != nil {
					t.Fatal(err)
				}
				s, err := infer.New(m, infer.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				compareBatches(t, "go", s, fileCase{Batches: []int{1, 2, 7}}, values)
			})
		}
	}
}

// extract puts the files of a case into a folder.
func extract(t testing.TB, z *zip.Reader, name string) string {
	t.Helper()
	sub, err := fs.Sub(z, name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, sub); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "io.npz")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestHostileFolders gives folders that are incomplete, or try to have a file elsewhere read.
func TestHostileFolders(t *testing.T) {
	z, err := zip.OpenReader("testdata/folders.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	outside := filepath.Join(t.TempDir(), "outside.bin")
	if err := os.WriteFile(outside, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	replace := func(file, old, new string) func(string) error {
		return func(dir string) error {
			p := filepath.Join(dir, file)
			b, err := os.ReadFile(p)
			if err == nil && !bytes.Contains(b, []byte(old)) {
				err = errors.New(old + " is not in " + file)
			}
			if err != nil {
				return err
			}
			return os.WriteFile(p, bytes.ReplaceAll(b, []byte(old), []byte(new)), 0o600)
		}
	}
	for _, c := range []struct {
		name, from, path string
		change           func(dir string) error
		want             string
	}{
		{"no configuration", "beside", "", func(d string) error { return os.Remove(d + "/config.json") }, "no model configuration"},
		{"weights alone", "beside", "model.weights.h5", func(d string) error { return os.Remove(d + "/config.json") }, "without a model"},
		{"no weights", "beside", "config.json", func(d string) error { return os.Remove(d + "/model.weights.h5") }, "no weights beside config.json"},
		{"npz", "beside", "", func(d string) error { return os.Rename(d+"/model.weights.h5", d+"/model.weights.npz") }, "model.weights.npz"},
		{"shard missing", "sharded", "", func(d string) error { return os.Remove(d + "/model_00001.weights.h5") }, "model_00001.weights.h5"},
		{"shard by absolute path", "sharded", "", replace("model.weights.json", "model_00001.weights.h5", outside), "no path inside"},
		{"shard in another folder", "sharded", "", replace("model.weights.json", "model_00001.weights.h5", "../m.h5"), "no path inside"},
		{"index of nothing", "sharded", "", replace("model.weights.json", "weight_map", "w"), "weight_map"},
		{"link out of the folder", "beside", "", func(d string) error {
			if err := os.Remove(d + "/model.weights.h5"); err != nil {
				return err
			}
			return os.Symlink(outside, d+"/model.weights.h5")
		}, "escapes"},
		{"a folder as weights", "beside", "", func(d string) error {
			if err := os.Remove(d + "/model.weights.h5"); err != nil {
				return err
			}
			return os.Mkdir(d+"/model.weights.h5", 0o700)
		}, "not a regular file"},
		{"TensorFlow.js path out of the folder", "tfjs_uint8", "model.json", replace("model.json", "group1-shard1of1.bin", "../x.bin"), "no path inside"},
		{"TensorFlow.js absolute path", "tfjs_uint8", "model.json", replace("model.json", "group1-shard1of1.bin", outside), "no path inside"},
		{"TensorFlow.js file missing", "tfjs_uint8", "model.json", func(d string) error { return os.Remove(d + "/group1-shard1of1.bin") }, "weightsManifest"},
		{"TensorFlow.js file short", "tfjs_uint8", "model.json", func(d string) error { return os.Truncate(d+"/group1-shard1of1.bin", 9) }, "end early"},
		{"TensorFlow.js shape bomb", "tfjs_uint8", "model.json", replace("model.json", `"shape": [`, `"shape": [1000000000, 1000000000, `), "limit"},
		{"TensorFlow.js negative shape", "tfjs_uint8", "model.json", replace("model.json", `"shape": [`, `"shape": [-1, `), "limit"},
		{"TensorFlow.js graph model", "tfjs_uint8", "model.json", replace("model.json", `"layers-model"`, `"graph-model"`), "graph model"},
		{"TensorFlow.js type", "tfjs_uint8", "model.json", replace("model.json", `"dtype": "uint8"`, `"dtype": "complex64"`), "complex64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := extract(t, &z.Reader, c.from)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			_, err := keras.Convert(filepath.Join(dir, c.path), keras.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
