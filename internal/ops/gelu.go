package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGelu is y = x*P with P = (1 + erf(x/sqrt 2))/2, or by attribute the approximation
// P = (1 + tanh(u))/2, u = sqrt(2/pi)*(x + 0.044715*x^3).
// dy/dx = P + x*dP/dx. Source: "Gaussian Error Linear Units" (Hendrycks and Gimpel, 2016).
var opGelu = &op.Def{
	Name: "Gelu", Since: 20,
	Doc:   "x times the normal distribution's probability of less than x, or its approximation by tanh.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Str("approximate", "none")},
	Infer: inferGelu,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(gelu(kernel.Gelu32, kernel.GeluTanh32)), tensor.Float64: unaryBy(gelu(kernel.Gelu[float64], kernel.GeluTanh[float64])),
	}),
	InPlace: []int{0},
	Grad:    gradGelu,
}

func inferGelu(n *op.Node) error {
	if a := n.Str("approximate"); a != "none" && a != "tanh" {
		return op.Malformedf("approximate is %q, expected none or tanh", a)
	}
	return op.InferSame(n)
}

// gelu picks by the attribute approximate.
func gelu[T tensor.Float](exact, tanh func(d, x []T)) func(n *op.Node) func(d, x []T) {
	return func(n *op.Node) func(d, x []T) {
		if n.Str("approximate") == "tanh" {
			return tanh
		}
		return exact
	}
}

func gradGelu(g *op.Grad) {
	x := g.In(0)
	one := g.Scalar(x, 1)
	square := g.Mul(x, x)
	var p, dp *ir.Value
	if g.Node.Str("approximate") == "tanh" {
		c := math.Sqrt(2 / math.Pi)
		u := g.Scale(g.Mul(x, g.AddScalar(g.Scale(square, 0.044715), 1)), c)
		t := g.Op("Tanh", u)
		p = g.Scale(g.Add(t, one), .5)
		du := g.AddScalar(g.Scale(square, 3*0.044715*c), c)
		dp = g.Scale(g.Mul(g.Sub(one, g.Mul(t, t)), du), .5)
	} else {
		p = g.Scale(g.Add(g.Op("Erf", g.Scale(x, 1/math.Sqrt2)), one), .5)
		dp = g.Scale(g.Op("Exp", g.Scale(square, -.5)), 1/math.Sqrt(2*math.Pi))
	}
	g.Set(0, g.Mul(g.DOut(0), g.Add(p, g.Mul(x, dp))))
}
