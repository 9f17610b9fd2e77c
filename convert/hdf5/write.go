package hdf5

import (
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"
)

// Tree is a group to write: groups and arrays of float32 by name.
type Tree struct {
	Groups map[string]*Tree
	Arrays map[string]Array
}

// Array is an array to write. It has as many elements as Shape says.
type Array struct {
	Shape []int
	Data  []float32
}

// Sub returns the group of a name, made where there is none.
func (t *Tree) Sub(name string) *Tree {
	if t.Groups == nil {
		t.Groups = map[string]*Tree{}
	}
	if t.Groups[name] == nil {
		t.Groups[name] = &Tree{}
	}
	return t.Groups[name]
}

// Put adds an array.
func (t *Tree) Put(name string, a Array) {
	if t.Arrays == nil {
		t.Arrays = map[string]Array{}
	}
	t.Arrays[name] = a
}

// Write writes an HDF5 file: superblock 2, compact groups, contiguous little-endian float32 arrays. It is
// what HDF5 1.8 and newer read; names have at most 255 bytes.
func Write(w io.Writer, root *Tree) error {
	l := &writer{next: superblockSize}
	l.place(root)
	top := l.group(root)
	b := append([]byte(signature), 2, 8, 8, 0)
	for _, n := range []uint64{0, undefined, l.next, top} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	b = binary.LittleEndian.AppendUint32(b, lookup3(b))
	if _, err := w.Write(b); err != nil {
		return err
	}
	buf := make([]byte, 0, 1<<16)
	for _, a := range l.arrays {
		for part := range slices.Chunk(a.Data, cap(buf)/4) {
			buf = buf[:0]
			for _, v := range part {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
		}
	}
	_, err := w.Write(l.heads)
	return err
}

// superblockSize is that of version 2 with addresses of 8 bytes.
const superblockSize = 48

// writer lays a file out: the superblock, the arrays' elements, the objects' headers.
type writer struct {
	next   uint64 // where the next part begins
	arrays []Array
	at     []uint64 // where the elements of each array begin
	used   int      // arrays that have a header
	heads  []byte
}

// place gives the elements of all arrays their addresses, in the order in which group asks for them.
func (l *writer) place(t *Tree) {
	for _, n := range slices.Sorted(maps.Keys(t.Groups)) {
		l.place(t.Groups[n])
	}
	for _, n := range slices.Sorted(maps.Keys(t.Arrays)) {
		a := t.Arrays[n]
		l.arrays, l.at = append(l.arrays, a), append(l.at, l.next)
		l.next += 4 * uint64(len(a.Data))
	}
}

// group writes the headers of a group and of what is in it, and returns its address.
func (l *writer) group(t *Tree) uint64 {
	links := map[string]uint64{}
	for _, n := range slices.Sorted(maps.Keys(t.Groups)) {
		links[n] = l.group(t.Groups[n])
	}
	for _, n := range slices.Sorted(maps.Keys(t.Arrays)) {
		links[n] = l.array()
	}
	info := []byte{0, 0}
	info = binary.LittleEndian.AppendUint64(info, undefined)
	info = binary.LittleEndian.AppendUint64(info, undefined)
	m := putMessage(nil, 0x02, info)
	m = putMessage(m, 0x0a, []byte{0, 0})
	for _, n := range slices.Sorted(maps.Keys(links)) {
		link := append([]byte{1, 0, byte(len(n))}, n...)
		m = putMessage(m, 0x06, binary.LittleEndian.AppendUint64(link, links[n]))
	}
	return l.header(m)
}

// array writes the header of the next array.
func (l *writer) array() uint64 {
	a, at := l.arrays[l.used], l.at[l.used]
	l.used++
	space := []byte{2, byte(len(a.Shape)), 0, 1}
	if len(a.Shape) == 0 {
		space[3] = 0
	}
	for _, n := range a.Shape {
		space = binary.LittleEndian.AppendUint64(space, uint64(n))
	}
	m := putMessage(nil, 0x01, space)
	// IEEE 754, little-endian: sign in bit 31, 8 bits of exponent from 23, 23 of mantissa from 0, bias 127.
	m = putMessage(m, 0x03, []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0})
	m = putMessage(m, 0x05, []byte{3, 0x0a}) // the fill value is the library's
	layout := []byte{3, 1}
	if len(a.Data) == 0 {
		at = undefined
	}
	layout = binary.LittleEndian.AppendUint64(layout, at)
	layout = binary.LittleEndian.AppendUint64(layout, 4*uint64(len(a.Data)))
	return l.header(putMessage(m, 0x08, layout))
}

// putMessage appends a message of an object header of version 2.
func putMessage(b []byte, kind byte, data []byte) []byte {
	b = append(b, kind, byte(len(data)), byte(len(data)>>8), 0)
	return append(b, data...)
}

// header appends an object header with its messages and returns its address.
func (l *writer) header(messages []byte) uint64 {
	at := l.next
	b := append([]byte("OHDR"), 2, 2) // the size of the messages has four bytes
	b = binary.LittleEndian.AppendUint32(b, uint32(len(messages)))
	b = append(b, messages...)
	b = binary.LittleEndian.AppendUint32(b, lookup3(b))
	l.heads = append(l.heads, b...)
	l.next += uint64(len(b))
	return at
}
