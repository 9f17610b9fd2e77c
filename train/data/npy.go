package data

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// npyTypes are NumPy's type strings without the byte order. Types that NumPy lacks (bf16, 8- and 4-bit floats)
// come as bytes or through ml_dtypes as 'V' types, which do not say what they are.
var npyTypes = map[string]tensor.DType{
	"b1": tensor.Bool, "i1": tensor.Int8, "i2": tensor.Int16, "i4": tensor.Int32, "i8": tensor.Int64,
	"u1": tensor.Uint8, "u2": tensor.Uint16, "u4": tensor.Uint32, "u8": tensor.Uint64,
	"f2": tensor.Float16, "f4": tensor.Float32, "f8": tensor.Float64, "c8": tensor.Complex64, "c16": tensor.Complex128,
}

// ReadNPY reads an array as NumPy's save writes it: booleans, integers, floats, complex numbers, text ('U' as
// strings, 'S' as strings, which must be UTF-8), either byte order, rows or columns first, format version 1 to
// 3. Python objects, dates and records are an error: the first would run code, the others have no tensor type.
// Data after the array is an error too.
func ReadNPY(r io.Reader, opts ArrayOptions) (tensor.Any, error) {
	t, _, err := readNPY(r, opts.limit())
	if err != nil {
		return nil, err
	}
	return t, atEnd(r)
}

// LoadNPY is [ReadNPY] for a file, which may be compressed by gzip.
func LoadNPY(path string, opts ArrayOptions) (tensor.Any, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ReadNPY(f, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// readNPY also returns the bytes of memory that the array takes.
func readNPY(r io.Reader, limit int64) (tensor.Any, int64, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, 0, err
	}
	c, err := h.cell()
	if err != nil {
		return nil, 0, err
	}
	n, held, err := arrayBytes(h.shape, c.held(), limit)
	if err != nil {
		return nil, 0, err
	}
	if c.size == 0 && n > 1<<20 { // nothing in the file vouches for so many strings
		return nil, 0, fmt.Errorf("%w: %d empty strings", ErrLimit, n)
	}
	mem, err := readExact(r, int64(n)*int64(c.size))
	if err != nil {
		return nil, 0, err
	}
	t, err := c.tensor(h.shape, mem, h.fortran && len(h.shape) > 1)
	return t, held, err
}

// tensor returns an array over its stored elements, of which it takes the memory; fortran says that the first
// dimension runs fastest.
func (c cell) tensor(shape tensor.Shape, mem []byte, fortran bool) (tensor.Any, error) {
	if c.dtype == tensor.String {
		out := make([]string, shape.Len())
		if err := c.text(out, mem, 0); err != nil {
			return nil, err
		}
		if fortran {
			rows := make([]string, len(out))
			fromFortran(shape, func(to, from int) { rows[to] = out[from] })
			out = rows
		}
		return tensor.New(out, shape...)
	}
	if err := c.numbers(mem); err != nil {
		return nil, err
	}
	if fortran {
		out := aligned(int64(len(mem)))
		fromFortran(shape, func(to, from int) { copy(out[to*c.size:(to+1)*c.size], mem[from*c.size:]) })
		mem = out
	}
	return tensor.View(c.dtype, shape, mem)
}

// fromFortran calls move with the row-major and the column-major position of every element.
func fromFortran(shape tensor.Shape, move func(to, from int)) {
	n := shape.Len()
	strides := make([]int, len(shape))
	s := 1
	for i, d := range shape {
		strides[i] = s
		s *= d
	}
	index := make([]int, len(shape))
	from := 0
	for to := range n {
		move(to, from)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			from += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= index[axis] * strides[axis]
			index[axis] = 0
		}
	}
}

// WriteNPY writes a tensor as NumPy's load reads it, format version 1. Strings become 'U' of the longest one's
// width; types that NumPy lacks are an error.
func WriteNPY(w io.Writer, t tensor.Any) error {
	descr, width := "", 0
	if t.DType() == tensor.String {
		for _, s := range tensor.Data[string](t) {
			if strings.HasSuffix(s, "\x00") {
				return fmt.Errorf("data: NPY cannot hold %s: it drops zeros at a string's end", quote(s))
			}
			width = max(width, utf8.RuneCountInString(s))
		}
		descr = "<U" + strconv.Itoa(max(1, width))
	} else {
		for name, d := range npyTypes {
			if d == t.DType() {
				descr = "<" + name
			}
		}
		if descr == "" {
			return fmt.Errorf("data: NumPy has no type for %v", t.DType())
		}
		if t.DType().Size() == 1 {
			descr = "|" + descr[1:]
		}
	}
	if _, err := w.Write(npyHead(descr, t.Shape())); err != nil {
		return err
	}
	if t.DType() == tensor.String {
		return writeUTF32(w, tensor.Data[string](t), max(1, width))
	}
	mem := tensor.Bytes(t)
	if bigEndian {
		mem = append([]byte(nil), mem...)
		word := t.DType().Size()
		if t.DType() == tensor.Complex64 || t.DType() == tensor.Complex128 {
			word /= 2
		}
		swapWords(mem, word)
	}
	_, err := w.Write(mem)
	return err
}

// npyHead returns magic, version and header, filled up by spaces to a multiple of 64 bytes.
func npyHead(descr string, shape tensor.Shape) []byte {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	tuple := strings.Join(dims, ", ")
	if len(dims) == 1 {
		tuple += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	size := (10+len(text)+1+63)/64*64 - 10
	head := append(npyMagic[:len(npyMagic):len(npyMagic)], 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(size))
	head = append(head, text...)
	for len(head) < 10+size-1 {
		head = append(head, ' ')
	}
	return append(head, '\n')
}

func writeUTF32(w io.Writer, values []string, width int) error {
	bw := bufio.NewWriter(w)
	var b [4]byte
	for _, s := range values {
		n := 0
		for _, r := range s {
			binary.LittleEndian.PutUint32(b[:], uint32(r))
			bw.Write(b[:])
			n++
		}
		clear(b[:])
		for ; n < width; n++ {
			bw.Write(b[:])
		}
	}
	return bw.Flush()
}
