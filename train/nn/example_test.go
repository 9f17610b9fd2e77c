package nn_test

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/nn"
)

// Swish is a layer of one's own: x*sigmoid(beta*x), beta a parameter that is trained. It emits ONNX
// operators, so what is trained is what is exported.
type Swish struct{ Name string }

// LayerName is the name that its nodes and parameters have.
func (l *Swish) LayerName() string { return l.Name }

// Build emits the layer.
func (l *Swish) Build(b *nn.Builder, in ...*nn.Value) []*nn.Value {
	x := in[0]
	beta := b.Param("beta", nil, nn.Ones{})
	return []*nn.Value{b.Mul(x, b.Op("Sigmoid", b.Mul(x, beta.Value)))}
}

func Example() {
	net, err := nn.Sequential(1, nn.Input{Shape: []int{4}},
		&nn.Dense{Units: 8},
		&Swish{},
		&nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range net.Params {
		fmt.Println(p.Value)
	}
	// Output:
	// dense/kernel f32[4,8]
	// dense/bias f32[8]
	// swish/beta f32[]
	// dense_1/kernel f32[8,1]
	// dense_1/bias f32[1]
}

// A network with two inputs, a shared layer and a model inside it.
func ExampleBuilder() {
	b := nn.NewBuilder(1)
	left, right := b.Input(nn.Input{Name: "left", Shape: []int{4}}), b.Input(nn.Input{Name: "right", Shape: []int{4}})
	tower := &nn.Sequence{Name: "tower", Layers: []nn.Layer{&nn.Dense{Units: 8, Activation: "relu"}, &nn.Dense{Units: 3}}}
	similar := b.Apply(&nn.Dot{Axes: []int{1}, Normalize: true}, b.Apply(tower, left), b.Apply(tower, right))
	net, err := b.Net(b.Output("similarity", similar))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(net.Params), net.Graph.Outputs[0])
	// Output: 4 similarity f32[batch,1]
}
