package ops

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// GatherND and ScatterND name slices of the data by tuples: the last axis of indices holds k
// coordinates, of the data's first k axes after the batch axes.

// ndTuple returns the length of the tuples, -1 where it is not known.
func ndTuple(n *op.Node, batch int) (int, error) {
	x, ind := n.In(0), n.In(1)
	if !ind.Ranked || !x.Ranked {
		return -1, nil
	}
	if len(ind.Shape) == 0 || len(x.Shape) == 0 {
		return 0, op.Shapef("indices are %v, data %v: neither may be a scalar", ind, x)
	}
	if batch < 0 || batch >= len(ind.Shape) || batch >= len(x.Shape) {
		return 0, op.Shapef("batch_dims is %d for data %v, indices %v", batch, x, ind)
	}
	for i := range batch {
		if x.Shape[i].Differ(ind.Shape[i]) {
			return 0, op.Shapef("indices are %v, data %v: batch axis %d differs", ind, x, i)
		}
	}
	k, ok := ind.Shape[len(ind.Shape)-1].Int()
	if !ok {
		return -1, nil
	}
	if k < 1 || k > len(x.Shape)-batch {
		return 0, op.Shapef("indices are %v: tuples of %d for data %v with %d batch axes", ind, k, x, batch)
	}
	return k, nil
}

// readTuples fills dst with the slices of the data that the tuples name: with m tuples in each batch
// of dims[0] x dims[1] x ... slices, tuple i belongs to batch i/m.
func readTuples(dst []int, index []int64, dims []int, m int) error {
	k, slices := len(dims), tensor.Shape(dims).Len()
	for i := range dst {
		at := 0
		for j, d := range dims {
			v := index[i*k+j]
			c := v
			if c < 0 {
				c += int64(d)
			}
			if uint64(c) >= uint64(d) {
				return fmt.Errorf("index %d (coordinate %d of tuple %d) outside an axis of size %d", v, j, i, d)
			}
			at = at*d + int(c)
		}
		dst[i] = i/m*slices + at
	}
	return nil
}

// flatTuples emits the same in a graph: the numbers of the slices that the tuples of length k name,
// as an int64 vector.
func flatTuples(b *op.Builder, x, index *ir.Value, batch, k int) *ir.Value {
	batches := b.Ints(1)
	for i := range batch {
		size := b.OpA("Shape", x, op.Attr("start", i), op.Attr("end", i+1))
		if i == 0 {
			batches = size
		} else {
			batches = b.Mul(batches, size)
		}
	}
	tuples := b.Reshape(index, b.Concat(0, batches, b.Ints(-1, k)))
	scalar := func(v int64) *ir.Value { return b.Const(tensor.Scalar(v)) }
	at := b.Unsqueeze(b.Op("Range", scalar(0), b.Squeeze(batches, 0), scalar(1)), 1)
	for j := range k {
		size := b.OpA("Shape", x, op.Attr("start", batch+j), op.Attr("end", batch+j+1))
		c := b.Squeeze(b.Slice(tuples, 2, j, j+1), 2)
		c = b.Where(b.Op("Less", c, scalar(0)), b.Add(c, size), c)
		at = b.Add(b.Mul(at, size), c)
	}
	return b.Reshape(at, b.Ints(-1))
}

// slicesOf gives x the shape [slices, elements of a slice], where a slice is what follows the first axes.
func slicesOf(b *op.Builder, x *ir.Value, axes int) *ir.Value {
	return b.OpA("Flatten", x, op.Attr("axis", axes))
}
