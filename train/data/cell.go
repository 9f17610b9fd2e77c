package data

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A cell is how an array's file stores one element.
type cell struct {
	dtype tensor.DType
	size  int  // bytes in the file
	word  int  // bytes of the words whose order is to be turned round, 0 for none
	utf32 bool // of text: four bytes a character, not UTF-8
	big   bool // of UTF-32
}

// cell returns how an NPY file with that header stores its elements.
func (h *npyHeader) cell() (cell, error) {
	order, kind := byte('|'), h.descr
	if kind != "" && strings.IndexByte("<>|=", kind[0]) >= 0 {
		order, kind = kind[0], kind[1:]
	}
	if d, ok := npyTypes[kind]; ok {
		c := cell{dtype: d, size: d.Size()}
		if order == '>' && !bigEndian || order == '<' && bigEndian {
			c.word = d.Size()
			if d == tensor.Complex64 || d == tensor.Complex128 {
				c.word /= 2
			}
		}
		return c, nil
	}
	if strings.HasPrefix(kind, "U") || strings.HasPrefix(kind, "S") {
		chars, err := strconv.Atoi(kind[1:])
		if err != nil || chars < 0 || chars > 1<<28 {
			return cell{}, fmt.Errorf("%w: no such NumPy type: %q", ErrMalformed, h.descr)
		}
		c := cell{dtype: tensor.String, size: chars}
		if kind[0] == 'U' {
			c.size, c.utf32, c.big = 4*chars, true, order == '>'
		}
		return c, nil
	}
	if strings.HasPrefix(kind, "O") {
		return cell{}, fmt.Errorf("%w: the array holds Python objects, which only Python can load, running what the file says", ErrMalformed)
	}
	return cell{}, fmt.Errorf("%w: no tensor type for NumPy's %q", ErrMalformed, h.descr)
}

// held returns the bytes of memory that an element takes.
func (c cell) held() int64 {
	if c.dtype == tensor.String {
		return int64(c.size) + stringHeader
	}
	return int64(c.size)
}

// numbers makes stored numbers, in place, what this machine has in memory.
func (c cell) numbers(mem []byte) error {
	if c.dtype == tensor.Bool {
		for _, b := range mem {
			if b > 1 {
				return fmt.Errorf("%w: a boolean of value %d", ErrMalformed, b)
			}
		}
	}
	swapWords(mem, c.word)
	return nil
}

// text reads stored text, padded by zeros, into out. first is the number of the first one in messages.
func (c cell) text(out []string, mem []byte, first int) error {
	for i := range out {
		b := mem[i*c.size : (i+1)*c.size]
		if c.utf32 {
			var err error
			if out[i], err = fromUTF32(b, c.big); err != nil {
				return fmt.Errorf("%w: string %d: %w", ErrMalformed, first+i, err)
			}
			continue
		}
		out[i] = strings.TrimRight(string(b), "\x00")
		if !utf8.ValidString(out[i]) {
			return fmt.Errorf("%w: string %d is not UTF-8: %s", ErrMalformed, first+i, quote(out[i]))
		}
	}
	return nil
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
