// Package profile tells what is in a table before a model is trained on it: kinds, missing values, distributions,
// how columns go together, how well each alone predicts the target, and what of it is a reason to look twice.
package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strconv"

	"github.com/onnxtool/onnxtool/train/data"
)

// Options say what a profile looks at. The zero value is fit for a table of any size.
type Options struct {
	Target   string      // the column to predict; empty for none
	Against  *data.Table // another table, such as newer rows, to compare distributions with
	Rows     int         // of the table, from which a sample is taken for all figures; 0 is 200,000
	PairRows int         // of which correlations are taken; 0 is 10,000
	MICRows  int         // of which the maximal information coefficient is taken; 0 is 1,000
	Seed     uint64      // of the samples
}

func (o Options) withDefaults() (Options, error) {
	for _, v := range []*int{&o.Rows, &o.PairRows, &o.MICRows} {
		if *v < 0 {
			return o, fmt.Errorf("profile: a sample of %d rows", *v)
		}
	}
	o.Rows, o.PairRows, o.MICRows = orInt(o.Rows, 200_000), orInt(o.PairRows, 10_000), orInt(o.MICRows, 1_000)
	return o, nil
}

func orInt(v, or int) int {
	if v == 0 {
		return or
	}
	return v
}

// A Number is a figure, which may be NaN or infinite: in JSON that is a string.
type Number float64

// MarshalJSON writes a number, or "NaN", "Inf", "-Inf".
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 0):
		return json.Marshal(map[bool]string{true: "Inf", false: "-Inf"}[v > 0])
	}
	return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
}

// Profile is what a table holds.
type Profile struct {
	Rows       int       `json:"rows"`    // of the table
	Sampled    int       `json:"sampled"` // rows that the figures are of: all of them, or a sample
	Duplicates int       `json:"duplicates"`
	Target     string    `json:"target,omitempty"`
	Classes    []Value   `json:"classes,omitempty"` // of the target, where it has classes
	Columns    []*Column `json:"columns"`
	Pairs      *Pairs    `json:"pairs,omitempty"`
	Findings   []Finding `json:"findings"`
}

// Finding is a reason to look twice.
type Finding struct {
	Kind   string `json:"kind"` // leak, classes, constant, missing, duplicates, imbalance, identifier, date, separator, redundant, infinite, drift
	Column string `json:"column,omitempty"`
	Text   string `json:"text"`
}

// Of returns the profile of a table.
func Of(t *data.Table, o Options) (*Profile, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.Target != "" {
		if _, err := t.Column(o.Target); err != nil {
			return nil, err
		}
	}
	p := &Profile{Rows: t.Rows(), Target: o.Target, Findings: []Finding{}}
	t = sample(t, o.Rows, o.Seed)
	p.Sampled = t.Rows()
	if t.Rows() == 0 {
		return nil, errors.New("profile: the table has no rows, only the names of its columns")
	}
	p.Duplicates = duplicates(t)
	for _, c := range t.Columns() {
		column, err := describe(c)
		if err != nil {
			return nil, err
		}
		p.Columns = append(p.Columns, column)
	}
	if o.Target != "" {
		if err := p.judge(t, o.Target); err != nil {
			return nil, err
		}
	}
	if o.Against != nil {
		if err := p.compare(t, sample(o.Against, o.Rows, o.Seed)); err != nil {
			return nil, err
		}
	}
	if p.Pairs, err = pairs(t, o); err != nil {
		return nil, err
	}
	p.find()
	return p, nil
}

// sample returns the table, or n of its rows at random and in their order.
func sample(t *data.Table, n int, seed uint64) *data.Table {
	if t.Rows() <= n {
		return t
	}
	taken := make([]bool, t.Rows())
	for _, r := range data.Permutation(t.Rows(), seed, sampleStream)[:n] {
		taken[r] = true
	}
	return t.Filter(func(row int) bool { return taken[row] })
}

// sampleStream keeps samples apart from the splits and epochs of the same seed.
const sampleStream = 1<<62 + 1

// duplicates counts rows that are the same as one before.
func duplicates(t *data.Table) int {
	seen := make(map[[16]byte]bool, t.Rows())
	n := 0
	h := fnv.New128a()
	var key [16]byte
	var row []byte
	for i := range t.Rows() {
		row = row[:0]
		for _, c := range t.Columns() {
			text := c.Text(i)
			row = append(strconv.AppendInt(row, int64(len(text)), 10), ' ')
			row = append(row, text...)
		}
		h.Reset()
		h.Write(row)
		h.Sum(key[:0])
		if seen[key] {
			n++
		}
		seen[key] = true
	}
	return n
}

// judge finds the target's classes and what each other column alone predicts.
func (p *Profile) judge(t *data.Table, target string) error {
	for _, c := range p.Columns {
		switch {
		case c.Name != target:
		case c.classes():
			p.Classes = c.Top
		case c.Numbers == nil:
			p.add("classes", target, "the target %s has %d different texts, more than the %d classes for which columns are judged", target, c.Distinct, data.PowerClasses)
			return nil
		}
	}
	for _, c := range p.Columns {
		if c.Name == target {
			continue
		}
		power, err := t.Power(c.Name, target)
		if err != nil {
			return err
		}
		c.Power = &Power{Number(power.Score), power.Measure, power.Leak()}
	}
	return nil
}
