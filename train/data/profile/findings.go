package profile

import (
	"fmt"
	"math"
	"strings"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/stat"
)

// Drift is how far a column's values in another table are from those in this one.
type Drift struct {
	KL      *Number   `json:"kl,omitempty"`      // of numbers' histograms, see [stat.KLHistogram]
	Outside *Number   `json:"outside,omitempty"` // the share of this table's numbers where the other has none
	KS      *Number   `json:"ks,omitempty"`      // of numbers, see [stat.KolmogorovSmirnov]
	Unseen  *Number   `json:"unseen,omitempty"`  // of text: the share of the other's values that this one lacks
	Missing [2]Number `json:"missing"`           // shares, here and there
}

// compare holds each column against the other table's of that name.
func (p *Profile) compare(t, other *data.Table) error {
	for i, c := range t.Columns() {
		o, err := other.Column(c.Name())
		if err != nil {
			if p.Target == c.Name() {
				continue // new rows need not have it
			}
			return fmt.Errorf("to compare with: %w", err)
		}
		if o.Len() == 0 {
			return fmt.Errorf("profile: the table to compare with has no rows")
		}
		d := &Drift{Missing: [2]Number{Number(p.Columns[i].MissingShare()), Number(float64(o.CountMissing()) / float64(o.Len()))}}
		p.Columns[i].Drift = d
		if c.Kind() == data.String {
			d.Unseen = unseen(c, o)
			continue
		}
		there, err := describe(o)
		if err != nil {
			return err
		}
		if there.Numbers == nil {
			return fmt.Errorf("profile: column %s has numbers here and text in the table to compare with, as %q", c.Name(), short(there.Top[0].Text))
		}
		if len(there.values) == 0 || len(p.Columns[i].values) == 0 {
			continue
		}
		kl, err := stat.KLHistogram(p.Columns[i].values, there.values)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name(), err)
		}
		div, out, ks := Number(kl.KL), Number(kl.Outside), Number(stat.KolmogorovSmirnov(p.Columns[i].values, there.values))
		d.KL, d.Outside, d.KS = &div, &out, &ks
	}
	return nil
}

// unseen returns the share of o's texts that c does not have.
func unseen(c, o *data.Column) *Number {
	seen := map[string]bool{}
	for i := range c.Len() {
		seen[c.Text(i)] = true
	}
	n := 0
	for i := range o.Len() {
		if !o.Missing(i) && !seen[o.Text(i)] {
			n++
		}
	}
	share := Number(float64(n) / float64(max(1, o.Len()-o.CountMissing())))
	return &share
}

// What is worth a word.
const (
	muchMissing  = .3
	rareClass    = .05
	nearlySame   = .98 // of a correlation
	driftKS      = .1
	driftUnseen  = .01
	mostFindings = 100
)

// find collects the reasons to look twice, the worst first.
func (p *Profile) find() {
	for _, c := range p.Columns {
		if c.Power != nil && c.Power.Leak {
			p.add("leak", c.Name, "column %s alone predicts %s almost perfectly (%s %.3f on rows that were held out): a leak, unless it is known before the prediction is asked for", c.Name, p.Target, c.Power.Measure, float64(c.Power.Score))
		}
	}
	for _, c := range p.Columns {
		p.inspect(c)
	}
	if len(p.Columns) == 1 {
		if i := strings.IndexAny(p.Columns[0].Name, ";\t|"); i >= 0 {
			p.add("separator", p.Columns[0].Name, "the only column is named %s: is %q what separates the fields?", short(p.Columns[0].Name), p.Columns[0].Name[i])
		}
	}
	if p.Duplicates > 0 {
		p.add("duplicates", "", "%d of %d rows are the same as a row before: in a training and a test part, they make the test easier than it is", p.Duplicates, p.Sampled)
	}
	if n := len(p.Classes); n > 1 {
		total := 0
		for _, v := range p.Classes {
			total += v.Count
		}
		if rare := p.Classes[n-1]; float64(rare.Count) < rareClass*float64(total) {
			p.add("imbalance", p.Target, "class %s of %s has %.2g %% of the rows: accuracy says little, class weights or undersampling may help", short(rare.Text), p.Target, 100*float64(rare.Count)/float64(total))
		}
	}
	p.redundant()
}

// inspect looks at one column.
func (p *Profile) inspect(c *Column) {
	switch {
	case c.Distinct == 0:
		p.add("missing", c.Name, "column %s has no value", c.Name)
	case c.Distinct == 1 && c.Missing == 0:
		p.add("constant", c.Name, "column %s is %s in every row", c.Name, short(c.Top[0].Text))
	case c.MissingShare() >= muchMissing:
		p.add("missing", c.Name, "column %s has no value in %.0f %% of the rows", c.Name, 100*c.MissingShare())
	}
	switch {
	case c.Kind == "date" && c.First != "":
		p.add("date", c.Name, "column %s holds dates, from %s to %s: a model takes numbers made of them (days since the first, the month, the weekday), and newer rows make the better test", c.Name, c.First, c.Last)
	case c.Kind == "date":
		p.add("date", c.Name, "column %s holds dates of which day and month may change places: write them as year-month-day", c.Name)
	case c.identifier() && c.Name != p.Target:
		p.add("identifier", c.Name, "column %s has another value in every row: an identifier, of which a model learns nothing that holds for other rows", c.Name)
	}
	if c.Numbers != nil && c.Numbers.Infinite > 0 {
		p.add("infinite", c.Name, "column %s is infinite in %d rows", c.Name, c.Numbers.Infinite)
	}
	d := c.Drift
	switch {
	case d == nil:
	case d.KS != nil && *d.KS > driftKS:
		p.add("drift", c.Name, "column %s is distributed differently in the other table: Kolmogorov-Smirnov distance %.3f, divergence of the histograms %.3g nats", c.Name, float64(*d.KS), float64(*d.KL))
	case d.Unseen != nil && *d.Unseen > driftUnseen:
		p.add("drift", c.Name, "%.2g %% of column %s in the other table are values that this one lacks", 100*float64(*d.Unseen), c.Name)
	case math.Abs(float64(d.Missing[0]-d.Missing[1])) > driftKS:
		p.add("drift", c.Name, "column %s has no value in %.0f %% of the rows, in the other table in %.0f %%", c.Name, 100*float64(d.Missing[0]), 100*float64(d.Missing[1]))
	}
}

// redundant names pairs of columns that say the same.
func (p *Profile) redundant() {
	if p.Pairs == nil {
		return
	}
	for i, a := range p.Pairs.Names {
		for j, b := range p.Pairs.Names[:i] {
			r := math.Abs(float64(p.Pairs.Spearman[i][j]))
			if a != p.Target && b != p.Target && r > nearlySame {
				p.add("redundant", a, "columns %s and %s rise and fall together (Spearman %.3f): one of them says little more", b, a, float64(p.Pairs.Spearman[i][j]))
			}
		}
	}
}

func (p *Profile) add(kind, column, format string, args ...any) {
	if len(p.Findings) < mostFindings {
		p.Findings = append(p.Findings, Finding{kind, column, strings.TrimSpace(fmt.Sprintf(format, args...))})
	}
}
