package keras

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// hashing numbers integers by the hash of their decimal text: FarmHash's Fingerprint64, or SipHash-2-4 where
// there is a salt. Floats are cut off to integers first.
func hashing(x *emit) []*ir.Value {
	x.noCall()
	v, bins := x.in[0], x.layer.integer("num_bins", 0)
	if isFloat(v.Fact.DType) {
		v = x.Cast(v, tensor.Int64)
	}
	if bins < 1 || bins == math.MaxInt || x.Err() != nil { // no more fit an int of 32 bits
		x.Fail(argument("num_bins", bins))
		return x.in[:1]
	}
	if digitsOf[v.Fact.DType] == 0 {
		x.Fail(op.Unsupportedf("Hashing of %v: ONNX has no operator that gives the bytes of a string; numbers are hashed", v.Fact.DType))
		return x.in[:1]
	}
	var masked *ir.Value
	buckets := bins
	if x.layer.get("mask_value") != nil && bins > 1 {
		buckets--
		masked = x.Op("Equal", x.in[0], x.Scalar(x.in[0], x.layer.num("mask_value", 0)))
	}
	var hash *ir.Value
	if text := x.decimal(v); x.layer.get("salt") == nil {
		hash = text.fingerprint()
	} else {
		hash = text.sip(x.salt())
	}
	rest := x.Cast(x.Op("Mod", x.Cast(hash, tensor.Uint64), x.Const(tensor.Scalar(uint64(buckets)))), tensor.Int64)
	if masked != nil {
		rest = x.Where(masked, x.Scalar(rest, 0), x.AddScalar(rest, 1))
	}
	kind := tensor.Int64
	if d, _ := x.layer.get("dtype").(string); d == "int32" {
		kind = tensor.Int32
	}
	return one(x.encode(rest, bins, kind, tensor.Float32))
}

// salt reads the two words of the key.
func (x *emit) salt() (key [2]uint64) {
	list, ok := x.layer.get("salt").([]any)
	if n, one := x.layer.get("salt").(json.Number); one {
		list, ok = []any{n, n}, true
	}
	ok = ok && len(list) == 2
	for i := 0; ok && i < 2; i++ {
		n, _ := list[i].(json.Number)
		var err error
		if key[i], err = strconv.ParseUint(n.String(), 10, 64); err != nil {
			signed, err := strconv.ParseInt(n.String(), 10, 64)
			key[i], ok = uint64(signed), err == nil
		}
	}
	if !ok {
		x.Fail(argument("salt", x.layer.get("salt")))
	}
	return key
}

// digitsOf is how many decimal digits an integer type has at most.
var digitsOf = map[tensor.DType]int{
	tensor.Uint8: 3, tensor.Int8: 3, tensor.Uint16: 5, tensor.Int16: 5, tensor.Uint32: 10, tensor.Int32: 10, tensor.Int64: 19, tensor.Uint64: 20,
}

// decimal is the text of integers: its bytes as little-endian words from its beginning on and up to its end.
type decimal struct {
	x       *emit
	longest int          // bytes
	length  *ir.Value    // of each text
	words   []*ir.Value  // bytes 0 to 7, 8 to 15, 16 to 23; zero where the text has ended
	last    [2]*ir.Value // the 8 bytes in front of the last 8, and those
	four    *ir.Value    // the last 4 bytes
	one     *ir.Value    // the last byte
}

