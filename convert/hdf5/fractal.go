package hdf5

import (
	"fmt"
	"math/bits"
	"sync"
)

// fheap is a fractal heap: where new groups keep links and attributes once they are many.
type fheap struct {
	f         *File
	addr      uint64
	idLen     int
	huge      uint64 // B-tree of huge objects
	width     uint64 // blocks in a row of the doubling table
	start     uint64 // bytes of a block in the first two rows
	maxDirect uint64
	offBytes  int  // of an offset into the heap
	lenBytes  int  // of a length in an ID
	summed    bool // direct blocks have checksums
	root      uint64
	rootRows  int // 0: the root is a direct block

	mu     sync.Mutex
	v      *visit
	blocks map[uint64]fblock // direct blocks, by address
	tables map[uint64]ftable // indirect blocks, by address
	hugeAt map[uint64]span   // huge objects, by ID
	hugeOf map[uint64][]byte // huge objects, by address
}

// fblock is a direct block, its prefix included.
type fblock struct {
	offset uint64 // of the block in the heap
	data   []byte
}

// ftable is an indirect block.
type ftable struct {
	offset   uint64
	children []uint64
}

// fheap reads the header of a fractal heap.
func (f *File) fheap(addr uint64) (*fheap, error) {
	h := &fheap{f: f, addr: addr, v: f.visit(), blocks: map[uint64]fblock{}, tables: map[uint64]ftable{}}
	s := f.super.sizes
	// What the filters add comes after the fields read here; with filters the heap is refused.
	b, err := h.v.block(addr, fractalHeaderSize(s), "fractal heap header")
	if err != nil {
		return nil, err
	}
	c := s.cursor(b, "fractal heap header")
	c.signature("FRHP")
	c.version(0, 0)
	h.idLen = c.u16()
	filters := c.u16()
	h.summed = c.u8()&2 != 0
	maxManaged := uint64(c.u32())
	c.len() // next huge ID
	h.huge = c.addr()
	c.len() // free space
	c.addr()
	c.skip(8 * s.length) // statistics
	h.width = uint64(c.u16())
	h.start, h.maxDirect = c.len(), c.len()
	heapBits := c.u16()
	c.u16() // rows at first
	h.root = c.addr()
	h.rootRows = c.u16()
	if c.err != nil {
		return nil, c.err
	}
	if filters != 0 {
		return nil, unsupported("filters in a fractal heap")
	}
	if _, err := f.verify(b, "fractal heap header"); err != nil {
		return nil, err
	}
	pow2 := func(n uint64) bool { return bits.OnesCount64(n) == 1 }
	if !pow2(h.width) || !pow2(h.start) || !pow2(h.maxDirect) || h.maxDirect < h.start ||
		h.maxDirect > 1<<31 || heapBits == 0 || heapBits > 64 || h.idLen < 1 {
		return nil, malformed("fractal heap: rows of %d, blocks of %d to %d bytes, %d-bit offsets, IDs of %d bytes",
			h.width, h.start, h.maxDirect, heapBits, h.idLen)
	}
	h.offBytes = (heapBits + 7) / 8
	h.lenBytes = min(bytesFor(h.maxDirect), bytesFor(maxManaged))
	return h, nil
}

func fractalHeaderSize(s sizes) uint64 {
	return uint64(4 + 1 + 2 + 2 + 1 + 4 + // to the largest managed object
		s.length + s.offset + s.length + s.offset + 8*s.length +
		2 + 2*s.length + 2 + 2 + s.offset + 2 + 4)
}

// get returns the object of a heap ID.
func (h *fheap) get(id []byte) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := h.object(id)
	return b, in(fmt.Sprintf("fractal heap at %#x", h.addr), err)
}

func (h *fheap) object(id []byte) ([]byte, error) {
	if len(id) < h.idLen {
		return nil, malformed("heap ID of %d bytes instead of %d", len(id), h.idLen)
	}
	c := h.f.super.cursor(id[:h.idLen], "heap ID")
	flags := c.u8()
	if flags>>6 != 0 {
		return nil, unsupported("version %d of heap IDs", flags>>6)
	}
	switch flags >> 4 & 3 {
	case 0:
		off, n := c.uint(min(h.offBytes, 8)), c.uint(min(h.lenBytes, 8))
		if c.err != nil {
			return nil, c.err
		}
		return h.managed(off, n)
	case 1:
		return h.hugeObject(c)
	case 2:
		n := flags&15 + 1
		if h.idLen > 17 { // then twelve bits hold the length
			n = (flags&15)<<8 | c.u8() + 1
		}
		return c.take(n), c.err
	}
	return nil, malformed("heap ID of type 3")
}

// managed returns n bytes at an offset of the heap's address space.
func (h *fheap) managed(off, n uint64) ([]byte, error) {
	addr, base, size, err := h.locate(off)
	if err != nil {
		return nil, err
	}
	blk, err := h.direct(addr, base, size)
	if err != nil {
		return nil, err
	}
	at := off - base
	if n > size-at || at < uint64(h.prefix()) {
		return nil, malformed("object of %d bytes at %d of a block of %d", n, at, size)
	}
	return blk.data[at : at+n : at+n], nil
}

