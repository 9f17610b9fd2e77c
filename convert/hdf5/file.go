package hdf5

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// File is an open HDF5 file. It keeps no state but caches: it is safe for concurrent use where its
// io.ReaderAt is.
type File struct {
	r      io.ReaderAt
	size   int64 // bytes from base to the end of the file's data
	base   int64 // where the superblock lies: after a user block
	super  superblock
	limits Limits
	budget budget
	lax    bool // tests only: take checksums for right

	root    *Group
	objects atomic.Int64

	mu    sync.Mutex
	heads map[uint64]*header // object headers, by address
	nodes map[uint64]*node   // objects, by address of their header
	heaps map[uint64]*gheap  // global heap collections, by address
}

// Open reads the superblock and the root group of an HDF5 file of size bytes. The reader must stay
// usable as long as the File and what comes from it; nothing is written and no other file is
// opened.
//
// A file that its writer did not close is read as far as it is consistent: the status flags of the
// superblock are not looked at, checksums and sizes are.
func Open(r io.ReaderAt, size int64, opts Options) (*File, error) {
	return open(r, size, opts, false)
}

func open(r io.ReaderAt, size int64, opts Options, lax bool) (*File, error) {
	f := &File{r: r, limits: opts.Limits.withDefaults(), lax: lax,
		heads: map[uint64]*header{}, nodes: map[uint64]*node{}, heaps: map[uint64]*gheap{}}
	f.budget.init(f.limits, size)
	if err := f.readSuperblock(size); err != nil {
		return nil, at("superblock", err)
	}
	n, err := f.node(f.super.root)
	if err != nil {
		return nil, at("/", err)
	}
	if n.kind != groupNode {
		return nil, at("/", malformed("the root object is not a group"))
	}
	f.root = &Group{object{n, "/"}}
	return f, nil
}

// Root returns the root group.
func (f *File) Root() *Group { return f.root }

// UserBlock returns the number of bytes before the HDF5 data, which belong to no format.
func (f *File) UserBlock() int64 { return f.base }

// readAt fills b from a file address.
func (f *File) readAt(b []byte, addr uint64, what string) error {
	if err := f.inside(addr, uint64(len(b)), what); err != nil {
		return err
	}
	n, err := f.r.ReadAt(b, f.base+int64(addr))
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return malformed("%s at %#x: the file ends early", what, addr)
	}
	return fmt.Errorf("%s at %#x: %w", what, addr, err)
}

// inside reports whether n bytes at addr are in the file.
func (f *File) inside(addr, n uint64, what string) error {
	if addr == undefined {
		return malformed("%s has no address", what)
	}
	if size := uint64(f.size); addr > size || n > size-addr {
		return malformed("%s of %d bytes at %#x: outside the file of %d bytes", what, n, addr, size)
	}
	return nil
}

// visit reads the metadata blocks of one task, such as walking one B-tree. No block may come up
// twice in it, so what points back into itself ends.
type visit struct {
	f    *File
	free bool // the blocks were charged by an earlier visit
	seen map[uint64]struct{}
}

func (f *File) visit() *visit { return &visit{f: f, seen: map[uint64]struct{}{}} }

// block reads n bytes at addr.
func (v *visit) block(addr, n uint64, what string) ([]byte, error) {
	if err := v.f.inside(addr, n, what); err != nil {
		return nil, err
	}
	if _, dup := v.seen[addr]; dup {
		return nil, malformed("%s at %#x comes up twice", what, addr)
	}
	v.seen[addr] = struct{}{}
	if !v.free {
		if err := v.f.budget.charge(int64(n)+blockCost, what); err != nil {
			return nil, err
		}
	}
	b := make([]byte, n)
	return b, v.f.readAt(b, addr, what)
}

// blockCost is charged for each block beside its bytes: for the entry in seen and the like.
const blockCost = 64

// summed is block for one that ends with its checksum, which is verified and cut off.
func (v *visit) summed(addr, n uint64, what string) (*cursor, error) {
	b, err := v.block(addr, n, what)
	if err != nil {
		return nil, err
	}
	if b, err = v.f.verify(b, what); err != nil {
		return nil, in(fmt.Sprintf("at %#x", addr), err)
	}
	return v.f.super.cursor(b, what), nil
}

// verify checks the lookup3 checksum in the last four bytes of b and cuts it off.
func (f *File) verify(b []byte, what string) ([]byte, error) {
	if len(b) < 4 {
		return nil, malformed("%s of %d bytes has no room for a checksum", what, len(b))
	}
	n := len(b) - 4
	want := uint32(b[n]) | uint32(b[n+1])<<8 | uint32(b[n+2])<<16 | uint32(b[n+3])<<24
	if got := lookup3(b[:n]); got != want && !f.lax {
		return nil, malformed("%s: checksum %08x instead of %08x", what, got, want)
	}
	return b[:n], nil
}
