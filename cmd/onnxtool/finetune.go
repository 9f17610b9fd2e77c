package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/optim"
)

// finetuneFlags are the flags of finetune.
type finetuneFlags struct {
	data, target, inputs      string
	out, history, report      string
	loss, optimizer, atOutput string
	metrics, freeze, unfreeze []string
	classWeight               map[string]string
	lr, split                 float64
	epochs, batch, threads    int
	shuffle                   bool
	seed                      uint64
	momentum, decay, clipnorm float64
	clipvalue                 float64
	nesterov, amsgrad         bool
}

func newFinetune(e env) *cobra.Command {
	var f finetuneFlags
	cmd := &cobra.Command{
		Use:   "finetune MODEL",
		Short: "Train an ONNX model further on data of yours",
		Long: `Train the weights of any ONNX model further, and write it with the new weights: nothing else in the
file changes. The names, arguments and defaults of losses, optimizers and metrics are Keras's; the
validation split is the last part of the data, taken before shuffling.`,
		Example: `  onnxtool finetune model.onnx --data train.npz --inputs x=features --target labels --loss bce -o tuned.onnx
  onnxtool finetune model.onnx --data train.csv --target quality --freeze 'conv*' --epochs 5 -o tuned.onnx`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("finetune takes one model")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runFinetune(cmd.Context(), e, args[0], &f) },
	}
	f.register(cmd)
	return cmd
}

func (f *finetuneFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "the data: `FILE`.npz or .csv")
	fl.StringVar(&f.inputs, "inputs", "", "arrays that feed the inputs of an .npz, `INPUT=ARRAY,...`; by default those of the same names")
	fl.StringVar(&f.target, "target", "", "the array or column to predict")
	fl.StringVarP(&f.out, "output", "o", "", "the `file` to write")
	fl.StringVar(&f.atOutput, "at-output", "", "the output to train; by default the first")
	fl.StringVar(&f.loss, "loss", "", "loss, as in bce, mse, huber:delta=0.7, sparse_categorical_crossentropy")
	fl.StringVar(&f.optimizer, "optimizer", "adam", "optimizer, as in sgd, adam:beta_1=0.8")
	fl.Float64Var(&f.lr, "lr", 0, "learning rate; by default the optimizer's")
	fl.Float64Var(&f.momentum, "momentum", 0, "momentum of sgd or rmsprop")
	fl.BoolVar(&f.nesterov, "nesterov", false, "Nesterov momentum")
	fl.BoolVar(&f.amsgrad, "amsgrad", false, "AMSGrad")
	fl.Float64Var(&f.decay, "weight-decay", 0, "weight decay")
	fl.Float64Var(&f.clipnorm, "clipnorm", 0, "limit for the norm of each gradient")
	fl.Float64Var(&f.clipvalue, "clipvalue", 0, "limit for each element of a gradient")
	fl.IntVar(&f.epochs, "epochs", 1, "epochs to train")
	fl.IntVar(&f.batch, "batch", 32, "examples in a step")
	fl.Float64Var(&f.split, "validation-split", 0, "the last part of the data to validate with, as a fraction")
	fl.BoolVar(&f.shuffle, "shuffle", true, "each epoch in another order")
	fl.StringToStringVar(&f.classWeight, "class-weight", nil, "weights of classes, `CLASS=WEIGHT,...`")
	fl.StringSliceVar(&f.metrics, "metrics", nil, "metrics beside the loss, as in accuracy,auc")
	fl.StringSliceVar(&f.freeze, "freeze", nil, "weights to leave as they are, by `patterns`")
	fl.StringSliceVar(&f.unfreeze, "unfreeze", nil, "weights to train after all, by `patterns`")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the order and of dropout")
	fl.IntVar(&f.threads, "threads", 0, "goroutines of a step, 0 for all CPUs")
	fl.StringVar(&f.history, "history", "", "write loss and metrics by epoch to a CSV `file`")
	fl.StringVar(&f.report, "report", "", "`folder` for report.html and pictures: loss and metrics by epoch, ROC, ...")
}

