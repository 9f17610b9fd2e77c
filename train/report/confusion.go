package report

import (
	"fmt"
	"image/color"

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

func (f Confusion) sheet() (*sheet, error) {
	n := len(f.Counts)
	if n == 0 {
		return nil, fmt.Errorf("%w: a confusion matrix without classes", ErrData)
	}
	totals := make([]float64, n)
	for i, row := range f.Counts {
		if len(row) != n {
			return nil, fmt.Errorf("%w: a confusion matrix with rows of %d and %d", ErrData, n, len(row))
		}
		for _, v := range row {
			totals[i] += v
		}
	}
	part := func(i, j int) float64 {
		if totals[i] > 0 {
			return f.Counts[i][j] / totals[i]
		}
		return 0
	}
	p := newPlot("predicted class", "true class")
	m := cells{n, func(i, j int) color.NRGBA { return share(part(i, j)) }, func(c draw.Canvas, at vg.Point, width vg.Length, i, j int) {
		writeCell(c, at, width, f.Counts[i][j], part(i, j))
	}}
	side := vg.Length(2.9+.12*float64(min(n, writtenCells))) * 72 // of the cells
	every := (n + writtenCells - 1) / writtenCells
	room := m.names(p, f.name, every, 0)
	tall := vg.Length(0) // what turned names need below
	if room > side/vg.Length(min(n, writtenCells))-4 {
		m.names(p, f.name, every, .7)
		tall = room * .65
	}
	p.Add(m)
	s := &sheet{width: side + room + 106, height: side + tall + 66, title: orText(f.Title, "Confusion matrix"), panels: []panel{{plot: p}}}
	if n > mostCells {
		s.note = fmt.Sprintf("%s of %s classes are shown.", figures(mostCells), figures(float64(n)))
	}
	s.bar = &colourBar{label: "share of the true class", lo: 0, hi: 1, colour: func(t float64) color.NRGBA { return share(t) }}
	return s, nil
}

// name is that of a class.
func (f Confusion) name(i int) string {
	if i < len(f.Labels) {
		return label(f.Labels[i], 24)
	}
	return fmt.Sprint(i)
}

// share is the colour of a share: white to blue.
func share(t float64) color.NRGBA {
	return mix(color.NRGBA{0xf3, 0xf7, 0xfb, 255}, color.NRGBA{0x08, 0x45, 0x7e, 255}, t)
}

// writeCell writes a count and its share of the row, in what is readable on the cell's colour.
func writeCell(c draw.Canvas, at vg.Point, room vg.Length, v, t float64) {
	size := min(13, float64(room)/4.2)
	style := words(size, onCell(t > .5), draw.XCenter, draw.YCenter)
	if w := style.Width(figures(v)); w > room-3 {
		size *= float64((room - 3) / w)
		style.Font.Size = vg.Points(size)
	}
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
