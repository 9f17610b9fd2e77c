package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// errShort says that a structure does not end within the bytes at hand.
var errShort = errors.New("it ends in the middle of a structure")

const (
	thriftDepth = 16 // the metadata nests 8 deep
	// A structure in a list takes at least thriftBytes bytes on average in files that writers write, and hundreds of
	// bytes once decoded. A few small lists may be denser.
	thriftBytes = 10
	thriftSpare = 1000
)

// The compact protocol's types.
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

// unmarshal decodes the structure of Thrift's compact protocol that b starts with, and returns its length. Nothing is
// decoded before all of it has been walked: no list is longer than its bytes allow.
func unmarshal(b []byte, v any) (int, error) {
	w := thriftWalk{b: b, spare: thriftSpare + len(b)/thriftBytes}
	if err := w.structure(0); err != nil {
		return 0, err
	}
	n := w.at
	return n, thrift.Unmarshal(new(thrift.CompactProtocol), b[:n], v)
}

// thriftWalk goes through an encoded structure.
type thriftWalk struct {
	b     []byte
	at    int
	spare int // structures that may still come in lists
}

func (w *thriftWalk) structure(depth int) error {
	if depth > thriftDepth {
		return fmt.Errorf("structures are nested more than %d deep", thriftDepth)
	}
	for {
		head, err := w.byte()
		if err != nil || head == 0 {
			return err
		}
		if head>>4 == 0 { // a field's number follows where it is not near the one before
			if _, err := w.uvarint(); err != nil {
				return err
			}
		}
		if kind := head & 15; kind != thriftTrue && kind != thriftFalse {
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte: // a boolean outside a field takes a byte
		return w.skip(1)
	case thriftInt16, thriftInt32, thriftInt64:
		_, err := w.uvarint()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftBinary:
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth + 1)
	case thriftStruct:
		return w.structure(depth + 1)
	}
	return fmt.Errorf("%d is no type of a field", kind)
}

func (w *thriftWalk) list(depth int) error {
	if depth > thriftDepth {
		return fmt.Errorf("lists are nested more than %d deep", thriftDepth)
	}
	head, err := w.byte()
	if err != nil {
		return err
	}
	n, kind := uint64(head>>4), head&15
	if n == 15 {
		if n, err = w.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(len(w.b)-w.at) {
		return errShort // every element takes a byte
	}
	if kind == thriftStruct || kind == thriftBinary || kind == thriftList || kind == thriftSet {
		if w.spare -= int(n); w.spare < 0 {
			return errors.New("its lists are longer than their bytes allow")
		}
	}
	for range n {
		if err := w.value(kind, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalk) byte() (byte, error) {
	if w.at >= len(w.b) {
		return 0, errShort
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *thriftWalk) skip(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errShort
	}
	w.at += int(n)
	return nil
}

func (w *thriftWalk) uvarint() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	switch {
	case n == 0:
		return 0, errShort
	case n < 0:
		return 0, errors.New("a number has more than 64 bits")
	}
	w.at += n
	return v, nil
}
