package hdf5

import (
	"sort"
	"sync"
)

type nodeKind uint8

const (
	groupNode nodeKind = iota
	dataNode
	typeNode
)

// node is an object of the file: what all paths to it share.
type node struct {
	f     *File
	head  *header
	kind  nodeKind
	links []Link // of a group, by name
	data  *data  // of a dataset
	typ   *Type  // of a committed datatype

	attrs sync.Once
	attr  []Attribute
	aerr  error
}

// node returns the object whose header is at addr.
func (f *File) node(addr uint64) (*node, error) {
	f.mu.Lock()
	n := f.nodes[addr]
	f.mu.Unlock()
	if n != nil {
		return n, nil
	}
	h, err := f.cachedHeader(addr)
	if err != nil {
		return nil, err
	}
	n = &node{f: f, head: h}
	if err := n.read(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if first := f.nodes[addr]; first != nil { // another goroutine was faster
		return first, nil
	}
	f.nodes[addr] = n
	return n, nil
}

// read tells from the messages what the object is.
func (n *node) read() error {
	has := func(kind int) bool { _, ok := n.head.find(kind); return ok }
	switch {
	case has(msgLayout):
		n.kind = dataNode
		return n.readDataset()
	case has(msgSymbols) || has(msgLinkInfo) || has(msgLink) || has(msgGroupInfo):
		n.kind = groupNode
		l := links{f: n.f}
		if err := l.load(n.head); err != nil {
			return in("links", err)
		}
		var err error
		n.links, err = l.sorted()
		return err
	case has(msgType):
		n.kind = typeNode
		b, err := n.f.message(n.head, msgType)
		if err == nil {
			n.typ, err = readType(n.f, b)
		}
		return err
	}
	return malformed("the object at %#x is neither group, dataset nor datatype", n.head.addr)
}

// link returns the link of that name.
func (n *node) link(name string) (Link, bool) {
	i := sort.Search(len(n.links), func(i int) bool { return n.links[i].Name >= name })
	if i < len(n.links) && n.links[i].Name == name {
		return n.links[i], true
	}
	return Link{}, false
}
