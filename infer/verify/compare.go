package verify

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Difference is what comparing a value with its reference gave. Figures over elements that are not
// numbers on one side only are NaN, over unequal infinities Inf.
type Difference struct {
	Name  string
	DType tensor.DType
	Shape tensor.Shape
	// Reason is why the values cannot be compared element by element: another type or shape, or absent.
	Reason string
	// MaxAbs and MeanAbs are of |a-ref|, MaxRel is of |a-ref|/|ref| over elements whose reference is not 0.
	MaxAbs, MaxRel, MeanAbs float64
	// ULPp99 is the 99th percentile of how many representable numbers lie between element and reference.
	ULPp99 float64
	// Cosine is of the angle between both, seen as vectors; 1 where both are zero.
	Cosine float64
	// Outside counts the elements outside the tolerance; First is the index of the first one.
	Outside, Elements int
	First             []int
	Got, Want         string // the first one's values
}

// Agrees reports whether every element is within the tolerance.
func (d *Difference) Agrees() bool { return d.Reason == "" && d.Outside == 0 }

// Compare holds a value against its reference.
func Compare(name string, got, ref tensor.Any, tol Tolerances) *Difference {
	d := &Difference{Name: name, Cosine: math.NaN()}
	switch {
	case ref == nil:
		d.Reason = "the reference has no such value"
		return d
	case got == nil:
		d.DType, d.Shape, d.Elements = ref.DType(), ref.Shape(), ref.Len()
		d.Reason = "the candidate has no such value"
		return d
	}
	d.DType, d.Shape, d.Elements = ref.DType(), ref.Shape(), ref.Len()
	if got.DType() != ref.DType() || !got.Shape().Equal(ref.Shape()) {
		d.Reason = fmt.Sprintf("it is %v%v, the reference is %v%v", got.DType(), got.Shape(), ref.DType(), ref.Shape())
		return d
	}
	c := &comparison{d: d, rule: tol.rule(ref.DType())}
	c.elements(got, ref)
	c.finish()
	return d
}

// comparison gathers the figures of one value.
type comparison struct {
	d          *Difference
	rule       rule
	ulps       []float64
	sum        float64
	aa, bb, ab float64
}

// outside notes an element outside the tolerance.
func (c *comparison) outside(i int, got, want string) {
	if c.d.Outside == 0 {
		c.d.First, c.d.Got, c.d.Want = indexOf(i, c.d.Shape), got, want
	}
	c.d.Outside++
}

// real compares two numbers that are steps representable numbers apart.
func (c *comparison) real(i int, a, b float64, steps uint64, bits int) {
	c.ab, c.aa, c.bb = c.ab+a*b, c.aa+a*a, c.bb+b*b
	gap, rel, far := gapOf(a, b), 0.0, float64(steps)
	if b != 0 && gap != 0 {
		rel = gap / math.Abs(b)
	}
	if math.IsNaN(gap) || math.IsInf(gap, 0) {
		rel, far = gap, math.Inf(1)
	}
	c.figures(gap, rel, far)
	fine := gap == 0 || !math.IsNaN(gap) && !math.IsInf(gap, 0) && gap <= c.rule.ATol+c.rule.RTol*math.Abs(b)
	if c.rule.steps > 0 {
		fine = gap == 0 || !math.IsNaN(gap) && !math.IsInf(gap, 0) && steps <= c.rule.steps
	}
	if !fine {
		c.outside(i, strconv.FormatFloat(a, 'g', -1, bits), strconv.FormatFloat(b, 'g', -1, bits))
	}
}

// complex compares two complex numbers, whose gap is the modulus of their difference.
func (c *comparison) complex(i int, a, b complex128, steps uint64, bits int) {
	c.ab += real(a)*real(b) + imag(a)*imag(b)
	c.aa += real(a)*real(a) + imag(a)*imag(a)
	c.bb += real(b)*real(b) + imag(b)*imag(b)
	re, im := gapOf(real(a), real(b)), gapOf(imag(a), imag(b))
	gap, rel, far := math.Hypot(re, im), 0.0, float64(steps)
	if math.IsNaN(re) || math.IsNaN(im) {
		gap = math.NaN()
	}
	mod := cmplx.Abs(b)
	if mod != 0 && gap != 0 {
		rel = gap / mod
	}
	bad := math.IsNaN(gap) || math.IsInf(gap, 0)
	if bad {
		rel, far = gap, math.Inf(1)
	}
	c.figures(gap, rel, far)
	if gap != 0 && (bad || !(gap <= c.rule.ATol+c.rule.RTol*mod)) {
		c.outside(i, strconv.FormatComplex(a, 'g', -1, bits), strconv.FormatComplex(b, 'g', -1, bits))
	}
}

func (c *comparison) figures(gap, rel, far float64) {
	c.d.MaxAbs, c.d.MaxRel = larger(c.d.MaxAbs, gap), larger(c.d.MaxRel, rel)
	c.sum += gap
	c.ulps = append(c.ulps, far)
}

// gapOf returns |a-b|: 0 for two NaNs and for equal infinities, NaN for a NaN against a number.
func gapOf(a, b float64) float64 {
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return 0
	}
	return math.Abs(a - b)
}

// larger returns the greater of two figures; NaN is greater than anything.
func larger(a, b float64) float64 {
	if math.IsNaN(a) || a >= b {
		return a
	}
	return b
}

func (c *comparison) finish() {
	if c.d.Elements > 0 {
		c.d.MeanAbs = c.sum / float64(c.d.Elements)
	}
	if n := len(c.ulps); n > 0 {
		slices.Sort(c.ulps)
		c.d.ULPp99 = c.ulps[(99*n+99)/100-1] // the nearest rank
	}
	c.d.Cosine = c.ab / (math.Sqrt(c.aa) * math.Sqrt(c.bb))
	if c.aa == 0 && c.bb == 0 {
		c.d.Cosine = 1
	} else if c.aa == 0 || c.bb == 0 {
		c.d.Cosine = 0
	}
}

// indexOf returns the index of element i of a shape.
func indexOf(i int, shape tensor.Shape) []int {
	index := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		index[k] = i % shape[k]
		i /= shape[k]
	}
	return index
}
