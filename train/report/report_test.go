package report

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/metric"
)

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.ArtifactDir(), "out")
	r := Report{
		Title: "wine <b>", Lead: "Whether a wine is good.", Made: "onnxtool train wine",
		Facts:    []Fact{{"validation AUC", "0.802"}, {"parameters", "1,501"}, {"epochs", "10"}, {"loss", "binary crossentropy"}},
		Warnings: []string{"column vendor_id alone predicts good almost perfectly"},
		Tables: []Table{
			{Title: "Figures", Columns: []string{"part", "loss", "AUC"}, Rows: [][]string{{"training", "0.51", "0.81"}, {"validation", "0.53", "–"}}, Note: "After the last epoch."},
			{Title: "Nodes", Columns: []string{"operator"}, Rows: [][]string{{"Gemm"}}, Folded: true},
		},
	}
	all := gallery()
	names := []string{"loss", "accuracy", "roc", "pr", "threshold", "confusion", "surface", "weights", "images"}
	if testing.Short() {
		names = names[:2]
	}
	for _, name := range names {
		r.Pictures = append(r.Pictures, Picture{name, "A picture & its caption.", all[name]})
	}
	if err := Write(dir, r); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(html)
	for _, want := range []string{"wine &lt;b&gt;", "prefers-color-scheme:dark", "var(--vermilion)", "<details>", "A picture &amp; its caption."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, svg := range strings.Split(text, "<svg ")[1:] {
		svg, _, _ = strings.Cut(svg, "</svg>")
		if err := wellFormed([]byte("<svg " + svg + "</svg>")); err != nil {
			t.Errorf("a picture on the page: %v", err)
		}
	}
	for _, bad := range []string{"<image x=", "<script", "src=\"http", "href=\"http", "url(", "<?xml", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2*len(r.Pictures)+1 {
		t.Errorf("%d files, %v", len(files), err)
	}
	var again bytes.Buffer
	if err := r.WriteHTML(&again); err != nil || !bytes.Equal(again.Bytes(), html) {
		t.Errorf("the page differs the second time: %v", err)
	}
}

func TestWriteErrors(t *testing.T) {
	ok := gallery()["loss"]
	for name, r := range map[string]Report{
		"a path":     {Pictures: []Picture{{"../x", "", ok}}},
		"no name":    {Pictures: []Picture{{"", "", ok}}},
		"twice":      {Pictures: []Picture{{"a", "", ok}, {"a", "", ok}}},
		"no history": {Pictures: []Picture{{"a", "", Epochs{History: &train.History{}, Figure: "loss"}}}},
	} {
		dir := t.TempDir()
		if err := Write(dir, r); err == nil {
			t.Errorf("%s: no error", name)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%s: left %v", name, files)
		}
	}
}

// TestFigureErrors draws what cannot be drawn, and what is odd but can.
func TestFigureErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	odd := &train.History{Names: []string{"loss", "val_loss"}, Epochs: [][]float64{{nan, inf}, {1, -inf}, {nan, nan}}}
	gone := &train.History{Names: []string{"loss"}, Epochs: [][]float64{{nan}, {nan}}}
	negative := []metric.Point{{Threshold: inf, TP: 0, FN: 0, TN: 3}, {Threshold: .5, FP: 3}}
	wild := []metric.Point{{Threshold: inf, FN: 1, TN: 1}, {Threshold: 7, TP: 1, TN: 1}, {Threshold: -3, TP: 1, FP: 1}}
	predict := func(rows, columns int) func([][2]float64) ([][]float64, error) {
		return func(p [][2]float64) ([][]float64, error) {
			out := make([][]float64, rows)
			for i := range out {
				out[i] = make([]float64, columns)
			}
			return out, nil
		}
	}
	one := [][2]float64{{1, 2}}
	tests := []struct {
		name string
		f    Figure
		ok   bool
	}{
		{"numbers that are not finite", Epochs{History: odd, Figure: "loss"}, true},
		{"no finite number", Epochs{History: gone, Figure: "loss"}, true},
		{"one epoch", Epochs{History: history(1), Figure: "loss"}, true},
		{"no such figure", Epochs{History: odd, Figure: "auc"}, false},
		{"a ROC without positives", ROC{Curves: []Curve{{"test", negative}}}, false},
		{"no points", ROC{Curves: []Curve{{"test", nil}}}, false},
		{"a ROC of logits", ROC{Curves: []Curve{{"test", wild}}}, true},
		{"precision without positives", PrecisionRecall{Curves: []Curve{{"test", negative}}}, false},
		{"thresholds of logits", Threshold{Trials: [][]metric.Point{wild}}, false},
		{"no trials", Threshold{}, false},
		{"no classes", Confusion{}, false},
		{"no bars", Bars{Panels: []BarPanel{{}}}, false},
		{"bars that are not finite", Bars{Panels: []BarPanel{{Bars: []Bar{{Value: nan}, {Value: inf}, {Value: -1}}}}}, true},
		{"an association of one", Association{Names: []string{"a"}, Values: [][]float64{{1}}}, false},
		{"a ragged association", Association{Names: []string{"a", "b"}, Values: [][]float64{{1, 1}, {1}}}, false},
		{"a ragged matrix", Confusion{Counts: [][]float64{{1}, {1, 2}}}, false},
		{"an empty matrix", Confusion{Counts: [][]float64{{0, 0}, {0, 0}}}, true},
		{"many classes", Confusion{Counts: square(60)}, true},
		{"more classes than dots", Confusion{Counts: square(1100)}, true},
		{"one size", LearningCurve{Sizes: []int{10}, Training: [][]float64{{1}}, Validation: [][]float64{{nan}}}, true},
		{"sizes and figures that differ", LearningCurve{Sizes: []int{10}, Training: [][]float64{{1}, {2}}, Validation: [][]float64{{1}}}, false},
		{"a surface of one point", Surface{Points: one, Classes: []int{0}, Predict: predict(100, 1), Cells: 10}, true},
		{"too few predictions", Surface{Points: one, Classes: []int{0}, Predict: predict(99, 1), Cells: 10}, false},
		{"predictions without columns", Surface{Points: one, Classes: []int{0}, Predict: predict(100, 0), Cells: 10}, false},
		{"too many cells", Surface{Points: one, Classes: []int{0}, Predict: predict(1, 1), Cells: 5000}, false},
		{"no values", Histograms{Samples: []Sample{{"w", nil}}}, true},
		{"no samples", Histograms{}, false},
		{"points that are not finite", Scatter{Points: [][2]float64{{nan, 1}, {2, 3}}}, true},
		{"a class out of range", Scatter{Points: one, Classes: []int{-1}}, false},
		{"many points", Scatter{Points: make([][2]float64, 100_000)}, true},
		{"many pairs", Agreement{True: make([]float64, 100_000), Predicted: make([]float64, 100_000)}, true},
		{"many epochs", Epochs{History: history(50_000), Figure: "loss"}, true},
		{"many thresholds", ROC{Curves: []Curve{{"test", points(1, 200_000, 1)}}}, true},
		{"no images", Images{}, false},
		{"images of rank 1", Images{Rows: []ImageRow{{"a", tensor.Zeros[float32](3)}}}, false},
		{"huge images", Images{Rows: []ImageRow{{"a", tensor.Zeros[uint8](1, 2000, 2000)}}}, false},
		{"coloured images", Images{Rows: []ImageRow{{"a", tensor.Zeros[uint8](2, 8, 5, 3)}}}, true},
		{"no pairs", Agreement{}, false},
		{"no finite pair", Agreement{True: []float64{nan}, Predicted: []float64{1}}, false},
		{"a control character", ROC{Curves: []Curve{{"a\x00<&", points(1, 50, 1)}}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && strings.HasPrefix(test.name, "many") {
				t.Skip("slow under the race detector")
			}
			var b bytes.Buffer
			err := WriteSVG(&b, test.f)
			if test.ok && err == nil && !testing.Short() {
				err = WritePNG(new(bytes.Buffer), test.f)
			}
			if (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				if !errors.Is(err, ErrData) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err := wellFormed(b.Bytes()); err != nil {
				t.Error(err)
			}
			if b.Len() > 2<<20 {
				t.Errorf("the SVG takes %d bytes", b.Len())
			}
		})
	}
}

func square(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
		rows[i][i] = 1
	}
	return rows
}

