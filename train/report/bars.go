package report

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bar is a named value.
type Bar struct {
	Name   string
	Value  float64
	Marked bool // drawn in the colour of what wants attention
}

// BarPanel is a list of bars below each other.
type BarPanel struct {
	Title string
	Axis  string // what the values are: rows, score
	Bars  []Bar
	Max   float64 // of the axis; 0 is the largest value
	Whole bool    // values are counts
}

// Bars draws lists of named values, a panel for each: how often values occur, how well columns predict. What is
// not finite has no bar.
type Bars struct {
	Panels []BarPanel
	Title  string
}

// maxBars bounds the bars of a panel.
const maxBars = 64

func (f Bars) sheet() (*sheet, error) {
	if len(f.Panels) == 0 || len(f.Panels) > maxPanels {
		return nil, fmt.Errorf("%w: %d lists of bars, 1 to %d fit into a picture", ErrData, len(f.Panels), maxPanels)
	}
	most := 0
	for _, p := range f.Panels {
		if len(p.Bars) == 0 || len(p.Bars) > maxBars {
			return nil, fmt.Errorf("%w: %d bars, 1 to %d fit below each other", ErrData, len(p.Bars), maxBars)
		}
		most = max(most, len(p.Bars))
	}
	columns := min(3, len(f.Panels))
	rows := (len(f.Panels) + columns - 1) / columns
	s := &sheet{columns: columns, title: f.Title}
	s.width = max(stdWidth, vg.Length(columns)*2.6*72)
	s.height = vg.Length(rows)*(56+15*vg.Length(most)) + 34
	width := (s.width-2*margin)/vg.Length(columns) - 12
	for _, p := range f.Panels {
		s.panels = append(s.panels, p.panel(most, width))
	}
	return s, nil
}

// panel lays the bars out in a width.
func (b BarPanel) panel(slots int, width vg.Length) panel {
	p := newPlot(b.Axis, "")
	top := b.Max
	for _, v := range b.Bars {
		if b.Max == 0 && !math.IsInf(v.Value, 0) && v.Value > top {
			top = v.Value
		}
	}
	if top <= 0 {
		top = 1
	}
	p.Y.Min, p.Y.Max = 0, float64(slots)
	p.X.Tick.Marker = steps{most: 4, whole: b.Whole}
	var names plot.ConstantTicks
	for i, v := range b.Bars {
		names = append(names, plot.Tick{Value: float64(slots-i) - .5, Label: label(v.Name, 22)})
	}
	p.Y.Tick.Marker, p.Y.LineStyle.Width = names, 0
	p.Y.Tick.LineStyle.Color = color.Transparent
	values := vg.Length(0) // what the texts beside the bars need
	for _, v := range b.Bars {
		values = max(values, words(noteSize, ink, 0, 0).Width(b.text(v.Value))+8)
	}
	room := width - widest(p.Y.Tick.Label, names) - 8
	p.X.Min, p.X.Max = 0, top*float64(room/max(room-values, 20))
	p.Add(barList{b, slots})
	return panel{plot: p, title: label(b.Title, 40)}
}

// text writes a value.
func (b BarPanel) text(v float64) string {
	if b.Whole {
		return figures(v)
	}
	return strings.Replace(fmt.Sprintf("%.3f", v), "-", "−", 1)
}

// barList draws the bars, from the top down.
type barList struct {
	BarPanel
	slots int
}

// Plot draws the bars and writes their values beside them.
func (b barList) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := words(noteSize, ink, draw.XLeft, draw.YCenter)
	for i, v := range b.Bars {
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			continue
		}
		at := float64(b.slots-i) - .5
		colour := blue
		if v.Marked {
			colour = vermilion
		}
		x0, x1 := x(0), x(max(0, v.Value))
		y0, y1 := y(at-.36), y(at+.36)
		c.FillPolygon(alpha(colour, .85), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
		c.FillText(style, vg.Point{X: x1 + 3, Y: (y0 + y1) / 2}, b.text(v.Value))
	}
}

// Association draws a symmetric matrix of how columns go together: correlations from -1 to 1, or coefficients from
// 0 to 1. What is NaN is grey.
type Association struct {
	Names  []string
	Values [][]float64
	Signed bool   // from -1 to 1
	Label  string // what the values are
	Title  string
}

// mostAssociations is the most columns of a matrix.
const mostAssociations = 64

func (f Association) sheet() (*sheet, error) {
	n := len(f.Names)
	if n < 2 || n > mostAssociations || len(f.Values) != n {
		return nil, fmt.Errorf("%w: a matrix of %d names and %d rows, 2 to %d fit into a picture", ErrData, n, len(f.Values), mostAssociations)
	}
	for _, row := range f.Values {
		if len(row) != n {
			return nil, fmt.Errorf("%w: a matrix with a row of %d for %d names", ErrData, len(row), n)
		}
	}
	p := newPlot("", "")
	if n > 30 {
		p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = vg.Points(6), vg.Points(6)
	}
	m := cells{n, func(i, j int) color.NRGBA { return f.colour(f.Values[i][j]) }, func(c draw.Canvas, at vg.Point, width vg.Length, i, j int) {
		if v := f.Values[i][j]; !math.IsNaN(v) {
			style := words(min(8.5, float64(width)/3), onCell(math.Abs(v) > .5), draw.XCenter, draw.YCenter)
			two := fmt.Sprintf("%.2f", math.Round(v*100)/100+0) // 0 makes −0.00 0.00
			c.FillText(style, at, strings.Replace(two, "-", "−", 1))
		}
	}}
	room := m.names(p, func(i int) string { return label(f.Names[i], 24) }, 1, math.Pi/2)
	p.Add(m)
	side := vg.Length(min(7, 2.4+.25*float64(n))) * 72 // of the cells
	lo := 0.0
	if f.Signed {
		lo = -1
	}
	s := &sheet{width: side + room + 92, height: side + room + 44, title: f.Title, panels: []panel{{plot: p}}}
	s.bar = &colourBar{label: f.Label, lo: lo, hi: 1, colour: func(t float64) color.NRGBA { return f.colour(lo + t*(1-lo)) }}
	return s, nil
}

// colour is white at 0, blue at 1, vermilion at -1.
func (f Association) colour(v float64) color.NRGBA {
	light := color.NRGBA{0xf3, 0xf7, 0xfb, 255}
	switch {
	case math.IsNaN(v):
		return color.NRGBA{0xc8, 0xcc, 0xd2, 255}
	case v < 0:
		return mix(light, color.NRGBA{0xa8, 0x42, 0x00, 255}, -v)
	}
	return mix(light, color.NRGBA{0x08, 0x45, 0x7e, 255}, v)
}
