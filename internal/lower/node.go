package lower

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// nodes lowers nodes in order. One that fails does not end it: its outputs are marked, and what
// reads them is only asked whether it is supported at all.
func (l *lowering) nodes(list []*onnxio.Node, s *scope) {
	for _, n := range list {
		if l.count++; l.full() {
			return
		}
		for _, name := range trim(n.Output) {
			if _, twice := s.values[name]; twice && name != "" {
				l.fail(op.Malformedf("node %s makes %s, which there is already", s.prefix+nameOf(n), name))
			}
		}
		if f := l.functions[keyOf(n)]; f != nil {
			l.call(n, f, s)
			continue
		}
		l.node(n, s)
	}
}

// full reports whether there are more nodes than may be; then nothing else matters.
func (l *lowering) full() bool { return l.count > l.opt.MaxNodes }

// nameOf returns a node's name, or its operator where it has none.
func nameOf(n *onnxio.Node) string {
	if n.Name == "" {
		return n.OpType
	}
	return n.Name
}

func (l *lowering) node(doc *onnxio.Node, s *scope) {
	domain := op.Domain(doc.Domain)
	n := &ir.Node{Name: s.prefix + nameOf(doc), Domain: domain, Op: doc.OpType}
	in, ok := l.arguments(doc, n.Name, s)
	n.In = in
	opset, imported := s.opsets[domain]
	if !imported {
		l.fail(op.Wrap("open", n, nil, op.Malformedf("the model imports no opset of %s", domainName(domain))))
		ok = false
	} else if d := l.set.Lookup(domain, doc.OpType); d == nil || !d.Has(opset) {
		l.fail(op.Wrap("open", n, nil, l.set.Unsupported(domain, doc.OpType, opset)))
		ok = false
	}
	var err error
	if n.Attrs, err = l.attributes(doc, s); err != nil {
		l.fail(op.Wrap("open", n, op.Facts(n.In), err))
		ok = false
	}
	outs := trim(doc.Output)
	n.Out = make([]*ir.Value, len(outs))
	for i, name := range outs {
		if name != "" {
			n.Out[i] = &ir.Value{Name: name}
		}
	}
	if b := branch(doc, n); ok && b != nil {
		if err = l.inline(doc, n, b, s); err == nil {
			return
		}
		l.fail(op.Wrap("open", n, op.Facts(n.In), err))
		ok = false
	}
	if ok && hasGraphs(doc) {
		if err = l.control(doc, n, opset, s); err != nil {
			if err != errReported {
				l.fail(op.Wrap("open", n, op.Facts(n.In), err))
			}
			ok = false
		}
	}
	if ok {
		var lowered []*ir.Value
		if lowered, err = l.b.Lower(n, opset); err != nil {
			l.fail(err)
			l.b = op.NewBuilder(l.b.G, l.set) // without the error
			ok = false
		} else {
			l.define(outs, lowered, s)
			return
		}
	}
	for _, name := range outs {
		if name != "" {
			v := &ir.Value{Name: name}
			l.bad[v] = true
			s.values[name] = v
		}
	}
}

// arguments returns a node's inputs; false where one is missing or could not be lowered.
func (l *lowering) arguments(doc *onnxio.Node, path string, s *scope) (in []*ir.Value, ok bool) {
	ok = true
	for i, name := range trim(doc.Input) {
		if name == "" {
			in = append(in, nil)
			continue
		}
		v, made := l.lookup(s, name)
		if !made {
			l.fail(op.Malformedf("node %s reads %s (input %d), which no node before it makes", path, name, i))
			ok = false
			continue
		}
		ok = ok && !l.bad[v]
		in = append(in, v) // nil for a function's input that the call leaves out
	}
	return in, ok
}

// trim drops empty names from the end.
func trim(names []string) []string {
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}

// define gives values the names that the document has for them. A value that has a name of the
// document already, as where an operator turned out to do nothing, gets an Identity.
func (l *lowering) define(names []string, vals []*ir.Value, s *scope) {
	for i, name := range names {
		if name == "" {
			continue
		}
		if i >= len(vals) || vals[i] == nil {
			l.fail(op.Unsupportedf("output %s of its operator", name))
			continue
		}
		v := vals[i]
		if s.prefix == "" {
			if named(s, v) {
				v = l.b.Op("Identity", v)
			}
			l.b.G.Rename(v, name)
		}
		s.values[name] = v
	}
}

// named reports whether a value is a document's value already.
func named(s *scope, v *ir.Value) bool { return s.values[v.Name] == v }

// attributes converts a node's attributes; inside a function they may refer to the call's.
func (l *lowering) attributes(doc *onnxio.Node, s *scope) ([]ir.Attr, error) {
	var out []ir.Attr
	for _, a := range doc.Attribute {
		if a.RefAttrName != "" {
			ref := s.attrs[a.RefAttrName]
			if ref == nil {
				continue // absent in the call, so absent here
			}
			named := *ref
			named.Name = a.Name
			a = &named
		}
		if d := l.set.Lookup(doc.Domain, doc.OpType); a.G != nil && a.RefAttrName == "" && d != nil && d.Formals != nil {
			continue // see control
		}
		v, err := attrValue(a)
		if err != nil {
			return nil, err
		}
		out = append(out, ir.Attr{Name: a.Name, Value: v})
	}
	return out, nil
}

func attrValue(a *onnxio.Attribute) (any, error) {
	v, err := a.Value()
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *onnxio.Tensor:
		return v.Value()
	case []*onnxio.Tensor:
		out := make([]tensor.Any, len(v))
		for i, t := range v {
			if out[i], err = t.Value(); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *onnxio.Type:
		return FactOf(v)
	case *onnxio.SparseTensor:
		return dense(v)
	case int64, float32, string, []int64, []float32, []string:
		return v, nil
	}
	return nil, op.Unsupportedf("attribute %s of type %v", a.Name, a.Kind())
}
