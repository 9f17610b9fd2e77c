package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/metric"
)

// points returns the curve of n examples whose scores overlap.
func points(seed uint64, n int, shift float64) []metric.Point {
	r := rand.New(rand.NewPCG(seed, 1))
	var s metric.Scores
	y, p := tensor.Zeros[float32](n), tensor.Zeros[float32](n)
	for i := range n {
		z := r.NormFloat64()
		if r.Float64() < .35 {
			y.Data()[i] = 1
			z += shift
		}
		p.Data()[i] = float32(1 / (1 + math.Exp(-(z - shift/2))))
	}
	if err := s.Update(y, p, nil); err != nil {
		panic(err)
	}
	out, err := s.Points()
	if err != nil {
		panic(err)
	}
	return out
}

// history returns curves as of a training that begins to overfit.
func history(epochs int) *train.History {
	h := &train.History{Names: []string{"loss", "accuracy", "val_loss", "val_accuracy"}}
	for i := range epochs {
		x := float64(i) / float64(epochs)
		wave := .01 * math.Sin(13*x)
		h.Epochs = append(h.Epochs, []float64{.6*math.Exp(-4*x) + .05, .95 - .3*math.Exp(-5*x), .55*math.Exp(-4*x) + .12 + .09*x*x + wave, .9 - .27*math.Exp(-5*x) - wave})
	}
	return h
}

// blobs returns points around centres on a circle.
func blobs(n, classes int) (at [][2]float64, class []int) {
	r := rand.New(rand.NewPCG(3, 3))
	for i := range n {
		k := i % classes
		a := 2 * math.Pi * float64(k) / float64(classes)
		at = append(at, [2]float64{3*math.Cos(a) + .7*r.NormFloat64(), 3*math.Sin(a) + .7*r.NormFloat64()})
		class = append(class, k)
	}
	return at, class
}

// digits returns images of rings of different sizes, and noisy ones.
func digits(n int, noise float64) *tensor.Tensor[float32] {
	r := rand.New(rand.NewPCG(4, 4))
	t := tensor.Zeros[float32](n, 28, 28)
	for k := range n {
		for i := range 28 * 28 {
			d := math.Hypot(float64(i/28)-13.5, float64(i%28)-13.5)
			v := math.Exp(-math.Pow((d-4-float64(k%7))/1.3, 2)) + noise*r.NormFloat64()
			t.Data()[k*784+i] = float32(v)
		}
	}
	return t
}

