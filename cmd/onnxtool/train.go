package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/models"
)

func newTrain(e env) *cobra.Command {
	var f trainFlags
	list := false
	cmd := &cobra.Command{
		Use:   "train MODEL_NAME",
		Short: "Train a course model by name",
		Long: `Train one of the course's models and write it as ONNX, with its preprocessing inside.

The folder -o gets model.onnx, history.csv, metrics.json, checkpoint.npz, report.html with its pictures as
.svg and .png, and logs, the event files of TensorBoard (--tensorboard names another folder). --resume goes
on from the checkpoint, however the training was ended; the result is the same as without the interruption,
to the last bit.

Pictures: loss and metrics by epoch; confusion matrix, ROC, precision and recall, threshold (--threshold-splits
trains again for its bands); predictions over true values; the decision surface of two inputs; latent space and
reconstructions of images; embeddings, by principal components and t-SNE; histograms of weights and gradients;
with --learning-curve loss and metrics by the size of the training set; with --find-lr the loss by learning rate.`,
		Example: `  onnxtool train --list
  onnxtool train wine --data class_7_wine_dataset_v2.csv -o out
  onnxtool train wine --data class_7_wine_dataset_v2.csv -o out --early-stopping monitor=val_auc,patience=5,restore_best_weights
  onnxtool train wine --data class_7_wine_dataset_v2.csv --find-lr
  onnxtool train wine --data class_7_wine_dataset_v2.csv --bagging 10 -o ensemble
  onnxtool train breast_cancer -o out --learning-curve --threshold-splits 20`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usagef("train takes one model name, got %s%s", strings.Join(args, " and "), joined(cmd))
			case len(args) == 0 && !list:
				return usagef("train takes a model name; 'onnxtool train --list' shows them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listModels(e)
			}
			return runTrain(cmd.Context(), e, args[0], f)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, r := range models.All() {
				names = append(names, r.Name+"\t"+r.About)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list the models")
	return cmd
}

// trainFlags are the flags of train; zero numbers keep what the model's recipe says.
type trainFlags struct {
	model      string // its name
	data       string
	out        string
	epochs     int
	batch      int
	lr         float64
	optimizer  string
	seed       uint64
	threads    int
	recipe     models.Options
	exportStep string
	bagging    int
	member     bool // of an ensemble: without pictures
	fit        fitFlags
	again      refitFlags
}

func (f *trainFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "the data: a `file`, the folder that holds it, or a name that --list shows")
	fl.StringVarP(&f.out, "output", "o", "out", "the `folder` for the results")
	fl.IntVar(&f.epochs, "epochs", 0, "epochs to train, 0 as the model's recipe")
	fl.IntVar(&f.batch, "batch", 0, "examples in a step, 0 as the model's recipe")
	fl.Float64Var(&f.lr, "lr", 0, "learning rate, 0 as the model's recipe")
	fl.StringVar(&f.optimizer, "optimizer", "", "optimizer by `name`, empty as the model's recipe")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of initial weights, splits, order and dropout")
	fl.IntVar(&f.threads, "threads", 0, "goroutines of a step, 0 for all CPUs; the result is the same for any number")
	fl.StringVar(&f.recipe.Variant, "variant", "", "form of the model by `name`, empty for the first that --list shows")
	fl.BoolVar(&f.recipe.WithVendor, "with-vendor", false, "wine: with an embedding of vendor_id")
	fl.IntVar(&f.recipe.Rows, "rows", 0, "rows, images or lines of text that are used or generated, 0 for all")
	fl.IntVar(&f.recipe.Latent, "latent", 0, "numbers in the code of an autoencoder or the vector of a word, 0 as the model's recipe")
	fl.IntVar(&f.bagging, "bagging", 0, "train `N` networks, each on a bootstrap sample of the training data, and write their average as one model")
	fl.StringVar(&f.exportStep, "export-step", "", "also write one training step as plain ONNX to this `file`")
	f.fit.register(fl)
	f.again.register(fl)
}

func listModels(e env) error {
	w := tabwriter.NewWriter(e.out, 0, 8, 2, ' ', 0)
	for _, r := range models.All() {
		d := r.Data
		if d == "" {
			d = "(brings its own data)"
		}
		fmt.Fprintf(w, "%s\tclass %s\t%s\t%s\n", r.Name, r.Class, r.About, d)
		for _, v := range r.Variants {
			fmt.Fprintf(w, "\t\t  --variant %s: %s\t\n", v.Name, v.About)
		}
	}
	return w.Flush()
}

func runTrain(ctx context.Context, e env, name string, f trainFlags) error {
	r, err := models.Lookup(name)
	if err != nil {
		return usagef("%v; 'onnxtool train --list' shows them", err)
	}
	if r.Data != "" && !r.Optional && f.data == "" {
		return usagef("train %s needs --data FILE: %s", name, r.Data)
	}
	if f.threads < 0 {
		return usagef("--threads cannot be negative")
	}
	if f.epochs < 0 || f.batch < 0 || f.lr < 0 || f.bagging < 0 {
		return usagef("--epochs, --batch, --lr and --bagging must not be negative")
	}
	if err := f.again.check(); err != nil {
		return err
	}
	for _, o := range []struct {
		flag, field string
		given       bool
	}{{"rows", "Rows", f.recipe.Rows != 0}, {"latent", "Latent", f.recipe.Latent != 0}, {"with-vendor", "WithVendor", f.recipe.WithVendor}} {
		if o.given && !slices.Contains(r.Options, o.field) {
			return usagef("%s has no use for --%s", name, o.flag)
		}
	}
	f.recipe.Path, f.recipe.Seed = f.data, f.seed
	if err := r.Check(f.recipe); err != nil {
		return usageError{err.Error()}
	}
	task, err := r.Prepare(f.recipe)
	if err != nil {
		return err
	}
	for _, w := range task.Warnings {
		fmt.Fprintln(e.err, "warning:", w)
	}
	if f.fit.fastDevRun { // the files are made to see that they can be, and thrown away
		if f.out, err = os.MkdirTemp("", "onnxtool"); err != nil {
			return err
		}
		defer os.RemoveAll(f.out)
	}
	if err := writableIn(f.out, "model.onnx", "history.csv"); err != nil {
		return err
	}
	if err := writable(f.exportStep, f.fit.trainingInfo); err != nil {
		return err
	}
	f.model = name
	fit := fitTask
	if f.bagging = orInt(f.bagging, task.Members); f.bagging > 1 && !f.fit.findLR {
		fit = fitEnsemble
	}
	result, err := fit(ctx, e, task, f)
	if err != nil || result == nil {
		return err
	}
	if f.fit.fastDevRun {
		if err := result.write(env{e.in, io.Discard, e.err}, f.out); err != nil {
			return err
		}
		fmt.Fprintln(e.out, "training, validation, export and report work; nothing was kept")
		return nil
	}
	if err := result.write(e, f.out); err != nil {
		return err
	}
	return result.again
}
