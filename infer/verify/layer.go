package verify

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// arraySource finds arrays named by value, by node, or by layer.
func (c *check) arraySource(s sample) source {
	arrays := c.o.Reference.Arrays
	byValue := map[string]tensor.Any{}
	for _, n := range c.model.Graph.Node {
		if n == nil || len(n.Output) == 0 {
			continue
		}
		if t := arrays[n.Name]; t != nil && n.Name != "" {
			byValue[n.Output[0]] = t
		}
		for _, value := range n.Output {
			if t := arrays[value]; t != nil {
				byValue[value] = t
			}
		}
	}
	layers := map[string]string{}
	for value, layer := range c.layerArrays() {
		if byValue[value] == nil || value == layer {
			byValue[value], layers[value] = arrays[layer], layer
		}
	}
	inner := len(byValue)
	for _, v := range c.model.Graph.Output {
		if v != nil && byValue[v.Name] != nil {
			inner--
		}
	}
	if inner == 0 {
		return source{}
	}
	for value, t := range s.want {
		if byValue[value] == nil {
			byValue[value] = t
		}
	}
	return source{name: "the arrays", values: func(_ context.Context, names []string) (map[string]tensor.Any, error) {
		found := map[string]tensor.Any{}
		for _, name := range names {
			if t := byValue[name]; t != nil {
				found[name] = t
			}
		}
		return found, nil
	}, layers: layers}
}

// layerArrays returns, by value, the name of the array that holds what a layer makes: that is what the
// layer's last node makes. A layer within a model may go without that model's name, where no other has its
// own; the model's array is what its last layer makes.
func (c *check) layerArrays() map[string]string {
	last := map[string]string{} // layer or model -> value
	inner := map[string][]string{}
	of := map[string]string{} // value -> layer
	for _, n := range c.model.Graph.Node {
		if n == nil || len(n.Output) == 0 {
			continue
		}
		layer := c.layerOfValue(n)
		of[n.Output[0]] = layer
		if i := strings.LastIndexByte(layer, '/'); i >= 0 && !slices.Contains(inner[layer[i+1:]], layer) {
			inner[layer[i+1:]] = append(inner[layer[i+1:]], layer)
		}
		if own := layerOf(n); own != layer {
			delete(last, own) // what it makes by itself is no value of the graph
		}
		for layer != "" {
			last[layer] = n.Output[0]
			layer = layer[:max(strings.LastIndexByte(layer, '/'), 0)]
		}
	}
	found := map[string]string{}
	for _, array := range slices.Sorted(maps.Keys(c.o.Reference.Arrays)) {
		value := last[array]
		if full := inner[array]; value == "" && len(full) == 1 {
			value = last[full[0]]
		}
		if value != "" && (found[value] == "" || !strings.HasPrefix(of[value], array+"/")) {
			found[value] = array
		}
	}
	return found
}

// layerOfValue returns the layer whose result a node's output is. A BatchNormalization that is part of a
// convolution's kernel gives that its own name: b1/BatchNormalization, made by the node c1/Conv.
func (c *check) layerOfValue(n *onnxio.Node) string {
	own := layerOf(n)
	if _, said := onnxio.Metadata(n.MetadataProps, "layer"); !said {
		return own
	}
	if i := strings.LastIndexByte(n.Output[0], '/'); i > 0 {
		return n.Output[0][:i]
	}
	if c.o.Reference.Arrays[n.Output[0]] != nil {
		return n.Output[0]
	}
	return own
}

// layerAt names the layer of a node whose output differs from the array of a layer, or of a model of layers:
// both where two are computed as one, and no more than the model where the array says no more.
func (c *check) layerAt(n *onnxio.Node, array string) string {
	own, of := layerOf(n), c.layerOfValue(n)
	switch {
	case array != "" && strings.HasPrefix(of, array+"/"):
		return array
	case own != of:
		return own + " with " + of
	}
	return own
}
