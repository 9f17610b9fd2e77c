package keras

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/op"
)

// source is an open file: its configuration and where its weights are.
type source struct {
	model   *layer
	store   store
	assets  assets
	version string
	compile []byte        // how the model is trained, null where the file does not say
	files   func() []part // those that have been read
}

// maxConfig bounds a configuration's text, maxDepth how deeply models lie in one another, maxCalls how often layers
// are called, those of a model anew whenever it is: the largest of keras.applications has 1,400.
const (
	maxConfig = 64 << 20
	maxDepth  = 32
	maxCalls  = 10_000
)

// isHDF5 and isZip look at the first bytes of a file.
func isHDF5(head []byte) bool { return bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")) }
func isZip(head []byte) bool  { return bytes.HasPrefix(head, []byte("PK")) }

// open opens a model that is one file.
func open(r io.ReaderAt, size int64, o Options) (*source, error) {
	head := make([]byte, max(0, min(size, foreignHead)))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	switch {
	case isZip(head):
		a, err := newArchive(r, size)
		if err != nil {
			return nil, err
		}
		return openParts(a, "config.json", o)
	case isHDF5(head):
		return openH5(r, size, o)
	}
	return nil, foreignFile(head)
}

// errNoModel is the error for an HDF5 file that has weights alone.
var errNoModel = op.Malformedf("no attribute model_config: the file has weights without a model; a .h5 of model.save() has both, " +
	"or put config.json of model.to_json() beside it")

// openH5 opens a whole model in HDF5: what Keras 2 saves, and Keras 3 where it is asked to.
func openH5(r io.ReaderAt, size int64, o Options) (*source, error) {
	f, err := hdf5.Open(r, size, hdf5.Options{})
	if err != nil {
		return nil, err
	}
	root := f.Root()
	text, err := attrText(root, "model_config")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, errNoModel
	}
	s := &source{}
	if s.model, err = parseModel([]byte(text)); err != nil {
		return nil, err
	}
	training, err := attrText(root, "training_config")
	if err != nil {
		return nil, err
	}
	s.compile = []byte(training)
	weights := root
	if g, err := root.Group("model_weights"); err == nil {
		weights = g
	}
	if s.version, err = attrText(root, "keras_version"); err != nil {
		return nil, err
	}
	if s.version == "" {
		if s.version, err = attrText(weights, "keras_version"); err != nil {
			return nil, err
		}
	}
	s.store = &h5Store{root: weights, budget: o.MaxBytes}
	return s, nil
}

func attrText(g *hdf5.Group, name string) (string, error) {
	a, ok, err := g.Attr(name)
	if err != nil || !ok {
		return "", err
	}
	return a.Text()
}

func parseModel(text []byte) (*layer, error) {
	var m layer
	if err := decode(text, &m); err != nil {
		return nil, op.Malformedf("model configuration: %v", err)
	}
	if m.Class == "" {
		return nil, op.Malformedf("model configuration: no class_name")
	}
	return &m, nil
}

// olderForm reports whether a configuration is written as Keras 2 does: calls as lists, not as objects with args, and
// inputs with batch_input_shape.
func (l *layer) olderForm() bool {
	layers, err := layersIn(l)
	if err != nil {
		return false
	}
	for _, l := range layers {
		if keras3Call.Match(l.Inbound) || l.Module != "" {
			return false
		}
		if _, ok := l.Config["batch_input_shape"]; ok {
			return true
		}
	}
	return false
}

// openParts opens a model of several files: its configuration, and weights in a form of Keras's.
func openParts(p files, config string, o Options, weights ...string) (*source, error) {
	text, err := load(p, config, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, foreignFiles(p, "no "+config)
	}
	if err != nil {
		return nil, err
	}
	var doc struct {
		Topology any    `json:"modelTopology"`
		Version  string `json:"keras_version"` // of model.to_json() in Keras 2
	}
	if err := decode(text, &doc); err != nil {
		return nil, op.Malformedf("model configuration %s: %v", config, err)
	}
	if doc.Topology != nil {
		return openTFJS(p, text, o)
	}
	s := &source{assets: assets{p}, version: doc.Version}
	if s.model, err = parseModel(text); err != nil {
		return nil, err
	}
	s.compile = s.model.Compile
	if err := s.metadata(p); err != nil {
		return nil, err
	}
	if s.version == "" && s.model.olderForm() {
		s.version = "2"
	}
	for _, name := range append(append(weights, "model.weights.h5", "model.weights.json"), onlyH5(p)...) {
		if s.store, err = openWeights(p, name, o); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
	}
	for _, name := range p.names() {
		if strings.HasSuffix(name, ".npz") {
			return nil, op.Unsupportedf("weights in %s, which Keras pickles and does not load again itself; save them as model.weights.h5", name)
		}
	}
	return nil, op.Unsupportedf("no weights beside %s: none of %s; there are %s", config, strings.Join(append(weights, "model.weights.h5", "model.weights.json"), ", "), listNames(p))
}

// metadata reads the version of Keras from metadata.json where there is one.
func (s *source) metadata(p files) error {
	text, err := load(p, "metadata.json", maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var meta struct {
		Version string `json:"keras_version"`
	}
	if err := decode(text, &meta); err != nil {
		return op.Malformedf("metadata.json: %v", err)
	}
	s.version = meta.Version
	return nil
}

// listNames names the first few parts.
func listNames(p files) string {
	names := p.names()
	if len(names) == 0 {
		return "no files"
	}
	if len(names) > 10 {
		names = append(names[:10:10], "...")
	}
	return strings.Join(names, ", ")
}

// openWeights opens weights alone: an HDF5 file, or the index of several.
func openWeights(p files, name string, o Options) (store, error) {
	if !strings.HasSuffix(name, ".json") {
		root, err := openRoot(p, name, o)
		if err != nil {
			return nil, err
		}
		for _, key := range []string{"layer_names", "layer_names0"} { // Keras 2's, by names of layers
			if _, ok, err := root.Attr(key); err != nil || ok {
				return &h5Store{root: root, budget: o.MaxBytes}, err
			}
		}
		if g, err := root.Group("model_weights"); err == nil { // a whole model
			return &h5Store{root: g, budget: o.MaxBytes}, nil
		}
		return &treeStore{root: h5Tree{root}, budget: o.MaxBytes}, nil
	}
	text, err := load(p, name, maxConfig)
	if err != nil {
		return nil, err
	}
	var index struct {
		Map map[string]any `json:"weight_map"`
	}
	if err := decode(text, &index); err != nil || len(index.Map) == 0 {
		return nil, op.Malformedf("%s is not an index of weights: it has no weight_map", name)
	}
	var roots h5Tree
	for _, file := range shards(index.Map) {
		root, err := openRoot(p, file, o)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, op.Malformedf("%s: no file %s, which the index names", name, file)
		}
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	return &treeStore{root: roots, budget: o.MaxBytes}, nil
}

func openRoot(p files, name string, o Options) (*hdf5.Group, error) {
	f, err := p.open(name, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	h, err := hdf5.Open(f, f.size, hdf5.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return h.Root(), nil
}
