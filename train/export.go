package train

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ExportOptions say how a network is written as ONNX.
type ExportOptions struct {
	// Opset of ai.onnx; 0 is 18, or what the network needs at least.
	Opset int
}

// Model returns the network with its current parameters as an ONNX model, preprocessing included.
func (t *Trainer) Model(o ExportOptions) (*onnxio.Model, error) {
	return lower.Raise(t.net.Graph, ops.Set(), lower.RaiseOptions{
		Opset: o.Opset, Producer: "onnxtool", Version: Version,
		Data: func(v *ir.Value) tensor.Any {
			if p := t.params[v]; p != nil {
				return tensor.CloneAny(p)
			}
			return nil
		},
	})
}

// Version is the toolkit's, written into the models that it makes.
const Version = "0.1.0"
