// Package ir is the graph that all of the toolkit works on: typed nodes and values at the newest
// operator versions, with symbolic shapes. It is pure data; what an operator means is in package op.
package ir

import (
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Kind says where a value comes from.
type Kind uint8

// The kinds of values.
const (
	Computed Kind = iota // by a node
	Input                // given for each run
	Const                // an initializer that never changes
	State                // a parameter or optimizer slot: read by a run, replaced between runs
)

// Value is an edge of the graph: a tensor that is given or computed once in a run.
type Value struct {
	ID    int    // index among the values of its graph; those of a subgraph are counted for themselves
	Name  string // unique in the graph
	Kind  Kind
	Fact  Fact
	Data  tensor.Any // content of a Const, initial content of a State
	Node  *Node      // producer of a Computed value
	Index int        // which output of Node it is
}

// String returns the value's name and fact.
func (v *Value) String() string {
	if v == nil {
		return "<absent>"
	}
	return v.Name + " " + v.Fact.String()
}

// Attr is an attribute. Value is int64, float32, string, tensor.Any, *Graph, TypeFact or a slice of
// int64, float32, string, tensor.Any or *Graph.
type Attr struct {
	Name  string
	Value any
}

// Node applies an operator.
type Node struct {
	ID      int
	Name    string // unique in the graph
	Domain  string // empty for ai.onnx
	Op      string
	Version int // operator version whose semantics the node has
	Attrs   []Attr
	In      []*Value // nil where an optional input is absent
	Out     []*Value // nil where an optional output is absent
}

// Attr returns the attribute with a name, nil where it is absent.
func (n *Node) Attr(name string) any {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Value
		}
	}
	return nil
}

// SetAttr adds or replaces an attribute.
func (n *Node) SetAttr(name string, v any) {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			n.Attrs[i].Value = v
			return
		}
	}
	n.Attrs = append(n.Attrs, Attr{name, v})
}

// Graph is a list of nodes in an order in which they can run. All that the nodes read is in it: what a
// subgraph takes from the graph around it is an input of the subgraph and of its node.
type Graph struct {
	Name    string
	Inputs  []*Value
	Outputs []*Value
	Nodes   []*Node
	// Captured is how many of a subgraph's inputs, the last ones, stand for values of the graph around
	// it. Its node has those values as its last inputs, in the same order.
	Captured int

	values int
	family *family
}

// family is a graph with its subgraphs: names are unique in all of it.
type family struct {
	nodes                 int
	valueNames, nodeNames names
}

// New returns an empty graph.
func New(name string) *Graph {
	return &Graph{Name: name, family: &family{valueNames: names{}, nodeNames: names{}}}
}

// Sub returns an empty subgraph for a node of g.
func (g *Graph) Sub(name string) *Graph { return &Graph{Name: name, family: g.family} }

// NumValues returns a bound for the IDs of the graph's values.
func (g *Graph) NumValues() int { return g.values }

// Reserve keeps a value's name from being handed out, so that [Graph.Rename] can use it later.
func (g *Graph) Reserve(name string) { g.family.valueNames.keep(name) }

// Rename gives a value a name, which the caller knows to be reserved or unused.
func (g *Graph) Rename(v *Value, name string) {
	g.family.valueNames.keep(name)
	v.Name = name
}

// names are those in use, each with the number of the last name that was made from it.
type names map[string]int

// keep marks a name as used.
func (used names) keep(name string) {
	if _, ok := used[name]; !ok {
		used[name] = 0
	}
}

// unique returns name, or name_1, name_2, ..., whichever is not in use yet.
func (used names) unique(name string) string {
	n := name
	last, taken := used[name]
	for taken {
		last++
		n = name + "_" + strconv.Itoa(last)
		_, taken = used[n]
	}
	used[name] = last
	used.keep(n)
	return n
}

func (g *Graph) newValue(name string, k Kind, f Fact) *Value {
	v := &Value{ID: g.values, Name: g.family.valueNames.unique(orElse(name, "v")), Kind: k, Fact: f}
	g.values++
	return v
}

// AddInput appends a graph input.
func (g *Graph) AddInput(name string, f Fact) *Value {
	v := g.newValue(name, Input, f)
	g.Inputs = append(g.Inputs, v)
	return v
}

// AddConst returns a constant value.
func (g *Graph) AddConst(name string, t tensor.Any) *Value {
	v := g.newValue(name, Const, ConstFact(t))
	v.Data = t
	return v
}

// AddState returns a value that keeps its content between runs, starting with t.
func (g *Graph) AddState(name string, t tensor.Any) *Value {
	v := g.newValue(name, State, ConstFact(t).Like())
	v.Data = t
	return v
}

// AddNode appends a node with outputs that have the given names; an empty name is an absent output.
func (g *Graph) AddNode(n *Node, outputs ...string) *Node {
	n.ID = g.family.nodes
	g.family.nodes++
	n.Name = g.family.nodeNames.unique(orElse(n.Name, n.Op))
	n.Out = make([]*Value, len(outputs))
	for i, name := range outputs {
		if name != "" {
			v := g.newValue(name, Computed, Fact{})
			v.Node, v.Index = n, i
			n.Out[i] = v
		}
	}
	g.Nodes = append(g.Nodes, n)
	return n
}

func orElse(s, t string) string {
	if s == "" {
		return t
	}
	return s
}
