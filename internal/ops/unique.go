package ops

import (
	"cmp"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opUnique is the different elements of the input taken as a vector or, with axis, its different
// slices along that axis: in increasing order, or in that of their first occurrence where sorted is 0.
// indices are the places of the first occurrences, inverse_indices for each element or slice its place
// in the result, counts how often each occurs. NaN equals NaN and comes last.
var opUnique = &op.Def{
	Name: "Unique", Since: 28,
	Doc: "The different elements, or slices along axis.",
	In:  []op.Param{op.In("X", "T", op.NoRule)},
	Out: []op.Param{
		op.Out("Y", "T"), op.OptOut("indices", "int64"), op.OptOut("inverse_indices", "int64"), op.OptOut("counts", "int64"),
	},
	Attrs:   []op.AttrDef{op.May("axis", op.IntKind), op.Int("sorted", 1)},
	Infer:   inferUnique,
	Kernels: op.Each(nil, types13...),
	Eval:    evalUnique,
	Old:     []op.Version{{Since: 11, Types: op.Types{"T": op.AllClassic}}},
}

func inferUnique(n *op.Node) error {
	x := n.In(0)
	for i := 1; i < 4; i++ {
		n.SetShape(i, unknownShape(1))
	}
	if !n.HasAttr("axis") {
		n.SetShape(0, unknownShape(1))
		if x.Ranked {
			n.SetShape(2, ir.Shape{x.Shape.Size()})
		}
		return nil
	}
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	out := append(ir.Shape{}, x.Shape...)
	out[axis] = ir.Unknown
	n.SetShape(0, out)
	n.SetShape(2, ir.Shape{x.Shape[axis]})
	return nil
}

func evalUnique(n *op.Node, c *op.Call) ([]tensor.Any, error) {
	shape, axis := tensor.Shape{c.In[0].Len()}, 0
	if n.HasAttr("axis") {
		shape = c.In[0].Shape()
		var err error
		if axis, err = shape.Axis(n.Int("axis")); err != nil {
			return nil, op.Shapef("%v", err)
		}
	}
	outer, size, inner := shape[:axis].Len(), shape[axis], shape[axis+1:].Len()
	elem := compareElems(c.In[0])
	compare := func(a, b int) int {
		for o := range outer {
			for i := range inner {
				if r := elem((o*size+a)*inner+i, (o*size+b)*inner+i); r != 0 {
					return r
				}
			}
		}
		return 0
	}
	groups := groupSlices(size, compare, n.Bool("sorted"))
	first, counts, inverse := make([]int64, len(groups)), make([]int64, len(groups)), make([]int64, size)
	pick := make([]int, len(groups))
	for g, members := range groups {
		pick[g], first[g], counts[g] = members[0], int64(members[0]), int64(len(members))
		for _, m := range members {
			inverse[m] = int64(g)
		}
	}
	y, err := pickSlices(c, shape, axis, pick)
	if err != nil {
		return nil, err
	}
	return []tensor.Any{y, tensor.Vector(first...), tensor.Vector(inverse...), tensor.Vector(counts...)}[:n.NumOut()], nil
}

// groupSlices returns the numbers below size in groups of equal ones, the first of each in front.
func groupSlices(size int, compare func(a, b int) int, sorted bool) [][]int {
	order := make([]int, size)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	var groups [][]int
	for i := 0; i < size; {
		end := i + 1
		for end < size && compare(order[i], order[end]) == 0 {
			end++
		}
		groups = append(groups, order[i:end])
		i = end
	}
	if !sorted {
		slices.SortFunc(groups, func(a, b []int) int { return a[0] - b[0] })
	}
	return groups
}

// compareElems returns a total order of a tensor's elements by their places.
func compareElems(x tensor.Any) func(a, b int) int {
	switch x := x.(type) {
	case *tensor.Tensor[string]:
		return func(a, b int) int { return cmp.Compare(x.Data()[a], x.Data()[b]) }
	case *tensor.Tensor[complex64]:
		return func(a, b int) int { return compareComplex(complex128(x.Data()[a]), complex128(x.Data()[b])) }
	case *tensor.Tensor[complex128]:
		return func(a, b int) int { return compareComplex(x.Data()[a], x.Data()[b]) }
	}
	var b castBuffer
	floats, ints := make([]float64, 0, x.Len()), make([]int64, 0, x.Len())
	class := classOf(x.DType())
	for at := 0; at < x.Len(); at += castBlock {
		n := min(castBlock, x.Len()-at)
		castReaders[x.DType()](&b, n, x, at)
		if class == asFloat {
			floats = append(floats, b.f[:n]...)
		} else {
			ints = append(ints, b.i[:n]...)
		}
	}
	switch class {
	case asFloat:
		return func(a, b int) int { return compareFloat(floats[a], floats[b]) }
	case asUint:
		return func(a, b int) int { return cmp.Compare(uint64(ints[a]), uint64(ints[b])) }
	}
	return func(a, b int) int { return cmp.Compare(ints[a], ints[b]) }
}

// compareFloat orders numbers, with NaN behind all of them.
func compareFloat(a, b float64) int {
	switch {
	case a != a && b != b:
		return 0
	case a != a:
		return 1
	case b != b:
		return -1
	}
	return cmp.Compare(a, b)
}

func compareComplex(a, b complex128) int {
	return cmp.Or(compareFloat(real(a), real(b)), compareFloat(imag(a), imag(b)))
}
