package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// weightRow is an initializer with its statistics, over elements that are finite numbers.
type weightRow struct {
	Name     string        `json:"name"`
	DType    string        `json:"dtype"`
	Shape    []int64       `json:"shape"`
	Bytes    int64         `json:"bytes"`
	External string        `json:"external,omitempty"` // the file, where the elements are in one of their own
	Min      verify.Figure `json:"min"`
	Max      verify.Figure `json:"max"`
	Mean     verify.Figure `json:"mean"`
	Std      verify.Figure `json:"std"`
	Zeros    int           `json:"zeros"`
	Bad      int           `json:"not_finite"` // NaN and infinities
}

func weightRows(g *onnxio.Graph) ([]weightRow, error) {
	rows := []weightRow{}
	for _, m := range g.Initializer {
		if m == nil {
			continue
		}
		_, size := tensorSize(m)
		r := weightRow{Name: m.Name, DType: m.DType().String(), Shape: append([]int64{}, m.Dims...), Bytes: size,
			Min: verify.Figure(math.NaN()), Max: verify.Figure(math.NaN()), Mean: verify.Figure(math.NaN()), Std: verify.Figure(math.NaN())}
		r.External, _ = onnxio.Metadata(m.ExternalData, "location")
		t, err := m.Value()
		if err != nil {
			return nil, err
		}
		r.measure(t)
		rows = append(rows, r)
	}
	return rows, nil
}

// measure fills in the statistics; Welford's way, so that large means do not swallow small deviations.
func (r *weightRow) measure(t tensor.Any) {
	n, mean, squares := 0.0, 0.0, 0.0
	low, high := math.Inf(1), math.Inf(-1)
	for i := range t.Len() {
		x, ok := number(elementJSON(t, i))
		if !ok {
			if t.DType().IsFloat() {
				r.Bad++
			}
			continue
		}
		if x == 0 {
			r.Zeros++
		}
		low, high = min(low, x), max(high, x)
		n++
		d := x - mean
		mean += d / n
		squares += d * (x - mean)
	}
	if n > 0 {
		r.Min, r.Max, r.Mean, r.Std = verify.Figure(low), verify.Figure(high), verify.Figure(mean), verify.Figure(math.Sqrt(squares/n))
	}
}

// number returns an element as a float64, false for what is none.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float32:
		return float64(v), true
	case float64:
		return v, true
	case int8:
		return float64(v), true
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint8:
		return float64(v), true
	case uint16:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	}
	return 0, false
}

func writeWeights(w io.Writer, rows []weightRow) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "weight\ttype\tbytes\tmin\tmax\tmean\tstd\tzeros\tnot finite")
	total := int64(0)
	for _, r := range rows {
		total += r.Bytes
		fmt.Fprintf(t, "%s\t%s%s\t%d\t%.4g\t%.4g\t%.4g\t%.4g\t%d\t%d\n", cut(clean(r.Name), 60), r.DType, dimsText(r.Shape), r.Bytes,
			float64(r.Min), float64(r.Max), float64(r.Mean), float64(r.Std), r.Zeros, r.Bad)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s, %s\n", plural(len(rows), "weight"), bytesText(total))
	return err
}

func dimsText(dims []int64) string {
	s := make(tensor.Shape, len(dims))
	for i, d := range dims {
		s[i] = int(d)
	}
	return s.String()
}
