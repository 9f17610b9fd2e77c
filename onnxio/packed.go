package onnxio

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// packedVarints reads a packed list of integers.
func packedVarints[T int32 | int64 | uint64](d *decoder, list []T, width int) []T {
	end := d.length()
	if d.err != nil {
		return list
	}
	n := 0
	for _, b := range d.buf[d.pos:end] {
		if b < 0x80 {
			n++
		}
	}
	if !d.spend(n * width) {
		return list
	}
	list = slices.Grow(list, n)
	outer := d.end
	for d.end = end; d.more(); {
		list = append(list, T(d.varint()))
	}
	d.end = outer
	return list
}

func (d *decoder) packedInt32(list []int32) []int32    { return packedVarints(d, list, 4) }
func (d *decoder) packedInt64(list []int64) []int64    { return packedVarints(d, list, 8) }
func (d *decoder) packedUint64(list []uint64) []uint64 { return packedVarints(d, list, 8) }

// fixed returns the bytes of a packed list of elements of the given width.
func (d *decoder) fixed(width int) []byte {
	b := d.getBytes()
	if len(b)%width != 0 {
		d.malformed("a packed list of %d-byte elements has %d bytes", width, len(b))
	}
	if d.err != nil || !d.spend(len(b)) {
		return nil
	}
	return b
}

func (d *decoder) packedFloat32(list []float32) []float32 {
	b := d.fixed(4)
	list = slices.Grow(list, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		list = append(list, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return list
}

func (d *decoder) packedFloat64(list []float64) []float64 {
	b := d.fixed(8)
	list = slices.Grow(list, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		list = append(list, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return list
}

// The functions named sizePacked return the bytes that a packed list takes, its tag and length
// included: none if it is empty. They note the length for the encoder.

func sizePackedVarints[T int32 | int64 | uint64](tag int, list []T, s *sizer) int {
	if len(list) == 0 {
		return 0
	}
	n := 0
	for _, x := range list {
		n += protowire.SizeVarint(uint64(x))
	}
	s.sizes = append(s.sizes, n)
	return tag + protowire.SizeBytes(n)
}

func sizePackedInt32(tag int, list []int32, s *sizer) int   { return sizePackedVarints(tag, list, s) }
func sizePackedInt64(tag int, list []int64, s *sizer) int   { return sizePackedVarints(tag, list, s) }
func sizePackedUint64(tag int, list []uint64, s *sizer) int { return sizePackedVarints(tag, list, s) }

func sizePackedFloat32(tag int, list []float32, _ *sizer) int {
	if len(list) == 0 {
		return 0
	}
	return tag + protowire.SizeBytes(4*len(list))
}

func sizePackedFloat64(tag int, list []float64, _ *sizer) int {
	if len(list) == 0 {
		return 0
	}
	return tag + protowire.SizeBytes(8*len(list))
}

func encodeVarints[T int32 | int64 | uint64](e *encoder, tag uint64, list []T) {
	if len(list) == 0 {
		return
	}
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(e.nextSize()))
	for _, x := range list {
		e.buf = protowire.AppendVarint(e.buf, uint64(x))
		e.drain()
	}
}

func (e *encoder) packedInt32(tag uint64, list []int32)   { encodeVarints(e, tag, list) }
func (e *encoder) packedInt64(tag uint64, list []int64)   { encodeVarints(e, tag, list) }
func (e *encoder) packedUint64(tag uint64, list []uint64) { encodeVarints(e, tag, list) }

func (e *encoder) packedFloat32(tag uint64, list []float32) {
	if len(list) == 0 {
		return
	}
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(4*len(list)))
	for _, x := range list {
		e.buf = binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(x))
		e.drain()
	}
}

func (e *encoder) packedFloat64(tag uint64, list []float64) {
	if len(list) == 0 {
		return
	}
	e.buf = protowire.AppendVarint(protowire.AppendVarint(e.buf, tag), uint64(8*len(list)))
	for _, x := range list {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(x))
		e.drain()
	}
}
