package train

import (
	"errors"
	"fmt"

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
	outputs := append([]OutputLoss{{Metrics: c.Metrics, WeightedMetrics: c.WeightedMetrics}}, c.More...)
	outputs[0].Output = net.Graph.Outputs[0].Name
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
	var losses, plain, weighted []figure
	for i, o := range outputs {
		if len(c.More) > 0 {
			losses = append(losses, figure{&outputLoss{name: o.Output + "_loss"}, i, false})
		}
		for _, m := range o.Metrics {
			plain = append(plain, figure{named(taken, prefix(o)+m.Name(), m), i, false})
		}
	}
	for i, o := range outputs {
		for _, m := range o.WeightedMetrics {
			name := prefix(o) + m.Name()
			if taken[name] > 0 {
				name = prefix(o) + "weighted_" + m.Name()
			}
			weighted = append(weighted, figure{named(taken, name, m), i, true})
		}
	}
	return append(append(losses, plain...), weighted...)
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

// follow takes a batch and the outputs of its graph into the figures; as in Keras, weights are for
// WeightedMetrics alone.
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
		if err := f.Update(truth, pred, weight); err != nil {
			return fmt.Errorf("metric %s: %w", f.Name(), err)
		}
	}
	return nil
}

// metrics returns the figures' metrics.
func (t *Trainer) metrics() []Metric {
	out := make([]Metric, len(t.figures))
	for i, f := range t.figures {
		out[i] = f.Metric
	}
	return out
}
