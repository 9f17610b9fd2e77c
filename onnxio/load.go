package onnxio

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// LoadOptions bounds what reading a model may take. The zero value has limits that suit every
// honest model.
type LoadOptions struct {
	// MaxBytes is the size of the largest file that is read; 0 is no limit.
	// The file is mapped, so a large one costs address space rather than memory.
	MaxBytes int64
	// MaxMemory bounds the memory for everything but the bytes of tensors, which stay in the file.
	// 0 means 256 MiB and eight times the length of the input.
	MaxMemory int64
	// MaxDepth bounds how deeply messages are nested; a subgraph takes three levels. 0 means 100,
	// the bound of other protocol buffer readers.
	MaxDepth int
	// Dir is the folder of external data for LoadBytes and ParseText, which know none. Load takes
	// the model's own.
	Dir string
}

const (
	defaultMemory = 256 << 20
	defaultDepth  = 100
)

// Load reads a model from a file. External data stays where it is until it is asked for.
// It is LoadOptions{}.Load.
func Load(path string) (*Model, error) { return LoadOptions{}.Load(path) }

// LoadBytes reads a model from memory, which it keeps and the caller must not change.
// It is LoadOptions{}.LoadBytes.
func LoadBytes(b []byte) (*Model, error) { return LoadOptions{}.LoadBytes(b) }

// Load reads a model from a file. The caller closes the model when it needs neither the model nor
// its tensors any more.
func (o LoadOptions) Load(path string) (*Model, error) {
	src := &source{dir: filepath.Dir(path)}
	b, err := o.read(src, path)
	if err == nil {
		var m *Model
		if m, err = o.decode(src, b); err == nil {
			return m, nil
		}
	}
	src.close()
	return nil, fmt.Errorf("load %s: %w", path, err)
}

// LoadBytes reads a model from memory, which it keeps and the caller must not change.
func (o LoadOptions) LoadBytes(b []byte) (*Model, error) {
	m, err := o.decode(&source{dir: o.Dir}, b)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	return m, nil
}

// mapFrom is the size from which a file is mapped rather than read.
const mapFrom = 256 << 10

func (o LoadOptions) read(src *source, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file")
	}
	size := info.Size()
	if o.MaxBytes > 0 && size > o.MaxBytes {
		return nil, fmt.Errorf("%w: the file has %d bytes, LoadOptions.MaxBytes is %d", ErrLimit, size, o.MaxBytes)
	}
	return src.contents(f, size)
}

// contents returns the first size bytes of a file: mapped where that pays, read otherwise.
func (s *source) contents(f *os.File, size int64) ([]byte, error) {
	if int64(int(size)) != size {
		return nil, fmt.Errorf("%w: %d bytes do not fit into this machine's memory", ErrLimit, size)
	}
	if size >= mapFrom && canMap {
		if b, err := mapFile(f, int(size)); err == nil {
			s.keep(b)
			return b, nil
		}
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %d bytes: %w", size, err)
	}
	return b, nil
}

// DecodeTensor reads a tensor's own message, the form of recorded inputs and outputs (input_0.pb).
// The tensor keeps b, which the caller must not change.
func DecodeTensor(b []byte) (*Tensor, error) {
	m := &Tensor{}
	return m, decodeInto(m, "tensor", b)
}

// DecodeSequence reads a sequence's own message, the form of recorded inputs and outputs.
// The sequence keeps b, which the caller must not change.
func DecodeSequence(b []byte) (*Sequence, error) {
	m := &Sequence{}
	return m, decodeInto(m, "sequence", b)
}

// DecodeOptional reads an optional's own message, the form of recorded inputs and outputs.
// The optional keeps b, which the caller must not change.
func DecodeOptional(b []byte) (*Optional, error) {
	m := &Optional{}
	return m, decodeInto(m, "optional", b)
}

func decodeInto(m decodable, what string, b []byte) error {
	d := LoadOptions{}.decoder(&source{}, b)
	m.decode(d)
	if err := d.failure(); err != nil {
		return fmt.Errorf("decode %s: %w", what, err)
	}
	return nil
}

func (o LoadOptions) decoder(src *source, b []byte) *decoder {
	d := &decoder{buf: b, end: len(b), depth: o.MaxDepth, names: newNameCache(), source: src}
	if d.depth == 0 {
		d.depth = defaultDepth
	}
	memory := o.MaxMemory
	if memory == 0 {
		memory = defaultMemory + 8*int64(len(b))
	}
	d.budget = int(min(memory, int64(^uint(0)>>1)))
	return d
}

func (o LoadOptions) decode(src *source, b []byte) (*Model, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrMalformed)
	}
	d := o.decoder(src, b)
	m := &Model{}
	m.decode(d)
	if err := d.failure(); err != nil {
		return nil, err
	}
	return m, nil
}
