package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/report"
)

// evaluateFlags are the flags of evaluate.
type evaluateFlags struct {
	table     runFlags // the model, its backend and its inputs
	target    string
	positive  string
	classes   []string
	task      string
	logits    bool
	threshold string
	output    string
	seed      uint64
	latent    string
	pixels    string // --pixel-range

	warnings []string
}

func newEvaluate(e env) *cobra.Command {
	var f evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate MODEL",
		Short: "Measure a model on labelled data",
		Long: `Measure how well a model predicts the target column of a table.

Columns go to the model's inputs by name, as in run --csv. What is measured depends on the model's output and on
the target, or on --task: one probability against 0 and 1, or against what --positive says, is binary; a column for
each class is multiclass; a number against numbers is a regression.

--positive says which target values are positive: a value (yes), or a comparison (>=6). --classes names the target's
values in the order of the model's columns (no,yes).

--data may be a folder of images too, with a folder for each class in the order of the model's columns: they are
resized to what the model takes.

With -o a folder gets report.html, metrics.json, and pictures as .svg and .png: confusion matrix, ROC, precision and
recall (of each class against the others where there are several), threshold; predictions over true values; the decision
surface of two inputs; the rows' places in a hidden layer (--latent); embeddings; histograms of weights.`,
		Example: `  onnxtool evaluate model.onnx --data test.csv --target label
  onnxtool evaluate out/model.onnx --data wine.csv --target quality --positive '>=6' -o evaluation
  onnxtool evaluate five.onnx --data photos/
  onnxtool evaluate heart.onnx --data heart.csv --target has_heart_disease --classes no,yes -o evaluation --latent /dense_1/Relu_output_0
  onnxtool evaluate heart.onnx --data heart.csv --target has_heart_disease --classes no,yes --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("evaluate takes the path of one model")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runEvaluate(cmd.Context(), e, args[0], &f) },
	}
	f.register(cmd)
	return cmd
}

func (f *evaluateFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.table.csv, "data", "", "the table, as a CSV `file`")
	fl.StringVar(&f.target, "target", "", "the `column` that the model is to predict")
	fl.StringVar(&f.positive, "positive", "", "target `value` that is positive, or a comparison such as '>=6'")
	fl.StringSliceVar(&f.classes, "classes", nil, "target values in the order of the model's columns")
	fl.StringVar(&f.task, "task", "auto", "what the predictions are: auto, binary, multiclass or regression")
	fl.BoolVar(&f.logits, "logits", false, "the output is before its sigmoid or softmax")
	fl.StringVar(&f.threshold, "threshold", "0.5", "binary: the `score` above which a decision is positive, or best for the one with the best F1")
	fl.StringVar(&f.output, "predictions", "", "the output to judge, by `name`, where the model has several")
	fl.StringSliceVar(&f.table.columns, "columns", nil, "the columns that make up the model's one input")
	fl.Var(&f.table.fill, "fill", "what stands for missing values of a column: NAME=VALUE; may be repeated")
	fl.StringVarP(&f.table.out, "output", "o", "", "`folder` for report.html and pictures")
	fl.BoolVar(&f.table.json, "json", false, "print the result as JSON")
	fl.StringVar(&f.table.backend, "backend", "go", "what computes: go or ort")
	fl.StringVar(&f.table.library, "library", "", "onnxruntime's `file`, or the folder that holds it")
	fl.IntVar(&f.table.threads, "threads", 0, "threads of one run, 0 for all CPUs")
	fl.StringVar(&f.latent, "latent", "", "also draw where a `value` of the model, such as a hidden layer's output, puts the rows, coloured by class")
	fl.StringVar(&f.pixels, "pixel-range", "0,1", pixelRangeUsage)
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the resampling behind the threshold plot's bands")
	cmd.MarkFlagsMutuallyExclusive("positive", "classes")
}

// tasks are the values of --task.
var tasks = map[string]report.Task{
	"auto": report.Unknown, "binary": report.Binary, "multiclass": report.Multiclass, "regression": report.Regression,
}

// check finds wrong usage before anything is read, and reads --threshold.
func (f *evaluateFlags) check() (o report.AssessOptions, err error) {
	_, known := tasks[f.task]
	switch {
	case f.table.csv == "":
		return o, usagef("evaluate needs --data FILE, a CSV file with labelled rows or a folder of images")
	case isFolder(f.table.csv) && (f.target != "" || f.table.columns != nil || len(f.table.fill.names) > 0 || f.latent != ""):
		return o, usagef("--target, --columns, --fill and --latent are for tables: in a folder of images the folders are the classes")
	case f.target == "" && !isFolder(f.table.csv):
		return o, usagef("evaluate needs --target COLUMN, the column that the model is to predict")
	case !known:
		return o, usagef("--task %s: there are auto, binary, multiclass and regression", f.task)
	case f.task == "regression" && (f.positive != "" || f.classes != nil || f.logits):
		return o, usagef("--positive, --classes and --logits are for classes, not for --task regression")
	case f.task == "multiclass" && f.positive != "":
		return o, usagef("--positive is for two classes; --classes names more")
	case f.latent != "" && f.table.out == "":
		return o, usagef("--latent draws a picture: -o FOLDER says where to")
	case len(f.classes) == 1:
		return o, usagef("--classes names two classes or more")
	}
	if f.threshold == "best" {
		o.BestF1 = true
		return o, nil
	}
	o.Threshold, err = strconv.ParseFloat(f.threshold, 64)
	if err != nil || !(o.Threshold > 0 && o.Threshold < 1) {
		return o, usagef("--threshold %s: a number between 0 and 1, or best", f.threshold)
	}
	return o, nil
}

func runEvaluate(ctx context.Context, e env, path string, f *evaluateFlags) error {
	options, err := f.check()
	if err != nil {
		return err
	}
	if err := writableIn(f.table.out, "report.html"); err != nil {
		return err
	}
	m, err := onnxio.Load(path)
	if err != nil {
		return err
	}
	defer m.Close()
	predicted, target, c, err := f.predict(ctx, m, path)
	if err != nil {
		return err
	}
	defer c.runner.Close()
	j, err := f.judge(predicted, target, options)
	if err != nil {
		return err
	}
	for _, w := range f.warnings {
		fmt.Fprintln(e.err, "warning:", w)
	}
	if f.table.out != "" {
		if err := j.writeReport(ctx, path, m, f, c); err != nil {
			return err
		}
		fmt.Fprintf(e.err, "report.html and its pictures are in %s\n", f.table.out)
	}
	if f.table.json {
		return j.writeJSON(e.out)
	}
	return j.write(e.out)
}

// predict runs the model on every row of the table, or image of the folder, and returns the output to judge, the target,
// and what has computed the output, whose runner is the caller's to close.
func (f *evaluateFlags) predict(ctx context.Context, m *onnxio.Model, path string) (tensor.Any, *data.Column, *csvRun, error) {
	if f.output != "" {
		f.table.outputs = []string{f.output}
	}
	r, err := f.table.open(m)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	t, target, c, err := f.predictBy(ctx, r)
	if err != nil {
		r.Close()
	}
	return t, target, c, err
}

func (f *evaluateFlags) predictBy(ctx context.Context, r infer.Runner) (tensor.Any, *data.Column, *csvRun, error) {
	outputs := r.Outputs()
	if len(outputs) != 1 {
		var names []string
		for _, v := range outputs {
			names = append(names, v.Name)
		}
		return nil, nil, nil, usagef("the model has %d outputs %q: --predictions NAME says which one to judge", len(outputs), names)
	}
	t, target, c, err := f.read(ctx, r)
	if err == nil && t.Shape().Rank() > 2 {
		err = fmt.Errorf("output %s is %v%v: predictions are [rows] or [rows,columns]", outputs[0].Name, t.DType(), t.Shape())
	}
	return t, target, c, err
}

// read runs a model on all of the data.
func (f *evaluateFlags) read(ctx context.Context, r infer.Runner) (tensor.Any, *data.Column, *csvRun, error) {
	if isFolder(f.table.csv) {
		return f.predictImages(ctx, r)
	}
	return f.predictTable(ctx, r)
}

// predictTable returns the output for every row of the table, the target's column, and what has computed the output.
func (f *evaluateFlags) predictTable(ctx context.Context, r infer.Runner) (tensor.Any, *data.Column, *csvRun, error) {
	t, err := tablefile.Load(f.table.csv, data.CSVOptions{Columns: []string{f.target}, Kinds: map[string]data.Kind{f.target: data.String}})
	if err != nil {
		return nil, nil, nil, err
	}
	target, err := t.Column(f.target)
	if err != nil {
		return nil, nil, nil, err
	}
	f.table.ignore = []string{f.target}
	c, err := newCSVRun(r, &f.table)
	if err != nil {
		return nil, nil, nil, err
	}
	if c.rows == 0 {
		return nil, nil, nil, noRows(f.table.csv)
	}
	out, err := c.run(ctx)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", f.table.csv, err)
	}
	return out[r.Outputs()[0].Name], target, c, nil
}
