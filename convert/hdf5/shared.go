package hdf5

import "fmt"

// sharedIndex is one heap of messages that several objects share.
type sharedIndex struct {
	kinds uint64 // bit k: messages of kind k
	heap  *fheap
}

// sharedTable reads the table of shared messages that the superblock extension points to.
func (f *File) sharedTable(m message) ([]sharedIndex, error) {
	c := f.super.cursor(m.data, "shared message table message")
	c.version(0, 0)
	addr, n := c.addr(), c.u8()
	if c.err != nil {
		return nil, c.err
	}
	s := f.super.sizes
	c, err := f.visit().summed(addr, uint64(4+n*(1+1+2+4+2+2+2+2*s.offset)+4), "shared message table")
	if err != nil {
		return nil, err
	}
	c.signature("SMTB")
	var table []sharedIndex
	for range n {
		c.version(0, 0)
		c.u8() // list or B-tree: only writers look there
		kinds := c.u16()
		c.skip(4 + 2 + 2 + 2)
		c.addr()
		heap := c.addr()
		if c.err != nil {
			return nil, c.err
		}
		if heap == undefined {
			continue // no message yet
		}
		h, err := f.fheap(heap)
		if err != nil {
			return nil, err
		}
		table = append(table, sharedIndex{uint64(kinds), h})
	}
	return table, c.err
}

// contents returns a message's data, fetched from where it is shared.
func (f *File) contents(m message) ([]byte, error) {
	if m.flags&flagShared == 0 {
		return m.data, nil
	}
	return f.fetch(m.kind, m.data)
}

// fetch follows the pointer to a shared message of a kind.
func (f *File) fetch(kind int, b []byte) ([]byte, error) {
	c := f.super.cursor(b, "shared message")
	version, how := c.version(1, 3), c.u8()
	var addr uint64
	switch {
	case version == 1:
		c.skip(6 + f.super.length)
		addr = c.addr()
	case version == 3 && how == 1:
		id := c.take(8)
		if c.err != nil {
			return nil, c.err
		}
		return f.sharedMessage(kind, id)
	default:
		addr = c.addr()
	}
	if c.err != nil {
		return nil, c.err
	}
	h, err := f.cachedHeader(addr)
	if err != nil {
		return nil, in("shared message", err)
	}
	m, ok := h.find(kind)
	if !ok || m.flags&flagShared != 0 {
		return nil, in("shared message", malformed("no message of kind %#x in the object at %#x", kind, addr))
	}
	return m.data, nil
}

// sharedMessage returns a message of a kind from the heap that objects share.
func (f *File) sharedMessage(kind int, id []byte) ([]byte, error) {
	for _, s := range f.super.shared {
		if s.kinds>>kind&1 != 0 {
			return s.heap.get(id)
		}
	}
	return nil, malformed("no shared messages of kind %#x", kind)
}

// message returns the contents of an object's message of a kind; nil where there is none.
func (f *File) message(h *header, kind int) ([]byte, error) {
	m, ok := h.find(kind)
	if !ok {
		return nil, nil
	}
	b, err := f.contents(m)
	if err == nil && b == nil {
		b = []byte{}
	}
	return b, in(fmt.Sprintf("message %#x", kind), err)
}
