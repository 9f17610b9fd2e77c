package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// checkParts fails unless the parts are disjoint and below n, and returns how many rows they have together.
func checkParts(t *testing.T, n int, parts [][]int) int {
	t.Helper()
	seen := make([]bool, n)
	total := 0
	for _, p := range parts {
		for _, r := range p {
			if seen[r] {
				t.Fatalf("row %d is in two parts", r)
			}
			seen[r] = true
			total++
		}
	}
	return total
}

func lengths(parts [][]int) []int {
	out := make([]int, len(parts))
	for i, p := range parts {
		out[i] = len(p)
	}
	return out
}

func TestSplitRows(t *testing.T) {
	for _, c := range []struct {
		n         int
		fractions []float64
		want      string
	}{
		{6463, []float64{.7, .2, .1}, "[4524 1293 646]"},
		{297, []float64{.8, .2}, "[238 59]"},
		{10, []float64{1. / 3, 1. / 3, 1. / 3}, "[3 4 3]"},
		{10, []float64{.5}, "[5]"},
		{3, []float64{.4, .3, .3}, "[1 1 1]"},
		{10, []float64{1}, "[10]"},
	} {
		parts, err := SplitRows(c.n, 1, c.fractions...)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(lengths(parts)); got != c.want {
			t.Errorf("%d %v: got %s, want %s", c.n, c.fractions, got, c.want)
		}
		checkParts(t, c.n, parts)
		again, _ := SplitRows(c.n, 1, c.fractions...)
		other, _ := SplitRows(c.n, 2, c.fractions...)
		if !slices.EqualFunc(parts, again, slices.Equal) || slices.EqualFunc(parts, other, slices.Equal) && c.n > 5 {
			t.Error("the seed does not decide")
		}
	}
	for _, c := range []struct {
		n         int
		fractions []float64
		want      string
	}{
		{10, nil, "needs fractions"},
		{10, []float64{.7, .4}, "sum to more than 1"},
		{10, []float64{0}, "fraction 0 is outside (0,1]"},
		{10, []float64{math.NaN()}, "fraction NaN is outside"},
		{10, []float64{-.5}, "is outside"},
		{3, []float64{.9, .1}, "fraction 0.1 of 3 rows is none"},
		{0, []float64{1}, "fraction 1 of 0 rows is none"},
	} {
		if _, err := SplitRows(c.n, 0, c.fractions...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d %v: got %v, want %s", c.n, c.fractions, err, c.want)
		}
	}
}

// labelsOf returns rows of each class: counts[0] of class 0 and so on, mixed.
func labelsOf(counts ...int) []int {
	var labels []int
	for class, n := range counts {
		labels = append(labels, slices.Repeat([]int{class}, n)...)
	}
	mixed := make([]int, len(labels))
	for i, p := range Permutation(len(labels), 99, 0) {
		mixed[p] = labels[i]
	}
	return mixed
}