// optimizerSpec joins the optimizer with the flags that are its arguments.
func (f *finetuneFlags) optimizerSpec() string {
	var args []string
	add := func(key string, v float64) {
		if v != 0 {
			args = append(args, key+"="+strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	add("momentum", f.momentum)
	add("weight_decay", f.decay)
	add("clipnorm", f.clipnorm)
	add("clipvalue", f.clipvalue)
	if f.nesterov {
		args = append(args, "nesterov=true")
	}
	if f.amsgrad {
		args = append(args, "amsgrad=true")
	}
	if len(args) == 0 {
		return f.optimizer
	}
	sep := ":"
	if strings.Contains(f.optimizer, ":") {
		sep = ","
	}
	return f.optimizer + sep + strings.Join(args, ",")
}

// config parses what is given by name.
func (f *finetuneFlags) config() (train.Config, error) {
	c := train.Config{Seed: f.seed, Threads: f.threads}
	if f.data == "" || f.target == "" || f.out == "" || f.loss == "" {
		return c, usagef("finetune needs --data, --target, --loss and -o")
	}
	if f.epochs < 1 || f.batch < 1 || f.lr < 0 || f.split < 0 || f.split >= 1 {
		return c, usagef("--epochs and --batch must be at least 1, --lr not negative, --validation-split in [0,1)")
	}
	var err error
	if c.Loss, err = loss.Parse(f.loss); err != nil {
		return c, usageError{err.Error()}
	}
	if c.Optimizer, err = optim.Parse(f.optimizerSpec(), f.lr); err != nil {
		return c, usageError{err.Error()}
	}
	for _, name := range f.metrics {
		m, err := metric.Parse(name)
		if err != nil {
			return c, usageError{err.Error()}
		}
		c.Metrics = append(c.Metrics, m)
	}
	return c, nil
}

func runFinetune(ctx context.Context, e env, path string, f *finetuneFlags) error {
	cfg, err := f.config()
	if err != nil {
		return err
	}
	m, err := onnxio.Load(path)
	if err != nil {
		return err
	}
	defer m.Close()
	im, err := train.Import(m, train.ImportOptions{Output: f.atOutput, Freeze: f.freeze, Unfreeze: f.unfreeze})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	ds, err := f.dataset(m)
	if err != nil {
		return err
	}
	t, err := train.New(im.Net, cfg)
	if err != nil {
		return err
	}
	defer t.Close()
	h, err := f.fit(ctx, e, t, ds)
	if err != nil {
		return err
	}
	tuned, err := im.Model(t)
	if err != nil {
		return err
	}
	if err := onnxio.Save(f.out, tuned, onnxio.SaveOptions{}); err != nil {
		return err
	}
	if f.history != "" {
		if err := atomicfile.Write(f.history, h.WriteCSV); err != nil {
			return err
		}
	}
	if f.report != "" {
		if err := f.writeReport(ctx, t, tuned, h, ds); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "trained %d numbers for %d epochs:%s; wrote %s\n", t.NumParams(), f.epochs, figures(h), f.out)
	return nil
}

// fit trains on the dataset, its last part left for validation.
func (f *finetuneFlags) fit(ctx context.Context, e env, t *train.Trainer, ds *data.Dataset) (*train.History, error) {
	o := train.FitOptions{Epochs: f.epochs, Callbacks: []train.Callback{newProgress(e.err)}}
	if f.split > 0 {
		fit, val, err := ds.SplitLast(f.split)
		if err != nil {
			return nil, err
		}
		if o.Validation, err = val.Batches(data.BatchOptions{Size: f.batch}); err != nil {
			return nil, err
		}
		ds = fit
	}
	if len(f.classWeight) > 0 {
		weights := map[int64]float64{}
		for class, w := range f.classWeight {
			c, err := strconv.ParseInt(class, 10, 64)
			if err != nil {
				return nil, usagef("--class-weight: class %q is no whole number", class)
			}
			if weights[c], err = strconv.ParseFloat(w, 64); err != nil {
				return nil, usagef("--class-weight: weight %q is no number", w)
			}
		}
		var err error
		if ds, err = ds.WithClassWeights(weights); err != nil {
			return nil, err
		}
	}
	src, err := ds.Batches(data.BatchOptions{Size: f.batch, Shuffle: f.shuffle, Seed: f.seed})
	if err != nil {
		return nil, err
	}
	return t.Fit(ctx, src, o)
}

// dataset reads the data for the model's inputs.
func (f *finetuneFlags) dataset(m *onnxio.Model) (*data.Dataset, error) {
	s, err := infer.New(m, infer.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if strings.EqualFold(filepath.Ext(f.data), ".csv") {
		return f.table(s.Inputs())
	}
	arrays, err := data.LoadNPZ(f.data, data.ArrayOptions{})
	if err != nil {
		return nil, err
	}
	named, err := f.inputNames()
	if err != nil {
		return nil, err
	}
	in := map[string]tensor.Any{}
	for _, v := range s.Inputs() {
		name := v.Name
		if n, ok := named[v.Name]; ok {
			name = n
		}
		if in[v.Name] = arrays[name]; arrays[name] == nil {
			return nil, fmt.Errorf("%s: no array %s for input %s; --inputs %s=ARRAY names another", f.data, name, v.Name, v.Name)
		}
		if in[v.Name], err = data.As(in[v.Name], v.DType); err != nil {
			return nil, fmt.Errorf("%s: array %s: %w", f.data, name, err)
		}
	}
	target := arrays[f.target]
	if target == nil {
		return nil, fmt.Errorf("%s: no array %s for the target", f.data, f.target)
	}
	ds, err := data.New(in, target, nil)
	if err != nil {
		return nil, err
	}
	return ds, ds.CheckFinite()
}

// inputNames parses --inputs.
func (f *finetuneFlags) inputNames() (map[string]string, error) {
	out := map[string]string{}
	for _, p := range strings.Split(f.inputs, ",") {
		if p == "" {
			continue
		}
		in, array, ok := strings.Cut(p, "=")
		if !ok {
			return nil, usagef("--inputs: %q is not INPUT=ARRAY", p)
		}
		out[in] = array
	}
	return out, nil
}

// table reads a CSV: columns feed the inputs by name.
func (f *finetuneFlags) table(ins []infer.ValueInfo) (*data.Dataset, error) {
	names, err := columnNames(f.data)
	if err != nil {
		return nil, err
	}
	var specs []data.InputSpec
	for _, v := range ins {
		spec := data.InputSpec{Name: v.Name, DType: v.DType}
		for _, d := range v.Shape[min(1, len(v.Shape)):] {
			if d.Size < 0 {
				return nil, fmt.Errorf("input %s is %v: a row of a table has a fixed size", v.Name, v)
			}
			spec.Row = append(spec.Row, d.Size)
		}
		specs = append(specs, spec)
	}
	columns, err := data.MapColumns(names, specs, data.MapOptions{Ignore: []string{f.target}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.data, err)
	}
	t, err := data.LoadCSV(f.data, data.CSVOptions{Kinds: columns.Kinds()})
	if err != nil {
		return nil, err
	}
	in, err := columns.Inputs(t)
	if err != nil {
		return nil, err
	}
	target, err := t.Tensor(tensor.Float32, f.target)
	if err != nil {
		return nil, err
	}
	return data.New(in, target, nil)
}
