// Package train fits networks to data: in pure Go, on the same ONNX graph that is exported.
//
// A [Trainer] takes a network of package nn or an imported ONNX model, a loss, an optimizer and
// metrics. Fit runs epochs, Evaluate and Predict use the parameters as they are, Model exports.
// The result does not depend on the number of goroutines.
package train

import (
	"errors"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// Config says how a network is trained.
type Config struct {
	Loss      loss.Loss
	Optimizer optim.Optimizer
	// Metrics are computed beside the loss, for training and validation data.
	Metrics []Metric
	// WeightedMetrics are Metrics that take the sample weights into account, as Keras's weighted_metrics.
	WeightedMetrics []Metric
	// Seed keys everything random: the order of the examples, Dropout, noise.
	Seed uint64
	// Threads is the number of goroutines that a step may use; 0 is GOMAXPROCS.
	Threads int
	// MaxBytes bounds the memory of a step; 0 is 8 GiB.
	MaxBytes int

	noiseInputs bool // random draws are inputs of the step, noise/<node>
}

func (c Config) check() error {
	var errs []error
	if c.Loss == nil {
		errs = append(errs, errors.New("train: Config.Loss is missing"))
	}
	if c.Optimizer == nil {
		errs = append(errs, errors.New("train: Config.Optimizer is missing"))
	} else {
		o := optim.OptionsOf(c.Optimizer)
		errs = append(errs, o.Check(), optim.CheckSchedule(o.Schedule))
	}
	return errors.Join(errs...)
}

// Metric follows a figure over batches; package metric has Keras's.
type Metric interface {
	// Name is the figure's name in histories: accuracy, auc, ...
	Name() string
	// Update takes a batch in. weight is nil or has one number for each sample.
	Update(yTrue, yPred, weight tensor.Any) error
	// Result returns the figure over what came since Reset.
	Result() float64
	Reset()
}
