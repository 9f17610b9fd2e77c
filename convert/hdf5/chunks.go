package hdf5

import (
	"fmt"
	"slices"
)

// stored is where a chunk lies and how it was filtered.
type stored struct {
	addr, size uint64
	mask       uint32
}

// chunkGrid is a dataset cut into chunks.
type chunkGrid struct {
	dims, chunk []uint64
	count       []uint64 // chunks along each dimension
	size        uint64   // bytes of a chunk
}

// grid works out the chunks of a dataset and refuses those out of proportion to the file.
func (d *data) grid(f *File) (*chunkGrid, error) {
	g := &chunkGrid{dims: d.space.dims, chunk: d.layout.chunk}
	n, ok := product(g.chunk)
	if ok {
		g.size, ok = mul(n, uint64(d.typ.size))
	}
	if !ok || g.size > uint64(f.budget.total)/2 {
		return nil, fmt.Errorf("%w: a chunk %d of elements of %d bytes for a file of %d (Limits.Base, Limits.Ratio)",
			ErrLimit, g.chunk, d.typ.size, f.size)
	}
	g.count = make([]uint64, len(g.dims))
	for i, dim := range g.dims {
		g.count[i] = (dim-1)/g.chunk[i] + 1 // no dimension is zero here
	}
	return g, nil
}

// feedChunks gives every element of a chunked dataset to s.
func (d *data) feedChunks(f *File, s sink, per int) error {
	g, err := d.grid(f)
	if err != nil {
		return err
	}
	if err := d.fillAll(s, per); err != nil || d.layout.addr == undefined {
		return err
	}
	r := &chunkReader{f: f, d: d, g: g, s: s, per: per, free: d.paid.Load(),
		p: pipeline{filters: d.filters, size: int(g.size), lax: f.lax}}
	v := f.visit()
	v.free = r.free
	return in("chunk index", r.each(v))
}

// chunkReader reads the chunks of one dataset into a sink.
type chunkReader struct {
	f    *File
	d    *data
	g    *chunkGrid
	s    sink
	per  int
	free bool
	p    pipeline
	last []uint64 // position of the chunk before, in chunks
}

// each walks the index of the chunks.
func (r *chunkReader) each(v *visit) error {
	l := &r.d.layout
	switch l.index {
	case indexBtree1:
		return r.tree1(v)
	case indexBtree2:
		return r.tree2(v)
	case indexSingle:
		at := stored{l.addr, r.g.size, 0}
		if l.single.filtered {
			at = stored{l.addr, l.single.size, l.single.mask}
		}
		for _, n := range r.g.count {
			if n != 1 {
				return malformed("a single chunk %d for the dataspace %d", r.g.chunk, r.g.dims)
			}
		}
		return r.read(make([]uint64, len(r.g.dims)), at)
	}
	return r.array(v)
}

// tree1 reads the chunks in a version 1 B-tree. Its keys hold a chunk's first element.
func (r *chunkReader) tree1(v *visit) error {
	rank := len(r.g.dims)
	pos := make([]uint64, rank)
	return v.btree1(r.d.layout.addr, treeChunk, 4+4+8*(rank+1), func(key *cursor, child uint64) error {
		at := stored{addr: child, size: uint64(key.u32()), mask: key.u32()}
		for i := range pos {
			off := key.u64()
			if off%r.g.chunk[i] != 0 {
				return malformed("chunk at element %d of dimension %d, chunks are %d long", off, i, r.g.chunk[i])
			}
			pos[i] = off / r.g.chunk[i]
		}
		return r.next(pos, at)
	})
}

