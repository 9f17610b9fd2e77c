package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// npyHeader is what an NPY file says about its array.
type npyHeader struct {
	descr   string
	fortran bool
	shape   tensor.Shape
}

var npyMagic = []byte("\x93NUMPY")

const (
	maxNPYHeader = 1 << 16
	maxNPYRank   = 64 // NumPy's own bound since 2.0
)

// readNPYHeader reads magic, version and the header, a Python dictionary (numpy/lib/format.py).
func readNPYHeader(r io.Reader) (*npyHeader, error) {
	var start [10]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: the file is too short for an NPY header", ErrMalformed)
		}
		return nil, err
	}
	if !bytes.Equal(start[:6], npyMagic) {
		return nil, fmt.Errorf("%w: not an NPY file: it starts with %q", ErrMalformed, start[:6])
	}
	size := int64(binary.LittleEndian.Uint16(start[8:]))
	switch major := start[6]; major {
	case 1:
	case 2, 3:
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return nil, fmt.Errorf("%w: NPY header: %w", ErrMalformed, err)
		}
		size |= int64(binary.LittleEndian.Uint16(more[:])) << 16
	default:
		return nil, fmt.Errorf("%w: NPY version %d.%d; known are 1, 2 and 3", ErrMalformed, major, start[7])
	}
	if size > maxNPYHeader {
		return nil, fmt.Errorf("%w: an NPY header of %d bytes, %d allowed", ErrLimit, size, maxNPYHeader)
	}
	text, err := readExact(r, size)
	if err != nil {
		return nil, fmt.Errorf("NPY header: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: the NPY header is not text", ErrMalformed)
	}
	h, err := parseNPYHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: NPY header %s: %w", ErrMalformed, quote(strings.TrimSpace(string(text))), err)
	}
	return h, nil
}

// parseNPYHeader reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } with the keys in any order.
func parseNPYHeader(text string) (*npyHeader, error) {
	p := &literal{rest: text}
	h := &npyHeader{}
	seen := map[string]bool{}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	for !p.accept("}") {
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("%q comes twice", key)
		}
		seen[key] = true
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		switch key {
		case "descr":
			h.descr, err = p.str()
		case "fortran_order":
			h.fortran, err = p.boolean()
		case "shape":
			h.shape, err = p.shape()
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			return nil, err
		}
		if !p.accept(",") {
			if err := p.expect("}"); err != nil {
				return nil, err
			}
			break
		}
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("%s follows it", quote(p.rest))
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return nil, fmt.Errorf("no %q", key)
		}
	}
	return h, nil
}

// literal reads the few forms of Python literals that NumPy writes.
type literal struct{ rest string }

func (p *literal) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

func (p *literal) accept(token string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literal) expect(token string) error {
	if !p.accept(token) {
		return fmt.Errorf("want %q at %s", token, quote(p.rest))
	}
	return nil
}

func (p *literal) str() (string, error) {
	p.skip()
	if p.rest == "" || p.rest[0] != '\'' && p.rest[0] != '"' {
		return "", fmt.Errorf("want a string at %s (arrays of records are not read)", quote(p.rest))
	}
	end := strings.IndexByte(p.rest[1:], p.rest[0])
	if end < 0 || strings.Contains(p.rest[1:1+end], "\\") {
		return "", fmt.Errorf("want a plain string at %s", quote(p.rest))
	}
	s := p.rest[1 : 1+end]
	p.rest = p.rest[2+end:]
	return s, nil
}

func (p *literal) boolean() (bool, error) {
	if p.accept("True") {
		return true, nil
	}
	return false, p.expect("False")
}

func (p *literal) shape() (tensor.Shape, error) {
	shape := tensor.Shape{}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for !p.accept(")") {
		p.skip()
		n := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		d, err := strconv.ParseInt(p.rest[:n], 10, strconv.IntSize)
		if err != nil {
			return nil, fmt.Errorf("want a dimension at %s", quote(p.rest))
		}
		p.rest = strings.TrimPrefix(p.rest[n:], "L") // Python 2 wrote long integers so
		shape = append(shape, int(d))
		if len(shape) > maxNPYRank {
			return nil, fmt.Errorf("more than %d dimensions", maxNPYRank)
		}
		if !p.accept(",") {
			return shape, p.expect(")")
		}
	}
	return shape, nil
}
