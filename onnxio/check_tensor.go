package onnxio

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tensor checks that a tensor's elements are in one place and as many as its dimensions say. It
// makes no copy of them.
func (c *checker) tensor(t *Tensor, path string) {
	if t == nil {
		c.report(path, "is nil")
		return
	}
	if err := t.check(); err != nil {
		c.reportError(path, err)
	}
}

// check does what Value does, short of making the tensor.
func (m *Tensor) check() error {
	d := m.DType()
	if d == tensor.Undefined {
		return m.errorf("element type %d does not exist", m.DataType)
	}
	if m.Segment != nil {
		return m.errorf("it is a segment of a larger tensor")
	}
	shape, err := m.Shape()
	if err != nil {
		return err
	}
	switch m.DataLocation {
	case DataLocationDefault:
	case DataLocationExternal:
		return m.checkExternal(d, shape.Len())
	default:
		return m.errorf("data location %d does not exist", m.DataLocation)
	}
	if err := m.onePlace(d); err != nil {
		return err
	}
	if len(m.RawData) > 0 {
		return m.fits(d, shape, m.RawData)
	}
	return m.checkList(d, shape)
}

func (m *Tensor) checkExternal(d tensor.DType, n int) error {
	for _, p := range m.places() {
		if p.len > 0 || len(m.RawData) > 0 {
			return m.errorf("elements in the model, and in another file too")
		}
	}
	return m.hasExternal(d, n)
}

// sparse checks a sparse tensor: the types and shapes of its parts, and that the places are in
// ascending order and inside the tensor.
func (c *checker) sparse(t *SparseTensor, path string) {
	if t == nil || t.Values == nil || t.Indices == nil {
		c.report(path, "a sparse tensor needs values and indices")
		return
	}
	before := len(c.found)
	c.tensor(t.Values, at(path, "values"))
	c.tensor(t.Indices, at(path, "indices"))
	if len(c.found) > before {
		return
	}
	dense := tensor.Shape{}
	for _, d := range t.Dims {
		if d <= 0 || int64(int(d)) != d {
			c.report(path, "dimension %d of a sparse tensor", d)
			return
		}
		dense = append(dense, int(d))
	}
	n, ok := dense.Size()
	if !ok || len(dense) == 0 {
		c.report(path, "a sparse tensor of shape %v", dense)
		return
	}
	if len(t.Values.Dims) != 1 {
		c.report(path, "the values of a sparse tensor have %d dimensions, not 1", len(t.Values.Dims))
		return
	}
	if t.Indices.DType() != tensor.Int64 {
		c.report(path, "the indices of a sparse tensor are %v, not i64", t.Indices.DType())
		return
	}
	count := t.Values.Dims[0]
	linear := slices.Equal(t.Indices.Dims, []int64{count})
	if !linear && !slices.Equal(t.Indices.Dims, []int64{count, int64(len(dense))}) {
		c.report(path, "%d values of a tensor of rank %d have indices of shape %v", count, len(dense), t.Indices.Dims)
		return
	}
	v, err := t.Indices.Value()
	if err != nil {
		c.reportError(path, err)
		return
	}
	c.indices(tensor.Data[int64](v), dense, n, linear, path)
}

// indices checks that the places of a sparse tensor ascend and are inside it.
func (c *checker) indices(list []int64, dense tensor.Shape, n int, linear bool, path string) {
	rank := len(dense)
	if linear {
		rank = 1
		dense = tensor.Shape{n}
	}
	for i := 0; i+rank <= len(list); i += rank {
		row := list[i : i+rank]
		for axis, k := range row {
			if k < 0 || k >= int64(dense[axis]) {
				c.report(path, "index %d of value %d is outside [0,%d]", k, i/rank, dense[axis]-1)
				return
			}
		}
		if i > 0 && slices.Compare(list[i-rank:i], row) >= 0 {
			c.report(path, "index %d does not ascend", i/rank)
			return
		}
	}
}
