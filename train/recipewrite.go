package train

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/internal/spec"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/optim"
)

// compileKey is the key of the metadata under which a converted model has what it was compiled with, as Keras wrote
// it.
const compileKey = "keras.compile"

// writeRecipe puts losses, optimizer and metrics of the training into a model's metadata, where fine-tuning and the
// way back to Keras find them. What they were before falls away, also in Keras's own words; where they are as they
// were nothing changes.
func (t *Trainer) writeRecipe(m *onnxio.Model, r *recipe.Recipe) error {
	now := *r
	t.compiled(m, &now)
	if reflect.DeepEqual(wordsOf(r), wordsOf(&now)) {
		return nil
	}
	text, err := now.Marshal()
	if err != nil {
		return err
	}
	var props []*onnxio.StringStringEntry
	for _, p := range m.MetadataProps {
		if p != nil && p.Key != compileKey && p.Key != recipe.Key {
			props = append(props, p)
		}
	}
	m.MetadataProps = onnxio.SetMetadata(props, recipe.Key, text)
	return nil
}

// compileWords is the part of a recipe that compile says in Keras, in the words of this program.
type compileWords struct {
	loss, optimizer, schedule string
	weight, rate              float64
	metrics                   []recipe.Metric
	outputs                   []recipe.Output
}

func wordsOf(r *recipe.Recipe) compileWords {
	s := compileWords{loss: lossWords(r.Loss), weight: 1, metrics: metricWords(r.Metrics)}
	if r.LossWeight != nil {
		s.weight = *r.LossWeight
	}
	text := r.Optimizer
	if r.Schedule != "" {
		text = spec.With(text, "schedule", "["+r.Schedule+"]")
	}
	if o, err := optim.Parse(text, r.Rate); err == nil {
		s.optimizer, s.schedule, s.rate, _ = optimizerWords(o)
	}
	for _, o := range r.Outputs {
		o.Loss, o.Metrics = lossWords(o.Loss), metricWords(o.Metrics)
		s.outputs = append(s.outputs, o)
	}
	return s
}

// lossWords returns a loss's text in the order and the names of loss.Spec.
func lossWords(text string) string {
	if l, err := loss.Parse(text); err == nil {
		if words, ok := loss.Spec(l); ok {
			return words
		}
	}
	return text
}

func metricWords(list []recipe.Metric) (out []recipe.Metric) {
	for _, m := range list {
		if p, err := metric.Parse(m.Spec); err == nil {
			if words, ok := metric.Spec(p); ok {
				m.Spec = words
			}
		}
		out = append(out, m)
	}
	return out
}

// optimizerWords returns an optimizer's text, and its schedule's or its learning rate.
func optimizerWords(o optim.Optimizer) (text, schedule string, rate float64, ok bool) {
	if text, ok = optim.Spec(o); !ok {
		return "", "", 0, false
	}
	s := optim.OptionsOf(o).Schedule
	if s == nil {
		return text, "", o.Rate(), true
	}
	schedule, ok = optim.ScheduleSpec(s)
	return text, schedule, 0, ok
}

// compiled puts what the trainer is configured with into a recipe. What has no text is noted.
func (t *Trainer) compiled(m *onnxio.Model, r *recipe.Recipe) {
	r.Loss, r.LossWeight, r.Metrics, r.Outputs = "", nil, nil, nil
	r.Notes = slices.Clone(r.Notes)
	var ok bool
	if r.Optimizer, r.Schedule, r.Rate, ok = optimizerWords(t.cfg.Optimizer); !ok {
		note(r, "optimizer %s: made in Go, or with a schedule that is", t.cfg.Optimizer.Name())
		r.Optimizer, r.Schedule, r.Rate = "", "", 0
	}
	name := t.net.Graph.Outputs[0].Name
	first := outputOf(r, OutputLoss{Output: name, Loss: t.cfg.Loss, Weight: t.cfg.LossWeight, Metrics: t.cfg.Metrics, WeightedMetrics: t.cfg.WeightedMetrics})
	by, err := lossOutput(m)
	if len(t.cfg.More) == 0 && (err != nil || by == name) {
		r.Loss, r.Metrics = first.Loss, first.Metrics
		if first.Weight != 1 {
			r.LossWeight = &first.Weight
		}
		return
	}
	r.Outputs = append(r.Outputs, first)
	for _, o := range t.cfg.More {
		r.Outputs = append(r.Outputs, outputOf(r, o))
	}
	if len(r.Outputs) == 1 { // fine-tuning says it in front, where the model has other outputs
		for i := range first.Metrics {
			first.Metrics[i].Name = strings.TrimPrefix(first.Metrics[i].Name, name+"_")
		}
	}
	r.Outputs = slices.DeleteFunc(r.Outputs, func(o recipe.Output) bool { return o.Loss == "" })
}

func outputOf(r *recipe.Recipe, o OutputLoss) recipe.Output {
	out := recipe.Output{Output: o.Output, Weight: 1}
	switch o.Weight {
	case 0:
	case optim.Zero:
		out.Weight = 0
	default:
		out.Weight = o.Weight
	}
	var ok bool
	if out.Loss, ok = loss.Spec(o.Loss); !ok {
		out.Loss = ""
		note(r, "loss %s of output %s: made in Go", o.Loss.Name(), o.Output)
		return out
	}
	for i, m := range slices.Concat(o.Metrics, o.WeightedMetrics) {
		text, ok := metric.Spec(m)
		if !ok {
			note(r, "metric %s of output %s: made in Go", m.Name(), o.Output)
			continue
		}
		out.Metrics = append(out.Metrics, recipe.Metric{Spec: text, Name: m.Name(), Weighted: i >= len(o.Metrics)})
	}
	return out
}

// note adds to what a recipe cannot say, once.
func note(r *recipe.Recipe, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}
