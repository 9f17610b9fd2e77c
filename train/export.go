package train

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// ExportOptions say how a network is written as ONNX.
type ExportOptions struct {
	// Opset of ai.onnx; 0 is 18, or what the network needs at least.
	Opset int
}

// Model returns the network with its current parameters as an ONNX model, preprocessing included. What
// is there for training alone is left out. The metadata names losses, optimizer and metrics, see [RecipeOf].
func (t *Trainer) Model(o ExportOptions) (*onnxio.Model, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	m, err := export(t.net, t.params, o)
	if err != nil {
		return nil, err
	}
	return m, t.writeRecipe(m, &recipe.Recipe{})
}

// ModelOf returns another network as an ONNX model, its parameters with the current values of those that
// have the same name here: the encoder of an autoencoder, the mean of an ensemble. A parameter that this
// network has not, or has in another shape, is an error.
func (t *Trainer) ModelOf(net *nn.Net, o ExportOptions) (*onnxio.Model, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if err := checkNet(net); err != nil {
		return nil, err
	}
	byName := map[string]tensor.Any{}
	for _, p := range t.Params() {
		byName[p.Name] = p.Tensor
	}
	params := map[*ir.Value]tensor.Any{}
	for _, p := range net.Params {
		data := byName[p.Value.Name]
		if data == nil {
			return nil, fmt.Errorf("train: the trained network has no parameter %s", p.Value.Name)
		}
		if want := p.Value.Data; data.DType() != want.DType() || !data.Shape().Equal(want.Shape()) {
			return nil, fmt.Errorf("%w: parameter %s is %v%v, the trained one %v%v",
				op.ErrShape, p.Value.Name, want.DType(), want.Shape(), data.DType(), data.Shape())
		}
		params[p.Value] = data
	}
	return export(net, params, o)
}

func export(net *nn.Net, values map[*ir.Value]tensor.Any, o ExportOptions) (*onnxio.Model, error) {
	if o.Opset > lower.NewestOpset {
		return nil, op.Unsupportedf("opset %d: the newest is %d", o.Opset, lower.NewestOpset)
	}
	c, err := rewrite.Copy(net.Graph, ops.Set())
	if err != nil {
		return nil, err
	}
	params := map[*ir.Value]tensor.Any{}
	for p, data := range values {
		if v := c.Values[p]; v != nil {
			params[v] = data
		}
	}
	for n := range net.Forms {
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
