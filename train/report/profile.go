package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/train/data/profile"
)

// Profile returns the page of a table before training.
func Profile(p *profile.Profile, name string) Report {
	r := Report{Title: name, Lead: "What the table holds, before a model is trained on it.", Facts: profileFacts(p)}
	if p.Sampled < p.Rows {
		r.Lead += fmt.Sprintf(" The figures are of %s of its %s rows, drawn at random.", figures(float64(p.Sampled)), figures(float64(p.Rows)))
	}
	for _, f := range p.Findings {
		r.Warnings = append(r.Warnings, capital(f.Text)+".")
	}
	r.Pictures = profilePictures(p)
	r.Tables = []Table{columnTable(p)}
	if p.Target != "" {
		r.Tables = append(r.Tables, targetTable(p))
	}
	if slices.ContainsFunc(p.Columns, func(c *profile.Column) bool { return c.Drift != nil }) {
		r.Tables = append(r.Tables, driftTable(p))
	}
	return r
}

func profileFacts(p *profile.Profile) []Fact {
	missing := 0
	kinds := map[string]int{}
	for _, c := range p.Columns {
		missing += c.Missing
		kinds[c.Kind]++
	}
	return []Fact{
		{"rows", figures(float64(p.Rows))},
		{"columns", strconv.Itoa(len(p.Columns))},
		{"of numbers", strconv.Itoa(kinds["float"] + kinds["integer"])},
		{"of text", strconv.Itoa(kinds["string"] + kinds["date"] + kinds["boolean"])},
		{"missing values", fmt.Sprintf("%.3g %%", 100*float64(missing)/float64(p.Sampled*len(p.Columns)))},
		{"duplicate rows", figures(float64(p.Duplicates))},
	}
}

func columnTable(p *profile.Profile) Table {
	t := Table{Title: "Columns", Columns: []string{"column", "kind", "missing", "distinct", "mean", "deviation", "min", "25 %", "median", "75 %", "max", "most frequent"},
		Note: "Deviations divide by n-1; quantiles lie between neighbours in proportion, as NumPy's and pandas's."}
	for _, c := range p.Columns {
		row := []string{c.Name, c.Kind, figures(float64(c.Missing)), figures(float64(c.Distinct))}
		if n := c.Numbers; n != nil {
			for _, v := range []profile.Number{n.Mean, n.Std, n.Min, n.Q25, n.Median, n.Q75, n.Max} {
				row = append(row, figures(float64(v)))
			}
		} else {
			row = append(row, "", "", c.First, "", "", "", c.Last)
		}
		top := ""
		if len(c.Top) > 0 && (c.Numbers == nil || c.Top[0].Count > 1) {
			top = fmt.Sprintf("%s (%s)", label(c.Top[0].Text, 30), figures(float64(c.Top[0].Count)))
		}
		t.Rows = append(t.Rows, append(row, top))
	}
	return t
}