func TestSplitStratified(t *testing.T) {
	for _, c := range []struct {
		counts    []int
		fractions []float64
		want      string // rows of each class in each part
	}{
		{[]int{80, 20}, []float64{.7, .2, .1}, "[[56 14] [16 4] [8 2]]"},
		{[]int{50, 50}, []float64{.5, .5}, "[[25 25] [25 25]]"},
		{[]int{97, 3}, []float64{.8, .1, .1}, "[[79 1] [9 1] [9 1]]"},
		{[]int{5, 5, 5}, []float64{.5, .5}, "[[3 3 2] [2 2 3]]"},
		{[]int{2, 2, 2, 2}, []float64{.5, .5}, "[[1 1 1 1] [1 1 1 1]]"},
		{[]int{90, 10}, []float64{.5}, "[[45 5]]"},
		{[]int{7}, []float64{.5, .5}, "[[4] [3]]"},
		{[]int{284315, 492}, []float64{.8, .2}, "[[227452 394] [56863 98]]"},
	} {
		labels := labelsOf(c.counts...)
		parts, err := SplitStratified(labels, 1, c.fractions...)
		if err != nil {
			t.Errorf("%v %v: %v", c.counts, c.fractions, err)
			continue
		}
		checkParts(t, len(labels), parts)
		table := make([][]int, len(parts))
		for i, p := range parts {
			table[i] = make([]int, len(c.counts))
			for _, r := range p {
				table[i][labels[r]]++
			}
		}
		if got := fmt.Sprint(table); got != c.want {
			t.Errorf("%v %v: got %s, want %s", c.counts, c.fractions, got, c.want)
		}
		plain, _ := SplitRows(len(labels), 1, c.fractions...)
		if !slices.Equal(lengths(parts), lengths(plain)) {
			t.Errorf("%v %v: sizes %v, want %v as without strata", c.counts, c.fractions, lengths(parts), lengths(plain))
		}
	}
	for _, c := range []struct {
		labels []int
		want   string
	}{
		{labelsOf(10, 1), "class 1 has 1 row, too few for 2 parts"},
		{[]int{0, 2, 0, 2}, "class 1 has no row"},
		{[]int{0, -1}, "row 1 has class -1"},
		{[]int{0, 1 << 30}, "row 1 has class 1073741824"},
	} {
		if _, err := SplitStratified(c.labels, 0, .5, .5); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestSplitStratifiedRandom(t *testing.T) {
	r := newRandom(4, 4)
	for range 300 {
		counts := make([]int, 1+r.below(8))
		for i := range counts {
			counts[i] = 3 + r.below(40)
		}
		labels := labelsOf(counts...)
		a, b := .1+float64(r.below(5))/10, .1+float64(r.below(3))/10
		parts, err := SplitStratified(labels, 7, a, b, 1-a-b)
		if err != nil {
			if strings.Contains(err.Error(), "is none") {
				continue
			}
			t.Fatal(err)
		}
		if got := checkParts(t, len(labels), parts); got != len(labels) {
			t.Fatalf("%v %v %v: %d rows of %d", counts, a, b, got, len(labels))
		}
		for i, f := range []float64{a, b, 1 - a - b} {
			have := make([]int, len(counts))
			for _, row := range parts[i] {
				have[labels[row]]++
			}
			for class, n := range have {
				if want := f * float64(counts[class]); math.Abs(float64(n)-want) > 2.5 {
					t.Errorf("%v part %d: %d rows of class %d, its share is %.2f", counts, i, n, class, want)
				}
			}
		}
	}
}

func TestKFold(t *testing.T) {
	labels := labelsOf(11, 6, 5)
	plain, err := KFold(22, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	strata, err := KFoldStratified(labels, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, folds := range map[string][]Fold{"plain": plain, "stratified": strata} {
		var tests [][]int
		for _, f := range folds {
			tests = append(tests, f.Test)
			if got := checkParts(t, 22, [][]int{f.Train, f.Test}); got != 22 {
				t.Errorf("%s: a round has %d rows", name, got)
			}
		}
		if got := checkParts(t, 22, tests); got != 22 {
			t.Errorf("%s: %d rows are tested", name, got)
		}
		if got := fmt.Sprint(lengths(tests)); got != "[5 5 4 4 4]" {
			t.Errorf("%s: sizes %s", name, got)
		}
	}
	for _, f := range strata {
		have := make([]int, 3)
		for _, r := range f.Test {
			have[labels[r]]++
		}
		if have[0] < 2 || have[0] > 3 || have[1] < 1 || have[1] > 2 || have[2] != 1 {
			t.Errorf("a fold has %v of 11, 6, 5", have)
		}
	}
	for _, k := range []int{1, 23} {
		if _, err := KFold(22, k, 0); err == nil {
			t.Errorf("%d folds are no error", k)
		}
		if _, err := KFoldStratified(labels, k, 0); err == nil {
			t.Errorf("%d folds are no error", k)
		}
	}
	if _, err := KFoldStratified(labels, 6, 0); err == nil || !strings.Contains(err.Error(), "class 2 has 5 rows, too few for 6 folds") {
		t.Errorf("got %v", err)
	}
}

func TestDatasetSplits(t *testing.T) {
	d := numbered(t, 20)
	parts, err := d.Split(3, .5, .25)
	if err != nil || parts[0].Len() != 10 || parts[1].Len() != 5 {
		t.Fatal(parts, err)
	}
	ids(t, parts[1].Inputs(), parts[1].Target(), parts[1].Weight())
	y := tensor.Zeros[float32](20, 1)
	for i := range 5 {
		y.Data()[4*i] = 1
	}
	d, err = d.WithTarget(y)
	if err != nil {
		t.Fatal(err)
	}
	parts, err = d.SplitStratified(3, .8, .2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{4, 1} {
		sum := float32(0)
		for _, v := range tensor.Data[float32](parts[i].Target()) {
			sum += v
		}
		if sum != want {
			t.Errorf("part %d has %v positives, want %v", i, sum, want)
		}
	}
	for _, c := range []struct {
		n        int
		fraction float64
		want     string
	}{
		{10, .2, "8 2"}, {297, .2, "237 60"}, {7, .5, "3 4"}, {10, .05, "9 1"},
		{10, 0, "leaves one part empty"}, {10, 1, "leaves one part empty"}, {1, .5, "leaves one part empty"}, {10, math.NaN(), "leaves one part empty"},
	} {
		train, val, err := numbered(t, c.n).SplitLast(c.fraction)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(train.Len(), val.Len())
			if first := ids(t, val.Inputs(), val.Target(), val.Weight())[0]; first != train.Len() {
				t.Errorf("validation starts with %d", first)
			}
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%d %v: got %s, want %s", c.n, c.fraction, got, c.want)
		}
	}
}

func TestLabels(t *testing.T) {
	nan32 := float32(math.NaN())
	for _, c := range []struct {
		target tensor.Any
		want   string
	}{
		{tensor.Vector[int64](7, 3, 7), "[1 0 1] 2"},
		{tensor.Must([]float32{1, 0, 1}, 3, 1), "[1 0 1] 2"},
		{tensor.Vector("b", "a"), "[1 0] 2"},
		{tensor.Vector(true, false), "[1 0] 2"},
		{tensor.Must([]float32{0, 0, 1, 1, 0, 0}, 2, 3), "[2 0] 3"},
		{tensor.Must([]uint8{0, 1, 1, 0}, 2, 2), "[1 0] 2"},
		{tensor.Vector[float32](.5), "malformed data: target 0 is 0.5, which is no class"},
		{tensor.Vector(nan32), "malformed data: target 0 is NaN, which is no class"},
		{tensor.Must([]float32{0, nan32}, 1, 2), "malformed data: target 0 is NaN"},
		{tensor.Zeros[float32](2, 2, 2), "shapes do not fit: classes need a target [n], [n,1] or [n,c], got f32[2,2,2]"},
		{tensor.Scalar[float32](1), "shapes do not fit: classes need a target [n], [n,1] or [n,c], got f32[]"},
		{tensor.Vector(complex64(1)), "shapes do not fit: a target of type c64 has no classes"},
		{nil, "shapes do not fit: there is no target to take classes from"},
	} {
		labels, n, err := Labels(c.target)
		got := fmt.Sprint(labels, n)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestClassWeights(t *testing.T) {
	w, err := BalancedWeights(labelsOf(80, 20))
	if err != nil || !slices.Equal(w, []float64{.625, 2.5}) {
		t.Errorf("got %v %v", w, err)
	}
	build := func(target, weight tensor.Any) *Dataset {
		d, err := New(map[string]tensor.Any{"x": tensor.Zeros[float32](4, 1)}, target, weight)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	column := tensor.Must([]float32{0, 1, 3, 0}, 4, 1)
	for _, c := range []struct {
		name string
		make func() (*Dataset, error)
		want string
	}{
		{"balance", func() (*Dataset, error) { return build(column, nil).Balance() }, "[0.6666667 1.3333334 1.3333334 0.6666667]"},
		{"times weight", func() (*Dataset, error) {
			return build(column, tensor.Vector[float64](3, 3, 0, 6)).Balance()
		}, "[2 4 0 4]"},
		{"by value", func() (*Dataset, error) {
			return build(column, nil).WithClassWeights(map[int64]float64{0: .5, 3: 7})
		}, "[0.5 1 7 0.5]"},
		{"by position", func() (*Dataset, error) {
			return build(tensor.Must([]float32{1, 0, 0, 1, 0, 1, 1, 0}, 4, 2), nil).WithClassWeights(map[int64]float64{1: 9})
		}, "[1 9 9 1]"},
	} {
		d, err := c.make()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(tensor.Data[float32](d.Weight())); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for _, bad := range []*Dataset{build(nil, nil), build(tensor.Vector("a", "b", "c", "d"), nil)} {
		if _, err := bad.WithClassWeights(nil); err == nil {
			t.Error("no numeric target is no error")
		}
		if _, err := bad.ClassCounts(); err == nil {
			t.Error("counts without a numeric target are no error")
		}
		if _, err := bad.BalancedWeights(); err == nil {
			t.Error("weights without a numeric target are no error")
		}
	}
	if _, err := build(nil, nil).Balance(); err == nil {
		t.Error("no target is no error")
	}
}

// scikit-learn 1.9: compute_class_weight("balanced", classes=[0, 1, 3], y=[0, 1, 3, 0]) and, for the one-hot target,
// classes=[0, 2], y=[2, 0, 2, 2].
func TestDatasetClasses(t *testing.T) {
	x := tensor.Must([]float32{0, 1, 2, 3}, 4, 1)
	for _, c := range []struct {
		name                  string
		target                tensor.Any
		counts, weights       string
		under, over, balanced string // classes' counts after each, and example weights
	}{
		{"column", tensor.Must([]float32{0, 1, 3, 0}, 4, 1), "map[0:2 1:1 3:1]",
			"map[0:0.6666666666666666 1:1.3333333333333333 3:1.3333333333333333]",
			"map[0:1 1:1 3:1]", "map[0:2 1:2 3:2]", "[0.6666667 1.3333334 1.3333334 0.6666667]"},
		{"one-hot with a class that does not occur", tensor.Must([]float32{0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1}, 4, 3), "map[0:1 2:3]",
			"map[0:2 2:0.6666666666666666]", "map[0:1 2:1]", "map[0:3 2:3]", "[0.6666667 2 0.6666667 0.6666667]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := New(map[string]tensor.Any{"x": x}, c.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			counts, err := d.ClassCounts()
			if err != nil || fmt.Sprint(counts) != c.counts {
				t.Errorf("counts %v %v", counts, err)
			}
			weights, err := d.BalancedWeights()
			if err != nil || fmt.Sprint(weights) != c.weights {
				t.Errorf("weights %v %v", weights, err)
			}
			balanced, err := d.Balance()
			if err != nil || fmt.Sprint(tensor.Data[float32](balanced.Weight())) != c.balanced {
				t.Errorf("balanced: %v", err)
			}
			for want, resample := range map[string]func(float64, uint64) (*Dataset, error){c.under: d.Undersample, c.over: d.Oversample} {
				r, err := resample(1, 7)
				if err != nil {
					t.Fatal(err)
				}
				again, _ := resample(1, 7)
				if !slices.Equal(tensor.Data[float32](r.Inputs()["x"]), tensor.Data[float32](again.Inputs()["x"])) {
					t.Error("the same seed gives other examples")
				}
				if counts, err := r.ClassCounts(); err != nil || fmt.Sprint(counts) != want {
					t.Errorf("resampled to %v %v, want %s", counts, err, want)
				}
				if _, err := resample(0, 7); err == nil {
					t.Error("a ratio of 0 is no error")
				}
			}
		})
	}
}

func TestResampling(t *testing.T) {
	labels := labelsOf(100, 10, 20)
	counts := func(rows []int) string {
		n := make([]int, 3)
		for _, r := range rows {
			n[labels[r]]++
		}
		return fmt.Sprint(n)
	}
	for _, c := range []struct {
		ratio       float64
		under, over string
	}{
		{1, "[10 10 10]", "[100 100 100]"}, {.5, "[20 10 20]", "[100 50 50]"}, {.1, "[100 10 20]", "[100 10 20]"}, {.3, "[33 10 20]", "[100 30 30]"},
	} {
		under, err := Undersample(labels, c.ratio, 1)
		if err != nil {
			t.Fatal(err)
		}
		over, err := Oversample(labels, c.ratio, 1)
		if err != nil {
			t.Fatal(err)
		}
		if counts(under) != c.under || counts(over) != c.over {
			t.Errorf("ratio %v: got %s and %s, want %s and %s", c.ratio, counts(under), counts(over), c.under, c.over)
		}
		checkParts(t, len(labels), [][]int{under})
		slices.Sort(over)
		if len(slices.Compact(over)) != len(labels) {
			t.Error("oversampling loses rows")
		}
	}
	for _, ratio := range []float64{0, -1, 1.5, math.NaN()} {
		_, err := Undersample(labels, ratio, 1)
		_, err2 := Oversample(labels, ratio, 1)
		if err == nil || err2 == nil {
			t.Errorf("ratio %v is no error", ratio)
		}
	}
	if rows, err := Undersample(nil, 1, 1); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
	if rows, err := Oversample(nil, 1, 1); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
}

// TestBootstrap draws with replacement: the share of examples that are drawn is 1-1/e in the mean.
func TestBootstrap(t *testing.T) {
	const n = 10000
	x := tensor.Zeros[int64](n)
	for i := range x.Data() {
		x.Data()[i] = int64(i)
	}
	d, err := New(map[string]tensor.Any{"x": x}, x, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := func(seed uint64) []int64 { return tensor.Data[int64](d.Bootstrap(seed).Target()) }
	a := values(1)
	if len(a) != n || !slices.Equal(a, values(1)) || slices.Equal(a, values(2)) {
		t.Fatal("a sample has as many examples, decided by the seed")
	}
	distinct := len(slices.Compact(slices.Sorted(slices.Values(a))))
	if share := float64(distinct) / n; math.Abs(share-(1-1/math.E)) > .01 {
		t.Errorf("%.4f of the examples are drawn, want %.4f", share, 1-1/math.E)
	}
}
