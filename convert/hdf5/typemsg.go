package hdf5

import "math"

// readType decodes a datatype message.
func readType(f *File, b []byte) (*Type, error) {
	c := f.super.cursor(b, "datatype message")
	t := f.readType(c, 0)
	return t, c.err
}

// typeCost is charged for each datatype in a datatype.
const typeCost = 256

// readType decodes the datatype at the cursor. The result is good where c.err is nil.
func (f *File) readType(c *cursor, depth int) *Type {
	if depth > maxTypeDepth {
		c.fail(malformed("datatypes nested more than %d deep", maxTypeDepth))
	}
	if err := f.budget.charge(typeCost, "datatype"); err != nil {
		c.fail(err)
	}
	head := c.u8()
	version := head >> 4
	bits := int(c.uint(3))
	size := c.u32()
	t := &Type{class: Class(head & 15), size: int(size)}
	if c.err != nil {
		return t
	}
	switch {
	case version < 1 || version > 5:
		c.fail(unsupported("version %d of the datatype message", version))
	case size == 0 || size > math.MaxInt32:
		c.fail(malformed("%v datatype of %d bytes", t.class, size))
	}
	if c.err != nil {
		return t
	}
	switch t.class {
	case ClassInteger, ClassBitfield:
		t.readInteger(c, bits)
	case ClassFloat:
		t.readFloat(c, bits)
	case ClassTime:
		c.skip(2)
	case ClassString:
		t.readPad(c, bits)
	case ClassOpaque:
		t.readTag(c, bits)
	case ClassReference:
	case ClassCompound:
		f.readCompound(c, t, version, bits, depth)
	case ClassEnum:
		f.readEnum(c, t, version, bits, depth)
	case ClassVariable:
		f.readVariable(c, t, bits, depth)
	case ClassArray:
		f.readArray(c, t, version, depth)
	case ClassComplex:
		t.base = f.readType(c, depth+1)
	default:
		c.fail(malformed("datatype of class %d", uint8(t.class)))
	}
	return t
}

func (t *Type) readInteger(c *cursor, bits int) {
	t.big = bits&1 != 0
	t.signed = bits&8 != 0 && t.class == ClassInteger
	t.bitOffset, t.precision = c.u16(), c.u16()
	if c.err == nil && (t.precision == 0 || t.bitOffset+t.precision > 8*t.size) {
		c.fail(malformed("%v of %d bits at bit %d in %d bytes", t.class, t.precision, t.bitOffset, t.size))
	}
}

func (t *Type) readFloat(c *cursor, bits int) {
	t.big = bits&1 != 0
	t.bitOffset, t.precision = c.u16(), c.u16()
	f := &t.float
	f.sign = bits >> 8 & 0xff
	f.expPos, f.expBits = c.u8(), c.u8()
	f.manPos, f.manBits = c.u8(), c.u8()
	f.bias = int64(c.u32())
	if c.err != nil {
		return
	}
	end := t.bitOffset + t.precision
	if t.precision == 0 || end > 8*t.size || f.sign >= end || f.expPos+f.expBits > end ||
		f.manPos+f.manBits > end || f.expBits == 0 {
		c.fail(malformed("float of %d bits at bit %d in %d bytes: sign %d, exponent %d+%d, mantissa %d+%d",
			t.precision, t.bitOffset, t.size, f.sign, f.expPos, f.expBits, f.manPos, f.manBits))
		return
	}
	switch {
	case bits&0x40 != 0:
		f.odd = "VAX byte order"
	case bits>>4&3 != 2:
		f.odd = "no implied leading bit"
	}
}

func (t *Type) readPad(c *cursor, bits int) {
	t.pad = stringPad(bits & 15)
	t.utf8 = bits>>4&15 == 1
	if t.pad > padSpace {
		c.fail(malformed("string padding %d", t.pad))
	}
}

func (t *Type) readTag(c *cursor, bits int) {
	b := c.take(bits & 0xff)
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	t.tag = string(b)
}

func (f *File) readCompound(c *cursor, t *Type, version, bits, depth int) {
	n := bits & 0xffff
	if c.err == nil && n > c.left() {
		c.fail(malformed("compound of %d members", n))
	}
	offset := 4
	if version >= 3 {
		offset = bytesFor(uint64(t.size))
	}
	for range n {
		if c.err != nil {
			return
		}
		name := c.memberName(version)
		at := c.uint(offset)
		if version == 1 {
			c.skip(1 + 3 + 4 + 4 + 16) // dimensions, as array types were once stored
		}
		m := f.readType(c, depth+1)
		if c.err == nil && (at > uint64(t.size) || uint64(m.size) > uint64(t.size)-at) {
			c.fail(malformed("compound member %q lies outside the %d bytes", name, t.size))
		}
		t.fields = append(t.fields, field{name, m})
	}
}

// memberName reads the name of a member: until version 3 it fills multiples of eight bytes.
func (c *cursor) memberName(version int) string {
	from := c.pos
	name := c.cstring()
	if version < 3 {
		c.skip((8 - (c.pos-from)%8) % 8)
	}
	return name
}

func (f *File) readEnum(c *cursor, t *Type, version, bits, depth int) {
	t.base = f.readType(c, depth+1)
	n := bits & 0xffff
	switch {
	case c.err != nil:
	case t.base.class != ClassInteger || t.base.size != t.size || t.size > 8:
		c.fail(malformed("enum of %d bytes based on %v", t.size, t.base))
	case n > c.left():
		c.fail(malformed("enum of %d members", n))
	}
	if c.err != nil {
		return
	}
	if err := f.budget.charge(int64(n)*64, "enum"); err != nil {
		c.fail(err)
		return
	}
	t.enum = make([]EnumMember, n)
	for i := range t.enum {
		t.enum[i].Name = c.memberName(version)
	}
	for i := range t.enum {
		if b := c.take(t.size); b != nil {
			t.enum[i].Value = int64(t.base.bits(b))
		}
	}
	t.big, t.signed = t.base.big, t.base.signed
	t.bitOffset, t.precision = t.base.bitOffset, t.base.precision
}

func (f *File) readVariable(c *cursor, t *Type, bits, depth int) {
	t.text = bits&15 == 1
	t.pad = stringPad(bits >> 4 & 15)
	t.utf8 = bits>>8&15 == 1
	if bits&15 > 1 {
		c.fail(malformed("variable-length datatype of kind %d", bits&15))
	}
	t.base = f.readType(c, depth+1)
	if want := 4 + f.super.offset + 4; c.err == nil && t.size != want {
		c.fail(malformed("variable-length datatype of %d bytes instead of %d", t.size, want))
	}
}

func (f *File) readArray(c *cursor, t *Type, version, depth int) {
	rank := c.u8()
	if version < 3 {
		c.skip(3)
	}
	if rank > maxRank {
		c.fail(malformed("array of rank %d", rank))
		return
	}
	n := uint64(1)
	for range rank {
		d := c.u32()
		t.dims = append(t.dims, int(d))
		if d == 0 || n > math.MaxInt32/uint64(d) {
			c.fail(malformed("array dimension %d", d))
			return
		}
		n *= uint64(d)
	}
	if version < 3 {
		c.skip(4 * rank) // permutation
	}
	t.base = f.readType(c, depth+1)
	if c.err == nil && n*uint64(t.base.size) != uint64(t.size) {
		c.fail(malformed("array%v of %v in %d bytes", t.dims, t.base, t.size))
	}
}

// bytesFor returns how many bytes the format takes for numbers up to limit.
func bytesFor(limit uint64) int {
	n := 1
	for limit > 0xff {
		limit >>= 8
		n++
	}
	return n
}
