package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sample is a set of numbers with a name, such as the weights of a layer.
type Sample struct {
	Name   string
	Values []float64
}

// Histograms draws the distribution of weights or gradients, a panel for each parameter. Numbers that are not
// finite are left out and counted in the panel's title. Where few bins hold nearly all, counts are logarithmic.
type Histograms struct {
	Samples []Sample
	Axis    string // what the numbers are: weight, gradient
	Title   string // empty for a plain one
}

// maxPanels bounds the panels of one picture.
const maxPanels = 24

func (f Histograms) sheet() (*sheet, error) {
	if len(f.Samples) == 0 || len(f.Samples) > maxPanels {
		return nil, fmt.Errorf("%w: %d histograms, 1 to %d fit into a picture", ErrData, len(f.Samples), maxPanels)
	}
	axis := orText(f.Axis, "weight")
	columns := min(3, len(f.Samples))
	rows := (len(f.Samples) + columns - 1) / columns
	s := &sheet{columns: columns, title: orText(f.Title, "Distribution of each parameter's "+axis+"s")}
	s.width, s.height = max(stdWidth, vg.Length(columns)*2.35*72), vg.Length(rows)*1.98*72+40
	for _, sample := range f.Samples {
		p := newPlot(axis, "count")
		values := sortedFinite(sample.Values)
		name := label(sample.Name, 36)
		if bad := len(sample.Values) - len(values); bad > 0 {
			name += fmt.Sprintf(" (%s not finite)", figures(float64(bad)))
		}
		bins := binned(values)
		p.Add(bars{bins, bins.steep()})
		p.X.Min, p.X.Max = bins.lo, bins.hi
		p.Y.Min, p.Y.Max = 0, max(1, bins.top()*1.06)
		p.X.Tick.Marker, p.Y.Tick.Marker = steps{most: 5, room: 21}, steps{most: 4, whole: true}
		if bins.steep() {
			p.Y.Label.Text = "count (logarithmic)"
			p.Y.Min, p.Y.Max = math.Log10(least), math.Log10(bins.top()*1.3)
			p.Y.Tick.Marker = decades{}
		}
		if len(values) > 0 {
			mean, dev := meanDeviation(values)
			p.X.Label.Text = fmt.Sprintf("%s\nmean %s, deviation %s", axis, figures(mean), figures(dev))
			p.X.Label.TextStyle.Font.Size = vg.Points(noteSize)
		}
		s.panels = append(s.panels, panel{plot: p, title: name})
	}
	return s, nil
}

// histogram holds counts of equal bins from lo to hi.
type histogram struct {
	lo, hi float64
	counts []float64
}

// binned counts sorted numbers in bins of Freedman and Diaconis's width, 2 IQR n^(-1/3), of which there are 9
// to 60.
func binned(sorted []float64) histogram {
	if len(sorted) == 0 {
		return histogram{0, 1, nil}
	}
	lo, hi := sorted[0], sorted[len(sorted)-1]
	if lo == hi {
		lo, hi = spread(lo, hi, .5)
	}
	n := 9.0 // odd: what is constant stands in the middle
	if iqr := quantile(sorted, .75) - quantile(sorted, .25); iqr > 0 {
		n = math.Ceil((hi - lo) / (2 * iqr / math.Cbrt(float64(len(sorted)))))
	}
	h := histogram{lo, hi, make([]float64, int(max(9, min(60, n))))}
	for _, v := range sorted {
		i := int((v - lo) / (hi - lo) * float64(len(h.counts)))
		h.counts[min(i, len(h.counts)-1)]++
	}
	return h
}

func (h histogram) top() float64 {
	top := 0.0
	for _, c := range h.counts {
		top = max(top, c)
	}
	return top
}

// least is where a logarithmic axis of counts begins: one is seen.
const least = .6

// steep tells whether most bins would not be seen on a linear axis.
func (h histogram) steep() bool {
	counts := slices.DeleteFunc(slices.Clone(h.counts), func(c float64) bool { return c == 0 })
	slices.Sort(counts)
	return len(counts) > 1 && h.top() > 150*counts[len(counts)/2-(1-len(counts)%2)]
}

// bars draws a histogram, on an axis of decimal logarithms where log is set.
type bars struct {
	histogram
	log bool
}

// Plot draws the bars.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	w := (b.hi - b.lo) / float64(len(b.counts))
	for i, v := range b.counts {
		if v == 0 {
			continue
		}
		x0, x1 := x(b.lo+w*float64(i)), x(b.lo+w*float64(i+1))
		y0, y1 := y(0), y(v)
		if b.log {
			y0, y1 = c.Min.Y, y(math.Log10(v))
		}
		c.FillPolygon(alpha(blue, .85), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
	}
}
