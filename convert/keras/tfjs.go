package keras

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfjsDoc is the model.json of a TensorFlow.js layers model.
type tfjsDoc struct {
	Format   string          `json:"format"`
	Topology json.RawMessage `json:"modelTopology"`
	Manifest []struct {
		Paths   []string     `json:"paths"`
		Weights []tfjsWeight `json:"weights"`
	} `json:"weightsManifest"`
}

// tfjsWeight is one weight of a group, whose files hold the weights one behind the other.
type tfjsWeight struct {
	Name         string `json:"name"`
	Shape        []int  `json:"shape"`
	DType        string `json:"dtype"`
	Quantization *struct {
		DType string  `json:"dtype"`
		Min   float64 `json:"min"`
		Scale float64 `json:"scale"`
	} `json:"quantization"`
}

// openTFJS opens a TensorFlow.js layers model: the text of its model.json, and its weights among the files.
func openTFJS(p files, text []byte, o Options) (*source, error) {
	var doc tfjsDoc
	if err := decode(text, &doc); err != nil {
		return nil, op.Malformedf("TensorFlow.js model: %v", err)
	}
	if doc.Format == "graph-model" {
		return nil, op.Unsupportedf("a graph model of TensorFlow.js has operations of TensorFlow instead of layers; convert the Keras model that it was made of, or a layers model")
	}
	var topology struct {
		Version string          `json:"keras_version"`
		Config  json.RawMessage `json:"model_config"`
	}
	if err := decode(doc.Topology, &topology); err != nil {
		return nil, op.Malformedf("modelTopology: %v", err)
	}
	s := &source{version: strings.TrimPrefix(topology.Version, "tfjs-layers ")}
	if len(topology.Config) == 0 {
		topology.Config = doc.Topology // as TensorFlow.js itself saves
		s.version = "2.0"              // its layers are those of Keras 2, under numbers of its own
	}
	var err error
	if s.model, err = parseModel(topology.Config); err != nil {
		return nil, err
	}
	store := &tfjsStore{}
	budget := o.MaxBytes
	for _, g := range doc.Manifest {
		data, err := joined(p, g.Paths, budget)
		if err != nil {
			return nil, err
		}
		if data, err = store.add(data, g.Weights, &budget); err != nil {
			return nil, err
		}
		if len(data) > 0 {
			return nil, op.Malformedf("%s: %d bytes behind the last weight", strings.Join(g.Paths, ", "), len(data))
		}
	}
	if s.store = store; len(store.names) > 0 && slices.Contains(store.names[0], "vars") { // made of a .keras archive
		s.store = &treeStore{root: store.tree()}
	}
	return s, nil
}

// joined reads the files of a group one behind the other.
func joined(p files, names []string, budget int64) ([]byte, error) {
	var out []byte
	for _, n := range names {
		b, err := load(p, n, budget-int64(len(out)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, op.Malformedf("no file %s, which weightsManifest names", n)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

// tfjsStore has weights by name, layer/kernel, those of nested layers too.
type tfjsStore struct {
	names   [][]string // the parts of each name
	tensors []*tensor.Tensor[float32]
}

func (s *tfjsStore) weights(_ []position, l position) ([]*tensor.Tensor[float32], error) {
	// By the beginning of their names, in which the layer's own may have slashes; inside of others by a part.
	var own, within []*tensor.Tensor[float32]
	for i, n := range s.names {
		full := "/" + strings.Join(n, "/")
		if strings.HasPrefix(full, "/"+l.name+"/") {
			own = append(own, s.tensors[i])
		} else if strings.Contains(full, "/"+l.name+"/") {
			within = append(within, s.tensors[i])
		}
	}
	if own != nil {
		return own, nil
	}
	return within, nil
}

// memoryTree is a group of weights that have been read, by paths such as layers/dense/vars/0.
type memoryTree struct {
	groups  map[string]*memoryTree
	tensors map[string]*tensor.Tensor[float32]
}

func newMemoryTree() *memoryTree {
	return &memoryTree{map[string]*memoryTree{}, map[string]*tensor.Tensor[float32]{}}
}

// tree arranges the weights by their names.
func (s *tfjsStore) tree() *memoryTree {
	root := newMemoryTree()
	for i, path := range s.names {
		g, last := root, len(path)-1
		for _, p := range path[:last] {
			if g.groups[p] == nil {
				g.groups[p] = newMemoryTree()
			}
			g = g.groups[p]
		}
		g.tensors[path[last]] = s.tensors[i]
	}
	return root
}

func (t *memoryTree) group(name string) (tree, error) {
	if g := t.groups[name]; g != nil {
		return g, nil
	}
	return nil, hdf5.ErrNotExist
}

func (t *memoryTree) tensor(name, _ string, _ *int64) (*tensor.Tensor[float32], error) {
	if v := t.tensors[name]; v != nil {
		return v, nil
	}
	return nil, hdf5.ErrNotExist
}

func (t *memoryTree) names() []string { return slices.Sorted(maps.Keys(t.groups)) }

func (t *memoryTree) owner() string { return "" }

// add takes weights off data and returns the rest.
func (s *tfjsStore) add(data []byte, weights []tfjsWeight, budget *int64) ([]byte, error) {
	for _, w := range weights {
		shape := tensor.Shape(w.Shape)
		n, ok := shape.Size()
		if !ok || int64(n) > *budget/4 {
			return nil, fmt.Errorf("%w: weight %s has shape %v", op.ErrLimit, w.Name, shape)
		}
		*budget -= 4 * int64(n)
		stored, min, scale := w.DType, 0., 1.
		if q := w.Quantization; q != nil {
			if stored = q.DType; stored != "float16" {
				min, scale = q.Min, q.Scale
			}
		}
		read, size := tfjsElement(stored)
		if read == nil {
			return nil, op.Unsupportedf("weight %s of type %s", w.Name, stored)
		}
		if len(data)/size < n {
			return nil, op.Malformedf("weight %s of shape %v and type %s: its files end early", w.Name, shape, stored)
		}
		out := make([]float32, n)
		for i := range out {
			out[i] = float32(read(data[i*size:])*scale + min)
		}
		t, err := tensor.New(out, shape...)
		if err != nil {
			return nil, err
		}
		data = data[n*size:]
		s.names = append(s.names, strings.Split(w.Name, "/"))
		s.tensors = append(s.tensors, t)
	}
	return data, nil
}

// tfjsElement returns what reads an element of a type, and its size in bytes.
func tfjsElement(dtype string) (func([]byte) float64, int) {
	switch dtype {
	case "float32":
		return func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }, 4
	case "int32":
		return func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }, 4
	case "uint16":
		return func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) }, 2
	case "float16":
		return func(b []byte) float64 { return float64(tensor.Half(binary.LittleEndian.Uint16(b)).Float32()) }, 2
	case "uint8", "bool":
		return func(b []byte) float64 { return float64(b[0]) }, 1
	}
	return nil, 0
}