func targetTable(p *profile.Profile) Table {
	t := Table{Title: "What each column says about " + p.Target, Columns: []string{"column", "alone predicts", "measure", "MIC", "asymmetry", "edge value", "log2 cells"},
		Note: "Alone predicts: by the target's mean among rows of the same value, or of the same part of the range, on rows that were held out; chance is 1/2 in AUC and 0 in R2. " +
			"MIC is the maximal information coefficient (Reshef et al. 2011): 0 independent, 1 a noiseless relation of any form."}
	relations := map[string]profile.Relation{}
	if p.Pairs != nil {
		for _, m := range p.Pairs.TargetMIC {
			relations[m.Column] = m
		}
		t.Note += fmt.Sprintf(" It is of %s rows.", figures(float64(p.Pairs.MICRows)))
	}
	for _, c := range byPower(p) {
		row := []string{c.Name, figures(float64(c.Power.Score)), c.Power.Measure, "", "", "", ""}
		if m, ok := relations[c.Name]; ok {
			row = append(row[:3], figures(float64(m.MIC)), figures(float64(m.MAS)), figures(float64(m.MEV)), figures(float64(m.MCN)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// byPower returns the columns that were judged, the best first.
func byPower(p *profile.Profile) []*profile.Column {
	columns := slices.DeleteFunc(slices.Clone(p.Columns), func(c *profile.Column) bool { return c.Power == nil })
	slices.SortStableFunc(columns, func(a, b *profile.Column) int {
		switch {
		case a.Power.Score > b.Power.Score:
			return -1
		case a.Power.Score < b.Power.Score:
			return 1
		}
		return 0
	})
	return columns
}

func driftTable(p *profile.Profile) Table {
	t := Table{Title: "Against the other table", Columns: []string{"column", "Kolmogorov-Smirnov", "divergence, nats", "beyond the other's", "unseen there", "missing here", "missing there"},
		Note: "Divergence: Kullback-Leibler, of the histograms over the bins that both reach. Beyond the other's: the share of this table's numbers in bins where the other has none. Unseen: the share of the other's texts that this table lacks."}
	text := func(n *profile.Number) string {
		if n == nil {
			return ""
		}
		return figures(float64(*n))
	}
	for _, c := range p.Columns {
		if d := c.Drift; d != nil {
			t.Rows = append(t.Rows, []string{c.Name, text(d.KS), text(d.KL), text(d.Outside), text(d.Unseen),
				fmt.Sprintf("%.3g %%", 100*float64(d.Missing[0])), fmt.Sprintf("%.3g %%", 100*float64(d.Missing[1]))})
		}
	}
	return t
}

// The most columns of each kind that are drawn.
const mostDrawn = 96

func profilePictures(p *profile.Profile) []Picture {
	var out []Picture
	add := func(name, caption string, f Figure) { out = append(out, Picture{name, caption, f}) }
	if len(p.Classes) > 0 {
		add("classes", "Rows of each class of "+p.Target+".", Bars{Panels: []BarPanel{valuePanel(p.Target, p.Classes)}, Title: "Classes of " + label(p.Target, 40)})
	}
	if judged := byPower(p); len(judged) > 0 {
		panel := BarPanel{Axis: judged[0].Power.Measure + " on held-out rows", Max: 1}
		for _, c := range judged[:min(len(judged), maxBars)] {
			panel.Bars = append(panel.Bars, Bar{c.Name, float64(c.Power.Score), c.Power.Leak})
		}
		add("power", "How well each column alone predicts "+p.Target+" on rows that were held out; what is marked predicts it too well to be true.",
			Bars{Panels: []BarPanel{panel}, Title: "What each column alone predicts of " + label(p.Target, 30)})
	}
	if m := p.Pairs; m != nil {
		add("pearson", fmt.Sprintf("Linear correlation of each pair of columns, of %s rows.", figures(float64(m.Rows))),
			Association{m.Names, floats(m.Pearson), true, "Pearson correlation", "Linear correlations"})
		add("spearman", "Correlation of the ranks: 1 and -1 for whatever only rises or only falls.",
			Association{m.Names, floats(m.Spearman), true, "Spearman correlation", "Rank correlations"})
		if m.MIC != nil {
			add("mic", fmt.Sprintf("Maximal information coefficient of each pair, of %s rows: 1 for a noiseless relation of any form, somewhat less where few values occur, near 0 for none.", figures(float64(m.MICRows))),
				Association{m.Names, floats(m.MIC), false, "MIC", "Maximal information coefficients"})
		}
	}
	return append(out, distributions(p)...)
}

func floats(m [][]profile.Number) [][]float64 {
	out := make([][]float64, len(m))
	for i, row := range m {
		for _, v := range row {
			out[i] = append(out[i], float64(v))
		}
	}
	return out
}

func valuePanel(title string, values []profile.Value) BarPanel {
	p := BarPanel{Title: title, Axis: "rows", Whole: true}
	for _, v := range values {
		p.Bars = append(p.Bars, Bar{Name: orText(v.Text, "(empty)"), Value: float64(v.Count)})
	}
	return p
}

// distributions draws numbers as histograms and texts by their most frequent values, many to a picture.
func distributions(p *profile.Profile) []Picture {
	var samples []Sample
	var panels []BarPanel
	for _, c := range p.Columns {
		switch {
		case len(c.Values()) > 0 && len(samples) < mostDrawn:
			samples = append(samples, Sample{c.Name, c.Values()})
		case c.Numbers == nil && len(c.Top) > 0 && len(panels) < mostDrawn:
			panels = append(panels, valuePanel(c.Name, c.Top[:min(len(c.Top), 10)]))
		}
	}
	var out []Picture
	for i := range slices.Chunk(samples, maxPanels/2) {
		n := strconv.Itoa(len(out) + 1)
		out = append(out, Picture{"numbers_" + n, "Distribution of numbers.", Histograms{Samples: i, Axis: "value", Title: "Distribution of numbers"}})
	}
	first := len(out)
	for i := range slices.Chunk(panels, maxPanels/2) {
		n := strconv.Itoa(len(out) - first + 1)
		out = append(out, Picture{"texts_" + n, "The most frequent values of texts.", Bars{Panels: i, Title: "Most frequent values"}})
	}
	return out
}
