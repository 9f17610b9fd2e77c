package train

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// LoRA trains low-rank updates (Hu et al. 2021): where x·W is computed by a MatMul or Gemm with a constant W
// of shape [in, out], it adds x·A·B·Alpha/Rank with A of shape [in, Rank] and B of [Rank, out]. A starts
// uniform in ±1/√in and B at 0, as in PEFT, so that the model starts as it was. Only A and B are trained, and
// what Unfreeze names.
type LoRA struct {
	Rank  int     // 8 where zero
	Alpha float64 // Rank where zero
	// Targets names the weights or nodes, by patterns as in ImportOptions; none are all weights that
	// only products read.
	Targets []string
	// Keep leaves A and B in the model as nodes of their own; a W that stands in a subgraph of the file has none then.
	// By default their product is added to W.
	Keep bool
	Seed uint64
}

// adapter is the update of one weight.
type adapter struct {
	weight    string // initializer or Constant
	dtype     tensor.DType
	transpose bool    // the product takes the weight transposed
	factor    float64 // of A·B in the weight
	in, out   int
	a, b      string // initializers
}

// adapters are the low-rank updates of a model.
type adapters struct {
	opt      LoRA
	outputs  []string
	products *products
	targets  *patterns
	model    *onnxio.Model
	list     []*adapter
}

// has reports whether a weight is an adapter's.
func (l *adapters) has(name string) bool {
	return l != nil && slices.ContainsFunc(l.list, func(a *adapter) bool { return a.a == name || a.b == name })
}

// addLoRA returns the model with nodes for the updates of the weights that the outputs depend on. Weights that stand
// inside of subgraphs in the document have none that could be kept there.
func addLoRA(m *onnxio.Model, inside map[string]hoisted, outputs []string, o LoRA) (*adapters, error) {
	if o.Rank == 0 {
		o.Rank = 8
	}
	if o.Alpha == 0 {
		o.Alpha = float64(o.Rank)
	}
	if o.Rank < 1 || !(o.Alpha > 0) {
		return nil, fmt.Errorf("train: LoRA of rank %d and alpha %v: both must be above 0", o.Rank, o.Alpha)
	}
	targets, err := newPatterns(o.Targets)
	if err != nil {
		return nil, err
	}
	needed, err := cut(m, outputs)
	if err != nil {
		return nil, err
	}
	l := &adapters{opt: o, outputs: outputs, products: productsOf(m), targets: targets}
	if o.Keep {
		maps.DeleteFunc(l.products.of, func(_ *onnxio.Node, p *adapter) bool {
			_, within := inside[p.weight]
			return within
		})
	}
	e := newEdit(m)
	if e.graph.Node, err = l.nodes(e, e.graph.Node, func(n *onnxio.Node) bool { return slices.Contains(needed.Graph.Node, n) }); err != nil {
		return nil, err
	}
	if name, ok := targets.unused(); ok {
		return nil, fmt.Errorf("train: LoRA: pattern %q matches no MatMul or Gemm with a constant weight", name)
	}
	if len(l.list) == 0 {
		return nil, errors.New("train: LoRA: the model has no MatMul or Gemm with a constant weight of two dimensions")
	}
	l.model = e.model
	return l, nil
}

// nodes returns the nodes of a graph with updates beside its products and those of subgraphs. Nodes that are not
// needed stay as they are.
func (l *adapters) nodes(e *edit, of []*onnxio.Node, needed func(*onnxio.Node) bool) (nodes []*onnxio.Node, err error) {
	for _, n := range of {
		if !needed(n) {
			nodes = append(nodes, n)
			continue
		}
		if p := l.products.of[n]; p != nil {
			wanted, err := l.wanted(n, p)
			if err != nil {
				return nil, err
			}
			if wanted {
				nodes = append(nodes, l.adapt(e, n, *p)...)
				continue
			}
		}
		inner := subgraphs(n)
		if !slices.ContainsFunc(inner, func(g *onnxio.Graph) bool { return g != nil }) {
			nodes = append(nodes, n)
			continue
		}
		c := *n
		c.Attribute = slices.Clone(n.Attribute)
		for i, sub := range inner {
			if sub == nil {
				continue
			}
			a, g := *n.Attribute[i], *sub
			if g.Node, err = l.nodes(e, sub.Node, func(n *onnxio.Node) bool { return n != nil }); err != nil {
				return nil, err
			}
			a.G, c.Attribute[i] = &g, &a
		}
		nodes = append(nodes, &c)
	}
	return nodes, nil
}

