package data_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

const wines = `type,alcohol,quality
white,8.8,6
red,9.4,5
white,,6
red,12.1,7
`

// A table is read, cleaned and made into examples.
func ExampleReadCSV() {
	table, err := data.ReadCSV(strings.NewReader(wines), data.CSVOptions{Name: "wines.csv"})
	if err != nil {
		log.Fatal(err)
	}
	whole, err := table.DropMissing()
	if err != nil {
		log.Fatal(err)
	}
	examples, err := whole.Dataset(data.Roles{Inputs: []string{"type", "alcohol"}, Target: "quality"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(table.Rows(), whole.Rows(), examples.Names())
	fmt.Println(tensor.Data[string](examples.Inputs()["type"]), tensor.Data[float32](examples.Inputs()["alcohol"]))

	_, err = table.Column("alcool")
	fmt.Println(err)
	// Output:
	// 4 3 [alcohol type]
	// [white red red] [8.8 9.4 12.1]
	// wines.csv: malformed data: no column "alcool" among ["type" "alcohol" "quality"], did you mean "alcohol"?
}

// Batches come in an order that the seed and the epoch decide.
func ExampleDataset_Batches() {
	x := tensor.Must([]float32{0, 1, 2, 3, 4, 5, 6}, 7, 1)
	examples, err := data.New(map[string]tensor.Any{"x": x}, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	source, err := examples.Batches(data.BatchOptions{Size: 3, Shuffle: true, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for epoch := range 2 {
		batches, err := source.Epoch(epoch)
		if err != nil {
			log.Fatal(err)
		}
		for {
			batch, err := batches.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(epoch, tensor.Data[float32](batch.Inputs["x"]))
		}
		batches.Close()
	}
	// Output:
	// 0 [2 5 4]
	// 0 [6 0 1]
	// 0 [3]
	// 1 [3 5 2]
	// 1 [6 0 4]
	// 1 [1]
}

// Every part of a split has both classes in the same proportion.
func ExampleDataset_SplitStratified() {
	x := tensor.Zeros[float32](100, 3)
	y := tensor.Zeros[float32](100, 1)
	for i := range 10 {
		y.Data()[i] = 1
	}
	examples, err := data.New(map[string]tensor.Any{"x": x}, y, nil)
	if err != nil {
		log.Fatal(err)
	}
	parts, err := examples.SplitStratified(7, 0.7, 0.2, 0.1)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range parts {
		labels, _, err := data.Labels(part.Target())
		if err != nil {
			log.Fatal(err)
		}
		ones := 0
		for _, l := range labels {
			ones += l
		}
		fmt.Println(part.Len(), ones)
	}
	// Output:
	// 70 7
	// 20 2
	// 10 1
}

// A rare class is made to count: by fewer examples of the other one, or by weights as Keras's class_weight.
func ExampleDataset_Undersample() {
	x := tensor.Must([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10, 1)
	fraud := tensor.Must([]float32{0, 0, 0, 1, 0, 0, 0, 0, 1, 0}, 10, 1)
	examples, err := data.New(map[string]tensor.Any{"x": x}, fraud, nil)
	if err != nil {
		log.Fatal(err)
	}
	counts, _ := examples.ClassCounts()
	weights, _ := examples.BalancedWeights()
	fmt.Println(counts, weights)

	fewer, err := examples.Undersample(0.5, 1) // two to one
	if err != nil {
		log.Fatal(err)
	}
	counts, _ = fewer.ClassCounts()
	fmt.Println(counts)
	// Output:
	// map[0:8 1:2] map[0:0.625 1:2.5]
	// map[0:4 1:2]
}

// Images and labels that need not fit in memory, shuffled in a window of 10,000, scaled as they come, and read
// ahead while a step trains.
func ExampleArrayFiles() {
	files := data.ArrayFiles{
		Inputs: map[string]data.ArrayFile{"image": {Path: "train-images-idx3-ubyte.gz"}},
		Target: data.ArrayFile{Path: "train-labels-idx1-ubyte.gz"},
		Stream: data.StreamOptions{Size: 128, Window: 10_000, Seed: 1},
		Convert: func(d *data.Dataset) (*data.Dataset, error) {
			x, err := data.As(d.Inputs()["image"], tensor.Float32)
			if err != nil {
				return nil, err
			}
			pixels := tensor.Data[float32](x)
			for i := range pixels {
				pixels[i] /= 255
			}
			return data.New(map[string]tensor.Any{"image": x}, d.Target(), nil)
		},
	}
	source, err := files.Source()
	if err != nil {
		fmt.Println(err)
		return
	}
	if source, err = data.Prefetch(source, 2); err != nil {
		log.Fatal(err)
	}
	fmt.Println(source.Len(), "examples") // for Trainer.Fit
	// Output: open train-images-idx3-ubyte.gz: no such file or directory
}
