package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/convert/edit"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// fitEnsemble trains f.bagging networks, each from initial values of its own on a bootstrap sample of the training
// data and in a folder of its own, and measures their average. --resume goes on with each where it was.
func fitEnsemble(ctx context.Context, e env, task *models.Task, f trainFlags) (*trained, error) {
	switch {
	case task.Images != nil:
		return nil, usagef("--bagging averages predictions; %s gives images and codes, whose mean says nothing", f.model)
	case f.fit.modelCheckpoint != "" || f.fit.maxTime > 0:
		return nil, usagef("--bagging goes with neither --model-checkpoint nor --max-time")
	case f.again.asked():
		return nil, usagef("--learning-curve and --threshold-splits do not go with --bagging")
	}
	var members []*trained
	for k := range f.bagging {
		fmt.Fprintf(e.err, "member %d of %d\n", k+1, f.bagging)
		m, err := fitMember(ctx, e, task, f, k)
		if err != nil || m == nil {
			return nil, err
		}
		members = append(members, m)
	}
	return average(ctx, task, f, members)
}

// fitMember trains member k and writes its model and history. The first one writes --export-step and
// --training-info.
func fitMember(ctx context.Context, e env, task *models.Task, f trainFlags, k int) (*trained, error) {
	seed := f.seed + uint64(k+1)<<32 // no other run has it
	name := fmt.Sprintf("member_%02d", k+1)
	one := *task
	one.Parts = nil
	one.Train = task.Train.Bootstrap(seed)
	one.Net.Initialize(seed)
	f.seed, f.member, f.out = seed, true, filepath.Join(f.out, name)
	if f.fit.tensorboard != "" {
		f.fit.tensorboard = filepath.Join(f.fit.tensorboard, name)
	}
	if k > 0 {
		f.exportStep, f.fit.trainingInfo = "", ""
	}
	if err := os.MkdirAll(f.out, 0o777); err != nil {
		return nil, err
	}
	r, err := fitTask(ctx, e, &one, f)
	if err != nil || r == nil {
		return nil, err
	}
	if err := onnxio.Save(filepath.Join(f.out, "model.onnx"), r.model, onnxio.SaveOptions{}); err != nil {
		return nil, err
	}
	return r, atomicfile.Write(filepath.Join(f.out, "history.csv"), r.history.WriteCSV)
}

// average puts the members into one model and measures it. Its history is the mean of theirs.
func average(ctx context.Context, task *models.Task, f trainFlags, members []*trained) (*trained, error) {
	r := &trained{history: meanHistory(members), metrics: metrics{Seed: f.seed}}
	var all []*onnxio.Model
	for _, m := range members {
		all = append(all, m.model)
		r.metrics.Parameters += m.metrics.Parameters
		r.metrics.Seconds += m.metrics.Seconds
	}
	var err error
	if r.model, err = edit.Average(all...); err != nil {
		return nil, err
	}
	im, err := train.Import(r.model, train.ImportOptions{IgnoreRecipe: true})
	if err != nil {
		return nil, err
	}
	cfg, err := trainConfig(task, f)
	if err != nil {
		return nil, err
	}
	t, err := train.New(im.Net, cfg)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	whole := *task
	whole.Net, whole.Parts = im.Net, nil
	if err := r.measure(ctx, t, &whole, orInt(f.batch, task.Batch)); err != nil {
		return nil, err
	}
	src, err := task.Train.Batches(data.BatchOptions{Size: orInt(f.batch, task.Batch)})
	if err != nil {
		return nil, err
	}
	if err := r.describe(ctx, t, &whole, src, f); err != nil {
		return nil, err
	}
	r.page.Tables = append([]report.Table{membersTable(r, members)}, r.page.Tables...)
	return r, nil
}

// meanHistory is the mean of the members' figures, for the epochs that all of them have.
func meanHistory(members []*trained) *train.History {
	h := &train.History{Names: members[0].history.Names}
	for i := 0; ; i++ {
		row := make([]float64, len(h.Names))
		for _, m := range members {
			if i >= len(m.history.Epochs) {
				return h
			}
			for k, v := range m.history.Epochs[i] {
				row[k] += v / float64(len(members))
			}
		}
		h.Epochs = append(h.Epochs, row)
	}
}

// membersTable holds the ensemble against its members, on validation data where there are any.
func membersTable(whole *trained, members []*trained) report.Table {
	part, pick := "validation", func(m metrics) map[string]float64 { return m.Validation }
	if whole.metrics.Validation == nil {
		part, pick = "training", func(m metrics) map[string]float64 { return m.Train }
	}
	t := report.Table{Title: "The ensemble and its members, " + part + " data", Columns: []string{"model"}}
	names := whole.history.Names[:len(pick(whole.metrics))]
	t.Columns = append(t.Columns, names...)
	add := func(name string, figures map[string]float64) {
		row := []string{name}
		for _, n := range names {
			row = append(row, figureText(figures[n], 5))
		}
		t.Rows = append(t.Rows, row)
	}
	add("average", pick(whole.metrics))
	for k, m := range members {
		add(fmt.Sprintf("member %d", k+1), pick(m.metrics))
	}
	return t
}