func TestProject(t *testing.T) {
	var rows [][]float64
	for i := range 10 {
		a, b := float64(i), float64(i%3)
		rows = append(rows, []float64{3*a + 1, 4 * a, b / 100})
	}
	p, err := Project(rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range p.Points {
		if want := 5 * (float64(i) - 4.5); math.Abs(at[0]-want) > 1e-3 {
			t.Errorf("point %d at %v, want %v", i, at[0], want)
		}
	}
	if p.Share[0] < .9999 || p.Share[0] > 1 {
		t.Errorf("shares %v", p.Share)
	}
	for name, bad := range map[string][][]float64{"one row": {{1, 2}}, "ragged": {{1, 2}, {1}}, "NaN": {{1, math.NaN()}, {2, 3}}, "one column": {{1}, {2}}} {
		if _, err := Project(bad); !errors.Is(err, ErrData) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestBootstrap(t *testing.T) {
	base := points(1, 500, 1.6)
	trials, err := Bootstrap(base, 200, 7)
	if err != nil {
		t.Fatal(err)
	}
	var recalls []float64
	for _, p := range trials {
		first, last := p[0], p[len(p)-1]
		if n := first.TP + first.FN + first.FP + first.TN; n != 500 {
			t.Fatalf("a trial of %v examples", n)
		}
		if last.TP+last.FP != 500 {
			t.Fatalf("%v decisions at threshold 0", last.TP+last.FP)
		}
		recalls = append(recalls, metric.AtThreshold(p, .5).Recall())
	}
	mean, dev := meanDeviation(recalls)
	at := metric.AtThreshold(base, .5)
	want := at.Recall()
	if se := math.Sqrt(want * (1 - want) / (at.TP + at.FN)); math.Abs(mean-want) > 3*se/math.Sqrt(200) || dev < se*.8 || dev > se*1.25 {
		t.Errorf("recall %.4f ± %.4f, want %.4f ± %.4f", mean, dev, want, se)
	}
	again, err := Bootstrap(base, 200, 7)
	if err != nil || !slices.Equal(trials[3], again[3]) {
		t.Errorf("the same seed gives other trials: %v", err)
	}
	if _, err := Bootstrap(nil, 3, 0); !errors.Is(err, ErrData) {
		t.Errorf("error %v", err)
	}
}

func TestThresholdBest(t *testing.T) {
	p := points(1, 500, 1.6)
	want := metric.BestThreshold(p, metric.Point.F1)
	at, f1 := Threshold{Trials: [][]metric.Point{p}}.Best()
	if at != want.Threshold || f1 != want.F1() {
		t.Errorf("best F1 %v at %v, want %v at %v", f1, at, want.F1(), want.Threshold)
	}
}

func TestTicks(t *testing.T) {
	labels := func(ticks []string) string { return strings.Join(ticks, " ") }
	tests := []struct {
		lo, hi float64
		marks  steps
		want   string
	}{
		{0, 1, steps{}, "0 0.2 0.4 0.6 0.8 1.0"},
		{1, 10, steps{whole: true}, "2 4 6 8 10"},
		{1, 2, steps{whole: true}, "1 2"},
		{-2.6, 2.6, steps{}, "−2 −1 0 1 2"},
		{0, 60000, steps{}, "0 10,000 20,000 30,000 40,000 50,000 60,000"},
		{0, 2e-6, steps{most: 2}, "0 1e−6 2e−6"},
		{0, 3e8, steps{most: 3}, "0 1e8 2e8 3e8"},
		{math.NaN(), 1, steps{}, ""},
		{0, math.Inf(1), steps{}, ""},
	}
	for _, test := range tests {
		var got []string
		for _, m := range test.marks.Ticks(test.lo, test.hi) {
			got = append(got, m.Label)
		}
		if labels(got) != test.want {
			t.Errorf("%v to %v: %s, want %s", test.lo, test.hi, labels(got), test.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{.123456: "0.1235", .00036: "0.000360", 1234567: "1,234,567", -5: "−5", 2e-9: "2e−9", 1.23456e12 + .5: "1.23e12",
		123.456: "123.5", 98765.4: "98,765", math.NaN(): "–", math.Inf(-1): "−∞", 0: "0"} {
		if got := figures(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := short(.5); got != "0.5" {
		t.Error(got)
	}
}

// TestLayOut holds the room for data: legends of many rows make a picture higher.
func TestLayOut(t *testing.T) {
	all := gallery()
	few, err := layOut(all["latent"])
	if err != nil {
		t.Fatal(err)
	}
	many, err := layOut(all["latent_30"])
	if err != nil {
		t.Fatal(err)
	}
	if rows := many.legendRows(); rows < 8 || many.height < few.height+6*legendRow() {
		t.Errorf("%d rows of a legend in a height of %v, %v without them", rows, many.height, few.height)
	}
}

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "a\nb": "a b", "encoder/block_10/attention/query/kernel": "encoder/block…kernel"} {
		if got := label(in, 20); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}
