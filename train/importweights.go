package train

import (
	"math"
	"regexp"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// role is what a constant is to the nodes that read it.
type role uint8

const (
	plain     role = iota // a number like any other
	beside                // trained: added to or multiplied with what weights lead to
	weight                // trained: of a layer
	statistic             // a running mean or variance
)

// weightInputs maps operators to the inputs that are weights.
var weightInputs = map[string][]int{
	"MatMul": {0, 1}, "Gemm": {0, 1, 2}, "Conv": {1, 2}, "ConvTranspose": {1, 2}, "Gather": {0}, "PRelu": {1},
	"BatchNormalization": {1, 2}, "LayerNormalization": {1, 2}, "GroupNormalization": {1, 2}, "InstanceNormalization": {1, 2},
	"RMSNormalization": {1}, "LSTM": {1, 2, 3, 7}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3}, "Einsum": {0, 1, 2},
}

// startInputs maps recurrences to the inputs that their states start with.
var startInputs = map[string][]int{"LSTM": {5, 6}, "GRU": {5}, "RNN": {5}}

// moves lists the operators whose output is made of elements of their first input, which a weight may go
// through on its way: exporters transpose, share, cut and cast weights.
var moves = []string{
	"Identity", "Transpose", "Cast", "CastLike", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "Expand", "Tile",
}

// candidate is a constant that could be trained.
type candidate struct {
	v       *ir.Value
	role    role
	readers []string // names of the nodes that take it, by way of moves or not
}

// finder collects a graph's constants with their roles.
type finder struct {
	found    map[*ir.Value]*candidate
	order    []*candidate
	learned  map[*ir.Value]bool      // values that depend on a weight
	constant map[*ir.Value]bool      // values that constants alone decide
	joined   map[*ir.Value]bool      // values whose elements are those of several constants
	outer    map[*ir.Value]*ir.Value // by inputs of subgraphs, what they are given first
}

func newFinder() *finder {
	return &finder{
		found: map[*ir.Value]*candidate{}, learned: map[*ir.Value]bool{}, constant: map[*ir.Value]bool{},
		joined: map[*ir.Value]bool{}, outer: map[*ir.Value]*ir.Value{},
	}
}

// weightsOf lists the constants of a graph and its subgraphs that could be trained, in the order of the nodes.
func weightsOf(g *ir.Graph) []*candidate {
	f := newFinder()
	f.graph(g)
	return f.order
}

func (f *finder) graph(g *ir.Graph) {
	for _, n := range g.Nodes {
		behind := slices.ContainsFunc(n.In, func(v *ir.Value) bool { return f.learned[v] })
		fixed := true
		for i, v := range n.In {
			if v == nil {
				continue
			}
			fixed = fixed && (v.Kind == ir.Const || f.constant[v])
			r := plain
			if f.numbers(v) {
				r = f.roleOf(n, i, behind)
				f.mark(v, r, n.Name)
			}
			behind = behind || r == weight || r == beside
		}
		for _, sub := range n.Subgraphs() {
			behind = f.inside(n, sub) || behind
		}
		join := f.joins(n)
		for _, v := range n.Out {
			if v != nil {
				f.learned[v], f.constant[v], f.joined[v] = behind, fixed, join
			}
		}
	}
}

// numbers reports whether a value is made of constant floats that may be weights.
func (f *finder) numbers(v *ir.Value) bool {
	v = f.given(v)
	if c := f.origin(v); c != nil {
		return c.Data.DType().IsFloat()
	}
	return v.Kind == ir.Computed && v.Fact.DType.IsFloat() && (f.constant[v] || f.joined[v])
}

// joins reports whether a node puts constants together or moves what was put together, as exporters do with
// the gates of recurrences.
func (f *finder) joins(n *ir.Node) bool {
	switch {
	case n.Domain != "" || len(n.In) == 0:
		return false
	case n.Op == "Concat":
		return !slices.ContainsFunc(n.In, func(v *ir.Value) bool { return !f.numbers(v) })
	}
	return slices.Contains(moves, n.Op) && f.joined[n.In[0]]
}

