package verify

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// planted is a constant or an attribute of a node that differs from that of the same node in a twin.
type planted struct {
	node *onnxio.Node
	text string
}

// twins walks through two models that may be alike but for their constants and attributes.
type twins struct {
	tol   Tolerances
	found []planted
	seen  map[string]bool // weights of the current graphs that were compared
}

// compareTwins returns the constants and attributes in which two models differ by more than the tolerance,
// in the order of the nodes that read them. alike is false where they are not the same graph otherwise: then
// a difference need not be one of function, since a rewriting may have moved it elsewhere.
func compareTwins(m, ref *onnxio.Model, tol Tolerances) (found []planted, alike bool) {
	if !sameOpsets(m, ref) || len(m.Functions) > 0 || len(ref.Functions) > 0 {
		return nil, false
	}
	t := &twins{tol: tol}
	alike = t.graphs(m.Graph, ref.Graph, nil, nil)
	return t.found, alike
}

func sameOpsets(a, b *onnxio.Model) bool {
	for _, pair := range [2][2]*onnxio.Model{{a, b}, {b, a}} {
		for _, s := range pair[0].OpsetImport {
			if s == nil {
				continue
			}
			if v, ok := pair[1].OpsetVersion(s.Domain); !ok || v != s.Version {
				return false
			}
		}
	}
	return true
}

// graphs compares two graphs node by node; outer constants are those that subgraphs can read.
func (t *twins) graphs(a, b *onnxio.Graph, outerA, outerB map[string]*onnxio.Tensor) bool {
	if len(a.Node) != len(b.Node) || !slices.Equal(namesOf(a.Input), namesOf(b.Input)) || !slices.Equal(namesOf(a.Output), namesOf(b.Output)) ||
		len(a.SparseInitializer) > 0 || len(b.SparseInitializer) > 0 {
		return false
	}
	constA, constB := over(outerA, constantsOf(a)), over(outerB, constantsOf(b))
	before := t.seen
	t.seen = map[string]bool{}
	defer func() { t.seen = before }()
	for i, n := range a.Node {
		if !t.nodes(n, b.Node[i], constA, constB) {
			return false
		}
	}
	return true
}

// over returns inner constants with the outer ones that they do not hide.
func over(outer, inner map[string]*onnxio.Tensor) map[string]*onnxio.Tensor {
	for name, t := range outer {
		if inner[name] == nil {
			inner[name] = t
		}
	}
	return inner
}

func (t *twins) nodes(a, b *onnxio.Node, constA, constB map[string]*onnxio.Tensor) bool {
	if a == nil || b == nil || a.OpType != b.OpType || onnxio.NormalDomain(a.Domain) != onnxio.NormalDomain(b.Domain) ||
		!slices.Equal(a.Input, b.Input) || !slices.Equal(a.Output, b.Output) || len(a.Attribute) != len(b.Attribute) {
		return false
	}
	for _, name := range a.Input {
		if (constA[name] == nil) != (constB[name] == nil) {
			return false
		}
		if constA[name] != nil && !t.seen[name] && a.OpType != "Shape" && a.OpType != "Size" { // these two read no value
			t.seen[name] = true
			t.constants(a, "its weight "+name, constA[name], constB[name])
		}
	}
	for _, x := range a.Attribute {
		if x == nil {
			continue
		}
		y := b.Attr(x.Name)
		if y == nil || !t.attributes(a, x, y, constA, constB) {
			return false
		}
	}
	return true
}

// constants notes how two tensors differ.
func (t *twins) constants(n *onnxio.Node, what string, a, b *onnxio.Tensor) {
	if a.DataType == b.DataType && len(a.RawData) > 0 && slices.Equal(a.Dims, b.Dims) && bytes.Equal(a.RawData, b.RawData) {
		return
	}
	got, err := a.Value()
	ref, err2 := b.Value()
	if err != nil || err2 != nil {
		return // the run itself would have said so
	}
	switch d := Compare("", got, ref, t.tol); {
	case d.Reason != "":
		t.note(n, what+" differs: "+d.Reason)
	case d.Outside > 0:
		t.note(n, fmt.Sprintf("%s differs in %d of %d elements, first %v: %s, reference %s", what, d.Outside, d.Elements, d.First, d.Got, d.Want))
	}
}

