package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// unfold puts the normalisations that convolutions have taken in behind them again:
//
//	kernel = variable*gamma/sqrt(variance+epsilon), bias = (variable-mean)*gamma/sqrt(variance+epsilon) + beta
func (x *expansion) unfold() error {
	for _, f := range x.recipe.Folded {
		i := x.producer(f.Node)
		if i < 0 {
			continue
		}
		conv := x.graph.Node[i]
		if conv.OpType != "Conv" || len(conv.Input) != 3 || conv.Input[1] != f.Kernel || conv.Input[2] != f.Shift || x.initializer(f.Kernel) < 0 {
			continue // it has been changed
		}
		if err := x.unfoldConv(f, i); err != nil {
			return fmt.Errorf("normalisation behind %s: %w", f.Node, err)
		}
		x.folds = append(x.folds, f)
	}
	return nil
}

func (x *expansion) initializer(name string) int {
	return slices.IndexFunc(x.graph.Initializer, func(t *onnxio.Tensor) bool { return t != nil && t.Name == name })
}

func (x *expansion) unfoldConv(f recipe.Folded, at int) error {
	k := x.initializer(f.Kernel)
	kernel, err := x.graph.Initializer[k].Value()
	if err != nil {
		return err
	}
	scale := x.scaleOf(f, nil)
	if shape := kernel.Shape(); kernel.DType() != tensor.Float32 || shape.Rank() < 3 || shape[0] != len(scale) {
		return fmt.Errorf("kernel %s is %v%v, the normalisation has %d channels", f.Kernel, kernel.DType(), kernel.Shape(), len(scale))
	}
	x.graph.Initializer[k] = onnxio.FromTensor(f.Kernel, scaled(kernel, scale, quotient))
	c := *x.graph.Node[at]
	raw := x.fresh(f.Node + "/raw")
	c.Input, c.Output = slices.Clone(c.Input[:2]), []string{raw}
	if f.Bias != "" {
		c.Input = append(c.Input, x.own(f.Bias, f.Node, nil))
	}
	n := len(scale)
	norm := &onnxio.Node{
		Name: x.fresh(f.Node + "/BatchNormalization"), OpType: "BatchNormalization", Output: []string{f.Node},
		Input: []string{raw, x.own(f.Gamma, f.Node, ones(n)), x.own(f.Beta, f.Node, make([]float32, n)), x.own(f.Mean, f.Node, nil), x.own(f.Variance, f.Node, nil)},
		Attribute: []*onnxio.Attribute{
			onnxio.NewAttribute("epsilon", float32(f.Epsilon)), onnxio.NewAttribute("momentum", float32(f.Momentum)),
		},
	}
	x.graph.Node[at] = &c
	x.graph.Node = slices.Insert(x.graph.Node, at+1, norm)
	return nil
}

// own returns the initializer of a variable that the metadata holds, or of the numbers that stand for none.
func (x *expansion) own(name, node string, otherwise []float32) string {
	v := x.variables[name]
	if v == nil {
		fixed := x.add(node+"/const", tensor.Vector(otherwise...))
		x.fixed[fixed] = true
		return fixed
	}
	if x.home[name] == "" {
		x.home[name] = x.add(name, tensor.Vector(v.Floats()...))
		x.of[x.home[name]] = v
	}
	return x.home[name]
}

func ones(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// scaleOf returns gamma/sqrt(variance+epsilon), from values by initializer of the model where there are some.
func (x *expansion) scaleOf(f recipe.Folded, values map[string]tensor.Any) []float64 {
	gamma, variance := x.numbers(f.Gamma, values), x.numbers(f.Variance, values)
	out := make([]float64, len(variance))
	for i := range out {
		g := 1.
		if gamma != nil {
			g = float64(gamma[i])
		}
		out[i] = g / math.Sqrt(float64(variance[i])+f.Epsilon)
	}
	return out
}

// numbers returns a variable's elements: those of values, else those of the metadata. It is nil for none.
func (x *expansion) numbers(name string, values map[string]tensor.Any) []float32 {
	v := x.variables[name]
	if v == nil {
		return nil
	}
	if t := values[x.home[name]]; t != nil {
		return tensor.Data[float32](t)
	}
	return v.Floats()
}

// quotient is w/s; where gamma has become 0 there is nothing left of the kernel.
func quotient(w, s float64) float64 {
	if s == 0 {
		return 0
	}
	return w / s
}

// scaled returns the kernel with each output channel changed by a factor.
func scaled(kernel tensor.Any, scale []float64, f func(w, s float64) float64) tensor.Any {
	in, out := tensor.Data[float32](kernel), tensor.Zeros[float32](kernel.Shape()...)
	each := len(in) / max(1, len(scale))
	for i, w := range in {
		out.Data()[i] = float32(f(float64(w), scale[i/each]))
	}
	return out
}
