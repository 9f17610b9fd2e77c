package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/spec"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/optim"
)

// finetunePlan is how a model is fine-tuned: as the flags say and, where they do not, the model's metadata.
type finetunePlan struct {
	outputs   []tunedOutput
	optimizer string // as it is parsed
	rate      float64
	taken     []string // what the metadata has given
	notes     []string // what the metadata cannot give
}

// check reports flags that are missing or make no sense.
func (f *finetuneFlags) check() error {
	folder := isFolder(f.data)
	if f.data == "" || f.target == "" && !folder || f.out == "" {
		return usagef("finetune needs --data, --target and -o")
	}
	if folder && (f.target != "" || f.inputs != "" || f.weights != "") {
		return usagef("--target, --inputs and --sample-weight are for files: in a folder of images the folders are the classes")
	}
	if f.bnVariance != "population" && f.bnVariance != "unbiased" {
		return usagef("--bn-variance %s: there are population and unbiased", f.bnVariance)
	}
	if f.embeddings != "dense" && f.embeddings != "sparse" {
		return usagef("--embedding-gradients %s: there are dense and sparse", f.embeddings)
	}
	if f.split > 0 && f.validationData != "" {
		return usagef("--validation-split and --validation-data exclude each other")
	}
	if f.epochs < 1 || f.batch < 1 || f.lr < 0 || f.split < 0 || f.split >= 1 {
		return usagef("--epochs and --batch must be at least 1, --lr not negative, --validation-split in [0,1)")
	}
	switch {
	case f.stream && f.split > 0:
		return usagef("--stream does not know where the last part of the data begins: --validation-data FILE instead of --validation-split")
	case f.stream && folder:
		return usagef("--stream is for files: folders of images are read batch by batch without it")
	case f.windowGiven && !f.stream:
		return usagef("--shuffle-window goes with --stream: what is held in memory is shuffled as a whole")
	case f.window < 1:
		return usagef("--shuffle-window must be at least 1; --shuffle=false keeps the order")
	case f.threads < 0:
		return usagef("--threads cannot be negative")
	case f.fitting.resume && f.checkpoint == "":
		return usagef("--resume needs --checkpoint FILE")
	case f.fitting.saveFreq != saveFreq && f.checkpoint == "":
		return usagef("--save-freq needs --checkpoint FILE")
	case f.again.asked() && f.report == "":
		return usagef("--learning-curve and --threshold-splits draw pictures: --report FOLDER says where to")
	case f.again.curve != "" && f.split == 0 && f.validationData == "":
		return usagef("--learning-curve needs --validation-split or --validation-data")
	}
	return f.again.check()
}

// writable makes sure that what is to be written after the training can be.
func (f *finetuneFlags) writable() error {
	if f.fitting.fastDevRun || f.fitting.findLR {
		return nil
	}
	if err := writable(f.out, f.history, f.checkpoint, f.exportStep, f.fitting.trainingInfo); err != nil {
		return err
	}
	if err := writableIn(f.report, "report.html"); err != nil {
		return err
	}
	return writableIn(f.fitting.tensorboard)
}

// plan joins the flags with the metadata.
func (f *finetuneFlags) plan(m *onnxio.Model) (*finetunePlan, error) {
	p := &finetunePlan{optimizer: f.optimizer, rate: f.lr}
	var err error
	if p.outputs, err = f.outputs(m); err != nil {
		return nil, err
	}
	if err := f.perOutput(p.outputs); err != nil {
		return nil, err
	}
	var r *train.Recipe
	if !f.ignoreMetadata {
		if r, err = train.RecipeOf(m); err != nil {
			return nil, err
		}
		if r != nil {
			p.adopt(r)
		}
	}
	if len(p.outputs) == 1 && p.outputs[0].loss == "" {
		if r != nil && len(r.Outputs) > 1 {
			return nil, usagef("finetune needs --loss, or a target for each output that the model was compiled with a loss on: --target %s", targetsOf(r))
		}
		return nil, usagef("finetune needs --loss: the model's metadata says nothing of it")
	}
	if p.optimizer == "" {
		p.optimizer = "adam"
	}
	f.set(p)
	return p, nil
}

