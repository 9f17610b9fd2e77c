package report_test

import (
	"bytes"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/report"
)

// Judge a classifier by its probabilities, and leave a page with pictures for someone to read.
func Example() {
	truth := tensor.Vector[float32](0, 0, 1, 0, 1, 1)
	predicted := tensor.Vector[float32](.1, .3, .35, .6, .7, .9)
	a, err := report.Assess(report.Binary, truth, predicted, report.AssessOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy %.3f, AUC %.3f\n", a.Get("accuracy"), a.Get("auc"))

	pictures, err := report.Pictures([]report.Assessed{{Name: "test", Assessment: a}}, 1)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := report.Write(dir, report.Report{Title: "Six examples", Pictures: pictures}); err != nil {
		log.Fatal(err)
	}
	for _, p := range pictures {
		info, err := os.Stat(filepath.Join(dir, p.Name+".svg"))
		fmt.Println(p.Name, err == nil && info.Size() > 0)
	}
	// Output:
	// accuracy 0.667, AUC 0.889
	// roc true
	// precision_recall true
	// threshold true
	// confusion true
}

// Draw a single picture into any writer.
func ExampleWriteSVG() {
	var b bytes.Buffer
	err := report.WriteSVG(&b, report.Confusion{Counts: [][]float64{{50, 3}, {4, 43}}, Labels: []string{"bad", "good"}})
	fmt.Println(err, bytes.HasPrefix(b.Bytes(), []byte("<?xml")))
	// Output: <nil> true
}

// Look at an embedding's rows in the plane in which they differ most.
func ExampleProject() {
	p, err := report.Project([][]float64{{0, 0, 1}, {3, 4, 1}, {6, 8, 1}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f of the variance; from %.0f to %.0f\n", p.Share[0], p.Points[0][0], p.Points[2][0])
	// Output: 1.0 of the variance; from -5 to 5
}

// Look at what a model's hidden layer, an encoder or an embedding makes of examples. Rows of more than two numbers
// are shown by principal components and by t-SNE.
func ExamplePoints() {
	codes := [][]float64{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {5, 5, 6}, {5, 6, 5}, {6, 5, 5}}
	pictures, err := report.Points{Rows: codes, Classes: []int{0, 0, 0, 1, 1, 1}, Labels: []string{"cat", "dog"}, File: "latent", What: "codes of the test images"}.Pictures()
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range pictures {
		fmt.Println(p.Name)
	}
	// Output:
	// latent
	// latent_tsne
}

// Draw what a classifier of two inputs decides. Predict may run a session or a trainer.
func ExampleSurface() {
	f := report.Surface{
		Points: [][2]float64{{-1, 0}, {1, 0}, {2, 1}}, Classes: []int{0, 1, 1}, Labels: []string{"out", "in"}, Cells: 50,
		Predict: func(points [][2]float64) ([][]float64, error) {
			out := make([][]float64, len(points))
			for i, p := range points {
				out[i] = []float64{1 / (1 + math.Exp(-p[0]))}
			}
			return out, nil
		},
	}
	var b bytes.Buffer
	fmt.Println(report.WritePNG(&b, f), b.Len() > 0)
	// Output: <nil> true
}

// Draw loss and metrics by epoch, and by the size of the training set.
func ExampleHistoryPictures() {
	h := &train.History{Names: []string{"loss", "auc", "val_loss", "val_auc"}, Epochs: [][]float64{{.7, .6, .71, .58}, {.5, .8, .55, .75}}}
	c := &train.LearningCurve{Names: []string{"loss"}, Sizes: []int{100, 1000}, Training: [][][]float64{{{.2}}, {{.3}}}, Validation: [][][]float64{{{.6}}, {{.4}}}}
	for _, p := range append(report.HistoryPictures(h), report.LearningPictures(c)...) {
		fmt.Println(p.Name)
	}
	// Output:
	// loss
	// auc
	// learning_loss
}
