package ops

import (
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// gateActivation is an activation of a recurrent cell with its arguments.
type gateActivation struct {
	name        string // in lower case
	alpha, beta float32
}

// gateActivations are the activations that ONNX names, with how many of alpha and beta they take and
// the defaults of those. ONNX leaves Affine's and ScaledTanh's open; these are onnxruntime's.
var gateActivations = map[string]struct {
	args        int
	alpha, beta float32
}{
	"relu": {}, "tanh": {}, "sigmoid": {}, "softsign": {}, "softplus": {},
	"affine":          {2, 0, 0},
	"scaledtanh":      {2, 0, 0},
	"hardsigmoid":     {2, .2, .5},
	"leakyrelu":       {1, .01, 0},
	"thresholdedrelu": {1, 1, 0},
	"elu":             {1, 1, 0},
}

// readActivations returns the activations of each direction: of the node or, where it names none,
// the given ones. Values of activation_alpha and activation_beta go, in order, to those that take them.
func readActivations(n *op.Node, directions int, defaults ...string) ([][]gateActivation, error) {
	names := n.Strs("activations")
	per := len(defaults)
	if !n.HasAttr("activations") {
		names = nil
		for range directions {
			names = append(names, defaults...)
		}
	}
	if per*directions == 1 && len(names) == 2 {
		names = names[:1] // RNN's default has a second one for a second direction
	}
	if len(names) != per*directions {
		return nil, op.Malformedf("%d activations, expected %d for each of %d directions", len(names), per, directions)
	}
	alpha, beta := n.Floats("activation_alpha"), n.Floats("activation_beta")
	next := func(list *[]float32, def float32) float32 {
		if len(*list) == 0 {
			return def
		}
		v := (*list)[0]
		*list = (*list)[1:]
		return v
	}
	out := make([][]gateActivation, directions)
	for i, name := range names {
		a := gateActivation{name: strings.ToLower(name)}
		k, ok := gateActivations[a.name]
		if !ok {
			return nil, op.Unsupportedf("activation %q", name)
		}
		if k.args > 0 {
			a.alpha = next(&alpha, k.alpha)
		}
		if k.args > 1 {
			a.beta = next(&beta, k.beta)
		}
		out[i/per] = append(out[i/per], a)
	}
	return out, nil
}

// gateKernel returns the loop of an activation.
func gateKernel[T tensor.Float](a gateActivation) func(d, x []T) {
	alpha, beta := T(a.alpha), T(a.beta)
	var z T
	if _, ok := any(z).(float32); ok {
		var f func(d, x []float32)
		switch a.name {
		case "tanh":
			f = kernel.Tanh32
		case "sigmoid":
			f = kernel.Sigmoid32
		case "softplus":
			f = kernel.Softplus32
		}
		if f != nil {
			return any(f).(func(d, x []T))
		}
	}
	switch a.name {
	case "relu":
		return kernel.Relu[T]
	case "tanh":
		return kernel.Tanh[T]
	case "sigmoid":
		return kernel.Sigmoid[T]
	case "softsign":
		return kernel.Softsign[T]
	case "softplus":
		return kernel.Softplus[T]
	case "hardsigmoid":
		return kernel.HardSigmoid(alpha, beta)
	case "leakyrelu":
		return kernel.LeakyRelu(alpha)
	case "thresholdedrelu":
		return kernel.ThresholdedRelu(alpha)
	case "elu":
		return kernel.Elu[T](float64(a.alpha), 1, 1)
	case "affine":
		return kernel.AffineOf(alpha, beta)
	}
	return kernel.ScaledTanh(alpha, beta)
}

// emit appends the activation in standard operators.
func (a gateActivation) emit(b *op.Builder, x *ir.Value) *ir.Value {
	alpha, beta := op.Attr("alpha", a.alpha), op.Attr("beta", a.beta)
	switch a.name {
	case "relu":
		return b.Op("Relu", x)
	case "tanh":
		return b.Op("Tanh", x)
	case "sigmoid":
		return b.Op("Sigmoid", x)
	case "softsign":
		return b.Op("Softsign", x)
	case "softplus":
		return b.Op("Softplus", x)
	case "hardsigmoid":
		return b.OpA("HardSigmoid", x, alpha, beta)
	case "leakyrelu":
		return b.OpA("LeakyRelu", x, alpha)
	case "thresholdedrelu":
		return b.OpA("ThresholdedRelu", x, alpha)
	case "elu":
		return b.OpA("Elu", x, alpha)
	case "affine":
		return b.AddScalar(b.Scale(x, float64(a.alpha)), float64(a.beta))
	}
	return b.Scale(b.Op("Tanh", b.Scale(x, float64(a.beta))), float64(a.alpha))
}
