package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// runFlags are the flags of run.
type runFlags struct {
	inputs  pairs
	data    string
	out     string
	format  string
	backend string
	dims    dims
	seed    uint64
	outputs []string
	csv     string
	columns []string
	ignore  []string // columns of the table that feed no input
	fill    pairs
	threads int
	timeout time.Duration
	library string
	json    bool
}

func newRun(e env) *cobra.Command {
	f := runFlags{dims: dims{}}
	cmd := &cobra.Command{
		Use:   "run MODEL",
		Short: "Compute a model's outputs",
		Long: `Compute a model's outputs from inputs in files, from a folder of recorded inputs, or from a table.

Inputs by file (-i NAME=FILE): .npy, .npz, .pb (TensorProto), .json (nested arrays), .csv (a matrix), and
.png or .jpg for image inputs: integers get values from 0 to 255, floats the same divided by 255.

A table (--csv) goes to inputs by name: a column to the input of its name, one value a row; where the model
has one input of several features instead, --columns says which (default all). Missing values are NaN for
floats and empty strings; other types need --fill. Predictions are written beside the columns.

With --dim and no inputs they are random. Without -o outputs are printed.`,
		Example: `  onnxtool run model.onnx -i x=features.npy -o out
  onnxtool run wine.onnx --csv wine.csv -o predictions.csv
  onnxtool run model.onnx --data test_data_set_0 --outputs /dense/Relu_output_0 --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("run takes the path of one model")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runRun(cmd.Context(), e, args[0], &f) },
	}
	f.register(cmd)
	return cmd
}

func (f *runFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.VarP(&f.inputs, "input", "i", "an input: NAME=FILE; may be repeated")
	fl.StringVar(&f.data, "data", "", "`folder` with input_0.pb, input_1.pb ...")
	fl.StringVarP(&f.out, "output", "o", "", "`folder` for the outputs (with --csv also a .csv file)")
	fl.StringVar(&f.format, "format", "npy", "forms of the files in -o: npy, pb, json, csv, separated by commas")
	fl.StringVar(&f.backend, "backend", "go", "what computes: go or ort")
	fl.Var(f.dims, "dim", "size of a symbolic dimension in random inputs: NAME=N; may be repeated")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of random inputs")
	fl.StringSliceVar(&f.outputs, "outputs", nil, "values to compute instead of the model's outputs, intermediate ones too")
	fl.StringVar(&f.csv, "csv", "", "table whose columns are inputs, as a `file`")
	fl.StringSliceVar(&f.columns, "columns", nil, "with --csv: the columns that make up the model's one input")
	fl.Var(&f.fill, "fill", "with --csv: what stands for missing values of a column: NAME=VALUE; may be repeated")
	fl.IntVar(&f.threads, "threads", 0, "threads of one run, 0 for all CPUs")
	fl.DurationVar(&f.timeout, "timeout", 0, "time that the run may take, such as 30s (default no bound)")
	fl.StringVar(&f.library, "library", "", "onnxruntime's `file`, or the folder that holds it")
	fl.BoolVar(&f.json, "json", false, "print the outputs as JSON")
	cmd.MarkFlagsMutuallyExclusive("input", "data", "csv")
	completeWith(cmd, "backend", "go", "ort")
	completeWith(cmd, "format", formats...)
}

func runRun(ctx context.Context, e env, path string, f *runFlags) error {
	formats, err := parseFormats(f.format)
	if err != nil {
		return err
	}
	if f.csv == "" && (len(f.columns) > 0 || len(f.fill.names) > 0) {
		return usagef("--columns and --fill are for --csv")
	}
	if f.timeout < 0 {
		return usagef("--timeout cannot be negative")
	}
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("the run took more than %v", f.timeout))
		defer cancel()
	}
	m, err := onnxio.Load(path)
	if err != nil {
		return err
	}
	defer m.Close()
	r, err := f.open(m)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer r.Close()
	if f.csv != "" {
		return runCSV(ctx, e, r, f)
	}
	in, err := f.feed(r, m)
	if err != nil {
		return err
	}
	out, err := r.Run(ctx, in)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	switch {
	case f.out != "":
		if err := writeOutputs(f.out, formats, r.Outputs(), out); err != nil {
			return err
		}
		fmt.Fprintf(e.err, "%d outputs are in %s\n", len(r.Outputs()), f.out)
		if f.json {
			return writeOutputsJSON(e.out, r.Outputs(), out)
		}
		return nil
	case f.json:
		return writeOutputsJSON(e.out, r.Outputs(), out)
	}
	return showOutputs(e.out, r.Outputs(), out)
}

func (f *runFlags) open(m *onnxio.Model) (infer.Runner, error) {
	if f.threads < 0 {
		return nil, usagef("--threads cannot be negative")
	}
	switch f.backend {
	case "go":
		return infer.New(m, infer.Options{Threads: f.threads, Outputs: f.outputs})
	case "ort":
		return ort.New(m, ort.Options{Threads: f.threads, Outputs: f.outputs, Library: f.library})
	}
	return nil, usagef("--backend %s: there are go and ort", f.backend)
}

// feed reads or makes the inputs.
func (f *runFlags) feed(r infer.Runner, m *onnxio.Model) (map[string]tensor.Any, error) {
	switch {
	case f.data != "":
		return readSet(f.data, m)
	case len(f.inputs.names) > 0:
		return readInputs(r.Inputs(), &f.inputs)
	case len(f.dims) > 0:
		return verify.RandomInputs(m, r.Inputs(), f.seed, verify.DefaultDims[0], f.dims)
	case len(r.Inputs()) == 0:
		return nil, nil
	}
	var want []string
	for _, v := range r.Inputs() {
		want = append(want, fmt.Sprintf("%s %v", v.Name, v))
	}
	return nil, usagef("no inputs: the model wants %s; give them with -i NAME=FILE, --data or --csv, or --dim NAME=N for random ones", strings.Join(want, ", "))
}
