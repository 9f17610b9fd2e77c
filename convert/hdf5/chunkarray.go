package hdf5

import "math/bits"

// chunkArray is a chunk index that numbers the chunks.
type chunkArray interface {
	// entry returns the bytes that describe a chunk, nil for a chunk that was never written.
	entry(v *visit, i uint64) ([]byte, error)
}

// array reads the chunks of a dataset whose index numbers them: in row-major order of the largest
// extent, for an extensible array with the unlimited dimension first.
func (r *chunkReader) array(v *visit) error {
	strides, err := r.strides()
	if err != nil {
		return err
	}
	var a chunkArray
	switch l := &r.d.layout; l.index {
	case indexFixed:
		a, err = openFixed(v, l.addr)
	case indexExtensible:
		a, err = openExtensible(v, l.addr)
	}
	if err != nil {
		return err
	}
	pos := make([]uint64, len(r.g.count))
	for {
		var i uint64
		for k, p := range pos {
			i += p * strides[k]
		}
		at, err := r.locate(v, a, i)
		if err != nil {
			return err
		}
		if err := r.read(pos, at); err != nil {
			return err
		}
		k := len(pos) - 1
		for ; k >= 0; k-- {
			if pos[k]++; pos[k] < r.g.count[k] {
				break
			}
			pos[k] = 0
		}
		if k < 0 {
			return nil
		}
	}
}

// locate returns where the chunk with a number lies.
func (r *chunkReader) locate(v *visit, a chunkArray, i uint64) (stored, error) {
	if a == nil { // implicit: one after the other
		off, ok := mul(i, r.g.size)
		if !ok || off > uint64(r.f.size) || r.d.layout.addr > uint64(r.f.size) {
			return stored{}, malformed("chunk %d lies outside the file", i)
		}
		return stored{addr: r.d.layout.addr + off, size: r.g.size}, nil
	}
	b, err := a.entry(v, i)
	if err != nil || b == nil {
		return stored{addr: undefined}, err
	}
	c := r.f.super.cursor(b, "chunk entry")
	at := stored{addr: c.addr(), size: r.g.size}
	if len(r.d.filters) > 0 {
		at.size = c.uint(r.sizeBytes(len(b)))
		at.mask = c.u32()
	}
	return at, c.err
}

// strides returns by how much a step along each dimension changes a chunk's number.
func (r *chunkReader) strides() ([]uint64, error) {
	rank := len(r.g.count)
	order := make([]int, 0, rank) // dimensions, slowest first
	first := -1
	if r.d.layout.index == indexExtensible {
		for i, m := range r.d.space.max {
			if m == undefined {
				if first >= 0 {
					return nil, malformed("extensible array for two unlimited dimensions")
				}
				first = i
				order = append(order, i)
			}
		}
		if first < 0 {
			return nil, malformed("extensible array without an unlimited dimension")
		}
	}
	for i := range rank {
		if i != first {
			order = append(order, i)
		}
	}
	strides := make([]uint64, rank)
	step := uint64(1)
	for k := rank - 1; k >= 0; k-- {
		i := order[k]
		strides[i] = step
		most := r.g.count[i]
		if m := r.d.space.max[i]; i != first {
			if m == undefined {
				return nil, malformed("array of chunks for an unlimited dimension")
			}
			most = max((m-1)/r.g.chunk[i]+1, 1)
		}
		hi, lo := bits.Mul64(step, most)
		if hi != 0 || lo > 1<<62 {
			return nil, malformed("too many chunks: maximal dimensions %d", r.d.space.max)
		}
		step = lo
	}
	return strides, nil
}

// pages caches the blocks of an array: looking up neighbours reads a block once.
type pages map[uint64]*cursor

// summed reads a block that ends with its checksum; again from the cache.
func (p pages) summed(v *visit, addr, n uint64, what string) (*cursor, error) {
	if c, ok := p[addr]; ok && uint64(len(c.b)) == n-4 {
		again := *c
		return &again, nil
	}
	c, err := v.summed(addr, n, what)
	if err != nil {
		return nil, err
	}
	keep := *c
	p[addr] = &keep
	return c, nil
}

// slot returns entry i of a run of entries.
func slot(b []byte, i uint64, size int) []byte {
	return b[i*uint64(size) : (i+1)*uint64(size)]
}

// bit reports bit i of a bit map, whose first bit is the highest of the first byte.
func bit(b []byte, i uint64) bool { return b[i/8]>>(7-i%8)&1 != 0 }

// fixedArray is the index of a dataset that cannot grow.
type fixedArray struct {
	addr, block uint64
	size        int // bytes of an entry
	pageBits    int
	n           uint64
	cache       pages
}

func openFixed(v *visit, addr uint64) (chunkArray, error) {
	s := v.f.super.sizes
	c, err := v.summed(addr, uint64(4+1+1+1+1+s.length+s.offset+4), "fixed array header")
	if err != nil {
		return nil, err
	}
	a := &fixedArray{addr: addr, cache: pages{}}
	c.signature("FAHD")
	c.version(0, 0)
	c.skip(1) // filtered chunks or not, as the dataset's pipeline says
	a.size, a.pageBits = c.u8(), c.u8()
	a.n, a.block = c.len(), c.addr()
	if c.err == nil && (a.size < s.offset || a.pageBits > 31 || a.n > uint64(v.f.size)/uint64(a.size)) {
		c.fail(malformed("fixed array of %d entries of %d bytes, pages of 2^%d", a.n, a.size, a.pageBits))
	}
	return a, c.err
}

func (a *fixedArray) entry(v *visit, i uint64) ([]byte, error) {
	if i >= a.n {
		return nil, malformed("chunk %d of a fixed array of %d", i, a.n)
	}
	if a.block == undefined {
		return nil, nil
	}
	const what = "fixed array data block"
	prefix := uint64(4 + 1 + 1 + v.f.super.offset)
	page := uint64(1) << a.pageBits
	if a.n <= page {
		c, err := a.cache.summed(v, a.block, prefix+a.n*uint64(a.size)+4, what)
		if err == nil {
			err = ownedArray(c, "FADB", a.addr)
		}
		if err != nil {
			return nil, err
		}
		return slot(c.take(c.left()), i, a.size), nil
	}
	count := (a.n-1)/page + 1
	prefix += (count+7)/8 + 4
	c, err := a.cache.summed(v, a.block, prefix, what)
	if err == nil {
		err = ownedArray(c, "FADB", a.addr)
	}
	if err != nil {
		return nil, err
	}
	p := i / page
	if !bit(c.take(c.left()), p) {
		return nil, nil
	}
	in := min(page, a.n-p*page)
	if c, err = a.cache.summed(v, a.block+prefix+p*(page*uint64(a.size)+4), in*uint64(a.size)+4, "fixed array page"); err != nil {
		return nil, err
	}
	return slot(c.take(c.left()), i%page, a.size), nil
}

// ownedArray reads the prefix of a block and checks that it belongs to the array at addr.
func ownedArray(c *cursor, sig string, addr uint64) error {
	c.signature(sig)
	c.version(0, 0)
	c.skip(1) // client
	if owner := c.addr(); c.err == nil && owner != addr {
		c.fail(malformed("%s of the array at %#x instead of %#x", c.what, owner, addr))
	}
	return c.err
}
