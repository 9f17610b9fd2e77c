package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

var errEnd = errors.New("the page ends before its values do")

// runs decodes n numbers of width bits, stored as runs and packed groups of 8. The library takes the length of a run
// from the file, so all are checked first.
func runs(b []byte, width, n int) ([]int32, error) {
	if width > 32 {
		return nil, fmt.Errorf("numbers of %d bits", width)
	}
	if width == 0 || n == 0 {
		return make([]int32, n), nil
	}
	used, err := checkRuns(b, width, n)
	if err != nil {
		return nil, err
	}
	out, err := (&rle.Encoding{BitWidth: width}).DecodeInt32(make([]int32, 0, n+8), b[:used])
	if err != nil {
		return nil, err
	}
	if len(out) < n {
		return nil, errEnd
	}
	return out[:n], nil
}

// bits is runs for numbers of one bit.
func bits(b []byte, n int) ([]byte, error) {
	used, err := checkRuns(b, 1, n)
	if err != nil {
		return nil, err
	}
	out, err := (&rle.Encoding{BitWidth: 1}).DecodeLevels(make([]byte, 0, n+8), b[:used])
	if err != nil {
		return nil, err
	}
	if len(out) < n {
		return nil, errEnd
	}
	return out[:n], nil
}

// checkRuns returns how many bytes the runs of n numbers take. The last group may hold up to 7 more.
func checkRuns(b []byte, width, n int) (int, error) {
	at, total := 0, uint64(0)
	for total < uint64(n) {
		head, size := binary.Uvarint(b[at:])
		if size <= 0 {
			return 0, errEnd
		}
		at += size
		count, bytes := head>>1, uint64(width+7)/8
		if head&1 == 1 {
			bytes = count * uint64(width)
			count *= 8
		}
		if count == 0 || count > uint64(n)-total+7 {
			return 0, fmt.Errorf("a run of %d values, where %d are left", count, uint64(n)-total)
		}
		if bytes > uint64(len(b)-at) {
			return 0, errEnd
		}
		at += int(bytes)
		total += count
	}
	return at, nil
}

// deltas32 decodes n numbers stored as differences, and returns how many bytes they took.
func deltas32(b []byte, n int) ([]int32, int, error) {
	used, err := checkDeltas(b, n, 32)
	if err != nil || n == 0 {
		return nil, used, err
	}
	out, err := new(delta.BinaryPackedEncoding).DecodeInt32(nil, b[:used])
	if err == nil && len(out) != n {
		err = errEnd
	}
	return out, used, err
}

// deltas64 is deltas32 for 64 bits.
func deltas64(b []byte, n int) ([]int64, error) {
	used, err := checkDeltas(b, n, 64)
	if err != nil || n == 0 {
		return nil, err
	}
	out, err := new(delta.BinaryPackedEncoding).DecodeInt64(nil, b[:used])
	if err == nil && len(out) != n {
		err = errEnd
	}
	return out, err
}

// deltaBlock is the most values of a block of differences; writers use 128.
const deltaBlock = 1 << 16

// checkDeltas returns how many bytes n numbers of up to width bits take.
func checkDeltas(b []byte, n, width int) (int, error) {
	w := thriftWalk{b: b} // the numbers are of the same form
	var head [4]uint64    // values in a block, parts of a block, values, the first value
	for i := range head {
		var err error
		if head[i], err = w.uvarint(); err != nil {
			return 0, errEnd
		}
	}
	block, parts, total := head[0], head[1], head[2]
	switch {
	case block == 0 || block > deltaBlock || block%128 != 0 || parts == 0 || block%parts != 0 || block/parts%32 != 0:
		return 0, fmt.Errorf("blocks of %d differences in %d parts", block, parts)
	case total != uint64(n):
		return 0, fmt.Errorf("%d values, where there are %d", total, n)
	}
	if first := int64(head[3]>>1) ^ -int64(head[3]&1); width == 32 && (first < math.MinInt32 || first > math.MaxInt32) {
		return 0, fmt.Errorf("%d is no number of 32 bits", first)
	}
	part := int(block / parts)
	for left := n - 1; left > 0; {
		if _, err := w.uvarint(); err != nil || w.skip(parts) != nil {
			return 0, errEnd
		}
		for _, bits := range b[w.at-int(parts) : w.at] {
			if left <= 0 {
				break // no part without a value is stored
			}
			if int(bits) > width {
				return 0, fmt.Errorf("differences of %d bits", bits)
			}
			if w.skip(uint64(part*int(bits)/8)) != nil {
				return 0, errEnd
			}
			left -= part
		}
	}
	return w.at, nil
}
