package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Found is a model that FindCases came upon.
type Found struct {
	Dir   string // of the case, or of the model's file
	Model string // path of the model
	Sets  []string
}

// Path returns what reports call it: the folder of a recorded case, else the model's file.
func (f Found) Path() string {
	if len(f.Sets) > 0 {
		return f.Dir
	}
	return f.Model
}

// FindCases resolves paths to models: a file is one, a folder with a model.onnx is one, with the sets of
// recorded inputs and outputs that lie beside it (test_data_set_N), and any other folder is searched, in
// the order of names. A path below which there is none is an error.
func FindCases(paths ...string) ([]Found, error) {
	var all []Found
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, Found{Dir: filepath.Dir(p), Model: p})
			continue
		}
		found, err := searchDir(p)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: no model.onnx in it or below it", p)
		}
		all = append(all, found...)
	}
	return all, nil
}

func searchDir(root string) ([]Found, error) {
	if f, ok, err := caseIn(root); ok || err != nil {
		return []Found{f}, err
	}
	root, err := filepath.EvalSymlinks(root) // WalkDir does not enter a link
	if err != nil {
		return nil, err
	}
	var found []Found
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		f, ok, err := caseIn(p)
		if err != nil || !ok {
			return err
		}
		found = append(found, f)
		return fs.SkipDir
	})
	return found, err
}

var setName = regexp.MustCompile(`^test_data_set_(\d+)$`)

// caseIn reports whether a folder is a case: it holds model.onnx, or the one .onnx file beside recorded sets.
func caseIn(dir string) (Found, bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Found{}, false, err
	}
	f := Found{Dir: dir}
	var models []string
	for _, e := range entries {
		switch {
		case e.IsDir() && setName.MatchString(e.Name()):
			f.Sets = append(f.Sets, filepath.Join(dir, e.Name()))
		case !e.IsDir() && e.Name() == "model.onnx":
			f.Model = filepath.Join(dir, e.Name())
		case !e.IsDir() && filepath.Ext(e.Name()) == ".onnx":
			models = append(models, filepath.Join(dir, e.Name()))
		}
	}
	if f.Model == "" && len(models) == 1 && len(f.Sets) > 0 {
		f.Model = models[0]
	}
	slices.SortFunc(f.Sets, func(a, b string) int { return setNumber(a) - setNumber(b) })
	return f, f.Model != "", nil
}

func setNumber(path string) int {
	m := setName.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits alone; a number that overflows sorts anywhere
	return n
}

// LoadSet reads a recorded set: input_M.pb is for the graph's M-th input that has no initializer,
// output_M.pb for its M-th output. Values that are not tensors give an error that is infer.ErrUnsupported.
func LoadSet(dir string, m *onnxio.Model) (inputs, outputs map[string]tensor.Any, err error) {
	if m.Graph == nil {
		return nil, nil, errors.New("the model has no graph")
	}
	inputs, err = loadValues(dir, "input", fed(m.Graph))
	if err != nil {
		return nil, nil, err
	}
	if outputs, err = loadValues(dir, "output", m.Graph.Output); err != nil {
		return nil, nil, err
	}
	if len(fed(m.Graph)) == len(m.Graph.Input) { // else recordings of initializers may lie there
		err = surplus(dir, "input", len(m.Graph.Input))
	}
	return inputs, outputs, errors.Join(err, surplus(dir, "output", len(m.Graph.Output)))
}

// surplus returns an error where more values are recorded than a graph has.
func surplus(dir, side string, has int) error {
	file := filepath.Join(dir, fmt.Sprintf("%s_%d.pb", side, has))
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s: the model has no %s %d", file, side, has)
	}
	return nil
}

// fed returns a graph's inputs that have no initializer.
func fed(g *onnxio.Graph) []*onnxio.ValueInfo {
	constants := map[string]bool{}
	for _, t := range g.Initializer {
		if t != nil {
			constants[t.Name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(g.Input), func(v *onnxio.ValueInfo) bool { return v == nil || constants[v.Name] })
}

func loadValues(dir, side string, infos []*onnxio.ValueInfo) (map[string]tensor.Any, error) {
	values := map[string]tensor.Any{}
	for i, v := range infos {
		if v == nil {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("%s_%d.pb", side, i))
		b, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v.Type != nil && v.Type.TensorType == nil {
			return nil, fmt.Errorf("%w: %s %s is not a tensor", errUnsupported, side, v.Name)
		}
		t, err := ReadTensor(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		values[v.Name] = t
	}
	return values, nil
}

// ReadTensor decodes the bytes of a recorded tensor (input_0.pb), which it keeps.
func ReadTensor(b []byte) (tensor.Any, error) {
	m, err := onnxio.DecodeTensor(b)
	if err != nil {
		return nil, err
	}
	return m.Value()
}
