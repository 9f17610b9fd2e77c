package keras

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
)

// document completes the model around its graph: metadata with the version of Keras, a text with the
// signature, and at each node the layer that it is part of.
func (c *converter) document(m *onnxio.Model) {
	from := "Keras"
	if c.version != "" {
		m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, "keras.version", c.version)
		from += " " + c.version
	}
	m.DocString = fmt.Sprintf("Converted from %s.\nInputs:\n%sOutputs:\n%s", from, signature(c.b.G.Inputs), signature(c.b.G.Outputs))
	c.layersOf(m.Graph)
}

// signature lists values with type and shape, each on a line of its own.
func signature(values []*ir.Value) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "  %s: %s%v\n", v.Name, v.Fact.DType.ONNX(), v.Fact.Shape)
	}
	return b.String()
}

// layersOf puts the key layer to the metadata of each node.
func (c *converter) layersOf(g *onnxio.Graph) {
	for _, n := range g.Node {
		if l := c.layerOf(n.Name); l != "" {
			n.MetadataProps = onnxio.SetMetadata(n.MetadataProps, "layer", l)
		}
		for _, a := range n.Attribute {
			for _, s := range append([]*onnxio.Graph{a.G}, a.Graphs...) {
				if s != nil {
					c.layersOf(s)
				}
			}
		}
	}
}

// layerOf returns the layer whose name, with those of the models around it, begins a node's name.
func (c *converter) layerOf(node string) string {
	for node != "" && !c.scopes[node] {
		node = node[:max(0, strings.LastIndexByte(node, '/'))]
	}
	return node
}

// opsetError names layers in the place of nodes.
func (c *converter) opsetError(err error) error {
	var e *lower.OpsetError
	if !errors.As(err, &e) {
		return err
	}
	var needs []string
	for _, n := range e.Nodes {
		s := fmt.Sprintf("layer %s: %s needs opset %d", c.layerOf(n.Name), n.Op, n.Needs)
		if !slices.Contains(needs, s) {
			needs = append(needs, s)
		}
	}
	return op.Unsupportedf("opset %d is too old; opset %d is enough: %s", e.Opset, e.Enough, strings.Join(needs, "; "))
}
