package onnxio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

type encodable interface {
	size(*sizer) int
	encode(*encoder)
}

// sizer notes the length of every nested message and packed list in the order in which the encoder
// will need them, so that each is computed once.
type sizer struct {
	sizes []int
	depth int
	swap  map[*Tensor]*Tensor // tensors written in place of others
	err   error
}

// swapped returns what is written in place of x.
func swapped(x encodable, swap map[*Tensor]*Tensor) encodable {
	if t, ok := x.(*Tensor); ok && swap != nil {
		if other := swap[t]; other != nil {
			return other
		}
	}
	return x
}

// deepest bounds the nesting of messages that are written; it stops a structure that contains itself.
const deepest = 10_000

// message returns the bytes that x takes with its length in front.
func (s *sizer) message(x encodable) int {
	if s.depth++; s.depth > deepest || s.err != nil {
		s.fail(errors.New("messages are nested too deeply: does a graph contain itself?"))
		s.depth--
		return 0
	}
	at := len(s.sizes)
	s.sizes = append(s.sizes, 0)
	n := swapped(x, s.swap).size(s)
	s.sizes[at] = n
	s.depth--
	return protowire.SizeBytes(n)
}

func (s *sizer) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *sizer) missing(field string, index int) {
	s.fail(fmt.Errorf("%s[%d] is nil", field, index))
}

// encoder writes messages to buf, and passes buf on to w, if there is one, as it fills.
type encoder struct {
	buf   []byte
	w     io.Writer
	sizes []int
	swap  map[*Tensor]*Tensor // as the sizer had it
	err   error
}

// chunk is how much an encoder gathers before it writes.
const chunk = 1 << 16

// drain passes the buffer on once it is full.
func (e *encoder) drain() {
	if e.w != nil && len(e.buf) >= chunk {
		e.flush()
	}
}

func (e *encoder) flush() {
	if e.err == nil && e.w != nil {
		_, e.err = e.w.Write(e.buf)
		e.buf = e.buf[:0]
	}
}

// raw writes bytes as they are. Many of them go past the buffer.
func (e *encoder) raw(b []byte) {
	if e.w == nil || len(b) < chunk {
		e.buf = append(e.buf, b...)
		e.drain()
		return
	}
	e.flush()
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) nextSize() int {
	n := e.sizes[0]
	e.sizes = e.sizes[1:]
	return n
}

func (e *encoder) message(tag uint64, x encodable) {
	if e.err != nil {
		return
	}
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(e.nextSize()))
	swapped(x, e.swap).encode(e)
}

func (e *encoder) putBytes(tag uint64, v []byte) {
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(len(v)))
	e.raw(v)
}

func (e *encoder) putString(tag uint64, v string) {
	e.buf = append(protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(len(v))), v...)
	e.drain()
}

func (e *encoder) putInt64(tag uint64, v int64) {
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(v))
	e.drain()
}

func (e *encoder) putInt32(tag uint64, v int32) { e.putInt64(tag, int64(v)) }

func (e *encoder) putFloat32(tag uint64, v float32) {
	e.buf = binary.LittleEndian.AppendUint32(protowire.AppendVarint(e.buf, tag), math.Float32bits(v))
	e.drain()
}

// The functions named size return the bytes of a value after its tag.

func sizeBytes(v []byte) int  { return protowire.SizeBytes(len(v)) }
func sizeString(v string) int { return protowire.SizeBytes(len(v)) }
func sizeInt64(v int64) int   { return protowire.SizeVarint(uint64(v)) }
func sizeInt32(v int32) int   { return protowire.SizeVarint(uint64(int64(v))) }
func sizeFloat32(float32) int { return 4 }
func nonZero(v float32) bool  { return math.Float32bits(v) != 0 }

// The functions named sizeAll return the bytes of a list that is not packed, with the tags.

func sizeAllString(tag int, list []string) (n int) {
	for _, v := range list {
		n += tag + sizeString(v)
	}
	return n
}

func sizeAllBytes(tag int, list [][]byte) (n int) {
	for _, v := range list {
		n += tag + sizeBytes(v)
	}
	return n
}

func sizeAllInt64(tag int, list []int64) (n int) {
	for _, v := range list {
		n += tag + sizeInt64(v)
	}
	return n
}

func sizeAllFloat32(tag int, list []float32) int { return len(list) * (tag + 4) }
