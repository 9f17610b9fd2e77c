package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// xorData is the smallest problem that needs a hidden layer.
func xorData() data.Source {
	x := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := tensor.Must([]float32{0, 1, 1, 0}, 4, 1)
	ds, err := data.New(map[string]tensor.Any{"input": x}, y, nil)
	if err != nil {
		log.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 4, Shuffle: true})
	if err != nil {
		log.Fatal(err)
	}
	return src
}

// Train a network, export it as ONNX and run the export.
func Example() {
	ctx := context.Background()
	net, err := nn.Sequential(3, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 8, Activation: "tanh"},
		&nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.New(net, train.Config{
		Loss:      loss.BinaryCrossentropy{},
		Optimizer: optim.Adam{LearningRate: .05},
		Metrics:   []train.Metric{&metric.BinaryAccuracy{}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	history, err := t.Fit(ctx, xorData(), train.FitOptions{Epochs: 400})
	if err != nil {
		log.Fatal(err)
	}
	accuracy, _ := history.Last("binary_accuracy")
	fmt.Println("accuracy", accuracy)

	model, err := t.Model(train.ExportOptions{})
	if err != nil {
		log.Fatal(err)
	}
	s, err := infer.New(model, infer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(ctx, map[string]tensor.Any{"input": tensor.Must([]float32{0, 1}, 1, 2)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("0 xor 1 is", tensor.Data[float32](out["output"])[0] > .5)
	// Output:
	// accuracy 1
	// 0 xor 1 is true
}

// Train the last layer of somebody's model; nothing else in the file changes.
func ExampleImport() {
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] input) => (float[N,1] y) <float[2,4] w1 = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] head = {0.5,-0.5,0.5,0.5}>
{
   h = MatMul (input, w1)
   r = Relu (h)
   o = MatMul (r, head)
   y = Sigmoid (o)
}`)
	if err != nil {
		log.Fatal(err)
	}
	im, err := train.Import(m, train.ImportOptions{Freeze: []string{"*"}, Unfreeze: []string{"head"}})
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.New(im.Net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	if _, err := t.Fit(context.Background(), xorData(), train.FitOptions{Epochs: 10}); err != nil {
		log.Fatal(err)
	}
	tuned, err := im.Model(t)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("trained", t.NumParams(), "numbers;", len(tuned.Graph.Node), "nodes as before")
	// Output: trained 4 numbers; 4 nodes as before
}

// One training step as an ONNX model that any runtime can execute in a loop.
func ExampleTrainer_StepModel() {
	net, err := nn.Sequential(1, nn.Input{Shape: []int{2}}, &nn.Dense{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	m, err := t.StepModel(&data.Batch{
		Inputs: map[string]tensor.Any{"input": tensor.Zeros[float32](4, 2)}, Target: tensor.Zeros[float32](4, 1), N: 4,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range m.Graph.Input {
		fmt.Println("in ", v.Name)
	}
	for _, v := range m.Graph.Output {
		fmt.Println("out", v.Name)
	}
	// Output:
	// in  input
	// in  targets
	// in  learning_rate
	// in  step
	// in  dense/kernel
	// in  dense/bias
	// out loss
	// out output
	// out dense/kernel/next
	// out dense/bias/next
}

// Stop when the validation loss no longer falls, keep the best epoch's weights, and write the best model as soon as
// there is one.
func ExampleEarlyStopping() {
	net, err := nn.Sequential(3, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 8, Activation: "tanh"},
		&nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .05}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	stop := &train.EarlyStopping{Patience: 3, MinDelta: .001, RestoreBestWeights: true}
	best := &train.ModelCheckpoint{Filepath: filepath.Join(dir, "best.onnx"), SaveBestOnly: true}
	history, err := t.Fit(context.Background(), xorData(), train.FitOptions{
		Epochs: 1000, Validation: xorData(), Callbacks: []train.Callback{stop, best},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, stopped := stop.StoppedEpoch()
	fmt.Println("stopped early:", stopped, len(history.Epochs) < 1000)
	_, err = onnxio.Load(best.Filepath)
	fmt.Println("best model written:", err == nil)
	// Output:
	// stopped early: true true
	// best model written: true
}

// A training that is interrupted, here by a time limit, goes on from its checkpoint as if nothing had happened.
func ExampleCheckpoint() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "checkpoint.npz")
	fit := func(more ...train.Callback) *train.Trainer {
		net, err := nn.Sequential(3, nn.Input{Shape: []int{2}}, &nn.Dense{Units: 1, Activation: "sigmoid"})
		if err != nil {
			log.Fatal(err)
		}
		t, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{}, Seed: 1})
		if err != nil {
			log.Fatal(err)
		}
		if err := t.LoadCheckpoint(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Fatal(err)
		}
		o := train.FitOptions{Epochs: 5, Callbacks: append(more, &train.Checkpoint{Path: path})}
		if _, err := t.Fit(context.Background(), xorData(), o); err != nil {
			log.Fatal(err)
		}
		return t
	}
	t := fit(&train.Timer{Duration: time.Nanosecond})
	fmt.Println("the time is up after step", t.Steps())
	t.Close()
	t = fit()
	fmt.Println("in the end", t.Steps(), "steps,", t.Epoch(), "epochs")
	t.Close()
	// Output:
	// the time is up after step 1
	// in the end 5 steps, 5 epochs
}