func (t *twins) note(n *onnxio.Node, text string) {
	t.found = append(t.found, planted{n, printable(text)})
}

// attributes compares two attributes of the same name; subgraphs must be alike themselves.
func (t *twins) attributes(n *onnxio.Node, a, b *onnxio.Attribute, constA, constB map[string]*onnxio.Tensor) bool {
	ga, gb := append([]*onnxio.Graph{a.G}, a.Graphs...), append([]*onnxio.Graph{b.G}, b.Graphs...)
	if len(ga) != len(gb) || (a.T == nil) != (b.T == nil) || len(a.Tensors) != len(b.Tensors) {
		return false
	}
	for i := range ga {
		if ga[i] == nil && gb[i] == nil {
			continue
		}
		if ga[i] == nil || gb[i] == nil || !t.graphs(ga[i], gb[i], constA, constB) {
			return false
		}
	}
	what := "its attribute " + a.Name
	if a.T != nil {
		t.constants(n, what, a.T, b.T)
	}
	for i := range a.Tensors {
		if a.Tensors[i] != nil && b.Tensors[i] != nil {
			t.constants(n, what, a.Tensors[i], b.Tensors[i])
		}
	}
	if !slices.Equal(a.Ints, b.Ints) || a.I != b.I || !bytes.Equal(a.S, b.S) || !slices.EqualFunc(a.Strings, b.Strings, bytes.Equal) ||
		!t.near(append([]float32{a.F}, a.Floats...), append([]float32{b.F}, b.Floats...)) {
		t.note(n, what+" differs")
	}
	return true
}

// near reports whether two lists of numbers agree within the tolerance.
func (t *twins) near(a, b []float32) bool {
	rule := t.tol.rule(tensor.Float32)
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		gap := gapOf(float64(x), float64(y))
		return gap == 0 || gap <= rule.ATol+rule.RTol*math.Abs(float64(y)) && !math.IsInf(gap, 0)
	})
}

// blame names the node whose constant or attribute is not the reference's, where the models are alike
// otherwise: its own values may still be inside the tolerance where a later node's are not.
func (c *check) blame(d *Divergence) {
	found, alike := compareTwins(c.model, c.o.Reference.Model, c.o.Tolerances)
	if !alike || len(found) == 0 || slices.ContainsFunc(found, func(p planted) bool { return nodeName(p.node) == d.Node }) {
		return
	}
	n := found[0].node
	text := found[0].text
	if d.Node != "" {
		text += fmt.Sprintf("; the first value outside the tolerance is %s%v of node %s: %s, %s has %s", d.Output, d.Index, d.Node, d.Got, d.Against, d.Want)
	}
	note := d.Note
	*d = Divergence{Node: nodeName(n), Op: opName(c.model, n), Layer: layerOf(n), Against: d.Against, Vanishes: d.Vanishes, Dump: d.Dump}
	d.addNote(text)
	if note != "" {
		d.addNote(note)
	}
}

// planted fails a model that is the reference's twin but for a constant or an attribute that none of the
// samples showed: a row of a table that was not looked up, a unit that was silent.
func (c *check) planted() {
	found, alike := compareTwins(c.model, c.o.Reference.Model, c.o.Tolerances)
	if !alike || len(found) == 0 {
		return
	}
	n := found[0].node
	c.report.Verdict = Failed
	c.report.Reason = fmt.Sprintf("the outputs agree on %d sets of inputs, but node %s is not the reference's: %s", c.report.Samples, printable(nodeName(n)), found[0].text)
	d := &Divergence{Node: nodeName(n), Op: opName(c.model, n), Layer: layerOf(n), Against: "the reference model"}
	for _, p := range found {
		if p.node == n {
			d.addNote(p.text)
		}
	}
	c.report.FirstDivergence = d
}
