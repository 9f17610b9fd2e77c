package profile

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/stat"
)

// Column is what a column holds.
type Column struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // float, integer, string; of text also date and boolean
	Missing  int      `json:"missing"`
	Distinct int      `json:"distinct"`
	Numbers  *Numbers `json:"numbers,omitempty"`
	First    string   `json:"first,omitempty"` // of dates, year-month-day; none where day and month may change places
	Last     string   `json:"last,omitempty"`
	Top      []Value  `json:"top"` // the most frequent values, where few enough occur or values repeat
	Power    *Power   `json:"power,omitempty"`
	Drift    *Drift   `json:"drift,omitempty"`

	rows   int
	values []float64 // finite ones
}

// Value is a value and how often it occurs.
type Value struct {
	Text  string `json:"value"`
	Count int    `json:"count"`
}

// Numbers are the figures of numbers that are finite.
type Numbers struct {
	Min      Number `json:"min"`
	Max      Number `json:"max"`
	Mean     Number `json:"mean"`
	Std      Number `json:"std"` // of a sample, divided by n-1
	Q25      Number `json:"q25"`
	Median   Number `json:"median"`
	Q75      Number `json:"q75"`
	Zeros    int    `json:"zeros"`
	Infinite int    `json:"infinite"`
}

// Power is how well the column alone predicts the target, see [data.Power].
type Power struct {
	Score   Number `json:"score"`
	Measure string `json:"measure"`
	Leak    bool   `json:"leak"`
}

// Values returns the finite numbers of a column of numbers, nil for text.
func (c *Column) Values() []float64 { return c.values }

// topValues is how many of the most frequent values are kept.
const topValues = data.PowerClasses

// classes tells whether the values are few, and text or whole numbers.
func (c *Column) classes() bool {
	return c.Distinct <= data.PowerClasses && (c.Numbers == nil || !slices.ContainsFunc(c.values, func(v float64) bool { return v != math.Trunc(v) }))
}

func describe(c *data.Column) (*Column, error) {
	out := &Column{Name: c.Name(), Kind: c.Kind().String(), Missing: c.CountMissing(), rows: c.Len()}
	out.count(c)
	if c.Kind() == data.String {
		out.refine(c)
		return out, nil
	}
	f, err := c.As(data.Float)
	if err != nil {
		return nil, err
	}
	out.Numbers = &Numbers{}
	for _, v := range f.Floats() {
		switch {
		case math.IsInf(v, 0):
			out.Numbers.Infinite++
		case !math.IsNaN(v):
			out.values = append(out.values, v)
		}
	}
	out.Numbers.describe(out.values)
	return out, nil
}

// count finds the most frequent values.
func (c *Column) count(column *data.Column) {
	codes, distinct := column.Codes()
	counts := make([]int, distinct.Len())
	for _, code := range codes {
		if code >= 0 {
			counts[code]++
		}
	}
	c.Distinct = len(counts)
	order := make([]int, len(counts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	c.Top = []Value{}
	for _, i := range order[:min(len(order), topValues)] {
		if counts[i] == 1 && len(counts) > topValues {
			break // the rest occurs once
		}
		c.Top = append(c.Top, Value{distinct.Text(i), counts[i]})
	}
}

// describe fills the figures.
func (n *Numbers) describe(values []float64) {
	sorted := slices.Sorted(slices.Values(values))
	mean, std := math.NaN(), math.NaN()
	if count := float64(len(sorted)); count > 0 {
		mean = 0
		for i, v := range sorted { // without a sum, which could overflow
			mean += (v - mean) / float64(i+1)
		}
		sum := 0.0
		for _, v := range sorted {
			sum += (v - mean) * (v - mean)
			if v == 0 {
				n.Zeros++
			}
		}
		std = math.Sqrt(sum / (count - 1))
	}
	n.Min, n.Max = Number(stat.Quantile(sorted, 0)), Number(stat.Quantile(sorted, 1))
	n.Q25, n.Median, n.Q75 = Number(stat.Quantile(sorted, .25)), Number(stat.Quantile(sorted, .5)), Number(stat.Quantile(sorted, .75))
	n.Mean, n.Std = Number(mean), Number(std)
}

// identifier tells that every row has another text or whole number, which says which row it is.
func (c *Column) identifier() bool {
	return c.Kind != "float" && c.Missing == 0 && c.Distinct == c.rows && c.rows > topValues
}

// MissingShare returns the share of rows without a value.
func (c *Column) MissingShare() float64 { return float64(c.Missing) / float64(c.rows) }

// short makes a value fit into a sentence.
func short(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
