package nn

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Initializer fills a new parameter.
type Initializer interface {
	Init(r *rand.Rand, shape []int, data []float32)
}

// initialRand returns the source of a parameter's initial values: a function of the builder's seed and of
// how many parameters were there before, so that networks do not depend on one another.
func initialRand(seed uint64, before int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(before)+1))
}

// Zeros fills with 0.
type Zeros struct{}

// Init implements [Initializer].
func (Zeros) Init(_ *rand.Rand, _ []int, data []float32) { clear(data) }

// Ones fills with 1.
type Ones struct{}

// Init implements [Initializer].
func (Ones) Init(_ *rand.Rand, _ []int, data []float32) { Constant{1}.Init(nil, nil, data) }

// Constant fills with one number.
type Constant struct{ Value float32 }

// Init implements [Initializer].
func (c Constant) Init(_ *rand.Rand, _ []int, data []float32) {
	for i := range data {
		data[i] = c.Value
	}
}

// RandomUniform draws from [Min, Max). Both zero are Keras's -0.05 and 0.05.
type RandomUniform struct{ Min, Max float64 }

// Init implements [Initializer].
func (u RandomUniform) Init(r *rand.Rand, _ []int, data []float32) {
	if u.Min == 0 && u.Max == 0 {
		u.Min, u.Max = -.05, .05
	}
	for i := range data {
		data[i] = float32(u.Min + (u.Max-u.Min)*r.Float64())
	}
}

// RandomNormal draws from the normal distribution; Stddev zero is Keras's 0.05.
type RandomNormal struct{ Mean, Stddev float64 }

// Init implements [Initializer].
func (n RandomNormal) Init(r *rand.Rand, _ []int, data []float32) {
	if n.Stddev == 0 {
		n.Stddev = .05
	}
	for i := range data {
		data[i] = float32(n.Mean + n.Stddev*r.NormFloat64())
	}
}

// TruncatedNormal draws from the normal distribution cut at two standard deviations; Stddev zero is
// Keras's 0.05.
type TruncatedNormal struct{ Mean, Stddev float64 }

// Init implements [Initializer].
func (n TruncatedNormal) Init(r *rand.Rand, _ []int, data []float32) {
	if n.Stddev == 0 {
		n.Stddev = .05
	}
	for i := range data {
		data[i] = float32(n.Mean + n.Stddev*truncated(r))
	}
}

func truncated(r *rand.Rand) float64 {
	for {
		if v := r.NormFloat64(); math.Abs(v) < 2 {
			return v
		}
	}
}

// Seeded is an initializer with a seed of its own, as Keras's seed argument: it gives the same numbers in every
// network and place.
type Seeded struct {
	Initializer
	Seed uint64
}

// Init implements [Initializer].
func (s Seeded) Init(_ *rand.Rand, shape []int, data []float32) {
	s.Initializer.Init(rand.New(rand.NewPCG(s.Seed, 0)), shape, data)
}

// VarianceScaling draws with variance Scale/n, where n is the number of inputs (fan_in), outputs
// (fan_out) or their mean (fan_avg); see He et al. 2015 and Glorot and Bengio 2010.
type VarianceScaling struct {
	Scale        float64 // 1 where zero
	Mode         string  // fan_in (default), fan_out, fan_avg
	Distribution string  // truncated_normal (default), untruncated_normal, uniform
}

// checkInitializer returns what is wrong with an initializer's arguments.
func checkInitializer(i Initializer) error {
	switch i := i.(type) {
	case laidOut:
		return checkInitializer(i.Initializer)
	case forgetBias:
		return checkInitializer(i.Initializer)
	case Seeded:
		if i.Initializer == nil {
			return errors.New("Seeded needs an Initializer")
		}
		return checkInitializer(i.Initializer)
	case VarianceScaling:
		switch {
		case !slices.Contains([]string{"", "fan_in", "fan_out", "fan_avg"}, i.Mode):
			return fmt.Errorf("VarianceScaling{Mode: %q}: there are fan_in, fan_out, fan_avg", i.Mode)
		case !slices.Contains([]string{"", "truncated_normal", "untruncated_normal", "uniform"}, i.Distribution):
			return fmt.Errorf("VarianceScaling{Distribution: %q}: there are truncated_normal, untruncated_normal, uniform", i.Distribution)
		case i.Scale < 0:
			return fmt.Errorf("VarianceScaling{Scale: %v}: it must be positive", i.Scale)
		}
	}
	return nil
}

// truncatedStddev is the standard deviation of the unit normal distribution cut at -2 and 2.
const truncatedStddev = .87962566103423978

// Init implements [Initializer].
func (v VarianceScaling) Init(r *rand.Rand, shape []int, data []float32) {
	in, out := fans(shape)
	n := in
	switch v.Mode {
	case "fan_out":
		n = out
	case "fan_avg":
		n = (in + out) / 2
	}
	scale := v.Scale
	if scale == 0 {
		scale = 1
	}
	variance := scale / math.Max(1, n)
	for i := range data {
		var x float64
		switch v.Distribution {
		case "uniform":
			x = (2*r.Float64() - 1) * math.Sqrt(3*variance)
		case "untruncated_normal":
			x = r.NormFloat64() * math.Sqrt(variance)
		default:
			x = truncated(r) * math.Sqrt(variance) / truncatedStddev
		}
		data[i] = float32(x)
	}
}

// fans returns the numbers of inputs and outputs of a kernel whose last two axes are those, and whose
// others are its window.
func fans(shape []int) (in, out float64) {
	switch len(shape) {
	case 0:
		return 1, 1
	case 1:
		return float64(shape[0]), float64(shape[0])
	}
	window := 1.
	for _, d := range shape[:len(shape)-2] {
		window *= float64(d)
	}
	return window * float64(shape[len(shape)-2]), window * float64(shape[len(shape)-1])
}

// GlorotUniform is VarianceScaling{1, "fan_avg", "uniform"}, Keras's default for kernels.
func GlorotUniform() Initializer { return VarianceScaling{1, "fan_avg", "uniform"} }

// GlorotNormal is VarianceScaling{1, "fan_avg", "truncated_normal"}.
func GlorotNormal() Initializer { return VarianceScaling{1, "fan_avg", "truncated_normal"} }

// HeUniform is VarianceScaling{2, "fan_in", "uniform"}.
func HeUniform() Initializer { return VarianceScaling{2, "fan_in", "uniform"} }

// HeNormal is VarianceScaling{2, "fan_in", "truncated_normal"}.
func HeNormal() Initializer { return VarianceScaling{2, "fan_in", "truncated_normal"} }

// LecunUniform is VarianceScaling{1, "fan_in", "uniform"}.
func LecunUniform() Initializer { return VarianceScaling{1, "fan_in", "uniform"} }

// LecunNormal is VarianceScaling{1, "fan_in", "truncated_normal"}.
func LecunNormal() Initializer { return VarianceScaling{1, "fan_in", "truncated_normal"} }

// Values fills with given numbers, in the order of the parameter's elements. A parameter of another
// size is left at zero and reported by the layer's builder as a shape that does not fit.
type Values []float32

// Init implements [Initializer].
func (v Values) Init(_ *rand.Rand, shape []int, data []float32) {
	if len(v) != len(data) {
		panic(fmt.Sprintf("nn: %d values for a parameter of shape %v", len(v), shape))
	}
	copy(data, v)
}

func orInit(i, def Initializer) Initializer {
	if i == nil {
		return def
	}
	return i
}
