package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// What a trainer is asked to do with nothing to do it on, or at a time when it cannot.
var (
	errClosed  = errors.New("train: the trainer is closed")
	errZero    = errors.New("train: the trainer is a zero value: New makes one")
	errFitting = errors.New("train: Fit is under way: a trainer serves one goroutine at a time, and a callback cannot call Fit")
	errTarget  = errors.New("train: the batch has no target")
	errNoNet   = errors.New("train: no network is given: package nn and Import make one")
)

func (c Config) check() error {
	var errs []error
	if c.Loss == nil {
		errs = append(errs, errors.New("train: Config.Loss is missing"))
	}
	if c.Optimizer == nil {
		errs = append(errs, errors.New("train: Config.Optimizer is missing"))
	} else {
		o := optim.OptionsOf(c.Optimizer)
		errs = append(errs, optim.Check(c.Optimizer), optim.CheckSchedule(o.Schedule))
		if r := c.Optimizer.Rate(); math.IsNaN(r) || math.IsInf(r, 0) {
			errs = append(errs, fmt.Errorf("train: %s has the learning rate %v", c.Optimizer.Name(), r))
		}
	}
	for _, o := range append([]OutputLoss{{Metrics: c.Metrics, WeightedMetrics: c.WeightedMetrics}}, c.More...) {
		if slices.Contains(o.Metrics, nil) || slices.Contains(o.WeightedMetrics, nil) {
			errs = append(errs, errors.New("train: a metric is nil"))
		}
	}
	for _, o := range c.More {
		if o.Loss == nil || o.Output == "" || o.Target == "" {
			errs = append(errs, fmt.Errorf("train: Config.More: output %q: output, target and loss must all be given", o.Output))
		}
	}
	return errors.Join(errs...)
}

// checkNet reports a network that nothing has built.
func checkNet(net *nn.Net) error {
	if net == nil || net.Graph == nil || len(net.Graph.Outputs) == 0 {
		return errNoNet
	}
	return nil
}

// checkMore reports further outputs that the network does not have, or that have a loss already.
func (c Config) checkMore(net *nn.Net) error {
	var names []string
	for _, v := range net.Graph.Outputs {
		names = append(names, v.Name)
	}
	taken := map[string]bool{names[0]: true}
	for _, o := range c.More {
		switch {
		case !slices.Contains(names, o.Output):
			return fmt.Errorf("train: Config.More: the network has no output %q%s; it has %s", o.Output, nearest.Hint(o.Output, names), strings.Join(names, ", "))
		case taken[o.Output]:
			return fmt.Errorf("train: Config.More: output %q has a loss already", o.Output)
		}
		taken[o.Output] = true
	}
	return nil
}

// check reports what of a fit's arguments cannot be trained with.
func (o FitOptions) check(train data.Source) error {
	if train == nil {
		return errors.New("train: no data to train on is given")
	}
	if o.Epochs < 0 {
		return fmt.Errorf("train: FitOptions.Epochs is %d", o.Epochs)
	}
	if o.StepsPerEpoch < 0 || o.ValidationSteps < 0 || o.OverfitBatches < 0 {
		return fmt.Errorf("train: FitOptions has StepsPerEpoch %d, ValidationSteps %d and OverfitBatches %d, which must not be negative", o.StepsPerEpoch, o.ValidationSteps, o.OverfitBatches)
	}
	if o.ValidationSteps > 0 && o.Validation == nil {
		return errors.New("train: FitOptions.ValidationSteps without Validation")
	}
	for i, c := range o.Callbacks {
		if c == nil {
			return fmt.Errorf("train: FitOptions.Callbacks: callback %d is nil", i)
		}
	}
	return nil
}

// checkInput holds an input of the data against the network's. The first axis is the batch, which may have any size.
func checkInput(v *ir.Value, x tensor.Any) error {
	f := v.Fact
	if x.DType() != f.DType {
		return fmt.Errorf("%w: input %s is %v%v, the network reads %v", op.ErrDType, v.Name, x.DType(), x.Shape(), f)
	}
	if !f.Ranked {
		return nil
	}
	fits := len(f.Shape) == len(x.Shape())
	for i := 1; fits && i < len(f.Shape); i++ {
		n, known := f.Shape[i].Int()
		fits = !known || n == x.Shape()[i]
	}
	if !fits {
		return fmt.Errorf("%w: input %s is %v%v, the network reads %v", op.ErrShape, v.Name, x.DType(), x.Shape(), f)
	}
	return nil
}
