package optim

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

// Muon moves matrices by orthogonalised momentum and all else as [AdamW] does; Jordan 2024, and Liu et al.,
// arXiv 2502.16982. For a matrix it is m = Momentum*m + g, u = g + Momentum*m, or m with Plain,
// X = u/(|u| + 1e-7), then NSSteps times, on the side where X has fewer rows,
//
//	A = X*X', X = a*X + (b*A + c*A*A)*X
//
// and w -= lr * X * sqrt(max(rows, columns)) * RMSRate. Matrices are those that Keras has: kernels of
// convolutions are none, kernels of recurrent layers are.
type Muon struct {
	LearningRate float64 // 0.001 where zero
	Momentum     float64 // 0.95 where zero
	Plain        bool    // no Nesterov momentum: Keras's nesterov=False
	NSSteps      int     // 5 where zero
	A, B, C      float64 // 3.4445, -4.775 and 2.0315 where zero
	RMSRate      float64 // 0.2 where zero; [Zero] leaves it and the root out: Keras's rms_rate=None

	// ExcludeLayers holds regular expressions for the names of matrices that AdamW moves. Those whose name
	// contains "embedding" are such, too, unless Embeddings is set: Keras's exclude_embeddings=False.
	ExcludeLayers []string
	Embeddings    bool

	AdamBeta1       float64 // 0.9 where zero
	AdamBeta2       float64 // 0.999 where zero
	Epsilon         float64 // 1e-7 where zero
	AdamLRRatio     float64 // 1 where zero: AdamW's learning rate over lr
	AdamWeightDecay float64 // 0.004 where zero: of what AdamW moves
	Options                 // WeightDecay is that of matrices, 0.004 where zero
}

// Name implements [Optimizer].
func (Muon) Name() string { return "muon" }

// Rate implements [Optimizer].
func (o Muon) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Common returns the options with the weight decay that is used.
func (o Muon) Common() Options {
	o.WeightDecay = orDefault(o.WeightDecay, .004)
	return o.Options
}

// Check reports patterns that are no regular expressions, and a weight decay below 0.
func (o Muon) Check() error {
	if o.AdamWeightDecay < 0 {
		return fmt.Errorf("optim: adam_weight_decay is %v, it must not be negative", o.AdamWeightDecay)
	}
	if o.NSSteps < 0 {
		return fmt.Errorf("optim: ns_steps is %d, it must not be negative", o.NSSteps)
	}
	for _, p := range o.ExcludeLayers {
		if _, err := regexp.Compile(p); err != nil {
			return fmt.Errorf("optim: exclude_layers: %w", err)
		}
	}
	return o.Common().Check()
}

// byAdam reports whether AdamW moves a parameter, of a number of axes in Keras.
func (o Muon) byAdam(name string, rank int) bool {
	if rank != 2 || !o.Embeddings && strings.Contains(strings.ToLower(name), "embedding") {
		return true
	}
	for _, p := range o.ExcludeLayers {
		if ok, _ := regexp.MatchString(p, name); ok {
			return true
		}
	}
	return false
}

// decayOf returns the weight decay of a parameter.
func (o Muon) decayOf(name string, rank int) float64 {
	if o.byAdam(name, rank) {
		return orDefault(o.AdamWeightDecay, .004)
	}
	return orDefault(o.WeightDecay, .004)
}

// Update implements [Optimizer].
func (o Muon) Update(s *Step) *Value {
	if o.byAdam(s.Name, s.rank()) {
		adam := *s
		adam.LearningRate = s.Once("adam rate", func() *Value { return s.Scale(s.LearningRate, orDefault(o.AdamLRRatio, 1)) })
		return Adam{Beta1: o.AdamBeta1, Beta2: o.AdamBeta2, Epsilon: o.Epsilon}.Update(&adam)
	}
	momentum := orDefault(o.Momentum, .95)
	m := s.Add(s.Scale(s.Slots.Get("momentum", 0), momentum), s.Grad)
	s.Slots.Set("momentum", m)
	if !o.Plain {
		m = s.Add(s.Grad, s.Scale(m, momentum))
	}
	m = s.view(m)
	shape, _ := m.Fact.Static()
	rows, columns := shape[0], shape[1]
	u := s.Mul(o.orthogonal(s, m, rows > columns), s.LearningRate)
	if o.RMSRate != Zero {
		u = s.Scale(u, math.Sqrt(float64(max(rows, columns)))*orDefault(o.RMSRate, .2))
	}
	return s.Sub(s.Param, s.hold(u))
}

// orthogonal returns nearly the orthogonal factor of a matrix, by Newton and Schulz's iteration.
func (o Muon) orthogonal(s *Step, x *Value, tall bool) *Value {
	a, b, c := orDefault(o.A, 3.4445), orDefault(o.B, -4.775), orDefault(o.C, 2.0315)
	if tall {
		x = s.Transpose(x, 1, 0)
	}
	x = s.Div(x, s.AddScalar(s.Op("Sqrt", s.Sum(s.Mul(x, x), false)), 1e-7))
	steps := o.NSSteps
	if steps == 0 {
		steps = 5
	}
	for range steps {
		p := s.MatMul(x, s.Transpose(x, 1, 0))
		q := s.Add(s.Scale(p, b), s.MatMul(s.Scale(p, c), p))
		x = s.Add(s.Scale(x, a), s.MatMul(q, x))
	}
	if tall {
		x = s.Transpose(x, 1, 0)
	}
	return x
}
