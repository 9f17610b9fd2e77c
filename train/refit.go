package train

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// RefitOptions say how [LearnBySize] and [Holdouts] train a network again and again, each time from the values
// that its parameters have in it. A training's seed is that of the Config plus its number, from 0.
type RefitOptions struct {
	Epochs int // of each training; 0 is 1
	Batch  int // examples in a step; 0 is 32
	Trials int // trainings of each kind; 0 is 1
	// Done is told after each training how many of all are done; nil is no one.
	Done func(done, of int)
}

// refit trains a network on some examples.
func (o RefitOptions) refit(ctx context.Context, net *nn.Net, cfg Config, trial int, d *data.Dataset) (*Trainer, *History, error) {
	cfg.Seed += uint64(trial)
	src, err := d.Batches(data.BatchOptions{Size: o.Batch, Shuffle: true, Seed: cfg.Seed})
	if err != nil {
		return nil, nil, err
	}
	t, err := New(net, cfg)
	if err != nil {
		return nil, nil, err
	}
	h, err := t.Fit(ctx, src, FitOptions{Epochs: o.Epochs})
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, h, nil
}

func (o RefitOptions) done(n, of int) {
	if o.Done != nil {
		o.Done(n, of)
	}
}

// LearningCurve is what training on more examples brings.
type LearningCurve struct {
	Names []string // loss and metrics
	Sizes []int    // of the training set, ascending
	// Training and Validation are by size and trial the figures after the training, in the order of Names: of
	// the examples that it was trained on, and of others.
	Training, Validation [][][]float64
}

// Column returns a figure by size, a number for each trial, nil where there is none of that name.
func (c *LearningCurve) Column(name string) (training, validation [][]float64) {
	k := slices.Index(c.Names, name)
	if k < 0 {
		return nil, nil
	}
	pick := func(rows [][][]float64) [][]float64 {
		out := make([][]float64, len(rows))
		for i, trials := range rows {
			for _, row := range trials {
				out[i] = append(out[i], row[k])
			}
		}
		return out
	}
	return pick(c.Training), pick(c.Validation)
}

// WriteCSV writes the header examples,trial,loss,...,val_loss,... and a row for each training, in full precision.
func (c *LearningCurve) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := append([]string{"examples", "trial"}, c.Names...)
	for _, n := range c.Names {
		header = append(header, "val_"+n)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for i, size := range c.Sizes {
		for k := range c.Training[i] {
			row := []string{strconv.Itoa(size), strconv.Itoa(k)}
			for _, v := range slices.Concat(c.Training[i][k], c.Validation[i][k]) {
				row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// LearnBySize trains a network on parts of the training data and measures each on the validation data: whether
// more data would help. Sizes are shares of the training data, from above 0 to 1, ascending; nil is .1, .325, .55,
// .775 and 1 as scikit-learn's learning_curve has it. In each trial the parts are the first examples of another
// order. The network is left as it is.
func LearnBySize(ctx context.Context, net *nn.Net, cfg Config, training, validation *data.Dataset, sizes []float64, o RefitOptions) (*LearningCurve, error) {
	if sizes == nil {
		sizes = []float64{.1, .325, .55, .775, 1}
	}
	c := &LearningCurve{}
	for i, s := range sizes {
		if !(s > 0 && s <= 1) || i > 0 && s <= sizes[i-1] {
			return nil, fmt.Errorf("train: sizes of a learning curve are shares above 0, of 1 at most, ascending; got %v", sizes)
		}
		c.Sizes = append(c.Sizes, max(1, int(s*float64(training.Len())+1e-9)))
	}
	if len(sizes) == 0 || validation == nil {
		return nil, errors.New("train: a learning curve needs sizes and validation data")
	}
	c.Training, c.Validation = make([][][]float64, len(sizes)), make([][][]float64, len(sizes))
	trials := max(1, o.Trials)
	for k := range trials {
		order := rand.New(rand.NewPCG(cfg.Seed+uint64(k), 0x73697a65)).Perm(training.Len())
		for i, n := range c.Sizes {
			part, err := training.Take(order[:n])
			if err != nil {
				return nil, err
			}
			if err := c.add(ctx, net, cfg, i, k, part, validation, o); err != nil {
				return nil, fmt.Errorf("learning curve, %d examples: %w", n, err)
			}
			o.done(k*len(sizes)+i+1, trials*len(sizes))
		}
	}
	return c, nil
}

// add does one training of size i.
func (c *LearningCurve) add(ctx context.Context, net *nn.Net, cfg Config, i, trial int, part, validation *data.Dataset, o RefitOptions) error {
	t, h, err := o.refit(ctx, net, cfg, trial, part)
	if err != nil {
		return err
	}
	defer t.Close()
	c.Names = h.Names
	for _, of := range []struct {
		d    *data.Dataset
		rows *[][]float64
	}{{part, &c.Training[i]}, {validation, &c.Validation[i]}} {
		src, err := of.d.Batches(data.BatchOptions{Size: o.Batch})
		if err != nil {
			return err
		}
		row, err := t.Evaluate(ctx, src)
		if err != nil {
			return err
		}
		*of.rows = append(*of.rows, row)
	}
	return nil
}

// Holdout is what a network says of examples that it was not trained on.
type Holdout struct {
	Target    tensor.Any
	Predicted tensor.Any // its first output
}

// Holdouts trains a network on random splits of the data, one for each trial, and returns what it says of the
// share that was held out, such as .1: how much figures owe to the split. Classes are split in proportion. The
// network is left as it is.
func Holdouts(ctx context.Context, net *nn.Net, cfg Config, d *data.Dataset, share float64, o RefitOptions) ([]Holdout, error) {
	trials := max(1, o.Trials)
	out := make([]Holdout, trials)
	for k := range out {
		seed := cfg.Seed + uint64(k)
		parts, err := d.SplitStratified(seed, 1-share, share)
		if err != nil { // no classes
			parts, err = d.Split(seed, 1-share, share)
		}
		if err != nil {
			return nil, err
		}
		t, _, err := o.refit(ctx, net, cfg, k, parts[0])
		if err != nil {
			return nil, fmt.Errorf("split %d: %w", k, err)
		}
		pred, err := t.Predict(ctx, parts[1].Inputs())
		t.Close()
		if err != nil {
			return nil, err
		}
		out[k] = Holdout{parts[1].Target(), pred[0]}
		o.done(k+1, trials)
	}
	return out, nil
}
