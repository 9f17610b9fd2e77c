// Package keras converts Keras files to ONNX, without Python: .keras archives of Keras 3 and .h5 files of
// Keras 2 and 3.
//
// A file is data to this package: nothing in it is executed or imported, and nothing outside of it is
// read. Layers that it does not know, and arguments that it would have to ignore, are errors that name
// them, all at once.
package keras

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
)

// ErrUnsupported is the kind of error for what a file holds and this package cannot convert.
var ErrUnsupported = op.ErrUnsupported

// ErrMalformed is the kind of error for files that are not what they should be.
var ErrMalformed = op.ErrMalformed

// Options configure a conversion. The zero value suits most files.
type Options struct {
	// Opset of ai.onnx, from 13 on; 0 is 18, or what the model needs at least.
	Opset int
	// Batch fixes the size of the inputs' first dimension; 0 leaves it open, under the name batch.
	Batch int
	// Replace gives expressions for layers by name: those that are Python code, such as Lambda. They read
	// the layer's inputs as x, or x0, x1, ..., and know the operators of Python and the functions of
	// keras.ops: "x0 + exp(0.5*x1)", "mean(x, axis=-1, keepdims=True)".
	Replace map[string]string
	// Layers converts layers of the user's own classes, by registered name (package>name) or class.
	Layers map[string]LayerFunc
	// InputsAsNCHW and OutputsAsNCHW name inputs and outputs whose channels are in front, behind the batch, in the
	// ONNX model, (batch, channels, height, width), where Keras has them last.
	InputsAsNCHW, OutputsAsNCHW []string
	// Warn, where it is set, is told what converts and may surprise, such as states that are not kept.
	Warn func(string)
	// MaxBytes bounds the weights and whatever is unpacked; 0 is 8 GiB.
	MaxBytes int64
}

