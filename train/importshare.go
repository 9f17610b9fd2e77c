package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// split gives one input of a node an initializer of its own.
type split struct {
	node, input int
	of          *onnxio.Tensor
	name        string // of the copy
}

// splits lists what has to be stored separately before it is trained. Exporters store equal tensors once,
// and in a net that is not trained yet all biases are 0 and all scales 1, as are running means and
// variances. So an initializer whose elements are all the same number is not one weight, if several nodes read
// it, but as many; any other is one weight.
func splits(m *onnxio.Model) []split {
	equal, aliases := map[string]*onnxio.Tensor{}, map[string]string{}
	for _, t := range m.Graph.Initializer {
		if t != nil && len(t.Dims) > 0 && uniform(t) {
			equal[t.Name] = t
		}
	}
	if len(equal) == 0 {
		return nil
	}
	for _, n := range m.Graph.Node {
		if n != nil && n.OpType == "Identity" && len(n.Input) == 1 && len(n.Output) == 1 {
			aliases[n.Output[0]] = n.Input[0]
		}
	}
	var out []split
	read := map[string]bool{}
	names := newEdit(m)
	for i, n := range m.Graph.Node {
		if n == nil || n.OpType == "Identity" {
			continue
		}
		for k, input := range n.Input {
			name := input
			for depth := 0; aliases[name] != "" && depth < len(aliases); depth++ {
				name = aliases[name]
			}
			t := equal[name]
			if t == nil {
				continue
			}
			if read[name] {
				out = append(out, split{i, k, t, names.fresh(input)})
			}
			read[name] = true
		}
	}
	return out
}

// uniform reports whether all elements of a tensor of floats are the same.
func uniform(t *onnxio.Tensor) bool {
	if d := t.DType(); !d.IsFloat() || d.Size() < 2 {
		return false
	}
	v, err := t.Value()
	if err != nil || v.Len() == 0 {
		return false
	}
	b, size := tensor.Bytes(v), v.DType().Size()
	for i := size; i < len(b); i += size {
		if string(b[i:i+size]) != string(b[:size]) {
			return false
		}
	}
	return true
}

// separate returns the model with the splits made.
func separate(m *onnxio.Model, list []split) *onnxio.Model {
	if len(list) == 0 {
		return m
	}
	e := newEdit(m)
	for _, s := range list {
		n := *e.graph.Node[s.node]
		n.Input = slices.Clone(n.Input)
		n.Input[s.input] = s.name
		e.graph.Node[s.node] = &n
		e.addTensor(s.name, s.of)
	}
	return e.model
}
