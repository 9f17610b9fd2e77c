package optim

import (
	"errors"
	"fmt"
	"regexp"
)

// Options are what every optimizer of Keras can do besides its own formula. Their order in a step is
// Keras's: accumulation, clipping, weight decay, the optimizer, the moving average.
type Options struct {
	// Schedule gives the learning rate of each update in the place of LearningRate.
	Schedule Schedule

	// WeightDecay d makes w -= w*d*lr before each update; Loshchilov and Hutter, arXiv 1711.05101.
	WeightDecay float64
	// NoDecay holds regular expressions for the names of parameters without weight decay, as Keras's
	// exclude_from_weight_decay: "bias" exempts all whose name contains it.
	NoDecay []string

	// At most one of these three is used.
	ClipNorm       float64 // largest norm of a parameter's gradient
	ClipValue      float64 // largest size of a gradient's elements
	GlobalClipNorm float64 // largest norm of all gradients together

	// UseEMA keeps the average a = m*a + (1-m)*w of each parameter, which takes the parameter's place
	// at the end of the training, and after every EMAOverwriteFrequency updates where that is not 0.
	UseEMA                bool
	EMAMomentum           float64 // m, 0.99 where zero
	EMAOverwriteFrequency int
	// EMAFromStart lets the average start at the parameter's value before the first update, as in Keras 2. In
	// Keras 3 it starts at that after the first update.
	EMAFromStart bool

	// GradientAccumulationSteps k > 1 makes one update of the mean gradient of k steps.
	GradientAccumulationSteps int
}

// Common returns the options; it makes them known wherever Options is embedded.
func (o Options) Common() Options { return o }

// OptionsOf returns the options of an optimizer, none where it has no method Common.
func OptionsOf(o Optimizer) Options {
	if c, ok := o.(interface{ Common() Options }); ok {
		return c.Common()
	}
	return Options{}
}

// Check reports options that contradict one another or have no meaning.
func (o Options) Check() error {
	clips := 0
	for _, c := range []struct {
		name  string
		value float64
	}{{"clipnorm", o.ClipNorm}, {"clipvalue", o.ClipValue}, {"global_clipnorm", o.GlobalClipNorm}} {
		if c.value < 0 {
			return fmt.Errorf("optim: %s is %v, it must not be negative", c.name, c.value)
		}
		if c.value > 0 {
			clips++
		}
	}
	switch {
	case clips > 1:
		return errors.New("optim: clipnorm, clipvalue and global_clipnorm exclude one another")
	case o.WeightDecay < 0:
		return fmt.Errorf("optim: weight_decay is %v, it must not be negative", o.WeightDecay)
	case o.EMAMomentum < 0 || o.EMAMomentum > 1:
		return fmt.Errorf("optim: ema_momentum is %v, it must be in [0,1]", o.EMAMomentum)
	case o.EMAOverwriteFrequency < 0:
		return fmt.Errorf("optim: ema_overwrite_frequency is %d, it must not be negative", o.EMAOverwriteFrequency)
	case o.GradientAccumulationSteps < 0 || o.GradientAccumulationSteps == 1:
		return fmt.Errorf("optim: gradient_accumulation_steps is %d, it must be at least 2", o.GradientAccumulationSteps)
	}
	for _, p := range o.NoDecay {
		if _, err := regexp.Compile(p); err != nil {
			return fmt.Errorf("optim: excluded from weight decay: %w", err)
		}
	}
	return nil
}

// Changes reports whether gradients are clipped or accumulated before they are used.
func (o Options) Changes() bool {
	return o.ClipNorm > 0 || o.ClipValue > 0 || o.GlobalClipNorm > 0 || o.GradientAccumulationSteps > 1
}

// Updates returns how many updates there are in a number of steps.
func (o Options) Updates(steps int64) int64 {
	if k := int64(o.GradientAccumulationSteps); k > 1 {
		return steps / k
	}
	return steps
}

// Check reports arguments of an optimizer that contradict one another or have no meaning.
func Check(o Optimizer) error {
	if c, ok := o.(interface{ Check() error }); ok {
		return c.Check()
	}
	return OptionsOf(o).Check()
}

// decayOf returns the weight decay of a parameter.
func decayOf(o Optimizer, name string, rank int) float64 {
	options := OptionsOf(o)
	for _, p := range options.NoDecay {
		if ok, err := regexp.MatchString(p, name); ok || err != nil {
			return 0
		}
	}
	if d, ok := o.(interface{ decayOf(string, int) float64 }); ok {
		return d.decayOf(name, rank)
	}
	return orDefault(options.WeightDecay, 0)
}
