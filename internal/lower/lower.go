// Package lower turns an ONNX document into a graph at the newest operator versions. Everything that
// the toolkit cannot do is found here, and all of it is reported at once.
package lower

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Options say how a document is read.
type Options struct {
	// Outputs names the values to compute instead of the model's outputs, any value of the main graph.
	Outputs []string
	// Trainable tells which initializers are states rather than constants; nil is none.
	Trainable func(name string) bool
	// MaxNodes bounds the nodes after functions are put in their places; 0 is DefaultMaxNodes.
	MaxNodes int
}

// DefaultMaxNodes is far above any model known.
const DefaultMaxNodes = 1 << 20

// Result is a graph with the way from the document's names to its values.
type Result struct {
	Graph  *ir.Graph
	Values map[string]*ir.Value
}

// maxErrors bounds how many findings are reported.
const maxErrors = 50

// Model lowers a document's main graph. The error joins everything that stands in the way.
func Model(m *onnxio.Model, set *op.Set, opt Options) (*Result, error) {
	if m.Graph == nil {
		return nil, op.Malformedf("the model has no graph")
	}
	if m.IRVersion > onnxio.IRVersion {
		return nil, op.Unsupportedf("IR version %d; the newest that is known is %d", m.IRVersion, onnxio.IRVersion)
	}
	opsets, err := imports(m.OpsetImport)
	if err != nil {
		return nil, err
	}
	if opt.MaxNodes == 0 {
		opt.MaxNodes = DefaultMaxNodes
	}
	g := ir.New(m.Graph.Name)
	l := &lowering{set: set, opt: opt, b: op.NewBuilder(g, set), functions: functionsOf(m), bad: map[*ir.Value]bool{}}
	s := &scope{values: map[string]*ir.Value{}, opsets: opsets}
	reserve(g, m.Graph)
	l.constants(m.Graph, s)
	l.inputs(m.Graph, s)
	l.nodes(m.Graph.Node, s)
	if l.full() {
		return nil, fmt.Errorf("%w: more than %d nodes", op.ErrLimit, opt.MaxNodes)
	}
	l.outputs(m.Graph, s)
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	return &Result{g, s.values}, nil
}

type lowering struct {
	set       *op.Set
	opt       Options
	b         *op.Builder
	functions map[functionKey]*onnxio.Function
	depth     int                // of functions in functions
	nesting   int                // of subgraphs in subgraphs
	loops     int                // of those that run again and again
	count     int                // nodes so far
	bad       map[*ir.Value]bool // values of nodes that could not be lowered
	errs      []error
}

// scope holds the names that a graph's or function's nodes can see.
type scope struct {
	values map[string]*ir.Value
	opsets map[string]int
	attrs  map[string]*onnxio.Attribute // of the function call that is put in place
	prefix string                       // of the names of nodes; empty for the main graph alone

	// Of a subgraph:
	outer    *scope
	graph    *ir.Graph
	captures *captures               // nil for a branch that is put in place of its node
	inner    map[*ir.Value]*ir.Value // from captured values to inputs
}

func (l *lowering) fail(err error) {
	if err != nil && len(l.errs) < maxErrors {
		l.errs = append(l.errs, err)
	}
}

// newest maps each domain to the newest opset that is known.
var newest = map[string]int{"": onnxio.OpsetVersion, "ai.onnx.ml": 5, "ai.onnx.preview.training": 1, "ai.onnx.preview": 1}

func imports(list []*onnxio.OperatorSetID) (map[string]int, error) {
	out := map[string]int{}
	for _, o := range list {
		if o == nil {
			continue
		}
		d := op.Domain(o.Domain)
		if n, ok := newest[d]; ok && o.Version > int64(n) {
			return nil, op.Unsupportedf("opset %d of %s; the newest that is known is %d", o.Version, domainName(d), n)
		}
		if o.Version < 1 {
			return nil, op.Malformedf("opset %d of %s", o.Version, domainName(d))
		}
		if v, twice := out[d]; twice && v != int(o.Version) {
			return nil, op.Malformedf("opsets %d and %d of %s", v, o.Version, domainName(d))
		}
		out[d] = int(o.Version)
	}
	return out, nil
}

func domainName(d string) string {
	if d == "" {
		return "ai.onnx"
	}
	return d
}

// reserve keeps the document's names from being taken by values that expansions make.
func reserve(g *ir.Graph, doc *onnxio.Graph) {
	for _, n := range doc.Node {
		for _, o := range n.Output {
			g.Reserve(o)
		}
	}
	for _, v := range doc.Input {
		g.Reserve(v.Name)
	}
	for _, t := range doc.Initializer {
		g.Reserve(t.Name)
	}
	for _, t := range doc.SparseInitializer {
		if t.Values != nil {
			g.Reserve(t.Values.Name)
		}
	}
}

