package lower

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
)

// maxDepth bounds functions that call functions; ONNX forbids that they call themselves.
const maxDepth = 64

type functionKey struct{ domain, name, overload string }

func keyOf(n *onnxio.Node) functionKey {
	return functionKey{op.Domain(n.Domain), n.OpType, n.Overload}
}

func functionsOf(m *onnxio.Model) map[functionKey]*onnxio.Function {
	out := map[functionKey]*onnxio.Function{}
	for _, f := range m.Functions {
		if f != nil {
			out[functionKey{op.Domain(f.Domain), f.Name, f.Overload}] = f
		}
	}
	return out
}

// call puts a function's nodes in the place of a node that calls it.
func (l *lowering) call(doc *onnxio.Node, f *onnxio.Function, s *scope) {
	path := s.prefix + doc.Name
	if doc.Name == "" {
		path = s.prefix + f.Name
	}
	if l.depth >= maxDepth {
		l.fail(op.Malformedf("node %s: functions call one another more than %d deep", path, maxDepth))
		return
	}
	inner, err := l.enter(doc, f, s, path)
	if err != nil {
		l.fail(fmt.Errorf("node %s, function %s: %w", path, f.Name, err))
		return
	}
	l.depth++
	l.nodes(f.Node, inner)
	l.depth--
	if l.full() {
		return
	}
	outs := make([]*ir.Value, len(doc.Output))
	for i, name := range doc.Output {
		if name == "" {
			continue
		}
		if i >= len(f.Output) || inner.values[f.Output[i]] == nil {
			l.fail(op.Malformedf("node %s: function %s does not make its output %d", path, f.Name, i))
			return
		}
		if v := inner.values[f.Output[i]]; !l.bad[v] {
			outs[i] = v
		} else {
			s.values[name] = v
		}
	}
	for i, v := range outs {
		if v != nil {
			l.define(doc.Output[i:i+1], outs[i:i+1], s)
		}
	}
}

// enter returns the scope of a function's body for one call.
func (l *lowering) enter(doc *onnxio.Node, f *onnxio.Function, s *scope, path string) (*scope, error) {
	opsets, err := imports(f.OpsetImport)
	if err != nil {
		return nil, err
	}
	for d, v := range s.opsets {
		if _, ok := opsets[d]; !ok {
			opsets[d] = v
		}
	}
	inner := &scope{values: map[string]*ir.Value{}, opsets: opsets, attrs: map[string]*onnxio.Attribute{}, prefix: path + "/"}
	for _, a := range f.AttributeProto {
		inner.attrs[a.Name] = a // defaults
	}
	for _, a := range doc.Attribute {
		if a.RefAttrName != "" {
			ref := s.attrs[a.RefAttrName]
			if ref == nil {
				continue
			}
			c := *ref
			c.Name = a.Name
			a = &c
		}
		inner.attrs[a.Name] = a
	}
	in, _ := l.arguments(doc, path, s)
	if len(in) > len(f.Input) {
		return nil, op.Malformedf("%d inputs, at most %d expected", len(in), len(f.Input))
	}
	for i, name := range f.Input {
		inner.values[name] = nil
		if i < len(in) {
			inner.values[name] = in[i]
		}
	}
	return inner, nil
}
