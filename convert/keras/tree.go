package keras

import (
	"errors"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tree is a group of a .keras archive's weights. The error for what is not there is hdf5.ErrNotExist.
type tree interface {
	group(name string) (tree, error)
	// tensor reads a variable of the layer; it takes its bytes off the budget.
	tensor(name, layer string, budget *int64) (*tensor.Tensor[float32], error)
	names() []string
	// owner is the name of the layer that the variables belong to, where the file says it.
	owner() string
}

// h5Tree is a group of HDF5, in all the files that weights are split into.
type h5Tree []*hdf5.Group

func (t h5Tree) group(name string) (tree, error) {
	var out h5Tree
	for _, g := range t {
		in, err := g.Group(name)
		if errors.Is(err, hdf5.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	if out == nil {
		return nil, hdf5.ErrNotExist
	}
	return out, nil
}

func (t h5Tree) tensor(name, layer string, budget *int64) (*tensor.Tensor[float32], error) {
	for _, g := range t {
		d, err := g.Dataset(name)
		if errors.Is(err, hdf5.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return read(d, layer+"/"+name, budget)
	}
	return nil, hdf5.ErrNotExist
}

func (t h5Tree) names() []string {
	var out []string
	for _, g := range t {
		out = append(out, g.Names()...)
	}
	return out
}

func (t h5Tree) owner() string {
	for _, g := range t {
		if name, err := attrText(g, "name"); err == nil && name != "" {
			return name
		}
	}
	return ""
}
