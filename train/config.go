// Package train fits networks to data: in pure Go, on the same ONNX graph that is exported.
//
// A [Trainer] takes a network of package nn or an imported ONNX model, a loss, an optimizer and
// metrics. Fit runs epochs, Evaluate and Predict use the parameters as they are, Model exports.
// The result does not depend on the number of goroutines.
package train

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// Config says how a network is trained.
type Config struct {
	// Loss compares the network's first output with the data's target.
	Loss loss.Loss
	// LossWeight is what Loss is multiplied by; 1 where zero.
	LossWeight float64
	// More are losses of further outputs, added to it. With them a history has the loss of each output without
	// its weight, <output>_loss, and metrics are called <output>_<metric>, as in Keras.
	More      []OutputLoss
	Optimizer optim.Optimizer
	// Metrics of the first output are computed beside the loss, for training and validation data.
	Metrics []Metric
	// WeightedMetrics are Metrics that take the sample weights into account, as Keras's weighted_metrics.
	WeightedMetrics []Metric
	// SparseEmbeddings makes optimizers treat the gradient of an embedding as Keras does on TensorFlow: what
	// is squared, or made absolute, is each use of a row by the batch, not the sum of all. It matters where a
	// batch uses a row more than once. By default gradients are dense, as on JAX and PyTorch.
	SparseEmbeddings bool
	// Seed keys everything random: the order of the examples, Dropout, noise.
	Seed uint64
	// Threads is the number of goroutines that a step may use; 0 is GOMAXPROCS.
	Threads int
	// MaxBytes bounds the memory of a step; 0 is 8 GiB.
	MaxBytes int

	noiseInputs bool // random draws are inputs of the step, noise/<node>
}

// OutputLoss is the loss of one of several outputs.
type OutputLoss struct {
	Output string // of the network
	Target string // the array of the data, beside the network's inputs, that the output is compared with
	Loss   loss.Loss
	Weight float64 // what the loss is multiplied by; 1 where zero
	// Metrics and WeightedMetrics are the output's, as those of Config.
	Metrics, WeightedMetrics []Metric
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