// decimal takes integers apart: a digit is v/10^k less 10 times v/10^(k+1). They are laid out from the end of
// a text of fixed size; an index that counts from its end turns that so that it begins at the left.
func (x *emit) decimal(v *ir.Value) *decimal {
	digits, axis := digitsOf[v.Fact.DType], v.Fact.Rank()
	size := digits + 1 // with a sign
	pads := make([]int, 2*(axis+1))
	pads[axis] = 1
	widen := func(v *ir.Value) *ir.Value { return x.Op("Pad", v, x.Ints(pads...)) }

	number := x.Unsqueeze(x.Cast(v, tensor.Int64), axis)
	zero := x.Scalar(number, 0)
	negative := x.Cast(x.Op("Less", number, zero), tensor.Int64)
	var parts *ir.Value // the number without its last digits, the shortest first
	if v.Fact.DType == tensor.Uint64 {
		tens := x.Div(x.shiftRight(number, 1), x.Scalar(number, 5))
		parts = x.Concat(axis, x.Div(tens, x.powers(digits-1)), number)
		negative = zero
	} else {
		parts = x.Div(number, x.powers(digits))
	}
	shorter := x.Slice(widen(parts), axis, 0, digits)
	digit := x.Op("Abs", x.Sub(parts, x.Scale(shorter, 10)))

	known := x.Op("Max", x.Sum(x.Cast(x.Cast(parts, tensor.Bool), tensor.Int64), true, axis), x.Scalar(number, 1))
	places := count(size)
	slices.Reverse(places)
	place := x.Ints(places...) // of a digit, the last being 0
	sign := x.Where(x.Op("Equal", place, known), x.Scale(negative, '-'), zero)
	chars := x.Where(x.Op("Less", place, known), widen(x.AddScalar(digit, '0')), sign)

	length := x.Add(known, negative)
	t := &decimal{x: x, longest: size, length: x.Squeeze(length, axis)}
	left := x.Emit(1, "GatherElements", []*ir.Value{chars, x.Sub(x.Ints(count(size)...), length)}, op.Attr("axis", axis))[0]
	for i := 0; i < size; i += 8 {
		t.words = append(t.words, x.little(left, i, min(i+8, size)))
	}
	t.last = [2]*ir.Value{x.little(chars, size-16, size-8), x.little(chars, size-8, size)}
	t.four, t.one = x.little(chars, size-4, size), x.little(chars, size-1, size)
	return t
}

// powers are those of ten below the n-th, the largest first.
func (x *emit) powers(n int) *ir.Value {
	p := make([]int64, n)
	for i, ten := n-1, int64(1); i >= 0; i, ten = i-1, ten*10 {
		p[i] = ten
	}
	return x.Const(tensor.Vector(p...))
}

// little joins the bytes from start to end, along the last axis, to one number. Those before the first are none.
func (x *emit) little(v *ir.Value, start, end int) *ir.Value {
	if end <= 0 {
		return nil
	}
	axis := v.Fact.Rank() - 1
	shift := max(-start, 0)
	weights := make([]int64, end-start-shift)
	for i := range weights {
		weights[i] = 1 << (8 * (i + shift))
	}
	return x.Sum(x.Mul(x.Slice(v, axis, start+shift, end), x.Const(tensor.Vector(weights...))), false, axis)
}

// The constants of FarmHash.
const farm0, farm1, farm2 = 0xc3a5c85c97cb3127, 0xb492b66fbe98f273, 0x9ae16a3b2f90404f

// fingerprint is FarmHash's Fingerprint64 (farmhashna): other arithmetic for texts of up to 3, 7, 16 and 32 bytes.
func (t *decimal) fingerprint() *ir.Value {
	x := t.x
	k0, k1, k2 := x.word(farm0), x.word(farm1), x.word(farm2)
	byteOf := func(i int) *ir.Value { return x.Op("BitwiseAnd", x.shiftRight(t.words[0], 8*i), x.word(255)) }
	middle := x.Where(x.Op("Greater", t.length, x.word(1)), byteOf(1), byteOf(0))
	y, z := x.Add(byteOf(0), x.Scale(middle, 1<<8)), x.Add(t.length, x.Scale(t.one, 1<<2))
	short := x.Mul(x.mix(x.xor(x.Mul(y, k2), x.Mul(z, k0))), k2)
	if t.longest < 4 {
		return short
	}
	mul := x.Add(k2, x.Scale(t.length, 2))
	from := func(n uint64) *ir.Value { return x.Op("GreaterOrEqual", t.length, x.word(n)) }
	u := x.Add(t.length, x.Scale(x.Op("BitwiseAnd", t.words[0], x.word(1<<32-1)), 1<<3))
	v := t.four
	if t.longest >= 8 {
		a, b := x.Add(t.words[0], k2), t.last[1]
		c := x.Add(x.Mul(x.rotate(b, 37), mul), a)
		d := x.Mul(x.Add(x.rotate(a, 25), b), mul)
		long := from(8)
		u, v = x.Where(long, c, u), x.Where(long, d, v)
	}
	if t.longest > 16 {
		a, b, c, d := x.Mul(t.words[0], k1), t.words[1], x.Mul(t.last[1], mul), x.Mul(t.last[0], k2)
		long := from(17)
		u = x.Where(long, x.Add(x.Add(x.rotate(x.Add(a, b), 43), x.rotate(c, 30)), d), u)
		v = x.Where(long, x.Add(x.Add(a, x.rotate(x.Add(b, k2), 18)), c), v)
	}
	h := x.mix(x.Mul(x.xor(u, v), mul))
	h = x.Mul(x.mix(x.Mul(x.xor(v, h), mul)), mul)
	return x.Where(from(4), h, short)
}

