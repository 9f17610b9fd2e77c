package onnxio

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed is wrapped by errors about bytes or text that are no ONNX.
var ErrMalformed = errors.New("malformed")

// ErrLimit is wrapped by errors about input beyond a limit of [LoadOptions].
var ErrLimit = errors.New("over the limit")

// ErrUnsupported is wrapped by errors about valid input that this package cannot handle.
var ErrUnsupported = errors.New("not supported")

// presence tells which scalar fields of a message were read, one bit a field in the order of their
// numbers. It keeps an explicit zero apart from an absent field.
type presence uint32

// wasRead marks a message that a decoder made.
const wasRead presence = 1 << 31

type decodable interface{ decode(*decoder) }

// decoder reads one message after another from buf. The first error sticks: readers return zeros
// from then on, and more reports false.
type decoder struct {
	buf    []byte
	pos    int
	end    int // of the message being read
	depth  int // messages that may still be nested
	budget int // bytes that decoded structures may still take
	err    error
	path   string // of the message that failed, outermost field first
	names  *nameCache
	source *source
}

func (d *decoder) more() bool { return d.err == nil && d.pos < d.end }

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoder) malformed(format string, args ...any) {
	d.fail(fmt.Errorf("%w at byte %d: %s", ErrMalformed, d.pos, fmt.Sprintf(format, args...)))
}

// spend accounts for memory that decoding takes besides the input.
func (d *decoder) spend(n int) bool {
	if d.budget -= n; d.budget < 0 {
		d.fail(fmt.Errorf("%w: the model's structure needs more memory than LoadOptions.MaxMemory", ErrLimit))
		return false
	}
	return true
}

// failure returns the error with the field that it is in.
func (d *decoder) failure() error {
	if d.err == nil || d.path == "" {
		return d.err
	}
	return fmt.Errorf("%s: %w", d.path, d.err)
}

func (d *decoder) varint() uint64 {
	if d.err != nil {
		return 0
	}
	if d.pos < d.end && d.buf[d.pos] < 0x80 {
		d.pos++
		return uint64(d.buf[d.pos-1])
	}
	v, n := protowire.ConsumeVarint(d.buf[d.pos:d.end])
	if n < 0 {
		d.malformed("%v", protowire.ParseError(n))
		return 0
	}
	d.pos += n
	return v
}

// tag returns the field number and wire type that come next.
func (d *decoder) tag() uint64 {
	t := d.varint()
	if d.err == nil && (t>>3 < uint64(protowire.MinValidNumber) || t>>3 > uint64(protowire.MaxValidNumber)) {
		d.malformed("no field has number %d", t>>3)
	}
	return t
}

// length reads the length of what follows and returns where that ends.
func (d *decoder) length() int {
	n := d.varint()
	if d.err == nil && n > uint64(d.end-d.pos) {
		d.malformed("%d bytes announced, %d left", n, d.end-d.pos)
	}
	if d.err != nil {
		return d.pos
	}
	return d.pos + int(n)
}

// message reads a nested message into x. index is -1 for a field that does not repeat; size is what
// the message takes in memory.
func (d *decoder) message(x decodable, field string, index, size int) {
	end := d.length()
	if d.err == nil && d.depth == 0 {
		d.fail(fmt.Errorf("%w: messages nested deeper than LoadOptions.MaxDepth", ErrLimit))
	}
	if d.err == nil && d.spend(size) {
		outer := d.end
		d.end = end
		d.depth--
		x.decode(d)
		d.depth++
		d.end = outer
	}
	if d.err != nil {
		if index >= 0 {
			field += "[" + strconv.Itoa(index) + "]"
		}
		if d.path != "" {
			field += "."
		}
		d.path = field + d.path
	}
}

// unknown appends the field that began at start, whose tag has been read, to kept.
func (d *decoder) unknown(kept []byte, start int) []byte {
	if d.err != nil {
		return kept
	}
	_, _, n := protowire.ConsumeField(d.buf[start:d.end])
	if n < 0 {
		d.malformed("%v", protowire.ParseError(n))
		return kept
	}
	d.pos = start + n
	if !d.spend(n) {
		return kept
	}
	return append(kept, d.buf[start:d.pos]...)
}

// getBytes returns a slice of the input: it copies nothing.
func (d *decoder) getBytes() []byte {
	end := d.length()
	b := d.buf[d.pos:end:end]
	d.pos = end
	return b
}

// longestName bounds the strings that are kept once for all their uses.
const longestName = 64

// nameCache holds strings that were read lately. A value's name comes in the node that makes it and
// in those that use it, an operator's in every one of its nodes.
type nameCache struct {
	seed  maphash.Seed
	names [1024]string
}

func newNameCache() *nameCache { return &nameCache{seed: maphash.MakeSeed()} }

// find returns the place of a string in the cache.
func (c *nameCache) find(b []byte) *string {
	return &c.names[maphash.Bytes(c.seed, b)%uint64(len(c.names))]
}

func (d *decoder) getString() string {
	b := d.getBytes()
	if len(b) == 0 || d.err != nil {
		return ""
	}
	if len(b) > longestName {
		d.spend(len(b))
		return string(b)
	}
	at := d.names.find(b)
	if *at != string(b) {
		d.spend(len(b))
		*at = string(b)
	}
	return *at
}

func (d *decoder) getInt64() int64   { return int64(d.varint()) }
func (d *decoder) getInt32() int32   { return int32(d.varint()) }
func (d *decoder) getUint64() uint64 { return d.varint() }

func (d *decoder) getFloat32() float32 {
	if d.err != nil {
		return 0
	}
	v, n := protowire.ConsumeFixed32(d.buf[d.pos:d.end])
	if n < 0 {
		d.malformed("%v", protowire.ParseError(n))
		return 0
	}
	d.pos += n
	return math.Float32frombits(v)
}

func (d *decoder) getFloat64() float64 {
	if d.err != nil {
		return 0
	}
	v, n := protowire.ConsumeFixed64(d.buf[d.pos:d.end])
	if n < 0 {
		d.malformed("%v", protowire.ParseError(n))
		return 0
	}
	d.pos += n
	return math.Float64frombits(v)
}

// The methods named element read one element of a list that is not packed.

func (d *decoder) elementString() string   { d.spend(16); return d.getString() }
func (d *decoder) elementBytes() []byte    { d.spend(24); return d.getBytes() }
func (d *decoder) elementInt64() int64     { d.spend(8); return d.getInt64() }
func (d *decoder) elementInt32() int32     { d.spend(4); return d.getInt32() }
func (d *decoder) elementUint64() uint64   { d.spend(8); return d.getUint64() }
func (d *decoder) elementFloat32() float32 { d.spend(4); return d.getFloat32() }
func (d *decoder) elementFloat64() float64 { d.spend(8); return d.getFloat64() }
