package train

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// split gives one input of a node an initializer of its own.
type split struct {
	node, input int
	of          *onnxio.Tensor
	name        string // of the copy
}

// splits lists what has to be stored separately before it is trained. Exporters store equal tensors once: in a net
// that is not trained yet all biases are 0 and all scales 1, as are running means and variances, and the biases of
// two normalisations that are added have the same gradient, so that they stay equal for ever. PyTorch's older exporter
// leaves an Identity with the parameter's own name for each that it has put together, and that name decides. Otherwise
// whether a tensor that several nodes read is one weight is seen by what they read beside it: the layer that is called
// twice has the same kernel both times. So readers whose kernels are others have tensors of their own, if all elements
// are the same or there is one axis. Where there is no kernel to be seen, a tensor whose elements are all the same is
// one weight for each module that PyTorch's newer exporter names, or for each reader, and any other is one.
func splits(m *onnxio.Model) []split {
	s := newSharing(m)
	var out []split
	names := newEdit(m)
	for i, n := range m.Graph.Node {
		if n == nil || n.OpType == "Identity" {
			continue
		}
		for k, input := range n.Input {
			name := s.resolve(input)
			t := s.parted[name]
			if t == nil {
				continue
			}
			at := k
			if n.OpType == "Add" || n.OpType == "Mul" {
				at = 0 // either way round
			}
			r := reader{input: at, kernels: s.kernels(n, name), module: moduleOf(n)}
			if s.aliased[name] && !strings.HasPrefix(input, folded) {
				r.parameter = input
			}
			w, fresh := s.owner(name, r)
			if fresh && w != s.owners[name][0] {
				w.name = names.fresh(input)
			}
			if w.name != "" {
				out = append(out, split{i, k, t, w.name})
			}
		}
	}
	return out
}

// folded begins the names of what PyTorch's older exporter has transposed: a kernel has one for each call.
const folded = "onnx::"

// sharing is what is known of the initializers of a model that several weights may have in common.
type sharing struct {
	parted  map[string]*onnxio.Tensor // those that may be several weights
	alike   map[string]bool           // those whose elements are all the same
	weights map[string]bool           // the others
	aliases map[string]string         // outputs of Identity nodes
	aliased map[string]bool           // those that PyTorch's older exporter has put together
	made    map[string]*onnxio.Node
	owners  map[string][]*owner
}

// reader is how a node reads a tensor.
type reader struct {
	input     int // of the node
	kernels   []string
	module    string // of PyTorch, empty where the file does not tell
	parameter string // its name there, empty likewise
}

// owner is a weight with how it was read, the kernels that it was met beside among that.
type owner struct {
	reader
	name string // of its copy, empty where it keeps the tensor
}

func newSharing(m *onnxio.Model) *sharing {
	s := &sharing{
		parted: map[string]*onnxio.Tensor{}, alike: map[string]bool{}, weights: map[string]bool{},
		aliases: map[string]string{}, aliased: map[string]bool{}, made: map[string]*onnxio.Node{}, owners: map[string][]*owner{},
	}
	for _, n := range m.Graph.Node {
		if n == nil {
			continue
		}
		if n.OpType == "Identity" && len(n.Input) == 1 && len(n.Output) == 1 {
			s.aliases[n.Output[0]] = n.Input[0]
			if m.ProducerName == "pytorch" && !strings.HasPrefix(n.Output[0], folded) {
				s.aliased[n.Input[0]] = true
			}
		}
		for _, o := range n.Output {
			s.made[o] = n
		}
	}
	for _, t := range m.Graph.Initializer {
		switch {
		case t == nil || !t.DType().IsFloat():
			continue
		case len(t.Dims) > 0 && uniform(t):
			s.alike[t.Name] = true
		default:
			s.weights[t.Name] = true
		}
		if s.alike[t.Name] || len(t.Dims) == 1 || s.aliased[t.Name] {
			s.parted[t.Name] = t
		}
	}
	return s
}

// resolve returns the name of a value before Identity nodes.
func (s *sharing) resolve(name string) string {
	for depth := 0; s.aliases[name] != "" && depth < len(s.aliases); depth++ {
		name = s.aliases[name]
	}
	return name
}

// kernels returns the weights that a node reads beside one, or where there are none those of the product that it
// is applied to.
func (s *sharing) kernels(n *onnxio.Node, beside string) []string {
	read := func(n *onnxio.Node) (list []string) {
		for _, in := range n.Input {
			name := s.resolve(in)
			if t := s.made[name]; t != nil && t.OpType == "Transpose" && len(t.Input) == 1 {
				name = s.resolve(t.Input[0])
			}
			if name != beside && s.weights[name] {
				list = append(list, name)
			}
		}
		return list
	}
	if list := read(n); len(list) > 0 {
		return list
	}
	for _, in := range n.Input {
		if p := s.made[s.resolve(in)]; p != nil && slices.Contains(kernelOps, p.OpType) {
			return read(p)
		}
	}
	return nil
}

// kernelOps are the operators of layers with a kernel.
var kernelOps = []string{"MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum"}

// owner returns the weight that a tensor is to a reader, and whether that is met for the first time.
func (s *sharing) owner(name string, r reader) (w *owner, fresh bool) {
	list := s.owners[name]
	for _, w := range list {
		if w.is(r) {
			w.kernels = append(w.kernels, r.kernels...)
			return w, false
		}
	}
	if r.parameter == "" && !s.alike[name] && len(list) > 0 && (len(r.kernels) == 0 || len(list[0].kernels) == 0) {
		return list[0], false
	}
	w = &owner{reader: r}
	s.owners[name] = append(list, w)
	return w, true
}

// is reports whether a reader reads this weight.
func (w *owner) is(r reader) bool {
	switch {
	case r.parameter != "":
		return r.parameter == w.parameter
	case r.input != w.input:
		return false
	case r.module != "" && r.module == w.module:
		return true
	}
	return slices.ContainsFunc(r.kernels, func(k string) bool { return slices.Contains(w.kernels, k) })
}

// uniform reports whether all elements of a tensor of floats are the same.
func uniform(t *onnxio.Tensor) bool {
	if d := t.DType(); !d.IsFloat() || d.Size() < 2 {
		return false
	}
	v, err := t.Value()
	return err == nil && alike(v)
}

// alike reports whether all elements of a tensor are the same.
func alike(v tensor.Any) bool {
	if v.Len() == 0 {
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

// separate returns the model with the splits made. Splits of one name are one tensor.
func separate(m *onnxio.Model, list []split) *onnxio.Model {
	if len(list) == 0 {
		return m
	}
	e := newEdit(m)
	made := map[string]bool{}
	for _, s := range list {
		n := *e.graph.Node[s.node]
		n.Input = slices.Clone(n.Input)
		n.Input[s.input] = s.name
		e.graph.Node[s.node] = &n
		if !made[s.name] {
			e.addTensor(s.name, s.of)
		}
		made[s.name] = true
	}
	return e.model
}
