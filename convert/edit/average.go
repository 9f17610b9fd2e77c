package edit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Average returns one model that runs all members on the same inputs and gives the mean of each output: the ensemble
// of bagging (Breiman 1996), or of networks that were trained from different starts. Members have inputs and outputs
// of the same names and types, and the same versions of operators; outputs are floats. What members compute alike,
// equal nodes on equal values such as their preprocessing, is in the result once. It shares tensors with the members.
func Average(members ...*onnxio.Model) (*onnxio.Model, error) {
	if len(members) == 0 {
		return nil, errors.New("an average needs a model")
	}
	for i, m := range members {
		if err := alike(members[0], m); err != nil {
			return nil, fmt.Errorf("model %d: %w", i+1, err)
		}
	}
	first := members[0]
	out := *first
	out.OpsetImport = slices.Clone(first.OpsetImport)
	out.MetadataProps = slices.DeleteFunc(slices.Clone(first.MetadataProps), func(p *onnxio.StringStringEntry) bool {
		return slices.ContainsFunc(members, func(m *onnxio.Model) bool {
			v, ok := onnxio.Metadata(m.MetadataProps, p.Key)
			return !ok || v != p.Value
		})
	})
	g := *first.Graph
	g.Name = first.Graph.Name + "_average"
	g.Input, g.Node, g.Initializer, g.ValueInfo = fed(first.Graph), nil, nil, nil
	e := &ensemble{graph: &g, shared: map[string][]string{}, taken: newNames()}
	for _, v := range slices.Concat(g.Input, g.Output) {
		e.taken[v.Name] = true
	}
	parts := make([][]string, len(g.Output)) // what is averaged
	for i, m := range members {
		out.IRVersion = max(out.IRVersion, m.IRVersion, 4) // from 4 on initializers are no inputs
		var err error
		if out.OpsetImport, err = jointOpsets(m, &out); err != nil {
			return nil, fmt.Errorf("model %d: %w", i+1, err)
		}
		ren, err := e.add(m.Graph)
		if err != nil {
			return nil, fmt.Errorf("model %d: %w", i+1, err)
		}
		for k, v := range g.Output {
			parts[k] = append(parts[k], to(ren.values, v.Name))
		}
	}
	for k, v := range g.Output {
		mean := &onnxio.Node{OpType: "Mean", Name: e.taken.fresh(v.Name + "_mean"), Input: parts[k], Output: []string{v.Name}}
		g.Node = append(g.Node, mean)
	}
	out.Graph = &g
	return &out, nil
}

// alike reports what keeps a model from being averaged with the first one.
func alike(first, m *onnxio.Model) error {
	switch {
	case m == nil || m.Graph == nil:
		return errors.New("a model without a graph cannot be averaged")
	case len(m.TrainingInfo) > 0 || len(m.Functions) > 0 || len(m.Graph.SparseInitializer) > 0 || len(m.Graph.QuantizationAnnotation) > 0:
		return errors.New("a model with training graphs, functions, sparse initializers or quantization annotations cannot be averaged")
	}
	if err := sameValues("input", fed(first.Graph), fed(m.Graph)); err != nil {
		return err
	}
	if err := sameValues("output", first.Graph.Output, m.Graph.Output); err != nil {
		return err
	}
	for _, v := range m.Graph.Output {
		if isInput(m.Graph, v.Name) {
			return fmt.Errorf("output %s is an input", v.Name)
		}
		switch d := v.Type.TensorType.DType(); d {
		case tensor.Float32, tensor.Float64, tensor.Float16:
		default:
			return fmt.Errorf("output %s is %v: only floats have a mean", v.Name, d)
		}
	}
	return nil
}

