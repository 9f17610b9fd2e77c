package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opOneHot puts in an axis of depth elements that holds values[1] at the index and values[0] elsewhere.
// A negative index counts from the end; one outside [-depth, depth-1] is nowhere.
// Each of the two values gets the sum of dy over its elements.
var opOneHot = &op.Def{
	Name: "OneHot", Since: 28,
	Doc: "Each index as a vector with one value there and another elsewhere.",
	In: []op.Param{
		op.In("indices", "T1", op.Zero), op.In("depth", "T2", op.Zero), op.In("values", "T3", op.Differentiable),
	},
	Out:     []op.Param{op.Out("output", "T3")},
	Attrs:   []op.AttrDef{op.Int("axis", -1)},
	Types:   op.Types{"T1": numbersClassic, "T2": numbersClassic},
	On:      "T3",
	Infer:   inferOneHot,
	Kernels: moved(types13, bindOneHot[uint8], bindOneHot[uint16], bindOneHot[uint32], bindOneHot[uint64], bindOneHot[wide16], bindOneHot[string]),
	Grad:    gradOneHot,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T3": op.AllClassic}},
		{Since: 9, Types: op.Types{"T3": op.AllClassic}},
	},
}

// numbersClassic are the numeric types of opset 7.
var numbersClassic = without(plainTypes(op.AllClassic), tensor.Bool)

func inferOneHot(n *op.Node) error {
	if f := n.In(2); f.Ranked {
		if k, ok := f.Shape.Size().Int(); ok && k != 2 || len(f.Shape) != 1 {
			return op.Shapef("values is %v, expected two elements", f)
		}
	}
	depth := ir.Unknown
	if t := n.In(1).Const; t != nil {
		if t.Len() != 1 {
			return op.Shapef("depth is %v, expected one element", t)
		}
		d := numberInt(t)
		if d < 1 || d > min(1<<48, math.MaxInt) {
			return op.Shapef("depth is %d", d)
		}
		depth = ir.Known(int(d))
	} else if e := n.In(1).Elems; len(e) == 1 {
		depth = e[0]
	}
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape)+1)
	if err != nil {
		return op.Shapef("%v", err)
	}
	out := append(ir.Shape{}, x.Shape[:axis]...)
	out = append(out, depth)
	n.SetShape(0, append(out, x.Shape[axis:]...))
	return nil
}

func bindOneHot[T any](n *op.Node) (op.Kernel, error) {
	in, out := n.InShape(0), n.OutShape(0)
	axis, err := tensor.Axis(n.Int("axis"), len(out))
	if err != nil {
		return nil, op.Shapef("%v", err)
	}
	count, depth, inner := in.Len(), out[axis], in[axis:].Len()
	elem := intElem(n.In(0).DType)
	needInts(n, count)
	return func(c *op.Call) error {
		index := scratchInts(c, count)
		for i := range index {
			k := elem(c.In[0], i)
			if k < 0 {
				k += int64(depth)
			}
			if k < 0 || k >= int64(depth) {
				k = -1
			}
			index[i] = int(k)
		}
		v := words[T](c.In[2])
		kernel.OneHot(words[T](c.Out[0]), index, depth, inner, v[0], v[1])
		return nil
	}, nil
}

func gradOneHot(g *op.Grad) {
	dy := g.DOut(0)
	ends := g.Concat(0, g.Reshape(g.Scalar(dy, 0), g.Ints(1)), g.Reshape(g.Scalar(dy, 1), g.Ints(1)))
	at := g.Emit(1, "OneHot", []*ir.Value{g.In(0), g.In(1), ends}, op.Attr("axis", g.Node.Int("axis")))[0]
	on := g.Sum(g.Mul(dy, at), false)
	off := g.Sub(g.Sum(dy, false), on)
	g.Set(2, g.Concat(0, g.Unsqueeze(off, 0), g.Unsqueeze(on, 0)))
}
