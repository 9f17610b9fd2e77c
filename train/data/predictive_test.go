package data

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestPredictivePower(t *testing.T) {
	const n = 4000
	r := newRandom(1, 1)
	y, code, noise, id, near, text := make([]int64, n), make([]int64, n), make([]float64, n), make([]int64, n), make([]float64, n), make([]string, n)
	gaps := make([]bool, n)
	for i := range n {
		y[i] = int64(r.below(2))
		code[i] = 100*y[i] + int64(r.below(50)) // tells the class
		noise[i] = float64(r.below(1 << 30))
		id[i] = int64(i)
		near[i] = float64(y[i]) + float64(r.below(1<<20))/(1<<19) // overlaps by half
		text[i] = fmt.Sprint("v", code[i])
		gaps[i] = i%3 == 0
	}
	tab, err := NewTable(Ints("y", y, nil), Ints("code", code, nil), Floats("noise", noise), Ints("id", id, nil),
		Floats("near", near), Strings("text", text, nil), Ints("gaps", code, gaps), Floats("constant", make([]float64, n)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column      string
		least, most float64
	}{
		{"code", .999, 1}, {"text", .999, 1}, {"gaps", .999, 1}, {"noise", .46, .54}, {"constant", .46, .54},
		// Two uniform distributions of width 2, shifted by 1: 7/8.
		{"near", .855, .895},
	} {
		got, err := tab.PredictivePower(c.column, "y")
		if err != nil || got < c.least || got > c.most {
			t.Errorf("%s: got %v (%v), want %v to %v", c.column, got, err, c.least, c.most)
		}
	}
	// A column of different values predicts nothing where the rows are in random order.
	if got, err := tab.PredictivePower("id", "y"); err != nil || math.Abs(got-.5) > .04 {
		t.Errorf("id: got %v %v", got, err)
	}
	for _, c := range []struct{ column, target, want string }{
		{"x", "y", `no column "x"`}, {"y", "x", `no column "x"`}, {"y", "text", "is not a number"}, {"y", "code", "expected 0 or 1"},
	} {
		if _, err := tab.PredictivePower(c.column, c.target); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %s", c.column, c.target, err, c.want)
		}
	}
}

func TestPower(t *testing.T) {
	const n = 3000
	r := newRandom(2, 1)
	class, vendor, price, weight, name := make([]string, n), make([]int64, n), make([]float64, n), make([]float64, n), make([]string, n)
	for i := range n {
		k := r.below(7)
		vendor[i] = int64(100*k + r.below(60))
		class[i] = fmt.Sprint("c", k)
		weight[i] = float64(r.below(1<<20)) / (1 << 20)
		price[i] = weight[i]*weight[i] + float64(r.below(1<<20))/(1<<22)
		name[i] = fmt.Sprint(i)
	}
	tab, err := NewTable(Strings("class", class, nil), Ints("vendor", vendor, nil), Floats("price", price), Floats("weight", weight), Strings("name", name, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column, target, measure string
		least, most             float64
		leak                    bool
	}{
		{"vendor", "class", "AUC", .999, 1, true},
		{"weight", "class", "AUC", .45, .55, false},
		{"class", "vendor", "R2", .98, 1, true},
		{"weight", "price", "R2", .93, .96, false}, // variances 4/45 of the square and 1/192 of the noise: .945
		{"vendor", "price", "R2", 0, .02, false},
	} {
		p, err := tab.Power(c.column, c.target)
		if err != nil || p.Measure != c.measure || p.Score < c.least || p.Score > c.most || p.Leak() != c.leak {
			t.Errorf("%s for %s: %+v %v", c.column, c.target, p, err)
		}
	}
	if _, err := tab.Power("price", "name"); err == nil || !strings.Contains(err.Error(), "more than 20 classes") {
		t.Errorf("3000 classes: %v", err)
	}
}
