package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/report"
)

// refitFlags are what train and finetune share of trainings that are done again, for pictures.
type refitFlags struct {
	curve  string // shares of the training data
	shares []float64
	trials int
	splits int
}

// heldOut is the share of the data that each of --threshold-splits judges, scikit-yb's.
const heldOut = .1

func (f *refitFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.curve, "learning-curve", "", "also train on parts of the data and draw loss and metrics over their size: `SHARES` as in --learning-curve=0.1,0.5,1")
	fl.Lookup("learning-curve").NoOptDefVal = "0.1,0.325,0.55,0.775,1"
	fl.IntVar(&f.trials, "learning-curve-trials", 3, "trainings of each size of --learning-curve, each on other examples")
	fl.IntVar(&f.splits, "threshold-splits", 0, "two classes: draw the threshold's bands from trainings on `N` splits of the data (scikit-yb draws 50) instead of resampled predictions")
}

// check reads the flags' values.
func (f *refitFlags) check() error {
	f.shares = nil
	if f.trials < 1 || f.splits < 0 || f.splits == 1 {
		return usagef("--learning-curve-trials must be at least 1, --threshold-splits at least 2")
	}
	for s := range strings.SplitSeq(f.curve, ",") {
		if f.curve == "" {
			break
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || !(v > 0 && v <= 1) || len(f.shares) > 0 && v <= f.shares[len(f.shares)-1] {
			return usagef("--learning-curve=%s: shares of the training data, above 0 and up to 1, ascending", f.curve)
		}
		f.shares = append(f.shares, v)
	}
	return nil
}

// asked tells whether trainings are to be done again.
func (f *refitFlags) asked() bool { return f.curve != "" || f.splits > 0 }

// refit is what is trained again.
type refit struct {
	net           *nn.Net
	cfg           train.Config
	train         *data.Dataset
	validation    *data.Dataset // nil where there is none
	epochs, batch int
}

// pictures trains again as the flags say and puts what came out into the pictures of a report; learning_curve.csv
// in the folder gets the figures. With an error come the pictures that were made before it.
func (f *refitFlags) pictures(ctx context.Context, e env, r refit, dir string, pictures []report.Picture) ([]report.Picture, error) {
	o := train.RefitOptions{Epochs: r.epochs, Batch: r.batch}
	if f.curve != "" {
		o.Trials, o.Done = f.trials, countTrainings(e.err, "learning curve")
		c, err := train.LearnBySize(ctx, r.net, r.cfg, r.train, r.validation, f.shares, o)
		if err != nil {
			return pictures, err
		}
		if err := atomicfile.Write(filepath.Join(dir, "learning_curve.csv"), c.WriteCSV); err != nil {
			return pictures, err
		}
		pictures = append(pictures, report.LearningPictures(c)...)
	}
	if f.splits > 0 {
		o.Trials, o.Done = f.splits, countTrainings(e.err, "splits")
		trials, err := train.Holdouts(ctx, r.net, r.cfg, r.train, heldOut, o)
		if err != nil {
			return pictures, err
		}
		p, err := report.SplitPicture(trials)
		if err != nil {
			return pictures, fmt.Errorf("--threshold-splits: %w", err)
		}
		if at := slices.IndexFunc(pictures, func(o report.Picture) bool { return o.Name == p.Name }); at >= 0 {
			pictures[at] = p
		} else {
			pictures = append(pictures, p)
		}
	}
	return pictures, nil
}

// countTrainings returns what says every few seconds, and in the end, how many trainings are done.
func countTrainings(w io.Writer, what string) func(done, of int) {
	last := time.Now()
	return func(done, of int) {
		if done == of || time.Since(last) >= lineEvery {
			last = time.Now()
			fmt.Fprintf(w, "%s: %d of %d trainings\n", what, done, of)
		}
	}
}

// joined says, where a flag that needs no value was given, how one is: it is easily taken for an argument.
func joined(cmd *cobra.Command) (hint string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.NoOptDefVal != "" && f.Value.Type() == "string" {
			hint = fmt.Sprintf("; a value of --%s is joined by =", f.Name)
		}
	})
	return hint
}
