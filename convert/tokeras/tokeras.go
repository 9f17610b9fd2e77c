// Package tokeras writes ONNX models as Keras files: the way back from Go to Keras.
package tokeras

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
)

// writtenVersion is the version of Keras that the files say they are from.
const writtenVersion = "3.15.1"

// Write writes an ONNX model as a .keras archive of Keras 3: a functional model of Keras's own layers and
// operations, which keras.saving.load_model opens without custom objects. The error names all nodes that
// Keras has no layer for.
func Write(path string, m *onnxio.Model) error {
	s, err := save(m)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, s.write)
}

// ErrUnsupported is the kind of error for nodes that Keras has no layer for, or none that is known here.
var ErrUnsupported = op.ErrUnsupported

// saver makes layers of a graph's nodes.
type saver struct {
	g      *ir.Graph
	uses   map[*ir.Value][]*ir.Node // the nodes that read a value, the graph's end as nil
	held   map[*ir.Value]held
	done   map[*ir.Node]bool // nodes that are part of another one's layer
	masked map[*ir.Node]*masked
	layers []*saved
	byName map[string]*saved
	scope  string         // of the node that is being converted
	train  map[string]any // how the model is compiled, nil where it is not known
	errs   []error
}

// layout says how the tensor in Keras lies to the one in ONNX.
type layout int

const (
	plain    layout = iota
	last            // ONNX has (batch, channels, ...), Keras (batch, ..., channels)
	steps           // ONNX has (time, batch, ...), Keras (batch, time, ...)
	stepsDir        // ONNX has (time, 1, batch, units), Keras (batch, time, units)
	dir             // ONNX has (1, batch, units), Keras (batch, units)
	apart           // ONNX has (batch*time, ...), Keras (batch, time, ...), with a time that is not known
)

// held is the tensor in Keras of a value: an output of a layer.
type held struct {
	layer  string
	tensor int
	as     layout
	lead   [2]ir.Dim // of apart: batch and time
}

// saved is a layer of the file.
type saved struct {
	module, class, name string
	config              map[string]any
	args                []any
	inputs              []string // the layers that it reads
	vars                []hdf5.Array
	parts               map[string][]hdf5.Array // the variables of groups inside its own
	depth, index        int
}

func save(m *onnxio.Model) (*saver, error) {
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		return nil, err
	}
	g := r.Graph
	training, err := compiled(m)
	if err != nil {
		return nil, err
	}
	if err := rewrite.Fold(g, ops.Set()); err != nil {
		return nil, err
	}
	s := &saver{g: g, uses: map[*ir.Value][]*ir.Node{}, held: map[*ir.Value]held{}, done: map[*ir.Node]bool{}, masked: map[*ir.Node]*masked{}, byName: map[string]*saved{}, train: training}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			if v != nil {
				s.uses[v] = append(s.uses[v], n)
			}
		}
	}
	for _, v := range g.Outputs {
		s.uses[v] = append(s.uses[v], nil)
	}
	s.findMasked()
	for _, v := range g.Inputs {
		s.input(v)
	}
	for _, n := range g.Nodes {
		s.node(n)
	}
	for _, v := range g.Outputs {
		if _, ok := s.held[v]; ok {
			s.held[v] = s.plain(v)
		} else if len(s.errs) == 0 {
			s.errs = append(s.errs, fmt.Errorf("output %s does not depend on an input", v.Name))
		}
	}
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	s.order()
	return s, nil
}

func (s *saver) input(v *ir.Value) {
	shape := []any{}
	for i, d := range v.Fact.Shape {
		if n, ok := d.Int(); ok && i > 0 {
			shape = append(shape, n)
		} else {
			shape = append(shape, nil)
		}
	}
	if len(shape) == 0 {
		s.errs = append(s.errs, op.Unsupportedf("input %s without a batch axis", v.Name))
		return
	}
	dtype := kerasType(v.Fact.DType)
	if dtype == "" {
		s.errs = append(s.errs, op.Unsupportedf("input %s of type %v", v.Name, v.Fact.DType))
		return
	}
	s.scope = v.Name
	l := s.add("keras.layers", "InputLayer", map[string]any{"batch_shape": shape, "dtype": dtype, "sparse": false})
	s.held[v] = held{layer: l.name}
}

