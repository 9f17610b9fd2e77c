package hdf5

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"sync/atomic"
)

// Attribute is a small array with a name, kept with an object.
type Attribute struct {
	name  string
	f     *File
	path  string
	typ   *Type
	space dataspace
	data  []byte
	err   error // why the value cannot be read
	paid  *atomic.Bool
}

// Name returns the attribute's name.
func (a Attribute) Name() string { return a.name }

// Type returns the datatype of the elements; nil where the attribute could not be decoded.
func (a Attribute) Type() *Type {
	if a.typ == nil {
		return nil
	}
	return a.typ.scalar()
}

// Err says why the attribute cannot be decoded, nil where it can.
func (a Attribute) Err() error { return at(a.where(), a.err) }

// Shape returns the dimensions: empty for a scalar, [0] for an empty one (a null dataspace).
func (a Attribute) Shape() []int {
	if a.typ == nil {
		return []int{0}
	}
	return shapeOf(a.space, a.typ)
}

// Len returns the number of elements.
func (a Attribute) Len() int {
	if a.typ == nil {
		return 0
	}
	return lenOf(a.space, a.typ)
}

func (a Attribute) where() string { return fmt.Sprintf("%s: attribute %q", a.path, a.name) }

func (a Attribute) values() values {
	return values{f: a.f, typ: a.Type(), n: a.Len(), where: a.where(), err: a.err,
		pay: func(n int64) error {
			if a.paid.Swap(true) {
				return nil
			}
			return a.f.budget.charge(n, "attribute")
		},
		feed: func(s sink) error {
			if a.space.n == 0 {
				return nil
			}
			return s.put(0, a.data)
		}}
}

// Strings returns the elements of an attribute of strings.
func (a Attribute) Strings() ([]string, error) { return Strings(a) }

// Ints returns the elements of an attribute of integers or booleans.
func (a Attribute) Ints() ([]int64, error) { return Read[int64](a) }

// Floats returns the elements of an attribute of numbers that convert to float64 without loss.
func (a Attribute) Floats() ([]float64, error) { return Read[float64](a) }

// Bytes returns the elements as the function [Bytes] does.
func (a Attribute) Bytes() ([]byte, error) { return Bytes(a) }

// Text returns the only element of an attribute of strings.
func (a Attribute) Text() (string, error) { return only(a, Strings) }

// Int returns the only element of an attribute of integers or booleans.
func (a Attribute) Int() (int64, error) { return only(a, Read[int64]) }

// Float returns the only element of an attribute of numbers.
func (a Attribute) Float() (float64, error) { return only(a, Read[float64]) }

// Bool returns the only element of an attribute of booleans.
func (a Attribute) Bool() (bool, error) { return only(a, Read[bool]) }

func only[T any](a Attribute, read func(Value) ([]T, error)) (T, error) {
	v, err := read(a)
	if err == nil && len(v) != 1 {
		err = at(a.where(), fmt.Errorf("%w: %d elements instead of one", ErrShape, len(v)))
	}
	if err != nil {
		var none T
		return none, err
	}
	return v[0], nil
}

// Attr returns an attribute, and false where the object has none of that name. The error says why
// the attributes, or this one, cannot be read.
func (o object) Attr(name string) (Attribute, bool, error) {
	list, err := o.load()
	if err != nil {
		return Attribute{}, false, at(o.path, err)
	}
	i := sort.Search(len(list), func(i int) bool { return list[i].name >= name })
	if i == len(list) || list[i].name != name {
		return Attribute{}, false, nil
	}
	a := list[i]
	a.path = o.path
	return a, true, a.Err()
}

// Attrs returns the attributes by name. One that cannot be decoded is among them, and reading it
// gives the error.
func (o object) Attrs() ([]Attribute, error) {
	list, err := o.load()
	if err != nil {
		return nil, at(o.path, err)
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].path = o.path
	}
	return list, nil
}

// load decodes the attributes once.
func (n *node) load() ([]Attribute, error) {
	n.attrs.Do(func() {
		if n.aerr = n.loadAttrs(); n.aerr != nil {
			n.attr, n.aerr = nil, in("attributes", n.aerr)
		}
	})
	return n.attr, n.aerr
}