// sameValues holds names and types of inputs or outputs against those of the first model.
func sameValues(what string, want, have []*onnxio.ValueInfo) error {
	if len(want) != len(have) {
		return fmt.Errorf("%d %ss, the first model has %d", len(have), what, len(want))
	}
	there := byName(have)
	for _, w := range want {
		h := there[w.Name]
		if h == nil {
			return fmt.Errorf("no %s %s, which the first model has; it has %s", what, w.Name, list(there))
		}
		if h.Type == nil || h.Type.TensorType == nil || w.Type == nil || w.Type.TensorType == nil {
			return fmt.Errorf("%s %s is no tensor of a known type", what, w.Name)
		}
		if x, y := w.Type.TensorType, h.Type.TensorType; x.DType() != y.DType() || !sameSizes(x, y) {
			return fmt.Errorf("%s %s is %s, the first model's %s", what, w.Name, describe(y), describe(x))
		}
	}
	return nil
}

// sameSizes reports whether shapes agree where both are known.
func sameSizes(x, y *onnxio.TensorType) bool {
	if x.Shape == nil || y.Shape == nil {
		return true
	}
	return slices.EqualFunc(x.Shape.Dim, y.Shape.Dim, func(a, b *onnxio.Dimension) bool {
		n, known := a.Value()
		m, also := b.Value()
		return !known || !also || n == m
	})
}

// ensemble collects the members' graphs.
type ensemble struct {
	graph  *onnxio.Graph
	shared map[string][]string // by what a tensor or node is, the names of its values
	taken  fresher
}

// add appends what a member has of its own and returns the names that its values got.
func (e *ensemble) add(g *onnxio.Graph) (renaming, error) {
	ren := renaming{values: map[string]string{}, nodes: map[string]string{}}
	inputs := byName(fed(g))
	inner := namesIn(g)
	for _, name := range slices.Sorted(maps.Keys(inner.values)) {
		if inputs[name] == nil {
			ren.values[name] = e.taken.fresh(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inner.nodes)) {
		ren.nodes[name] = e.taken.fresh(name)
	}
	for _, t := range g.Initializer {
		if t == nil {
			continue
		}
		key, err := tensorKey(t)
		if err != nil {
			return ren, err
		}
		if old := e.shared[key]; key != "" && old != nil {
			ren.values[t.Name] = old[0]
			continue
		}
		t = ren.tensor(t)
		e.graph.Initializer = append(e.graph.Initializer, t)
		e.shared[key] = []string{t.Name}
	}
	for _, n := range g.Node {
		if n == nil {
			continue
		}
		renamed := ren.node(n)
		key, err := nodeKey(renamed)
		if err != nil {
			return ren, err
		}
		if old := e.shared[key]; key != "" && len(old) == len(n.Output) {
			for i, name := range n.Output {
				ren.values[name] = old[i]
			}
			continue
		}
		e.graph.Node = append(e.graph.Node, renamed)
		e.shared[key] = renamed.Output
	}
	return ren, nil
}

// tensorKey tells equal initializers: the same text is the same tensor. It is empty where the elements are in
// another file.
func tensorKey(t *onnxio.Tensor) (string, error) {
	if len(t.ExternalData) > 0 {
		return "", nil
	}
	bare := *t
	bare.Name = ""
	b, err := onnxio.EncodeTensor(&bare)
	sum := sha256.Sum256(b)
	return "tensor " + string(sum[:]), err
}

// nodeKey tells nodes that compute the same. It is empty for a node that another run of may differ from, or that has
// a subgraph.
func nodeKey(n *onnxio.Node) (string, error) {
	random := strings.HasPrefix(n.OpType, "Random") || slices.Contains([]string{"Bernoulli", "Multinomial", "Dropout"}, n.OpType)
	nested := slices.ContainsFunc(n.Attribute, func(a *onnxio.Attribute) bool { return a != nil && (a.G != nil || len(a.Graphs) > 0) })
	if random || nested {
		return "", nil
	}
	bare := *n
	bare.Name, bare.DocString = "", ""
	bare.Output = make([]string, len(n.Output))
	for i, name := range n.Output {
		if name != "" {
			bare.Output[i] = "+"
		}
	}
	b, err := onnxio.Marshal(&onnxio.Model{Graph: &onnxio.Graph{Node: []*onnxio.Node{&bare}}})
	sum := sha256.Sum256(b)
	return "node " + string(sum[:]), err
}
