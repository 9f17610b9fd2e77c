package report

import (
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// cells draws a square matrix of coloured cells, the first row at the top, on axes from 0 to n.
type cells struct {
	n      int
	colour func(i, j int) color.NRGBA // of row i, column j
	// write puts text into a cell of a width, where there are few enough cells for it.
	write func(c draw.Canvas, at vg.Point, width vg.Length, i, j int)
}

const (
	writtenCells = 16   // the most rows whose cells have text, and edges
	mostCells    = 1024 // the most rows that are drawn: of more, some
)

// Plot draws the cells: one by one where they are few, else as an image.
func (m cells) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	if m.n > writtenCells {
		rows := min(m.n, mostCells)
		img := image.NewNRGBA(image.Rect(0, 0, rows, rows))
		for i := range rows {
			for j := range rows {
				img.SetNRGBA(j, i, m.colour(i*m.n/rows, j*m.n/rows))
			}
		}
		r := vg.Rectangle{Min: vg.Point{X: x(0), Y: y(0)}, Max: vg.Point{X: x(float64(m.n)), Y: y(float64(m.n))}}
		dots := rows * max(1, mostCells/rows)
		c.DrawImage(r, stretched(img, dots, dots))
		return
	}
	for i := range m.n {
		for j := range m.n {
			x0, x1 := x(float64(j)), x(float64(j+1))
			y0, y1 := y(float64(m.n-i-1)), y(float64(m.n-i))
			c.FillPolygon(m.colour(i, j), []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
			c.StrokeLines(draw.LineStyle{Color: paper, Width: .8}, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}})
			m.write(c, vg.Point{X: (x0 + x1) / 2, Y: (y0 + y1) / 2}, x1-x0, i, j)
		}
	}
}

// onCell is the colour of text on a cell, dark or light.
func onCell(dark bool) color.NRGBA {
	if dark {
		return color.NRGBA{0xff, 0xff, 0xfe, 255} // not the page's white, which a dark page changes
	}
	return color.NRGBA{0x12, 0x18, 0x20, 255}
}

// names puts the rows' names on both axes, every so many of them, and returns how wide the widest is. Those of
// columns are turned by an angle where it is not 0.
func (m cells) names(p *plot.Plot, of func(i int) string, every int, turned float64) vg.Length {
	var across, down plot.ConstantTicks
	for i := 0; i < m.n; i += every {
		across = append(across, plot.Tick{Value: float64(i) + .5, Label: of(i)})
		down = append(down, plot.Tick{Value: float64(m.n-i) - .5, Label: of(i)})
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, float64(m.n), 0, float64(m.n)
	p.X.Tick.Marker, p.Y.Tick.Marker = across, down
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.LineStyle.Color = color.Transparent // room alone
		a.Tick.Length = 4
		a.LineStyle.Width = 0
	}
	if turned != 0 {
		p.X.Tick.Label.Rotation = turned
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	}
	return widest(p.Y.Tick.Label, down)
}

// widest returns the width of the widest of the marks' texts.
func widest(style draw.TextStyle, marks []plot.Tick) vg.Length {
	w := vg.Length(0)
	for _, m := range marks {
		w = max(w, style.Width(m.Label))
	}
	return w
}
