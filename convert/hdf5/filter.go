package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// Registered filters.
const (
	filterDeflate    = 1
	filterShuffle    = 2
	filterFletcher32 = 3
)

var filterNames = map[int]string{4: "szip", 5: "nbit", 6: "scaleoffset", 305: "LZO", 307: "bzip2",
	32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "bitshuffle", 32013: "ZFP", 32015: "Zstandard",
	32017: "SZ", 32026: "Blosc2"}

// filter is one step of a pipeline.
type filter struct {
	id    int
	param uint64 // its first client value: shuffle's element size
}

// readFilters decodes a filter pipeline message. The filters are in the order of writing.
func readFilters(s sizes, b []byte) ([]filter, error) {
	c := s.cursor(b, "filter pipeline message")
	version, n := c.version(1, 2), c.u8()
	if version == 1 {
		c.skip(6)
	}
	if n > maxFilters {
		c.fail(malformed("%d filters", n))
	}
	var list []filter
	for range n {
		f := filter{id: c.u16()}
		nameLen := 0
		if version == 1 || f.id >= 256 {
			nameLen = c.u16()
		}
		c.skip(2) // flags: optional or not, it was applied where the chunk's mask says so
		values := c.u16()
		if version == 1 {
			nameLen += (8 - nameLen%8) % 8
		}
		c.skip(nameLen)
		for i := range values {
			if v := c.u32(); i == 0 {
				f.param = uint64(v)
			}
			if c.err != nil {
				return nil, c.err
			}
		}
		if version == 1 && values%2 != 0 {
			c.skip(4)
		}
		list = append(list, f)
	}
	return list, c.err
}

// known refuses filters that this package does not undo.
func known(list []filter) error {
	for _, f := range list {
		if f.id < filterDeflate || f.id > filterFletcher32 {
			name := filterNames[f.id]
			if name == "" {
				name = fmt.Sprintf("number %d", f.id)
			}
			return unsupported("filter %s", name)
		}
	}
	return nil
}

// pipeline undoes the filters of one dataset. Its buffers are used again for every chunk.
type pipeline struct {
	filters []filter
	size    int // bytes of a chunk
	in, out []byte
	inflate io.ReadCloser
	lax     bool
}

// undo returns the chunk whose stored bytes are in p.in. Bit i of mask says that filter i was left
// out.
func (p *pipeline) undo(mask uint32) ([]byte, error) {
	b := p.in
	room := p.size // what the chunk may measure before the filters still to undo
	for i, f := range p.filters {
		if f.id == filterFletcher32 && mask>>i&1 == 0 {
			room += 4
		}
	}
	for i := len(p.filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		var err error
		switch p.filters[i].id {
		case filterDeflate:
			b, err = p.deflate(b, room)
			p.swap(b)
		case filterShuffle:
			if size := p.filters[i].param; size > 1 && size <= uint64(len(b)) {
				p.out = grow(p.out, len(b))
				unshuffle(p.out, b, int(size))
				b = p.out
				p.swap(b)
			}
		case filterFletcher32:
			b, err = p.fletcher(b)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(b) != p.size {
		return nil, malformed("chunk of %d bytes instead of %d", len(b), p.size)
	}
	return b, nil
}

// swap makes b, which was written to out, the next input.
func (p *pipeline) swap(b []byte) {
	p.in, p.out = b, p.in[:0]
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// maxDeflate is the largest ratio of deflate's output to its input, 1032, rounded up.
const maxDeflate = 1040

// deflate inflates b to at most room bytes.
func (p *pipeline) deflate(b []byte, room int) ([]byte, error) {
	src := bytes.NewReader(b)
	if p.inflate == nil {
		r, err := zlib.NewReader(src)
		if err != nil {
			return nil, malformed("deflate: %v", err)
		}
		p.inflate = r
	} else if err := p.inflate.(zlib.Resetter).Reset(src, nil); err != nil {
		return nil, malformed("deflate: %v", err)
	}
	if n := len(b); n < room/maxDeflate {
		return nil, malformed("deflate: %d bytes cannot hold a chunk of %d", n, room)
	}
	p.out = grow(p.out, room)
	n := 0
	for {
		k, err := p.inflate.Read(p.out[n:])
		if n += k; err == io.EOF { // and the stream's own checksum was right
			return p.out[:n], nil
		}
		if err != nil {
			return nil, malformed("deflate: %v", err)
		}
		if n == room {
			break
		}
	}
	var one [1]byte // the end of the stream, with its checksum, comes after the last byte
	if k, err := io.ReadFull(p.inflate, one[:]); k != 0 {
		return nil, malformed("deflate: more than the %d bytes of a chunk", room)
	} else if err != io.EOF {
		return nil, malformed("deflate: %v", err)
	}
	return p.out, nil
}

// unshuffle gathers the bytes of each element: src holds all first bytes, then all second ones.
// What is left over behind the last whole element was not shuffled.
func unshuffle(dst, src []byte, size int) {
	n := len(src) / size
	for j := range size {
		plane := src[j*n : (j+1)*n]
		for i, v := range plane {
			dst[i*size+j] = v
		}
	}
	copy(dst[n*size:], src[n*size:])
}

// fletcher verifies and cuts off the checksum at the end.
func (p *pipeline) fletcher(b []byte) ([]byte, error) {
	n := len(b) - 4
	if n < 0 {
		return nil, malformed("fletcher32: %d bytes", len(b))
	}
	want, got := binary.LittleEndian.Uint32(b[n:]), fletcher32(b[:n])
	// HDF5 before 1.6.3 stored the halves of the sum with their bytes exchanged.
	old := got&0x00ff00ff<<8 | got>>8&0x00ff00ff
	if want != got && want != old && !p.lax {
		return nil, malformed("fletcher32: checksum %08x instead of %08x", got, want)
	}
	return b[:n], nil
}
