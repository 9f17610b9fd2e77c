// Package onnxgo makes the pure-Go evaluator a backend of github.com/owulveryck/onnx-go.
//
//	graph := onnxgo.NewGraph(13)
//	model := onnx.NewModel(graph)
//	err := model.UnmarshalBinary(file)
//	err = model.SetInput(0, x)
//	err = graph.Run()
//	outputs, err := model.GetOutputTensors()
//
// onnx-go hands its backend a graph of values and operators, and leaves things out on the way: which
// operator set the model imports (so [NewGraph] has to be told), domains, subgraphs, and dimensions that
// have a name. A program that has the file is better served by package infer itself; this package is for
// programs that are written against onnx-go.
//
// It is a module of its own, so that onnx-go, gorgonia and what they need from 2019 stay out of the others.
package onnxgo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	onnx "github.com/owulveryck/onnx-go"
	"github.com/owulveryck/onnx-go/backend"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	gorgonia "gorgonia.org/tensor"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

var (
	_ backend.ComputationBackend = (*Graph)(nil)
	_ onnx.DataCarrier           = (*Node)(nil)
	_ onnx.Namer                 = (*Node)(nil)
)

// Graph is a model that onnx-go fills and that [Graph.Run] computes. One goroutine at a time may use it.
type Graph struct {
	*simple.WeightedDirectedGraph

	opset   int
	nodes   []*Node
	ops     []operation
	errs    []error // that methods without a result could not return
	session *infer.Session
	feeds   []*Node // whose tensors are the session's inputs, in its order
	results []*Node
}

// operation is an operator with the values that it makes.
type operation struct {
	name string
	attr map[string]any
	out  []*Node
}

// Node is a value of the graph.
type Node struct {
	id     int64
	name   string
	g      *Graph
	inputs []*Node // of the operator that makes the value, by position
	made   bool
	value  gorgonia.Tensor
	// given says that the value was set after the graph was read: it is an input.
	given bool
	// declared says that the model gives the value a type: an input, an output, or one in between.
	declared bool
}

// NewGraph returns an empty graph whose operators are those of the given version of ONNX's operator set.
func NewGraph(opset int) *Graph {
	return &Graph{WeightedDirectedGraph: simple.NewWeightedDirectedGraph(0, 0), opset: opset}
}

// ID returns the value's number, which counts from 0 in the order of creation: onnx-go relies on that.
func (n *Node) ID() int64 { return n.id }

// SetName names the value.
func (n *Node) SetName(name string) { n.name = name }

// GetName returns the value's name.
func (n *Node) GetName() string { return n.name }

// SetTensor gives the value its elements. While onnx-go reads a model these are constants and
// placeholders; afterwards they are inputs.
func (n *Node) SetTensor(t gorgonia.Tensor) error {
	n.value, n.declared = t, true
	n.given = n.given || len(n.g.ops) > 0
	return nil
}

// GetTensor returns the value's elements: after a run, what the run made of it.
func (n *Node) GetTensor() gorgonia.Tensor { return n.value }

// NewNode returns a node that is not in the graph yet.
func (g *Graph) NewNode() graph.Node { return &Node{id: int64(len(g.nodes)), g: g} }

// AddNode puts a node of NewNode into the graph.
func (g *Graph) AddNode(n graph.Node) {
	own, ok := n.(*Node)
	if !ok || own.g != g || own.id != int64(len(g.nodes)) {
		g.errs = append(g.errs, fmt.Errorf("node %d is not the graph's next one", n.ID()))
		return
	}
	g.nodes = append(g.nodes, own)
	g.WeightedDirectedGraph.AddNode(n)
}

// NewWeightedEdge returns the edge that says: to is input number w of the operator that makes from.
func (g *Graph) NewWeightedEdge(from, to graph.Node, w float64) graph.WeightedEdge {
	return simple.WeightedEdge{F: from, T: to, W: w}
}

// SetWeightedEdge notes an operator's input. gonum's graph has one edge between two nodes; an operator that
// reads a value twice is known here nevertheless.
func (g *Graph) SetWeightedEdge(e graph.WeightedEdge) {
	from, ok := e.From().(*Node)
	to, ok2 := e.To().(*Node)
	at := int(e.Weight())
	if !ok || !ok2 || at < 0 || at > 1<<16 {
		g.errs = append(g.errs, errors.New("an edge is not between nodes of the graph"))
		return
	}
	if from == to {
		g.errs = append(g.errs, fmt.Errorf("%w: value %s is made from itself", infer.ErrMalformed, from.name))
		return
	}
	for len(from.inputs) <= at {
		from.inputs = append(from.inputs, nil)
	}
	from.inputs[at] = to
	g.WeightedDirectedGraph.SetWeightedEdge(e)
}

// ApplyOperation makes values the outputs of an operator, whose inputs the edges say.
func (g *Graph) ApplyOperation(o onnx.Operation, outputs ...graph.Node) error {
	if err := errors.Join(g.errs...); err != nil {
		return err
	}
	if len(outputs) == 0 {
		return fmt.Errorf("%w: operator %s makes no value", infer.ErrMalformed, o.Name)
	}
	one := operation{name: o.Name, attr: o.Attributes}
	for _, n := range outputs {
		own, ok := n.(*Node)
		if !ok || own.g != g {
			return fmt.Errorf("operator %s: an output is no node of the graph", o.Name)
		}
		if own.made {
			return fmt.Errorf("%w: value %s is made twice", infer.ErrMalformed, own.name)
		}
		own.made = true
		one.out = append(one.out, own)
	}
	g.ops = append(g.ops, one)
	return nil
}

// Run computes the graph's outputs, and those values in between that the model declares, from what its
// inputs hold. An input that was not set holds the zeros that onnx-go puts there.
func (g *Graph) Run() error { return g.RunContext(context.Background()) }

// RunContext is Run with a context that can end it.
func (g *Graph) RunContext(ctx context.Context) error {
	if err := errors.Join(g.errs...); err != nil {
		return err
	}
	given := slices.DeleteFunc(slices.Clone(g.nodes), func(n *Node) bool { return !n.given || n.made })
	if g.session == nil || !slices.Equal(given, g.feeds) {
		if err := g.open(given); err != nil {
			return err
		}
	}
	in := map[string]tensor.Any{}
	for _, n := range g.feeds {
		t, err := fromGorgonia(n.value)
		if err != nil {
			return fmt.Errorf("input %s: %w", n.name, err)
		}
		in[n.name] = t
	}
	out, err := g.session.Run(ctx, in)
	if err != nil {
		return err
	}
	for _, n := range g.results {
		if n.value, err = toGorgonia(out[n.name]); err != nil {
			return fmt.Errorf("output %s: %w", n.name, err)
		}
	}
	return nil
}

// Close releases what runs have taken.
func (g *Graph) Close() error {
	if g.session == nil {
		return nil
	}
	err := g.session.Close()
	g.session = nil
	return err
}

// open prepares the graph for inputs in the given nodes, of any size.
func (g *Graph) open(given []*Node) error {
	if err := g.Close(); err != nil {
		return err
	}
	m, results, err := g.model(given)
	if err != nil {
		return err
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		return err
	}
	g.session, g.feeds, g.results = s, given, results
	return nil
}
