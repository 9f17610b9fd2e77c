package metric_test

import (
	"fmt"
	"log"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/metric"
)

// A metric is found by its name and sums up batch after batch.
func ExampleParse() {
	recall, err := metric.Parse("recall:0.4")
	if err != nil {
		log.Fatal(err)
	}
	yTrue := tensor.Must([]float32{1, 0, 1, 1}, 4, 1)
	yPred := tensor.Must([]float32{0.9, 0.6, 0.45, 0.2}, 4, 1)
	if err := recall.Update(yTrue, yPred, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.3f\n", recall.Name(), recall.Result())

	_, err = metric.Parse("precison")
	fmt.Println(err.Error()[:62])
	// Output:
	// recall 0.667
	// there is no metric "precison", did you mean "precision"?; ther
}

// Exact curves tell which threshold to choose.
func ExampleScores() {
	var scores metric.Scores
	yTrue := tensor.Vector[float32](0, 0, 1, 0, 1, 1)
	yPred := tensor.Vector[float32](0.1, 0.3, 0.35, 0.5, 0.8, 0.9)
	if err := scores.Update(yTrue, yPred, nil); err != nil {
		log.Fatal(err)
	}
	points, err := scores.Points()
	if err != nil {
		log.Fatal(err)
	}
	best := metric.BestThreshold(points, metric.Point.F1)
	fmt.Printf("area %.3f; at %.2f F1 %.3f, %.0f%% to look at\n", metric.AreaROC(points), best.Threshold, best.F1(), 100*best.QueueRate())
	// Output:
	// area 0.889; at 0.35 F1 0.857, 67% to look at
}

// A confusion matrix shows which classes are taken for which.
func ExampleConfusion() {
	table := metric.Confusion{Labels: []string{"red", "white"}}
	if err := table.Update(tensor.Vector[int64](0, 0, 1, 1, 1), tensor.Vector[int64](0, 1, 1, 1, 0), nil); err != nil {
		log.Fatal(err)
	}
	fmt.Print(table.String())
	for _, c := range table.Report() {
		fmt.Printf("%s: precision %.2f, recall %.2f\n", c.Label, c.Precision, c.Recall)
	}
	// Output:
	// true \ predicted  red  white
	//                red    1      1
	//              white    1      2
	// red: precision 0.50, recall 0.50
	// white: precision 0.67, recall 0.67
}
