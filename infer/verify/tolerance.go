package verify

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// Tolerance says how far a value may be from the reference: |a-b| <= ATol + RTol*|ref|.
type Tolerance struct {
	RTol, ATol float64
}

// Tolerances replace the defaults where they are not nil.
type Tolerances struct {
	RTol, ATol *float64
}

// rule is how elements of one type are compared.
type rule struct {
	Tolerance
	// steps is how many representable numbers apart elements may be; where it is not 0, it is the rule.
	steps uint64
}

// DefaultTolerance returns the tolerance for an element type. Integers, bools and strings have none, and
// neither have floats of a byte or less: those may be one representable number apart.
func DefaultTolerance(d tensor.DType) Tolerance {
	switch d {
	case tensor.Float32, tensor.Complex64:
		return Tolerance{RTol: 1e-4, ATol: 1e-5}
	case tensor.Float16:
		return Tolerance{RTol: 1e-2, ATol: 1e-2}
	case tensor.BFloat16:
		return Tolerance{RTol: 4e-2, ATol: 4e-2}
	case tensor.Float64, tensor.Complex128:
		return Tolerance{RTol: 1e-7, ATol: 1e-7}
	}
	return Tolerance{}
}

// rule returns the rule for an element type: what was given, else the default. Integers, bools and
// strings stay exact whatever was given.
func (t Tolerances) rule(d tensor.DType) rule {
	r := rule{Tolerance: DefaultTolerance(d)}
	if !d.IsFloat() && d != tensor.Complex64 && d != tensor.Complex128 {
		return r
	}
	if d.Bits() <= 8 && t.RTol == nil && t.ATol == nil {
		r.steps = 1
	}
	if t.RTol != nil {
		r.RTol = *t.RTol
	}
	if t.ATol != nil {
		r.ATol = *t.ATol
	}
	return r
}
