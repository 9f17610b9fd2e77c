package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// raw holds values as they are stored: numbers, or bytes one after the other.
type raw struct {
	ints   []int64   // booleans and integers
	floats []float64 // of both widths
	bytes  []byte
	ends   []int // of each value in bytes
}

// size is the number of values.
func (v *raw) size() int { return len(v.ints) + len(v.floats) + len(v.ends) }

// at returns the bytes of value i.
func (v *raw) at(i int) []byte {
	start := 0
	if i > 0 {
		start = v.ends[i-1]
	}
	return v.bytes[start:v.ends[i]]
}

// decode reads n values.
func (l *leaf) decode(encoding format.Encoding, b []byte, n int) (*raw, error) {
	switch {
	case n == 0:
		return &raw{}, nil
	case encoding == format.Plain:
		return l.plain(b, n)
	case encoding == format.RLE && l.physical == format.Boolean:
		if len(b) < 4 {
			return nil, errEnd
		}
		one, err := bits(b[4:min(len(b), 4+int(binary.LittleEndian.Uint32(b)))], n)
		out := &raw{ints: make([]int64, len(one))}
		for i, v := range one {
			out.ints[i] = int64(v)
		}
		return out, err
	case encoding == format.DeltaBinaryPacked && l.physical == format.Int32:
		v, _, err := deltas32(b, n)
		return &raw{ints: widened(v)}, err
	case encoding == format.DeltaBinaryPacked && l.physical == format.Int64:
		v, err := deltas64(b, n)
		return &raw{ints: v}, err
	case encoding == format.DeltaLengthByteArray && l.physical == format.ByteArray:
		lengths, used, err := deltas32(b, n)
		if err != nil {
			return nil, err
		}
		return split(lengths, b[used:])
	case encoding == format.DeltaByteArray && (l.physical == format.ByteArray || l.physical == format.FixedLenByteArray):
		return l.prefixed(b, n)
	case encoding == format.ByteStreamSplit && l.width() > 0:
		w := l.width()
		if len(b) != n*w {
			return nil, errEnd
		}
		joined := make([]byte, n*w)
		for i := range n {
			for k := range w {
				joined[i*w+k] = b[k*n+i]
			}
		}
		return l.plain(joined, n)
	}
	return nil, fmt.Errorf("encoding %v of %v is not supported", encoding, l.physical)
}

func widened(v []int32) []int64 {
	out := make([]int64, len(v))
	for i, x := range v {
		out[i] = int64(x)
	}
	return out
}

// width is the bytes of a stored value, 0 where they vary or are bits.
func (l *leaf) width() int {
	switch l.physical {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	case format.FixedLenByteArray:
		return l.length
	}
	return 0
}

func (l *leaf) plain(b []byte, n int) (*raw, error) {
	if l.physical == format.ByteArray {
		return plainBytes(b, n)
	}
	if w := l.width(); w > 0 && len(b)/w < n || w == 0 && len(b) < (n+7)/8 {
		return nil, errEnd
	}
	out := &raw{}
	switch l.physical {
	case format.Boolean:
		out.ints = make([]int64, n)
		for i := range out.ints {
			out.ints[i] = int64(b[i/8] >> (i % 8) & 1)
		}
	case format.Int32:
		out.ints = make([]int64, n)
		for i := range out.ints {
			out.ints[i] = int64(int32(binary.LittleEndian.Uint32(b[4*i:])))
		}
	case format.Int64:
		out.ints = make([]int64, n)
		for i := range out.ints {
			out.ints[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case format.Float:
		out.floats = make([]float64, n)
		for i := range out.floats {
			out.floats[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		}
	case format.Double:
		out.floats = make([]float64, n)
		for i := range out.floats {
			out.floats[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	default:
		w := l.width()
		out.bytes, out.ends = b[:n*w], make([]int, n)
		for i := range out.ends {
			out.ends[i] = (i + 1) * w
		}
	}
	return out, nil
}

// plainBytes reads values that each follow their length.
func plainBytes(b []byte, n int) (*raw, error) {
	if len(b)/4 < n {
		return nil, errEnd
	}
	out := &raw{bytes: make([]byte, 0, len(b)-4*n), ends: make([]int, n)}
	for i := range n {
		if len(b) < 4 {
			return nil, errEnd
		}
		size := int64(binary.LittleEndian.Uint32(b))
		if b = b[4:]; size > int64(len(b)) {
			return nil, errEnd
		}
		out.bytes = append(out.bytes, b[:size]...)
		out.ends[i] = len(out.bytes)
		b = b[size:]
	}
	return out, nil
}

// split cuts b into values.
func split(lengths []int32, b []byte) (*raw, error) {
	out := &raw{bytes: b, ends: make([]int, len(lengths))}
	at := 0
	for i, size := range lengths {
		if size < 0 || int(size) > len(b)-at {
			return nil, errEnd
		}
		at += int(size)
		out.ends[i] = at
	}
	return out, nil
}

// prefixed reads values that each start with some bytes of the one before.
func (l *leaf) prefixed(b []byte, n int) (*raw, error) {
	prefixes, used, err := deltas32(b, n)
	if err != nil {
		return nil, err
	}
	b = b[used:]
	lengths, used, err := deltas32(b, n)
	if err != nil {
		return nil, err
	}
	rest, err := split(lengths, b[used:])
	if err != nil {
		return nil, err
	}
	out := &raw{ends: make([]int, n)}
	last := 0 // where the value before starts
	for i, p := range prefixes {
		start := len(out.bytes)
		if p < 0 || int(p) > start-last {
			return nil, errors.New("a value starts with more bytes than the one before has")
		}
		if start+int(p)+int(lengths[i]) > maxPage {
			return nil, fmt.Errorf("the page's values take more than %d bytes", maxPage)
		}
		out.bytes = append(append(out.bytes, out.bytes[last:last+int(p)]...), rest.at(i)...)
		if l.physical == format.FixedLenByteArray && len(out.bytes)-start != l.length {
			return nil, fmt.Errorf("a value of %d bytes, where each has %d", len(out.bytes)-start, l.length)
		}
		out.ends[i], last = len(out.bytes), start
	}
	return out, nil
}
