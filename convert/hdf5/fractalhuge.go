package hdf5

// hugeObject returns an object that is too large for the heap's blocks and has space of its own.
// The ID holds its address and length where they fit, else the key to a B-tree with them.
func (h *fheap) hugeObject(c *cursor) ([]byte, error) {
	s := h.f.super.sizes
	if s.offset+s.length <= h.idLen-1 {
		at := span{c.addr(), c.len()}
		if c.err != nil {
			return nil, c.err
		}
		return h.readHuge(at)
	}
	key := c.uint(min(h.idLen-1, 8))
	if c.err != nil {
		return nil, c.err
	}
	if h.hugeAt == nil {
		if err := h.indexHuge(); err != nil {
			return nil, err
		}
	}
	at, ok := h.hugeAt[key]
	if !ok {
		return nil, malformed("no huge object %d", key)
	}
	return h.readHuge(at)
}

// indexHuge reads the B-tree of huge objects.
func (h *fheap) indexHuge() error {
	if h.huge == undefined {
		return malformed("the heap has no huge objects")
	}
	at := map[uint64]span{}
	err := h.f.visit().btree2(h.huge, [2]int{treeHuge, treeHuge}, func(_ *tree2, b []byte) error {
		if err := h.f.budget.charge(blockCost, "huge object"); err != nil {
			return err
		}
		c := h.f.super.cursor(b, "record of a huge object")
		s := span{c.addr(), c.len()}
		at[c.len()] = s
		return c.err
	})
	if err == nil {
		h.hugeAt = at
	}
	return in("huge objects", err)
}

func (h *fheap) readHuge(at span) ([]byte, error) {
	if b, ok := h.hugeOf[at.addr]; ok && uint64(len(b)) == at.size {
		return b, nil
	}
	b, err := h.v.block(at.addr, at.size, "huge object")
	if err != nil {
		return nil, err
	}
	if h.hugeOf == nil {
		h.hugeOf = map[uint64][]byte{}
	}
	h.hugeOf[at.addr] = b
	return b, nil
}
