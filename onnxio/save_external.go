package onnxio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// defaultThreshold is the size from which onnx's own tools put a tensor into another file.
const defaultThreshold = 1024

// pageSize is what ONNX asks offsets to be multiples of, so that a tensor can be mapped.
const pageSize = 4096

// savePlan is what Save writes in place of some tensors.
type savePlan struct {
	swap map[*Tensor]*Tensor
	side []sideTensor
	end  int64 // of the side file
}

type sideTensor struct {
	t      *Tensor
	offset int64
	size   int64
}

func planSave(path string, m *Model, o SaveOptions) (*savePlan, error) {
	p := &savePlan{swap: map[*Tensor]*Tensor{}}
	if o.Embed && o.ExternalData != "" {
		return nil, errors.New("SaveOptions: Embed and ExternalData exclude each other")
	}
	if o.ExternalData != "" {
		if err := checkSide(path, o.ExternalData); err != nil {
			return nil, err
		}
	}
	threshold := int64(o.Threshold)
	if threshold <= 0 {
		threshold = defaultThreshold
	}
	var err error
	w := walker{tensor: func(t *Tensor, initializer bool) bool {
		if p.swap[t] == nil {
			err = p.add(path, t, o, initializer, threshold)
		}
		return err == nil
	}}
	w.model(m)
	return p, err
}

func checkSide(path, name string) error {
	if err := checkLocation(name); err != nil {
		return fmt.Errorf("external data %q: %w", name, err)
	}
	if filepath.Base(name) != name || name == filepath.Base(path) {
		return fmt.Errorf("external data %q: %w: it must be another file in the model's folder", name, ErrPath)
	}
	info, err := os.Lstat(filepath.Join(filepath.Dir(path), name))
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("external data %q: %w: what is there now is no regular file", name, ErrPath)
	}
	return nil
}

// add decides how one tensor is written.
func (p *savePlan) add(path string, t *Tensor, o SaveOptions, initializer bool, threshold int64) error {
	external := t.DataLocation == DataLocationExternal
	switch {
	case external && o.Embed:
		raw, err := t.rawBytes()
		if err != nil {
			return err
		}
		p.swap[t] = t.with(func(c *Tensor) { c.RawData = raw })
		return nil
	case o.ExternalData != "" && (initializer || external) && t.DType() != tensor.String:
		size, err := t.byteSize()
		if err != nil {
			return err
		}
		if size >= threshold || external {
			p.place(t, size, o.ExternalData)
			return nil
		}
	}
	if external && (t.source == nil || !sameFolder(t.source.dir, filepath.Dir(path))) {
		return fmt.Errorf("tensor %q has its elements in a file beside the model that was loaded: set SaveOptions.Embed or ExternalData", t.Name)
	}
	return nil
}

// place gives a tensor its range of the side file.
func (p *savePlan) place(t *Tensor, size int64, name string) {
	at := (p.end + pageSize - 1) / pageSize * pageSize
	p.end = at + size
	p.side = append(p.side, sideTensor{t, at, size})
	p.swap[t] = t.with(func(c *Tensor) {
		c.DataLocation = DataLocationExternal
		c.ExternalData = []*StringStringEntry{
			{Key: "location", Value: name},
			{Key: "offset", Value: strconv.FormatInt(at, 10)},
			{Key: "length", Value: strconv.FormatInt(size, 10)},
		}
	})
}

// with returns a copy of the tensor without elements, changed by set.
func (m *Tensor) with(set func(*Tensor)) *Tensor {
	c := *m
	c.RawData, c.ExternalData = nil, nil
	c.FloatData, c.Int32Data, c.StringData, c.Int64Data, c.DoubleData, c.Uint64Data = nil, nil, nil, nil, nil, nil
	c.DataLocation, c.has = DataLocationDefault, c.has&^hasDataLocation
	set(&c)
	return &c
}

// hasDataLocation is the presence of DataLocation, the fourth of the scalar fields that have a bit:
// data_type, name, doc_string, data_location. TestPresenceBits holds it against the schema.
const hasDataLocation presence = 1 << 3

// byteSize returns the bytes that the elements take in RawData.
func (m *Tensor) byteSize() (int64, error) {
	shape, err := m.Shape()
	if err != nil {
		return 0, err
	}
	d := m.DType()
	if d == tensor.Undefined || tooMany(d, shape.Len()) {
		return 0, m.errorf("%d elements of type %d cannot be saved", shape.Len(), m.DataType)
	}
	return int64(RawSize(d, shape.Len())), nil
}

// rawBytes returns the elements in the form of RawData.
func (m *Tensor) rawBytes() ([]byte, error) {
	if m.DataLocation == DataLocationExternal {
		shape, err := m.Shape()
		if err != nil {
			return nil, err
		}
		return m.external(m.DType(), shape.Len())
	}
	if len(m.RawData) > 0 {
		return m.RawData, nil
	}
	v, err := m.Value()
	if err != nil {
		return nil, err
	}
	return FromTensor("", v).RawData, nil
}

// writeSide writes the side file.
func (p *savePlan) writeSide(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		var zeros [pageSize]byte
		at := int64(0)
		for _, s := range p.side {
			if _, err := w.Write(zeros[:s.offset-at]); err != nil {
				return err
			}
			raw, err := s.t.rawBytes()
			if err != nil {
				return err
			}
			if int64(len(raw)) != s.size {
				return s.t.errorf("%d bytes of elements, its shape needs %d", len(raw), s.size)
			}
			if _, err := w.Write(raw); err != nil {
				return err
			}
			at = s.offset + s.size
		}
		return nil
	})
}
