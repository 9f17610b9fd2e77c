package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Scaler computes (x - Offset) * Factor + Shift for each number of a row, bounded to [Min,Max] where Clip is set.
type Scaler struct {
	Columns               []string // the columns' names where they are known, for a check
	Offset, Factor, Shift []float64
	Clip                  bool
	Min, Max              float64
}

// sklearnScaler has the fields of scikit-learn's scalers, as vars(scaler) gives them.
type sklearnScaler struct {
	Mean         []float64 `json:"mean_"`
	WithMean     *bool     `json:"with_mean"` // mean_ is there in any case
	Center       []float64 `json:"center_"`
	Scale        []float64 `json:"scale_"`
	DataMin      []float64 `json:"data_min_"`
	DataMax      []float64 `json:"data_max_"`
	MaxAbs       []float64 `json:"max_abs_"`
	FeatureRange []float64 `json:"feature_range"`
	Clip         bool      `json:"clip"`
	Names        []string  `json:"feature_names_in_"`
}

// ParseScaler reads a scaler from JSON: the attributes of scikit-learn's MinMaxScaler (data_min_, data_max_,
// feature_range, clip), StandardScaler (mean_, scale_), RobustScaler (center_, scale_) or MaxAbsScaler (max_abs_),
// as vars(scaler) has them; feature_names_in_ is held against the columns where it is there.
func ParseScaler(b []byte) (*Scaler, error) {
	var j sklearnScaler
	if err := json.Unmarshal(standard(b), &j); err != nil {
		return nil, fmt.Errorf("scaler: %w", err)
	}
	s := &Scaler{Columns: j.Names}
	switch {
	case j.DataMin != nil || j.DataMax != nil:
		lo, hi := 0.0, 1.0
		if j.FeatureRange != nil {
			if len(j.FeatureRange) != 2 || j.FeatureRange[0] >= j.FeatureRange[1] {
				return nil, errors.New("scaler: feature_range is not two numbers in ascending order")
			}
			lo, hi = j.FeatureRange[0], j.FeatureRange[1]
		}
		if len(j.DataMin) != len(j.DataMax) {
			return nil, fmt.Errorf("scaler: data_min_ has %d numbers, data_max_ %d", len(j.DataMin), len(j.DataMax))
		}
		s.Offset = j.DataMin
		for i, m := range j.DataMin {
			s.Factor = append(s.Factor, (hi-lo)/orOne(j.DataMax[i]-m))
			s.Shift = append(s.Shift, lo)
		}
		s.Clip, s.Min, s.Max = j.Clip, lo, hi
	case j.Mean != nil || j.Center != nil:
		s.Offset = j.Mean
		if s.Offset == nil {
			s.Offset = j.Center
		}
		if err := s.divide(j.Scale, len(s.Offset)); err != nil {
			return nil, err
		}
		if j.WithMean != nil && !*j.WithMean {
			s.Offset = nil
		}
	case j.MaxAbs != nil:
		if err := s.divide(j.MaxAbs, len(j.MaxAbs)); err != nil {
			return nil, err
		}
	case j.Scale != nil: // centred on nothing
		if err := s.divide(j.Scale, len(j.Scale)); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("scaler: none of data_min_ and data_max_, mean_, center_, max_abs_, scale_ is in the file: write it with json.dump of vars(scaler)")
	}
	if len(s.Columns) > 0 && len(s.Columns) != s.len() {
		return nil, fmt.Errorf("scaler: feature_names_in_ has %d names for %d numbers", len(s.Columns), s.len())
	}
	if s.len() == 0 {
		return nil, errors.New("scaler: it has no numbers")
	}
	return s, nil
}

// orOne returns 1 for a range that is nothing, as scikit-learn does for constant columns.
func orOne(x float64) float64 {
	if x < 10*0x1p-52 {
		return 1
	}
	return x
}

// divide sets the factors to 1/by; nil divides by nothing.
func (s *Scaler) divide(by []float64, n int) error {
	s.Factor = make([]float64, n)
	if by != nil && len(by) != n {
		return fmt.Errorf("scaler: scale_ has %d numbers, the others %d", len(by), n)
	}
	for i := range s.Factor {
		s.Factor[i] = 1
		if by != nil {
			if by[i] == 0 {
				by[i] = 1
			}
			s.Factor[i] = 1 / by[i]
		}
	}
	return nil
}

func (s *Scaler) len() int { return len(s.Factor) }