// sip is SipHash-2-4 (Aumasson and Bernstein, 2012): two rounds for each word of eight bytes, the last of
// which has the length at its end, and four rounds after them.
func (t *decimal) sip(key [2]uint64) *ir.Value {
	x := t.x
	s := []*ir.Value{x.word(key[0] ^ 0x736f6d6570736575), x.word(key[1] ^ 0x646f72616e646f6d), x.word(key[0] ^ 0x6c7967656e657261), x.word(key[1] ^ 0x7465646279746573)}
	final := x.shiftRight(t.length, 3) // the word that the text ends in
	length := x.Scale(t.length, 1<<56)
	for i, w := range t.words {
		at := x.word(uint64(i))
		w = x.Where(x.Op("Equal", final, at), x.Add(w, length), w)
		next := []*ir.Value{s[0], s[1], s[2], x.xor(s[3], w)}
		next = x.sipRound(x.sipRound(next))
		next[0] = x.xor(next[0], w)
		if i > 0 {
			more := x.Op("GreaterOrEqual", final, at)
			for k := range next {
				next[k] = x.Where(more, next[k], s[k])
			}
		}
		s = next
	}
	s[2] = x.xor(s[2], x.word(0xff))
	for range 4 {
		s = x.sipRound(s)
	}
	return x.xor(x.xor(s[0], s[1]), x.xor(s[2], s[3]))
}

func (x *emit) sipRound(s []*ir.Value) []*ir.Value {
	half := func(a, b *ir.Value, bits int) (sum, turned *ir.Value) {
		sum = x.Add(a, b)
		return sum, x.xor(x.rotate(b, 64-bits), sum)
	}
	a, b := half(s[0], s[1], 13)
	c, d := half(s[2], s[3], 16)
	c, b = half(c, b, 17)
	a, d = half(x.rotate(a, 32), d, 21)
	return []*ir.Value{a, b, x.rotate(c, 32), d}
}

// word is a constant of 64 bits as int64, whose sums and products wrap.
func (x *emit) word(n uint64) *ir.Value { return x.Const(tensor.Scalar(int64(n))) }

func (x *emit) xor(u, v *ir.Value) *ir.Value { return x.Op("BitwiseXor", u, v) }

// shiftRight shifts the bits of int64, without a sign.
func (x *emit) shiftRight(v *ir.Value, bits int) *ir.Value {
	if bits == 0 {
		return v
	}
	in := []*ir.Value{x.Cast(v, tensor.Uint64), x.Const(tensor.Scalar(uint64(bits)))}
	return x.Cast(x.Emit(1, "BitShift", in, op.Attr("direction", "RIGHT"))[0], tensor.Int64)
}

// rotate turns the bits of int64 to the right.
func (x *emit) rotate(v *ir.Value, bits int) *ir.Value {
	return x.Op("BitwiseOr", x.shiftRight(v, bits), x.Mul(v, x.word(1<<(64-bits))))
}

// mix is v ^ v>>47.
func (x *emit) mix(v *ir.Value) *ir.Value { return x.xor(v, x.shiftRight(v, 47)) }
