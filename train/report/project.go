package report

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	stats "github.com/onnxtool/onnxtool/train/stat"
)

// Projection is a set of points brought to the plane.
type Projection struct {
	Points [][2]float64
	Share  [2]float64 // of the variance, along each axis
}

// Axes returns names for the axes, with the share of the variance that each shows.
func (p Projection) Axes() [2]string {
	return [2]string{
		fmt.Sprintf("first principal component (%.1f %% of variance)", 100*p.Share[0]),
		fmt.Sprintf("second principal component (%.1f %% of variance)", 100*p.Share[1]),
	}
}

// Project brings points of many dimensions, such as the rows of an embedding, to the plane by principal
// component analysis. There must be as many numbers in each row, two at least, all finite, and two rows. Each
// axis points where its component's largest number, by size, is positive, so that the result does not depend on
// how it was computed.
func Project(rows [][]float64) (Projection, error) {
	if len(rows) < 2 || len(rows[0]) < 2 {
		return Projection{}, fmt.Errorf("%w: a projection needs two rows of two numbers", ErrData)
	}
	n, d := len(rows), len(rows[0])
	m := mat.NewDense(n, d, nil)
	for i, r := range rows {
		if len(r) != d {
			return Projection{}, fmt.Errorf("%w: rows of %d and %d numbers", ErrData, d, len(r))
		}
		for j, v := range r {
			if !finite(v) {
				return Projection{}, fmt.Errorf("%w: row %d, number %d is %v", ErrData, i, j, v)
			}
			m.Set(i, j, v)
		}
	}
	var pc stat.PC
	if !pc.PrincipalComponents(m, nil) {
		return Projection{}, fmt.Errorf("%w: the principal components cannot be computed", ErrData)
	}
	var axes mat.Dense
	pc.VectorsTo(&axes)
	vars := pc.VarsTo(nil)
	total := 0.0
	for _, v := range vars {
		total += v
	}
	p := Projection{Points: make([][2]float64, n)}
	for k := range min(2, len(vars)) {
		if total > 0 {
			p.Share[k] = vars[k] / total
		}
		project(p.Points, m, mat.Col(nil, k, &axes), k)
	}
	return p, nil
}

// project sets coordinate k of the points to their places along an axis, from the mean.
func project(points [][2]float64, m *mat.Dense, axis []float64, k int) {
	largest := 0.0
	for _, v := range axis {
		if v*v > largest*largest {
			largest = v
		}
	}
	sign := 1.0
	if largest < 0 {
		sign = -1
	}
	mean := 0.0
	for i := range points {
		for j, v := range axis {
			points[i][k] += sign * v * m.At(i, j)
		}
		mean += points[i][k] / float64(len(points))
	}
	for i := range points {
		points[i][k] -= mean
	}
}

// TSNE brings points of many dimensions to the plane so that neighbours stay neighbours, see [stats.TSNE]: it shows
// groups that principal components lay over each other. The start are the points of [Project], so the same rows
// always give the same picture. The perplexity is 30, a third of the other points where there are few of them.
// There must be four rows, 4,096 at most, none of less than two numbers.
func TSNE(rows [][]float64) ([][2]float64, error) {
	p, err := Project(rows)
	if err != nil {
		return nil, err
	}
	n := len(rows)
	if n < 4 || n > stats.MaxTSNE {
		return nil, fmt.Errorf("%w: t-SNE takes 4 to %d rows, got %d", ErrData, stats.MaxTSNE, n)
	}
	var xs []float64
	for _, at := range p.Points {
		xs = append(xs, at[0])
	}
	if _, dev := meanDeviation(xs); dev > 0 {
		for i := range p.Points { // scikit-learn's start: small, and wide along the first component
			p.Points[i][0] *= 1e-4 / dev
			p.Points[i][1] *= 1e-4 / dev
		}
	}
	points, _, err := stats.TSNE{Perplexity: min(30, float64(n-1)/3)}.Embed(rows, p.Points)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	return points, nil
}