// node converts a node, if what it reads could be converted.
func (s *saver) node(n *ir.Node) {
	if s.done[n] || s.isSizes(n) || movers[n.Op] && isZero(n.Out[0]) && s.forStates(n) {
		return
	}
	name := n.Op
	if n.Domain != "" {
		name = n.Domain + "." + n.Op
	}
	f := savers[name]
	if f == nil {
		s.errs = append(s.errs, op.Unsupportedf("node %s (%s): Keras has no layer for it that this conversion knows", n.Name, n.Op))
		return
	}
	sizes, takes := sizeInputs[n.Op]
	reads := n.In
	if m := s.masked[n]; m != nil {
		reads = slices.Concat([]*ir.Value{m.x, nil, nil, nil, m.mask}, n.In[5:])
	}
	for i, v := range reads {
		if v == nil || v.Kind == ir.Const {
			continue
		}
		if _, ok := s.held[v]; ok {
			continue
		}
		if recurrentOps[n.Op] && i >= 5 && isZero(v) {
			continue // the first states
		}
		if v.Fact.Elems == nil {
			return // an earlier node's error
		}
		if !takes || i < sizes {
			s.errs = append(s.errs, op.Unsupportedf("node %s (%s) computes with sizes that are not known, %v", n.Name, n.Op, v.Fact.Elems))
			return
		}
	}
	s.scope = n.Name
	if i := strings.LastIndexByte(n.Name, '/'); i > 0 {
		s.scope = n.Name[:i]
	}
	if err := f(s, n); err != nil {
		s.errs = append(s.errs, fmt.Errorf("node %s (%s): %w", n.Name, n.Op, err))
	}
}

// add makes a layer that reads args: held tensors, lists of them, and plain arguments.
func (s *saver) add(module, class string, config map[string]any, args ...any) *saved {
	l := &saved{module: module, class: class, config: config, args: args}
	base := strings.Map(func(r rune) rune {
		if r == '/' || r == ':' || r == ' ' {
			return '_'
		}
		return r
	}, s.scope)
	l.name = base
	for i := 1; l.name == "" || s.byName[l.name] != nil; i++ {
		l.name = fmt.Sprintf("%s_%d", base, i)
	}
	config["name"] = l.name
	if module == "keras.layers" && class != "InputLayer" {
		config["trainable"] = true
		if config["dtype"] == nil {
			config["dtype"] = "float32"
		}
	}
	var read func(v any)
	read = func(v any) {
		switch v := v.(type) {
		case held:
			l.inputs = append(l.inputs, v.layer)
		case []held:
			for _, h := range v {
				read(h)
			}
		}
	}
	for _, a := range args {
		read(a)
	}
	s.layers = append(s.layers, l)
	s.byName[l.name] = l
	return l
}

// put makes a layer whose output is a value of the graph.
func (s *saver) put(v *ir.Value, as layout, module, class string, config map[string]any, args ...any) *saved {
	l := s.add(module, class, config, args...)
	h := held{layer: l.name, as: as}
	if x, ok := args[0].(held); ok {
		h.lead = x.lead
	}
	s.held[v] = h
	return l
}

