package hdf5

import "fmt"

// Kinds of header messages.
const (
	msgNil          = 0x00
	msgSpace        = 0x01
	msgLinkInfo     = 0x02
	msgType         = 0x03
	msgOldFill      = 0x04
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgGroupInfo    = 0x0a
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgSharedTable  = 0x0f
	msgContinuation = 0x10
	msgSymbols      = 0x11
	msgDriver       = 0x14
	msgAttrInfo     = 0x15
	msgLast         = 0x18
	msgCacheImage   = 0x18
)

// Flags of header messages.
const (
	flagShared  = 1 << 1 // the message is a pointer to where it is stored
	flagMustGet = 1 << 7 // who does not know the message must not go on
)

// message is one message of an object header.
type message struct {
	kind  int
	flags int
	data  []byte
}

// header is an object header: what a group, dataset or committed datatype consists of.
type header struct {
	addr uint64
	msgs []message
}

// find returns the first message of a kind.
func (h *header) find(kind int) (message, bool) {
	for _, m := range h.msgs {
		if m.kind == kind {
			return m, true
		}
	}
	return message{}, false
}

// span is a block of messages that is still to be read.
type span struct{ addr, size uint64 }

// cachedHeader returns the object header at addr and reads it the first time.
func (f *File) cachedHeader(addr uint64) (*header, error) {
	f.mu.Lock()
	h := f.heads[addr]
	f.mu.Unlock()
	if h != nil {
		return h, nil
	}
	if f.objects.Add(1) > f.limits.Objects {
		return nil, fmt.Errorf("%w: more than %d objects (Limits.Objects)", ErrLimit, f.limits.Objects)
	}
	h, err := f.header(addr)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heads[addr] = h
	return h, nil
}

// header reads the object header at addr with all its continuation blocks.
func (f *File) header(addr uint64) (*header, error) {
	h := &header{addr: addr}
	v := f.visit()
	var sig [4]byte
	if err := f.readAt(sig[:], addr, "object header"); err != nil {
		return nil, err
	}
	var err error
	if string(sig[:]) == "OHDR" {
		err = h.readNew(v)
	} else {
		err = h.readOld(v)
	}
	if err != nil {
		return nil, in(fmt.Sprintf("object header at %#x", addr), err)
	}
	return h, nil
}

// readOld reads version 1: a prefix, then messages of multiples of eight bytes.
func (h *header) readOld(v *visit) error {
	b := make([]byte, 16)
	if err := v.f.readAt(b, h.addr, "prefix"); err != nil {
		return err
	}
	c := v.f.super.cursor(b, "prefix")
	c.version(1, 1)
	c.skip(1 + 2 + 4) // reserved, number of messages, links to the object
	size := c.u32()
	if c.err != nil {
		return c.err
	}
	todo := []span{{h.addr + 16, uint64(size)}}
	for len(todo) > 0 {
		b, err := v.block(todo[0].addr, todo[0].size, "messages")
		if err != nil {
			return err
		}
		todo = todo[1:]
		for c := v.f.super.cursor(b, "messages"); c.left() >= 8; {
			m := message{kind: c.u16()}
			n := c.u16()
			m.flags = c.u8()
			c.skip(3)
			m.data = c.take(n)
			if todo, err = h.add(v, c, m, todo); err != nil {
				return err
			}
		}
	}
	return nil
}

// readNew reads version 2: signatures, checksums, packed messages.
func (h *header) readNew(v *visit) error {
	var b [34]byte // the longest prefix
	n := min(uint64(len(b)), uint64(v.f.size)-h.addr)
	if err := v.f.readAt(b[:n], h.addr, "prefix"); err != nil {
		return err
	}
	c := v.f.super.cursor(b[:n], "prefix")
	c.signature("OHDR")
	c.version(2, 2)
	flags := c.u8()
	if flags&0x20 != 0 {
		c.skip(16) // times
	}
	if flags&0x10 != 0 {
		c.skip(4) // when attributes become dense
	}
	size := c.uint(1 << (flags & 3))
	if c.err != nil {
		return c.err
	}
	if size > uint64(v.f.size) {
		return malformed("%d bytes of messages", size)
	}
	first := uint64(c.pos)
	c, err := v.summed(h.addr, first+size+4, "messages")
	if err != nil {
		return err
	}
	c.skip(int(first))
	todo, err := h.packed(v, c, flags, nil)
	for err == nil && len(todo) > 0 {
		if c, err = v.summed(todo[0].addr, todo[0].size, "continuation"); err != nil {
			return err
		}
		c.signature("OCHK")
		todo, err = h.packed(v, c, flags, todo[1:])
	}
	return err
}

// packed reads the messages of one block of version 2. What is too short for a message is a gap.
func (h *header) packed(v *visit, c *cursor, flags int, todo []span) ([]span, error) {
	prefix := 4
	if flags&4 != 0 {
		prefix = 6 // creation order
	}
	for c.err == nil && c.left() >= prefix {
		m := message{kind: c.u8()}
		n := c.u16()
		m.flags = c.u8()
		c.skip(prefix - 4)
		m.data = c.take(n)
		var err error
		if todo, err = h.add(v, c, m, todo); err != nil {
			return nil, err
		}
	}
	return todo, c.err
}

// messageCost is charged for each message beside its bytes.
const messageCost = 64

// add keeps a message; of a continuation it keeps the block to read.
func (h *header) add(v *visit, c *cursor, m message, todo []span) ([]span, error) {
	if c.err != nil {
		return nil, c.err
	}
	if err := v.f.budget.charge(messageCost, "header message"); err != nil {
		return nil, err
	}
	if m.kind > msgLast && m.flags&flagMustGet != 0 {
		return nil, unsupported("header message %#x", m.kind)
	}
	switch m.kind {
	case msgNil:
	case msgContinuation:
		c := v.f.super.cursor(m.data, "continuation message")
		todo = append(todo, span{c.addr(), c.len()})
		return todo, c.err
	default:
		h.msgs = append(h.msgs, m)
	}
	return todo, nil
}
