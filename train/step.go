package train

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// graph is the forward pass of a network with its loss and, for training, the backward pass and the
// optimizer behind it. Its inputs are the network's, then targets and, as needed, sample_weight,
// learning_rate and step. Its outputs are loss, the prediction, with further outputs the losses of all and the
// predictions of the further ones, and the states' next values.
type graph struct {
	g       *ir.Graph
	states  map[*ir.Value]*ir.Value // by the network's parameter, the state that stands for it
	slots   []slot
	updates map[*ir.Value]*ir.Value // by output, the state that it replaces
	inputs  inputs
	noise   map[*ir.Value]string // inputs that stand for random draws, with the operator that drew
}

// slot is a state of the optimizer's.
type slot struct {
	name    string // <parameter>/<slot>
	state   *ir.Value
	initial float32
}

// inputs are the positions of a graph's inputs behind the network's, -1 where there is none.
type inputs struct{ targets, weight, rate, step int }

// noInputs is for graphs that have the network's inputs alone.
var noInputs = inputs{-1, -1, -1, -1}

// batchForm is what a graph has to know of the batches that it is for.
type batchForm struct {
	target   ir.Fact
	weighted bool
	more     []ir.Fact // the targets of further outputs
	sizes    []ir.Fact // the network's inputs, where the graph is for these sizes alone; nil is for all
}

// formOf returns the form of a batch; only the first axis may change from batch to batch.
func (c Config) formOf(b *data.Batch) (batchForm, error) {
	if b == nil || b.Target == nil {
		return batchForm{}, errTarget
	}
	f := batchForm{target: factOf(b.Target), weighted: b.Weight != nil}
	for _, o := range c.More {
		t := b.Inputs[o.Target]
		if t == nil {
			return f, fmt.Errorf("train: the data has no array %s, the target of output %s", o.Target, o.Output)
		}
		f.more = append(f.more, factOf(t))
	}
	return f, nil
}

func factOf(t tensor.Any) ir.Fact {
	shape := ir.KnownShape(t.Shape())
	if len(shape) > 0 {
		shape[0] = ir.Sym("batch")
	}
	return ir.Typed(t.DType(), shape...)
}

// fits reports whether a batch has the form.
func (f batchForm) fits(net *nn.Net, c Config, b *data.Batch) bool {
	if f.weighted != (b.Weight != nil) || !sameForm(f.target, b.Target) {
		return false
	}
	for i, v := range f.sizes {
		if !sameForm(v, b.Inputs[net.Graph.Inputs[i].Name]) {
			return false
		}
	}
	for i, o := range c.More {
		if !sameForm(f.more[i], b.Inputs[o.Target]) {
			return false
		}
	}
	return true
}

// sized returns the form for the sizes that a batch's inputs have, but for the first axis where it may change;
// false where the network's inputs say as much. A recurrence has a gradient where the number of its turns is
// known.
func (f batchForm) sized(net *nn.Net, b *data.Batch) (batchForm, bool) {
	more := false
	f.sizes = make([]ir.Fact, len(net.Graph.Inputs))
	for i, v := range net.Graph.Inputs {
		f.sizes[i] = v.Fact
		x := b.Inputs[v.Name]
		if x == nil || x.DType() != v.Fact.DType || v.Fact.Rank() != x.Shape().Rank() {
			return f, false
		}
		shape := slices.Clone(v.Fact.Shape)
		for k := 1; k < len(shape); k++ {
			if _, known := shape[k].Int(); !known {
				shape[k], more = ir.Known(x.Shape()[k]), true
			}
		}
		f.sizes[i].Shape = shape
	}
	return f, more
}

// whole returns the form for batches of exactly this size, the number of examples included: a loop may have a turn
// for each of them.
func (f batchForm) whole(net *nn.Net, b *data.Batch) (batchForm, bool) {
	f, _ = f.sized(net, b)
	if f.target.Rank() == 0 {
		return f, false
	}
	fixed := func(v ir.Fact, t tensor.Any) ir.Fact {
		if t != nil && v.Rank() > 0 && v.Rank() == t.Shape().Rank() {
			v.Shape = slices.Clone(v.Shape)
			v.Shape[0] = ir.Known(t.Shape()[0])
		}
		return v
	}
	for i, v := range net.Graph.Inputs {
		f.sizes[i] = fixed(f.sizes[i], b.Inputs[v.Name])
	}
	f.target, f.more = fixed(f.target, b.Target), slices.Clone(f.more)
	return f, true
}

