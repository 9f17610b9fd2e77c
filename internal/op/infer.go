package op

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// FoldElems bounds the outputs that inference computes where all inputs are known.
const FoldElems = 4096

// bindNode checks a node against a version's interface and returns it as its operator sees it.
func bindNode(d *Def, n *ir.Node, s schema, in []ir.Fact) (*Node, error) {
	if err := checkArity("input", s.in, len(n.In)-n.Captured(), func(i int) bool { return n.In[i] != nil }); err != nil {
		return nil, err
	}
	if err := checkArity("output", s.out, len(n.Out), func(i int) bool { return n.Out[i] != nil }); err != nil {
		return nil, err
	}
	if err := checkAttrs(n, s.attrs); err != nil {
		return nil, err
	}
	b := &Node{Node: n, Def: d, attrs: s.attrs, in: in, out: make([]ir.Fact, len(n.Out))}
	return b, b.resolveTypes(s)
}

func checkArity(what string, params []Param, have int, present func(int) bool) error {
	least, most := 0, len(params)
	for i, p := range params {
		switch {
		case p.Variadic:
			most = max(have, i)
			if p.Min > 0 {
				least = i + p.Min
			}
		case !p.Optional:
			least = i + 1
		}
	}
	if have > most {
		return Malformedf("%d %ss, at most %d expected", have, what, most)
	}
	for i := range least {
		if i < len(params) && params[i].Optional {
			continue
		}
		if i >= have || !present(i) && what == "input" {
			return Malformedf("%s %d (%s) is missing", what, i, paramAt(params, i).Name)
		}
	}
	return nil
}

func paramAt(params []Param, i int) Param {
	if i < len(params) {
		return params[i]
	}
	return params[len(params)-1]
}

func checkAttrs(n *ir.Node, defs []AttrDef) error {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		k := slices.IndexFunc(defs, func(d AttrDef) bool { return d.Name == a.Name })
		if k < 0 {
			return Unsupportedf("attribute %s of %s", a.Name, OpName(n))
		}
		if got := kindOf(a.Value); got != defs[k].Kind && !(got == TensorKind && defs[k].Kind == SparseKind) {
			if kindNames[got] == "" {
				return Malformedf("attribute %s has no usable value", a.Name)
			}
			// An empty list does not say of what.
			return Malformedf("attribute %s is %v, expected %v", a.Name, got, defs[k].Kind)
		}
	}
	for _, d := range defs {
		if d.Required && n.Attr(d.Name) == nil {
			return Malformedf("required attribute %s is missing", d.Name)
		}
	}
	return nil
}

func kindOf(v any) AttrKind {
	switch v.(type) {
	case int64:
		return IntKind
	case float32:
		return FloatKind
	case string:
		return StringKind
	case tensor.Any:
		return TensorKind
	case *ir.Graph:
		return GraphKind
	case ir.Fact:
		return TypeKind
	case []int64:
		return IntsKind
	case []float32:
		return FloatsKind
	case []string:
		return StringsKind
	case []tensor.Any:
		return TensorsKind
	case []*ir.Graph:
		return GraphsKind
	}
	return 0
}

// resolveTypes binds the type variables to the inputs' types, checks them against their constraints
// and sets the types of the outputs that follow.
func (n *Node) resolveTypes(s schema) error {
	vars := map[string]tensor.DType{}
	for i := range n.NumOwn() {
		if n.Node.In[i] == nil || n.in[i].DType == tensor.Undefined {
			continue
		}
		p, t := paramAt(s.in, i), n.in[i].DType
		if fixed, ok := tensor.ParseDType(p.Type); ok {
			if t != fixed {
				return fmt.Errorf("%w: input %d (%s) is %v, expected %v", ErrDType, i, p.Name, t, fixed)
			}
			continue
		}
		if !slices.Contains(s.types(p.Type), t) {
			return fmt.Errorf("%w: input %d (%s) is %v, which %s-%d does not take", ErrDType, i, p.Name, t, n.Op, s.since)
		}
		if old, ok := vars[p.Type]; ok && old != t && !p.Hetero {
			return fmt.Errorf("%w: input %d (%s) is %v, others of the same type %s are %v", ErrDType, i, p.Name, t, p.Type, old)
		}
		vars[p.Type] = t
	}
	for i := range n.out {
		p := paramAt(s.out, i)
		if fixed, ok := tensor.ParseDType(p.Type); ok {
			n.out[i].DType = fixed
		} else if t, ok := vars[p.Type]; ok && !p.Hetero {
			n.out[i].DType = t
		} else if only := s.types(p.Type); !ok && len(only) == 1 {
			n.out[i].DType = only[0]
		}
	}
	return nil
}

// checkOutTypes holds output types that the operator chose itself against their constraints.
func (n *Node) checkOutTypes(s schema) error {
	for i, f := range n.out {
		if n.Node.Out[i] == nil || f.DType == tensor.Undefined {
			continue
		}
		if err := s.checkOut(n.Op, i, f.DType); err != nil {
			return err
		}
	}
	return nil
}

func (s schema) checkOut(name string, i int, t tensor.DType) error {
	p := paramAt(s.out, i)
	if allowed := s.types(p.Type); allowed != nil && !slices.Contains(allowed, t) {
		return fmt.Errorf("%w: output %d (%s) would be %v, which %s-%d does not give", ErrDType, i, p.Name, t, name, s.since)
	}
	return nil
}

// Facts returns what is known of the values.
func Facts(values []*ir.Value) []ir.Fact {
	out := make([]ir.Fact, len(values))
	for i, v := range values {
		if v != nil {
			out[i] = v.Fact
		}
	}
	return out
}

// Resolve checks a node at the newest version of its operator against the facts of its inputs and
// returns it with the facts of its outputs. Outputs whose inputs are all known and small are computed.
func (s *Set) Resolve(n *ir.Node, in []ir.Fact) (*Node, error) {
	r, err := s.resolve(n, in)
	if err != nil {
		return nil, Wrap("infer", n, in, err)
	}
	if r.foldable() {
		vals := make([]tensor.Any, len(in))
		for i := range in {
			vals[i] = in[i].Const
		}
		outs, err := s.run(r, vals, run{})
		if err != nil {
			return nil, Wrap("fold", n, in, err)
		}
		for i, t := range outs {
			if t != nil {
				r.out[i] = ir.ConstFact(t)
			}
		}
	}
	return r, nil
}

func (s *Set) resolve(n *ir.Node, in []ir.Fact) (*Node, error) {
	d := s.Lookup(n.Domain, n.Op)
	if d == nil {
		return nil, s.Unsupported(n.Domain, n.Op, n.Version)
	}
	sch := d.newest()
	r, err := bindNode(d, n, sch, in)
	if err != nil {
		return nil, err
	}
	r.set = s
	if d.Infer != nil {
		if err := d.Infer(r); err != nil {
			return nil, err
		}
	}
	return r, r.checkOutTypes(sch)
}

func (n *Node) foldable() bool {
	if n.Def.Random || n.Def.Kernels == nil {
		return false
	}
	for i, v := range n.Node.In {
		if v != nil && n.in[i].Const == nil {
			return false
		}
	}
	for i, f := range n.out {
		if n.Node.Out[i] == nil {
			continue
		}
		s, ok := f.Static()
		if !ok {
			return false
		}
		if size, ok := s.Size(); !ok || size > FoldElems {
			return false
		}
	}
	return true
}