// roleOf returns what input i, which is made of constants, is to a node; behind tells whether the node reads
// what a weight led to.
func (f *finder) roleOf(n *ir.Node, i int, behind bool) role {
	c := f.origin(n.In[i])
	switch {
	case n.Domain != "" || c != nil && (extreme(c.Data) || number(c, n.In[i]) || filler(n, c)):
		return plain
	case slices.Contains(weightInputs[n.Op], i):
		return weight
	case slices.Contains(startInputs[n.Op], i) && c != nil && !alike(c.Data): // zeros are where a recurrence starts by itself
		return weight
	case n.Op == "BatchNormalization" && (i == 3 || i == 4):
		return statistic
	case !behind:
		return plain
	case n.Op == "Concat": // a token that is put in front of others
		if c == nil || n.In[i].Fact.Rank() < 3 || c.Data.Len() == 1 {
			return plain
		}
		return beside
	case elementwise(n) && (c == nil || (c.Data.Len() > 1 || isBias(n, n.In[i])) && !waves(c.Data)):
		return beside
	}
	return plain
}

// mark notes the constants that a value is made of.
func (f *finder) mark(v *ir.Value, r role, reader string) {
	v = f.given(v)
	if v.Kind == ir.Const && v.Data.DType().IsFloat() {
		c := f.found[v]
		if c == nil {
			c = &candidate{v: v}
			f.found[v] = c
			f.order = append(f.order, c)
		}
		c.readers = append(c.readers, reader)
		c.role = max(c.role, r)
		return
	}
	if v.Kind != ir.Computed {
		return
	}
	n := v.Node
	if c := f.origin(v); c != nil || f.joined[v] && n.Op != "Concat" {
		f.mark(n.In[0], r, reader)
		return
	}
	if r == plain || n.Op == "DequantizeLinear" || !f.constant[v] && !f.joined[v] {
		return
	}
	for _, in := range n.In { // an expression such as weight normalisation's g*v/|v|
		if in != nil && in.Fact.DType.IsFloat() && (in.Kind != ir.Const || in.Data.Len() > 1) {
			f.mark(in, r, reader)
		}
	}
}

// origin returns the constant whose elements a value has, nil where there is none.
func (f *finder) origin(v *ir.Value) *ir.Value {
	v = f.given(v)
	for v.Kind == ir.Computed && v.Node != nil && v.Node.Domain == "" && slices.Contains(moves, v.Node.Op) {
		v = f.given(v.Node.In[0])
	}
	if v.Kind != ir.Const {
		return nil
	}
	return v
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
	if n.Op != "Add" || v.Fact.Rank() == 0 {
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

// number reports whether a constant is a single number that stands for a whole tensor.
func number(c, v *ir.Value) bool {
	if c.Fact.Rank() == 0 {
		return true
	}
	n, ok := v.Fact.Shape.Size().Int()
	return c.Data.Len() == 1 && !(ok && n == 1)
}

// fillerName is what PyTorch's exporter calls the constants that it makes; weights keep their names.
var fillerName = regexp.MustCompile(`^val_\d+$`)

// filler reports whether a constant is what PyTorch's exporter gives a layer that lacks it: a bias of zeros, or
// scale and bias of the InstanceNormalization that it makes a group normalisation of.
func filler(n *ir.Node, c *ir.Value) bool {
	data, ok := c.Data.(*tensor.Tensor[float32])
	if !ok || data.Len() == 0 || !fillerName.MatchString(c.Name) {
		return false
	}
	first := data.Data()[0]
	return (first == 0 || n.Op == "InstanceNormalization") && !slices.ContainsFunc(data.Data(), func(v float32) bool { return v != first })
}

// extremeSize is what no weight reaches. Masks that are added to the scores of attention do.
const extremeSize = 9999

// extreme reports whether a constant has elements of a mask: infinite, or so large that a softmax makes them 0.
func extreme(t tensor.Any) bool {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return slices.ContainsFunc(t.Data(), func(v float32) bool { return !(math.Abs(float64(v)) < extremeSize) })
	case *tensor.Tensor[float64]:
		return slices.ContainsFunc(t.Data(), func(v float64) bool { return !(math.Abs(v) < extremeSize) })
	}
	return false
}
