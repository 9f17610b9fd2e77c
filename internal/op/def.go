// Package op says what an operator is: its versions, parameters, types, shape inference, kernels and
// gradient, all in one [Def]. The operators themselves are in package ops, one file each.
package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Def defines an operator. The fields describe its newest version; Old lists those before it that
// the toolkit reads, each with the way to say the same at the newest version.
type Def struct {
	Domain string // empty for ai.onnx
	Name   string
	Since  int // opset that brought the newest version
	Doc    string

	In, Out []Param
	Attrs   []AttrDef

	// Kernels maps each type of the type variable On ("T" where empty) to what binds a node of that
	// type. Its keys are the operator's type constraint, so schema and code cannot drift apart. A nil
	// entry is a type that is computed in float32 between two casts.
	Kernels Kernels
	On      string
	// Types constrains the operator's other type variables.
	Types Types

	// Infer derives the outputs' facts from the inputs'. Types that follow from type variables are
	// set already; facts with Const inputs are evaluated afterwards by running the kernel.
	Infer func(n *Node) error

	// Eval computes a node whose output shapes depend on data. Such an operator has no Kernels entry
	// to bind: the entries of Kernels are nil-able markers of supported types and Eval does the work.
	Eval func(n *Node, c *Call) ([]tensor.Any, error)

	// Control binds a node that has subgraphs, in the place of Kernels. Shapes need not be known then:
	// the kernel runs the subgraphs and hands its outputs over by Call.Sub.
	Control Bind
	// Formals says what the node gives to the own inputs of the subgraph in an attribute.
	Formals func(n *Node, attr string) ([]Formal, error)

	// Inline lays a node that has subgraphs out in the graph around it, where it is known which of them
	// run and how often; see [Builder.Inline].
	Inline func(b *Builder, n *Node, body *Body) ([]*ir.Value, error)

	// Expand says the node in simpler operators. An operator may have it beside kernels, as their
	// oracle, or instead of them.
	Expand Expand

	// Grad emits the nodes of the gradient; nil where every input is Zero or NoRule.
	Grad func(g *Grad)

	// InPlace lists inputs whose memory output 0 may take over when shape and type are the same.
	InPlace []int
	// View says that output 0 is input 0 with another shape: no element moves.
	View bool
	// Random says that two runs differ, so that a node is never folded or shared.
	Random bool

	Old []Version
}

// Version is an older version of an operator. Nil fields are as in the newest one.
type Version struct {
	Since   int
	In, Out []Param
	Attrs   []AttrDef
	Types   Types  // constraints of type variables; a variable that is not named is as in the newest version
	Expand  Expand // nil where the same node means the same at the newest version
	// Fits reports, for a version with an Expand, whether a node of the newest form means the same in
	// this version too, so that it can be written there; nil is never.
	Fits func(n *Node) bool
	// Write says a node of the newest form as this version has it, where that is not the same: other
	// inputs or attributes. ok is false where it cannot; nil is the node as it is.
	Write func(n *Node) (in []*ir.Value, attrs []ir.Attr, ok bool)
}

// Expand emits nodes that compute what the node does and returns its outputs, nil for absent ones.
type Expand func(b *Builder, n *Node) []*ir.Value

// Kernels maps an element type to its binder.
type Kernels map[tensor.DType]Bind

// Bind prepares a node whose shapes are all known and returns what runs it.
type Bind func(n *Node) (Kernel, error)

// Kernel computes a node's outputs. It may be called by many goroutines at once, each with a Call of
// its own, and must not allocate.
type Kernel func(c *Call) error

// Types maps a type variable to the types that it may stand for.
type Types map[string][]tensor.DType

// GradKind says how a gradient treats an input.
type GradKind uint8

// What a gradient does at an input.
const (
	NoRule         GradKind = iota // not known: an error where a parameter lies behind the input
	Differentiable                 // Grad sets it
	Zero                           // the gradient is zero: indices, shapes, comparisons, casts to integers
)

// Param is an input or output.
type Param struct {
	Name     string
	Type     string // a type variable, or a fixed type as ONNX writes it: int64, bool
	Optional bool
	Variadic bool // the last parameter, repeated
	Min      int  // fewest repetitions of a variadic parameter
	Hetero   bool // repetitions may have different types
	Grad     GradKind
}

