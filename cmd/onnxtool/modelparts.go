package main

import (
	"fmt"
	"path/filepath"

	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
)

// modelPart is a model that is written beside model.onnx, such as an autoencoder's decoder.
type modelPart struct {
	models.Part
	model *onnxio.Model
}

// modelParts makes the models of a task's parts with the trained parameters.
func modelParts(t *train.Trainer, task *models.Task) ([]modelPart, error) {
	var out []modelPart
	for _, p := range task.Parts {
		m, err := t.ModelOf(p.Net, train.ExportOptions{})
		if err != nil {
			return nil, fmt.Errorf("%s.onnx: %w", p.Name, err)
		}
		out = append(out, modelPart{p, m})
	}
	return out, nil
}

func writeParts(dir string, parts []modelPart) error {
	for _, p := range parts {
		if err := onnxio.Save(filepath.Join(dir, p.Name+".onnx"), p.model, onnxio.SaveOptions{}); err != nil {
			return err
		}
	}
	return nil
}
