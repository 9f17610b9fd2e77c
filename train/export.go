package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ExportOptions say how a network is written as ONNX.
type ExportOptions struct {
	// Opset of ai.onnx; 0 is 18, or what the network needs at least.
	Opset int
}

// Model returns the network with its current parameters as an ONNX model, preprocessing included. What
// is there for training alone is left out.
func (t *Trainer) Model(o ExportOptions) (*onnxio.Model, error) {
	c, err := rewrite.Copy(t.net.Graph, ops.Set())
	if err != nil {
		return nil, err
	}
	params := map[*ir.Value]tensor.Any{}
	for p, data := range t.params {
		if v := c.Values[p]; v != nil {
			params[v] = data
		}
	}
	for n := range t.net.Forms {
		bypass(c.Graph, c.Values[n.Out[0]])
	}
	c.Graph.Prune()
	return lower.Raise(c.Graph, ops.Set(), lower.RaiseOptions{
		Opset: o.Opset, Producer: "onnxtool", Version: Version,
		Data: func(v *ir.Value) tensor.Any {
			if p := params[v]; p != nil {
				return tensor.CloneAny(p)
			}
			return nil
		},
	})
}

// bypass lets what reads the output of an Identity read its input, unless it is an output of the graph.
func bypass(g *ir.Graph, v *ir.Value) {
	if v == nil || v.Node == nil || v.Node.Op != "Identity" || slices.Contains(g.Outputs, v) {
		return
	}
	for _, n := range g.Nodes {
		for i, in := range n.In {
			if in == v {
				n.In[i] = v.Node.In[0]
			}
		}
	}
}

// Version is the toolkit's, written into the models that it makes.
const Version = "0.1.0"
