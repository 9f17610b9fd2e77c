package keras

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/op"
)

// source is an open file: its configuration and where its weights are.
type source struct {
	model   *layer
	store   store
	assets  assets
	version string
	compile []byte // how the model is trained, null where the file does not say
}

// maxConfig bounds a configuration's text, maxDepth how deeply models lie in one another.
const (
	maxConfig = 64 << 20
	maxDepth  = 32
)

func open(r io.ReaderAt, size int64, o Options) (*source, error) {
	head := make([]byte, 8)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("%w: shorter than 8 bytes", ErrMalformed)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK")):
		return openArchive(r, size, o)
	case bytes.Equal(head, []byte("\x89HDF\r\n\x1a\n")):
		return openH5(r, size, o)
	}
	return nil, fmt.Errorf("%w: neither a .keras archive nor an HDF5 file", ErrMalformed)
}

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
		return nil, op.Malformedf("no attribute model_config: the file has weights without a model; a .h5 of model.save() has both")
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

// openArchive opens a .keras archive.
func openArchive(r io.ReaderAt, size int64, o Options) (*source, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, op.Malformedf("%v", err)
	}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		if files[f.Name] != nil {
			return nil, op.Malformedf("two files %s in the archive", f.Name)
		}
		files[f.Name] = f
	}
	s := &source{assets: assets{files}}
	config, err := unzip(files["config.json"], "config.json", maxConfig)
	if err != nil {
		return nil, err
	}
	if s.model, err = parseModel(config); err != nil {
		return nil, err
	}
	s.compile = s.model.Compile
	if f := files["metadata.json"]; f != nil {
		text, err := unzip(f, "metadata.json", maxConfig)
		if err != nil {
			return nil, err
		}
		var meta struct {
			Version string `json:"keras_version"`
		}
		if err := decode(text, &meta); err != nil {
			return nil, op.Malformedf("metadata.json: %v", err)
		}
		s.version = meta.Version
	}
	f := files["model.weights.h5"]
	if f == nil {
		return nil, op.Unsupportedf("an archive without model.weights.h5; there are %d files", len(files))
	}
	weights, err := unzip(f, "model.weights.h5", o.MaxBytes)
	if err != nil {
		return nil, err
	}
	h, err := hdf5.Open(bytes.NewReader(weights), int64(len(weights)), hdf5.Options{})
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	s.store = &treeStore{root: h.Root(), budget: o.MaxBytes}
	return s, nil
}

// unzip reads a file of the archive, which must not have more than limit bytes whatever it says.
func unzip(f *zip.File, name string, limit int64) ([]byte, error) {
	if f == nil {
		return nil, op.Malformedf("no %s in the archive", name)
	}
	// A ratio above this is a bomb: weights hardly compress, JSON by 20.
	if f.UncompressedSize64 > uint64(limit) || f.UncompressedSize64 > 1<<20+200*f.CompressedSize64 {
		return nil, fmt.Errorf("%w: %s unpacks to %d bytes", op.ErrLimit, name, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return nil, op.Malformedf("%s: %v", name, err)
	}
	defer r.Close()
	b := bytes.NewBuffer(make([]byte, 0, f.UncompressedSize64))
	if n, err := io.Copy(b, io.LimitReader(r, limit+1)); err != nil {
		return nil, op.Malformedf("%s: %v", name, err)
	} else if n > limit {
		return nil, fmt.Errorf("%w: %s unpacks to more than %d bytes", op.ErrLimit, name, limit)
	}
	return b.Bytes(), nil
}
