package keras

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// store finds a layer's weights: the trainable ones first, each in the order in which the layer made
// them. Inside a wrapper or nested model those of its layers follow one another.
type store interface {
	// weights returns those of a layer in a model; path names the nested models around it.
	weights(path []position, l position) ([]*tensor.Tensor[float32], error)
}

// position is a layer among those of its model.
type position struct {
	name  string     // its own
	group string     // of the .keras archive: its class in snake case with the number among those of its class
	class string     // its class in snake case
	count int        // how many layers of its class come before it
	cells []position // its stacked recurrent cells, in their order
	taken bool       // another layer's group has the name of this one
	lora  float64    // what its low-rank product is multiplied by, 0 where it has none
}

// checkpointed is what TensorFlow 2.13 and 2.14 call the group of a model's layers.
const checkpointed = "_layer_checkpoint_dependencies"

// checkpoint returns a layer's group among those of checkpointed. To TensorFlow a layer with weights, or with a table,
// is a dependency twice, by two keys, and saved the first time; 2.13 counts it twice, too. So a number that is
// missing is of such a layer: in 2.13 the second Dense has number 2, the third 4. Layers without either count once.
func checkpoint(layers tree, p position) string {
	names := map[string]bool{}
	for _, n := range layers.names() {
		names[n] = true
	}
	n := 0
	for range p.count {
		if n++; !names[numbered(p.class, n)] {
			n++
		}
	}
	return numbered(p.class, n)
}

// numbered is the group of the layer of a class that n others come before.
func numbered(class string, n int) string {
	if n == 0 {
		return class
	}
	return class + "_" + strconv.Itoa(n)
}

// positions returns the layers' positions in the order of a model's configuration.
func positions(layers []*layer) []position {
	count := map[string]int{}
	out := make([]position, len(layers))
	for i, l := range layers {
		s := snake(l.Class)
		if s == "group_query_attention" { // the exported name differs from that of the class
			s = "grouped_query_attention"
		}
		out[i] = position{name: l.name(), group: numbered(s, count[s]), class: s, count: count[s], cells: stackedCells(l.Config, 0), lora: loraScale(l)}
		count[s]++
	}
	groups := map[string]bool{}
	for _, p := range out {
		groups[p.group] = true
	}
	for i := range out {
		out[i].taken = out[i].name != out[i].group && groups[out[i].name]
	}
	return out
}

// share records where each layer comes up first. Keras saves the weights of one that is in several models
// there, and gives it an identity where it comes up again.
func (c *converter) share(m *layer, path []position) {
	layers, err := layersIn(m)
	if err != nil || len(path) > maxDepth {
		return // found again when the model is converted
	}
	for i, at := range positions(layers) {
		here := append(slices.Clone(path), at)
		id := layerID{layers[i].Class, at.name}
		if c.first[id] == nil {
			c.first[id] = here
		} else if layers[i].Shared != "" {
			continue
		}
		if isModel(layers[i]) {
			c.share(layers[i], here)
		}
	}
}

// layerID tells layers apart across models.
type layerID struct{ class, name string }

// stackedCells returns the cells of a StackedRNNCells, of one that is an argument of a layer, or of a layer that is
// an argument.
func stackedCells(config map[string]any, depth int) []position {
	if depth > maxDepth {
		return nil
	}
	if list, ok := config["cells"].([]any); ok {
		cells := make([]*layer, len(list))
		for i, c := range list {
			c, _ := c.(map[string]any)
			class, _ := c["class_name"].(string)
			inner, _ := c["config"].(map[string]any)
			cells[i] = &layer{Class: class, Config: inner}
		}
		return positions(cells)
	}
	for _, key := range []string{"cell", "layer"} {
		in, _ := config[key].(map[string]any)
		if inner, ok := in["config"].(map[string]any); ok {
			return stackedCells(inner, depth+1)
		}
	}
	return nil
}

