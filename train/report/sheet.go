package report

import (
	"image"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The sizes of a picture with one panel.
const (
	stdWidth  = 5.2 * vg.Inch
	stdHeight = 3.6 * vg.Inch
	margin    = 8 * vg.Length(1)
)

// sheet is a picture laid out: a title, a legend in rows below it, a note, and panels in a grid.
type sheet struct {
	width, height vg.Length
	title         string
	note          string
	legend        []key
	panels        []panel
	columns       int // of panels; 0 is 1
	bar           *colourBar
}

// panel is one plot of a sheet.
type panel struct {
	plot  *plot.Plot
	title string
	free  func(c draw.Canvas) // draws what is no plot
}

// key is an entry of the legend.
type key struct {
	text   string
	colour color.NRGBA
	dashes []vg.Length
	mark   mark
	shape  draw.GlyphDrawer // of a dot, nil for a circle
}

// mark is how a key shows its colour.
type mark uint8

const (
	markLine mark = iota
	markDot
	markPatch
)

// colourBar is a scale of colours beside the first panel.
type colourBar struct {
	label  string
	lo, hi float64
	colour func(t float64) color.NRGBA // t from 0 to 1
}

// draw paints everything.
func (s *sheet) draw(c draw.Canvas, background bool) {
	if background {
		c.SetColor(paper)
		c.Fill(c.Rectangle.Path())
	}
	c = draw.Crop(c, margin, -margin, margin, -margin)
	if s.title != "" {
		style := bold(words(titleSize, ink, draw.XLeft, draw.YTop))
		title := strings.Join(s.titleLines(), "\n")
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, title)
		c.Max.Y -= style.Height(title) + 4
	}
	c.Max.Y -= s.drawLegend(c)
	if s.note != "" {
		style := words(noteSize, faint, draw.XLeft, draw.YBottom)
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Min.Y}, s.note)
		c.Min.Y += style.Height(s.note) + 4
	}
	if s.bar != nil {
		bar := c
		bar.Min.X = bar.Max.X - 46
		c.Max.X -= 58
		s.drawPanels(c)
		s.drawBar(bar, s.panels[0].plot.DataCanvas(s.cell(c, 0)))
		return
	}
	s.drawPanels(c)
}

