package onnxio

import "iter"

// Tensors returns every tensor of the model: initializers and attributes, the parts of sparse
// tensors, in the graph and its subgraphs, the functions and the training graphs.
func (m *Model) Tensors() iter.Seq[*Tensor] {
	return func(yield func(*Tensor) bool) {
		w := walker{tensor: func(t *Tensor, _ bool) bool { return yield(t) }}
		w.model(m)
	}
}

// Nodes returns every node of the model: in the graph and its subgraphs, the functions and the
// training graphs. A node comes before those of its subgraphs.
func (m *Model) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		w := walker{node: yield}
		w.model(m)
	}
}

// walker visits what a model is made of. A visit that returns false ends the walk.
type walker struct {
	node   func(*Node) bool
	tensor func(t *Tensor, initializer bool) bool
}

func (w *walker) model(m *Model) bool {
	if !w.graph(m.Graph) {
		return false
	}
	for _, f := range m.Functions {
		if f != nil && !(w.attributes(f.AttributeProto) && w.nodes(f.Node)) {
			return false
		}
	}
	for _, t := range m.TrainingInfo {
		if t != nil && !(w.graph(t.Initialization) && w.graph(t.Algorithm)) {
			return false
		}
	}
	return true
}

func (w *walker) graph(g *Graph) bool {
	if g == nil {
		return true
	}
	for _, t := range g.Initializer {
		if !w.visit(t, true) {
			return false
		}
	}
	for _, s := range g.SparseInitializer {
		if !w.sparse(s) {
			return false
		}
	}
	return w.nodes(g.Node)
}

func (w *walker) nodes(nodes []*Node) bool {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		if w.node != nil && !w.node(n) || !w.attributes(n.Attribute) {
			return false
		}
	}
	return true
}

func (w *walker) attributes(list []*Attribute) bool {
	for _, a := range list {
		if a != nil && !w.attribute(a) {
			return false
		}
	}
	return true
}

func (w *walker) attribute(a *Attribute) bool {
	for _, t := range a.Tensors {
		if !w.visit(t, false) {
			return false
		}
	}
	for _, s := range a.SparseTensors {
		if !w.sparse(s) {
			return false
		}
	}
	for _, g := range a.Graphs {
		if !w.graph(g) {
			return false
		}
	}
	return w.visit(a.T, false) && w.sparse(a.SparseTensor) && w.graph(a.G)
}

func (w *walker) sparse(s *SparseTensor) bool {
	return s == nil || w.visit(s.Values, false) && w.visit(s.Indices, false)
}

func (w *walker) visit(t *Tensor, initializer bool) bool {
	return t == nil || w.tensor == nil || w.tensor(t, initializer)
}
