package tokeras_test

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
)

// TestOthers writes models that PyTorch, scikit-learn and ONNX's own tests give as .keras.
func TestOthers(t *testing.T) {
	for archive, least := range map[string]int{"torch/models.zip": 50, "finetune/torch.zip": 1, "finetune/sklearn.zip": 1, "onnx/models.zip": 50} {
		z, err := zip.OpenReader("../../testdata/" + archive)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		written := 0
		for _, f := range z.File {
			if path.Ext(f.Name) != ".onnx" {
				continue
			}
			b, err := fs.ReadFile(&z.Reader, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			m, err := onnxio.LoadBytes(b)
			if err != nil {
				continue
			}
			if s, err := infer.New(m, infer.Options{}); err != nil {
				continue
			} else {
				s.Close()
			}
			err = tokeras.Write(filepath.Join(t.TempDir(), "m.keras"), m)
			if errors.Is(err, tokeras.ErrUnsupported) {
				if os.Getenv("ONNXTOOL_TOKERAS_LOG") != "" {
					t.Logf("%s: %v", f.Name, err)
				}
				continue
			}
			written++
			name := strings.NewReplacer("/", "-", ".onnx", "").Replace(filepath.Dir(archive) + "-" + f.Name)
			t.Run(name, func(t *testing.T) { back(t, name, m) })
		}
		if written < least {
			t.Errorf("%s: only %d written", archive, written)
		}
		t.Logf("%s: %d written", archive, written)
	}
}
