package train

import (
	"fmt"
	"testing"
)

// TestControlFlowIsPyTorchs trains models with If, Loop and Scan whose weights are read inside them: each step's
// loss is PyTorch's, and so are the predictions by the file that is written, which keeps its subgraphs.
func TestControlFlowIsPyTorchs(t *testing.T) {
	followEach(t, "../testdata/finetune/control.zip")
}

// TestStoredFormsArePyTorchs does the same for what PyTorch's older exporter makes of other nets: weights that are
// equal stored once, a Loop over the batch, a learnt first state, normalisation within an If.
func TestStoredFormsArePyTorchs(t *testing.T) {
	followEach(t, "../testdata/finetune/forms.zip")
}

func followEach(t *testing.T, path string) {
	f := openFixture(t, path)
	for _, c := range tuneCases(t, f) {
		ds := c.data(t, f)
		for _, run := range c.Runs {
			t.Run(fmt.Sprint(c.Name, "/", run.Name), func(t *testing.T) {
				c.follow(t, f, c.model(t, f, "model"), ImportOptions{UnbiasedVariance: true}, ds, run)
			})
		}
	}
}
