package hdf5

// gheap is a global heap collection: where elements of variable length lie.
type gheap struct {
	data string
	objs map[int]span // by index, in data
}

// gheap returns the collection at addr.
func (f *File) gheap(addr uint64) (*gheap, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.heaps[addr]; g != nil {
		return g, nil
	}
	const what = "global heap"
	s := f.super.sizes
	head := make([]byte, 8+s.length)
	if err := f.readAt(head, addr, what); err != nil {
		return nil, err
	}
	c := s.cursor(head, what)
	c.signature("GCOL")
	c.version(1, 1)
	c.skip(3)
	size := c.len()
	if c.err != nil {
		return nil, c.err
	}
	b, err := f.visit().block(addr, size, what)
	if err != nil {
		return nil, err
	}
	g := &gheap{objs: map[int]span{}}
	c = s.cursor(b, what)
	c.skip(len(head))
	c.align(8) // headers are padded as objects are
	for c.left() >= 8+s.length {
		index := c.u16()
		c.skip(6) // reference count, reserved
		n := c.len()
		c.align(8)
		if index == 0 { // free space up to the end
			break
		}
		if err := f.budget.charge(messageCost, what); err != nil {
			return nil, err
		}
		if n > uint64(c.left()) {
			return nil, malformed("%s at %#x: object %d of %d bytes", what, addr, index, n)
		}
		g.objs[index] = span{uint64(c.pos), n}
		c.skip(int(n))
		c.skip(min((8-c.pos%8)%8, c.left()))
	}
	g.data = string(b)
	f.heaps[addr] = g
	return g, nil
}

// text returns the string that an element of variable length points to. It shares the memory of
// its collection.
func (f *File) text(elem []byte) (string, error) {
	c := f.super.cursor(elem, "variable-length element")
	n, addr, index := uint64(c.u32()), c.addr(), int(c.u32())
	if c.err != nil {
		return "", c.err
	}
	if addr == 0 || addr == undefined {
		if n != 0 {
			return "", malformed("string of %d bytes without an address", n)
		}
		return "", nil
	}
	g, err := f.gheap(addr)
	if err != nil {
		return "", err
	}
	at, ok := g.objs[index]
	if !ok || n > at.size {
		return "", malformed("string of %d bytes: object %d of the global heap at %#x has %d", n, index, addr, at.size)
	}
	return g.data[at.addr : at.addr+n], nil
}