var (
	notWord   = regexp.MustCompile(`\W+`)
	wordStart = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	caseStep  = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snake is Keras's to_snake_case: Conv2DTranspose becomes conv2d_transpose.
func snake(name string) string {
	name = notWord.ReplaceAllString(name, "")
	name = wordStart.ReplaceAllString(name, "${1}_${2}")
	return strings.ToLower(caseStep.ReplaceAllString(name, "${1}_${2}"))
}

// read returns a dataset as float32 and takes its bytes off the budget.
func read(d *hdf5.Dataset, name string, budget *int64) (*tensor.Tensor[float32], error) {
	shape := tensor.Shape(d.Shape())
	n, ok := shape.Size()
	if !ok || int64(n) > *budget/4 {
		return nil, fmt.Errorf("%w: weight %s has shape %v", op.ErrLimit, name, shape)
	}
	*budget -= int64(n) * 4
	if len(shape) == 0 && d.Type().Class() == hdf5.ClassInteger {
		// How many samples a Normalization has seen: no layer computes with it.
		return tensor.Scalar[float32](0), nil
	}
	v, err := weightNumbers(d)
	if err != nil && n == 1 { // a count, as Normalization's, which is of no account at inference
		if k, err2 := hdf5.Read[int64](d); err2 == nil {
			v, err = []float32{float32(k[0])}, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("weight %s: %w", name, err)
	}
	return tensor.New(v, shape...)
}

// weightNumbers reads a weight of any floating type as float32, in which converted models compute: those of
// float64 are rounded. h5py writes bfloat16 as opaque pairs of bytes.
func weightNumbers(d *hdf5.Dataset) ([]float32, error) {
	switch t := d.Type(); {
	case t.Class() == hdf5.ClassOpaque && t.Size() == 2:
		b, err := d.Bytes()
		if err != nil {
			return nil, err
		}
		out := make([]float32, len(b)/2)
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
		return out, nil
	case t.Class() == hdf5.ClassFloat && t.Size() == 8:
		b, err := hdf5.Read[float64](d)
		if err != nil {
			return nil, err
		}
		out := make([]float32, len(b))
		for i, x := range b {
			out[i] = float32(x)
		}
		return out, nil
	}
	return d.ReadFloat32()
}

// h5Store is the form of .h5 files: a group for each layer of the outer model, whose attribute
// weight_names lists the paths of the weights, those of nested layers too.
type h5Store struct {
	root   *hdf5.Group
	budget int64
}

func (s *h5Store) weights(path []position, l position) ([]*tensor.Tensor[float32], error) {
	top := l.name
	if len(path) > 0 {
		top = path[0].name
	}
	g, err := s.root.Group(top)
	if errors.Is(err, hdf5.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := weightNames(g)
	if err != nil {
		return nil, err
	}
	var out []*tensor.Tensor[float32]
	var low loraParts
	for _, name := range names {
		if len(path) > 0 && !slices.Contains(strings.Split(name, "/"), l.name) {
			continue
		}
		o, err := g.Dataset(name)
		if err != nil {
			return nil, fmt.Errorf("weight %s: %w", name, err)
		}
		t, err := read(o, name, &s.budget)
		if err != nil {
			return nil, err
		}
		if !low.take(name, t) {
			out = append(out, t)
		}
	}
	return low.merged(out, l.lora)
}

// weightNames returns the attribute weight_names, which Keras splits into numbered parts where it is long.
func weightNames(g *hdf5.Group) ([]string, error) {
	a, ok, err := g.Attr("weight_names")
	if err != nil {
		return nil, err
	}
	if ok {
		return a.Strings()
	}
	var out []string
	for i := 0; ; i++ {
		a, ok, err := g.Attr("weight_names" + strconv.Itoa(i))
		if err != nil || !ok {
			return out, err
		}
		part, err := a.Strings()
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
}

// treeStore is the form of .keras archives: layers/<class>_<n>/vars/<i>, with groups of their own for
// what a layer holds.
type treeStore struct {
	root   tree
	budget int64
}

func (s *treeStore) weights(path []position, l position) ([]*tensor.Tensor[float32], error) {
	g := s.root
	for _, p := range append(slices.Clone(path), l) {
		if in, err := g.group("layer"); err == nil { // the model that a wrapper applies
			g = in
		}
		layers, err := g.group("layers")
		if err == nil {
			g, err = find(layers, p)
		} else if errors.Is(err, hdf5.ErrNotExist) {
			if layers, err = g.group(checkpointed); err == nil {
				g, err = layers.group(checkpoint(layers, p))
			}
		}
		if errors.Is(err, hdf5.ErrNotExist) {
			return nil, nil
		}
		if err != nil || g == nil {
			return nil, err
		}
	}
	var out []*tensor.Tensor[float32]
	err := s.collect(g, l, l.name, 0, &out)
	return out, err
}

// checkpoints returns the path of a layer's group through those of checkpointed, as far as there are any.
func (s *treeStore) checkpoints(path []position) string {
	out, g := "", s.root
	for _, p := range path {
		layers, err := g.group(checkpointed)
		if err != nil {
			break
		}
		name := checkpoint(layers, p)
		out += "/" + checkpointed + "/" + name
		if g, err = layers.group(name); err != nil {
			break
		}
	}
	return out
}

// find returns a layer's group: the one of its class and number, or where that says that it belongs to
// another layer, the one that says it is this layer's. It is nil where the layer has no weights.
func find(layers tree, p position) (tree, error) {
	for _, n := range []string{p.group, p.name} {
		if n == p.name && p.taken {
			continue
		}
		g, err := layers.group(n)
		if errors.Is(err, hdf5.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if owner := owner(g); owner == "" || owner == p.name {
			return g, nil
		}
	}
	for _, n := range layers.names() {
		if g, err := layers.group(n); err == nil && owner(g) == p.name {
			return g, nil
		}
	}
	return lent(layers, p), nil
}

// lent returns the group of a layer that is also an argument of another one, such as the cell of an RNN: Keras 3
// writes its variables there. It is nil where there is none.
func lent(layers tree, p position) tree {
	for _, n := range layers.names() {
		g, err := layers.group(n)
		if err != nil {
			continue
		}
		for _, part := range []string{"layer", "cell"} {
			if in, err := g.group(part); err == nil && owner(in) == p.name {
				return in
			}
		}
	}
	return nil
}

// owner returns the name of the layer whose group it is, where the file says it: Keras 3.10 and newer do.
func owner(g tree) string {
	vars, err := g.group("vars")
	if err != nil {
		return ""
	}
	return vars.owner()
}

// parts are the groups inside a layer's in the order in which the layer made their variables.
var parts = []string{
	"forward_layer", "backward_layer", "layer", "cell", "cells", "query_dense", "_query_dense", "key_dense", "_key_dense",
	"gate_dense", "_gate_dense", "value_dense", "_value_dense", "output_dense", "_output_dense", "layers",
}

// collect appends the variables of a group and of those inside it.
func (s *treeStore) collect(g tree, l position, name string, depth int, out *[]*tensor.Tensor[float32]) error {
	if depth > maxDepth {
		return op.Malformedf("groups are nested too deeply")
	}
	vars, err := g.group("vars")
	if err != nil && !errors.Is(err, hdf5.ErrNotExist) {
		return err
	}
	if err == nil {
		for i := 0; ; i++ {
			t, err := vars.tensor(strconv.Itoa(i), name, &s.budget)
			if errors.Is(err, hdf5.ErrNotExist) && i == 0 { // a table has its variable by name
				t, err = vars.tensor("idf_weights", name, &s.budget)
			}
			if errors.Is(err, hdf5.ErrNotExist) {
				break
			}
			if err != nil {
				return err
			}
			*out = append(*out, t)
		}
	}
	for _, p := range parts {
		in, err := g.group(p)
		if err != nil {
			if errors.Is(err, hdf5.ErrNotExist) {
				continue
			}
			return err
		}
		if p == "cells" {
			if err := s.cells(in, l, name, depth+1, out); err != nil {
				return err
			}
			continue
		}
		if err := s.collect(in, l, name+"/"+p, depth+1, out); err != nil {
			return err
		}
	}
	return nil
}

// cells appends the variables of stacked recurrent cells.
func (s *treeStore) cells(g tree, l position, name string, depth int, out *[]*tensor.Tensor[float32]) error {
	for _, c := range l.cells {
		in, err := g.group(c.group)
		if err != nil {
			return fmt.Errorf("%s: cell %s: %w", name, c.group, err)
		}
		if err := s.collect(in, c, name+"/"+c.group, depth, out); err != nil {
			return err
		}
	}
	return nil
}
