// Package cases reads the archives of recorded cases below testdata, for tests.
package cases

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Archive is an open archive of cases; testdata/README.md describes it.
type Archive struct {
	zip   *zip.ReadCloser
	files map[string]*zip.File
	Cases []Case
}

// Case is an entry of the archive's index.
type Case struct {
	Name     string         `json:"name"`
	RTol     float64        `json:"rtol"`
	ATol     float64        `json:"atol"`
	Opsets   map[string]int `json:"opsets"`
	Ops      []string       `json:"ops"`
	Datasets int            `json:"datasets"`
	Kind     string         `json:"kind"`
	Inputs   string         `json:"inputs"` // "ramp": see testdata/README.md
	Op       string         `json:"op"`
	Compare  string         `json:"compare"` // "type": the values are random
	Oracle   string         `json:"oracle"`
	archive  *Archive
}

// Open reads an archive's index.
func Open(file string) (*Archive, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	a := &Archive{zip: z, files: map[string]*zip.File{}}
	for _, f := range z.File {
		a.files[f.Name] = f
	}
	b, err := a.read("index.json")
	if err != nil {
		return nil, err
	}
	var index struct{ Cases []Case }
	if err := json.Unmarshal(b, &index); err != nil {
		return nil, err
	}
	a.Cases = index.Cases
	for i := range a.Cases {
		a.Cases[i].archive = a
	}
	return a, nil
}

// Close closes the archive.
func (a *Archive) Close() error { return a.zip.Close() }

func (a *Archive) read(name string) ([]byte, error) {
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("no file %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Model returns the case's model.
func (c *Case) Model() (*onnxio.Model, error) {
	b, err := c.archive.read(path.Join(c.Name, "model.onnx"))
	if err != nil {
		return nil, err
	}
	return onnxio.LoadBytes(b)
}

// ErrNotTensor is returned for values that are sequences, maps or optionals.
var ErrNotTensor = fmt.Errorf("not a tensor")

// Value returns recorded value k of a data set; side is input or output. It is nil where none was recorded.
func (c *Case) Value(set int, side string, k int, t *onnxio.Type) (tensor.Any, error) {
	name := path.Join(c.Name, fmt.Sprintf("test_data_set_%d", set), fmt.Sprintf("%s_%d.pb", side, k))
	if c.archive.files[name] == nil {
		return nil, nil
	}
	if t != nil && t.TensorType == nil {
		return nil, ErrNotTensor
	}
	b, err := c.archive.read(name)
	if err != nil {
		return nil, err
	}
	p, err := onnxio.DecodeTensor(b)
	if err != nil {
		return nil, err
	}
	return p.Value()
}

// Ramp returns the input of the light models: element i of n is i/n.
func Ramp(shape ...int) tensor.Any {
	t := tensor.Zeros[float32](shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(float64(i) / float64(t.Len()))
	}
	return t
}
