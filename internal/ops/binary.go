package ops

import (
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

// unary binds an element-by-element function of one input.
func unary[T tensor.Elem](f func(d, x []T)) op.Bind { return unaryTo(f) }

// unaryTo is unary for an output of another type.
func unaryTo[D, X tensor.Elem](f func(d []D, x []X)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		k := kernel.NewUnary(f)
		return func(c *op.Call) error {
			k.Run(c.Pool, op.Result[D](c, 0), op.Arg[X](c, 0))
			return nil
		}, nil
	}
}
