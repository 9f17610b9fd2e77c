package train_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// twoNormals returns examples of two classes that overlap, and a network for them.
func twoNormals(n int) (*nn.Net, train.Config, *data.Dataset) {
	net, err := nn.Sequential(1, nn.Input{Shape: []int{2}}, &nn.Dense{Units: 8, Activation: "relu"}, &nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		log.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, y := tensor.Zeros[float32](n, 2), tensor.Zeros[float32](n, 1)
	for i := range n {
		y.Data()[i] = float32(i % 2)
		for k := range 2 {
			x.Data()[2*i+k] = float32(r.NormFloat64()) + 1.5*y.Data()[i]
		}
	}
	d, err := data.New(map[string]tensor.Any{net.Graph.Inputs[0].Name: x}, y, nil)
	if err != nil {
		log.Fatal(err)
	}
	cfg := train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01}, Metrics: []train.Metric{&metric.BinaryAccuracy{}}}
	return net, cfg, d
}

// Ask whether more data would help: train on ever larger parts of it, three times each.
func ExampleLearnBySize() {
	net, cfg, all := twoNormals(600)
	parts, err := all.Split(0, .7, .3)
	if err != nil {
		log.Fatal(err)
	}
	c, err := train.LearnBySize(context.Background(), net, cfg, parts[0], parts[1], []float64{.05, .2, 1}, train.RefitOptions{Epochs: 20, Batch: 16, Trials: 3})
	if err != nil {
		log.Fatal(err)
	}
	_, validation := c.Column("loss")
	fmt.Println(c.Names, c.Sizes, len(validation[0]))
	fmt.Println(slices.Max(validation[2]) < slices.Min(validation[0]))
	// Output:
	// [loss binary_accuracy] [21 84 420] 3
	// true
}

// Train again on other splits of the data, to see how much a figure owes to the split.
func ExampleHoldouts() {
	net, cfg, d := twoNormals(300)
	trials, err := train.Holdouts(context.Background(), net, cfg, d, .1, train.RefitOptions{Epochs: 5, Trials: 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(trials), trials[0].Target.Shape(), trials[0].Predicted.Shape())
	// Output: 4 [30,1] [30,1]
}

func TestLearnBySize(t *testing.T) {
	net, cfg, d := twoNormals(200)
	before := slices.Clone(tensor.Data[float32](net.Params[0].Value.Data))
	var told []string
	o := train.RefitOptions{Epochs: 2, Trials: 2, Done: func(done, of int) { told = append(told, fmt.Sprint(done, of)) }}
	var first bytes.Buffer
	for range 2 {
		c, err := train.LearnBySize(context.Background(), net, cfg, d, d, []float64{.001, .5}, o)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := c.WriteCSV(&text); err != nil {
			t.Fatal(err)
		}
		if first.Len() > 0 && !bytes.Equal(first.Bytes(), text.Bytes()) {
			t.Error("the same seed gives other figures")
		}
		first = text
		if lines := strings.Split(text.String(), "\n"); len(lines) != 6 || lines[0] != "examples,trial,loss,binary_accuracy,val_loss,val_binary_accuracy" || !strings.HasPrefix(lines[1], "1,0,") || !strings.HasPrefix(lines[4], "100,1,") {
			t.Errorf("CSV:\n%s", &text)
		}
	}
	if strings.Join(told[:4], ", ") != "1 4, 2 4, 3 4, 4 4" {
		t.Errorf("told %v", told)
	}
	if !slices.Equal(before, tensor.Data[float32](net.Params[0].Value.Data)) {
		t.Error("the network has changed")
	}
	for _, sizes := range [][]float64{{0}, {.5, .5}, {2}, {math.NaN()}, {}} {
		if _, err := train.LearnBySize(context.Background(), net, cfg, d, d, sizes, o); err == nil {
			t.Errorf("no error for sizes %v", sizes)
		}
	}
	if _, err := train.LearnBySize(context.Background(), net, cfg, d, nil, nil, o); err == nil {
		t.Error("no error without validation data")
	}
}
