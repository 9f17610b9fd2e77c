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
	order, kind := byte('|'), h.descr
	if kind != "" && strings.IndexByte("<>|=", kind[0]) >= 0 {
		order, kind = kind[0], kind[1:]
	}
	if d, ok := npyTypes[kind]; ok {
		return readNPYNumbers(r, h, d, order, limit)
	}
	if strings.HasPrefix(kind, "U") || strings.HasPrefix(kind, "S") {
		return readNPYText(r, h, kind, order, limit)
	}
	if strings.HasPrefix(kind, "O") {
		return nil, 0, fmt.Errorf("%w: the array holds Python objects, which only Python can load, running what the file says", ErrMalformed)
	}
	return nil, 0, fmt.Errorf("%w: no tensor type for NumPy's %q", ErrMalformed, h.descr)
}

func readNPYNumbers(r io.Reader, h *npyHeader, d tensor.DType, order byte, limit int64) (tensor.Any, int64, error) {
	_, size, err := arrayBytes(h.shape, int64(d.Size()), limit)
	if err != nil {
		return nil, 0, err
	}
	mem, err := readExact(r, size)
	if err != nil {
		return nil, 0, err
	}
	if d == tensor.Bool {
		for _, b := range mem {
			if b > 1 {
				return nil, 0, fmt.Errorf("%w: a boolean of value %d", ErrMalformed, b)
			}
		}
	}
	if order == '>' && !bigEndian || order == '<' && bigEndian {
		word := d.Size()
		if d == tensor.Complex64 || d == tensor.Complex128 {
			word /= 2
		}
		swapWords(mem, word)
	}
	if h.fortran && len(h.shape) > 1 {
		out := aligned(size)
		fromFortran(h.shape, func(to, from int) {
			w := d.Size()
			copy(out[to*w:(to+1)*w], mem[from*w:(from+1)*w])
		})
		mem = out
	}
	t, err := tensor.View(d, h.shape, mem)
	return t, size, err
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

// readNPYText reads fixed-width text, padded by zeros: UTF-32 for U, bytes for S.
func readNPYText(r io.Reader, h *npyHeader, kind string, order byte, limit int64) (tensor.Any, int64, error) {
	chars, err := strconv.Atoi(kind[1:])
	if err != nil || chars < 0 || chars > 1<<28 {
		return nil, 0, fmt.Errorf("%w: no such NumPy type: %q", ErrMalformed, h.descr)
	}
	width := chars
	if kind[0] == 'U' {
		width *= 4
	}
	n, held, err := arrayBytes(h.shape, int64(width)+stringHeader, limit)
	if err != nil {
		return nil, 0, err
	}
	if width == 0 {
		// Nothing in the file vouches for so many strings.
		if n > 1<<20 {
			return nil, 0, fmt.Errorf("%w: %d empty strings", ErrLimit, n)
		}
	}
	mem, err := readExact(r, int64(n)*int64(width))
	if err != nil {
		return nil, 0, err
	}
	out := make([]string, n)
	for i := range out {
		cell := mem[i*width : (i+1)*width]
		if kind[0] == 'U' {
			if out[i], err = fromUTF32(cell, order == '>'); err != nil {
				return nil, 0, fmt.Errorf("%w: string %d: %w", ErrMalformed, i, err)
			}
			continue
		}
		out[i] = strings.TrimRight(string(cell), "\x00")
		if !utf8.ValidString(out[i]) {
			return nil, 0, fmt.Errorf("%w: string %d is not UTF-8: %s", ErrMalformed, i, quote(out[i]))
		}
	}
	if h.fortran && len(h.shape) > 1 {
		rows := make([]string, n)
		fromFortran(h.shape, func(to, from int) { rows[to] = out[from] })
		out = rows
	}
	t, err := tensor.New(out, h.shape...)
	return t, held, err
}

func fromUTF32(cell []byte, big bool) (string, error) {
	for len(cell) >= 4 && cell[len(cell)-1]|cell[len(cell)-2]|cell[len(cell)-3]|cell[len(cell)-4] == 0 {
		cell = cell[:len(cell)-4]
	}
	var b strings.Builder
	for ; len(cell) >= 4; cell = cell[4:] {
		v := binary.LittleEndian.Uint32(cell)
		if big {
			v = binary.BigEndian.Uint32(cell)
		}
		if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return "", fmt.Errorf("%#x is not a character", v)
		}
		b.WriteRune(rune(v))
	}
	return b.String(), nil
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
