package train

import (
	"fmt"
	"path"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// ImportOptions say which parts of an ONNX model are trained. Patterns are those of path.Match, held
// against the names of initializers and of Constant nodes' outputs; * does not match a slash, and a
// pattern without a slash is also held against the part behind the last one.
type ImportOptions struct {
	// Output is the output that is trained; empty is the first.
	Output string
	// Freeze names weights that stay as they are.
	Freeze []string
	// Unfreeze names weights that are trained although Freeze or the default leaves them out.
	Unfreeze []string
}

// Imported is an ONNX model as a network, with the way back to its document.
type Imported struct {
	Net   *nn.Net
	model *onnxio.Model
	names map[*ir.Value]string // of the weights in the document
}

// Import returns an ONNX model as a network to be fine-tuned. Weights become parameters: float32
// initializers and constants that matrix products, convolutions, normalisations, recurrences and
// embeddings take as weights, and those that are added to or multiplied with what parameters lead to.
// What acts on the inputs alone, such as a scaler, stays as it is. Running statistics of
// BatchNormalization follow the data unless they are frozen.
//
// A dimension of an input that is not fixed and comes first is the batch.
func Import(m *onnxio.Model, o ImportOptions) (*Imported, error) {
	doc := batched(m)
	opt := lower.Options{}
	if o.Output != "" {
		opt.Outputs = []string{o.Output}
	}
	r, err := lower.Model(doc, ops.Set(), opt)
	if err != nil {
		return nil, err
	}
	im := &Imported{model: m, names: map[*ir.Value]string{}}
	byValue := map[*ir.Value]string{}
	for name, v := range r.Values {
		byValue[v] = name
	}
	for _, p := range append(slices.Clone(o.Freeze), o.Unfreeze...) {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("train: pattern %q: %w", p, err)
		}
	}
	used := map[string]bool{}
	im.Net = &nn.Net{Graph: r.Graph}
	for _, w := range weightsOf(r.Graph) {
		name, ok := byValue[w.v]
		if !ok || w.v.Data.DType() != tensor.Float32 {
			continue
		}
		train := w.role != plain
		if matches(o.Freeze, name, used) {
			train = false
		}
		if matches(o.Unfreeze, name, used) {
			train = true
		}
		if !train {
			continue
		}
		w.v.Kind = ir.State
		w.v.Fact = w.v.Fact.Like()
		im.names[w.v] = name
		im.Net.Params = append(im.Net.Params, &nn.Param{Value: w.v, Trainable: w.role != statistic})
	}
	for _, p := range append(slices.Clone(o.Freeze), o.Unfreeze...) {
		if !used[p] {
			return nil, fmt.Errorf("train: pattern %q matches no weight; 'onnxtool inspect --weights' lists them", p)
		}
	}
	if !slices.ContainsFunc(im.Net.Params, func(p *nn.Param) bool { return p.Trainable }) {
		return nil, fmt.Errorf("train: the model has no float32 weight to train")
	}
	return im, nil
}

// batched returns the model with inputs whose first dimension is the batch wherever it is not fixed.
func batched(m *onnxio.Model) *onnxio.Model {
	if m.Graph == nil {
		return m
	}
	c, g := *m, *m.Graph
	c.Graph = &g
	g.Input = slices.Clone(g.Input)
	for i, v := range g.Input {
		if v == nil || v.Type == nil || v.Type.TensorType == nil || v.Type.TensorType.Shape == nil || len(v.Type.TensorType.Shape.Dim) == 0 {
			continue
		}
		if _, fixed := v.Type.TensorType.Shape.Dim[0].Value(); fixed {
			continue
		}
		shape := &onnxio.TensorShape{Dim: slices.Clone(v.Type.TensorType.Shape.Dim)}
		shape.Dim[0] = onnxio.NamedDim("batch")
		g.Input[i] = &onnxio.ValueInfo{Name: v.Name, Type: onnxio.NewTensorType(v.Type.TensorType.DType(), shape)}
	}
	return &c
}

// matches reports whether a name matches one of the patterns, and notes those that do.
func matches(patterns []string, name string, used map[string]bool) bool {
	found := false
	for _, p := range patterns {
		ok, _ := path.Match(p, name)
		if !ok {
			ok, _ = path.Match(p, path.Base(name))
		}
		if ok {
			used[p], found = true, true
		}
	}
	return found
}

