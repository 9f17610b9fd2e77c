package autodiff_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ruleCase is a rule at one shape.
type ruleCase struct {
	rule
	in []ruleInput
}

type ruleInput struct {
	kind     byte // 'x' drawn, '-' absent, else as in [rule]
	shape    []string
	values   []string // given
	from, to float64  // of the numbers drawn; 0 and 0 are .25 to 1.25 with both signs
}

func (r rule) parse(t *testing.T, shapes string) *ruleCase {
	c := &ruleCase{rule: r}
	for _, s := range strings.Fields(shapes) {
		in := ruleInput{kind: 'x'}
		if strings.ContainsAny(s[:1], "-ijbfIJBF") {
			in.kind, s = s[0], s[1:]
		}
		dims, values, given := strings.Cut(s, ":")
		if d, ok := strings.CutSuffix(dims, "+"); ok {
			dims, in.from, in.to = d, .25, 1.25
		}
		if d, bounds, ok := strings.Cut(dims, "@"); ok {
			dims = d
			if n, err := fmt.Sscanf(strings.ReplaceAll(bounds, "~", " "), "%g %g", &in.from, &in.to); n != 2 {
				t.Fatalf("%q: %v", s, err)
			}
		}
		if given {
			in.values = strings.Split(values, ",")
			if in.kind == 'x' {
				in.kind = 'v'
			}
		}
		switch {
		case in.kind == '-', dims == ".": // no axes
		case given && dims == "":
			in.shape = []string{strconv.Itoa(len(in.values))}
		default:
			in.shape = strings.Split(dims, ",")
		}
		c.in = append(c.in, in)
	}
	if len(c.in) == 0 {
		t.Fatalf("no inputs in %q", shapes)
	}
	return c
}

func (in ruleInput) typ(float string) string {
	return map[byte]string{'x': float, 'v': float, 'f': "float", 'i': "int64", 'j': "int32", 'b': "bool"}[in.kind|0x20]
}

func (in ruleInput) declared(float string, dims []string) string {
	if len(dims) == 0 {
		return in.typ(float)
	}
	return fmt.Sprintf("%s[%s]", in.typ(float), strings.Join(dims, ","))
}

// text returns the case as a model.
func (c *ruleCase) text(float string, unknown bool) string {
	var inputs, consts, args []string
	for i, in := range c.in {
		if in.kind == '-' {
			args = append(args, "")
			continue
		}
		name := fmt.Sprintf("in_%d", i)
		args = append(args, name)
		dims := slices.Clone(in.shape)
		if unknown && in.kind == 'x' {
			for k := range dims {
				dims[k] = fmt.Sprintf("D_%d_%d", i, k)
			}
		}
		decl := in.declared(float, dims) + " " + name
		if in.kind == 'x' || in.kind < 'a' {
			inputs = append(inputs, decl)
		} else {
			consts = append(consts, fmt.Sprintf("%s = {%s}", decl, strings.Join(in.values, ",")))
		}
	}
	var outs []string
	for i := range max(1, c.nout) {
		outs = append(outs, fmt.Sprintf("out_%d", i))
	}
	opset := c.opset
	if opset == 0 {
		opset = newestOpset()
	}
	attrs := ""
	if c.attrs != "" {
		attrs = "<" + c.attrs + ">"
	}
	return fmt.Sprintf(`<ir_version: 10, opset_import: ["": %d, "ai.onnx.ml": 5]> g (%s) => (%s) <%s> { %s = %s %s (%s) }`,
		opset, strings.Join(inputs, ", "), strings.Join(outs, ", "), strings.Join(consts, ", "), strings.Join(outs, ", "), c.op, attrs, strings.Join(args, ", "))
}

func newestOpset() int {
	n := 0
	for _, d := range ops.Set().All() {
		if d.Domain == "" {
			n = max(n, d.Since)
		}
	}
	return n
}

// lower returns the case as a graph with its inputs.
func (c *ruleCase) lower(t *testing.T, float string, unknown bool) (*ir.Graph, map[*ir.Value]tensor.Any) {
	t.Helper()
	text := c.text(float, unknown)
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	switch {
	case unknown && errors.Is(err, op.ErrUnsupported):
		return nil, nil
	case err != nil:
		t.Fatal(err)
	}
	feed := map[*ir.Value]tensor.Any{}
	rnd := rand.New(rand.NewPCG(uint64(len(c.attrs)), 5))
	for i, in := range c.in {
		v := r.Values[fmt.Sprintf("in_%d", i)]
		if v == nil || v.Kind != ir.Input {
			continue
		}
		if in.kind == 'x' {
			feed[v] = in.draw(rnd, v.Fact.DType)
			continue
		}
		text := fmt.Sprintf(`<ir_version: 10, opset_import: ["": 21]> g () => (y) <%s y = {%s}> {}`, in.declared(float, in.shape), strings.Join(in.values, ","))
		given, err := onnxio.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		if feed[v], err = given.Graph.Initializer[0].Value(); err != nil {
			t.Fatal(err)
		}
	}
	return r.Graph, feed
}

