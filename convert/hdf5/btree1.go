package hdf5

// Kinds of version 1 B-trees.
const (
	treeGroup = 0
	treeChunk = 1
)

// btree1 walks a version 1 B-tree from the left and calls leaf with the key before each child of
// the leaves and with the child's address.
func (v *visit) btree1(addr uint64, kind, keySize int, leaf func(key *cursor, child uint64) error) error {
	return v.node1(addr, kind, keySize, -1, leaf)
}

// node1 walks the subtree at addr, which must have the given level; -1 is any.
func (v *visit) node1(addr uint64, kind, keySize, level int, leaf func(*cursor, uint64) error) error {
	const what = "B-tree node"
	s := v.f.super.sizes
	head := make([]byte, 8+2*s.offset)
	if err := v.f.readAt(head, addr, what); err != nil {
		return err
	}
	c := s.cursor(head, what)
	c.signature("TREE")
	gotKind, gotLevel, n := c.u8(), c.u8(), c.u16()
	switch {
	case c.err != nil:
		return c.err
	case gotKind != kind:
		return malformed("%s at %#x is of type %d instead of %d", what, addr, gotKind, kind)
	case level >= 0 && gotLevel != level || gotLevel > maxTreeDepth:
		return malformed("%s at %#x is on level %d below level %d", what, addr, gotLevel, level+1)
	}
	b, err := v.block(addr, uint64(len(head)+n*(keySize+s.offset)), what)
	if err != nil {
		return err
	}
	c = s.cursor(b, what)
	c.skip(len(head))
	for range n {
		key := s.cursor(c.take(keySize), "B-tree key")
		child := c.addr()
		if c.err != nil {
			return c.err
		}
		if gotLevel > 0 {
			err = v.node1(child, kind, keySize, gotLevel-1, leaf)
		} else {
			err = leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
