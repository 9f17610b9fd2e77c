package stat

import (
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Pearson is the linear correlation of two samples of equal length, from -1 to 1, as numpy.corrcoef; NaN where one
// of them does not vary.
func Pearson(x, y []float64) float64 {
	if constant(x) || constant(y) {
		return nan
	}
	return max(-1, min(1, stat.Correlation(x, y, nil)))
}

// Spearman is the correlation of the ranks, as scipy.stats.spearmanr: 1 for whatever only rises; NaN where a sample
// does not vary.
func Spearman(x, y []float64) float64 { return Pearson(Ranks(x), Ranks(y)) }

// Ranks numbers the values in ascending order from 1; equal ones get the mean of their numbers.
func Ranks(x []float64) []float64 {
	order := ascending(x)
	ranks := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			ranks[k] = float64(i+j+1) / 2
		}
		i = j
	}
	return ranks
}

// ascending returns the positions of the values in ascending order; equal ones stay in theirs.
func ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	return order
}

func constant(x []float64) bool {
	return len(x) < 2 || !slices.ContainsFunc(x, func(v float64) bool { return v != x[0] })
}