func (in ruleInput) draw(rnd *rand.Rand, d tensor.DType) tensor.Any {
	var shape tensor.Shape
	for _, s := range in.shape {
		n, err := strconv.Atoi(s)
		if err != nil {
			panic(err)
		}
		shape = append(shape, n)
	}
	f32, f64 := tensor.Zeros[float32](shape...), tensor.Zeros[float64](shape...)
	for i := range f64.Data() {
		x := .25 + rnd.Float64()
		switch {
		case in.from != in.to:
			x = in.from + (in.to-in.from)*(x-.25)
		case rnd.IntN(2) == 0:
			x = -x
		}
		f32.Data()[i] = float32(x)
		f64.Data()[i] = float64(f32.Data()[i])
	}
	if d == tensor.Float64 {
		return f64
	}
	return f32
}

// differentiatedCase is a graph whose outputs are the loss and its gradients by wrt. The loss does not depend on
// the inputs none.
type differentiatedCase struct {
	graph     *ir.Graph
	feed      map[*ir.Value]tensor.Any
	wrt, none []*ir.Value
}

// eval returns the outputs.
func (d *differentiatedCase) eval(t *testing.T) []tensor.Any {
	t.Helper()
	vals, err := ops.Set().EvalGraph(context.Background(), d.graph, d.feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	var out []tensor.Any
	for _, v := range d.graph.Outputs {
		out = append(out, vals[v.ID])
	}
	return out
}

// differentiate returns the gradients of a loss of the listed outputs (nil: all) by the named inputs (nil: all
// that are drawn). With dimensions unknown it is nil where there is no gradient then.
func (c *ruleCase) differentiate(t *testing.T, float string, unknown bool, outs []int, by []string) *differentiatedCase {
	t.Helper()
	g, feed := c.lower(t, float, unknown)
	if g == nil {
		return nil
	}
	d := &differentiatedCase{graph: g, feed: feed}
	b := op.NewBuilder(g, ops.Set())
	loss := c.loss(t, b, feed, outs)
	if unknown && !loss.Fact.Ranked {
		return nil
	}
	for _, v := range c.drawn(g) {
		if by == nil || slices.Contains(by, v.Name) {
			d.wrt = append(d.wrt, v)
		}
	}
	seed := []op.Seed{{Value: loss, Grad: b.Scalar(loss, 1)}}
	grads, err := b.Backward(g.Nodes, seed, d.wrt)
	switch {
	case err != nil && unknown && errors.Is(err, op.ErrUnsupported):
		return nil
	case err != nil:
		t.Fatal(err)
	}
	g.Outputs = []*ir.Value{loss}
	for i, v := range slices.Clone(d.wrt) {
		if grads[i] == nil {
			d.none = append(d.none, v)
			d.wrt = slices.DeleteFunc(d.wrt, func(w *ir.Value) bool { return w == v })
			continue
		}
		g.Outputs = append(g.Outputs, b.Op("Identity", grads[i]))
	}
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	return d
}

// drawn returns the inputs that are drawn and differentiable.
func (c *ruleCase) drawn(g *ir.Graph) []*ir.Value {
	var out []*ir.Value
	params := c.def().In
	for i, in := range c.in {
		if in.kind != 'x' || params[min(i, len(params)-1)].Grad != op.Differentiable {
			continue
		}
		k := slices.IndexFunc(g.Inputs, func(v *ir.Value) bool { return v.Name == fmt.Sprintf("in_%d", i) })
		out = append(out, g.Inputs[k])
	}
	return out
}

func (r rule) def() *op.Def {
	domain, name := "", r.op
	if i := strings.LastIndex(r.op, "."); i >= 0 {
		domain, name = r.op[:i], r.op[i+1:]
	}
	return ops.Set().Lookup(domain, name)
}

// outputs returns the number of outputs of the type of what is drawn.
func (c *ruleCase) outputs(t *testing.T) int {
	if c.step > 0 {
		return 1
	}
	g, _ := c.lower(t, "double", false)
	return len(floats(g))
}

// floats returns the outputs of the type that most inputs have.
func floats(g *ir.Graph) []*ir.Value {
	return slices.DeleteFunc(slices.Clone(g.Outputs), func(v *ir.Value) bool {
		return v.Fact.DType != g.Inputs[0].Fact.DType && v.Fact.DType != g.Inputs[len(g.Inputs)-1].Fact.DType || !v.Fact.DType.IsFloat()
	})
}

// loss returns the sum of the listed outputs (nil: all) with fixed weights.
func (c *ruleCase) loss(t *testing.T, b *op.Builder, feed map[*ir.Value]tensor.Any, outs []int) *ir.Value {
	t.Helper()
	vals, err := ops.Set().EvalGraph(context.Background(), b.G, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(7, 3))
	var loss *ir.Value
	for k, v := range floats(b.G) {
		w := random(rnd, v.Fact.DType, vals[v.ID].Shape())
		if outs != nil && !slices.Contains(outs, k) {
			continue
		}
		one := b.Sum(b.Mul(v, b.Const(w)), false)
		if loss == nil {
			loss = one
		} else {
			loss = b.Add(loss, one)
		}
	}
	return loss
}
