package tfevent

import "math"

// buckets is how many there are where values differ, as in TensorBoard's own summaries.
const buckets = 30

// histogram is TensorFlow's HistogramProto: bucket i holds values up to limits[i], and from the limit before.
type histogram struct {
	min, max, num, sum, squares float64
	limits, counts              []float64
}

// newHistogram counts finite values in buckets of equal width.
func newHistogram(values []float32) histogram {
	h := histogram{min: math.Inf(1), max: math.Inf(-1)}
	for _, x := range values {
		if v := float64(x); !math.IsNaN(v) && !math.IsInf(v, 0) {
			h.min, h.max = min(h.min, v), max(h.max, v)
			h.num++
			h.sum += v
			h.squares += v * v
		}
	}
	switch {
	case h.num == 0:
		return histogram{}
	case h.min == h.max:
		h.limits, h.counts = []float64{h.max + .5}, []float64{h.num}
		return h
	}
	h.limits, h.counts = make([]float64, buckets), make([]float64, buckets)
	width := (h.max - h.min) / buckets
	for i := range h.limits {
		h.limits[i] = h.min + float64(i+1)*width
	}
	h.limits[buckets-1] = h.max
	for _, x := range values {
		if v := float64(x); v >= h.min && v <= h.max {
			h.counts[min(int((v-h.min)/width), buckets-1)]++
		}
	}
	return h
}
