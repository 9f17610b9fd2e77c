package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// idxTypes are the element types of the IDX format, by the third byte of the file.
var idxTypes = map[byte]tensor.DType{
	0x08: tensor.Uint8, 0x09: tensor.Int8, 0x0b: tensor.Int16, 0x0c: tensor.Int32, 0x0d: tensor.Float32, 0x0e: tensor.Float64,
}

// ReadIDX reads an array in the format of MNIST's and Fashion-MNIST's files: two zero bytes, the element type,
// the number of dimensions, the dimensions and the elements, all big-endian. The data may be compressed by gzip.
// Data after the array is an error.
func ReadIDX(r io.Reader, opts ArrayOptions) (tensor.Any, error) {
	r, err := gunzip(r)
	if err != nil {
		return nil, err
	}
	c, shape, err := readIDXHeader(r)
	if err != nil {
		return nil, err
	}
	_, size, err := arrayBytes(shape, c.held(), opts.limit())
	if err != nil {
		return nil, fmt.Errorf("IDX: %w", err)
	}
	mem, err := readExact(r, size)
	if err != nil {
		return nil, fmt.Errorf("IDX: %w", err)
	}
	if err := atEnd(r); err != nil {
		return nil, fmt.Errorf("IDX: %w", err)
	}
	return c.tensor(shape, mem, false)
}

// readIDXHeader reads the type and the shape.
func readIDXHeader(r io.Reader) (cell, tensor.Shape, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return cell{}, nil, truncated("IDX header", err)
	}
	d, ok := idxTypes[head[2]]
	if head[0] != 0 || head[1] != 0 || !ok {
		return cell{}, nil, fmt.Errorf("%w: not an IDX file: it starts with % x", ErrMalformed, head)
	}
	shape := make(tensor.Shape, head[3])
	for i := range shape {
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return cell{}, nil, truncated("IDX header", err)
		}
		v := binary.BigEndian.Uint32(b[:])
		if v > 1<<31-1 {
			return cell{}, nil, fmt.Errorf("%w: IDX: dimension %d is %d", ErrMalformed, i, v)
		}
		shape[i] = int(v)
	}
	c := cell{dtype: d, size: d.Size()}
	if !bigEndian {
		c.word = d.Size()
	}
	return c, shape, nil
}

func truncated(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the file ends in the %s", ErrMalformed, what)
	}
	return err
}

// LoadIDX is [ReadIDX] for a file.
func LoadIDX(path string, opts ArrayOptions) (tensor.Any, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ReadIDX(f, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// WriteIDX writes a tensor of one of the types that [ReadIDX] knows.
func WriteIDX(w io.Writer, t tensor.Any) error {
	head := []byte{0, 0, 0, byte(t.Shape().Rank())}
	for code, d := range idxTypes {
		if d == t.DType() {
			head[2] = code
		}
	}
	if head[2] == 0 || t.Shape().Rank() > 255 {
		return fmt.Errorf("data: IDX cannot hold %s", describe(t))
	}
	for _, d := range t.Shape() {
		if int64(d) > 1<<31-1 {
			return fmt.Errorf("data: IDX cannot hold %s", describe(t))
		}
		head = binary.BigEndian.AppendUint32(head, uint32(d))
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	mem := append([]byte(nil), tensor.Bytes(t)...)
	if !bigEndian {
		swapWords(mem, t.DType().Size())
	}
	_, err := w.Write(mem)
	return err
}
