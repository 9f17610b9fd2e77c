package hdf5

import "math/bits"

// Kinds of version 2 B-trees.
const (
	treeHuge          = 1 // huge objects of a fractal heap
	treeHugeFiltered  = 2
	treeHugeDirect    = 3
	treeLinkNames     = 5
	treeAttrNames     = 8
	treeChunks        = 10
	treeFilteredChunk = 11
)

// tree2 is the header of a version 2 B-tree.
type tree2 struct {
	kind     int
	nodeSize int
	recSize  int
	depth    int
	root     uint64
	records  int    // in the root
	total    uint64 // in the tree
	// by level, leaves at 0: the bytes that count all records of a subtree
	total2  []int
	count   int // bytes that count the records of a node
	maxRecs []uint64
}

// btree2 walks a version 2 B-tree of one of two kinds in order and calls rec for each record.
func (v *visit) btree2(addr uint64, kinds [2]int, rec func(t *tree2, b []byte) error) error {
	s := v.f.super.sizes
	size := uint64(4 + 1 + 1 + 4 + 2 + 2 + 1 + 1 + s.offset + 2 + s.length + 4)
	c, err := v.summed(addr, size, "B-tree header")
	if err != nil {
		return err
	}
	c.signature("BTHD")
	c.version(0, 0)
	t := &tree2{kind: c.u8(), nodeSize: int(c.u32()), recSize: c.u16(), depth: c.u16()}
	c.skip(2) // when to split and merge
	t.root, t.records, t.total = c.addr(), c.u16(), c.len()
	switch {
	case c.err != nil:
		return c.err
	case t.kind != kinds[0] && t.kind != kinds[1]:
		return malformed("B-tree of type %d instead of %d", t.kind, kinds[0])
	case t.recSize == 0 || t.nodeSize < nodePrefix+t.recSize || int64(t.nodeSize) > v.f.size:
		return malformed("B-tree with nodes of %d and records of %d bytes", t.nodeSize, t.recSize)
	case t.depth > maxTreeDepth:
		return malformed("B-tree of depth %d", t.depth)
	case t.root == undefined:
		if t.total != 0 || t.records != 0 {
			return malformed("B-tree of %d records without a root", t.total)
		}
		return nil
	}
	if err := t.layout(s); err != nil {
		return err
	}
	var n uint64
	err = v.node2(t, t.root, t.records, t.depth, func(b []byte) error {
		n++
		return rec(t, b)
	})
	if err == nil && n != t.total {
		err = malformed("B-tree holds %d records instead of %d", n, t.total)
	}
	return err
}

// nodePrefix is the signature, version, type and checksum of a node.
const nodePrefix = 4 + 1 + 1 + 4

// layout works out how wide the fields of the nodes are on each level: as wide as the most records
// that fit below need.
func (t *tree2) layout(s sizes) error {
	most := uint64((t.nodeSize - nodePrefix) / t.recSize)
	t.count = bytesFor(most)
	t.total2 = []int{0}
	t.maxRecs = []uint64{most}
	below := most // records in a full subtree
	for level := 1; level <= t.depth; level++ {
		pointer := s.offset + t.count + t.total2[level-1]
		room := t.nodeSize - nodePrefix - pointer
		if room < t.recSize+pointer {
			return malformed("B-tree nodes of %d bytes are too small", t.nodeSize)
		}
		fit := uint64(room / (t.recSize + pointer))
		hi, lo := bits.Mul64(fit+1, below)
		if hi != 0 || lo > ^uint64(0)-fit {
			return malformed("B-tree of depth %d", t.depth)
		}
		below = lo + fit
		t.maxRecs = append(t.maxRecs, fit)
		t.total2 = append(t.total2, bytesFor(below))
	}
	return nil
}

// node2 walks the subtree at addr.
func (v *visit) node2(t *tree2, addr uint64, records, level int, rec func([]byte) error) error {
	if uint64(records) > t.maxRecs[level] {
		return malformed("B-tree node at %#x has %d records, at most %d fit", addr, records, t.maxRecs[level])
	}
	pointer := 0
	sig := "BTLF"
	if level > 0 {
		sig = "BTIN"
		pointer = v.f.super.offset + t.count + t.total2[level-1]
	}
	used := nodePrefix + records*t.recSize
	if level > 0 {
		used += (records + 1) * pointer
	}
	// The checksum follows the last field; the rest of the node is not initialised.
	c, err := v.summed(addr, uint64(used), "B-tree node")
	if err != nil {
		return err
	}
	c.signature(sig)
	c.version(0, 0)
	if kind := c.u8(); c.err == nil && kind != t.kind {
		c.fail(malformed("B-tree node at %#x is of type %d instead of %d", addr, kind, t.kind))
	}
	recs := c.take(records * t.recSize)
	for i := 0; c.err == nil && i <= records; i++ {
		if level > 0 {
			child, n := c.addr(), int(c.uint(t.count))
			c.uint(t.total2[level-1])
			if c.err != nil {
				break
			}
			if err := v.node2(t, child, n, level-1, rec); err != nil {
				return err
			}
		}
		if i < records {
			if err := rec(recs[i*t.recSize : (i+1)*t.recSize]); err != nil {
				return err
			}
		}
	}
	return c.err
}
