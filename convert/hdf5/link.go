package hdf5

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// LinkKind says how a group reaches a member.
type LinkKind uint8

const (
	// HardLink is the member itself.
	HardLink LinkKind = iota
	// SoftLink is a path inside the file. It is followed when the member is opened.
	SoftLink
	// ExternalLink is a path in another file. It is never followed.
	ExternalLink
	// UserLink has a meaning that only its author knows. It is never followed.
	UserLink
)

func (k LinkKind) String() string {
	switch k {
	case HardLink:
		return "hard link"
	case SoftLink:
		return "soft link"
	case ExternalLink:
		return "external link"
	}
	return "user-defined link"
}

// Link is one member of a group.
type Link struct {
	Name string
	Kind LinkKind
	// Target is a soft link's path, or an external link's file and path joined by ":".
	Target string
	// Order is the member's place in the order of creation, -1 where the group does not keep it.
	Order int64

	addr uint64 // object header of a hard link
}

// linkCost is charged for each link beside its name.
const linkCost = 128

// links collects the members of a group, whichever way it keeps them.
type links struct {
	f    *File
	list []Link
}

// load reads every link of the group with this header.
func (l *links) load(h *header) error {
	if b, err := l.f.message(h, msgSymbols); err != nil {
		return err
	} else if b != nil {
		return l.oldGroup(b)
	}
	for _, m := range h.msgs {
		if m.kind != msgLink {
			continue
		}
		b, err := l.f.contents(m)
		if err == nil {
			err = l.message(b)
		}
		if err != nil {
			return err
		}
	}
	b, err := l.f.message(h, msgLinkInfo)
	if err != nil || b == nil {
		return err
	}
	return l.dense(b)
}

// message decodes a link message.
func (l *links) message(b []byte) error {
	c := l.f.super.cursor(b, "link message")
	c.version(1, 1)
	flags := c.u8()
	kind := 0
	if flags&0x08 != 0 {
		kind = c.u8()
	}
	link := Link{Order: -1}
	if flags&0x04 != 0 {
		link.Order = int64(c.u64())
	}
	if flags&0x10 != 0 {
		c.skip(1) // character set
	}
	n := c.uint(1 << (flags & 3))
	if n > uint64(c.left()) {
		return malformed("link name of %d bytes", n)
	}
	link.Name = string(c.take(int(n)))
	switch {
	case kind == 0:
		link.addr = c.addr()
	case kind == 1:
		link.Kind = SoftLink
		link.Target = string(c.take(c.u16()))
	case kind == 64:
		link.Kind = ExternalLink
		b := c.take(c.u16())
		if len(b) > 0 {
			file, path, _ := bytes.Cut(b[1:], []byte{0})
			link.Target = fmt.Sprintf("%s:%s", file, bytes.TrimRight(path, "\x00"))
		}
	default:
		link.Kind = UserLink
		link.Target = fmt.Sprintf("type %d", kind)
	}
	if c.err != nil {
		return c.err
	}
	return l.add(link)
}

// dense reads the links that a link info message says are in a fractal heap.
func (l *links) dense(b []byte) error {
	c := l.f.super.cursor(b, "link info message")
	c.version(0, 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(8) // largest creation order
	}
	heapAddr, names := c.addr(), c.addr()
	if c.err != nil || heapAddr == undefined {
		return c.err
	}
	heap, err := l.f.fheap(heapAddr)
	if err != nil {
		return err
	}
	if names == undefined {
		return malformed("links without an index of names")
	}
	return l.f.visit().btree2(names, [2]int{treeLinkNames, treeLinkNames}, func(_ *tree2, rec []byte) error {
		if len(rec) < 4 {
			return malformed("link record of %d bytes", len(rec))
		}
		b, err := heap.get(rec[4:]) // after the name's hash
		if err != nil {
			return err
		}
		return l.message(b)
	})
}

