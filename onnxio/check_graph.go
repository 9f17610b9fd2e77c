package onnxio

import (
	"fmt"
	"slices"
	"strings"
)

// scope holds the names that are defined at a point of a graph, and what its nodes are read by.
type scope struct {
	outer  *scope // of the graph around this one; nil at the top
	names  map[string]bool
	opsets map[string]int64
	main   bool            // no subgraph, no function
	attrs  map[string]bool // attributes of the enclosing function; nil outside of one
	depth  int
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
	}
	return false
}

// inner returns the scope of a subgraph of a node here.
func (s *scope) inner() *scope {
	return &scope{outer: s, opsets: s.opsets, attrs: s.attrs, depth: s.depth + 1}
}

// maxNesting bounds subgraphs in subgraphs: as deep as LoadOptions lets a file go by default.
const maxNesting = defaultDepth

// graph checks a graph whose surroundings are given, and returns the scope at its end.
func (c *checker) graph(g *Graph, path string, s *scope) *scope {
	if s.depth > maxNesting {
		c.report(path, "subgraphs are nested too deeply: does a graph contain itself?")
		return s
	}
	s.names = map[string]bool{}
	if g.Name == "" {
		c.report(path, "the graph has no name")
	}
	inputs := c.inputs(g, path, s)
	c.initializers(g, path, s, inputs)
	for i, v := range g.ValueInfo {
		c.valueInfo(v, at(path, "value_info[%d]", i), false)
	}
	c.nodes(g.Node, path, s)
	for i, v := range g.Output {
		p := at(path, "output[%d]", i)
		c.valueInfo(v, p, s.main)
		if v != nil && v.Name != "" && !s.names[v.Name] {
			if s.has(v.Name) && !s.main {
				c.report(p, "%q is a value of the graph around this one; an Identity must pass it on", v.Name)
			} else {
				c.report(p, "%q is not defined", v.Name)
			}
		}
	}
	c.metadata(at(path, "metadata_props"), g.MetadataProps)
	return s
}

// inputs defines the graph's inputs and returns their names.
func (c *checker) inputs(g *Graph, path string, s *scope) map[string]bool {
	inputs := map[string]bool{}
	for i, v := range g.Input {
		p := at(path, "input[%d]", i)
		c.valueInfo(v, p, s.main)
		if v == nil {
			continue
		}
		if s.names[v.Name] {
			c.report(p, "%q is already an input", v.Name)
		}
		s.names[v.Name], inputs[v.Name] = true, true
	}
	return inputs
}

func (c *checker) initializers(g *Graph, path string, s *scope, inputs map[string]bool) {
	seen := map[string]bool{}
	define := func(name, p string) {
		switch {
		case name == "":
			c.report(p, "it has no name")
			return
		case seen[name]:
			c.report(p, "%q is already an initializer", name)
		case c.ir < 4 && !inputs[name]:
			c.report(p, "%q is no input of the graph, as ir_version %d demands", name, c.ir)
		}
		seen[name], s.names[name] = true, true
	}
	for i, t := range g.Initializer {
		p := at(path, "initializer[%d]", i)
		c.tensor(t, p)
		if t != nil {
			define(t.Name, p)
		}
	}
	for i, t := range g.SparseInitializer {
		p := at(path, "sparse_initializer[%d]", i)
		c.sparse(t, p)
		if t != nil && t.Values != nil {
			define(t.Values.Name, p)
		}
	}
}

// nodes checks nodes in their order and defines what they make.
func (c *checker) nodes(nodes []*Node, path string, s *scope) {
	made := map[string]int{}
	for i, n := range nodes {
		if n != nil {
			for _, o := range n.Output {
				made[o] = i
			}
		}
	}
	late := false
	for i, n := range nodes {
		if n == nil {
			c.report(path, "node[%d] is nil", i)
			continue
		}
		p := nodePath(path, i, n)
		for _, in := range n.Input {
			if in == "" || s.has(in) {
				continue
			}
			if _, ok := made[in]; ok {
				late = true
				c.report(p, "input %q is used before it is made", in)
			} else {
				c.report(p, "input %q is not defined", in)
			}
		}
		c.node(n, p, s)
		for _, o := range n.Output {
			if o != "" && s.has(o) {
				c.report(p, "output %q is already defined", o)
			}
			s.names[o] = true
		}
	}
	delete(s.names, "")
	if late {
		c.cycle(nodes, path, made)
	}
}

