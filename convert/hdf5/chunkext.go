package hdf5

import "math/bits"

// extArray is the index of a dataset that can grow along one dimension. Entries are first in the
// index block itself, then in data blocks that it points to, then in data blocks that super blocks
// point to. Super block k has 2^(k/2) data blocks of 2^((k+1)/2) times the least entries; the
// first few super blocks are not stored: the index block has their pointers.
type extArray struct {
	addr      uint64
	index     uint64 // index block
	size      int    // bytes of an entry
	maxBits   int    // bits of an entry's number
	inIndex   uint64 // entries in the index block
	least     uint64 // entries in the smallest data block
	leastPtrs uint64 // pointers in the smallest super block
	pageBits  int
	set       uint64 // entries from here on were never written
	cache     pages
}

func openExtensible(v *visit, addr uint64) (chunkArray, error) {
	s := v.f.super.sizes
	c, err := v.summed(addr, uint64(4+1+1+6+6*s.length+s.offset+4), "extensible array header")
	if err != nil {
		return nil, err
	}
	a := &extArray{addr: addr, cache: pages{}}
	c.signature("EAHD")
	c.version(0, 0)
	c.skip(1)
	a.size, a.maxBits = c.u8(), c.u8()
	a.inIndex, a.least, a.leastPtrs = uint64(c.u8()), uint64(c.u8()), uint64(c.u8())
	a.pageBits = c.u8()
	c.skip(4 * s.length) // numbers and sizes of super and data blocks
	a.set = c.len()
	c.len() // entries there is room for
	a.index = c.addr()
	if c.err == nil && (a.size < s.offset || a.maxBits == 0 || a.maxBits > 62 || a.pageBits > 31 ||
		bits.OnesCount64(a.least) != 1 || bits.OnesCount64(a.leastPtrs) != 1) {
		c.fail(malformed("extensible array: entries of %d bytes, numbers of %d bits, blocks from %d entries and %d pointers, pages of 2^%d",
			a.size, a.maxBits, a.least, a.leastPtrs, a.pageBits))
	}
	return a, c.err
}

// entry finds an entry by the arithmetic of the array.
func (a *extArray) entry(v *visit, i uint64) ([]byte, error) {
	if i >= a.set || a.index == undefined {
		return nil, nil
	}
	s := v.f.super.sizes
	direct := 2 * (bits.Len64(a.leastPtrs) - 1) // super blocks whose pointers are in the index block
	supers := 1 + a.maxBits - (bits.Len64(a.least) - 1) - direct
	blocks := 2 * (a.leastPtrs - 1)
	if supers < 0 {
		return nil, malformed("extensible array without super blocks")
	}
	n := uint64(4+1+1+s.offset) + a.inIndex*uint64(a.size) + (blocks+uint64(supers))*uint64(s.offset) + 4
	c, err := a.cache.summed(v, a.index, n, "extensible array index block")
	if err == nil {
		err = ownedArray(c, "EAIB", a.addr)
	}
	if err != nil {
		return nil, err
	}
	own := c.take(int(a.inIndex) * a.size)
	if i < a.inIndex {
		return slot(own, i, a.size), c.err
	}
	i -= a.inIndex
	k := bits.Len64(i/a.least+1) - 1    // the super block
	i -= (uint64(1)<<k - 1) * a.least   // in it
	entries := a.least << ((k + 1) / 2) // of each of its data blocks
	block := i / entries                // in the super block
	if k >= direct {
		c.skip(int(blocks)*s.offset + (k-direct)*s.offset)
		return a.super(v, c, k, block, i%entries)
	}
	// Super blocks 2j and 2j+1 have 2^j data blocks each.
	before := uint64(1)<<(k/2)*2 - 2 + uint64(k%2)<<(k/2)
	c.skip(int(before+block) * s.offset)
	addr := c.addr()
	if c.err != nil || addr == undefined {
		return nil, c.err
	}
	if entries > 1<<a.pageBits {
		return nil, malformed("extensible array: pages in a data block of the index block")
	}
	// The library counts these blocks from the array's first where it notes their starts.
	start := (uint64(1)<<k-1)*a.least + (before+block)*entries
	return a.block(v, addr, start, entries, i%entries)
}

// offBytes is the width of the number of a block's first entry.
func (a *extArray) offBytes() int { return (a.maxBits + 7) / 8 }

// block returns entry i of a data block without pages.
func (a *extArray) block(v *visit, addr, start, entries, i uint64) ([]byte, error) {
	n := uint64(4+1+1+v.f.super.offset+a.offBytes()) + entries*uint64(a.size) + 4
	c, err := a.cache.summed(v, addr, n, "extensible array data block")
	if err == nil {
		err = a.owned(c, "EADB", start)
	}
	if err != nil {
		return nil, err
	}
	return slot(c.take(c.left()), i, a.size), nil
}

func (a *extArray) owned(c *cursor, sig string, start uint64) error {
	if err := ownedArray(c, sig, a.addr); err != nil {
		return err
	}
	if at := c.uint(a.offBytes()); c.err == nil && at != start {
		c.fail(malformed("%s starts at entry %d instead of %d", c.what, at, start))
	}
	return c.err
}

// super returns entry i of data block number block of super block k, whose address is at c.
func (a *extArray) super(v *visit, c *cursor, k int, block, i uint64) ([]byte, error) {
	addr := c.addr()
	if c.err != nil || addr == undefined {
		return nil, c.err
	}
	s := v.f.super.sizes
	blocks, entries := uint64(1)<<(k/2), a.least<<((k+1)/2)
	page := uint64(1) << a.pageBits
	var perBlock, maskBytes uint64 // pages of a data block, bytes of its bit map
	if entries > page {
		perBlock = entries / page
		maskBytes = (perBlock + 7) / 8
	}
	if blocks > uint64(v.f.size) || entries > uint64(v.f.size) {
		return nil, malformed("super block %d is larger than the file", k)
	}
	first := (uint64(1)<<k - 1) * a.least
	n := uint64(4+1+1+s.offset+a.offBytes()) + blocks*(maskBytes+uint64(s.offset)) + 4
	c, err := a.cache.summed(v, addr, n, "extensible array super block")
	if err == nil {
		err = a.owned(c, "EASB", first)
	}
	if err != nil {
		return nil, err
	}
	mask := c.take(int(blocks * maskBytes))
	c.skip(int(block) * s.offset)
	data := c.addr()
	if c.err != nil || data == undefined {
		return nil, c.err
	}
	start := first + block*entries
	if perBlock == 0 {
		return a.block(v, data, start, entries, i)
	}
	p := i / page
	if !bit(mask, block*perBlock+p) {
		return nil, nil
	}
	prefix := uint64(4 + 1 + 1 + s.offset + a.offBytes() + 4)
	if c, err = a.cache.summed(v, data, prefix, "extensible array data block"); err == nil {
		err = a.owned(c, "EADB", start)
	}
	if err != nil {
		return nil, err
	}
	bytes := page * uint64(a.size)
	if c, err = a.cache.summed(v, data+prefix+p*(bytes+4), bytes+4, "extensible array page"); err != nil {
		return nil, err
	}
	return slot(c.take(c.left()), i%page, a.size), nil
}
