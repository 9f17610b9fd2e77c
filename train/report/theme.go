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

// classColour returns the colour of class i of n.
func classColour(i, n int) color.NRGBA {
	if n <= len(tenColours) {
		return tenColours[i]
	}
	// Steps around the hue circle with two lightnesses in turn keep neighbours apart.
	h := 360 * float64(i) / float64(n)
	return hsl(h, .62, []float64{.42, .60}[i%2])
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
	return fewColours[i%len(fewColours)]
}

// hsl returns a colour by hue in degrees, saturation and lightness.
func hsl(h, s, l float64) color.NRGBA {
	part := func(n float64) uint8 {
		k := math.Mod(n+h/30, 12)
		a := s * min(l, 1-l)
		return uint8(math.Round(255 * (l - a*max(-1, min(k-3, 9-k, 1)))))
	}
	return color.NRGBA{part(0), part(8), part(4), 255}
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

// label makes text of someone's data fit for a picture: one line without control characters, not too long.
func label(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
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