// titleLines returns the title, broken between words where it is wider than the picture.
func (s *sheet) titleLines() []string {
	style := bold(words(titleSize, ink, draw.XLeft, draw.YTop))
	var lines []string
	line := ""
	for _, word := range strings.Fields(label(s.title, 90)) {
		if longer := line + " " + word; line == "" {
			line = word
		} else if style.Width(longer) <= s.width-2*margin {
			line = longer
		} else {
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

func (s *sheet) drawPanels(c draw.Canvas) {
	for i, p := range s.panels {
		cell := s.cell(c, i)
		if p.title != "" {
			style := words(labelSize, ink, draw.XLeft, draw.YTop)
			cell.FillText(style, vg.Point{X: cell.Min.X, Y: cell.Max.Y + style.Height("X") + 3}, p.title)
		}
		if p.free != nil {
			p.free(cell)
			continue
		}
		p.plot.Draw(cell)
	}
}

// cell returns the room of panel i below its title.
func (s *sheet) cell(c draw.Canvas, i int) draw.Canvas {
	columns := max(1, s.columns)
	rows := (len(s.panels) + columns - 1) / columns
	const gap = 12
	w := (c.Max.X - c.Min.X - gap*vg.Length(columns-1)) / vg.Length(columns)
	h := (c.Max.Y - c.Min.Y - gap*vg.Length(rows-1)) / vg.Length(rows)
	cell := c
	cell.Min.X = c.Min.X + vg.Length(i%columns)*(w+gap)
	cell.Max.X = cell.Min.X + w
	cell.Max.Y = c.Max.Y - vg.Length(i/columns)*(h+gap)
	cell.Min.Y = cell.Max.Y - h
	if s.panels[i].title != "" {
		cell.Max.Y -= words(labelSize, ink, 0, 0).Height("X") + 3
	}
	return cell
}

// placeLegend calls place with each key's place in rows of a width: how far from the left it begins, its row, how
// wide its sign is.
func (s *sheet) placeLegend(width vg.Length, place func(k key, text string, x vg.Length, row int, sign vg.Length)) {
	const gap = 12
	style := words(tickSize, ink, draw.XLeft, draw.YCenter)
	x, row := vg.Length(0), 0
	for _, k := range s.legend {
		t := label(k.text, 70)
		sign := vg.Length(16)
		if k.mark == markDot {
			sign = 7
		}
		w := sign + 4 + style.Width(t)
		if x > 0 && x+w > width {
			x, row = 0, row+1
		}
		place(k, t, x, row, sign)
		x += w + gap
	}
}

// legendRow is the height of a row of the legend.
func legendRow() vg.Length { return words(tickSize, ink, 0, 0).Height("X") + 3 }

// legendRows returns how many rows the legend takes.
func (s *sheet) legendRows() int {
	rows := 0
	s.placeLegend(s.width-2*margin, func(_ key, _ string, _ vg.Length, row int, _ vg.Length) { rows = row + 1 })
	return rows
}

// drawLegend draws the keys in as many rows as they need and returns their height.
func (s *sheet) drawLegend(c draw.Canvas) vg.Length {
	if len(s.legend) == 0 {
		return 4
	}
	height := legendRow()
	style := words(tickSize, ink, draw.XLeft, draw.YCenter)
	rows := 0
	s.placeLegend(c.Max.X-c.Min.X, func(k key, text string, x vg.Length, row int, sign vg.Length) {
		x, y := c.Min.X+x, c.Max.Y-(vg.Length(row)+.5)*height
		k.draw(c, x, y, sign)
		c.FillText(style, vg.Point{X: x + sign + 4, Y: y}, text)
		rows = row + 1
	})
	return vg.Length(rows)*height + 5
}

// draw paints a key's sign, w wide from x on, around the height y.
func (k key) draw(c draw.Canvas, x, y, w vg.Length) {
	switch k.mark {
	case markDot:
		shape := k.shape
		if shape == nil {
			shape = draw.CircleGlyph{}
		}
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: k.colour, Radius: 3, Shape: shape}, vg.Point{X: x + w/2, Y: y})
	case markPatch:
		c.FillPolygon(k.colour, []vg.Point{{X: x, Y: y - 4}, {X: x + w, Y: y - 4}, {X: x + w, Y: y + 4}, {X: x, Y: y + 4}})
	default:
		c.StrokeLine2(draw.LineStyle{Color: k.colour, Width: 1.6, Dashes: k.dashes}, x, y, x+w, y)
	}
}

// drawBar draws the scale of colours as high as the panel's data.
func (s *sheet) drawBar(c, data draw.Canvas) {
	const width = 9
	img := image.NewNRGBA(image.Rect(0, 0, 1, 256))
	for i := range 256 {
		img.SetNRGBA(0, 255-i, s.bar.colour(float64(i)/255))
	}
	r := vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: data.Min.Y}, Max: vg.Point{X: c.Min.X + width, Y: data.Max.Y}}
	c.DrawImage(r, stretched(img, 16, 256))
	style := words(tickSize, ink, draw.XLeft, draw.YCenter)
	for _, t := range (steps{most: 5}).Ticks(s.bar.lo, s.bar.hi) {
		y := r.Min.Y + (r.Max.Y-r.Min.Y)*vg.Length((t.Value-s.bar.lo)/(s.bar.hi-s.bar.lo))
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: .6}, r.Max.X, y, r.Max.X+2, y)
		c.FillText(style, vg.Point{X: r.Max.X + 4, Y: y}, t.Label)
	}
	turned := words(labelSize, ink, draw.XCenter, draw.YTop)
	turned.Rotation = 1.5707963267948966
	c.FillText(turned, vg.Point{X: c.Max.X - 12, Y: (r.Min.Y + r.Max.Y) / 2}, s.bar.label)
}

// stretched returns an image of w x h dots, each that of the nearest in img: viewers that smooth do it between
// many small dots.
func stretched(img image.Image, w, h int) image.Image {
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, img.At(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h))
		}
	}
	return out
}
