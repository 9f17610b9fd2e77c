package hdf5

import (
	"fmt"
	"math"
	"math/bits"
)

// dataspace is the extent of a dataset or attribute.
type dataspace struct {
	null bool
	dims []uint64 // empty for a scalar
	max  []uint64 // as dims where the file gives none; undefined is unlimited
	n    uint64   // elements
}

// readSpace decodes a dataspace message.
func readSpace(s sizes, b []byte) (dataspace, error) {
	c := s.cursor(b, "dataspace message")
	version := c.version(1, 2)
	rank, flags := c.u8(), c.u8()
	var sp dataspace
	if version == 1 {
		c.skip(5)
	} else {
		switch kind := c.u8(); kind {
		case 0, 1:
		case 2:
			sp.null = true
		default:
			c.fail(malformed("dataspace of type %d", kind))
		}
	}
	if c.err == nil && rank > maxRank {
		c.fail(malformed("dataspace of rank %d", rank))
	}
	if c.err != nil || sp.null {
		return sp, c.err
	}
	sp.dims = make([]uint64, rank)
	for i := range sp.dims {
		sp.dims[i] = c.len()
	}
	sp.max = sp.dims
	if flags&1 != 0 {
		sp.max = make([]uint64, rank)
		for i := range sp.max {
			if sp.max[i] = c.unlimited(); sp.max[i] < sp.dims[i] {
				c.fail(malformed("dimension %d of %d has the maximum %d", i, sp.dims[i], sp.max[i]))
			}
		}
	}
	if c.err != nil {
		return sp, c.err
	}
	var ok bool
	if sp.n, ok = product(sp.dims); !ok {
		return sp, fmt.Errorf("%w: dataspace %d has more elements than can be counted", ErrLimit, sp.dims)
	}
	return sp, nil
}

// unlimited reads a maximum dimension: all ones of any width is undefined.
func (c *cursor) unlimited() uint64 {
	v := c.len()
	if v == ^uint64(0)>>(64-8*c.length) {
		return undefined
	}
	return v
}

// product multiplies dimensions. It reports false where the result, or the product of those that
// are not zero, does not fit an int.
func product(dims []uint64) (uint64, bool) {
	n, zero := uint64(1), false
	for _, d := range dims {
		if d == 0 {
			zero = true
			continue
		}
		hi, lo := bits.Mul64(n, d)
		if hi != 0 || lo > math.MaxInt {
			return 0, false
		}
		n = lo
	}
	if zero {
		n = 0
	}
	return n, true
}

// mul multiplies two counts, false where the product does not fit an int.
func mul(a, b uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	return lo, hi == 0 && lo <= math.MaxInt
}

// shape returns the dimensions as ints; readSpace has seen that they fit.
func (sp dataspace) shape() []int {
	s := make([]int, len(sp.dims))
	for i, d := range sp.dims {
		s[i] = int(d)
	}
	return s
}
