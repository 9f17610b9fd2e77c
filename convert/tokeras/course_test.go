package tokeras_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
)

// TestCourse writes the course's models, and their parts, as .keras. Those of the course's own data need
// ONNXTOOL_SHARED.
func TestCourse(t *testing.T) {
	rows := map[string]int{"fraud": 2000, "retail": 2000, "word2vec": 200, "autoencoder": 50, "vae": 50}
	images := map[string]string{"autoencoder": "digits", "vae": "digits"}
	for _, r := range models.All() {
		variants := []string{""}
		for _, v := range r.Variants {
			variants = append(variants, v.Name)
		}
		for _, v := range variants[min(1, len(variants)-1):] {
			t.Run(r.Name+"/"+v, func(t *testing.T) {
				o := models.Options{Variant: v, Rows: rows[r.Name], Path: images[r.Name]}
				if r.Data != "" && !r.Optional && o.Path == "" {
					shared := os.Getenv("ONNXTOOL_SHARED")
					if o.Path = filepath.Join(shared, "data"); shared == "" {
						t.Skip("no course data")
					}
				}
				task, err := r.Prepare(o)
				if err != nil {
					t.Fatal(err)
				}
				tr, err := train.New(task.Net, train.Config{Loss: task.Loss, Optimizer: task.Optimizer})
				if err != nil {
					t.Fatal(err)
				}
				defer tr.Close()
				m, err := tr.Model(train.ExportOptions{})
				if err != nil {
					t.Fatal(err)
				}
				whole(t, r.Name+v, m)
				for _, p := range task.Parts {
					m, err := tr.ModelOf(p.Net, train.ExportOptions{})
					if err != nil {
						t.Fatal(err)
					}
					whole(t, r.Name+v+p.Name, m)
				}
			})
		}
	}
}

// whole writes a model that draws no random numbers, and finds the way out in the error of one that does.
func whole(t *testing.T, name string, m *onnxio.Model) {
	t.Helper()
	for _, n := range m.Graph.Node {
		if !strings.HasPrefix(n.OpType, "Random") {
			continue
		}
		err := tokeras.Write(filepath.Join(t.TempDir(), "m.keras"), m)
		if !errors.Is(err, tokeras.ErrUnsupported) || !strings.Contains(err.Error(), "deterministic.onnx") {
			t.Errorf("error %v", err)
		}
		return
	}
	back(t, "course-"+name, m)
}
