package report_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
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
