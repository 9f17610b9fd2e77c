package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// verifyFlags are the flags of verify.
type verifyFlags struct {
	reference  string
	npz        string
	inputs     pairs
	dims       dims
	seed       uint64
	runs       int
	rtol, atol float64
	dump       string
	noBisect   bool
	parallel   int
	timeout    time.Duration
	library    string
	json       bool
	junit      string
	verbose    bool
}

func newVerify(e env) *cobra.Command {
	f := verifyFlags{dims: dims{}}
	cmd := &cobra.Command{
		Use:   "verify MODEL or CASE_DIR...",
		Short: "Hold the pure-Go evaluator against a reference",
		Long: `Run models with the pure-Go evaluator and with a reference on the same inputs, compare every output,
and on a difference name the first node whose inputs agree and whose output does not.

A CASE_DIR holds model.onnx with recorded inputs and outputs, test_data_set_N/{input,output}_M.pb; other
folders are searched for such. Inputs that are not given are random, the same for the same seed.

Values agree where |a-b| <= atol + rtol*|reference|, by type: float32 and complex64 rtol 1e-4 atol 1e-5,
float16 1e-2, bfloat16 4e-2, float64 and complex128 1e-7 (rtol and atol alike), float8 one step, everything
else exactly. NaN equals NaN, infinities agree by sign.

The exit code is 0 where every case passed, else 1.`,
		Example: `  onnxtool verify model.onnx
  onnxtool verify model.onnx --reference older.onnx --dump fault
  onnxtool verify model.onnx --npz keras.npz
  onnxtool verify testdata/cases --junit report.xml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("verify takes the path of a model or of a folder with cases")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runVerify(cmd, e, args, &f) },
	}
	f.register(cmd)
	return cmd
}

func (f *verifyFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.reference, "reference", "", "ort, recorded, go, or another model's `file` (default recorded for a CASE_DIR, else ort)")
	fl.StringVar(&f.npz, "npz", "", "`file` with inputs and outputs by name, or in_0.., out_0..; intermediate values by value, node or layer")
	fl.VarP(&f.inputs, "input", "i", "an input: NAME=FILE (.npy, .npz, .pb, .json, .csv, .png, .jpg); may be repeated")
	fl.Var(f.dims, "dim", "size of a symbolic dimension in random inputs: NAME=N; may be repeated")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of random inputs")
	fl.IntVar(&f.runs, "runs", 0, "random inputs to try (default 3 where a dimension is open: sizes 1, 3, 8; else 1)")
	fl.Float64Var(&f.rtol, "rtol", 0, "relative tolerance for every float type (default by type)")
	fl.Float64Var(&f.atol, "atol", 0, "absolute tolerance for every float type (default by type)")
	fl.StringVar(&f.dump, "dump", "", "write the first diverging node to this `folder` as a CASE_DIR")
	fl.BoolVar(&f.noBisect, "no-bisect", false, "do not look for the first diverging node")
	fl.IntVarP(&f.parallel, "parallel", "j", 0, "cases at once (default one for each CPU)")
	fl.DurationVar(&f.timeout, "timeout", 0, "time that one case may take, such as 30s (default no bound)")
	fl.StringVar(&f.library, "library", "", "onnxruntime's `file`, or the folder that holds it")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.StringVar(&f.junit, "junit", "", "write JUnit XML to this `file`")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "show every output of every case")
	completeWith(cmd, "reference", "ort", "recorded", "go")
}

func runVerify(cmd *cobra.Command, e env, args []string, f *verifyFlags) error {
	found, err := verify.FindCases(args...)
	if err != nil {
		return err
	}
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	if o.Reference.Model != nil {
		defer o.Reference.Model.Close()
	}
	if len(f.inputs.names) > 0 {
		if len(found) != 1 {
			return usagef("--input is for one model, and here are %d", len(found))
		}
		if o.Inputs, err = verifyInputs(found[0].Model, f); err != nil {
			return err
		}
	}
	var printErr error
	if !f.json {
		o.Progress = func(c *verify.CaseReport) {
			_, err := fmt.Fprintln(e.out, c.Line())
			if err == nil && (f.verbose || len(found) == 1 || c.Verdict == verify.Failed) {
				err = c.WriteDetails(e.out)
			}
			printErr = errors.Join(printErr, err)
		}
	}
	r := o.Run(cmd.Context(), found)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if printErr != nil {
		return printErr
	}
	return f.finish(e, r)
}

// finish writes what comes after the cases, and makes the exit code.
func (f *verifyFlags) finish(e env, r *verify.Report) error {
	var err error
	if f.json {
		err = r.WriteJSON(e.out)
	} else {
		_, err = fmt.Fprintln(e.out, r.Summary())
	}
	if err == nil && f.junit != "" {
		err = atomicfile.Write(f.junit, r.WriteJUnit)
	}
	if err == nil && !r.OK() {
		return errCheck
	}
	return err
}

func (f *verifyFlags) options(cmd *cobra.Command) (verify.Options, error) {
	o := verify.Options{Seed: f.seed, Runs: f.runs, Dims: f.dims, Dump: f.dump, NoBisect: f.noBisect, Parallel: f.parallel, Timeout: f.timeout}
	if f.runs < 0 || f.parallel < 0 || f.timeout < 0 || f.rtol < 0 || f.atol < 0 {
		return o, usagef("--runs, --parallel, --timeout, --rtol and --atol cannot be negative")
	}
	if cmd.Flags().Changed("rtol") {
		o.Tolerances.RTol = &f.rtol
	}
	if cmd.Flags().Changed("atol") {
		o.Tolerances.ATol = &f.atol
	}
	library := verify.ORT(ort.Options{Library: f.library, Threads: 1})
	o.Bisector = library
	switch {
	case f.npz != "" && f.reference != "":
		return o, usagef("--npz is a reference: --reference cannot be given too")
	case f.npz != "":
		arrays, err := data.LoadNPZ(f.npz, data.ArrayOptions{})
		if err != nil {
			return o, err
		}
		o.Reference = verify.Reference{Kind: "npz", Arrays: arrays}
	case f.reference == "":
		o.Reference.Backend = library
	case f.reference == "ort":
		o.Reference = verify.Reference{Kind: "ort", Backend: library}
	case f.reference == "go":
		o.Reference = verify.Reference{Kind: "go", Backend: verify.Plain()}
	case f.reference == "recorded":
		o.Reference.Kind = "recorded"
	default:
		if _, err := os.Stat(f.reference); err != nil {
			return o, usagef("--reference is ort, recorded, go or a model's file: %v", err)
		}
		m, err := onnxio.Load(f.reference)
		if err != nil {
			return o, err
		}
		o.Reference = verify.Reference{Kind: "model", Model: m}
	}
	return o, nil
}

// verifyInputs reads the inputs that are given by file.
func verifyInputs(model string, f *verifyFlags) (map[string]tensor.Any, error) {
	s, err := infer.Open(model, infer.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return readInputs(s.Inputs(), &f.inputs)
}
