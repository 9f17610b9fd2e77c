package profile

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/train/data"
)

// TestTables holds tables against NumPy's and SciPy's figures.
func TestTables(t *testing.T) {
	f, err := os.Open("../../../testdata/stat.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Tables []struct {
			File              string
			Names             []string
			Rows, Duplicates  int
			Distinct          []int
			Mean, Std         []float64
			Quantiles         [][]float64
			Pearson, Spearman [][]float64
		}
	}
	if err := json.NewDecoder(z).Decode(&want); err != nil {
		t.Fatal(err)
	}
	close := func(a Number, b float64) bool { return math.Abs(float64(a)-b) <= 1e-11*max(1, math.Abs(b)) }
	for _, w := range want.Tables {
		t.Run(w.File, func(t *testing.T) {
			tab, total, err := LoadCSV(filepath.Join("../../../testdata/data", w.File), data.CSVOptions{}, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Of(tab, Options{Target: "target"})
			if err != nil {
				t.Fatal(err)
			}
			if p.Rows != w.Rows || total != w.Rows || p.Sampled != w.Rows || p.Duplicates != w.Duplicates || len(p.Columns) != len(w.Names) {
				t.Errorf("%d rows, %d duplicates, %d columns", p.Rows, p.Duplicates, len(p.Columns))
			}
			for i, c := range p.Columns {
				n := c.Numbers
				if c.Name != w.Names[i] || c.Distinct != w.Distinct[i] || !close(n.Mean, w.Mean[i]) || !close(n.Std, w.Std[i]) {
					t.Errorf("%s: %d distinct, %+v", c.Name, c.Distinct, n)
				}
				for k, q := range []Number{n.Min, n.Q25, n.Median, n.Q75, n.Max} {
					if !close(q, w.Quantiles[i][k]) {
						t.Errorf("%s: quantile %d is %v, want %v", c.Name, k, q, w.Quantiles[i][k])
					}
				}
			}
			for i, a := range p.Pairs.Names {
				for j, b := range p.Pairs.Names {
					wi, wj := slices.Index(w.Names, a), slices.Index(w.Names, b)
					if !close(p.Pairs.Pearson[i][j], w.Pearson[wi][wj]) || !close(p.Pairs.Spearman[i][j], w.Spearman[wi][wj]) {
						t.Errorf("%s and %s: %v %v", a, b, p.Pairs.Pearson[i][j], p.Pairs.Spearman[i][j])
					}
				}
			}
			if p.Pairs.Names[0] != "target" || len(p.Classes) != 3 || len(p.Pairs.TargetMIC) != len(w.Names)-1 || p.Pairs.TargetMIC[0].MIC < .6 {
				t.Errorf("target: %v, %+v", p.Classes, p.Pairs.TargetMIC)
			}
		})
	}
}

