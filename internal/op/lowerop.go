package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Lower appends what a node of some opset means to the builder's graph, at the newest operator
// versions. in are the node's inputs, n.Out holds a placeholder for every present output, whose facts
// are not read; the result holds the values that stand for the outputs.
func (b *Builder) Lower(n *ir.Node, opset int) ([]*ir.Value, error) {
	in := Facts(n.In)
	d := b.Set.Lookup(n.Domain, n.Op)
	if d == nil {
		return nil, Wrap("open", n, in, b.Set.Unsupported(n.Domain, n.Op, opset))
	}
	s, ok := d.at(opset)
	if !ok {
		return nil, Wrap("open", n, in, Unsupportedf("operator %s of opset %d (oldest read: %d)", n.Op, opset, d.oldest()))
	}
	n.Version = s.since
	r, err := bindNode(d, n, s, in)
	if err != nil {
		return nil, Wrap("open", n, in, err)
	}
	expand := s.expand
	if expand == nil && d.composite() {
		expand = d.Expand
	}
	var out []*ir.Value
	if expand != nil {
		out = b.expand(expand, r)
	} else {
		out = b.append(n, d.Since)
	}
	for i, v := range out {
		if v != nil && v.Fact.DType != tensor.Undefined && b.err == nil {
			b.Fail(s.checkOut(n.Op, i, v.Fact.DType))
		}
	}
	return out, Wrap("open", n, in, b.Err())
}

// append adds a node whose form is the newest version's.
func (b *Builder) append(n *ir.Node, version int) []*ir.Value {
	outs := make([]string, len(n.Out))
	for i, v := range n.Out {
		if v != nil {
			outs[i] = b.scoped(n.Name)
		}
	}
	m := &ir.Node{Name: n.Name, Domain: n.Domain, Op: n.Op, Version: version, Attrs: n.Attrs, In: n.In}
	b.G.AddNode(m, outs...)
	r, err := b.Resolve(m)
	if err != nil {
		b.Fail(err)
		return m.Out
	}
	r.annotate()
	for i, v := range m.Out {
		if v != nil {
			v.Fact = r.out[i]
		}
	}
	return m.Out
}

func (d *Def) oldest() int {
	o := d.Since
	for i := range d.Old {
		o = min(o, d.Old[i].Since)
	}
	return o
}
