package nn

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Imputer puts a number in the place of each missing value, which is NaN: one a feature of the last axis.
type Imputer struct {
	Name     string
	Strategy string    // mean (default), median, or constant with Values given
	Values   []float64 // by feature; set by Adapt
}

// LayerName implements [Named].
func (l *Imputer) LayerName() string { return l.Name }

// Adapt takes the mean or median of each column of a [rows, features] tensor of floats.
func (l *Imputer) Adapt(x tensor.Any) error {
	cols, err := columns(x)
	if err != nil {
		return fmt.Errorf("nn: Imputer: %w", err)
	}
	l.Values = make([]float64, len(cols))
	for j, c := range cols {
		if len(c) == 0 {
			return fmt.Errorf("nn: Imputer: feature %d has no value", j)
		}
		switch l.Strategy {
		case "", "mean":
			l.Values[j] = mean(c)
		case "median":
			slices.Sort(c)
			l.Values[j] = (c[(len(c)-1)/2] + c[len(c)/2]) / 2
		default:
			return fmt.Errorf("nn: Imputer: unknown strategy %q; there are mean, median, constant", l.Strategy)
		}
	}
	return nil
}

// Build implements [Layer].
func (l *Imputer) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if n, ok := lastDim(x); !ok || n != len(l.Values) {
		b.Fail(fmt.Errorf("Imputer has %d values, applied to %v", len(l.Values), x.Fact))
		return in[:1]
	}
	return []*Value{b.Where(b.Op("IsNaN", x), b.vector(l.Values), x)}
}