// gallery returns a figure of each kind.
func gallery() map[string]Figure {
	r := rand.New(rand.NewPCG(5, 5))
	curves := []Curve{{"validation", points(1, 700, 1.6)}, {"test", points(2, 400, 1.3)}}
	trials := make([][]metric.Point, 30)
	for i := range trials {
		trials[i] = points(uint64(i), 200, 1.6)
	}
	two, twoClass := blobs(240, 2)
	five, fiveClass := blobs(300, 5)
	ten, tenClass := blobs(3000, 10)
	thirty, thirtyClass := blobs(600, 30)
	weights := func(n int, scale float64) []float64 {
		w := make([]float64, n)
		for i := range w {
			w[i] = scale * r.NormFloat64()
		}
		return w
	}
	long := history(1000)
	for i := range long.Epochs {
		long.Epochs[i][0] = math.Exp(-9*float64(i)/1000) * .3
		long.Epochs[i][2] = math.Exp(-7*float64(i)/1000) * .4
	}
	embedding := make([][]float64, 40)
	names := make([]string, 40)
	for i := range embedding {
		embedding[i] = weights(8, 1)
		embedding[i][2] *= 4
		if i%4 == 0 {
			names[i] = fmt.Sprintf("vendor %d", i)
		}
	}
	proj, err := Project(embedding)
	if err != nil {
		panic(err)
	}
	agree := Agreement{Unit: "thousand pesos"}
	for range 500 {
		v := 50 + 20*r.NormFloat64()
		agree.True, agree.Predicted = append(agree.True, v), append(agree.Predicted, .8*v+10+8*r.NormFloat64())
	}
	counts := make([][]float64, 10)
	for i := range counts {
		counts[i] = make([]float64, 10)
		for j := range counts[i] {
			counts[i][j] = float64(r.IntN(4))
		}
		counts[i][i] = float64(80 + r.IntN(40))
	}
	return map[string]Figure{
		"loss":         Epochs{History: history(30), Figure: "loss"},
		"loss_long":    Epochs{History: long, Figure: "loss"},
		"accuracy":     Epochs{History: history(30), Figure: "accuracy"},
		"roc":          ROC{Curves: curves},
		"pr":           PrecisionRecall{Curves: curves},
		"threshold":    Threshold{Trials: trials, Note: "Validation data, resampled with replacement."},
		"threshold_1":  Threshold{Trials: trials[:1]},
		"confusion":    Confusion{Counts: [][]float64{{812, 96}, {71, 314}}, Labels: []string{"bad", "good"}},
		"confusion_10": Confusion{Counts: counts, Labels: []string{"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"}},
		"learning_rates": LearningRates{Sweep: &train.LearningRates{
			Rates:  []float64{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, .1, .2, .4, .6, .8, 1, 2},
			Losses: []float64{.71, .69, .7, .66, .5, .3, .25, .4, .5, .9, 1.1, 2}, Smooth: []float64{.71, .7, .7, .68, .6, .5, .45, .44, .45, .5, .6, .9},
		}},
		"bars": Bars{Title: "Most frequent values", Panels: []BarPanel{
			{Title: "type", Axis: "rows", Whole: true, Bars: []Bar{{Name: "white", Value: 4898}, {Name: "a name too long for the picture", Value: 1599}}},
			{Title: "power", Axis: "AUC", Max: 1, Bars: []Bar{{"vendor_id", 1, true}, {"alcohol", .66, false}, {"none", math.NaN(), false}}}}},
		"association": Association{Names: []string{"quality", "alcohol", "density"}, Values: [][]float64{{1, .44, -.31}, {.44, 1, -.69}, {-.31, -.69, math.NaN()}}, Signed: true, Label: "Pearson correlation", Title: "Linear correlations"},
		"learning": LearningCurve{Sizes: []int{100, 200, 400, 800, 1600}, Figure: "accuracy",
			Training: [][]float64{{.98, .97, .99}, {.95, .96, .96}, {.93, .93, .94}, {.92, .91, .92}, {.91, .91, .9}}, Validation: [][]float64{{.7, .75, .66}, {.78, .8, .75}, {.83, .84, .82}, {.86, .87, .86}, {.875, .88, .88}}},
		"surface": Surface{Points: two, Classes: twoClass, Labels: []string{"out", "in"}, Predict: func(p [][2]float64) ([][]float64, error) {
			return eachPoint(p, func(x, y float64) []float64 { return []float64{1 / (1 + math.Exp(2*x+math.Sin(2*y)))} }), nil
		}},
		"surface_5": Surface{Points: five, Classes: fiveClass, Predict: func(p [][2]float64) ([][]float64, error) {
			return eachPoint(p, func(x, y float64) []float64 {
				out, sum := make([]float64, 5), 0.0
				for k := range out {
					a := 2 * math.Pi * float64(k) / 5
					out[k] = math.Exp(1.2 * (x*math.Cos(a) + y*math.Sin(a)))
					sum += out[k]
				}
				for k := range out {
					out[k] /= sum
				}
				return out
			}), nil
		}},
		"weights": Histograms{Samples: []Sample{{"dense/kernel", weights(1300, .1)}, {"dense/bias", weights(100, .01)},
			{"dense_1/kernel", append(weights(100, 2), math.NaN())}, {"dense_1/bias", []float64{.2}}}},
		"latent_30":  Scatter{Points: thirty, Classes: thirtyClass, Labels: slices.Repeat([]string{"a class of a long name"}, 30)},
		"latent":     Scatter{Points: ten, Classes: tenClass},
		"embedding":  Scatter{Points: proj.Points, Names: names, Axes: proj.Axes(), Title: "Embedding of vendor_id"},
		"plane":      Images{Rows: []ImageRow{{"1.0", digits(5, 0)}, {"0.0", digits(5, .1)}}, Captions: []string{"-2", "-1", "0", "1", "2"}, Axes: [2]string{"z₁", "z₂"}},
		"images":     Images{Rows: []ImageRow{{"original", digits(10, 0)}, {"with noise", digits(10, .3)}, {"reconstruction", digits(10, .05)}}, Captions: []string{"0.01", "0.02", "0.03", "0.05", "0.07", "0.02", "0.03", "0.05", "0.07", "0.02"}},
		"regression": agree,
	}
}

func eachPoint(p [][2]float64, f func(x, y float64) []float64) [][]float64 {
	out := make([][]float64, len(p))
	for i, v := range p {
		out[i] = f(v[0], v[1])
	}
	return out
}

func TestFigures(t *testing.T) {
	dir := t.ArtifactDir()
	for name, f := range gallery() {
		t.Run(name, func(t *testing.T) {
			var svg, again, raster bytes.Buffer
			for _, b := range []*bytes.Buffer{&svg, &again} {
				if err := WriteSVG(b, f); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(svg.Bytes(), again.Bytes()) {
				t.Error("the same figure gives different bytes")
			}
			if err := wellFormed(svg.Bytes()); err != nil {
				t.Errorf("SVG: %v", err)
			}
			if svg.Len() > 1<<20 {
				t.Errorf("the SVG takes %d bytes", svg.Len())
			}
			if testing.Short() {
				return // dots are slow under the race detector
			}
			if err := WritePNG(&raster, f); err != nil {
				t.Fatal(err)
			}
			if _, err := png.Decode(bytes.NewReader(raster.Bytes())); err != nil {
				t.Errorf("PNG: %v", err)
			}
			for suffix, b := range map[string]*bytes.Buffer{".svg": &svg, ".png": &raster} {
				if err := os.WriteFile(filepath.Join(dir, name+suffix), b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// wellFormed reads XML to its end and looks for what would be fetched from elsewhere.
func wellFormed(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := token.(xml.StartElement)
		for _, a := range e.Attr {
			if ok && a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:") {
				return fmt.Errorf("a reference to %s", a.Value)
			}
		}
	}
}
