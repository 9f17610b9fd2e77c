package keras_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
)

// TestForeignFiles holds what is said of files that people give in place of a Keras model.
func TestForeignFiles(t *testing.T) {
	for _, c := range []struct{ name, holds, want string }{
		{"model.keras", "", "the file is empty"},
		{"model.keras", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"},
		{"model.h5", "\n<!DOCTYPE html><html></html>", "a web page"},
		{"model.h5", "\x1f\x8b\x08\x00", "compressed by gzip"},
		{"model.pkl", "\x80\x04\x95", "a pickle of Python"},
		{"model.tflite", "\x1c\x00\x00\x00TFL3\x14\x00", "a TensorFlow Lite model"},
		{"model.safetensors", "\x40\x00\x00\x00\x00\x00\x00\x00{\"w\":{}}", "weights in safetensors"},
		{"model.txt2", "epoch,loss\n", "neither a .keras archive nor an HDF5 file"},
		{"folder/saved_model.pb", "\x08\x01", "a SavedModel is a graph of TensorFlow"},
		{"model.pt", zipped("model/data.pkl"), "an archive of PyTorch"},
		{"folder/notes.md", "#", "there are notes.md"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, filepath.FromSlash(c.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(c.holds), 0o666); err != nil {
			t.Fatal(err)
		}
		if top, _, nested := strings.Cut(c.name, "/"); nested {
			file = filepath.Join(dir, top)
		}
		if _, err := keras.Convert(file, keras.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.12q: %v, want %q", c.name, c.holds, err, c.want)
		}
	}
}

// zipped is an archive with an empty file of that name.
func zipped(name string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create(name); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func TestQuantizedLayersAreRefused(t *testing.T) {
	b := archive(t, sequential("float32", `{"class_name":"Dense","config":{"name":"d","units":4,"dtype":{"class_name":"QuantizedDTypePolicy",`+
		`"config":{"mode":"int8","source_name":"float32"}}}}`))
	_, err := keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{})
	if want := "layer d (Dense): its weights are quantized to int8"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
