package ops

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// binary binds an element-by-element function of two inputs of one type, with NumPy's broadcasting.
func binary[T tensor.Elem](f func(d, x, y []T)) op.Bind { return binaryTo(f) }

// binaryTo is binary for inputs and outputs of different types.
func binaryTo[D, X, Y tensor.Elem](f func(d []D, x []X, y []Y)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		k := kernel.NewBinary(n.OutShape(0), n.InShape(0), n.InShape(1), f)
		return func(c *op.Call) error {
			k.Run(c.Pool, op.Result[D](c, 0), op.Arg[X](c, 0), op.Arg[Y](c, 1))
			return nil
		}, nil
	}
}

// byNonZero is binary for a division of integers: a divisor of 0 is an error.
func byNonZero[T tensor.Integer](f func(d, x, y []T)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		k, err := binary(f)(n)
		if err != nil {
			return nil, err
		}
		return func(c *op.Call) error {
			if y := op.Arg[T](c, 1); c.Out[0].Len() > 0 {
				if i := slices.Index(y, 0); i >= 0 {
					return fmt.Errorf("integer division by zero: element %d of input 1 %v", i, c.In[1].Shape())
				}
			}
			return k(c)
		}, nil
	}
}

// variadic binds the fold of a function over any number of inputs of one type, in their order, with
// broadcasting.
func variadic[T tensor.Number](f func(d, x, y []T)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		out := n.OutShape(0)
		if n.NumIn() == 1 {
			return copyElems, nil
		}
		steps := []*kernel.Binary[T, T, T]{kernel.NewBinary(out, n.InShape(0), n.InShape(1), f)}
		for i := 2; i < n.NumIn(); i++ {
			steps = append(steps, kernel.NewBinary(out, out, n.InShape(i), f))
		}
		return func(c *op.Call) error {
			d := op.Result[T](c, 0)
			x := op.Arg[T](c, 0)
			for i, s := range steps {
				s.Run(c.Pool, d, x, op.Arg[T](c, i+1))
				x = d
			}
			return nil
		}, nil
	}
}

// expandSameShape is the variadic operator before opset 8, which did not broadcast.
func expandSameShape(name string) op.Expand {
	return func(b *op.Builder, n *op.Node) []*ir.Value {
		for i := 1; i < n.NumIn(); i++ {
			x, y := n.In(0), n.In(i)
			if x.Ranked && y.Ranked && !slices.EqualFunc(x.Shape, y.Shape, func(a, b ir.Dim) bool { return !knownOther(a, b) }) {
				b.Fail(op.Shapef("inputs %v and %v differ, and %s of opset 6 does not broadcast", x, y, name))
			}
		}
		return []*ir.Value{b.Op(name, n.Node.In...)}
	}
}

func knownOther(a, b ir.Dim) bool {
	x, xok := a.Int()
	y, yok := b.Int()
	return xok && yok && x != y || a.Differ(b)
}

// unary binds an element-by-element function of one input.
func unary[T tensor.Elem](f func(d, x []T)) op.Bind { return unaryTo(f) }

// unaryTo is unary for an output of another type.
func unaryTo[D, X tensor.Elem](f func(d []D, x []X)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) { return bindUnary(f), nil }
}

// unaryBy is unary for a function that the node's attributes make.
func unaryBy[T tensor.Elem](f func(n *op.Node) func(d, x []T)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) { return bindUnary(f(n)), nil }
}

func bindUnary[D, X tensor.Elem](f func(d []D, x []X)) op.Kernel {
	k := kernel.NewUnary(f)
	return func(c *op.Call) error {
		k.Run(c.Pool, op.Result[D](c, 0), op.Arg[X](c, 0))
		return nil
	}
}

// floats is the kernel table of an element-by-element function of one floating-point input.
func floats(f32 func(d, x []float32), f64 func(d, x []float64)) op.Kernels {
	return op.Merge(op.Wide(), op.Kernels{tensor.Float32: unary(f32), tensor.Float64: unary(f64)})
}
