package hdf5

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// Dataset is an array of elements of one datatype.
type Dataset struct{ object }

// data is what the header says of a dataset.
type data struct {
	space   dataspace
	typ     *Type
	layout  layout
	filters []filter
	fill    []byte // one element, nil for zeros
	paid    atomic.Bool
}

// readDataset decodes the messages of a dataset.
func (n *node) readDataset() error {
	f, d := n.f, &data{}
	n.data = d
	var b [6][]byte
	for i, kind := range [...]int{msgSpace, msgType, msgLayout, msgFilters, msgFill, msgOldFill} {
		var err error
		if b[i], err = f.message(n.head, kind); err != nil {
			return err
		}
		if b[i] == nil && i < 3 {
			return malformed("dataset without the message %#x", kind)
		}
	}
	if _, ok := n.head.find(msgExternal); ok {
		return external("external storage: the elements lie in other files")
	}
	var err error
	if d.space, err = readSpace(f.super.sizes, b[0]); err != nil {
		return err
	}
	if d.typ, err = readType(f, b[1]); err != nil {
		return err
	}
	if d.layout, err = readLayout(f.super.sizes, b[2]); err != nil {
		return err
	}
	if b[3] != nil {
		if d.filters, err = readFilters(f.super.sizes, b[3]); err != nil {
			return err
		}
	}
	if d.fill, err = readFill(f.super.sizes, b[4], b[5]); err != nil {
		return err
	}
	return d.check()
}

// check holds the messages against each other.
func (d *data) check() error {
	if len(d.fill) != 0 && len(d.fill) != d.typ.size {
		return malformed("fill value of %d bytes for elements of %d", len(d.fill), d.typ.size)
	}
	if !slices.ContainsFunc(d.fill, func(b byte) bool { return b != 0 }) {
		d.fill = nil
	}
	if _, ok := mul(d.space.n, uint64(d.typ.size)); !ok {
		return fmt.Errorf("%w: dataspace %d of elements of %d bytes", ErrLimit, d.space.dims, d.typ.size)
	}
	l := &d.layout
	if l.class != layoutChunked {
		if len(d.filters) != 0 {
			return malformed("filters on a dataset without chunks")
		}
		return nil
	}
	if len(l.chunk) != len(d.space.dims) && !d.space.null {
		return malformed("chunks %d of a dataspace %d", l.chunk, d.space.dims)
	}
	if l.elem != uint64(d.typ.size) {
		return malformed("chunks of elements of %d bytes instead of %d", l.elem, d.typ.size)
	}
	return nil
}

// readFill decodes the fill value message or, where there is none, the old one.
func readFill(s sizes, b, old []byte) ([]byte, error) {
	if b == nil {
		if old == nil {
			return nil, nil
		}
		c := s.cursor(old, "old fill value message")
		return c.take(int(min(uint64(c.u32()), 1<<31-1))), c.err
	}
	c := s.cursor(b, "fill value message")
	version := c.version(1, 3)
	defined := true
	if version == 3 {
		defined = c.u8()&0x20 != 0
	} else {
		c.skip(2) // when to allocate, when to write
		defined = c.u8() != 0 || version == 1
	}
	if c.err != nil || !defined || version == 1 && c.left() < 4 {
		return nil, c.err
	}
	n := c.u32()
	if int32(n) <= 0 {
		return nil, c.err
	}
	return c.take(int(n)), c.err
}

// Type returns the datatype of the elements.
func (d *Dataset) Type() *Type { return d.data.typ.scalar() }

// Shape returns the dimensions: empty for a scalar. An array datatype adds its own at the end, as
// in NumPy. A null dataspace has the shape [0].
func (d *Dataset) Shape() []int { return shapeOf(d.data.space, d.data.typ) }

// Len returns the number of elements.
func (d *Dataset) Len() int { return lenOf(d.data.space, d.data.typ) }

// MaxShape returns how far each dimension may be extended, -1 for without limit.
func (d *Dataset) MaxShape() []int {
	s := make([]int, len(d.data.space.max))
	for i, m := range d.data.space.max {
		s[i] = -1
		if m>>62 == 0 {
			s[i] = int(m)
		}
	}
	return s
}

// Chunks returns the dimensions of a chunk, nil for a dataset without chunks.
func (d *Dataset) Chunks() []int {
	if d.data.layout.class != layoutChunked {
		return nil
	}
	return dataspace{dims: d.data.layout.chunk}.shape()
}

