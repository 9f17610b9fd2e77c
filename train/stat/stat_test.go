package stat

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// fixture is testdata/stat.json.gz: figures of NumPy and SciPy.
type fixture struct {
	Noise   []float64
	Samples []struct {
		Name                      string
		X, Y                      []float64
		Pearson, Spearman, KS, KL float64
		Ranks, Edges, Quantiles   []float64
		Bins                      int
		Counts                    []int
		KLBins                    int     `json:"kl_bins"`
		Outside                   float64 `json:"kl_outside"`
	}
}

func recorded(t testing.TB) fixture {
	t.Helper()
	f, err := os.Open("../../testdata/stat.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var v fixture
	if err := json.NewDecoder(z).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func close(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

func TestAgainstNumPy(t *testing.T) {
	for _, c := range recorded(t).Samples {
		t.Run(c.Name, func(t *testing.T) {
			if p, s := Pearson(c.X, c.Y), Spearman(c.X, c.Y); !close(p, c.Pearson) || !close(s, c.Spearman) {
				t.Errorf("Pearson %v, Spearman %v; want %v, %v", p, s, c.Pearson, c.Spearman)
			}
			if !slices.Equal(Ranks(c.X), c.Ranks) {
				t.Error("ranks differ")
			}
			edges, err := Edges(c.X)
			if err != nil {
				t.Fatal(err)
			}
			if len(edges)-1 != c.Bins || !close(edges[0], c.Edges[0]) || !close(edges[1], c.Edges[1]) || !close(edges[len(edges)-1], c.Edges[2]) {
				t.Fatalf("%d bins, want %d", len(edges)-1, c.Bins)
			}
			if got := Histogram(c.X, edges); !slices.Equal(got, c.Counts) {
				t.Errorf("counts %v, want %v", got, c.Counts)
			}
			sorted := slices.Sorted(slices.Values(c.X))
			for i, q := range []float64{0, .05, .25, .5, .75, .95, 1} {
				if got := Quantile(sorted, q); !close(got, c.Quantiles[i]) {
					t.Errorf("quantile %v is %v, want %v", q, got, c.Quantiles[i])
				}
			}
			if got := KolmogorovSmirnov(c.X, c.Y); !close(got, c.KS) {
				t.Errorf("Kolmogorov-Smirnov %v, want %v", got, c.KS)
			}
			d, err := KLHistogram(c.X, c.Y)
			if err != nil || d.Bins != c.KLBins || !close(d.KL, c.KL) || !close(d.Outside, c.Outside) {
				t.Errorf("divergence %+v %v, want %v in %d bins, %v outside", d, err, c.KL, c.KLBins, c.Outside)
			}
		})
	}
}

// The course's figure for two samples of 100,000 of N(5,1) is .00124. Two such samples have (bins-1)/100,000 on
// average, less what the tails leave out: with some 150 bins NumPy gives .00107 to .00129 for four seeds.
func TestCourseDivergence(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sample := func() []float64 {
		x := make([]float64, 100_000)
		for i := range x {
			x[i] = 5 + r.NormFloat64()
		}
		return x
	}
	d, err := KLHistogram(sample(), sample())
	if err != nil || d.KL < .0009 || d.KL > .0016 || d.Bins < 130 || d.Bins > 180 || d.Outside > 1e-3 {
		t.Errorf("%+v %v", d, err)
	}
}

func curve(n int, f func(x float64) float64) (x, y []float64) {
	for i := range n {
		v := float64(i) / float64(n-1)
		x, y = append(x, v), append(y, f(v))
	}
	return x, y
}

// The figures are those that minepy, the authors' implementation for Python, prints in its documentation for
// y = sin(10 pi x) + x on 1,000 points, without and with uniform noise from -1 to 1.
func TestMICMinepy(t *testing.T) {
	x, y := curve(1000, func(x float64) float64 { return math.Sin(10*math.Pi*x) + x })
	noisy := slices.Clone(y)
	for i, e := range recorded(t).Noise {
		noisy[i] += e
	}
	for _, c := range []struct {
		y    []float64
		want MINE
	}{
		{y, MINE{1, .726071574374, 1, 4.58496250072}},
		{noisy, MINE{.505716693417, .365399904262, .505716693417, 5.95419631039}},
	} {
		got, err := MIC(x, c.y, MICOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i, pair := range [][2]float64{{got.MIC, c.want.MIC}, {got.MAS, c.want.MAS}, {got.MEV, c.want.MEV}, {got.MCN, c.want.MCN}} {
			if math.Abs(pair[0]-pair[1]) > 5e-11 {
				t.Errorf("figure %d is %v, minepy's %v", i, pair[0], pair[1])
			}
		}
	}
}

// What the paper says of MIC.
func TestMICProperties(t *testing.T) {
	mic := func(x, y []float64) MINE {
		t.Helper()
		m, err := MIC(x, y, MICOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, f := range map[string]func(float64) float64{
		"line": func(x float64) float64 { return 3*x - 1 }, "falling": func(x float64) float64 { return -x },
		"parabola": func(x float64) float64 { return 4 * (x - .5) * (x - .5) }, "cubic": func(x float64) float64 { return 128*math.Pow(x-1./3, 3) - 48*math.Pow(x-1./3, 2) - 12*(x-1./3) },
		"exponential": func(x float64) float64 { return math.Exp2(10 * x) }, "sine": func(x float64) float64 { return math.Sin(8 * math.Pi * x) },
		"step": func(x float64) float64 { return math.Floor(2 * x) }, "varying frequency": func(x float64) float64 { return math.Sin(6 * math.Pi * x * (1 + x)) },
		"periodic and linear":  func(x float64) float64 { return math.Sin(10.6*(2*x-1))/10 + 1.1*(2*x-1) },
		"no Fourier frequency": func(x float64) float64 { return math.Sin(9 * math.Pi * x) },
	} {
		x, y := curve(600, f)
		m := mic(x, y)
		if m.MIC < 1-1e-2 || m.MIC > 1 || m.MAS > m.MIC || m.MEV > m.MIC+1e-12 || m.MCN < 2 {
			t.Errorf("%s: %+v", name, m)
		}
		if (name == "line" || name == "exponential" || name == "falling") && (m.MAS > 1e-9 || m.MCN != 2) {
			t.Errorf("%s is monotone: %+v", name, m)
		}
	}
	x, circle := curve(600, func(x float64) float64 { return math.Sqrt(x - x*x) })
	_, cross := curve(600, func(x float64) float64 { return x - .5 })
	for i := range x { // no functions, and yet far from independent
		if i%2 == 0 {
			circle[i], cross[i] = -circle[i], -cross[i]
		}
	}
	for name, y := range map[string][]float64{"circle": circle, "cross": cross} {
		if m := mic(x, y); m.MIC < .6 || m.MIC > 1 || m.MEV > m.MIC+1e-12 || m.MCN <= 2 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	noise := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.Float64()
		}
		return x
	}
	before := 1.0
	for _, n := range []int{100, 400, 1600} { // falls with n where nothing is there
		m := mic(noise(n), noise(n))
		if m.MIC >= before || n == 1600 && m.MIC > .14 {
			t.Errorf("%d independent points: %+v", n, m)
		}
		before = m.MIC
	}
	x, clean := curve(500, func(x float64) float64 { return x * x })
	e := noise(500)
	last := 1 + 1e-9
	for _, level := range []float64{0, .2, .5, 1, 3} { // falls with noise
		y := make([]float64, len(x))
		for i := range y {
			y[i] = clean[i] + level*(e[i]-.5)
		}
		m := mic(x, y)
		if m.MIC > last {
			t.Errorf("noise %v: %v after %v", level, m.MIC, last)
		}
		last = m.MIC
		turned := mic(y, x)
		risen := make([]float64, len(y))
		for i, v := range y {
			risen[i] = math.Exp(v)
		}
		if d := mic(x, risen); math.Abs(turned.MIC-m.MIC) > 1e-12 || d.MIC != m.MIC {
			t.Errorf("noise %v: %v, turned %v, risen %v", level, m.MIC, turned.MIC, d.MIC)
		}
	}
}

func TestMICErrors(t *testing.T) {
	two := []float64{1, 2}
	for _, c := range []struct {
		x, y []float64
		o    MICOptions
		want string
	}{
		{two, two[:1], MICOptions{}, "samples of 2 and 1"},
		{nil, nil, MICOptions{}, "no numbers"},
		{two, []float64{1, math.NaN()}, MICOptions{}, "must be finite"},
		{two, []float64{1, math.Inf(1)}, MICOptions{}, "must be finite"},
		{[]float64{1, math.Inf(1)}, []float64{1, math.Inf(-1)}, MICOptions{}, "must be finite"},
		{two, two, MICOptions{Alpha: 2}, "alpha is in (0,1]"},
		{two, two, MICOptions{C: -1}, "c above 0"},
	} {
		if _, err := MIC(c.x, c.y, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for _, x := range [][]float64{{1}, {1, 1, 1, 1}, {1, 2}, {1, 1, 2}, {math.MaxFloat64, -math.MaxFloat64}} { // as small as it gets
		m, err := MIC(x, x, MICOptions{})
		if err != nil || m.MIC < 0 || m.MIC > 1 || math.IsInf(m.MCN, 0) {
			t.Errorf("%v: %+v %v", x, m, err)
		}
	}
}

func TestEdgesErrors(t *testing.T) {
	for _, x := range [][]float64{{math.NaN(), 1}, {1, math.Inf(1)}, {-math.MaxFloat64, math.MaxFloat64}} {
		if _, err := Edges(x); err == nil {
			t.Errorf("%v is no error", x)
		}
	}
	if e, err := Edges([]float64{3, 3}); err != nil || !slices.Equal(e, []float64{2.5, 3.5}) {
		t.Errorf("%v %v", e, err)
	}
	if !math.IsNaN(Pearson([]float64{1, 1}, []float64{1, 2})) || !math.IsNaN(Quantile(nil, .5)) || !math.IsNaN(KolmogorovSmirnov(nil, []float64{1})) {
		t.Error("what has no answer has one")
	}
	if _, err := KLHistogram(nil, []float64{1}); err == nil {
		t.Error("no sample is no error")
	}
}

func BenchmarkMIC1000(b *testing.B) {
	x, y := curve(1000, func(x float64) float64 { return math.Sin(10*math.Pi*x) + x })
	for b.Loop() {
		if _, err := MIC(x, y, MICOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