// adopt takes what the flags do not say from the metadata.
func (p *finetunePlan) adopt(r *train.Recipe) {
	p.notes = r.Notes
	for i := range p.outputs {
		p.adoptLoss(&p.outputs[i], r)
	}
	if p.optimizer == "" && r.Optimizer != "" {
		p.optimizer = r.Optimizer
		p.taken = append(p.taken, "optimizer "+r.Optimizer)
		switch {
		case p.rate != 0:
		case r.Schedule != "":
			p.optimizer = spec.With(p.optimizer, "schedule", "["+r.Schedule+"]")
			p.taken = append(p.taken, "learning rate by "+r.Schedule)
		case r.LearningRate != 0:
			p.rate = r.LearningRate
			p.taken = append(p.taken, fmt.Sprintf("learning rate %v", float32(p.rate)))
		}
	}
}

// adoptLoss takes an output's loss, with its weight and the metrics that belong to it.
func (p *finetunePlan) adoptLoss(o *tunedOutput, r *train.Recipe) {
	from, prefix := train.RecipeOutput{Loss: r.Loss, Weight: r.LossWeight, Metrics: r.Metrics}, ""
	if len(r.Outputs) > 0 {
		k := slices.IndexFunc(r.Outputs, func(x train.RecipeOutput) bool { return x.Output == o.name })
		if o.name == "" && len(r.Outputs) == 1 {
			k, o.name = 0, r.Outputs[0].Output
		}
		if k < 0 {
			return
		}
		from, prefix = r.Outputs[k], o.name+"_"
	}
	if o.loss != "" || from.Loss == "" || len(r.Outputs) == 0 && len(p.outputs) > 1 {
		return
	}
	on := ""
	if len(p.outputs) > 1 {
		on, prefix = " of "+o.name, ""
	}
	o.loss = from.Loss
	p.taken = append(p.taken, "loss"+on+" "+from.Loss)
	if o.weight == 0 && from.Weight != 0 && from.Weight != 1 {
		o.weight = from.Weight
		p.taken = append(p.taken, fmt.Sprintf("weight%s %v", on, float32(from.Weight)))
	}
	if len(o.metrics) > 0 {
		return
	}
	for _, m := range from.Metrics {
		if _, err := metric.Parse(m.Metric); err != nil {
			p.notes = append(p.notes, fmt.Sprintf("metric %s: %v", m.Name, err))
			continue
		}
		p.taken = append(p.taken, "metric"+on+" "+m.Name)
		m.Name = prefix + m.Name
		o.metrics = append(o.metrics, m)
	}
}

// targetsOf shows what --target looks like for all outputs of a recipe.
func targetsOf(r *train.Recipe) string {
	var out []string
	for _, o := range r.Outputs {
		out = append(out, o.Output+"=ARRAY")
	}
	return strings.Join(out, ",")
}

// set puts the flags that are arguments of the optimizer in their places.
func (f *finetuneFlags) set(p *finetunePlan) {
	for _, a := range []struct {
		key   string
		value float64
	}{
		{"momentum", f.momentum}, {"weight_decay", f.decay}, {"clipnorm", f.clipnorm},
		{"clipvalue", f.clipvalue}, {"global_clipnorm", f.globalClipnorm},
	} {
		if a.value != 0 {
			p.optimizer = spec.With(p.optimizer, a.key, strconv.FormatFloat(a.value, 'g', -1, 64))
		}
	}
	if f.nesterov {
		p.optimizer = spec.With(p.optimizer, "nesterov", "true")
	}
	if f.amsgrad {
		p.optimizer = spec.With(p.optimizer, "amsgrad", "true")
	}
}

// config parses what is given by name.
func (p *finetunePlan) config(f *finetuneFlags) (train.Config, error) {
	c := train.Config{Seed: f.seed, Threads: f.threads, SparseEmbeddings: f.embeddings == "sparse"}
	for i, o := range p.outputs {
		l, err := o.parse()
		if err != nil {
			return c, err
		}
		if i > 0 {
			c.More = append(c.More, l)
			continue
		}
		c.Loss, c.LossWeight, c.Metrics, c.WeightedMetrics = l.Loss, l.Weight, l.Metrics, l.WeightedMetrics
	}
	var err error
	if c.Optimizer, err = optim.Parse(p.optimizer, p.rate); err != nil {
		if f.optimizer == "" {
			err = fmt.Errorf("%w; --optimizer takes another", err)
		}
		return c, usageError{err.Error()}
	}
	return c, nil
}

// explain says what was taken from the metadata.
func (p *finetunePlan) explain(w io.Writer) {
	for _, t := range p.taken {
		fmt.Fprintf(w, "from the model's metadata: %s\n", t)
	}
	for _, n := range p.notes {
		fmt.Fprintf(w, "not followed, of the model's training: %s\n", n)
	}
}