// sameForm reports whether a tensor is what factOf was told of one like it.
func sameForm(f ir.Fact, t tensor.Any) bool {
	if t == nil || f.DType != t.DType() || f.Rank() != t.Shape().Rank() {
		return false
	}
	for i, n := range t.Shape() { // of the first axis nothing is known as a rule
		if size, known := f.Shape[i].Int(); known && size != n {
			return false
		}
	}
	return true
}

// maskOf returns the mask of an output in a copy of the network, nil where it has none.
func maskOf(net *nn.Net, t *rewrite.Training, output int) *ir.Value {
	if output >= len(net.Masks) || net.Masks[output] == nil {
		return nil
	}
	return t.Values[net.Masks[output]]
}

// moreLosses adds the losses of further outputs to the first one's. It also returns what each output's
// metrics see: the losses, the first one's too, then the further predictions; nothing where there is one output.
func (c Config) moreLosses(b *op.Builder, net *nn.Net, t *rewrite.Training, form batchForm, first, weight *ir.Value) (total *ir.Value, each []*ir.Value) {
	total = weighted(b, first, c.LossWeight)
	if len(c.More) == 0 {
		return total, nil
	}
	each = append(each, first)
	var predictions []*ir.Value
	for i, o := range c.More {
		at := slices.IndexFunc(net.Graph.Outputs, func(v *ir.Value) bool { return v.Name == o.Output })
		if at < 0 {
			b.Fail(fmt.Errorf("train: the network has no output %s", o.Output))
			return total, nil
		}
		y := b.G.AddInput(o.Target, form.more[i])
		l := loss.Total(b, o.Loss, y, b.G.Outputs[at], weight, maskOf(net, t, at))
		total = b.Add(total, weighted(b, l, o.Weight))
		each = append(each, l)
		predictions = append(predictions, b.G.Outputs[at])
	}
	return total, append(each, predictions...)
}

// weighted emits a loss times its weight; 0 is a weight of 1.
func weighted(b *op.Builder, l *ir.Value, weight float64) *ir.Value {
	if weight == 0 {
		return l
	}
	return b.Scale(l, weight)
}

// lossGraph builds the forward pass with the loss; form says whether it is the training or inference form.
func lossGraph(net *nn.Net, cfg Config, form batchForm, training bool) (*graph, *op.Builder, *ir.Value, error) {
	t, err := copyNet(net, training, form.sizes)
	if err != nil {
		return nil, nil, nil, err
	}
	g := &graph{g: t.Graph, states: map[*ir.Value]*ir.Value{}, updates: map[*ir.Value]*ir.Value{}, inputs: noInputs}
	b := op.NewBuilder(t.Graph, ops.Set())
	pred := t.Graph.Outputs[0]
	g.inputs.targets = len(t.Graph.Inputs)
	y := t.Graph.AddInput("targets", form.target)
	var w *ir.Value
	if form.weighted {
		g.inputs.weight = len(t.Graph.Inputs)
		batch := ir.Sym("batch")
		if form.target.Rank() > 0 {
			batch = form.target.Shape[0]
		}
		w = t.Graph.AddInput("sample_weight", ir.Typed(tensor.Float32, batch))
	}
	var total *ir.Value
	var each []*ir.Value
	b.Do("loss", func() {
		total = loss.Total(b, cfg.Loss, y, pred, w, maskOf(net, t, 0))
		total, each = cfg.moreLosses(b, net, t, form, total, w)
	})
	for _, p := range net.Params {
		s := t.Values[p.Value]
		if s == nil {
			continue // not used by the outputs
		}
		g.states[p.Value] = s
		if p.Regularizer != nil {
			b.Do("loss", func() { total = b.Add(total, p.Regularizer.Penalty(nn.On(b), s)) })
		}
	}
	for _, p := range net.Penalties {
		of := make([]*ir.Value, len(p.Of))
		for i, v := range p.Of {
			of[i] = t.Values[v]
		}
		b.Do("loss", func() {
			term := p.Emit(nn.On(b), of...)
			if training && p.WarmUp > 0 {
				done := b.Cast(g.stepInput(), tensor.Float32)
				weight := b.Op("Min", b.Scale(done, 1/float64(p.WarmUp)), b.Scalar(done, 1))
				term = b.Mul(term, weight)
			}
			total = b.Add(total, term)
		})
	}
	t.Graph.Outputs = append([]*ir.Value{total, pred}, each...)
	for _, m := range cfg.followedMasks(net) {
		if m != nil {
			t.Graph.Outputs = append(t.Graph.Outputs, t.Values[m])
		}
	}
	running := slices.Collect(maps.Keys(t.Updates))
	slices.SortFunc(running, func(a, b *ir.Value) int { return a.ID - b.ID })
	for _, s := range running {
		g.replace(b, s, t.Updates[s])
	}
	return g, b, total, b.Err()
}