// tree2 reads the chunks in a version 2 B-tree. Its records hold a chunk's position in chunks.
func (r *chunkReader) tree2(v *visit) error {
	rank := len(r.g.dims)
	pos := make([]uint64, rank)
	kind := treeChunks
	if len(r.d.filters) > 0 {
		kind = treeFilteredChunk
	}
	return v.btree2(r.d.layout.addr, [2]int{kind, kind}, func(t *tree2, b []byte) error {
		c := r.f.super.cursor(b, "chunk record")
		at := stored{addr: c.addr(), size: r.g.size}
		if kind == treeFilteredChunk {
			at.size = c.uint(r.sizeBytes(len(b) - 8*rank))
			at.mask = c.u32()
		}
		for i := range pos {
			pos[i] = c.u64()
		}
		if c.err != nil {
			return c.err
		}
		return r.next(pos, at)
	})
}

// sizeBytes returns how many bytes of an entry of n bytes hold the stored size of a chunk: what
// its address and its filter mask leave.
func (r *chunkReader) sizeBytes(n int) int {
	return min(max(n-r.f.super.offset-4, 0), 8)
}

// next reads a chunk of a tree, whose chunks must come in order.
func (r *chunkReader) next(pos []uint64, at stored) error {
	if r.last != nil && slices.Compare(r.last, pos) >= 0 {
		return malformed("chunk %d comes after chunk %d", pos, r.last)
	}
	r.last = append(r.last[:0], pos...)
	for i, p := range pos {
		if p >= r.g.count[i] {
			return nil // left from before the dataset shrank
		}
	}
	return r.read(pos, at)
}

// read reads, decodes and hands over one chunk.
func (r *chunkReader) read(pos []uint64, at stored) error {
	if at.addr == undefined {
		return nil
	}
	const what = "chunk"
	if err := r.f.inside(at.addr, at.size, what); err != nil {
		return err
	}
	if !r.free {
		if err := r.f.budget.labour(int64(r.g.size)); err != nil {
			return err
		}
	}
	if at.size > 2*r.g.size+1024 {
		return malformed("chunk %d: %d bytes are stored for %d", pos, at.size, r.g.size)
	}
	r.p.in = grow(r.p.in, int(at.size))
	if err := r.f.readAt(r.p.in, at.addr, what); err != nil {
		return err
	}
	mask := at.mask
	if r.d.layout.rawEdge && r.partial(pos) {
		mask = ^uint32(0)
	}
	b, err := r.p.undo(mask)
	if err != nil {
		return in(fmt.Sprintf("chunk %d", pos), err)
	}
	return r.scatter(pos, b)
}

// partial reports whether a chunk reaches beyond the dataspace.
func (r *chunkReader) partial(pos []uint64) bool {
	for i, p := range pos {
		if (p+1)*r.g.chunk[i] > r.g.dims[i] {
			return true
		}
	}
	return false
}

// scatter hands over the part of a chunk that lies in the dataspace, in runs along the last
// dimensions that the chunk covers whole.
func (r *chunkReader) scatter(pos []uint64, b []byte) error {
	g, size := r.g, r.d.typ.size
	rank := len(g.dims)
	// The run: the trailing dimensions in which the chunk is the dataset, and one more.
	run, outer := uint64(1), rank
	for outer > 0 {
		outer--
		run *= min(g.chunk[outer], g.dims[outer]-pos[outer]*g.chunk[outer])
		if g.chunk[outer] != g.dims[outer] {
			break
		}
	}
	idx := make([]uint64, outer) // in the chunk
	for {
		var from, to uint64
		for i := range rank {
			from, to = from*g.chunk[i], to*g.dims[i]+pos[i]*g.chunk[i]
			if i < outer {
				from, to = from+idx[i], to+idx[i]
			}
		}
		at := int(from) * size
		if err := r.s.put(int(to)*r.per, b[at:at+int(run)*size]); err != nil {
			return err
		}
		i := outer - 1
		for ; i >= 0; i-- {
			if idx[i]++; idx[i] < g.chunk[i] && pos[i]*g.chunk[i]+idx[i] < g.dims[i] {
				break
			}
			idx[i] = 0
		}
		if i < 0 {
			return nil
		}
	}
}
