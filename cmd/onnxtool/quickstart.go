package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// A model that was trained here before, with rows of the test data and what onnxruntime answered;
// testdata/gen/quickstart.py records them.
var (
	//go:embed shipped/model.onnx
	shippedModel []byte
	//go:embed shipped/io.npz
	shippedIO []byte
)

func newQuickstart(e env) *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "quickstart",
		Short: "Train, export and verify a classifier on embedded data, explained as it goes",
		Long: `Train a classifier on embedded data, export it as ONNX with its preprocessing inside, and verify that
the pure-Go evaluator and onnxruntime give the same answers. Needs no file; onnxruntime is fetched
through the Go module proxy where it is missing.`,
		Example: "  onnxtool quickstart\n  onnxtool quickstart -o mymodel",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runQuickstart(cmd.Context(), e, dir) },
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "quickstart", "the `folder` for the results")
	return cmd
}

// quickstartSeed makes the quickstart the same for everyone.
const quickstartSeed = 1

func runQuickstart(ctx context.Context, e env, dir string) error {
	say := func(format string, args ...any) { fmt.Fprintf(e.out, format+"\n", args...) }
	say("1. Data: breast_cancer, 569 rows of 30 measurements, embedded; 60 %% to train, 20 %% to validate, 20 %% to test.")
	r, err := models.Lookup("breast_cancer")
	if err != nil {
		return err
	}
	task, err := r.Prepare(models.Options{Seed: quickstartSeed})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	say("2. Training: missing values imputed, scaled to [0,1], 100 relu, 1 sigmoid; %s, %s.", task.Loss.Name(), task.Optimizer.Name())
	result, err := fitTask(ctx, e, task, trainFlags{model: "breast_cancer", out: dir, seed: quickstartSeed, fit: fitFlags{saveFreq: saveFreq}})
	if err != nil {
		return err
	}
	say("3. Export: one ONNX file that takes the raw columns, since the preprocessing is inside.")
	if err := result.write(e, dir); err != nil {
		return err
	}
	model := filepath.Join(dir, "model.onnx")
	if err := verifyQuickstart(ctx, e, say, model, task.Test); err != nil {
		return err
	}
	test := filepath.Join(dir, "test.csv")
	if err := writeTestRows(test, task.Test); err != nil {
		return err
	}
	say("\nNext, try\n  onnxtool inspect %s\n  onnxtool evaluate %s --data %s --target target\n  onnxtool run %s --csv %s -o %s", model, model, test, model, test, filepath.Join(dir, "predictions"))
	return nil
}

// writeTestRows writes the test data as a table with the raw columns, to try the model on.
func writeTestRows(path string, test *data.Dataset) error {
	var columns []*data.Column
	add := func(name string, t tensor.Any) {
		v := tensor.Data[float32](t)
		f := make([]float64, len(v))
		for i := range v {
			// The shortest decimal that gives the same float32 is what the data has.
			f[i], _ = strconv.ParseFloat(strconv.FormatFloat(float64(v[i]), 'g', -1, 32), 64)
		}
		columns = append(columns, data.Floats(name, f))
	}
	for _, name := range test.Names() {
		add(name, test.Inputs()[name])
	}
	add("target", test.Target())
	t, err := data.NewTable(columns...)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, t.WriteCSV)
}

// verifyQuickstart compares pure Go with onnxruntime on the test rows. Where onnxruntime cannot be had it
// says so, and compares with what onnxruntime answered when this program was made, and the fast
// evaluation with the plain one.
func verifyQuickstart(ctx context.Context, e env, say func(string, ...any), model string, test *data.Dataset) error {
	err := needORT(ctx, e)
	if err == nil {
		say("4. Verify: pure Go against onnxruntime, on the test rows.")
		return verifyOne(ctx, say, "the new model, pure Go against onnxruntime", model, verify.Options{Inputs: test.Inputs()})
	}
	if ctx.Err() != nil {
		return err
	}
	say("4. Verify: onnxruntime cannot be used here: %v\n   Two checks in its place:", err)
	if err := verifyShipped(ctx, say); err != nil {
		return err
	}
	return verifyOne(ctx, say, "the new model, planned against plain evaluation", model, verify.Options{
		Inputs: test.Inputs(), Reference: verify.Reference{Kind: "go", Backend: verify.Plain()},
	})
}

// needORT loads onnxruntime, and gets it first where it is missing.
func needORT(ctx context.Context, e env) error {
	_, err := ort.Load(ort.Options{})
	if !errors.Is(err, ort.ErrNotFound) {
		return err
	}
	fmt.Fprintln(e.err, "onnxruntime is not installed; getting it")
	if _, err := ort.Install(ctx, func(s string) { fmt.Fprintln(e.err, s) }); err != nil {
		return err
	}
	_, err = ort.Load(ort.Options{})
	return err
}

// verifyShipped runs the shipped model on recorded inputs.
func verifyShipped(ctx context.Context, say func(string, ...any)) error {
	dir, err := os.MkdirTemp("", "onnxtool-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	model := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(model, shippedModel, 0o600); err != nil {
		return err
	}
	arrays, err := data.ReadNPZ(bytes.NewReader(shippedIO), int64(len(shippedIO)), data.ArrayOptions{})
	if err != nil {
		return err
	}
	return verifyOne(ctx, say, "a shipped model, pure Go against onnxruntime's recorded answers", model, verify.Options{
		Reference: verify.Reference{Kind: "npz", Arrays: arrays},
	})
}

// quickstartLimit is the greatest difference that the quickstart accepts.
const quickstartLimit = 1e-5

func verifyOne(ctx context.Context, say func(string, ...any), what, model string, o verify.Options) error {
	found, err := verify.FindCases(model)
	if err != nil {
		return err
	}
	report := o.Run(ctx, found)
	if !report.OK() {
		c := report.Cases[0]
		return fmt.Errorf("verify %s: %s: %s", what, c.Verdict, c.Reason)
	}
	for _, out := range report.Cases[0].Outputs {
		if float64(out.MaxAbs) > quickstartLimit {
			return fmt.Errorf("verify %s: output %s differs by %g, at most %g expected", what, out.Name, float64(out.MaxAbs), quickstartLimit)
		}
		say("   passed: %s: output %s, %d values, max abs difference %.2g", what, out.Name, out.Elements, float64(out.MaxAbs))
	}
	return nil
}
