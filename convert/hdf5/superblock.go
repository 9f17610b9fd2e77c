package hdf5

import (
	"bytes"
	"io"
)

const signature = "\x89HDF\r\n\x1a\n"

// superblock is what the file says of itself.
type superblock struct {
	sizes
	version int
	root    uint64        // object header of the root group
	shared  []sharedIndex // messages that objects share
}

// readSuperblock looks for the signature at 0, 512, 1024, 2048, ... and reads what follows.
func (f *File) readSuperblock(size int64) error {
	if size < 0 {
		return malformed("size %d", size)
	}
	var head [len(signature)]byte
	for base := int64(0); ; base = max(512, 2*base) {
		if base > size-int64(len(head)) || base < 0 {
			return malformed("no HDF5 signature in %d bytes", size)
		}
		n, err := f.r.ReadAt(head[:], base)
		if n < len(head) {
			if err == nil || err == io.EOF {
				return malformed("the file ends early")
			}
			return err
		}
		if string(head[:]) == signature {
			f.base, f.size = base, size-base
			break
		}
	}
	b := make([]byte, min(f.size, 128)) // more than the longest superblock, 112 bytes
	if err := f.readAt(b, 0, "superblock"); err != nil {
		return err
	}
	c := &cursor{b: b, pos: len(signature), what: "superblock"}
	f.super.version = c.version(0, 3)
	if c.err != nil {
		return c.err
	}
	if f.super.version < 2 {
		return f.oldSuperblock(c)
	}
	return f.newSuperblock(c)
}

func (f *File) setSizes(c *cursor, offset, length int) {
	ok := func(n int) bool { return n == 2 || n == 4 || n == 8 }
	if c.err == nil && (!ok(offset) || !ok(length)) {
		c.fail(unsupported("addresses of %d and lengths of %d bytes", offset, length))
	}
	c.sizes = sizes{offset, length}
	f.super.sizes = c.sizes
}

// oldSuperblock reads versions 0 and 1.
func (f *File) oldSuperblock(c *cursor) error {
	c.skip(4) // versions of free space, root entry, shared messages; reserved
	offset, length := c.u8(), c.u8()
	c.skip(1 + 2 + 2 + 4) // reserved, group leaf and internal K, flags
	if f.super.version == 1 {
		c.skip(4) // chunk B-tree K, reserved
	}
	f.setSizes(c, offset, length)
	if c.err != nil {
		return c.err
	}
	stored := c.addr()
	c.addr() // free space
	end := c.addr()
	driver := c.addr()
	c.len() // name of the root link
	f.super.root = c.addr()
	if c.err != nil {
		return c.err
	}
	if driver != undefined {
		return f.driver(driver)
	}
	return f.setEnd(stored, end)
}

// driver names the file driver that an old superblock points to.
func (f *File) driver(addr uint64) error {
	b := make([]byte, 16)
	if err := f.readAt(b, addr, "driver information"); err != nil {
		return err
	}
	return unsupported("file driver %q: the data is spread over several files", bytes.TrimRight(b[8:], "\x00"))
}

// newSuperblock reads versions 2 and 3.
func (f *File) newSuperblock(c *cursor) error {
	offset, length := c.u8(), c.u8()
	c.skip(1) // consistency flags
	f.setSizes(c, offset, length)
	if c.err != nil {
		return c.err
	}
	stored, extension, end := c.addr(), c.addr(), c.addr()
	f.super.root = c.addr()
	c.skip(4)
	if c.err != nil {
		return c.err
	}
	if _, err := f.verify(c.b[:c.pos], "superblock"); err != nil {
		return err
	}
	if err := f.setEnd(stored, end); err != nil {
		return err
	}
	if extension == undefined {
		return nil
	}
	return in("superblock extension", f.extension(extension))
}

// extension refuses what a superblock extension can say that changes where the data lies.
func (f *File) extension(addr uint64) error {
	h, err := f.header(addr)
	if err != nil {
		return err
	}
	for _, m := range h.msgs {
		switch m.kind {
		case msgDriver:
			return unsupported("file driver: the data is spread over several files")
		case msgCacheImage:
			return unsupported("metadata cache image: rewrite the file, for instance with h5repack")
		case msgSharedTable:
			f.super.shared, err = f.sharedTable(m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setEnd checks the end of the data, as the writer knew it, against the file. Addresses count from
// the superblock wherever a tool has moved it; the stored base tells by how much.
func (f *File) setEnd(stored, end uint64) error {
	if stored == undefined || end == undefined || end < stored {
		return malformed("base %#x, end %#x", stored, end)
	}
	if n := end - stored; n > uint64(f.size) {
		return malformed("truncated: %d of %d bytes", f.size, n)
	} else {
		f.size = int64(n)
	}
	return nil
}
