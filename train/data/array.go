package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"unsafe"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ArrayOptions bound what the readers of arrays take. The zero value is fit for files from anywhere.
type ArrayOptions struct {
	MaxBytes int64 // of all elements in memory; 0 is 4 GiB
}

const defaultArrayBytes = 4 << 30

func (o ArrayOptions) limit() int64 {
	if o.MaxBytes <= 0 {
		return defaultArrayBytes
	}
	return o.MaxBytes
}

// stringHeader is what a Go string takes besides its text.
const stringHeader = int64(unsafe.Sizeof(""))

// arrayBytes returns the bytes that n elements of a size take, and an error where they are over the limit.
func arrayBytes(shape tensor.Shape, size int64, limit int64) (n int, bytes int64, err error) {
	n, ok := shape.Size()
	if !ok {
		return 0, 0, fmt.Errorf("%w: shape %v is too large", ErrMalformed, shape)
	}
	limit = min(limit, math.MaxInt)
	if size > 0 && int64(n) > limit/size {
		return 0, 0, fmt.Errorf("%w: shape %v takes more than %d bytes", ErrLimit, shape, limit)
	}
	return n, int64(n) * size, nil
}

// readExact returns the next n bytes, aligned for every element type. It never holds more than about twice of
// what has been read, whatever n promises.
func readExact(r io.Reader, n int64) ([]byte, error) {
	buf := aligned(min(n, 1<<20))
	for have := int64(0); ; {
		k, err := io.ReadFull(r, buf[have:])
		have += int64(k)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: the data ends after %d of %d bytes", ErrMalformed, have, n)
		}
		if err != nil {
			return nil, err
		}
		if have == n {
			return buf, nil
		}
		more := aligned(min(n, 2*have))
		copy(more, buf)
		buf = more
	}
}

// aligned returns zeroed memory that starts where any element may.
func aligned(n int64) []byte {
	if n == 0 {
		return []byte{}
	}
	words := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*8)[:n:n]
}

// atEnd reports an error where more data follows.
func atEnd(r io.Reader) error {
	var b [1]byte
	for range 100 { // readers that return nothing and no error
		n, err := r.Read(b[:])
		switch {
		case n > 0:
			return fmt.Errorf("%w: more data follows the array", ErrMalformed)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}

// swapWords turns the byte order of each word of the given size around.
func swapWords(mem []byte, size int) {
	switch size {
	case 2:
		for i := 0; i+2 <= len(mem); i += 2 {
			mem[i], mem[i+1] = mem[i+1], mem[i]
		}
	case 4:
		for i := 0; i+4 <= len(mem); i += 4 {
			binary.LittleEndian.PutUint32(mem[i:], binary.BigEndian.Uint32(mem[i:]))
		}
	case 8:
		for i := 0; i+8 <= len(mem); i += 8 {
			binary.LittleEndian.PutUint64(mem[i:], binary.BigEndian.Uint64(mem[i:]))
		}
	}
}

// bigEndian tells this machine's byte order.
var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1
