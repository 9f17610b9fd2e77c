package optim

// Adafactor keeps of the squares of a matrix's gradients the means of rows and columns alone; Shazeer and
// Stern, arXiv 1804.04235. With b = 1 - t^Beta2Decay and q = g^2 + Epsilon1 it is, along the last two axes,
//
//	r = b*r + (1-b)*mean(q, -1), c = b*c + (1-b)*mean(q, -2), v = r/mean(r) * c
//	u = g/sqrt(v), w -= max(Epsilon2, rms(w)) * min(lr, 1/sqrt(t)) * u/max(1, rms(u)/ClipThreshold)
//
// A parameter with fewer axes has v = b*v + (1-b)*q. The axes are those that Keras has.
type Adafactor struct {
	LearningRate  float64 // 0.001 where zero
	Beta2Decay    float64 // -0.8 where zero
	Epsilon1      float64 // 1e-30 where zero
	Epsilon2      float64 // 0.001 where zero
	ClipThreshold float64 // 1 where zero
	Options
}

// Name implements [Optimizer].
func (Adafactor) Name() string { return "adafactor" }

// Rate implements [Optimizer].
func (o Adafactor) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Adafactor) Update(s *Step) *Value {
	down := s.Once("down", func() *Value {
		return s.Op("Min", s.LearningRate, s.Op("Reciprocal", s.Op("Sqrt", s.Iteration)))
	})
	new := s.Once("new", func() *Value {
		return s.Op("Pow", s.Iteration, s.Scalar(s.Iteration, orDefault(o.Beta2Decay, -.8)))
	})
	old := s.Once("old", func() *Value { return s.Sub(s.Scalar(new, 1), new) })
	mix := func(slot string, to *Value) *Value {
		shape, _ := to.Fact.Static()
		v := s.Add(s.Mul(s.Slots.GetShaped(slot, 0, shape), old), s.Mul(to, new))
		s.Slots.Set(slot, v)
		return v
	}
	mean := func(x *Value, keepDims bool, axes ...int) *Value { return s.Reduce("ReduceMean", x, keepDims, axes...) }
	w, g := s.view(s.Param), s.view(s.Grad)
	q := s.AddScalar(s.Mul(g, g), orDefault(o.Epsilon1, 1e-30))
	var v *Value
	if n := w.Fact.Rank(); n < 2 {
		v = mix("velocity", q)
	} else {
		r, c := mix("r", mean(q, false, n-1)), mix("c", mean(q, false, n-2))
		v = s.Mul(s.Unsqueeze(s.Div(r, mean(r, true, n-2)), n-1), s.Unsqueeze(c, n-2))
	}
	rms := func(x *Value) *Value { return s.Op("Sqrt", mean(s.Mul(x, x), false)) }
	u := s.Div(g, s.Op("Sqrt", v))
	size := s.Scale(rms(u), 1/orDefault(o.ClipThreshold, 1))
	u = s.Div(u, s.Op("Max", s.Scalar(size, 1), size))
	size = rms(w)
	step := s.Mul(s.Op("Max", s.Scalar(size, orDefault(o.Epsilon2, .001)), size), down)
	return s.Sub(s.Param, s.hold(s.Mul(step, u)))
}
