package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// lookup3 is Bob Jenkins's hash of 2006 (hashlittle with seed 0), which guards every metadata
// block of the newer formats.
func lookup3(b []byte) uint32 {
	h := 0xdeadbeef + uint32(len(b))
	x, y, z := h, h, h
	for len(b) > 12 {
		x += binary.LittleEndian.Uint32(b)
		y += binary.LittleEndian.Uint32(b[4:])
		z += binary.LittleEndian.Uint32(b[8:])
		x = (x - z) ^ bits.RotateLeft32(z, 4)
		z += y
		y = (y - x) ^ bits.RotateLeft32(x, 6)
		x += z
		z = (z - y) ^ bits.RotateLeft32(y, 8)
		y += x
		x = (x - z) ^ bits.RotateLeft32(z, 16)
		z += y
		y = (y - x) ^ bits.RotateLeft32(x, 19)
		x += z
		z = (z - y) ^ bits.RotateLeft32(y, 4)
		y += x
		b = b[12:]
	}
	if len(b) == 0 {
		return z
	}
	var tail [12]byte
	copy(tail[:], b)
	x += binary.LittleEndian.Uint32(tail[:])
	y += binary.LittleEndian.Uint32(tail[4:])
	z += binary.LittleEndian.Uint32(tail[8:])
	z = (z ^ y) - bits.RotateLeft32(y, 14)
	x = (x ^ z) - bits.RotateLeft32(z, 11)
	y = (y ^ x) - bits.RotateLeft32(x, 25)
	z = (z ^ y) - bits.RotateLeft32(y, 16)
	x = (x ^ z) - bits.RotateLeft32(z, 4)
	y = (y ^ x) - bits.RotateLeft32(x, 14)
	z = (z ^ y) - bits.RotateLeft32(y, 24)
	return z
}

// fletcher32 is the checksum of the filter of that name: 16-bit big-endian words, an odd last
// byte as the high half of a word.
func fletcher32(b []byte) uint32 {
	var s1, s2 uint32
	fold := func() {
		s1 = s1&0xffff + s1>>16
		s2 = s2&0xffff + s2>>16
	}
	for len(b) > 1 {
		n := min(len(b)/2, 360) // as many words as cannot overflow s2
		for range n {
			s1 += uint32(b[0])<<8 | uint32(b[1])
			s2 += s1
			b = b[2:]
		}
		fold()
	}
	if len(b) == 1 {
		s1 += uint32(b[0]) << 8
		s2 += s1
		fold()
	}
	fold()
	return s2<<16 | s1
}
