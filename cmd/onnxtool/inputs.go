package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/verify"
	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
)

// readInputs reads NAME=FILE pairs as the inputs that a model describes.
func readInputs(want []infer.ValueInfo, given *pairs) (map[string]tensor.Any, error) {
	feed := map[string]tensor.Any{}
	for _, name := range given.names {
		info, err := infoNamed(want, name)
		if err != nil {
			return nil, err
		}
		if feed[name], err = readInput(info, given.values[name]); err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
	}
	return feed, nil
}

func infoNamed(want []infer.ValueInfo, name string) (infer.ValueInfo, error) {
	var names []string
	for _, v := range want {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return infer.ValueInfo{}, usagef("the model has no input %q%s; it has %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
}

// readInput reads a file as one input, by the file's extension.
func readInput(v infer.ValueInfo, path string) (tensor.Any, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npy":
		t, err := data.LoadNPY(path, data.ArrayOptions{})
		if err != nil {
			return nil, err
		}
		return sameBits(t, v.DType), nil
	case ".npz":
		return readFromNPZ(v, path)
	case ".pb":
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t, err := verify.ReadTensor(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return t, nil
	case ".json":
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t, err := tensorFromJSON(bytes.NewReader(b), v.DType)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return t, nil
	case ".csv", ".parquet":
		return readMatrix(v, path)
	case ".png", ".jpg", ".jpeg":
		return readImage(v, path)
	default:
		return nil, usagef("%s: what %q files hold is not known: use .npy, .npz, .pb, .json, .csv, .png or .jpg", path, ext)
	}
}

// readFromNPZ takes the array of the input's name, or the only one.
func readFromNPZ(v infer.ValueInfo, path string) (tensor.Any, error) {
	arrays, err := data.LoadNPZ(path, data.ArrayOptions{})
	if err != nil {
		return nil, err
	}
	t := arrays[v.Name]
	if t == nil && len(arrays) == 1 {
		for _, t = range arrays {
		}
	}
	if t == nil {
		return nil, fmt.Errorf("%s: it holds no array %s", path, v.Name)
	}
	return sameBits(t, v.DType), nil
}

// sameBits reads the types that NumPy lacks from arrays of integers of the same width, which is how
// programs save them.
func sameBits(t tensor.Any, d tensor.DType) tensor.Any {
	carrier := map[tensor.DType]bool{tensor.Uint8: true, tensor.Int8: true, tensor.Uint16: true, tensor.Int16: true}
	bare := d == tensor.BFloat16 || d.Bits() <= 8 && d.IsFloat() || d.IsInt() && d.Bits() < 8
	if !bare || !carrier[t.DType()] || t.DType().Size() != d.Size() {
		return t
	}
	view, err := tensor.View(d, t.Shape(), tensor.Bytes(t))
	if err != nil {
		return t
	}
	return view
}

// readMatrix reads a table of values without names: [rows, columns], or [rows] for an input of one
// dimension. A first line that is no row of values is a header.
func readMatrix(v infer.ValueInfo, path string) (tensor.Any, error) {
	t, err := tablefile.Load(path, data.CSVOptions{NoHeader: true})
	if err == nil && hasHeader(t, v.DType) {
		t, err = tablefile.Load(path, data.CSVOptions{})
	}
	if err != nil {
		return nil, err
	}
	x, err := t.Tensor(v.DType)
	if err != nil {
		return nil, err
	}
	if v.Ranked && len(v.Shape) == 1 && x.Shape()[1] == 1 {
		return tensor.WithShape(x, tensor.Shape{x.Shape()[0]})
	}
	return x, nil
}

// hasHeader reports whether a table that is to hold numbers begins with text.
func hasHeader(t *data.Table, d tensor.DType) bool {
	if d == tensor.String || t.Rows() == 0 {
		return false
	}
	for _, c := range t.Columns() {
		if c.Kind() == data.String {
			return true
		}
	}
	return false
}

// readSet reads a folder of recorded inputs, input_0.pb and so on.
func readSet(dir string, m *onnxio.Model) (map[string]tensor.Any, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	in, _, err := verify.LoadSet(dir, m)
	if err != nil {
		return nil, err
	}
	if len(in) == 0 && len(m.Graph.Input) > 0 {
		return nil, fmt.Errorf("%s: no input_0.pb in it", dir)
	}
	return in, nil
}
