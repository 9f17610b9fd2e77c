package stat

import (
	"math"
	"slices"
)

// A grid is a set of points, sorted once for all the partitions that [MIC] tries.
type grid struct {
	x, y   []float64
	byX    []int // points in ascending order of x
	byY    []int
	sortsY []float64 // y in ascending order
	xlogx  []float64 // i log i of every count of points
}

func newGrid(x, y []float64) *grid {
	g := &grid{x: x, y: y, byX: ascending(x), byY: ascending(y)}
	for _, i := range g.byY {
		g.sortsY = append(g.sortsY, y[i])
	}
	g.xlogx = make([]float64, len(x)+1)
	for i := 1; i <= len(x); i++ {
		g.xlogx[i] = float64(i) * math.Log(float64(i))
	}
	return g
}

// bestColumns cuts y into rows of equal size and returns the largest mutual information with columns of x, for 2
// columns up to so many; where there are fewer places to cut, the last answer counts for the rest.
func (g *grid) bestColumns(rows, columns, clumps int) []float64 {
	row := make([]int, len(g.x)) // of each point
	parts, rowCount := equipartition(g.sortsY, rows)
	for k, i := range g.byY {
		row[i] = parts[k]
	}
	ends := superclumps(g.clumps(row), clumps)
	return optimize(g.columns(g.counts(row, rowCount, ends), ends), float64(len(row)), columns)
}

// equipartition numbers ascending values by parts of about equal size, equal values in the same one: the paper's
// EquipartitionYAxis. It returns how many parts there are.
func equipartition(sorted []float64, parts int) (part []int, count int) {
	n := len(sorted)
	part = make([]int, n)
	current, size, want := 0, 0, float64(n)/float64(parts)
	for i := 0; i < n; {
		same := 1
		for i+same < n && sorted[i+same] == sorted[i] {
			same++
		}
		if size != 0 && math.Abs(float64(size+same)-want) >= math.Abs(float64(size)-want) {
			current++
			size = 0
			want = float64(n-i) / float64(parts-current)
		}
		for range same {
			part[i] = current
			i++
		}
		size += same
	}
	return part, current + 1
}

// clumps returns where runs of points that no column need part end, in the order of x: neighbours in the same row.
// Points of the same x in several rows are a run of their own.
func (g *grid) clumps(row []int) []int {
	n := len(g.byX)
	label := make([]int, n)
	mixed := -1
	for i := 0; i < n; {
		same, one := 1, true
		for i+same < n && g.x[g.byX[i+same]] == g.x[g.byX[i]] {
			one = one && row[g.byX[i+same]] == row[g.byX[i]]
			same++
		}
		for k := i; k < i+same; k++ {
			label[k] = row[g.byX[k]]
			if !one {
				label[k] = mixed
			}
		}
		if !one {
			mixed--
		}
		i += same
	}
	var ends []int
	for i := 1; i <= n; i++ {
		if i == n || label[i] != label[i-1] {
			ends = append(ends, i)
		}
	}
	return ends
}

// superclumps joins clumps to about so many of equal size.
func superclumps(ends []int, most int) []int {
	if len(ends) <= most {
		return ends
	}
	clump := make([]float64, 0, ends[len(ends)-1])
	for i, end := range ends {
		for len(clump) < end {
			clump = append(clump, float64(i))
		}
	}
	part, _ := equipartition(clump, most)
	var out []int
	for i := 1; i <= len(part); i++ {
		if i == len(part) || part[i] != part[i-1] {
			out = append(out, i)
		}
	}
	return out
}

// counts returns how many points of each row there are up to each end, the start among them.
func (g *grid) counts(row []int, rows int, ends []int) [][]int32 {
	out := make([][]int32, len(ends)+1)
	out[0] = make([]int32, rows)
	at := 0
	for i, end := range ends {
		c := slices.Clone(out[i])
		for ; at < end; at++ {
			c[row[g.byX[at]]]++
		}
		out[i+1] = c
	}
	return out
}

// columns returns the entropy of the rows in the column from end s to end t, times its points, as [t][s].
func (g *grid) columns(cumulated [][]int32, ends []int) [][]float64 {
	out := make([][]float64, len(cumulated))
	ends = append([]int{0}, ends...)
	for t := 1; t < len(cumulated); t++ {
		out[t] = make([]float64, t)
		for s := range t {
			h := g.xlogx[ends[t]-ends[s]]
			from := cumulated[s]
			for r, c := range cumulated[t] {
				h -= g.xlogx[c-from[r]]
			}
			out[t][s] = h
		}
	}
	return out
}

// optimize is the paper's OptimizeXAxis: the largest mutual information of the rows with 2 columns up to so many,
// of which column[t][s] is the entropy of the one from end s to end t, times its points.
//
// It is H(rows) - H(rows | columns), and the second of the first t ends in l columns is the least of that of the
// first s ends in l-1 columns and the column between.
func optimize(column [][]float64, points float64, columns int) []float64 {
	k := len(column) - 1
	best := make([]float64, k+1) // of the first t ends in l columns
	for t := 1; t <= k; t++ {
		best[t] = column[t][0]
	}
	whole := best[k]
	out := make([]float64, 0, columns-1)
	for l := 2; l <= columns; l++ {
		for t := k; t >= l; t-- { // from the last end down, so that best still holds those of l-1 columns
			v := math.Inf(1)
			for s := l - 1; s < t; s++ {
				v = min(v, best[s]+column[t][s])
			}
			best[t] = v
		}
		out = append(out, (whole-best[k])/points)
	}
	return out
}
