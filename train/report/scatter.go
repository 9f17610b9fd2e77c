package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scatter draws points of a plane in the colours of their classes: a latent space, or the projection of an
// embedding, see [Project].
type Scatter struct {
	Points  [][2]float64
	Classes []int     // of the points, from 0; nil where there are none
	Labels  []string  // the classes' names, nil for their numbers
	Names   []string  // of single points, written beside them where not empty and where there is room; nil for none
	Axes    [2]string // names; empty for z₁ and z₂
	Title   string    // empty for a plain one
}

// maxClasses is the most classes that colours and forms can tell apart.
const maxClasses = 30

func (f Scatter) sheet() (*sheet, error) {
	if len(f.Points) == 0 || f.Classes != nil && len(f.Classes) != len(f.Points) || f.Names != nil && len(f.Names) != len(f.Points) {
		return nil, fmt.Errorf("%w: %d points with %d classes and %d names", ErrData, len(f.Points), len(f.Classes), len(f.Names))
	}
	p := newPlot(orText(f.Axes[0], "z₁"), orText(f.Axes[1], "z₂"))
	s := &sheet{width: 4.6 * 72, height: 4.6 * 72, title: orText(f.Title, "Latent space"), panels: []panel{{plot: p}}}
	byClass, lost, err := f.byClass()
	if err != nil {
		return nil, err
	}
	r := dotRadius(len(f.Points))
	for k, xy := range byClass {
		if len(xy) == 0 {
			continue
		}
		c := classColour(k)
		addGlyphs(p, xy, draw.GlyphStyle{Color: alpha(c, dotOpacity(len(f.Points))), Radius: r, Shape: classShape(k)})
		if f.Classes != nil {
			name := fmt.Sprint(k)
			if k < len(f.Labels) {
				name = f.Labels[k]
			}
			s.legend = append(s.legend, key{text: label(name, 24), colour: c, mark: markDot, shape: classShape(k)})
		}
	}
	s.note = shown(len(f.Points))
	if lost > 0 {
		s.note = strings.TrimSpace(fmt.Sprintf("%s %s points are not finite and not shown.", s.note, figures(float64(lost))))
	}
	if f.Names != nil {
		p.Add(names{f})
	}
	p.X.Min, p.X.Max = spread(p.X.Min, p.X.Max, .05)
	p.Y.Min, p.Y.Max = spread(p.Y.Min, p.Y.Max, .05)
	return s, nil
}

// byClass returns the points of each class, and how many are not finite.
func (f Scatter) byClass() (byClass []plotter.XYs, lost int, err error) {
	byClass = make([]plotter.XYs, 1)
	for _, i := range someOf(len(f.Points)) {
		at := f.Points[i]
		k := 0
		if f.Classes != nil {
			k = f.Classes[i]
		}
		if k < 0 || k >= maxClasses {
			return nil, 0, fmt.Errorf("%w: class %d, colours and forms tell 0 to %d apart", ErrData, k, maxClasses-1)
		}
		for k >= len(byClass) {
			byClass = append(byClass, nil)
		}
		if !finite(at[0]) || !finite(at[1]) {
			lost++
			continue
		}
		byClass[k] = append(byClass[k], plotter.XY{X: at[0], Y: at[1]})
	}
	return byClass, lost, nil
}

// names writes names beside points. One that would lie over another is left out.
type names struct{ Scatter }

// Plot writes the names, those of earlier points first.
func (f names) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := words(noteSize, ink, draw.XLeft, draw.YBottom)
	var taken []vg.Rectangle
	for i, n := range f.Names {
		if n == "" || !finite(f.Points[i][0]) || !finite(f.Points[i][1]) {
			continue
		}
		n = label(n, 24)
		at := vg.Point{X: x(f.Points[i][0]) + 3, Y: y(f.Points[i][1]) + 2}
		r := vg.Rectangle{Min: at, Max: vg.Point{X: at.X + style.Width(n), Y: at.Y + style.Height(n)}}
		if r.Max.X > c.Max.X { // to the left of its point
			r.Min.X, r.Max.X = at.X-6-style.Width(n), at.X-6
		}
		if slices.ContainsFunc(taken, func(o vg.Rectangle) bool {
			return r.Min.X < o.Max.X+2 && o.Min.X < r.Max.X+2 && r.Min.Y < o.Max.Y && o.Min.Y < r.Max.Y
		}) {
			continue
		}
		taken = append(taken, r)
		c.FillText(style, r.Min, n)
	}
}

// dotOpacity is less the more points lie over each other.
func dotOpacity(n int) float64 { return max(.35, min(.9, 1.2-.1*math.Log(float64(n)))) }

// Agreement draws predictions over true values, with the line on which they agree and the figures of how far
// they do.
type Agreement struct {
	True, Predicted []float64
	Unit            string // of both, empty where there is none
	Title           string // empty for a plain one
}

func (f Agreement) sheet() (*sheet, error) {
	if len(f.True) == 0 || len(f.True) != len(f.Predicted) {
		return nil, fmt.Errorf("%w: %d true values with %d predictions", ErrData, len(f.True), len(f.Predicted))
	}
	unit := ""
	if f.Unit != "" {
		unit = " (" + f.Unit + ")"
	}
	p := newPlot("true value"+unit, "prediction"+unit)
	s := &sheet{width: 4.3 * 72, height: 4.4 * 72, title: orText(f.Title, "Predictions and true values"), panels: []panel{{plot: p}}}
	lo, hi := spreadOf(f.True, f.Predicted)
	addLine(p, plotter.XYs{{X: lo, Y: lo}, {X: hi, Y: hi}}, stroke{colour: faint, dashes: dashed, width: .9})
	var xy plotter.XYs
	for i := range f.True {
		if finite(f.True[i]) && finite(f.Predicted[i]) {
			xy = append(xy, plotter.XY{X: f.True[i], Y: f.Predicted[i]})
		}
	}
	if len(xy) == 0 {
		return nil, fmt.Errorf("%w: no finite prediction", ErrData)
	}
	var dots plotter.XYs
	for _, i := range someOf(len(xy)) {
		dots = append(dots, xy[i])
	}
	addDots(p, dots, alpha(blue, dotOpacity(len(dots))), dotRadius(len(dots)))
	s.legend = []key{{text: "examples", colour: blue, mark: markDot}, {text: "prediction = true value", colour: faint, dashes: dashed}}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, lo, hi
	s.note = strings.TrimSpace(howFar(xy) + "\n" + shown(len(xy)))
	if lost := len(f.True) - len(xy); lost > 0 {
		s.note += fmt.Sprintf("\n%s examples are not finite and not shown", figures(float64(lost)))
	}
	return s, nil
}

// howFar says how far predictions and true values agree.
func howFar(xy plotter.XYs) string {
	mean, abs, rest, total := 0.0, 0.0, 0.0, 0.0
	for _, v := range xy {
		mean += v.X / float64(len(xy))
	}
	for _, v := range xy {
		abs += math.Abs(v.Y-v.X) / float64(len(xy))
		rest += (v.Y - v.X) * (v.Y - v.X)
		total += (v.X - mean) * (v.X - mean)
	}
	text := "mean absolute error " + figures(abs) + ", root mean squared error " + figures(math.Sqrt(rest/float64(len(xy))))
	if total > 0 {
		text += fmt.Sprintf(", R² %.3f", 1-rest/total)
	}
	return text
}

func spreadOf(values ...[]float64) (lo, hi float64) {
	lo, hi = bounds(values...)
	return spread(lo, hi, .04)
}
