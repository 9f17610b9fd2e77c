package train

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// Trainer trains one network. It owns the parameters' current values. One goroutine at a time may
// use it.
type Trainer struct {
	net    *nn.Net
	cfg    Config
	pool   *kernel.Pool
	params map[*ir.Value]tensor.Any // current values, by the network's parameter
	slots  map[string]tensor.Any    // optimizer's, by name
	rate   float64                  // current learning rate
	manual bool                     // it was set, so a schedule does not count any more
	steps  int64                    // steps done
	epoch  int                      // epochs done
	within *position                // where the epoch stands, nil between epochs
	stop   stopping
	busy   atomic.Bool // Fit is under way
	closed bool

	figures   []figure                         // beside the loss
	history   History                          // of the epochs done
	resumed   bool                             // by LoadCheckpoint, and Fit was not called since
	callbacks []Callback                       // of the running Fit
	pending   map[string]map[string]tensor.Any // the checkpoint's states of callbacks, by stateKeys

	step      *pass // training
	eval      *pass // loss and prediction without training
	gradients *pass
	predict   *runner

	rateIn *tensor.Tensor[float32]
	stepIn *tensor.Tensor[int64]
}

// stopping says when Fit returns.
type stopping uint8

const (
	running    stopping = iota
	afterEpoch          // as Stop asks
	atOnce              // as Interrupt asks
)

// New returns a trainer of a network, whose parameters start as they are there.
func New(net *nn.Net, cfg Config) (*Trainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := checkNet(net); err != nil {
		return nil, err
	}
	if err := cfg.checkMore(net); err != nil {
		return nil, err
	}
	t := &Trainer{
		net: net, cfg: cfg, pool: kernel.NewPool(cfg.Threads), rate: cfg.Optimizer.Rate(),
		params: map[*ir.Value]tensor.Any{}, slots: map[string]tensor.Any{},
		rateIn: tensor.Scalar(float32(0)), stepIn: tensor.Scalar(int64(0)),
	}
	for _, p := range net.Params {
		t.params[p.Value] = tensor.CloneAny(p.Value.Data)
	}
	t.schedule()
	t.figures = t.cfg.figures(net)
	return t, nil
}

// made returns an error for a trainer that New did not make.
func (t *Trainer) made() error {
	if t.net == nil {
		return errZero
	}
	return nil
}

// netParams returns the network's parameters.
func (t *Trainer) netParams() []*nn.Param {
	if t.net == nil {
		return nil
	}
	return t.net.Params
}

// Close releases the trainer's goroutines. Afterwards it can be exported, but neither trains nor predicts.
func (t *Trainer) Close() {
	t.closed = true
	t.pool.Close()
}

// Params lists the network's parameters with their current values: the trainer's own memory.
func (t *Trainer) Params() []NamedTensor {
	out := make([]NamedTensor, 0, len(t.netParams()))
	for _, p := range t.netParams() {
		out = append(out, NamedTensor{p.Value.Name, t.params[p.Value]})
	}
	return out
}

// Trainable reports whether the network has a parameter of that name that is trained.
func (t *Trainer) Trainable(name string) bool {
	return slices.ContainsFunc(t.netParams(), func(p *nn.Param) bool { return p.Value.Name == name && p.Trainable })
}

// NamedTensor is a tensor with the name that it has in the model.
type NamedTensor struct {
	Name   string
	Tensor tensor.Any
}

// SetParam replaces a parameter's value.
func (t *Trainer) SetParam(name string, v tensor.Any) error {
	if err := t.made(); err != nil {
		return err
	}
	for _, p := range t.net.Params {
		if p.Value.Name == name {
			dst := t.params[p.Value]
			if v == nil {
				return fmt.Errorf("train: the value for parameter %s is nil", name)
			}
			if dst.DType() != v.DType() || !dst.Shape().Equal(v.Shape()) {
				return fmt.Errorf("%w: parameter %s is %v%v, got %v%v", op.ErrShape, name, dst.DType(), dst.Shape(), v.DType(), v.Shape())
			}
			return tensor.Copy(dst, v)
		}
	}
	return fmt.Errorf("train: the network has no parameter %s", name)
}

// NumParams returns the number of trainable numbers.
func (t *Trainer) NumParams() int {
	n := 0
	for _, p := range t.netParams() {
		if p.Trainable {
			n += p.Value.Data.Len()
		}
	}
	return n
}

