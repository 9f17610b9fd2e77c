package report

import (
	"image/color"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var dashed = []vg.Length{4, 3}

const lineWidth = 1.5

// stroke is how a line is drawn.
type stroke struct {
	colour  color.NRGBA
	dashes  []vg.Length
	width   vg.Length // 0 is lineWidth
	markers bool
}

// addLine draws a line through points, with gaps where a number is not finite.
func addLine(p *plot.Plot, xy plotter.XYs, s stroke) {
	if s.width == 0 {
		s.width = lineWidth
	}
	for _, part := range finiteParts(xy) {
		l := &plotter.Line{XYs: part, LineStyle: draw.LineStyle{Color: s.colour, Width: s.width, Dashes: s.dashes}}
		p.Add(l)
		if s.markers || len(part) == 1 {
			addDots(p, part, s.colour, 1.8)
		}
	}
}

// addDots draws points as circles.
func addDots(p *plot.Plot, xy plotter.XYs, c color.NRGBA, radius vg.Length) {
	addGlyphs(p, xy, draw.GlyphStyle{Color: c, Radius: radius, Shape: draw.CircleGlyph{}})
}

// addGlyphs draws points.
func addGlyphs(p *plot.Plot, xy plotter.XYs, style draw.GlyphStyle) {
	p.Add(&plotter.Scatter{XYs: xy, GlyphStyle: style})
}

// addBand fills the room between two lines over the same x. Gaps are where a number is not finite.
func addBand(p *plot.Plot, x, lo, hi []float64, c color.NRGBA) {
	for start := 0; start < len(x); {
		end := start
		for end < len(x) && finite(lo[end]) && finite(hi[end]) {
			end++
		}
		if end-start > 1 {
			var edge plotter.XYs
			for i := start; i < end; i++ {
				edge = append(edge, plotter.XY{X: x[i], Y: lo[i]})
			}
			for i := end - 1; i >= start; i-- {
				edge = append(edge, plotter.XY{X: x[i], Y: hi[i]})
			}
			p.Add(&plotter.Polygon{XYs: []plotter.XYs{edge}, Color: alpha(c, .22)})
		}
		start = end + 1
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// notFinite counts the numbers that are not finite.
func notFinite(values []float64) int { return len(values) - len(sortedFinite(values)) }

// finiteParts cuts a line where a number is not finite.
func finiteParts(xy plotter.XYs) []plotter.XYs {
	var parts []plotter.XYs
	var now plotter.XYs
	for _, v := range xy {
		if finite(v.X) && finite(v.Y) {
			now = append(now, v)
			continue
		}
		if now != nil {
			parts = append(parts, now)
		}
		now = nil
	}
	if now != nil {
		parts = append(parts, now)
	}
	return parts
}

// thin drops points of a line that lies in the unit square where they are within a 2,000th of it from the
// point before, which no eye can tell, and points in the middle of a straight horizontal or vertical part.
func thin(xy plotter.XYs) plotter.XYs {
	const step = 1. / 2000
	out := plotter.XYs{}
	for i, v := range xy {
		if i > 0 && i < len(xy)-1 {
			last, next := out[len(out)-1], xy[i+1]
			if math.Abs(v.X-last.X) < step && math.Abs(v.Y-last.Y) < step {
				continue
			}
			if v.X == last.X && v.X == next.X || v.Y == last.Y && v.Y == next.Y {
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

// maxColumns is how many columns of dots a long line has at most.
const maxColumns = 1500

// decimate keeps of a line over ascending x the first, the last, the lowest and the highest point of each of
// maxColumns columns: what is drawn stays the same to the eye.
func decimate(xy plotter.XYs) plotter.XYs {
	if len(xy) <= 4*maxColumns {
		return xy
	}
	var out plotter.XYs
	for k := range maxColumns {
		column := xy[k*len(xy)/maxColumns : (k+1)*len(xy)/maxColumns]
		low, high := 0, 0
		for i, v := range column {
			if v.Y < column[low].Y {
				low = i
			}
			if v.Y > column[high].Y {
				high = i
			}
		}
		keep := []int{0, low, high, len(column) - 1}
		slices.Sort(keep)
		for _, i := range slices.Compact(keep) {
			out = append(out, column[i])
		}
	}
	return out
}

// maxDots is how many points a picture shows at most: more lie over each other, and make files of megabytes.
const maxDots = 5000

// someOf returns the numbers of the points to show of n, ascending: all, or maxDots drawn at random, the same
// ones each time.
func someOf(n int) []int {
	if n <= maxDots {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	some := rand.New(rand.NewPCG(uint64(n), 1)).Perm(n)[:maxDots]
	slices.Sort(some)
	return some
}

// shown says how many points of n are shown, where not all are.
func shown(n int) string {
	if n <= maxDots {
		return ""
	}
	return figures(maxDots) + " of " + figures(float64(n)) + " points are shown, drawn at random."
}

// spread widens a range by a share on both sides, and makes one where there is none.
func spread(lo, hi, share float64) (float64, float64) {
	if lo > hi {
		return 0, 1
	}
	d := (hi - lo) * share
	if d == 0 {
		d = max(math.Abs(lo)*.05, math.SmallestNonzeroFloat64)
		if lo == 0 {
			d = .05
		}
	}
	return lo - d, hi + d
}

// bounds returns the smallest and the largest finite number, lo > hi where there is none.
func bounds(values ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, list := range values {
		for _, v := range list {
			if finite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	return lo, hi
}

// quantile returns the q-quantile of sorted numbers, interpolated linearly as NumPy does.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// sortedFinite returns the finite numbers in ascending order.
func sortedFinite(values []float64) []float64 {
	out := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !finite(v) })
	slices.Sort(out)
	return out
}
