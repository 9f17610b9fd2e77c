package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Set is a collection of operators.
type Set struct {
	defs map[[2]string]*Def
	list []*Def
}

// NewSet returns the set of the given operators. It panics on two of the same name.
func NewSet(defs ...*Def) *Set {
	s := &Set{map[[2]string]*Def{}, defs}
	for _, d := range defs {
		k := [2]string{d.Domain, d.Name}
		if s.defs[k] != nil {
			panic("op: two definitions of " + d.Name)
		}
		s.defs[k] = d
	}
	return s
}

// Domain returns the canonical form of an operator domain: ai.onnx is the empty string.
func Domain(d string) string {
	if d == "ai.onnx" {
		return ""
	}
	return d
}

// Lookup returns an operator, nil where the set has none of that name.
func (s *Set) Lookup(domain, name string) *Def { return s.defs[[2]string{Domain(domain), name}] }

// All returns the operators in the order of the set.
func (s *Set) All() []*Def { return s.list }

// Schema is the interface of one version of an operator, for checks and documents.
type Schema struct {
	Since   int
	In, Out []Param
	Attrs   []AttrDef
	Types   map[string][]tensor.DType // by type variable
}

// Schemas returns the interfaces of all versions of an operator, newest first.
func (d *Def) Schemas() []Schema {
	all := []schema{d.newest()}
	for i := range d.Old {
		all = append(all, d.old(&d.Old[i]))
	}
	slices.SortFunc(all, func(a, b schema) int { return b.since - a.since })
	out := make([]Schema, len(all))
	for i, s := range all {
		out[i] = Schema{s.since, s.in, s.out, s.attrs, map[string][]tensor.DType{}}
		for _, p := range slices.Concat(s.in, s.out) {
			if t := s.types(p.Type); t != nil {
				out[i].Types[p.Type] = t
			}
		}
	}
	return out
}

// nearest returns the operator name of the set that is most like name, empty where none is.
func (s *Set) nearest(name string) string {
	for _, d := range s.list {
		if strings.EqualFold(d.Name, name) {
			return d.Name
		}
	}
	return ""
}

// Unsupported returns the error for an operator that the set lacks.
func (s *Set) Unsupported(domain, name string, opset int) error {
	q := name
	if domain = Domain(domain); domain != "" {
		q = domain + "." + name
	}
	if n := s.nearest(name); n != "" && n != name {
		return fmt.Errorf("%w: operator %s (opset %d); is %s meant?", ErrUnsupported, q, opset, n)
	}
	return fmt.Errorf("%w: operator %s (opset %d)", ErrUnsupported, q, opset)
}

// OpsetFor returns the lowest opset, of those that the toolkit reads, in which a node of the newest
// form can be written, as [Set.Write] does: with its types, and meaning the same.
func (s *Set) OpsetFor(n *ir.Node) (int, error) {
	d := s.Lookup(n.Domain, n.Op)
	if d == nil {
		return 0, Wrap("write", n, Facts(n.In), s.Unsupported(n.Domain, n.Op, n.Version))
	}
	versions := slices.Clone(d.Old)
	slices.SortFunc(versions, func(a, b Version) int { return b.Since - a.Since })
	best := d.Since
	for i := range versions {
		v := &versions[i]
		w := d.write(n, v)
		r, err := bindNode(d, w, d.old(v), Facts(w.In))
		if v.Expand != nil && v.Write == nil && (err != nil || v.Fits == nil || !v.Fits(r)) {
			break // no older version can say it either
		}
		if err == nil && r.outTypesFit(d.old(v)) {
			best = v.Since
		}
	}
	return best, nil
}

// Write returns a node of the newest form as it stands in an opset that is not below [Set.OpsetFor].
func (s *Set) Write(n *ir.Node, opset int) *ir.Node {
	d := s.Lookup(n.Domain, n.Op)
	if d == nil || d.Since <= opset {
		return n
	}
	at, _ := d.at(opset)
	for i := range d.Old {
		if v := &d.Old[i]; v.Since == at.since {
			return d.write(n, v)
		}
	}
	return n
}

// write returns a node in the form of an older version: itself where that is the same, or where the version
// has none for it.
func (d *Def) write(n *ir.Node, v *Version) *ir.Node {
	if v.Write == nil {
		return n
	}
	r, err := bindNode(d, n, d.newest(), Facts(n.In))
	if err != nil {
		return n
	}
	in, attrs, ok := v.Write(r)
	if !ok {
		return n
	}
	w := *n
	w.In, w.Attrs = in, attrs
	return &w
}

func (n *Node) outTypesFit(s schema) bool {
	for i, v := range n.Node.Out {
		if v != nil {
			n.out[i].DType = v.Fact.DType
		}
	}
	return n.checkOutTypes(s) == nil
}
