package keras

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// openPath opens a model by its path:
//
//   - a .keras archive, or a .h5 file of a whole model
//   - a folder with config.json (or model.json) and weights, such as an unpacked archive
//   - a .json file: a configuration with the weights beside it, a TensorFlow.js model, or the index of
//     weights in several files with the configuration beside it
//   - a .h5 file of weights alone with the configuration beside it
//
// For NAME.h5 or NAME.weights.h5 the configuration is config.json, NAME.json or model.json; for NAME.json
// the weights are NAME.weights.h5, NAME.h5, NAME.weights.json, model.weights.h5, model.weights.json or the
// folder's only .h5 file. done closes the files.
func openPath(path string, o Options) (s *source, done func(), err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	dir, base := filepath.Split(path)
	if info.IsDir() {
		dir, base = path, ""
	} else if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%w: not a regular file", ErrMalformed)
	}
	if dir == "" {
		dir = "."
	}
	d, err := newFolder(dir)
	if err != nil {
		return nil, nil, err
	}
	if s, err = d.source(base, o); err != nil {
		d.close()
		return nil, nil, err
	}
	s.files = func() []part { return d.opened }
	return s, d.close, nil
}

// source opens a file of the folder, or the folder where base is empty.
func (d *folder) source(base string, o Options) (*source, error) {
	if base == "" {
		config, err := d.first("config.json", "model.json")
		if err != nil {
			return nil, err
		}
		return openParts(d, config, o)
	}
	f, err := d.open(base, 1<<62)
	if err != nil {
		return nil, err
	}
	head := make([]byte, min(f.size, 8))
	if n, err := f.ReadAt(head, 0); n < len(head) {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(base, filepath.Ext(base)), ".weights")
	if isHDF5(head) || isZip(head) || !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		s, err := open(f, f.size, o)
		if !errors.Is(err, errNoModel) {
			return s, err
		}
		config, firstErr := d.first("config.json", stem+".json", "model.json")
		if firstErr != nil {
			return nil, err
		}
		return openParts(d, config, o, base)
	}
	text, err := load(d, base, maxConfig)
	if err != nil {
		return nil, err
	}
	var index struct {
		Map map[string]any `json:"weight_map"`
	}
	if err := decode(text, &index); err == nil && index.Map != nil {
		config, err := d.first("config.json", stem+".json", "model.json")
		if err != nil {
			return nil, err
		}
		return openParts(d, config, o, base)
	}
	return openParts(d, base, o, stem+".weights.h5", stem+".h5", stem+".weights.json")
}

// first returns the first of names that there is.
func (d *folder) first(names ...string) (string, error) {
	there := d.names()
	for _, n := range names {
		if slices.Contains(there, n) {
			return n, nil
		}
	}
	return "", foreignFiles(d, "no model configuration: none of "+strings.Join(names, ", "))
}

// onlyH5 returns the HDF5 file where there is one alone.
func onlyH5(p files) []string {
	var out []string
	for _, n := range p.names() {
		if e := filepath.Ext(n); e == ".h5" || e == ".hdf5" {
			out = append(out, n)
		}
	}
	if len(out) == 1 {
		return out
	}
	return nil
}

// shards returns the files that an index of weights names, each once.
func shards(index map[string]any) []string {
	files := map[string]bool{}
	for _, v := range index {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			if name, ok := x.(string); ok {
				files[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(files))
}