// table has one column for each thing to be found.
func table(t *testing.T, n int) *data.Table {
	t.Helper()
	order := data.Permutation(n, 1, 1)
	cols := map[string][]float64{}
	good, text, id := make([]int64, n), make([]string, n), make([]string, n)
	for i, r := range order {
		quality := r * 7 / n
		good[i] = 0
		if quality == 6 {
			good[i] = 1
		}
		cols["vendor"] = append(cols["vendor"], float64(100*quality+i%50))
		cols["price"] = append(cols["price"], float64((i*7919)%n))
		cols["price in cents"] = append(cols["price in cents"], 100*float64((i*7919)%n))
		cols["same"] = append(cols["same"], 3)
		cols["gaps"] = append(cols["gaps"], map[bool]float64{true: math.NaN(), false: float64(i % 13)}[i%2 == 0])
		cols["empty"] = append(cols["empty"], math.NaN())
		cols["infinite"] = append(cols["infinite"], map[bool]float64{true: math.Inf(1), false: float64(i % 3)}[i == 5])
		text[i], id[i] = fmt.Sprint("t", i%4), fmt.Sprint("row ", i)
	}
	columns := []*data.Column{data.Ints("good", good, nil), data.Strings("text", text, nil), data.Strings("id", id, nil)}
	for _, name := range []string{"vendor", "price", "price in cents", "same", "gaps", "empty", "infinite"} {
		columns = append(columns, data.Floats(name, cols[name]))
	}
	tab, err := data.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestFindings(t *testing.T) {
	tab := table(t, 2000)
	p, err := Of(tab, Options{Target: "good"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range p.Findings {
		got[f.Kind+" "+f.Column] = true
	}
	for _, want := range []string{"leak vendor", "constant same", "missing gaps", "missing empty", "infinite infinite", "identifier id", "redundant price in cents"} {
		if !got[want] {
			t.Errorf("%s is not found", want)
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("found besides: %v", got)
	}
	if b, err := json.Marshal(p); err != nil || !strings.Contains(string(b), `"NaN"`) {
		t.Errorf("%v", err)
	}
}

func TestDrift(t *testing.T) {
	var a, b, same []float64
	var texts, others []string
	for i := range 5000 {
		u := float64(i) / 5000
		a, b, same = append(a, u), append(b, u*u), append(same, u)
		texts, others = append(texts, fmt.Sprint(i%3)), append(others, fmt.Sprint(i%4))
	}
	make := func(x, y []float64, s []string) *data.Table {
		tab, err := data.NewTable(data.Floats("moved", x), data.Floats("same", y), data.Strings("text", s, nil))
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
	p, err := Of(make(a, same, texts), Options{Against: make(b, same, others)})
	if err != nil {
		t.Fatal(err)
	}
	// u against u*u: the largest distance of sqrt(x) and x is 1/4.
	d := p.Columns[0].Drift
	if math.Abs(float64(*d.KS)-.25) > .01 || *d.KL < .1 {
		t.Errorf("moved: KS %v, KL %v", *d.KS, *d.KL)
	}
	if d := p.Columns[1].Drift; *d.KS != 0 || *d.KL != 0 || *d.Outside != 0 {
		t.Errorf("same: %+v", d)
	}
	if d := p.Columns[2].Drift; *d.Unseen != .25 {
		t.Errorf("text: unseen %v", *d.Unseen)
	}
	found := 0
	for _, f := range p.Findings {
		if f.Kind == "drift" {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%v", p.Findings)
	}
	lacking, err := make(a, same, texts).Drop("same")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Of(make(a, same, texts), Options{Against: lacking}); err == nil || !strings.Contains(err.Error(), `no column "same"`) {
		t.Errorf("a column that the other lacks: %v", err)
	}
}

func TestSample(t *testing.T) {
	tab := table(t, 3000)
	p, err := Of(tab, Options{Rows: 500, PairRows: 200, MICRows: 100, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if p.Rows != 3000 || p.Sampled != 500 || p.Pairs.Rows != 200 || p.Pairs.MICRows != 100 {
		t.Errorf("%d of %d rows, pairs of %d and %d", p.Sampled, p.Rows, p.Pairs.Rows, p.Pairs.MICRows)
	}
	path := filepath.Join(t.TempDir(), "t.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.WriteCSV(f); err != nil {
		t.Fatal(err)
	}
	f.Close()
	some, total, err := sampleCSV(path, data.CSVOptions{}, 300, 7)
	if err != nil || total != 3000 || some.Rows() != 300 || !slices.Equal(some.Names(), tab.Names()) {
		t.Fatalf("%v rows of %d: %v", some, total, err)
	}
	again, _, err := sampleCSV(path, data.CSVOptions{}, 300, 7)
	if err != nil {
		t.Fatal(err)
	}
	ids, _ := some.Column("id")
	same, _ := again.Column("id")
	if !slices.Equal(ids.Strings(), same.Strings()) || ids.Kind() != data.String || some.Columns()[3].Kind() == data.String {
		t.Error("the same seed draws other rows, or kinds are lost")
	}
	number := func(s string) (n int) { fmt.Sscanf(s, "row %d", &n); return n }
	if !slices.IsSortedFunc(ids.Strings(), func(a, b string) int { return number(a) - number(b) }) {
		t.Error("the rows are not in their order")
	}
}

func TestErrors(t *testing.T) {
	tab := table(t, 50)
	for want, o := range map[string]Options{`did you mean "good"`: {Target: "Good"}, "a sample of -1 rows": {Rows: -1}} {
		if _, err := Of(tab, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Of(tab.Take(nil), Options{}); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("no rows: %v", err)
	}
	p, err := Of(tab, Options{Target: "id"}) // 50 texts are no classes
	if err != nil || p.Findings[0].Kind != "classes" || p.Columns[0].Power != nil {
		t.Errorf("%v %v", p, err)
	}
	if p, err = Of(tab.Take([]int{0}), Options{Target: "good"}); err != nil || p.Sampled != 1 { // as small as it gets
		t.Errorf("one row: %v", err)
	}
}

// TestTextKinds profiles columns of text.
func TestTextKinds(t *testing.T) {
	for _, c := range []struct {
		texts             []string
		kind, first, last string
	}{
		{[]string{"2024-03-01", "2023-12-31", "2024-03-01"}, "date", "2023-12-31", "2024-03-01"},
		{[]string{"2024-03-01T10:00:00Z", "2024-03-02T10:00:00+02:00"}, "date", "2024-03-01", "2024-03-02"},
		{[]string{"31/12/2023", "1/2/2024"}, "date", "2023-12-31", "2024-02-01"},
		{[]string{"12/31/2023 10:30", "01/02/2024 00:00"}, "date", "2023-12-31", "2024-01-02"},
		{[]string{"1.2.2024", "3.4.2024"}, "date", "", ""}, // February or January
		{[]string{"3.3.2024"}, "date", "2024-03-03", "2024-03-03"},
		{[]string{"Jan 2, 2024", "Feb 29, 2024"}, "date", "2024-01-02", "2024-02-29"},
		{[]string{"2024-02-30"}, "string", "", ""},
		{[]string{"2024-02-28", "tomorrow"}, "string", "", ""},
		{[]string{"TRUE", "false", "TRUE"}, "boolean", "", ""},
		{[]string{"no", "yes"}, "boolean", "", ""},
		{[]string{"no", "maybe"}, "string", "", ""},
		{[]string{"no"}, "string", "", ""},
	} {
		tab, err := data.NewTable(data.Strings("x", c.texts, nil))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Of(tab, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Columns[0]; got.Kind != c.kind || got.First != c.first || got.Last != c.last {
			t.Errorf("%v: %s from %q to %q, want %s from %q to %q", c.texts, got.Kind, got.First, got.Last, c.kind, c.first, c.last)
		}
	}
	tab, err := data.NewTable(data.Strings("a;b", []string{"1;2", "3;4"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Of(tab, Options{})
	if err != nil || len(p.Findings) != 1 || !strings.Contains(p.Findings[0].Text, "is ';' what separates the fields?") {
		t.Errorf("%+v %v", p.Findings, err)
	}
}
