package data

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// numbered returns n examples: x = [i, -i], s = "i", target [n,1] = i, weight = i/2.
func numbered(t testing.TB, n int) *Dataset {
	t.Helper()
	x, s, y, w := tensor.Zeros[float32](n, 2), tensor.Zeros[string](n), tensor.Zeros[int64](n, 1), tensor.Zeros[float64](n)
	for i := range n {
		x.Data()[2*i], x.Data()[2*i+1] = float32(i), -float32(i)
		s.Data()[i], y.Data()[i], w.Data()[i] = fmt.Sprint(i), int64(i), float64(i)/2
	}
	d, err := New(map[string]tensor.Any{"x": x, "s": s}, y, w)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ids returns the examples of numbered that a batch holds, after checking that its tensors agree.
func ids(t testing.TB, inputs map[string]tensor.Any, target, weight tensor.Any) []int {
	t.Helper()
	var out []int
	for i, v := range tensor.Data[int64](target) {
		out = append(out, int(v))
		x := tensor.Data[float32](inputs["x"])
		if x[2*i] != float32(v) || x[2*i+1] != -float32(v) || tensor.Data[string](inputs["s"])[i] != fmt.Sprint(v) || tensor.Data[float64](weight)[i] != float64(v)/2 {
			t.Fatalf("example %d is mixed up", i)
		}
	}
	if target.Shape()[0] != len(out) || inputs["x"].Shape()[0] != len(out) || inputs["s"].Shape()[0] != len(out) || weight.Shape()[0] != len(out) {
		t.Fatal("shapes differ")
	}
	return out
}

// epoch returns the examples of each batch.
func epoch(t testing.TB, s Source, n int) [][]int {
	t.Helper()
	it, err := s.Epoch(n)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	var out [][]int
	for {
		b, err := it.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		got := ids(t, b.Inputs, b.Target, b.Weight)
		if b.N != len(got) {
			t.Fatalf("a batch of %d says %d", len(got), b.N)
		}
		out = append(out, got)
	}
}

func TestNewErrors(t *testing.T) {
	x := func(shape ...int) tensor.Any { return tensor.Zeros[float32](shape...) }
	in := func(t tensor.Any) map[string]tensor.Any { return map[string]tensor.Any{"x": t} }
	for _, c := range []struct {
		inputs         map[string]tensor.Any
		target, weight tensor.Any
		want           string
	}{
		{nil, nil, nil, "a dataset needs an input"},
		{in(x()), nil, nil, `input "x" is a scalar`},
		{in(nil), nil, nil, `input "x" is nil`},
		{in(x(10, 3)), x(9, 1), nil, `shapes do not fit: input "x" f32[10,3] has 10 rows, target f32[9,1] has 9`},
		{map[string]tensor.Any{"a": x(1), "b": x(2)}, nil, nil, `input "a" f32[1] has 1 row, input "b" f32[2] has 2`},
		{in(x(4)), nil, x(3), `input "x" f32[4] has 4 rows, sample weights f32[3] has 3`},
		{in(x(4)), nil, x(4, 1), `sample weights must be f32[4] or f64[4], got f32[4,1]`},
		{in(x(4)), nil, tensor.Zeros[int64](4), `sample weights must be f32[4] or f64[4], got i64[4]`},
	} {
		_, err := New(c.inputs, c.target, c.weight)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, ErrShape) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestBatches(t *testing.T) {
	d := numbered(t, 10)
	for _, c := range []struct {
		opts BatchOptions
		want string
		len  int
	}{
		{BatchOptions{Size: 4}, "[[0 1 2 3] [4 5 6 7] [8 9]]", 10},
		{BatchOptions{Size: 4, DropLast: true}, "[[0 1 2 3] [4 5 6 7]]", 8},
		{BatchOptions{Size: 5}, "[[0 1 2 3 4] [5 6 7 8 9]]", 10},
		{BatchOptions{}, "[[0 1 2 3 4 5 6 7 8 9]]", 10},
	} {
		s, err := d.Batches(c.opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(epoch(t, s, 0)); got != c.want || s.Len() != c.len {
			t.Errorf("%+v: got %s (%d), want %s (%d)", c.opts, got, s.Len(), c.want, c.len)
		}
	}
	s, err := d.Batches(BatchOptions{Size: 4, Shuffle: true, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for e := range 3 {
		got := slices.Concat(epoch(t, s, e)...)
		if !slices.Equal(got, Permutation(10, 3, uint64(e))) {
			t.Errorf("epoch %d: %v", e, got)
		}
		if again := slices.Concat(epoch(t, s, e)...); !slices.Equal(got, again) {
			t.Errorf("epoch %d differs from itself", e)
		}
	}
	it, _ := s.Epoch(0)
	it.Close()
	if _, err := it.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after Close: %v", err)
	}
	for _, o := range []BatchOptions{{Size: -1}, {Size: 11, DropLast: true}} {
		if _, err := d.Batches(o); err == nil {
			t.Errorf("%+v is no error", o)
		}
	}
	if _, err := s.Epoch(-1); err == nil {
		t.Error("epoch -1 is no error")
	}
	if _, err := d.take(nil).Batches(BatchOptions{}); err == nil {
		t.Error("no examples are no error")
	}
}

func TestTakeAndSlice(t *testing.T) {
	d := numbered(t, 6)
	part, err := d.Take([]int{5, 0, 5})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(t, part.Inputs(), part.Target(), part.Weight()); !slices.Equal(got, []int{5, 0, 5}) || part.Len() != 3 {
		t.Errorf("took %v", got)
	}
	part, err = d.Slice(2, 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(t, part.Inputs(), part.Target(), part.Weight()); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("sliced %v", got)
	}
	for _, rows := range [][]int{{6}, {-1}} {
		if _, err := d.Take(rows); err == nil {
			t.Errorf("%v is no error", rows)
		}
	}
	if _, err := d.Slice(3, 7); err == nil {
		t.Error("a slice outside is no error")
	}
	if d, err = d.WithTarget(nil); err != nil || d.Target() != nil {
		t.Error(err)
	}
	if d, err = d.WithWeight(nil); err != nil || d.Weight() != nil {
		t.Error(err)
	}
}

func TestCheckFinite(t *testing.T) {
	nan32 := float32(math.NaN())
	for _, c := range []struct {
		x, y tensor.Any
		want string
	}{
		{tensor.Vector[float32](1, 2), tensor.Vector[int64](1, 2), ""},
		{tensor.Must([]float32{1, 2, 3, nan32}, 2, 2), nil, `malformed data: input "x" f32[2,2] holds NaN in row 1, column 1`},
		{tensor.Vector("a"), tensor.Vector(math.Inf(-1)), "malformed data: target f64[1] holds -Inf in row 0"},
	} {
		d, err := New(map[string]tensor.Any{"x": c.x}, c.y, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := d.CheckFinite(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestPermutation(t *testing.T) {
	// Recorded once: an order that changes breaks every recorded training.
	for _, c := range []struct {
		n            int
		seed, stream uint64
		want         string
	}{
		{10, 0, 0, "[8 6 5 3 0 4 2 9 7 1]"}, {10, 1, 0, "[2 3 7 6 4 0 9 8 1 5]"}, {10, 0, 1, "[1 8 7 0 9 6 2 3 5 4]"},
		{0, 0, 0, "[]"}, {1, 7, 7, "[0]"},
	} {
		if got := fmt.Sprint(Permutation(c.n, c.seed, c.stream)); got != c.want {
			t.Errorf("%d %d %d: got %s, want %s", c.n, c.seed, c.stream, got, c.want)
		}
	}
	// Each of the six orders of three comes about as often.
	counts := map[string]int{}
	for seed := range uint64(6000) {
		counts[fmt.Sprint(Permutation(3, seed, 0))]++
	}
	for order, n := range counts {
		if n < 880 || n > 1120 { // 1000 and 4 standard deviations
			t.Errorf("%s comes %d times of 6000", order, n)
		}
	}
	if len(counts) != 6 {
		t.Errorf("%d orders of three", len(counts))
	}
}

func TestBelow(t *testing.T) {
	r := newRandom(1, 2)
	const n = math.MaxInt / 4 * 3 // a quarter of the draws is drawn again
	for range 1000 {
		if v := r.below(n); v < 0 || v >= n {
			t.Fatalf("%d is outside", v)
		}
	}
}

func writeCSV(t testing.TB, rows int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id\n")
	for i := range rows {
		fmt.Fprintln(&b, i)
	}
	path := filepath.Join(t.TempDir(), "ids.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// convert makes of a column id the examples that numbered has.
func convert(tab *Table) (*Dataset, error) {
	n := tab.Rows()
	x, s, y, w := tensor.Zeros[float32](n, 2), tensor.Zeros[string](n), tensor.Zeros[int64](n, 1), tensor.Zeros[float64](n)
	for i, v := range tab.Columns()[0].Ints() {
		x.Data()[2*i], x.Data()[2*i+1] = float32(v), -float32(v)
		s.Data()[i], y.Data()[i], w.Data()[i] = fmt.Sprint(v), v, float64(v)/2
	}
	return New(map[string]tensor.Any{"x": x, "s": s}, y, w)
}

func TestCSVSource(t *testing.T) {
	const n = 10_000
	path := writeCSV(t, n)
	inOrder := make([]int, n)
	for i := range inOrder {
		inOrder[i] = i
	}
	for _, window := range []int{0, 1, 100, 3 * n} {
		s := &CSVSource{Path: path, Convert: convert, Window: window, Seed: 5, Size: 64}
		batches := epoch(t, s, 0)
		got := slices.Concat(batches...)
		if len(batches) != (n+63)/64 || len(batches[0]) != 64 || len(batches[len(batches)-1]) != n%64 {
			t.Errorf("window %d: %d batches", window, len(batches))
		}
		if (window <= 1) != slices.Equal(got, inOrder) {
			t.Errorf("window %d: in the file's order: %v", window, window > 1)
		}
		if !slices.Equal(got, slices.Concat(epoch(t, s, 0)...)) {
			t.Errorf("window %d: epoch 0 differs from itself", window)
		}
		if window > 1 && slices.Equal(got, slices.Concat(epoch(t, s, 1)...)) {
			t.Errorf("window %d: epochs 0 and 1 are the same", window)
		}
		early := 0
		for i, v := range got {
			early = max(early, v-i)
		}
		if early > max(0, window) {
			t.Errorf("window %d: an example comes %d places early", window, early)
		}
		slices.Sort(got)
		if !slices.Equal(got, inOrder) {
			t.Errorf("window %d: not every example once", window)
		}
	}
	s := &CSVSource{Path: path, Convert: convert, Size: 64, DropLast: true}
	if got := len(epoch(t, s, 0)); got != n/64 || s.Len() != -1 {
		t.Errorf("%d whole batches", got)
	}
	// A conversion that drops rows, a whole chunk among them.
	s.Convert = func(tab *Table) (*Dataset, error) {
		return convert(tab.Filter(func(r int) bool { return tab.Columns()[0].Ints()[r] > 6000 }))
	}
	if got := slices.Concat(epoch(t, s, 0)...); len(got) != 3968 || got[0] != 6001 {
		t.Errorf("%d examples after filtering", len(got))
	}
}

func TestCSVSourceErrors(t *testing.T) {
	path := writeCSV(t, 9000)
	for _, c := range []struct {
		name   string
		source CSVSource
		want   string
	}{
		{"no conversion", CSVSource{Path: path}, "needs Convert"},
		{"no file", CSVSource{Path: path + "x", Convert: convert}, "no such file"},
		{"window", CSVSource{Path: path, Convert: convert, Window: -1}, "a window of -1"},
		{"size", CSVSource{Path: path, Convert: convert, Size: -1}, "a batch of -1"},
		{"column", CSVSource{Path: path, Convert: convert, CSV: CSVOptions{Columns: []string{"ID"}}}, `did you mean "id"?`},
		{"shape", CSVSource{Path: path, Convert: func(tab *Table) (*Dataset, error) {
			d, err := convert(tab)
			if err == nil && tab.Line(0) > 2 {
				d, err = d.WithTarget(nil)
			}
			return d, err
		}}, "target was i64[32,1] at first, then missing"},
		{"conversion", CSVSource{Path: path, Window: 5000, Convert: func(tab *Table) (*Dataset, error) {
			if tab.Line(0) > 2 {
				return nil, errors.New("cannot convert")
			}
			return convert(tab)
		}}, "cannot convert"},
	} {
		t.Run(c.name, func(t *testing.T) {
			it, err := c.source.Epoch(0)
			for err == nil {
				_, err = it.Next()
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if it != nil {
				if _, again := it.Next(); !errors.Is(again, err) {
					t.Errorf("then %v", again)
				}
				it.Close()
			}
		})
	}
}
