package hdf5

import "encoding/binary"

// undefined is the address that means "not there".
const undefined = ^uint64(0)

// cursor decodes little-endian fields from a block. The first field that does not fit sets err;
// from then on every field is zero, so a caller checks err once, before it acts on a value.
type cursor struct {
	b    []byte
	pos  int
	what string // what the block is, for errors
	sizes
	err error
}

// sizes of the superblock: bytes of an address and of a length.
type sizes struct{ offset, length int }

func (s sizes) cursor(b []byte, what string) *cursor {
	return &cursor{b: b, what: what, sizes: s}
}

func (c *cursor) left() int { return len(c.b) - c.pos }

func (c *cursor) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// take returns the next n bytes, not copied.
func (c *cursor) take(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > c.left() {
		c.fail(malformed("%s ends after %d of %d bytes", c.what, len(c.b), c.pos+max(n, 0)))
		return nil
	}
	c.pos += n
	return c.b[c.pos-n : c.pos : c.pos]
}

func (c *cursor) skip(n int) { c.take(n) }

// align skips to a multiple of n from the block's start.
func (c *cursor) align(n int) { c.take((n - c.pos%n) % n) }

// uint reads n bytes, 0 to 8.
func (c *cursor) uint(n int) uint64 {
	b := c.take(n)
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

func (c *cursor) u8() int {
	if b := c.take(1); b != nil {
		return int(b[0])
	}
	return 0
}

func (c *cursor) u16() int {
	if b := c.take(2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// addr reads an address; all ones of any width is undefined.
func (c *cursor) addr() uint64 {
	v := c.uint(c.offset)
	if v == ^uint64(0)>>(64-8*c.offset) {
		return undefined
	}
	return v
}

// len reads a length.
func (c *cursor) len() uint64 { return c.uint(c.length) }

// version reads a byte that must lie between lo and hi.
func (c *cursor) version(lo, hi int) int {
	v := c.u8()
	if c.err == nil && (v < lo || v > hi) {
		c.fail(unsupported("version %d of %s", v, c.what))
	}
	return v
}

// signature reads four bytes that must equal s.
func (c *cursor) signature(s string) {
	if b := c.take(4); b != nil && string(b) != s {
		c.fail(malformed("%s: signature %q instead of %q", c.what, b, s))
	}
}

// cstring reads a name that ends with a zero byte.
func (c *cursor) cstring() string {
	for i := c.pos; c.err == nil && i < len(c.b); i++ {
		if c.b[i] == 0 {
			s := string(c.b[c.pos:i])
			c.pos = i + 1
			return s
		}
	}
	c.fail(malformed("%s: a name has no end", c.what))
	return ""
}