func (l *lowering) constants(doc *onnxio.Graph, s *scope) {
	add := func(name string, t tensor.Any, err error) {
		if s.values[name] != nil {
			l.fail(op.Malformedf("two initializers are named %s", name))
		}
		if err != nil {
			l.fail(fmt.Errorf("initializer %s: %w", name, err))
			t = tensor.Zeros[float32](0)
		}
		var v *ir.Value
		switch {
		case s.prefix != "":
			v = l.b.G.AddConst(name, t)
		case l.opt.Trainable != nil && l.opt.Trainable(name):
			v = l.b.G.AddState("", t)
			l.b.G.Rename(v, name)
		default:
			v = l.b.G.AddConst("", t)
			l.b.G.Rename(v, name)
		}
		s.values[name] = v
		l.bad[v] = err != nil
	}
	for _, t := range doc.Initializer {
		v, err := t.Value()
		add(t.Name, v, err)
	}
	for _, t := range doc.SparseInitializer {
		if t.Values == nil {
			l.fail(op.Malformedf("a sparse initializer has no values"))
			continue
		}
		v, err := dense(t)
		add(t.Values.Name, v, err)
	}
}

func (l *lowering) inputs(doc *onnxio.Graph, s *scope) {
	seen := map[string]bool{}
	for _, v := range doc.Input {
		if seen[v.Name] {
			l.fail(op.Malformedf("two inputs are named %s", v.Name))
		}
		seen[v.Name] = true
		if s.values[v.Name] != nil {
			continue // an initializer: files of IR version 3 list them among the inputs
		}
		f, err := FactOf(v.Type)
		if err != nil {
			l.fail(fmt.Errorf("input %s: %w", v.Name, err))
		}
		in := l.b.G.AddInput("", f)
		l.b.G.Rename(in, v.Name)
		s.values[v.Name] = in
		l.bad[in] = err != nil
	}
}

func (l *lowering) outputs(doc *onnxio.Graph, s *scope) {
	names := l.opt.Outputs
	if names == nil {
		for _, v := range doc.Output {
			names = append(names, v.Name)
			if f, err := FactOf(v.Type); err == nil && s.values[v.Name] != nil {
				l.fail(l.declared(v.Name, f, s.values[v.Name]))
			}
		}
	}
	for _, name := range names {
		v := s.values[name]
		if v == nil {
			l.fail(op.Malformedf("output %s: no such value in the graph%s", name, nearest.Hint(name, slices.Sorted(maps.Keys(s.values)))))
			continue
		}
		l.b.G.Outputs = append(l.b.G.Outputs, v)
	}
	if len(names) == 0 {
		l.fail(op.Malformedf("the graph has no outputs"))
	}
}

// declared returns an error where an output is not of the type that the document says.
func (l *lowering) declared(name string, f ir.Fact, v *ir.Value) error {
	if l.bad[v] || v.Fact.DType == f.DType {
		return nil
	}
	return fmt.Errorf("%w: output %s is declared %v and computed as %v", op.ErrDType, name, f, v.Fact)
}

// FactOf returns what a declared type says; a nil type says nothing.
func FactOf(t *onnxio.Type) (ir.Fact, error) {
	if t == nil {
		return ir.Fact{}, op.Malformedf("no type")
	}
	if t.TensorType == nil {
		return ir.Fact{}, op.Unsupportedf("type %s", typeKind(t))
	}
	d := t.TensorType.DType()
	if d == tensor.Undefined {
		return ir.Fact{}, op.Malformedf("element type %d", t.TensorType.ElemType)
	}
	f := ir.Fact{DType: d}
	if t.TensorType.Shape == nil {
		return f, nil
	}
	f.Ranked = true
	for i, dim := range t.TensorType.Shape.Dim {
		n, ok := dim.Value()
		switch {
		case ok && (n < 0 || int64(int(n)) != n):
			return f, op.Malformedf("dimension %d is %d", i, n)
		case ok:
			f.Shape = append(f.Shape, ir.Known(int(n)))
		default:
			f.Shape = append(f.Shape, ir.Sym(dim.Param()))
		}
	}
	return f, nil
}

func typeKind(t *onnxio.Type) string {
	switch {
	case t.SequenceType != nil:
		return "sequence"
	case t.MapType != nil:
		return "map"
	case t.OptionalType != nil:
		return "optional"
	case t.SparseTensorType != nil:
		return "sparse tensor"
	case t.OpaqueType != nil:
		return "opaque"
	}
	return "unknown"
}
