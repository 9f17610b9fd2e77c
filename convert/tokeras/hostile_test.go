package tokeras_test

import (
	"archive/zip"
	"io/fs"
	"path"
	"path/filepath"
	"testing"

	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/onnxio"
)

// FuzzModel writes what is left of damaged models: a file or an error, no panic.
func FuzzModel(f *testing.F) {
	for _, archive := range []string{"torch/models.zip", "onnx/models.zip"} {
		z, err := zip.OpenReader("../../testdata/" + archive)
		if err != nil {
			f.Fatal(err)
		}
		for _, e := range z.File {
			if path.Ext(e.Name) != ".onnx" || e.UncompressedSize64 > 4<<10 {
				continue
			}
			b, err := fs.ReadFile(&z.Reader, e.Name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
		if err := z.Close(); err != nil {
			f.Fatal(err)
		}
	}
	name := filepath.Join(f.TempDir(), "m.keras")
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := onnxio.LoadBytes(b)
		if err != nil {
			return
		}
		_ = tokeras.Write(name, m)
	})
}
