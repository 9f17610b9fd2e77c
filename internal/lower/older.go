package lower

import (
	"fmt"
	"math"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Opsets of ai.onnx that can be written.
const (
	OldestOpset = 13
	NewestOpset = 28
)

// OpsetError lists the nodes that cannot be written in an opset.
type OpsetError struct {
	Opset  int
	Nodes  []OpsetNode
	Enough int // the opset in which all can
}

// OpsetNode is a node that needs a newer opset.
type OpsetNode struct {
	Name, Op string
	Needs    int
}

// Error returns one line that names the nodes.
func (e *OpsetError) Error() string {
	const most = 10
	var names []string
	for i, n := range e.Nodes {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(e.Nodes)-most))
			break
		}
		names = append(names, fmt.Sprintf("%s (%s, opset %d)", n.Name, n.Op, n.Needs))
	}
	return fmt.Sprintf("opset %d cannot say %s; opset %d is enough", e.Opset, strings.Join(names, ", "), e.Enough)
}

// Unwrap returns ErrUnsupported.
func (e *OpsetError) Unwrap() error { return op.ErrUnsupported }

// simpler says operators in older ones.
var simpler = map[string]op.Expand{
	"Gelu":               simplerGelu,
	"HardSwish":          simplerHardSwish,
	"LayerNormalization": simplerLayerNormalization,
	"Mish":               simplerMish,
	"Shape":              simplerShape,
	"Swish":              simplerSwish,
	"Trilu":              simplerTrilu,
}

// Older puts simpler nodes in the place of those that an opset of ai.onnx does not have, where there are
// such. The values that they give stay.
func Older(g *ir.Graph, set *op.Set, opset int) error {
	b := op.NewBuilder(g, set)
	nodes := g.Nodes
	g.Nodes = make([]*ir.Node, 0, len(nodes))
	for _, n := range nodes {
		if err := older(b, n, opset); err != nil {
			return err
		}
		for _, s := range n.Subgraphs() {
			if err := Older(s, set, opset); err != nil {
				return err
			}
		}
	}
	return nil
}

// older appends a node, or what stands for it.
func older(b *op.Builder, n *ir.Node, opset int) error {
	expand := simpler[n.Op]
	need, err := b.Set.OpsetFor(n)
	if err != nil || need <= opset || expand == nil || n.Domain != "" {
		b.G.Nodes = append(b.G.Nodes, n)
		return err
	}
	r, err := b.Resolve(n)
	if err != nil {
		return err
	}
	before := b.G.Nodes
	b.G.Nodes = nil
	var out []*ir.Value
	b.Do(n.Name, func() { out = expand(b, r) })
	made := b.G.Nodes
	b.G.Nodes = before
	if err := b.Err(); err != nil {
		return op.Wrap("write", n, op.Facts(n.In), err)
	}
	for i, v := range n.Out {
		if v != nil {
			replace(made, out[i], v)
		}
	}
	for _, m := range made {
		if err := older(b, m, opset); err != nil {
			return err
		}
	}
	return nil
}

// replace lets the node that gives a value give another one.
func replace(nodes []*ir.Node, old, v *ir.Value) {
	v.Node, v.Index = old.Node, old.Index
	old.Node.Out[old.Index] = v
	for _, n := range nodes {
		for i := range n.In {
			if n.In[i] == old {
				n.In[i] = v
			}
		}
	}
}

// simplerGelu says x/2*(1+erf(x/sqrt(2))), or x/2*(1+tanh(sqrt(2/pi)*(x+0.044715*x^3))).
func simplerGelu(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	var in *ir.Value
	if n.Str("approximate") == "tanh" {
		cube := b.Mul(b.Mul(x, x), x)
		in = b.Op("Tanh", b.Scale(b.Add(x, b.Scale(cube, .044715)), .7978845608028654))
	} else {
		in = b.Op("Erf", b.Scale(x, .7071067811865476))
	}
	return []*ir.Value{b.Mul(b.Scale(x, .5), b.AddScalar(in, 1))}
}

func simplerHardSwish(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	return []*ir.Value{b.Mul(x, b.OpA("HardSigmoid", x, op.Attr("alpha", 1./6), op.Attr("beta", .5)))}
}