// Convert reads a Keras model and returns it as ONNX. The path is that of a .keras archive, a .h5 file, a
// folder or a .json file of a model in several files, or weights alone with the configuration beside them;
// docs/keras.md says which names it looks for. Values and weights carry the layers' names: dense_3/kernel.
func Convert(path string, o Options) (*onnxio.Model, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	m, err := convertPath(path, &o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func convertPath(path string, o *Options) (*onnxio.Model, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	src, done, err := openPath(path, *o)
	if err != nil {
		return nil, err
	}
	defer done()
	return convert(src, *o)
}

// sourceHash is the key of the SHA-256 of the file, or of the files one after another in the order in which
// they are read.
const sourceHash = "keras.source_sha256"

func hash(parts []part) (string, error) {
	sum := sha256.New()
	for _, p := range parts {
		if _, err := io.Copy(sum, io.NewSectionReader(p, 0, p.size)); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// check sets what is not given.
func (o *Options) check() error {
	if o.MaxBytes == 0 {
		o.MaxBytes = 8 << 30
	}
	if o.Opset != 0 && (o.Opset < lower.OldestOpset || o.Opset > lower.NewestOpset) {
		return op.Unsupportedf("opset %d: those from %d to %d can be written", o.Opset, lower.OldestOpset, lower.NewestOpset)
	}
	if o.Batch < 0 {
		return fmt.Errorf("a batch of %d", o.Batch)
	}
	return nil
}

// Read is Convert for a file that is open: a .keras archive or a .h5 file.
func Read(r io.ReaderAt, size int64, o Options) (*onnxio.Model, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	src, err := open(r, size, o)
	if err != nil {
		return nil, err
	}
	src.files = func() []part { return []part{{r, size}} }
	return convert(src, o)
}

func convert(src *source, o Options) (*onnxio.Model, error) {
	g := ir.New("keras")
	c := &converter{b: op.NewBuilder(g, ops.Set()), store: src.store, version: src.version, layers: layerConverters(), options: o, assets: src.assets, replaced: map[string]bool{}, train: newTraining(),
		first: map[layerID][]position{}, scopes: map[string]bool{}, masks: map[*ir.Value]*ir.Value{}, steps: map[*ir.Value]*steps{}, byTime: map[*ir.Value]*ir.Value{}, joined: map[*ir.Value]alongBatch{}}
	if err := c.root(src.model); err != nil {
		return nil, err
	}
	if err := c.unused(); err != nil {
		return nil, err
	}
	m, err := lower.Raise(g, ops.Set(), lower.RaiseOptions{Opset: o.Opset, Producer: "onnxtool", Version: "0.1.0"})
	if err != nil {
		return nil, c.opsetError(err)
	}
	c.document(m)
	sum, err := hash(src.files())
	if err != nil {
		return nil, err
	}
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, sourceHash, sum)
	return m, c.train.write(m, src.compile)
}

// converter emits a model's nodes.
type converter struct {
	b        *op.Builder
	masks    map[*ir.Value]*ir.Value  // of values that have one, which steps to skip; see mask.go
	scopes   map[string]bool          // layers by name, with those of the models around them
	steps    map[*ir.Value]*steps     // of masks, the order that brings the steps that count to the front
	byTime   map[*ir.Value]*ir.Value  // of (batch, time, ...) values, the same as (time, batch, ...)
	joined   map[*ir.Value]alongBatch // see timeDistributed
	beside   int                      // steps that lie beside one another along the batch, inside timeDistributed; else 0
	store    store
	layers   map[string]convertFunc
	applied  int    // calls of layers so far
	version  string // of the Keras that wrote the file
	options  Options
	replaced map[string]bool // names of Options.Replace that a layer has
	assets   assets
	train    *training
	first    map[layerID][]position // where each layer comes up first
	errs     []error
	depth    int
}

// fail records what stands in the way; the conversion goes on, to find the rest.
func (c *converter) fail(err error) {
	const most = 100
	if len(c.errs) < most {
		c.errs = append(c.errs, err)
	}
}

// warn tells Options.Warn something.
func (c *converter) warn(format string, args ...any) {
	if c.options.Warn != nil {
		c.options.Warn(fmt.Sprintf(format, args...))
	}
}

// keras2 reports whether the file is from before Keras 3, whose defaults differ in places.
func (c *converter) keras2() bool { return len(c.version) > 0 && c.version[0] != '3' }

// since reports whether the file is from Keras major.minor or a later one. One that does not say it, a config.json
// of model.to_json(), is of a late one.
func (c *converter) since(major, minor int) bool {
	if c.version == "" {
		return true
	}
	var a, b int
	if _, err := fmt.Sscanf(c.version, "%d.%d", &a, &b); err != nil {
		return false
	}
	return a > major || a == major && b >= minor
}

func (c *converter) root(m *layer) error {
	if _, tree := c.store.(*treeStore); tree {
		c.share(m, nil)
	}
	outs := c.model(m, "", nil)
	if len(c.errs) > 0 {
		if len(outs) > 0 { // all layers were seen
			c.errs = append(c.errs, c.unused())
		}
		return errors.Join(c.errs...)
	}
	if err := c.b.Err(); err != nil {
		return err
	}
	if err := c.known(outs); err != nil {
		return err
	}
	masks := make([]*ir.Value, len(outs))
	for i, o := range outs {
		masks[i] = c.masks[o.v]
	}
	for i, moved := range c.inFront(outs) {
		if moved {
			masks[i] = nil // which goes with the axes as they were
		}
	}
	relayout(c.b, outs, c.train)
	fuse(c.b, outs, c.train)
	if err := c.b.Err(); err != nil {
		return err
	}
	g := c.b.G
	if o := c.options.Opset; o != 0 {
		if err := lower.Older(g, ops.Set(), o); err != nil {
			return err
		}
	}
	marks := c.train.unmark(g, outs)
	names := map[string]bool{}
	for _, v := range g.Inputs {
		names[v.Name] = true
	}
	for _, o := range outs {
		v := o.v
		if v.Kind != ir.Computed || names[v.Name] {
			c.b.Do(o.layer, func() { v = c.b.Op("Identity", v) })
		}
		if o.layer != "" && !names[o.layer] {
			g.Rename(v, o.layer)
		}
		names[v.Name] = true
		g.Outputs = append(g.Outputs, v)
	}
	g.Prune()
	for i, v := range g.Outputs {
		c.train.outputs = append(c.train.outputs, v.Name)
		if m := masks[i]; m != nil && v.Fact.Rank() == m.Fact.Rank()+1 {
			c.train.mask(g, v, m)
		}
	}
	c.train.keras2 = c.keras2()
	c.train.finish(g, marks)
	return c.b.Err()
}
