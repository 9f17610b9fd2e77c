package optim

import (
	"strings"
	"testing"
)

// TestKerasNames holds that each optimizer of keras.optimizers of Keras 3.15 is known. Its other classes are
// Optimizer, LossScaleOptimizer, which is the optimizer inside where nothing is a half, MultiOptimizer and
// OptimizerMap, several optimizers in one training, which there are not here.
func TestKerasNames(t *testing.T) {
	for _, n := range strings.Fields("Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD ScheduleFreeAdamW") {
		if _, err := Parse(n, 0); err != nil {
			t.Error(err)
		}
	}
}
