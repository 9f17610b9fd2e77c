package loss_test

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/loss"
)

// Asymmetric is a loss of one's own: the squared error, three times as much where the prediction is too
// low. It has the two methods of loss.Loss; its gradient follows from what it emits.
type Asymmetric struct{}

// Name is what histories and checkpoints call it.
func (Asymmetric) Name() string { return "asymmetric" }

// PerSample emits ONNX operators; the last axis is gone.
func (Asymmetric) PerSample(b *loss.Builder, yTrue, yPred *loss.Value) *loss.Value {
	d := b.Sub(yTrue, yPred)
	weight := b.Where(b.Op("Greater", d, b.Scalar(d, 0)), b.Scalar(d, 3), b.Scalar(d, 1))
	return b.Reduce("ReduceMean", b.Mul(weight, b.Mul(d, d)), false, -1)
}

func Example() {
	var l loss.Loss = Asymmetric{} // for train.Config{Loss: Asymmetric{}, ...}
	fmt.Println(l.Name())
	// Output: asymmetric
}

func ExampleParse() {
	l, err := loss.Parse("huber:delta=0.7")
	fmt.Println(l, err)
	_, err = loss.Parse("hubre")
	fmt.Println(err.Error()[:53])
	// Output:
	// {0.7} <nil>
	// there is no loss "hubre", did you mean "huber"?; ther
}