func simplerMish(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	return []*ir.Value{b.Mul(x, b.Op("Tanh", b.Op("Softplus", x)))}
}

func simplerSwish(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	return []*ir.Value{b.Mul(x, b.Op("Sigmoid", b.Scale(x, float64(n.Float("alpha")))))}
}

// simplerLayerNormalization takes the mean and the variance in float32, or double where the data is.
func simplerLayerNormalization(b *op.Builder, n *op.Node) []*ir.Value {
	x, scale := n.Node.In[0], n.Node.In[1]
	d := x.Fact.DType
	axis, err := tensor.Axis(n.Int("axis"), x.Fact.Rank())
	if err != nil {
		b.Fail(op.Shapef("%v", err))
		return []*ir.Value{x, x, x}
	}
	var axes []int
	for i := axis; i < x.Fact.Rank(); i++ {
		axes = append(axes, i)
	}
	if d != tensor.Float64 {
		x = b.Cast(x, tensor.Float32)
	}
	mean := b.Reduce("ReduceMean", x, true, axes...)
	c := b.Sub(x, mean)
	variance := b.Reduce("ReduceMean", b.Mul(c, c), true, axes...)
	deviation := b.Op("Sqrt", b.AddScalar(variance, float64(n.Float("epsilon"))))
	y := b.Mul(b.Cast(b.Div(c, deviation), d), scale)
	if n.HasIn(2) {
		y = b.Add(y, n.Node.In[2])
	}
	out := []*ir.Value{y, nil, nil}
	if n.HasOut(1) || n.HasOut(2) {
		stash := tensor.DType(n.Int("stash_type"))
		out[1], out[2] = b.Cast(mean, stash), b.Cast(b.Op("Reciprocal", deviation), stash)
	}
	return out
}

// simplerShape takes the part from start to end out of the whole shape.
func simplerShape(b *op.Builder, n *op.Node) []*ir.Value {
	const toEnd = math.MaxInt32
	end := toEnd
	if n.HasAttr("end") {
		end = n.Int("end")
	}
	return []*ir.Value{b.Slice(b.Shape(n.Node.In[0]), 0, n.Int("start"), end)}
}

// simplerTrilu keeps elements by the difference of their column and row.
func simplerTrilu(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	line := func(axis int) *ir.Value {
		zero, one := b.Const(tensor.Scalar(int64(0))), b.Const(tensor.Scalar(int64(1)))
		size := b.Squeeze(b.Slice(b.Shape(x), 0, axis, axis+1), 0)
		return b.Op("Range", zero, size, one)
	}
	rank := x.Fact.Rank()
	if rank < 2 {
		b.Fail(op.Shapef("the rank of %v is not known", x.Fact))
		return []*ir.Value{x}
	}
	offset := b.Sub(line(rank-1), b.Unsqueeze(line(rank-2), 1))
	k := b.Const(tensor.Scalar(int64(0)))
	if n.HasIn(1) {
		k = n.Node.In[1]
	}
	keep := "LessOrEqual"
	if n.Bool("upper") {
		keep = "GreaterOrEqual"
	}
	return []*ir.Value{b.Where(b.Op(keep, offset, k), x, b.Scalar(x, 0))}
}

// tooOld returns the error that names the nodes which an opset does not have.
func tooOld(g *ir.Graph, set *op.Set, opset int) error {
	e := &OpsetError{Opset: opset}
	if err := e.find(g, set); err != nil {
		return err
	}
	return e
}

// find adds the nodes of a graph and its subgraphs that the opset does not have.
func (e *OpsetError) find(g *ir.Graph, set *op.Set) error {
	for _, n := range g.Nodes {
		need, err := set.OpsetFor(n)
		if err != nil {
			return err
		}
		if n.Domain == "" && need > e.Opset {
			e.Nodes = append(e.Nodes, OpsetNode{n.Name, n.Op, need})
			e.Enough = max(e.Enough, need)
		}
		for _, s := range n.Subgraphs() {
			if err := e.find(s, set); err != nil {
				return err
			}
		}
	}
	return nil
}