func nodePath(path string, i int, n *Node) string {
	op := n.OpType
	if n.Domain != "" {
		op = n.Domain + "." + op
	}
	p := at(path, "node[%d] %s", i, op)
	if n.Name != "" {
		p += fmt.Sprintf(" %q", n.Name)
	}
	return p
}

// cycle reports a circle among nodes that are not in order. made is the node that makes a value.
func (c *checker) cycle(nodes []*Node, path string, made map[string]int) {
	const white, grey, black = 0, 1, 2
	color := make([]uint8, len(nodes))
	next := make([]int, len(nodes)) // index of the input to follow
	for start := range nodes {
		if color[start] != white {
			continue
		}
		for stack := []int{start}; len(stack) > 0; {
			i := stack[len(stack)-1]
			color[i] = grey
			n := nodes[i]
			if n == nil || next[i] == len(n.Input) {
				color[i] = black
				stack = stack[:len(stack)-1]
				continue
			}
			from, ok := made[n.Input[next[i]]]
			next[i]++
			switch {
			case !ok || n.Input[next[i]-1] == "" || color[from] == black:
			case color[from] == grey:
				c.report(path, "the nodes form a cycle: %s", circle(nodes, stack, from))
				return
			default:
				stack = append(stack, from)
			}
		}
	}
}

// circle names the nodes on a stack from the given one on, in the order in which values flow.
func circle(nodes []*Node, stack []int, from int) string {
	ring := slices.Clone(stack[slices.Index(stack, from):])
	slices.Reverse(ring)
	const most = 10
	var names []string
	for _, i := range ring[:min(len(ring), most)] {
		names = append(names, nodePath("", i, nodes[i]))
	}
	if len(ring) > most {
		names = append(names, fmt.Sprintf("%d more", len(ring)-most))
	}
	return strings.Join(append(names, names[0]), " -> ")
}

// valueInfo checks a named value. A main graph's inputs and outputs need a type.
func (c *checker) valueInfo(v *ValueInfo, path string, needType bool) {
	switch {
	case v == nil:
		c.report(path, "is nil")
		return
	case v.Name == "":
		c.report(path, "it has no name")
	}
	if v.Name != "" {
		path = at(path, "%q", v.Name)
	}
	if v.Type == nil {
		if needType {
			c.report(path, "it has no type")
		}
		return
	}
	c.typ(v.Type, path, 0)
	if t := v.Type.TensorType; needType && t != nil && t.Shape == nil {
		c.warn(path, "it has no shape, which onnx.checker demands")
	}
}

// typ checks a type and those inside it.
func (c *checker) typ(t *Type, path string, depth int) {
	if depth > deepest {
		c.report(path, "the type is nested too deeply")
		return
	}
	inside := func(what string, x *Type) {
		if x == nil {
			c.report(path, "a %s type names no element type", what)
		} else {
			c.typ(x, path, depth+1)
		}
	}
	switch {
	case t.TensorType != nil:
		c.elemType(t.TensorType.ElemType, t.TensorType.Shape, path)
	case t.SparseTensorType != nil:
		c.elemType(t.SparseTensorType.ElemType, t.SparseTensorType.Shape, path)
	case t.SequenceType != nil:
		inside("sequence", t.SequenceType.ElemType)
	case t.OptionalType != nil:
		inside("optional", t.OptionalType.ElemType)
	case t.MapType != nil:
		if k := dtypeOf(t.MapType.KeyType); !k.IsInt() && k.String() != "string" || k.Bits() < 8 && k.IsInt() {
			c.report(path, "element type %d cannot be a map's key", t.MapType.KeyType)
		}
		inside("map", t.MapType.ValueType)
	case t.OpaqueType != nil:
	default:
		c.report(path, "its type is empty")
	}
}

func (c *checker) elemType(elem int32, shape *TensorShape, path string) {
	if dtypeOf(elem) == 0 {
		c.report(path, "element type %d does not exist", elem)
	}
	if shape == nil {
		return
	}
	for i, d := range shape.Dim {
		if d == nil {
			c.report(path, "dimension %d is nil", i)
		} else if n, ok := d.Value(); ok && n < 0 {
			c.warn(path, "dimension %d is %d; an unknown one has no value", i, n)
		}
	}
}
