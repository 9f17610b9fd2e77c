package report

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion draws a confusion matrix: how often each class, a row, is taken for each, a column. A cell's colour
// is its share of the row.
type Confusion struct {
	Counts [][]float64 // rows are true classes, columns predicted ones
	Labels []string    // the classes' names, nil for their numbers
	Title  string      // empty for a plain one
}

// confusionMost is the most classes whose cells are written out and whose names are all shown.
const confusionMost = 16

func (f Confusion) sheet() (*sheet, error) {
	n := len(f.Counts)
	if n == 0 {
		return nil, fmt.Errorf("%w: a confusion matrix without classes", ErrData)
	}
	for _, row := range f.Counts {
		if len(row) != n {
			return nil, fmt.Errorf("%w: a confusion matrix with rows of %d and %d", ErrData, n, len(row))
		}
	}
	side := vg.Length(3.6+.12*float64(min(n, confusionMost))) * 72
	p := newPlot("predicted class", "true class")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(n), 0, float64(n)
	f.name(&p.X, false)
	f.name(&p.Y, true)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.Add(matrix{f})
	s := &sheet{width: side + 46, height: side, title: orText(f.Title, "Confusion matrix"), panels: []panel{{plot: p}}}
	s.bar = &colourBar{label: "share of the true class", lo: 0, hi: 1, colour: func(t float64) color.NRGBA { return share(t) }}
	return s, nil
}

// name puts the classes' names on an axis; rows go downwards.
func (f Confusion) name(a *plot.Axis, down bool) {
	n := len(f.Counts)
	every := (n + confusionMost - 1) / confusionMost
	var marks plot.ConstantTicks
	for i := 0; i < n; i += every {
		name := fmt.Sprint(i)
		if i < len(f.Labels) {
			name = label(f.Labels[i], 14)
		}
		at := float64(i) + .5
		if down {
			at = float64(n) - at
		}
		marks = append(marks, plot.Tick{Value: at, Label: name})
	}
	a.Tick.Marker = marks
	if !down && n > 5 && f.wide() {
		a.Tick.Label.Rotation = .7
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = draw.XRight, draw.YTop
	}
}

// wide tells whether names are too long to stand side by side.
func (f Confusion) wide() bool {
	for _, l := range f.Labels {
		if len([]rune(l)) > 5 {
			return true
		}
	}
	return false
}

// share is the colour of a share: white to blue.
func share(t float64) color.NRGBA {
	return mix(color.NRGBA{0xf3, 0xf7, 0xfb, 255}, color.NRGBA{0x08, 0x45, 0x7e, 255}, t)
}

// matrix draws the cells.
type matrix struct{ Confusion }

// Plot draws the cells.
func (m matrix) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	n := len(m.Counts)
	for i, row := range m.Counts {
		total := 0.0
		for _, v := range row {
			total += v
		}
		for j, v := range row {
			t := 0.0
			if total > 0 {
				t = v / total
			}
			x0, x1 := x(float64(j)), x(float64(j+1))
			y0, y1 := y(float64(n-i-1)), y(float64(n-i))
			c.FillPolygon(share(t), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
			c.StrokeLines(draw.LineStyle{Color: paper, Width: .8}, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}})
			if n <= confusionMost {
				writeCell(c, vg.Point{X: (x0 + x1) / 2, Y: (y0 + y1) / 2}, x1-x0, v, t)
			}
		}
	}
}

// writeCell writes a count and its share of the row, in what is readable on the cell's colour.
func writeCell(c draw.Canvas, at vg.Point, room vg.Length, v, t float64) {
	on := color.NRGBA{0x12, 0x18, 0x20, 255}
	if t > .5 {
		on = color.NRGBA{0xff, 0xff, 0xfe, 255} // not the page's white, which a dark page changes
	}
	size := min(13, float64(room)/4.2)
	if size < 4 {
		return
	}
	style := words(size, on, draw.XCenter, draw.YCenter)
	if size < 9 {
		if v != 0 {
			c.FillText(style, at, figures(v))
		}
		return
	}
	c.FillText(style, vg.Point{X: at.X, Y: at.Y + vg.Length(size)*.42}, figures(v))
	style.Font.Size = vg.Points(size * .68)
	c.FillText(style, vg.Point{X: at.X, Y: at.Y - vg.Length(size)*.62}, fmt.Sprintf("%.1f %%", 100*t))
}