// In returns a required input; typ is a type variable or an element type's ONNX name.
func In(name, typ string, g GradKind) Param { return Param{Name: name, Type: typ, Grad: g} }

// Opt returns an optional input.
func Opt(name, typ string, g GradKind) Param {
	return Param{Name: name, Type: typ, Grad: g, Optional: true}
}

// Many returns an input that is repeated at least min times.
func Many(name, typ string, min int, g GradKind) Param {
	return Param{Name: name, Type: typ, Grad: g, Variadic: true, Min: min}
}

// Out returns a required output.
func Out(name, typ string) Param { return Param{Name: name, Type: typ} }

// OptOut returns an optional output.
func OptOut(name, typ string) Param { return Param{Name: name, Type: typ, Optional: true} }

// AttrKind is the type of an attribute.
type AttrKind uint8

// The types of attributes.
const (
	IntKind AttrKind = iota + 1
	FloatKind
	StringKind
	TensorKind
	GraphKind
	TypeKind
	IntsKind
	FloatsKind
	StringsKind
	TensorsKind
	GraphsKind
	SparseKind // a sparse tensor, which the graph holds in dense form
)

var kindNames = [...]string{"", "int", "float", "string", "tensor", "graph", "type", "ints", "floats", "strings", "tensors", "graphs", "sparse_tensor"}

func (k AttrKind) String() string { return kindNames[k] }

// AttrDef declares an attribute. Default is nil where the attribute has none: what its absence means
// is then the operator's to say.
type AttrDef struct {
	Name     string
	Kind     AttrKind
	Required bool
	Default  any
}

// Int declares an int attribute with a default.
func Int(name string, def int) AttrDef { return AttrDef{name, IntKind, false, int64(def)} }

// Float declares a float attribute with a default.
func Float(name string, def float32) AttrDef { return AttrDef{name, FloatKind, false, def} }

// Str declares a string attribute with a default.
func Str(name, def string) AttrDef { return AttrDef{name, StringKind, false, def} }

// Need declares a required attribute.
func Need(name string, k AttrKind) AttrDef { return AttrDef{name, k, true, nil} }

// May declares an attribute that may be absent and has no default.
func May(name string, k AttrKind) AttrDef { return AttrDef{name, k, false, nil} }

// schema is one version's interface.
type schema struct {
	since   int
	in, out []Param
	attrs   []AttrDef
	types   func(typeVar string) []tensor.DType
	expand  Expand
}

func (d *Def) on() string {
	if d.On == "" {
		return "T"
	}
	return d.On
}

// TypesOf returns the types that a type variable of the newest version may stand for; nil where it has no such variable.
func (d *Def) TypesOf(v string) []tensor.DType {
	if v != d.on() || d.Kernels == nil {
		return d.Types[v]
	}
	var out []tensor.DType
	for t := tensor.Float32; t.Valid(); t++ {
		if _, ok := d.Kernels[t]; ok {
			out = append(out, t)
		}
	}
	return out
}

// composite reports whether the operator is nothing but its expansion.
func (d *Def) composite() bool {
	return d.Kernels == nil && d.Eval == nil && d.Control == nil && d.Expand != nil
}

func (d *Def) newest() schema {
	return schema{d.Since, d.In, d.Out, d.Attrs, d.TypesOf, nil}
}

func (d *Def) old(v *Version) schema {
	s := d.newest()
	s.since, s.expand = v.Since, v.Expand
	if v.In != nil {
		s.in = v.In
	}
	if v.Out != nil {
		s.out = v.Out
	}
	if v.Attrs != nil {
		s.attrs = v.Attrs
	}
	s.types = func(tv string) []tensor.DType {
		if t, ok := v.Types[tv]; ok {
			return t
		}
		return d.TypesOf(tv)
	}
	return s
}

// at returns the version in force at an opset.
func (d *Def) at(opset int) (schema, bool) {
	if d.Since <= opset {
		return d.newest(), true
	}
	best := -1
	for i := range d.Old {
		if v := &d.Old[i]; v.Since <= opset && (best < 0 || v.Since > d.Old[best].Since) {
			best = i
		}
	}
	if best < 0 {
		return schema{}, false
	}
	return d.old(&d.Old[best]), true
}

// Has reports whether the operator has a version for an opset.
func (d *Def) Has(opset int) bool {
	_, ok := d.at(opset)
	return ok
}
