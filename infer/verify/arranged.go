package verify

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxArranged is the number of axes up to which all their orders are tried: 720 of 6.
const maxArranged = 6

// arranged returns a layer's array with its axes as the graph has them. A graph keeps channels in front
// where a layer of Keras has them last, recurrent nodes begin with the time, what is done at each step sees
// the steps as part of the batch. So it is the order of axes in which the two agree, or the first that fits;
// nil where the sizes are those of no such order but as many, which says nothing of the elements, and where
// the types are different ones. An array of another size stays as it is.
func arranged(got, want tensor.Any, tol Tolerances) tensor.Any {
	switch {
	case got.DType() != want.DType():
		return nil
	case got.Len() != want.Len():
		return want
	}
	rank := want.Shape().Rank()
	var first tensor.Any
	perm := make([]int, 0, rank)
	var try func() tensor.Any
	try = func() tensor.Any {
		if len(perm) == rank {
			t := fitted(want, perm, got.Shape())
			if t == nil || first != nil && !Compare("", got, t, tol).Agrees() {
				return nil
			}
			if first == nil {
				first = t
				if !Compare("", got, t, tol).Agrees() {
					return nil
				}
			}
			return t
		}
		for axis := range rank {
			if slices.Contains(perm, axis) {
				continue
			}
			perm = append(perm, axis)
			t := try()
			if perm = perm[:len(perm)-1]; t != nil {
				return t
			}
			if rank > maxArranged {
				break
			}
		}
		return nil
	}
	if t := try(); t != nil {
		return t
	}
	return first
}

// fitted returns an array with its axes in another order where they are then those of a shape, but for
// axes of size 1, or with the first two of them as one; nil elsewhere.
func fitted(t tensor.Any, perm []int, shape tensor.Shape) tensor.Any {
	var p tensor.Shape
	for _, axis := range perm {
		p = append(p, t.Shape()[axis])
	}
	long := withoutOnes(shape)
	same := slices.Equal(withoutOnes(p), long)
	if len(p) > 1 && !same {
		same = slices.Equal(withoutOnes(append(tensor.Shape{p[0] * p[1]}, p[2:]...)), long)
	}
	if !same {
		return nil
	}
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return transposed(t, perm, shape)
	case *tensor.Tensor[float64]:
		return transposed(t, perm, shape)
	case *tensor.Tensor[int32]:
		return transposed(t, perm, shape)
	case *tensor.Tensor[int64]:
		return transposed(t, perm, shape)
	case *tensor.Tensor[bool]:
		return transposed(t, perm, shape)
	case *tensor.Tensor[string]:
		return transposed(t, perm, shape)
	}
	if slices.IsSorted(perm) {
		t, err := tensor.WithShape(t, shape)
		if err == nil {
			return t
		}
	}
	return nil
}

func withoutOnes(s tensor.Shape) tensor.Shape {
	return slices.DeleteFunc(slices.Clone(s), func(n int) bool { return n == 1 })
}

// transposed copies elements in the order of the axes perm, into a shape of as many.
func transposed[T tensor.Elem](t *tensor.Tensor[T], perm []int, shape tensor.Shape) tensor.Any {
	rank := len(perm)
	stride, size := make([]int, rank), make([]int, rank)
	for i, axis := range perm {
		size[i], stride[i] = t.Shape()[axis], 1
		for _, n := range t.Shape()[axis+1:] {
			stride[i] *= n
		}
	}
	out := tensor.Zeros[T](shape...)
	at, index := 0, make([]int, rank)
	for i := range out.Data() {
		out.Data()[i] = t.Data()[at]
		for a := rank - 1; a >= 0; a-- {
			index[a]++
			at += stride[a]
			if index[a] < size[a] {
				break
			}
			at -= size[a] * stride[a]
			index[a] = 0
		}
	}
	return out
}