// scale emits a scaler for a row of columns: for all of its numbers, or for those of the columns that are
// numbers by themselves, which must then stand together.
func (p *prologue) scale(x string, s *Scaler, columns []Column) (string, error) {
	n := width(columns)
	plain, at := 0, -1
	pos := 0
	for _, c := range columns {
		if c.OneHot == nil && c.Map == nil {
			if at < 0 {
				at = pos
			}
			plain++
		}
		pos += c.width()
	}
	switch {
	case s.len() == n:
		if len(s.Columns) > 0 && n == len(columns) && !slices.Equal(s.Columns, namesOf(columns)) {
			return "", fmt.Errorf("the scaler was fitted on %v, the columns are %v: give them in that order", s.Columns, namesOf(columns))
		}
		return p.affine(x, *s), nil
	case s.len() != plain:
		return "", fmt.Errorf("the scaler has %d numbers, the row %d (%s)", s.len(), n, columnNames(columns))
	}
	whole := Scaler{Offset: make([]float64, n), Factor: make([]float64, n), Shift: make([]float64, n)}
	if s.Clip {
		return "", errors.New("a scaler that clips must be for the whole row")
	}
	pos, k := 0, 0
	for _, c := range columns {
		for range c.width() {
			whole.Factor[pos] = 1
			if c.OneHot == nil && c.Map == nil {
				if len(s.Columns) > 0 && s.Columns[k] != c.Name {
					return "", fmt.Errorf("number %d of the scaler was fitted on column %s, the row has %s there", k, s.Columns[k], c.Name)
				}
				whole.Offset[pos], whole.Factor[pos], whole.Shift[pos] = at0(s.Offset, k), s.Factor[k], at0(s.Shift, k)
				k++
			}
			pos++
		}
	}
	return p.affine(x, whole), nil
}

func at0(v []float64, i int) float64 {
	if v == nil {
		return 0
	}
	return v[i]
}

func namesOf(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// affine emits (x - offset) * factor + shift, without what does nothing.
func (p *prologue) affine(x string, s Scaler) string {
	isAll := func(v []float64, want float64) bool {
		return !slices.ContainsFunc(v, func(x float64) bool { return x != want })
	}
	if !isAll(s.Offset, 0) {
		x = p.op("", "Sub", []string{x, p.constant("offset", vector(s.Offset))})
	}
	if !isAll(s.Factor, 1) {
		x = p.op("", "Mul", []string{x, p.constant("factor", vector(s.Factor))})
	}
	if !isAll(s.Shift, 0) {
		x = p.op("", "Add", []string{x, p.constant("shift", vector(s.Shift))})
	}
	if s.Clip {
		lo := p.constant("lowest", tensor.Scalar(float32(s.Min)))
		hi := p.constant("highest", tensor.Scalar(float32(s.Max)))
		x = p.op("", "Min", []string{p.op("", "Max", []string{x, lo}), hi})
	}
	return x
}

func vector(v []float64) *tensor.Tensor[float32] {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return tensor.Vector(out...)
}

// ParseImputer reads what missing numbers become from JSON: a list, or scikit-learn's SimpleImputer with
// statistics_. null leaves a number as it is.
func ParseImputer(b []byte) ([]float64, error) {
	b = standard(b)
	var list []*float64
	if json.Unmarshal(b, &list) != nil {
		var j struct {
			Statistics []*float64 `json:"statistics_"`
		}
		if err := json.Unmarshal(b, &j); err != nil {
			return nil, fmt.Errorf("imputer: %w", err)
		}
		if list = j.Statistics; list == nil {
			return nil, errors.New("imputer: neither a list of numbers nor statistics_: write it with json.dump of vars(imputer)")
		}
	}
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out, nil
}

// standard puts null where Python's json.dump writes NaN or an infinity, which JSON does not have.
func standard(b []byte) []byte {
	var out []byte
	quoted := false
	for len(b) > 0 {
		n := 1
		switch {
		case b[0] == '"':
			quoted = !quoted
		case quoted && b[0] == '\\' && len(b) > 1:
			n = 2
		case !quoted && (b[0] == 'N' || b[0] == 'I' || b[0] == '-'):
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if rest, ok := bytes.CutPrefix(b, []byte(word)); ok {
					out, b, n = append(out, "null"...), rest, 0
				}
			}
		}
		out, b = append(out, b[:n]...), b[n:]
	}
	return out
}
