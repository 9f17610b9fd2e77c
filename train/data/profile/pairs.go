package profile

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/stat"
)

// Pairs tell how two columns go together. The matrices' rows and columns are those of Names; NaN stands where one
// column does not vary.
type Pairs struct {
	Names    []string   `json:"names"`
	Pearson  [][]Number `json:"pearson"`
	Spearman [][]Number `json:"spearman"`
	Rows     int        `json:"rows"`          // that the correlations are of
	MIC      [][]Number `json:"mic,omitempty"` // nil where there are too many columns
	MICRows  int        `json:"mic_rows,omitempty"`
	// TargetMIC has the target's coefficient with each of Names, and how complex the relation is.
	TargetMIC []Relation `json:"target_mic,omitempty"`
	LeftOut   int        `json:"left_out"` // columns of numbers beyond the limit
}

// Relation is how a column and the target go together: the figures of [stat.MINE].
type Relation struct {
	Column string `json:"column"`
	MIC    Number `json:"mic"`
	MAS    Number `json:"mas"`
	MEV    Number `json:"mev"`
	MCN    Number `json:"mcn"`
}

// The most columns whose pairs are looked at, and of which all pairs have their MIC.
const (
	mostPairs = 64
	mostMIC   = 20
)

// pairs takes all columns of numbers, and a target of two classes as numbers.
func pairs(t *data.Table, o Options) (*Pairs, error) {
	columns, left, err := numeric(t, o.Target)
	if err != nil || len(columns) < 2 {
		return nil, err
	}
	p := &Pairs{LeftOut: left}
	for _, c := range columns {
		p.Names = append(p.Names, c.Name())
	}
	table, err := data.NewTable(columns...)
	if err != nil {
		return nil, err
	}
	some := sample(table, o.PairRows, o.Seed)
	p.Rows = some.Rows()
	if p.Pearson, err = matrix(some, correlation(stat.Pearson)); err != nil {
		return nil, err
	}
	if p.Spearman, err = matrix(some, correlation(stat.Spearman)); err != nil {
		return nil, err
	}
	some = sample(table, o.MICRows, o.Seed)
	p.MICRows = some.Rows()
	if len(columns) <= mostMIC {
		p.MIC, err = matrix(some, func(x, y []float64) (float64, error) {
			m, err := mine(x, y)
			return m.MIC, err
		})
		if err != nil {
			return nil, err
		}
	}
	return p, p.relate(some, o.Target)
}

// numeric returns the columns of numbers as floats, the target first where it is one.
func numeric(t *data.Table, target string) (columns []*data.Column, left int, err error) {
	all := slices.Clone(t.Columns())
	slices.SortStableFunc(all, func(a, b *data.Column) int {
		switch {
		case a.Name() == target:
			return -1
		case b.Name() == target:
			return 1
		}
		return 0
	})
	for _, c := range all {
		if c.Kind() == data.String {
			codes, classes := c.Codes()
			if c.Name() != target || classes.Len() != 2 {
				continue
			}
			c = data.Ints(c.Name(), codes, negate(c.Valid()))
		}
		if len(columns) == mostPairs {
			left++
			continue
		}
		f, err := c.As(data.Float)
		if err != nil {
			return nil, 0, err
		}
		columns = append(columns, f)
	}
	return columns, left, nil
}

func negate(mask []bool) []bool {
	for i := range mask {
		mask[i] = !mask[i]
	}
	return mask
}

func correlation(f func(x, y []float64) float64) func(x, y []float64) (float64, error) {
	return func(x, y []float64) (float64, error) { return f(x, y), nil }
}

// mine is the maximal information coefficient, NaN where there are too few numbers to tell.
func mine(x, y []float64) (stat.MINE, error) {
	if len(x) < 10 {
		n := math.NaN()
		return stat.MINE{MIC: n, MAS: n, MEV: n, MCN: n}, nil
	}
	return stat.MIC(x, y, stat.MICOptions{})
}

// complete returns the rows in which both columns are finite.
func complete(a, b *data.Column) (x, y []float64) {
	for i, v := range a.Floats() {
		if w := b.Floats()[i]; !math.IsNaN(v-v) && !math.IsNaN(w-w) {
			x, y = append(x, v), append(y, w)
		}
	}
	return x, y
}

// matrix computes a symmetric figure of all pairs, the diagonal among them, on all CPUs.
func matrix(t *data.Table, f func(x, y []float64) (float64, error)) ([][]Number, error) {
	columns := t.Columns()
	n := len(columns)
	out := make([][]Number, n)
	for i := range out {
		out[i] = make([]Number, n)
	}
	faults := make([]error, n)
	var running sync.WaitGroup
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		running.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			for j := range i + 1 {
				x, y := complete(columns[i], columns[j])
				v, err := f(x, y)
				if err != nil {
					faults[i] = fmt.Errorf("columns %s and %s: %w", columns[i].Name(), columns[j].Name(), err)
					return
				}
				out[i][j] = Number(v)
			}
		})
	}
	running.Wait()
	for i := range n {
		if faults[i] != nil {
			return nil, faults[i]
		}
		for j := range i {
			out[j][i] = out[i][j]
		}
	}
	return out, nil
}

// relate finds the target's relations, the strongest first.
func (p *Pairs) relate(t *data.Table, target string) error {
	if target == "" || !t.Has(target) {
		return nil
	}
	y, err := t.Column(target)
	if err != nil {
		return err
	}
	for _, c := range t.Columns() {
		if c.Name() == target {
			continue
		}
		a, b := complete(c, y)
		m, err := mine(a, b)
		if err != nil {
			return err
		}
		p.TargetMIC = append(p.TargetMIC, Relation{c.Name(), Number(m.MIC), Number(m.MAS), Number(m.MEV), Number(m.MCN)})
	}
	slices.SortStableFunc(p.TargetMIC, func(a, b Relation) int {
		switch {
		case a.MIC > b.MIC, math.IsNaN(float64(b.MIC)) && !math.IsNaN(float64(a.MIC)):
			return -1
		case a.MIC < b.MIC, math.IsNaN(float64(a.MIC)) && !math.IsNaN(float64(b.MIC)):
			return 1
		}
		return 0
	})
	return nil
}