// wanted reports whether a product's weight gets an update.
func (l *adapters) wanted(n *onnxio.Node, p *adapter) (bool, error) {
	alone := l.products.readers[p.weight] == l.products.reads[p.weight]
	if !l.targets.match(n.Name, p.weight) {
		return len(l.opt.Targets) == 0 && alone, nil
	}
	if !alone && !l.opt.Keep {
		return false, fmt.Errorf("train: LoRA of %s: nodes beside products read it too, so the update cannot be added to it: leave it out, or keep the updates apart", p.weight)
	}
	return true, nil
}

// adapt returns the nodes in the place of a product.
func (l *adapters) adapt(e *edit, n *onnxio.Node, p adapter) []*onnxio.Node {
	i := slices.IndexFunc(l.list, func(a *adapter) bool {
		return a.weight == p.weight && a.transpose == p.transpose && a.factor == p.factor
	})
	if i < 0 {
		i = len(l.list)
		limit := 1 / math.Sqrt(float64(p.in))
		start := make([]float32, p.in*l.opt.Rank)
		nn.RandomUniform{Min: -limit, Max: limit}.Init(rand.New(rand.NewPCG(l.opt.Seed, uint64(i)+1)), nil, start)
		a, _ := rewrite.Convert(tensor.Must(start, p.in, l.opt.Rank), p.dtype)
		b, _ := rewrite.Convert(tensor.Zeros[float32](l.opt.Rank, p.out), p.dtype)
		p.a, p.b = e.add(p.weight+"/lora_a", a), e.add(p.weight+"/lora_b", b)
		l.list = append(l.list, &p)
	}
	p = *l.list[i]
	scale, _ := rewrite.Convert(tensor.Scalar(float32(l.opt.Alpha/float64(l.opt.Rank))), p.dtype)
	y := n.Output[0]
	node := func(op string, out string, in ...string) *onnxio.Node {
		return &onnxio.Node{Name: e.fresh(n.Name + "/lora/" + op), OpType: op, Input: in, Output: []string{out}}
	}
	base := *n
	base.Output = []string{e.fresh(y + "/base")}
	xa, ab, scaled := e.fresh(y+"/lora_a"), e.fresh(y+"/lora_b"), e.fresh(y+"/lora")
	return []*onnxio.Node{
		&base, node("MatMul", xa, n.Input[0], p.a), node("MatMul", ab, xa, p.b),
		node("Mul", scaled, ab, e.add(y+"/lora_scale", scale)), node("Add", y, base.Output[0], scaled),
	}
}

// merge adds the updates to the weights in values, which takes what is to be patched and loses A and B then.
func (l *adapters) merge(values, full map[string]tensor.Any) error {
	e := newEdit(l.model)
	for _, p := range l.list {
		a, b := full[p.a], full[p.b]
		delete(values, p.a)
		delete(values, p.b)
		w := values[p.weight]
		if w == nil {
			var err error
			if w, err = e.value(p.weight); err != nil {
				return err
			}
		}
		sum, err := p.merge(w, a, b, l.opt.Alpha/float64(l.opt.Rank))
		if err != nil {
			return err
		}
		values[p.weight] = sum
	}
	return nil
}

// merge returns w + factor·scale·A·B in w's type, rounded once.
func (p *adapter) merge(w, a, b tensor.Any, scale float64) (tensor.Any, error) {
	var wide [3][]float64
	for i, t := range []tensor.Any{w, a, b} {
		d, err := rewrite.Convert(t, tensor.Float64)
		if err != nil {
			return nil, err
		}
		wide[i] = slices.Clone(tensor.Data[float64](d))
	}
	sum, left, right := wide[0], wide[1], wide[2]
	rank := len(left) / p.in
	for i := range p.in {
		for j := range p.out {
			d := 0.0
			for k := range rank {
				d += left[i*rank+k] * right[k*p.out+j]
			}
			at := i*p.out + j
			if p.transpose {
				at = j*p.in + i
			}
			sum[at] += p.factor * scale * d
		}
	}
	return rewrite.Convert(tensor.Must(sum, w.Shape()...), w.DType())
}

// fullValues returns the trainer's parameters by their names in the document, not rounded.
func fullValues(t *Trainer, names map[*ir.Value]stored) map[string]tensor.Any {
	out := map[string]tensor.Any{}
	for v, s := range names {
		out[s.name] = t.params[v]
	}
	return out
}
