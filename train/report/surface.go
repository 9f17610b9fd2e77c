package report

import (
	"errors"
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Surface draws what a classifier of two inputs decides all over the plane, with the examples on it. The colour
// of two classes is the probability of the second, and a line is where it is one half; of more classes it is
// the likeliest one's, paler where it is less sure.
type Surface struct {
	// Predict returns, for each point, the probability of the second class or one for each class.
	Predict func(points [][2]float64) ([][]float64, error)
	Points  [][2]float64 // examples; the plane is drawn around them
	Classes []int        // of the points, from 0
	Labels  []string     // the classes' names, nil for their numbers
	Inputs  [2]string    // the axes' names
	Title   string       // empty for a plain one
	Cells   int          // on each side; 0 is 240
}

// maxCells bounds the plane to a million points.
const maxCells = 1000

func (f Surface) sheet() (*sheet, error) {
	if len(f.Points) == 0 || len(f.Classes) != len(f.Points) || f.Predict == nil {
		return nil, fmt.Errorf("%w: a decision surface needs Predict and points with their classes", ErrData)
	}
	n := f.Cells
	if n == 0 {
		n = 240
	}
	if n < 2 || n > maxCells {
		return nil, fmt.Errorf("%w: a decision surface of %d cells", ErrData, n)
	}
	g, err := f.grid(n)
	if err != nil {
		return nil, err
	}
	p := newPlot(orText(f.Inputs[0], "x₁"), orText(f.Inputs[1], "x₂"))
	p.Add(plotter.NewImage(g.image(), g.x0, g.y0, g.x1, g.y1))
	s := &sheet{width: 4.6 * 72, height: 4.3 * 72, title: orText(f.Title, "Decision surface"), panels: []panel{{plot: p}}}
	classes := max(2, g.classes)
	if g.classes == 1 {
		p.Add(plotter.NewContour(g, []float64{.5}, nil))
		s.bar = &colourBar{label: "probability of class " + f.name(1), lo: 0, hi: 1, colour: diverging}
		s.width += 58
	}
	some := someOf(len(f.Points))
	s.note = shown(len(f.Points))
	for k := range classes {
		var xy plotter.XYs
		for _, i := range some {
			if f.Classes[i] == k {
				xy = append(xy, plotter.XY{X: f.Points[i][0], Y: f.Points[i][1]})
			}
		}
		if len(xy) == 0 {
			continue
		}
		c := fixed(classColour(k))
		r := dotRadius(len(some))
		addGlyphs(p, xy, draw.GlyphStyle{Color: color.NRGBA{255, 255, 254, 255}, Radius: r + .7, Shape: classShape(k)})
		addGlyphs(p, xy, draw.GlyphStyle{Color: c, Radius: r, Shape: classShape(k)})
		s.legend = append(s.legend, key{text: f.name(k), colour: c, mark: markDot, shape: classShape(k)})
	}
	if g.classes == 1 {
		s.legend = append(s.legend, key{text: "probability 0.5", colour: ink})
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = g.x0, g.x1, g.y0, g.y1
	return s, nil
}

func (f Surface) name(k int) string {
	if k < len(f.Labels) {
		return label(f.Labels[k], 30)
	}
	return fmt.Sprint(k)
}

// plane holds the predictions all over the plane, row by row from below.
type plane struct {
	n, classes     int
	x0, x1, y0, y1 float64
	p              [][]float64
}

func (f Surface) grid(n int) (*plane, error) {
	var xs, ys []float64
	for _, p := range f.Points {
		xs, ys = append(xs, p[0]), append(ys, p[1])
	}
	g := &plane{n: n}
	xlo, xhi := bounds(xs)
	ylo, yhi := bounds(ys)
	g.x0, g.x1 = spread(xlo, xhi, .07)
	g.y0, g.y1 = spread(ylo, yhi, .07)
	at := make([][2]float64, 0, n*n)
	for r := range n {
		for c := range n {
			at = append(at, [2]float64{g.X(c), g.Y(r)})
		}
	}
	var err error
	if g.p, err = f.Predict(at); err != nil {
		return nil, err
	}
	if len(g.p) != n*n || len(g.p[0]) == 0 {
		return nil, fmt.Errorf("%w: Predict returned %d rows for %d points", ErrData, len(g.p), n*n)
	}
	g.classes = len(g.p[0])
	for _, row := range g.p {
		if len(row) != g.classes {
			return nil, errors.New("report: Predict returned rows of different lengths")
		}
	}
	if g.classes == 2 { // two columns say what one does
		for i := range g.p {
			g.p[i] = g.p[i][1:]
		}
		g.classes = 1
	}
	return g, nil
}

// Dims, X, Y and Z make the plane a grid for contours, at the middles of its cells.
func (g *plane) Dims() (c, r int)   { return g.n, g.n }
func (g *plane) X(c int) float64    { return g.x0 + (g.x1-g.x0)*(float64(c)+.5)/float64(g.n) }
func (g *plane) Y(r int) float64    { return g.y0 + (g.y1-g.y0)*(float64(r)+.5)/float64(g.n) }
func (g *plane) Z(c, r int) float64 { return g.p[r*g.n+c][0] }

// Min and Max are the probabilities' range.
func (g *plane) Min() float64 { return 0 }
func (g *plane) Max() float64 { return 1 }

func (g *plane) image() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, g.n, g.n))
	for r := range g.n {
		for c := range g.n {
			img.SetNRGBA(c, g.n-1-r, g.colour(g.p[r*g.n+c]))
		}
	}
	return img
}

func (g *plane) colour(p []float64) color.NRGBA {
	if g.classes == 1 {
		if !finite(p[0]) {
			return hair
		}
		return diverging(p[0])
	}
	best := 0
	for k, v := range p {
		if v > p[best] {
			best = k
		}
	}
	sure := (p[best] - 1/float64(len(p))) / (1 - 1/float64(len(p)))
	return mix(paper, classColour(best), .15+.5*sure)
}

// diverging is the colour of a probability: from the first class's through white to the second's.
func diverging(t float64) color.NRGBA {
	const most = .62 // the examples on it are full
	if t < .5 {
		return mix(paper, blue, most*(1-2*t))
	}
	return mix(paper, vermilion, most*(2*t-1))
}

// fixed is nearly the same colour, one that a dark page leaves as it is: that of dots on a painted plane.
func fixed(c color.NRGBA) color.NRGBA {
	c.G ^= 4
	return c
}

// dotRadius is smaller the more points there are.
func dotRadius(n int) vg.Length {
	switch {
	case n <= 200:
		return 2.4
	case n <= 1500:
		return 1.7
	}
	return 1.2
}
