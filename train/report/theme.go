package report

import (
	"image/color"
	"math"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours of what is no data.
var (
	paper = color.NRGBA{255, 255, 255, 255}
	ink   = color.NRGBA{0x1f, 0x23, 0x28, 255}
	faint = color.NRGBA{0x6b, 0x72, 0x80, 255}
	hair  = color.NRGBA{0xe2, 0xe5, 0xea, 255}
)

// The colours of data: Okabe and Ito, "Color Universal Design" (2008), less yellow and black.
var (
	blue       = color.NRGBA{0x00, 0x72, 0xb2, 255}
	vermilion  = color.NRGBA{0xd5, 0x5e, 0x00, 255}
	green      = color.NRGBA{0x00, 0x9e, 0x73, 255}
	purple     = color.NRGBA{0xb6, 0x4f, 0x8a, 255} // darker than theirs, which fades on white
	orange     = color.NRGBA{0xe6, 0x9f, 0x00, 255}
	sky        = color.NRGBA{0x3f, 0xa9, 0xe0, 255}
	fewColours = []color.NRGBA{blue, vermilion, green, purple, orange, sky}
	tenColours = append(fewColours[:6:6], []color.NRGBA{{0x8c, 0x56, 0x4b, 255}, {0x55, 0x46, 0xb0, 255}, {0x93, 0x99, 0x00, 255}, {0x70, 0x76, 0x80, 255}}...)
)

// The names of data parts and their colours.
const (
	partTrain      = "training"
	partValidation = "validation"
	partTest       = "test"
)

// classColour returns the colour of class i. Ten classes differ in it.
func classColour(i int) color.NRGBA { return tenColours[i%len(tenColours)] }

// classShape returns the form of the dots of class i: classes of one colour differ in it.
func classShape(i int) draw.GlyphDrawer {
	return []draw.GlyphDrawer{draw.CircleGlyph{}, solid{3}, solid{4}}[i/len(tenColours)%3]
}

// solid is a filled regular polygon of a number of corners as a glyph, one upwards.
type solid struct{ corners int }

// DrawGlyph draws the polygon, as large to the eye as a circle of the radius.
func (s solid) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	points := make([]vg.Point, s.corners)
	r := float64(sty.Radius) * 1.25
	for i := range points {
		a := 2*math.Pi*float64(i)/float64(s.corners) + math.Pi/2
		points[i] = vg.Point{X: at.X + vg.Length(r*math.Cos(a)), Y: at.Y + vg.Length(r*math.Sin(a))}
	}
	c.FillPolygon(sty.Color, points)
}

// partColour returns the colour of a part of the data, else that of its number.
func partColour(name string, i int) color.NRGBA {
	switch name {
	case partTrain:
		return blue
	case partValidation:
		return vermilion
	case partTest:
		return green
	}
	return classColour(i)
}

// alpha returns the colour, that much opaque.
func alpha(c color.NRGBA, a float64) color.NRGBA {
	c.A = uint8(math.Round(a * 255))
	return c
}

// mix returns a colour between two, a at 0 and b at 1.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	t = max(0, min(1, t))
	f := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + t*(float64(y)-float64(x)))) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}

// The sizes of text, in points.
const (
	titleSize = 10.5
	labelSize = 9
	tickSize  = 8
	noteSize  = 7.5
)

// words returns a style of text; bold for titles.
func words(size float64, c color.Color, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{
		Color: c, XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler,
		Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)},
	}
}

func bold(s text.Style) text.Style {
	s.Font.Weight = 3 // golang.org/x/image/font.WeightBold
	return s
}

// label makes text of someone's data fit for a picture: one line without control characters. What is too long is
// cut in its middle: names often differ at the end.
func label(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		tail := (most - 1) / 3
		return string(r[:most-1-tail]) + "…" + string(r[len(r)-tail:])
	}
	return s
}

// newPlot returns an empty plot with axes in the package's style.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: faint, Width: vg.Points(.6)}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = vg.Points(3)
		a.Label.Padding = vg.Points(3)
		a.Label.TextStyle.Font = words(labelSize, ink, 0, 0).Font
		a.Label.TextStyle.Color = ink
		a.Tick.Label.Font = words(tickSize, ink, 0, 0).Font
		a.Tick.Label.Color = ink
		a.Tick.Marker = steps{}
	}
	g := plotter.NewGrid()
	g.Vertical = draw.LineStyle{Color: hair, Width: vg.Points(.5)}
	g.Horizontal = g.Vertical
	p.Add(g)
	return p
}

// unit sets an axis to the range of shares, from 0 to 1.
func unit(a *plot.Axis) {
	a.Min, a.Max = 0, 1
	a.Tick.Marker = plot.ConstantTicks{
		{Value: 0, Label: "0"}, {Value: .2, Label: "0.2"}, {Value: .4, Label: "0.4"},
		{Value: .6, Label: "0.6"}, {Value: .8, Label: "0.8"}, {Value: 1, Label: "1"},
	}
}
