package ort

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// view is a model as a session uses it: what goes in, and the outputs that were asked for.
type view struct {
	model    *onnxio.Model // with exactly the computed values as outputs
	ins      []infer.ValueInfo
	outs     []infer.ValueInfo
	computed []string // the outputs that nodes make
	copied   []copied // the others
}

// copied is an output that is an input or a constant of the model: onnxruntime is not asked for it.
type copied struct {
	name  string
	input bool
	value tensor.Any // of a constant
}

// newView looks at a model whose outputs are the named values, its own where names is nil.
func newView(m *onnxio.Model, names []string) (*view, error) {
	if m == nil || m.Graph == nil {
		return nil, fmt.Errorf("%w: the model has no graph", infer.ErrMalformed)
	}
	g := m.Graph
	constants := map[string]*onnxio.Tensor{}
	for _, t := range g.Initializer {
		if t != nil {
			constants[t.Name] = t
		}
	}
	v := &view{}
	inputs, err := v.addInputs(g, constants)
	if err != nil {
		return nil, err
	}
	if names == nil {
		for _, x := range g.Output {
			if x != nil {
				names = append(names, x.Name)
			}
		}
	}
	known, made := declared(g), madeBy(g)
	graph := *g
	graph.Output = nil
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("output %s is asked for twice", name)
		}
		x, ok := known[name]
		if !ok {
			x = &onnxio.ValueInfo{Name: name}
		}
		switch {
		case made[name]:
			v.computed = append(v.computed, name)
			graph.Output = append(graph.Output, x)
		case inputs[name]:
			v.copied = append(v.copied, copied{name: name, input: true})
		case constants[name] != nil:
			t, err := constants[name].Value()
			if err != nil {
				return nil, err
			}
			v.copied = append(v.copied, copied{name: name, value: t})
			x = onnxio.NewValueInfo(name, t.DType(), anyDims(t.Shape())...)
		default:
			return nil, fmt.Errorf("%w: the graph has no value %s", infer.ErrMalformed, name)
		}
		info, err := describe(x)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", name, err)
		}
		v.outs = append(v.outs, info)
	}
	model := *m
	model.Graph = &graph
	v.model = &model
	return v, nil
}

// addInputs describes the inputs that have no initializer, and returns their names.
func (v *view) addInputs(g *onnxio.Graph, constants map[string]*onnxio.Tensor) (map[string]bool, error) {
	inputs := map[string]bool{}
	for _, x := range g.Input {
		if x == nil || constants[x.Name] != nil {
			continue
		}
		info, err := describe(x)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", x.Name, err)
		}
		v.ins = append(v.ins, info)
		inputs[x.Name] = true
	}
	return inputs, nil
}

func anyDims(s tensor.Shape) []any {
	dims := make([]any, len(s))
	for i, n := range s {
		dims[i] = n
	}
	return dims
}

// madeBy returns the values that nodes of the main graph make.
func madeBy(g *onnxio.Graph) map[string]bool {
	made := map[string]bool{}
	for _, n := range g.Node {
		if n == nil {
			continue
		}
		for _, name := range n.Output {
			if name != "" {
				made[name] = true
			}
		}
	}
	return made
}

// declared returns what the document says of its values, by name.
func declared(g *onnxio.Graph) map[string]*onnxio.ValueInfo {
	known := map[string]*onnxio.ValueInfo{}
	for _, list := range [][]*onnxio.ValueInfo{g.ValueInfo, g.Input, g.Output} {
		for _, x := range list {
			if x != nil {
				known[x.Name] = x
			}
		}
	}
	return known
}

// describe returns what the document says of a value; a value without a type is Undefined.
func describe(x *onnxio.ValueInfo) (infer.ValueInfo, error) {
	info := infer.ValueInfo{Name: x.Name}
	if x.Type == nil {
		return info, nil
	}
	t := x.Type.TensorType
	if t == nil {
		return info, fmt.Errorf("%w: it is not a tensor", infer.ErrUnsupported)
	}
	info.DType = t.DType()
	if t.Shape == nil {
		return info, nil
	}
	info.Ranked = true
	for _, d := range t.Shape.Dim {
		dim := infer.Dim{Size: -1}
		if d != nil {
			if n, ok := d.Value(); ok && n >= 0 && int64(int(n)) == n {
				dim.Size = int(n)
			}
			dim.Name = d.Param()
		}
		info.Shape = append(info.Shape, dim)
	}
	return info, nil
}
