package train

import (
	"bytes"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// scopesKey is the key of a node's metadata in which PyTorch's newer exporter names the modules around it, outermost
// first, and the node, as Python prints a list:
//
//	['', 'encoder', 'encoder.norm', 'layer_norm_1']
const scopesKey = "pkg.torch.onnx.name_scopes"

// moduleOf returns the innermost module around a node, empty where the file does not tell.
func moduleOf(n *onnxio.Node) string {
	text, ok := onnxio.Metadata(n.MetadataProps, scopesKey)
	if !ok {
		return ""
	}
	scopes := strings.Split(strings.TrimSuffix(strings.TrimPrefix(text, "['"), "']"), "', '")
	if len(scopes) < 2 {
		return ""
	}
	return scopes[len(scopes)-2]
}

// repeats finds the weights that stand in a model more than once: PyTorch's newer exporter transposes the kernel of a
// module that is called twice for each call. They are equal, and read in the same way within the same module. The
// result maps the names of all but the first of them to the first.
func repeats(m *onnxio.Model) map[string]string {
	type use struct {
		module, op string
		input      int
	}
	tensors, uses := map[string]*onnxio.Tensor{}, map[string][]use{}
	for _, t := range m.Graph.Initializer {
		if t != nil && t.DType().IsFloat() && len(t.Dims) > 1 && !uniform(t) {
			tensors[t.Name] = t
		}
	}
	var order []string // of the tensors, by their first use
	for n := range m.Nodes() {
		for k, in := range n.Input {
			if tensors[in] == nil {
				continue
			}
			if len(uses[in]) == 0 {
				order = append(order, in)
			}
			uses[in] = append(uses[in], use{moduleOf(n), n.OpType, k})
		}
	}
	signed := signatureOf(m)
	firsts, out := map[use][]*onnxio.Tensor{}, map[string]string{}
	for _, name := range order {
		u := uses[name][0]
		if u.module == "" || signed != nil && signed.parameters[name] || slices.ContainsFunc(uses[name], func(v use) bool { return v != u }) {
			continue
		}
		i := slices.IndexFunc(firsts[u], func(t *onnxio.Tensor) bool { return sameElements(t, tensors[name]) })
		if i < 0 {
			firsts[u] = append(firsts[u], tensors[name])
			continue
		}
		out[name] = firsts[u][i].Name
	}
	return out
}

func sameElements(a, b *onnxio.Tensor) bool {
	if a.DType() != b.DType() || !slices.Equal(a.Dims, b.Dims) {
		return false
	}
	v, err := a.Value()
	if err != nil {
		return false
	}
	w, err := b.Value()
	return err == nil && bytes.Equal(tensor.Bytes(v), tensor.Bytes(w))
}

// withoutRepeats returns the model with the repeats read as the first of them.
func withoutRepeats(m *onnxio.Model, repeats map[string]string) *onnxio.Model {
	if len(repeats) == 0 {
		return m
	}
	e := newEdit(m)
	for i, n := range e.graph.Node {
		if n == nil || !slices.ContainsFunc(n.Input, func(in string) bool { return repeats[in] != "" }) {
			continue
		}
		c := *n
		c.Input = slices.Clone(n.Input)
		for k, in := range c.Input {
			if first := repeats[in]; first != "" {
				c.Input[k] = first
			}
		}
		e.graph.Node[i] = &c
	}
	return e.model
}