// Contiguous returns where in the reader the elements lie one after the other, so that they can be
// mapped instead of read. It reports false for every other layout, for elements of variable
// length, and for elements that were never written.
func (d *Dataset) Contiguous() (offset, length int64, ok bool) {
	x := d.data
	if x.layout.class != layoutContiguous || x.layout.addr == undefined || x.typ.scalar().class == ClassVariable {
		return 0, 0, false
	}
	n := x.space.n * uint64(x.typ.size)
	if x.layout.size < n || d.f.inside(x.layout.addr, n, "elements") != nil {
		return 0, 0, false
	}
	return d.f.base + int64(x.layout.addr), int64(n), true
}

// scalar returns the type of the numbers or strings in arrays.
func (t *Type) scalar() *Type {
	for t.class == ClassArray {
		t = t.base
	}
	return t
}

func shapeOf(sp dataspace, t *Type) []int {
	if sp.null {
		return []int{0}
	}
	s := sp.shape()
	for ; t.class == ClassArray; t = t.base {
		s = append(s, t.dims...)
	}
	return s
}

func lenOf(sp dataspace, t *Type) int {
	return int(sp.n) * (t.size / t.scalar().size)
}

// values returns the dataset as Read sees it.
func (d *Dataset) values() values {
	x := d.data
	v := values{f: d.f, typ: d.Type(), n: d.Len(), where: d.path, err: known(x.filters),
		feed: func(s sink) error { return x.feed(d.f, s) }}
	v.pay = func(n int64) error {
		if n > d.f.limits.Dataset {
			return fmt.Errorf("%w: %d bytes of elements (Limits.Dataset)", ErrLimit, n)
		}
		if x.paid.Load() {
			return nil
		}
		return d.f.budget.charge(n, "dataset")
	}
	return v
}

// feed gives every element to s.
func (d *data) feed(f *File, s sink) error {
	if d.space.n == 0 {
		return nil
	}
	per := d.typ.size / d.typ.scalar().size // numbers in an element
	n := d.space.n * uint64(d.typ.size)
	var err error
	switch d.layout.class {
	case layoutCompact:
		if uint64(len(d.layout.compact)) < n {
			return malformed("compact storage of %d bytes for %d", len(d.layout.compact), n)
		}
		err = s.put(0, d.layout.compact[:n])
	case layoutContiguous:
		switch {
		case d.layout.addr == undefined:
			err = d.fillAll(s, per)
		case d.layout.size < n:
			return malformed("contiguous storage of %d bytes for %d", d.layout.size, n)
		default:
			err = f.stream(d.layout.addr, n, d.typ.scalar().size, s)
		}
	default:
		err = d.feedChunks(f, s, per)
	}
	if err == nil {
		d.paid.Store(true)
	}
	return err
}

// streamBytes is about how much is read at once where elements are converted.
const streamBytes = 64 << 10

// stream gives n bytes at addr to s: straight into its memory where it lets that happen.
func (f *File) stream(addr, n uint64, size int, s sink) error {
	const what = "elements"
	if err := f.inside(addr, n, what); err != nil {
		return err
	}
	if w := s.window(0, int(n)/size); w != nil {
		if err := f.readAt(w, addr, what); err != nil {
			return err
		}
		return s.settle()
	}
	buf := make([]byte, min(n, uint64(max(streamBytes/size, 1)*size)))
	for at := uint64(0); at < n; at += uint64(len(buf)) {
		buf = buf[:min(n-at, uint64(len(buf)))]
		if err := f.readAt(buf, addr+at, what); err != nil {
			return err
		}
		if err := s.put(int(at)/size, buf); err != nil {
			return err
		}
	}
	return nil
}

// fillAll gives s the fill value for every element.
func (d *data) fillAll(s sink, per int) error {
	if d.fill == nil {
		return s.zero()
	}
	count := max(min(streamBytes/len(d.fill), int(d.space.n)), 1)
	run := make([]byte, 0, count*len(d.fill))
	for range count {
		run = append(run, d.fill...)
	}
	for at := 0; at < int(d.space.n); at += count {
		n := min(count, int(d.space.n)-at)
		if err := s.put(at*per, run[:n*len(d.fill)]); err != nil {
			return err
		}
	}
	return nil
}