// prefix is the number of bytes before the objects of a direct block.
func (h *fheap) prefix() int {
	n := 4 + 1 + h.f.super.offset + h.offBytes
	if h.summed {
		n += 4
	}
	return n
}

// rowSize returns the size of the blocks in a row of the doubling table: the first two rows have
// the starting size, each later one doubles it.
func (h *fheap) rowSize(row int) uint64 {
	return h.start << max(row-1, 0)
}

// directRows returns the number of rows that hold direct blocks.
func (h *fheap) directRows() int {
	return bits.Len64(h.maxDirect) - bits.Len64(h.start) + 2
}

// locate walks from the root to the direct block that holds an offset, and returns the block's
// address, its own offset and its size.
func (h *fheap) locate(off uint64) (addr, base, size uint64, err error) {
	if h.rootRows == 0 {
		if off >= h.start {
			return 0, 0, 0, malformed("offset %d outside the heap", off)
		}
		return h.root, 0, h.start, nil
	}
	rows, addr := h.rootRows, h.root
	firstBits := bits.Len64(h.start*h.width) - 1
	for depth := 0; ; depth++ {
		if depth > maxTreeDepth {
			return 0, 0, 0, malformed("indirect blocks nested too deep")
		}
		t, err := h.table(addr, base, rows)
		if err != nil {
			return 0, 0, 0, err
		}
		rel := off - base
		row := max(bits.Len64(rel)-firstBits, 0)
		var rowStart uint64
		if row > 0 {
			rowStart = uint64(1) << (bits.Len64(rel) - 1)
		}
		size = h.rowSize(row)
		col := (rel - rowStart) / size
		if i := uint64(row)*h.width + col; row >= rows || i >= uint64(len(t.children)) {
			return 0, 0, 0, malformed("offset %d outside the heap", off)
		} else if addr = t.children[i]; addr == undefined {
			return 0, 0, 0, malformed("offset %d lies in a block that does not exist", off)
		}
		base += rowStart + col*size
		if row < h.directRows() {
			return addr, base, size, nil
		}
		rows = bits.Len64(size) - 1 - firstBits + 1
		if rows < 1 {
			return 0, 0, 0, malformed("indirect block of %d bytes", size)
		}
	}
}

// direct reads a direct block, or takes it from the cache.
func (h *fheap) direct(addr, offset, size uint64) (fblock, error) {
	if blk, ok := h.blocks[addr]; ok {
		if blk.offset != offset || uint64(len(blk.data)) != size {
			return blk, malformed("direct block at %#x stands in two places", addr)
		}
		return blk, nil
	}
	b, err := h.v.block(addr, size, "direct block")
	if err != nil {
		return fblock{}, err
	}
	c := h.f.super.cursor(b, "direct block")
	if err := h.owned(c, "FHDB", offset); err != nil {
		return fblock{}, err
	}
	if h.summed {
		// The sum was made with its own field zero.
		at := c.pos
		sum := c.u32()
		if c.err != nil {
			return fblock{}, c.err
		}
		clear(b[at : at+4])
		if got := lookup3(b); got != sum && !h.f.lax {
			return fblock{}, malformed("direct block: checksum %08x instead of %08x", got, sum)
		}
	}
	blk := fblock{offset, b}
	h.blocks[addr] = blk
	return blk, nil
}

// owned reads the prefix of a block and checks that it belongs to this heap at this offset.
func (h *fheap) owned(c *cursor, sig string, offset uint64) error {
	c.signature(sig)
	c.version(0, 0)
	owner, at := c.addr(), c.uint(min(h.offBytes, 8))
	if c.err == nil && (owner != h.addr || at != offset) {
		c.fail(malformed("block of heap %#x, offset %d, instead of %#x, %d", owner, at, h.addr, offset))
	}
	return c.err
}

// table reads an indirect block, or takes it from the cache.
func (h *fheap) table(addr, offset uint64, rows int) (ftable, error) {
	n := uint64(rows) * h.width
	if t, ok := h.tables[addr]; ok {
		if t.offset != offset || uint64(len(t.children)) != n {
			return t, malformed("indirect block at %#x stands in two places", addr)
		}
		return t, nil
	}
	s := h.f.super.sizes
	c, err := h.v.summed(addr, uint64(4+1+s.offset+h.offBytes+4)+n*uint64(s.offset), "indirect block")
	if err != nil {
		return ftable{}, err
	}
	if err := h.owned(c, "FHIB", offset); err != nil {
		return ftable{}, err
	}
	t := ftable{offset, make([]uint64, n)}
	for i := range t.children {
		t.children[i] = c.addr()
	}
	h.tables[addr] = t
	return t, c.err
}