func copyNet(net *nn.Net, training bool, inputs []ir.Fact) (*rewrite.Training, error) {
	if training {
		forms := rewrite.Forms{}
		for n, f := range net.Forms {
			form := rewrite.Form{Of: f.Of, Steps: f.Steps}
			if f.Emit != nil {
				form.Emit = func(b *op.Builder, x *ir.Value, of ...*ir.Value) *ir.Value { return f.Emit(nn.On(b), x, of...) }
			}
			if f.Whole != nil {
				form.Whole = func(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value { return f.Whole(nn.On(b), n, in) }
			}
			forms[n] = form
		}
		return rewrite.TrainingForm(net.Graph, ops.Set(), rewrite.TrainingOptions{
			Forms: forms, Inputs: inputs, UnbiasedVariance: net.UnbiasedVariance,
		})
	}
	return rewrite.Copy(net.Graph, ops.Set())
}

// stepFor builds a training step for batches like b, and returns the form that it is for: for all sizes of
// inputs if that can be.
func stepFor(net *nn.Net, cfg Config, b *data.Batch) (*graph, batchForm, error) {
	return backwardFor(net, cfg, b, stepGraph)
}

// backwardFor is stepFor for any graph with a backward pass.
func backwardFor(net *nn.Net, cfg Config, b *data.Batch, build func(*nn.Net, Config, batchForm) (*graph, error)) (*graph, batchForm, error) {
	form, err := cfg.formOf(b)
	if err != nil {
		return nil, form, err
	}
	g, err := build(net, cfg, form)
	for _, narrower := range []func(*nn.Net, *data.Batch) (batchForm, bool){form.sized, form.whole} {
		if !errors.Is(err, op.ErrUnsupported) {
			break
		}
		if f, more := narrower(net, b); more {
			form = f
			g, err = build(net, cfg, form)
		}
	}
	return g, form, err
}

// stepGraph builds a whole training step.
func stepGraph(net *nn.Net, cfg Config, form batchForm) (*graph, error) {
	g, b, total, err := lossGraph(net, cfg, form, true)
	if err != nil {
		return nil, err
	}
	params, wrt := g.trainable(net)
	if len(wrt) == 0 {
		return nil, fmt.Errorf("train: the network has no trainable parameter")
	}
	grads, err := autodiff.Gradients(b, total, wrt, shifts(g.g)...)
	if err != nil {
		return nil, err
	}
	g.inputs.rate = len(g.g.Inputs)
	rate := g.g.AddInput("learning_rate", ir.Typed(tensor.Float32))
	count := g.stepInput()
	updates := make([]optim.Param, len(params))
	for i, p := range params {
		updates[i] = optim.Param{Name: wrt[i].Name, Value: wrt[i], Grad: grads[i], Slots: &slots{g: g, b: b, param: wrt[i]}}
		if cfg.SparseEmbeddings {
			if optim.OptionsOf(cfg.Optimizer).Changes() {
				return nil, errors.New("train: Config.SparseEmbeddings goes with neither clipping nor gradient accumulation")
			}
			updates[i].Occurrences = occurrences(b, grads[i])
		}
		if p.Layout != nil {
			updates[i].Layout = held{p.Layout}
		}
		if p.Constraint != nil {
			updates[i].Project = func(next *ir.Value) *ir.Value { return p.Constraint.Project(nn.On(b), next) }
		}
	}
	for i, next := range optim.Update(b, cfg.Optimizer, updates, rate, count, &slots{g: g, b: b}) {
		g.replace(b, wrt[i], next)
	}
	if b.Err() != nil {
		return nil, b.Err()
	}
	if cfg.noiseInputs {
		g.noise = rewrite.NoiseInputs(g.g, ops.Set())
	}
	for out := range g.updates {
		if out.Kind != ir.Computed {
			return nil, fmt.Errorf("train: the next value of %s is not computed", g.updates[out].Name)
		}
	}
	return g, nil
}

// held is a parameter's layout as an optimizer sees it.
type held struct{ nn.Layout }

func (h held) View(b *op.Builder, v *ir.Value) *ir.Value { return h.Layout.View(nn.On(b), v) }
func (h held) Hold(b *op.Builder, v *ir.Value) *ir.Value { return h.Layout.Hold(nn.On(b), v) }

// trainable lists the parameters that are trained and used, with the states that stand for them.
func (g *graph) trainable(net *nn.Net) (params []*nn.Param, states []*ir.Value) {
	for _, p := range net.Params {
		if s := g.states[p.Value]; s != nil && p.Trainable {
			params = append(params, p)
			states = append(states, s)
		}
	}
	return params, states
}

// stepInput returns the input that counts the steps done, added when it is first asked for.
func (g *graph) stepInput() *ir.Value {
	if g.inputs.step < 0 {
		g.inputs.step = len(g.g.Inputs)
		g.g.AddInput("step", ir.Typed(tensor.Int64))
	}
	return g.g.Inputs[g.inputs.step]
}

// replace makes next an output that replaces the state after the step.
func (g *graph) replace(b *op.Builder, state, next *ir.Value) {
	if g.updates[next] != nil || next.Kind != ir.Computed {
		next = b.Op("Identity", next)
	}
	g.g.Rename(next, state.Name+"/next")
	g.updates[next] = state
	g.g.Outputs = append(g.g.Outputs, next)
}

// slots implements optim.Slots on the graph's states.
type slots struct {
	g     *graph
	b     *op.Builder
	param *ir.Value // nil: scalars of the optimizer's
}

// path returns the name of a slot's state.
func (s *slots) path(name string) string {
	if s.param == nil {
		return "optimizer/" + name
	}
	return s.param.Name + "/" + name
}

func (s *slots) Get(name string, initial float32) *ir.Value {
	var shape tensor.Shape
	if s.param != nil {
		shape, _ = s.param.Fact.Static()
	}
	return s.GetShaped(name, initial, shape)
}

func (s *slots) GetShaped(name string, initial float32, shape []int) *ir.Value {
	full := s.path(name)
	for _, o := range s.g.slots {
		if o.name == full {
			return o.state
		}
	}
	var t tensor.Any
	if s.param != nil && s.param.Fact.DType == tensor.Float64 {
		t = filled(shape, float64(initial))
	} else {
		t = filled(shape, initial)
	}
	v := s.g.g.AddState(full, t)
	s.g.slots = append(s.g.slots, slot{full, v, initial})
	return v
}

func filled[T float32 | float64](shape tensor.Shape, v T) tensor.Any {
	t := tensor.Zeros[T](shape...)
	for i := range t.Data() {
		t.Data()[i] = v
	}
	return t
}

func (s *slots) Set(name string, next *ir.Value) {
	for _, o := range s.g.slots {
		if o.name == s.path(name) {
			s.g.replace(s.b, o.state, next)
			return
		}
	}
	s.b.Fail(fmt.Errorf("train: slot %s is set but was never read", name))
}