func (n *node) loadAttrs() error {
	for _, m := range n.head.msgs {
		if m.kind != msgAttribute {
			continue
		}
		b, err := n.f.contents(m)
		if err == nil {
			err = n.addAttr(b)
		}
		if err != nil {
			return err
		}
	}
	b, err := n.f.message(n.head, msgAttrInfo)
	if err != nil {
		return err
	}
	if b != nil {
		if err := n.denseAttrs(b); err != nil {
			return err
		}
	}
	slices.SortFunc(n.attr, func(a, b Attribute) int { return cmp.Compare(a.name, b.name) })
	for i := 1; i < len(n.attr); i++ {
		if n.attr[i].name == n.attr[i-1].name {
			return malformed("two are named %q", n.attr[i].name)
		}
	}
	return nil
}

// denseAttrs reads the attributes that an attribute info message says are in a fractal heap.
func (n *node) denseAttrs(b []byte) error {
	c := n.f.super.cursor(b, "attribute info message")
	c.version(0, 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(2) // largest creation order
	}
	heapAddr, names := c.addr(), c.addr()
	if c.err != nil || heapAddr == undefined {
		return c.err
	}
	heap, err := n.f.fheap(heapAddr)
	if err != nil {
		return err
	}
	if names == undefined {
		return malformed("no index of names")
	}
	return n.f.visit().btree2(names, [2]int{treeAttrNames, treeAttrNames}, func(_ *tree2, rec []byte) error {
		if len(rec) < 9 {
			return malformed("attribute record of %d bytes", len(rec))
		}
		var b []byte
		var err error
		if rec[8]&flagShared != 0 {
			b, err = n.f.sharedMessage(msgAttribute, rec[:8])
		} else {
			b, err = heap.get(rec[:8])
		}
		if err != nil {
			return err
		}
		return n.addAttr(b)
	})
}

// attrCost is charged for each attribute beside its bytes.
const attrCost = 256

// addAttr decodes an attribute message. A fault behind the name spoils only this attribute.
func (n *node) addAttr(b []byte) error {
	f := n.f
	c := f.super.cursor(b, "attribute message")
	version := c.version(1, 3)
	flags := c.u8()
	if version == 1 {
		flags = 0 // reserved
	}
	nameLen, typeLen, spaceLen := c.u16(), c.u16(), c.u16()
	if version == 3 {
		c.skip(1) // character set of the name
	}
	padded := func(n int) []byte {
		b := c.take(n)
		if version == 1 {
			c.skip((8 - n%8) % 8)
		}
		return b
	}
	name := padded(nameLen)
	if c.err != nil {
		return c.err
	}
	for len(name) > 0 && name[len(name)-1] == 0 {
		name = name[:len(name)-1]
	}
	if len(name) > f.limits.Name {
		return fmt.Errorf("%w: attribute name of %d bytes (Limits.Name)", ErrLimit, len(name))
	}
	if err := f.budget.charge(attrCost+int64(len(name)), "attribute"); err != nil {
		return err
	}
	a := Attribute{name: string(name), f: f, paid: new(atomic.Bool)}
	typ, space := padded(typeLen), padded(spaceLen)
	if a.err = c.err; a.err == nil {
		a.err = a.decode(flags, typ, space, c)
	}
	n.attr = append(n.attr, a)
	return nil
}

// decode reads the type, the dataspace and the value.
func (a *Attribute) decode(flags int, typ, space []byte, c *cursor) (err error) {
	f := a.f
	if flags&1 != 0 {
		if typ, err = f.fetch(msgType, typ); err != nil {
			return err
		}
	}
	if flags&2 != 0 {
		if space, err = f.fetch(msgSpace, space); err != nil {
			return err
		}
	}
	if a.space, err = readSpace(f.super.sizes, space); err != nil {
		return err
	}
	t, err := readType(f, typ)
	if err != nil {
		return err
	}
	n, ok := mul(a.space.n, uint64(t.size))
	if !ok || n > uint64(c.left()) {
		return malformed("%d bytes for %d elements of %d", c.left(), a.space.n, t.size)
	}
	if int64(n) > f.limits.Attribute {
		return fmt.Errorf("%w: attribute of %d bytes (Limits.Attribute)", ErrLimit, n)
	}
	a.typ, a.data = t, c.take(int(n))
	return c.err
}
