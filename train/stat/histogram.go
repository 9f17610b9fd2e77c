package stat

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
)

var nan = math.NaN()

// maxBins bounds a histogram, whose width one outlier can make tiny against its range.
const maxBins = 1 << 20

// Edges returns the edges of equal bins from the least to the largest value, as many as numpy's
// histogram_bin_edges(x, "auto") of NumPy 2: a bin is as wide as Freedman and Diaconis's 2 IQR n^(-1/3), or half
// of range/sqrt(n) where that is more, but not wider than Sturges's range/(log2(n)+1).
func Edges(x []float64) ([]float64, error) {
	if len(x) == 0 {
		return []float64{0, 1}, nil
	}
	sorted := slices.Sorted(slices.Values(x))
	lo, hi := sorted[0], sorted[len(sorted)-1]
	if math.IsNaN(lo) || math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsInf(hi-lo, 0) {
		return nil, errors.New("stat: a histogram needs finite numbers")
	}
	n := float64(len(sorted))
	bins := 1.0
	if lo == hi {
		lo, hi = lo-.5, hi+.5
	} else {
		iqr := Quantile(sorted, .75) - Quantile(sorted, .25)
		width := max(2*iqr/math.Cbrt(n), (hi-lo)/math.Sqrt(n)/2)
		bins = math.Ceil((hi - lo) / min(width, (hi-lo)/(math.Log2(n)+1)))
	}
	if !(bins <= maxBins) {
		return nil, fmt.Errorf("stat: %v bins", bins)
	}
	edges := make([]float64, int(bins)+1)
	step := (hi - lo) / bins
	for i := range edges {
		edges[i] = float64(i)*step + lo
	}
	edges[len(edges)-1] = hi
	return edges, nil
}

// Histogram counts the values between each pair of ascending edges, as numpy.histogram: a value on an edge belongs
// to the bin above it, at the last edge to the last bin; values outside count nowhere.
func Histogram(x, edges []float64) []int {
	counts := make([]int, len(edges)-1)
	for _, v := range x {
		if v < edges[0] || v > edges[len(edges)-1] {
			continue
		}
		i := sort.Search(len(edges), func(i int) bool { return edges[i] > v }) - 1
		counts[min(i, len(counts)-1)]++
	}
	return counts
}

// Quantile returns the value below which the share q of ascending numbers lies, between neighbours in proportion,
// as numpy.quantile does by default; NaN of none.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return nan
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	f, a, b := at-float64(i), sorted[i], sorted[i+1]
	if f >= .5 {
		return b - (b-a)*(1-f)
	}
	return a + (b-a)*f
}

// Divergence is what [KLHistogram] finds.
type Divergence struct {
	KL      float64 // in nats, over the bins that both samples reach
	Bins    int     // of the histograms
	Outside float64 // share of p in bins without a value of q, for which the divergence would be infinite
}

// KLHistogram is the Kullback-Leibler divergence of q's histogram from p's, the sum of P ln(P/Q) over the bins of
// [Edges] of p. P and Q are shares of the whole samples, q's values outside of p's range included. Bins that one of
// them does not reach are left out, so that the tails of two samples of one distribution do not make it infinite.
// Two samples of n numbers from one distribution have about (bins-1)/n: some .0012 for 100,000 normal ones.
func KLHistogram(p, q []float64) (Divergence, error) {
	if len(p) == 0 || len(q) == 0 {
		return Divergence{}, errors.New("stat: a divergence needs two samples")
	}
	edges, err := Edges(p)
	if err != nil {
		return Divergence{}, err
	}
	d := Divergence{Bins: len(edges) - 1}
	cp, cq := Histogram(p, edges), Histogram(q, edges)
	for i := range cp {
		a, b := float64(cp[i])/float64(len(p)), float64(cq[i])/float64(len(q))
		switch {
		case a > 0 && b > 0:
			d.KL += a * math.Log(a/b)
		case a > 0:
			d.Outside += a
		}
	}
	return d, nil
}

// KolmogorovSmirnov is the largest distance between the cumulative distributions of two samples, from 0 to 1, as
// scipy.stats.ks_2samp; NaN where one is empty.
func KolmogorovSmirnov(x, y []float64) float64 {
	if len(x) == 0 || len(y) == 0 {
		return nan
	}
	return stat.KolmogorovSmirnov(slices.Sorted(slices.Values(x)), nil, slices.Sorted(slices.Values(y)), nil)
}