// order sorts the layers as Keras does when it opens the file, which decides the names of the groups of
// weights: by their distance from the outputs, then by when a walk from the outputs comes by them. What no
// output needs falls away.
func (s *saver) order() {
	for _, l := range s.layers {
		l.index, l.depth = -1, 0
	}
	next := 0
	var visit func(name string)
	visit = func(name string) {
		l := s.byName[name]
		if l.index >= 0 {
			return
		}
		l.index = next
		next++
		for _, in := range l.inputs {
			visit(in)
		}
	}
	for _, v := range s.g.Outputs {
		visit(s.held[v].layer)
	}
	for _, l := range slices.Backward(s.layers) { // a layer stands behind those it reads
		if l.index < 0 {
			continue
		}
		for _, in := range l.inputs {
			s.byName[in].depth = max(s.byName[in].depth, l.depth+1)
		}
	}
	for _, v := range s.g.Inputs { // the model's inputs stay
		if l := s.byName[s.held[v].layer]; l.index < 0 {
			l.index = next
			next++
		}
	}
	s.layers = slices.DeleteFunc(s.layers, func(l *saved) bool { return l.index < 0 })
	slices.SortStableFunc(s.layers, func(a, b *saved) int {
		return cmp.Or(cmp.Compare(b.depth, a.depth), cmp.Compare(a.index, b.index))
	})
}

// document is the configuration as Keras writes it.
func (s *saver) document() map[string]any {
	var layers []any
	for _, l := range s.layers {
		var inbound []any
		if len(l.args) > 0 {
			inbound = append(inbound, map[string]any{"args": references3(l.args), "kwargs": map[string]any{}})
		}
		if inbound == nil {
			inbound = []any{}
		}
		layers = append(layers, map[string]any{"module": l.module, "class_name": l.class, "registered_name": nil, "config": l.config, "name": l.name, "inbound_nodes": inbound})
	}
	ends := func(list []*ir.Value) []any {
		var out []any
		for _, v := range list {
			h := s.held[v]
			out = append(out, []any{h.layer, 0, h.tensor})
		}
		return out
	}
	config := map[string]any{"name": "functional", "trainable": true, "layers": layers, "input_layers": ends(s.g.Inputs), "output_layers": ends(s.g.Outputs)}
	doc := map[string]any{"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional", "config": config}
	if s.train != nil {
		doc["compile_config"] = s.train
	}
	return doc
}

// references3 writes tensors among arguments as Keras 3 does.
func references3(args []any) []any {
	out := []any{}
	for _, a := range args {
		switch a := a.(type) {
		case held:
			out = append(out, map[string]any{"class_name": "__keras_tensor__", "config": map[string]any{"shape": []any{}, "dtype": "float32", "keras_history": []any{a.layer, 0, a.tensor}}})
		case []held:
			var list []any
			for _, h := range a {
				list = append(list, h)
			}
			out = append(out, references3(list))
		default:
			out = append(out, a)
		}
	}
	return out
}

// write writes the archive.
func (s *saver) write(w io.Writer) error {
	config, err := marshal(s.document())
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"metadata.json", func(w io.Writer) error {
			_, err := io.WriteString(w, `{"keras_version": "`+writtenVersion+`", "date_saved": "1980-01-01@00:00:00"}`)
			return err
		}},
		{"config.json", func(w io.Writer) error { _, err := w.Write(config); return err }},
		{"model.weights.h5", func(w io.Writer) error { return hdf5.Write(w, s.weights()) }},
	} {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
		if err != nil {
			return err
		}
		if err := f.write(part); err != nil {
			return err
		}
	}
	return z.Close()
}

// weights arranges the variables in groups: layers/<class>_<n>/vars/<i>.
func (s *saver) weights() *hdf5.Tree {
	root := &hdf5.Tree{}
	root.Sub("vars")
	layers := root.Sub("layers")
	count := map[string]int{}
	for _, l := range s.layers {
		if l.module != "keras.layers" {
			continue // an operation is no layer
		}
		name := groupName(l.class)
		if n := count[name]; n > 0 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
		count[groupName(l.class)]++
		put := func(t *hdf5.Tree, vars []hdf5.Array) {
			for i, a := range vars {
				t.Sub("vars").Put(fmt.Sprint(i), a)
			}
		}
		if len(l.vars) > 0 {
			put(layers.Sub(name), l.vars)
		}
		for part, vars := range l.parts {
			t := layers.Sub(name)
			for p := range strings.SplitSeq(part, "/") {
				t = t.Sub(p)
			}
			put(t, vars)
		}
	}
	return root
}
