package hdf5

// How a dataset's elements lie in the file.
const (
	layoutCompact = iota
	layoutContiguous
	layoutChunked
	layoutVirtual
)

// Chunk indexes, numbered as in version 4 of the layout message; 0 is the B-tree of before.
const (
	indexBtree1 = iota
	indexSingle
	indexImplicit
	indexFixed
	indexExtensible
	indexBtree2
)

// layout is a data layout message.
type layout struct {
	class   int
	compact []byte
	addr    uint64
	size    uint64   // of contiguous storage; undefined where the message does not say
	chunk   []uint64 // dimensions of a chunk
	elem    uint64   // bytes of an element, as the chunked layout has it
	index   int
	rawEdge bool // chunks that reach beyond the dataspace pass no filter
	single  struct {
		filtered bool
		size     uint64
		mask     uint32
	}
}

func readLayout(s sizes, b []byte) (layout, error) {
	c := s.cursor(b, "layout message")
	l := layout{size: undefined}
	switch version := c.version(1, 5); version {
	case 1, 2:
		l.readOld(c)
	default:
		l.class = c.u8()
		switch {
		case c.err != nil:
		case l.class == layoutCompact:
			l.compact = c.take(c.u16())
		case l.class == layoutContiguous:
			l.addr, l.size = c.addr(), c.len()
		case l.class == layoutVirtual && version > 3:
			return l, external("virtual dataset: its data lies in other datasets")
		case l.class == layoutChunked && version == 3:
			n := c.u8()
			l.addr = c.addr()
			l.readChunk(c, n, 4)
		case l.class == layoutChunked:
			l.readIndexed(c)
		default:
			c.fail(malformed("layout of class %d", l.class))
		}
	}
	return l, c.err
}

// readOld reads versions 1 and 2.
func (l *layout) readOld(c *cursor) {
	n := c.u8()
	l.class = c.u8()
	c.skip(5)
	if c.err == nil && l.class > layoutChunked {
		c.fail(malformed("layout of class %d", l.class))
		return
	}
	if l.class != layoutCompact {
		l.addr = c.addr()
	}
	if l.class == layoutChunked {
		l.readChunk(c, n, 4)
		return
	}
	c.skip(4 * n) // dimensions, which the dataspace has too
	if l.class == layoutCompact {
		l.compact = c.take(int(min(uint64(c.u32()), 1<<31-1)))
	}
}

// readChunk reads the n dimensions of a chunk, of which the last is the size of an element.
func (l *layout) readChunk(c *cursor, n, width int) {
	if c.err != nil {
		return
	}
	if n < 2 || n > maxRank+1 {
		c.fail(malformed("chunk of rank %d", n-1))
		return
	}
	l.chunk = make([]uint64, n-1)
	for i := range l.chunk {
		l.chunk[i] = c.uint(width)
	}
	l.elem = c.uint(width)
	for _, d := range append(l.chunk, l.elem) {
		if d == 0 && c.err == nil {
			c.fail(malformed("chunk %d of elements of %d bytes", l.chunk, l.elem))
		}
	}
}

// readIndexed reads the chunked layout of versions 4 and 5.
func (l *layout) readIndexed(c *cursor) {
	flags, n, width := c.u8(), c.u8(), c.u8()
	if c.err == nil && (width < 1 || width > 8) {
		c.fail(malformed("chunk dimensions of %d bytes", width))
		return
	}
	l.rawEdge = flags&1 != 0
	l.readChunk(c, n, width)
	l.index = c.u8()
	switch l.index {
	case indexSingle:
		if flags&2 != 0 {
			l.single.filtered = true
			l.single.size, l.single.mask = c.len(), c.u32()
		}
	case indexImplicit:
	case indexFixed:
		c.skip(1) // the array's header repeats what these bytes say
	case indexExtensible:
		c.skip(5)
	case indexBtree2:
		c.skip(6)
	default:
		c.fail(malformed("chunk index of type %d", l.index))
	}
	l.addr = c.addr()
}
