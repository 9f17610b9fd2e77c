package models_test

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/convert/edit"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// Bagging: each member from initial values of its own, on a bootstrap sample; one model is their average.
func Example_bagging() {
	r, err := models.Lookup("bagging")
	if err != nil {
		panic(err)
	}
	task, err := r.Prepare(models.Options{})
	if err != nil {
		panic(err)
	}
	member := func(seed uint64) *onnxio.Model {
		task.Net.Initialize(seed)
		t, err := train.New(task.Net, train.Config{Loss: task.Loss, Optimizer: task.Optimizer, Seed: seed})
		if err != nil {
			panic(err)
		}
		defer t.Close()
		batches, err := task.Train.Bootstrap(seed).Batches(data.BatchOptions{Size: task.Batch, Shuffle: true, Seed: seed})
		if err != nil {
			panic(err)
		}
		if _, err := t.Fit(context.Background(), batches, train.FitOptions{Epochs: 2}); err != nil {
			panic(err)
		}
		m, err := t.Model(train.ExportOptions{})
		if err != nil {
			panic(err)
		}
		return m
	}
	ensemble, err := edit.Average(member(1), member(2), member(3))
	if err != nil {
		panic(err)
	}
	count := map[string]int{}
	for _, n := range ensemble.Graph.Node {
		count[n.OpType]++
	}
	fmt.Println(count["MatMul"], "products, their input scaled", count["Sub"], "time, and", count["Mean"], "mean")
	// Output: 6 products, their input scaled 1 time, and 1 mean
}