// LearningRate returns the current learning rate.
func (t *Trainer) LearningRate() float64 { return t.rate }

// SetLearningRate changes the learning rate for the steps to come. It ends the optimizer's schedule.
func (t *Trainer) SetLearningRate(rate float64) { t.rate, t.manual = rate, true }

// schedule takes the rate of the next step from the optimizer's schedule.
func (t *Trainer) schedule() {
	if !t.manual {
		t.rate = optim.RateAt(t.cfg.Optimizer, t.rate, t.steps)
	}
}

// finish puts the moving averages of the parameters in their place where the optimizer keeps them.
func (t *Trainer) finish() error {
	if !optim.OptionsOf(t.cfg.Optimizer).UseEMA {
		return nil
	}
	for _, p := range t.net.Params {
		if a := t.slots[p.Value.Name+"/"+optim.Average]; a != nil && p.Trainable {
			if err := tensor.Copy(t.params[p.Value], a); err != nil {
				return err
			}
		}
	}
	return nil
}

// Steps returns the number of steps done.
func (t *Trainer) Steps() int64 { return t.steps }

// Epoch returns the number of epochs done.
func (t *Trainer) Epoch() int { return t.epoch }

// Stop makes Fit return after the current epoch.
func (t *Trainer) Stop() { t.stop = max(t.stop, afterEpoch) }

// Interrupt makes Fit return after the current step; callbacks call it, another goroutine cancels Fit's context.
// The history has whole epochs alone; another Fit, or one from a checkpoint, goes on within the epoch.
func (t *Trainer) Interrupt() { t.stop = atOnce }

// pass is a graph for batches of one form, ready to run.
type pass struct {
	form batchForm
	run  *runner
	in   inputs
}

// stepPass returns the training step for batches like b.
func (t *Trainer) stepPass(b *data.Batch) (*pass, error) {
	return t.passFor(&t.step, b, func() (*graph, batchForm, error) { return stepFor(t.net, t.cfg, b) })
}

// evalPass returns loss and prediction without training for batches like b.
func (t *Trainer) evalPass(b *data.Batch) (*pass, error) {
	return t.passFor(&t.eval, b, func() (*graph, batchForm, error) {
		form, err := t.cfg.formOf(b)
		if err != nil {
			return nil, form, err
		}
		g, _, _, err := lossGraph(t.net, t.cfg, form, false)
		return g, form, err
	})
}

// checkTargets names a target that has no meaning to its loss.
func (t *Trainer) checkTargets(b *data.Batch) error {
	if err := loss.CheckTargets(t.cfg.Loss, b.Target, classesOf(t.net.Graph.Outputs[0])); err != nil {
		return fmt.Errorf("train: in the batch: %w", err)
	}
	for _, o := range t.cfg.More {
		for _, v := range t.net.Graph.Outputs {
			if v.Name != o.Output {
				continue
			}
			if err := loss.CheckTargets(o.Loss, b.Inputs[o.Target], classesOf(v)); err != nil {
				return fmt.Errorf("train: output %s: in the batch: %w", o.Output, err)
			}
		}
	}
	return nil
}

// classesOf returns the size of an output's last axis, -1 where it is not known.
func classesOf(v *ir.Value) int {
	if s := v.Fact.Shape; len(s) > 0 {
		if n, ok := s[len(s)-1].Int(); ok {
			return n
		}
	}
	return -1
}

// passFor returns the pass that is kept, or builds another one where the batch has another form.
func (t *Trainer) passFor(kept **pass, b *data.Batch, build func() (*graph, batchForm, error)) (*pass, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if b == nil || b.Target == nil {
		return nil, errTarget
	}
	if err := t.checkTargets(b); err != nil {
		return nil, err
	}
	if p := *kept; p != nil && p.form.fits(t.net, t.cfg, b) {
		return p, nil
	}
	g, form, err := build()
	if err != nil {
		return nil, err
	}
	r, err := t.runner(g)
	if err != nil {
		return nil, err
	}
	*kept = &pass{form, r, g.inputs}
	return *kept, nil
}