// role is what a constant is to the node that reads it.
type role uint8

const (
	plain     role = iota // a number like any other
	weight                // trained
	statistic             // a running mean or variance
)

// weightInputs maps operators to the inputs that are weights.
var weightInputs = map[string][]int{
	"MatMul": {0, 1}, "Gemm": {0, 1, 2}, "Conv": {1, 2}, "ConvTranspose": {1, 2}, "Gather": {0}, "PRelu": {1},
	"BatchNormalization": {1, 2}, "LayerNormalization": {1, 2}, "GroupNormalization": {1, 2}, "InstanceNormalization": {1, 2},
	"RMSNormalization": {1}, "LSTM": {1, 2, 3, 7}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3}, "Einsum": {0, 1, 2},
}

type candidate struct {
	v    *ir.Value
	role role
}

// weightsOf lists the constants of a graph that could be trained, in the order of the nodes.
func weightsOf(g *ir.Graph) []candidate {
	roles := map[*ir.Value]role{}
	var order []*ir.Value
	note := func(v *ir.Value, r role) {
		if _, seen := roles[v]; !seen {
			order = append(order, v)
		}
		roles[v] = max(roles[v], r)
	}
	learned := map[*ir.Value]bool{} // values that depend on a weight
	for _, n := range g.Nodes {
		behind := slices.ContainsFunc(n.In, func(v *ir.Value) bool { return v != nil && (learned[v] || roles[v] == weight) })
		for i, v := range n.In {
			if v == nil || v.Kind != ir.Const || !v.Data.DType().IsFloat() {
				continue
			}
			r := plain
			switch {
			case n.Domain == "" && slices.Contains(weightInputs[n.Op], i):
				r = weight
			case n.Domain == "" && n.Op == "BatchNormalization" && (i == 3 || i == 4):
				r = statistic
			case behind && elementwise(n) && (v.Data.Len() > 1 || isBias(n, v)):
				r = weight
			}
			note(v, r)
			behind = behind || r == weight
		}
		if behind {
			for _, v := range n.Out {
				if v != nil {
					learned[v] = true
				}
			}
		}
	}
	out := make([]candidate, len(order))
	for i, v := range order {
		out[i] = candidate{v, roles[v]}
	}
	return out
}

func elementwise(n *ir.Node) bool {
	switch n.Op {
	case "Add", "Sub", "Mul", "Div":
		return n.Domain == ""
	}
	return false
}

// isBias reports whether a constant of one element is the bias of a product: of a layer with one unit.
func isBias(n *ir.Node, v *ir.Value) bool {
	if n.Op != "Add" || v.Data.Shape().Rank() == 0 {
		return false
	}
	return slices.ContainsFunc(n.In, func(in *ir.Value) bool {
		if in == nil || in.Node == nil {
			return false
		}
		switch in.Node.Op {
		case "MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum":
			return true
		}
		return false
	})
}

// Model returns the document with the trainer's parameters in the place of the weights. Nothing else in
// it differs from the one that was imported.
func (im *Imported) Model(t *Trainer) (*onnxio.Model, error) {
	c, g := *im.model, *im.model.Graph
	c.Graph = &g
	g.Initializer, g.Node = slices.Clone(g.Initializer), slices.Clone(g.Node)
	for v, name := range im.names {
		data := t.params[v]
		if data == nil {
			return nil, fmt.Errorf("train: the trainer is of another network: it has no %s", name)
		}
		if !patch(&g, name, tensor.CloneAny(data)) {
			return nil, op.Unsupportedf("writing weight %s back: it is neither an initializer nor a constant", name)
		}
	}
	return &c, nil
}

// patch puts a tensor in the place of an initializer or of a Constant node's value.
func patch(g *onnxio.Graph, name string, data tensor.Any) bool {
	for i, t := range g.Initializer {
		if t.Name == name {
			n := onnxio.FromTensor(name, data)
			n.DocString, n.MetadataProps = t.DocString, t.MetadataProps
			g.Initializer[i] = n
			return true
		}
	}
	for i, n := range g.Node {
		if n.OpType == "Constant" && len(n.Output) == 1 && n.Output[0] == name {
			c := *n
			c.Attribute = []*onnxio.Attribute{onnxio.NewAttribute("value", data)}
			g.Node[i] = &c
			return true
		}
	}
	return false
}