// oldGroup reads a symbol table: a B-tree of nodes of entries, names in a local heap.
func (l *links) oldGroup(b []byte) error {
	f := l.f
	c := f.super.cursor(b, "symbol table message")
	tree, heapAddr := c.addr(), c.addr()
	if c.err != nil {
		return c.err
	}
	heap, err := f.localHeap(heapAddr)
	if err != nil {
		return err
	}
	v := f.visit()
	return v.btree1(tree, treeGroup, f.super.length, func(_ *cursor, child uint64) error {
		return l.symbols(v, child, heap)
	})
}

// symbols reads a symbol table node.
func (l *links) symbols(v *visit, addr uint64, heap string) error {
	const what = "symbol table node"
	s := l.f.super.sizes
	var head [8]byte
	if err := l.f.readAt(head[:], addr, what); err != nil {
		return err
	}
	c := s.cursor(head[:], what)
	c.signature("SNOD")
	c.version(1, 1)
	c.skip(1)
	n := c.u16()
	if c.err != nil {
		return c.err
	}
	b, err := v.block(addr, uint64(8+n*(s.length+s.offset+24)), what)
	if err != nil {
		return err
	}
	c = s.cursor(b, what)
	c.skip(8)
	for range n {
		link := Link{Order: -1}
		name := c.len()
		link.addr = c.addr()
		cache := c.u32()
		c.skip(4)
		scratch := s.cursor(c.take(16), what)
		if c.err != nil {
			return c.err
		}
		if link.Name, err = heapString(heap, name, l.f.limits.Name); err != nil {
			return err
		}
		if cache == 2 {
			link.Kind, link.addr = SoftLink, undefined
			if link.Target, err = heapString(heap, uint64(scratch.u32()), 1<<16); err != nil {
				return err
			}
		}
		if err := l.add(link); err != nil {
			return err
		}
	}
	return nil
}

// localHeap returns the data of a local heap.
func (f *File) localHeap(addr uint64) (string, error) {
	const what = "local heap"
	s := f.super.sizes
	v := f.visit()
	b, err := v.block(addr, uint64(8+2*s.length+s.offset), what)
	if err != nil {
		return "", err
	}
	c := s.cursor(b, what)
	c.signature("HEAP")
	c.version(0, 0)
	c.skip(3)
	size := c.len()
	c.len() // free list
	data := c.addr()
	if c.err != nil {
		return "", c.err
	}
	if b, err = v.block(data, size, what); err != nil {
		return "", err
	}
	return string(b), nil
}

// heapString returns the string at an offset of a local heap. It shares the heap's memory.
func heapString(heap string, off uint64, limit int) (string, error) {
	if off >= uint64(len(heap)) {
		return "", malformed("name at %d of a local heap of %d bytes", off, len(heap))
	}
	s := heap[off:]
	if len(s) > limit+1 {
		s = s[:limit+1]
	}
	i := strings.IndexByte(s, 0)
	if i < 0 {
		return "", malformed("name at %d of a local heap has no end", off)
	}
	return s[:i], nil
}

func (l *links) add(link Link) error {
	if n := len(link.Name); n > l.f.limits.Name {
		return fmt.Errorf("%w: link name of %d bytes (Limits.Name)", ErrLimit, n)
	}
	if link.Name == "" || strings.Contains(link.Name, "/") {
		return malformed("link name %q", link.Name)
	}
	if err := l.f.budget.charge(linkCost+int64(len(link.Name)), "link"); err != nil {
		return err
	}
	l.list = append(l.list, link)
	return nil
}

// sorted orders the links by name and refuses a name that stands twice.
func (l *links) sorted() ([]Link, error) {
	slices.SortFunc(l.list, func(a, b Link) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(l.list); i++ {
		if l.list[i].Name == l.list[i-1].Name {
			return nil, malformed("two links are named %q", l.list[i].Name)
		}
	}
	return l.list, nil
}