func (t *Trainer) runner(g *graph) (*runner, error) {
	if err := rewrite.Prepare(g.g, ops.Set()); err != nil {
		return nil, err
	}
	r := &runner{graph: g.g, update: g.updates, state: map[*ir.Value]tensor.Any{}, pool: t.pool, max: t.cfg.MaxBytes}
	for p, s := range g.states {
		r.state[s] = t.params[p]
	}
	for _, s := range g.slots {
		if old := t.slots[s.name]; old == nil {
			t.slots[s.name] = tensor.CloneAny(s.state.Data)
		} else if old.DType() != s.state.Data.DType() || !old.Shape().Equal(s.state.Data.Shape()) {
			return nil, fmt.Errorf("%w: the checkpoint's slot %s is %v%v, the optimizer's %v%v", op.ErrShape, s.name, old.DType(), old.Shape(), s.state.Data.DType(), s.state.Data.Shape())
		}
		r.state[s.state] = t.slots[s.name]
	}
	return r, nil
}

// arrange puts a batch in the order of a graph's inputs. The result is the runner's until the next call.
func (t *Trainer) arrange(b *data.Batch, r *runner, at inputs) ([]tensor.Any, error) {
	if t.closed {
		return nil, errClosed
	}
	r.in = slices.Grow(r.in[:0], len(r.graph.Inputs))[:len(r.graph.Inputs)]
	in := r.in
	clear(in)
	for i, v := range t.net.Graph.Inputs {
		x := b.Inputs[v.Name]
		if x == nil {
			return nil, fmt.Errorf("train: the data has no input %s, which the network reads", v.Name)
		}
		if err := checkInput(v, x); err != nil {
			return nil, err
		}
		in[i] = x
	}
	at.set(in, b, t)
	for i, v := range r.graph.Inputs {
		if in[i] != nil {
			continue
		}
		if in[i] = b.Inputs[v.Name]; in[i] == nil {
			return nil, fmt.Errorf("train: the batch has nothing for %s", v.Name)
		}
	}
	return in, nil
}

// set puts in what stands behind the network's inputs.
func (at inputs) set(in []tensor.Any, b *data.Batch, t *Trainer) {
	if at.targets >= 0 {
		in[at.targets] = b.Target
	}
	if at.weight >= 0 {
		in[at.weight] = b.Weight
	}
	if at.rate >= 0 {
		in[at.rate] = t.rateIn
	}
	if at.step >= 0 {
		in[at.step] = t.stepIn
	}
}

// Step does one training step on a batch and returns the loss before it and the prediction, which is
// valid until the next step. A step that has begun is not cut off when ctx is cancelled: that would leave some
// parameters changed and others not.
func (t *Trainer) Step(ctx context.Context, b *data.Batch) (loss float64, pred tensor.Any, err error) {
	out, err := t.stepOutputs(ctx, b)
	if err != nil {
		return 0, nil, err
	}
	loss, _ = op.NumberOf(out[0])
	return loss, out[1], nil
}

// stepOutputs does a step and returns the outputs of its graph.
func (t *Trainer) stepOutputs(ctx context.Context, b *data.Batch) ([]tensor.Any, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	p, err := t.stepPass(b)
	if err != nil {
		return nil, err
	}
	t.schedule()
	t.rateIn.Data()[0], t.stepIn.Data()[0] = float32(t.rate), t.steps
	in, err := t.arrange(b, p.run, p.in)
	if err != nil {
		return nil, err
	}
	out, err := p.run.run(context.Background(), in, op.Rand{Seed: t.cfg.Seed, Step: uint64(t.steps)})
	if err != nil {
		return nil, err
	}
	t.steps++
	return out, nil
}

// Predict computes the network's outputs for inputs by name, all rows at once.
func (t *Trainer) Predict(ctx context.Context, inputs map[string]tensor.Any) ([]tensor.Any, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if t.predict == nil {
		c, err := rewrite.Copy(t.net.Graph, ops.Set())
		if err != nil {
			return nil, err
		}
		g := &graph{g: c.Graph, states: map[*ir.Value]*ir.Value{}}
		for _, p := range t.net.Params {
			if s := c.Values[p.Value]; s != nil {
				g.states[p.Value] = s
			}
		}
		if t.predict, err = t.runner(g); err != nil {
			return nil, err
		}
	}
	in, err := t.arrange(&data.Batch{Inputs: inputs}, t.predict, noInputs)
	if err != nil {
		return nil, err
	}
	out, err := t.predict.run(ctx, in, op.Rand{})
	if err != nil {
		return nil, err
	}
	out = slices.Clone(out)
	for i := range out {
		out[i] = tensor.CloneAny(out[i])
	}
	return out, nil
}
