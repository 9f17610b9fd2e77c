package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
)

// figure is what a history has beside the loss: a metric of one of the outputs.
type figure struct {
	Metric
	output   int  // 0 is the first, i that of Config.More[i-1]
	weighted bool // it takes the sample weights into account
	mask     int  // which of the graph's outputs says what steps count; 0 for all
}

// outputLoss is the mean loss of one of several outputs.
type outputLoss struct {
	metric.Mean
	name string
}

func (o *outputLoss) Name() string { return o.name }

// Update implements [Metric]; the losses come by Add.
func (o *outputLoss) Update(_, _, _ tensor.Any) error {
	return errors.New("a loss is no function of targets and predictions here")
}

// figures returns what is followed, in Keras's order: losses of outputs, metrics, weighted metrics.
func (c Config) figures(net *nn.Net) []figure {
	outputs := c.outputs(net)
	prefix := func(o OutputLoss) string {
		if len(c.More) == 0 {
			return ""
		}
		return o.Output + "_"
	}
	taken := map[string]int{"loss": 1}
	if len(c.More) > 0 {
		for _, o := range outputs {
			taken[o.Output+"_loss"] = 1
		}
	}
	masks := make([]int, len(outputs))
	next := 2
	if len(c.More) > 0 {
		next += len(outputs) + len(c.More)
	}
	for i, m := range c.followedMasks(net) {
		if m != nil {
			masks[i] = next
			next++
		}
	}
	maskFor := func(m Metric, output int) int {
		if !metric.FollowsMask(m) {
			return 0
		}
		return masks[output]
	}
	var losses, plain, weighted []figure
	for i, o := range outputs {
		if len(c.More) > 0 {
			losses = append(losses, figure{Metric: &outputLoss{name: o.Output + "_loss"}, output: i})
		}
		for _, m := range o.Metrics {
			plain = append(plain, figure{Metric: named(taken, prefix(o)+m.Name(), m), output: i, mask: maskFor(m, i)})
		}
	}
	for i, o := range outputs {
		for _, m := range o.WeightedMetrics {
			name := prefix(o) + m.Name()
			if taken[name] > 0 {
				name = prefix(o) + "weighted_" + m.Name()
			}
			weighted = append(weighted, figure{Metric: named(taken, name, m), output: i, weighted: true, mask: maskFor(m, i)})
		}
	}
	return append(append(losses, plain...), weighted...)
}

// outputs returns what is asked of each output, the first one's metrics too.
func (c Config) outputs(net *nn.Net) []OutputLoss {
	first := OutputLoss{Output: net.Graph.Outputs[0].Name, Metrics: c.Metrics, WeightedMetrics: c.WeightedMetrics}
	return append([]OutputLoss{first}, c.More...)
}

// followedMasks returns the mask of each of the outputs, nil where it has none that a metric follows.
func (c Config) followedMasks(net *nn.Net) []*ir.Value {
	outputs := c.outputs(net)
	masks := make([]*ir.Value, len(outputs))
	follows := func(m Metric) bool { return metric.FollowsMask(m) }
	for i, o := range outputs {
		at := slices.IndexFunc(net.Graph.Outputs, func(v *ir.Value) bool { return v.Name == o.Output })
		if (slices.ContainsFunc(o.Metrics, follows) || slices.ContainsFunc(o.WeightedMetrics, follows)) && at >= 0 && at < len(net.Masks) {
			masks[i] = net.Masks[at]
		}
	}
	return masks
}

// withoutMetrics returns the configuration of the same training that follows nothing but the losses.
func (c Config) withoutMetrics() Config {
	c.Metrics, c.WeightedMetrics, c.More = nil, nil, slices.Clone(c.More)
	for i := range c.More {
		c.More[i].Metrics, c.More[i].WeightedMetrics = nil, nil
	}
	return c
}

// named gives a metric a name, with _1, _2, ... behind it where it is taken, as Keras does.
func named(taken map[string]int, name string, m Metric) Metric {
	free := name
	for taken[free] > 0 {
		free = fmt.Sprintf("%s_%d", name, taken[name])
		taken[name]++
	}
	taken[free]++
	if free == m.Name() {
		return m
	}
	return metric.Named(free, m)
}

// lossNames returns the names of the outputs' losses, nil where there is one output.
func (t *Trainer) lossNames() []string {
	var names []string
	for _, f := range t.figures {
		if l, ok := f.Metric.(*outputLoss); ok {
			names = append(names, l.name)
		}
	}
	return names
}

// figureNames returns the names of an epoch's figures.
func (t *Trainer) figureNames(validation bool) []string {
	names := []string{"loss"}
	for _, f := range t.figures {
		names = append(names, f.Name())
	}
	if validation {
		for _, n := range names[:len(names):len(names)] {
			names = append(names, "val_"+n)
		}
	}
	return names
}

// row returns the mean loss and the other figures.
func (t *Trainer) row(mean average) []float64 {
	row := []float64{mean.value()}
	for _, f := range t.figures {
		row = append(row, f.Result())
	}
	return row
}

func (t *Trainer) resetMetrics() {
	for _, f := range t.figures {
		f.Reset()
	}
}

// follow takes a batch and the outputs of its graph into the figures; as in Keras, sample weights are for
// WeightedMetrics alone, and masks for all metrics that follow them.
func (t *Trainer) follow(b *data.Batch, out []tensor.Any) error {
	for _, f := range t.figures {
		if l, ok := f.Metric.(*outputLoss); ok {
			v, _ := op.NumberOf(out[2+f.output])
			l.Add(v, float64(b.N))
			continue
		}
		truth, pred := b.Target, out[1]
		if f.output > 0 {
			truth, pred = b.Inputs[t.cfg.More[f.output-1].Target], out[2+len(t.cfg.More)+f.output]
		}
		var weight tensor.Any
		if f.weighted {
			weight = b.Weight
		}
		if f.mask > 0 {
			weight = masked(weight, out[f.mask])
		}
		if err := f.Update(truth, pred, weight); err != nil {
			return fmt.Errorf("metric %s: %w", f.Name(), err)
		}
	}
	return nil
}

// masked returns weights of steps: those of the examples, nil for 1, where a mask of examples and steps is set, else 0.
func masked(weight, mask tensor.Any) tensor.Any {
	if weight == nil {
		return mask
	}
	w, ok := tensor.Floats[float64](weight)
	m, isMask := tensor.Floats[float64](mask)
	if !ok || !isMask || len(w) == 0 || len(m)%len(w) != 0 {
		return weight // the metric says what is wrong with it
	}
	out := make([]float64, len(m))
	steps := len(m) / len(w)
	for i := range m {
		out[i] = m[i] * w[i/steps]
	}
	return tensor.Must(out, mask.Shape()...)
}

// metrics returns the figures' metrics.
func (t *Trainer) metrics() []Metric {
	out := make([]Metric, len(t.figures))
	for i, f := range t.figures {
		out[i] = f.Metric
	}
	return out
}
