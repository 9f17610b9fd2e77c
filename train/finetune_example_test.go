package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// classifier stands for a model that someone exported.
func classifier() *onnxio.Model {
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,3] y) <float[2,4] w = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,3] v = {0.5,-0.5,0.5,0.5,0.1,0.2,-0.3,0.4,0.5,-0.2,0.1,0.3}> {
   h = MatMul (x, w)
   features = Tanh (h)
   l = MatMul (features, v)
   y = Softmax (l)
}`)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

// fit trains an imported model on four examples of two classes and returns the model that results.
func fit(im *train.Imported) *onnxio.Model {
	t, err := train.New(im.Net, train.Config{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.Adam{LearningRate: .05}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	x, y := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2), tensor.Vector[int64](0, 1, 1, 1)
	ds, err := data.New(map[string]tensor.Any{"x": x}, y, nil)
	if err != nil {
		log.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 4})
	if err != nil {
		log.Fatal(err)
	}
	h, err := t.Fit(context.Background(), src, train.FitOptions{Epochs: 50})
	if err != nil {
		log.Fatal(err)
	}
	l := h.Column("loss")
	fmt.Printf("%d numbers trained, the loss is less than half: %v\n", t.NumParams(), l[49] < l[0]/2)
	tuned, err := im.Model(t)
	if err != nil {
		log.Fatal(err)
	}
	return tuned
}

// The weights of a model are trained further, all but the first layer's; nothing else in it changes.
func ExampleImport_freeze() {
	im, err := train.Import(classifier(), train.ImportOptions{Freeze: []string{"w"}})
	if err != nil {
		log.Fatal(err)
	}
	tuned := fit(im)
	fmt.Println(tuned.Graph.Output[0].Name, len(tuned.Graph.Node))
	// Output:
	// 12 numbers trained, the loss is less than half: true
	// y 4
}

// A classifier of three classes becomes one of two, on the features that it has learnt.
func ExampleReplaceHead() {
	m, err := train.ReplaceHead(classifier(), train.Head{Units: 2, At: "features", Activation: "softmax"})
	if err != nil {
		log.Fatal(err)
	}
	im, err := train.Import(m, train.ImportOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range fit(im).Graph.Initializer {
		fmt.Println(w.Name, w.Dims)
	}
	// Output:
	// 18 numbers trained, the loss is less than half: true
	// w [2 4]
	// head/kernel [4 2]
	// head/bias [2]
}

// Updates of rank 1 are trained in the place of the weights, and added to them in the end.
func ExampleLoRA() {
	im, err := train.Import(classifier(), train.ImportOptions{LoRA: &train.LoRA{Rank: 1}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(fit(im).Graph.Node), "nodes")
	// Output:
	// 13 numbers trained, the loss is less than half: true
	// 4 nodes
}
