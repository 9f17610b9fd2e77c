package stat

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// tsneCase is one of testdata/tsne.json.gz: what scikit-learn's exact t-SNE makes of rows.
type tsneCase struct {
	Name       string
	Perplexity float64
	Rows       [][]float64
	Starts     [][2]float64
	Affinities [][]float64  // of the first three points
	After      [][2]float64 `json:"after_40"` // steps at a learning rate of 2, before it is chaotic
	Divergence float64      // at the end
}

func tsneCases(t *testing.T) []tsneCase {
	t.Helper()
	f, err := os.Open("../../testdata/tsne.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Cases []tsneCase }
	if err := json.NewDecoder(z).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v.Cases
}

func TestTSNEAgainstScikitLearn(t *testing.T) {
	for _, c := range tsneCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			p := affinities(c.Rows, c.Perplexity)
			for i, row := range c.Affinities {
				for j, want := range row {
					if got := p[i*len(c.Rows)+j]; math.Abs(got-want) > 2e-5*want+1e-9 { // theirs are float32
						t.Fatalf("affinity of %d and %d is %v, want %v", i, j, got, want)
					}
				}
			}
			points, _, err := TSNE{Perplexity: c.Perplexity, LearningRate: 2, MaxIter: 40}.Embed(c.Rows, c.Starts)
			if err != nil {
				t.Fatal(err)
			}
			size := 0.0
			for _, at := range c.After {
				size = max(size, math.Abs(at[0]), math.Abs(at[1]))
			}
			for i, want := range c.After {
				if got := points[i]; math.Hypot(got[0]-want[0], got[1]-want[1]) > 1e-4*size {
					t.Fatalf("after 40 steps point %d is at %v, want %v", i, got, want)
				}
			}
			_, divergence, err := TSNE{Perplexity: c.Perplexity}.Embed(c.Rows, c.Starts)
			if err != nil || divergence > c.Divergence*1.02+1e-6 {
				t.Errorf("divergence %v, want %v; error %v", divergence, c.Divergence, err)
			}
		})
	}
}

// TestTSNESame holds the result against the number of CPUs.
func TestTSNESame(t *testing.T) {
	c := tsneCases(t)[0]
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _, err := TSNE{MaxIter: 60}.Embed(c.Rows, c.Starts)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(5)
	five, _, err := TSNE{MaxIter: 60}.Embed(c.Rows, c.Starts)
	if err != nil || !slices.Equal(one, five) {
		t.Errorf("another number of CPUs gives other points, or error %v", err)
	}
}

func TestTSNEOdd(t *testing.T) {
	same := func(n int, v ...float64) [][]float64 {
		return slices.Repeat([][]float64{v}, n)
	}
	far := same(40, 0, 0)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range far {
		far[i] = []float64{1e12 * r.NormFloat64(), 1e-12 * r.NormFloat64()}
	}
	for name, test := range map[string]struct {
		rows [][]float64
		o    TSNE
		want string
	}{
		"all alike":       {rows: same(40, 1, 2, 3)},
		"far apart":       {rows: far},
		"two":             {rows: [][]float64{{1}, {2}}, o: TSNE{Perplexity: 1}},
		"few":             {rows: same(30, 1), want: "perplexity of 30 of 30 points"},
		"none":            {want: "perplexity"},
		"many":            {rows: same(MaxTSNE+1, 1), want: "4096 at most"},
		"ragged":          {rows: append(same(40, 1), []float64{1, 2}), want: "rows of 1 and 2 numbers"},
		"not finite":      {rows: append(same(40, 1), []float64{math.NaN()}), want: "row 40, number 0 is NaN"},
		"a negative rate": {rows: same(40, 1), o: TSNE{LearningRate: -1}, want: "above 0"},
	} {
		t.Run(name, func(t *testing.T) {
			starts := make([][2]float64, len(test.rows))
			for i := range starts {
				starts[i] = [2]float64{1e-4 * r.NormFloat64(), 1e-4 * r.NormFloat64()}
			}
			test.o.MaxIter = 100
			points, _, err := test.o.Embed(test.rows, starts)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range points {
				if math.IsNaN(at[0]+at[1]) || math.IsInf(at[0]+at[1], 0) {
					t.Fatalf("point %d is at %v", i, at)
				}
			}
		})
	}
}
