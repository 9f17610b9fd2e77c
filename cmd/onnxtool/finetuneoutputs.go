package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
)

// tunedOutput is an output that a loss is put on.
type tunedOutput struct {
	name    string // "" is that of --at, or the model's first
	array   string // that it is compared with: an array of the data, or a column
	loss    string
	weight  float64 // of the loss, 1 where zero
	metrics []train.RecipeMetric
}

// key is the name that the array of a further output has among the data.
func (o tunedOutput) key() string { return "targets/" + o.name }

// outputs reads --target: the array of the one output that is trained, or OUTPUT=ARRAY,... for several.
func (f *finetuneFlags) outputs(m *onnxio.Model) ([]tunedOutput, error) {
	if !strings.Contains(f.target, "=") {
		return []tunedOutput{{name: f.at, array: f.target}}, nil
	}
	if f.at != "" || f.headUnits > 0 {
		return nil, usagef("--target %s names outputs, so it goes with neither --at nor --replace-head", f.target)
	}
	var known []string
	for _, v := range m.Graph.Output {
		known = append(known, v.Name)
	}
	var out []tunedOutput
	for _, part := range strings.Split(f.target, ",") {
		name, array, ok := strings.Cut(part, "=")
		if !ok || array == "" {
			return nil, usagef("--target: %q is not OUTPUT=ARRAY", part)
		}
		if !slices.Contains(known, name) {
			return nil, usagef("--target: the model has no output %q%s; it has %s", name, nearest.Hint(name, known), strings.Join(known, ", "))
		}
		if slices.ContainsFunc(out, func(o tunedOutput) bool { return o.name == name }) {
			return nil, usagef("--target: output %s is given twice", name)
		}
		out = append(out, tunedOutput{name: name, array: array})
	}
	return out, nil
}

// byOutput parts what a flag says for each output, OUTPUT=TEXT,..., where commas within a text do no harm. A flag
// that names no output says the same for all.
func byOutput(flag, text string, outputs []tunedOutput) ([]string, error) {
	texts := make([]string, len(outputs))
	at := -1
	for i, part := range splitOutside(text) {
		key, rest, _ := strings.Cut(part, "=")
		k := slices.IndexFunc(outputs, func(o tunedOutput) bool { return o.name == key && key != "" })
		switch {
		case k >= 0 && texts[k] != "":
			return nil, usagef("--%s: output %s is given twice", flag, key)
		case k >= 0:
			at, texts[k] = k, rest
		case i == 0:
			for k := range texts {
				texts[k] = text
			}
			return texts, nil
		default:
			texts[at] += "," + part
		}
	}
	return texts, nil
}

// splitOutside cuts at the commas that are not inside brackets.
func splitOutside(s string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		return r == ',' && depth == 0
	})
}

// specs cuts a list of names with arguments, as in accuracy,auc:curve=pr,num_thresholds=500: what has a value and no
// name in front belongs to what is before it.
func specs(text string) (out []string) {
	for _, part := range splitOutside(text) {
		key, _, ok := strings.Cut(part, "=")
		if last := len(out) - 1; ok && last >= 0 && !strings.Contains(key, ":") {
			out[last] += "," + part
		} else {
			out = append(out, part)
		}
	}
	return out
}

// perOutput puts loss, loss weights and metrics at the outputs that they are for.
func (f *finetuneFlags) perOutput(outputs []tunedOutput) error {
	if len(outputs) > 1 && len(f.classWeight) > 0 {
		return usagef("--class-weight is for one output, and --target names %d; weights of samples go with --sample-weight", len(outputs))
	}
	losses, err := byOutput("loss", f.loss, outputs)
	if err != nil {
		return err
	}
	metrics, err := byOutput("metrics", strings.Join(f.metrics, ","), outputs)
	if err != nil {
		return err
	}
	weights, err := f.weightsOfLosses(outputs)
	if err != nil {
		return err
	}
	for i := range outputs {
		o := &outputs[i]
		o.loss, o.weight = losses[i], weights[i]
		for _, text := range specs(metrics[i]) {
			o.metrics = append(o.metrics, train.RecipeMetric{Metric: text})
		}
	}
	return nil
}

// weightsOfLosses reads --loss-weights.
func (f *finetuneFlags) weightsOfLosses(outputs []tunedOutput) ([]float64, error) {
	weights := make([]float64, len(outputs))
	for name, text := range f.lossWeights {
		k := slices.IndexFunc(outputs, func(o tunedOutput) bool { return o.name == name })
		if k < 0 || len(outputs) == 1 {
			return nil, usagef("--loss-weights: --target names no output %q beside others", name)
		}
		var err error
		if weights[k], err = strconv.ParseFloat(text, 64); err != nil || !(weights[k] > 0) {
			return nil, usagef("--loss-weights: %s=%s: a weight is a number above 0; an output without a loss is left out of --target", name, text)
		}
	}
	return weights, nil
}

// parse returns the output's loss and metrics.
func (o tunedOutput) parse() (train.OutputLoss, error) {
	out := train.OutputLoss{Output: o.name, Target: o.key(), Weight: o.weight}
	if o.loss == "" {
		return out, usagef("output %s has a target and no loss: --loss %s=LOSS,...", o.name, o.name)
	}
	var err error
	if out.Loss, err = loss.Parse(o.loss); err != nil {
		return out, usageError{err.Error()}
	}
	for _, m := range o.metrics {
		figure, err := metric.Parse(m.Metric)
		if err != nil {
			return out, usageError{err.Error()}
		}
		if m.Name != "" {
			figure = metric.Named(m.Name, figure)
		}
		if m.Weighted {
			out.WeightedMetrics = append(out.WeightedMetrics, figure)
		} else {
			out.Metrics = append(out.Metrics, figure)
		}
	}
	return out, nil
}

// names returns the names of outputs.
func names(outputs []tunedOutput) (out []string) {
	for _, o := range outputs {
		out = append(out, o.name)
	}
	return out
}

// losses returns the losses as --loss would name them.
func (p *finetunePlan) losses() string {
	if len(p.outputs) == 1 {
		return p.outputs[0].loss
	}
	var out []string
	for _, o := range p.outputs {
		out = append(out, o.name+"="+o.loss)
	}
	return strings.Join(out, ", ")
}

// forOne returns a dataset without the targets of further outputs, which are no inputs of the model.
func (p *finetunePlan) forOne(ds *data.Dataset) (*data.Dataset, error) {
	if ds == nil || len(p.outputs) == 1 {
		return ds, nil
	}
	in := maps.Clone(ds.Inputs())
	for _, o := range p.outputs[1:] {
		delete(in, o.key())
	}
	return data.New(in, ds.Target(), ds.Weight())
}
