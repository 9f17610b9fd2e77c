package train

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// edit is a model that is changed: a copy as far down as the lists of its main graph.
type edit struct {
	model *onnxio.Model
	graph *onnxio.Graph
	names map[string]bool
}

func newEdit(m *onnxio.Model) *edit {
	c, g := *m, *m.Graph
	c.Graph = &g
	g.Node, g.Initializer, g.Input, g.Output = slices.Clone(g.Node), slices.Clone(g.Initializer), slices.Clone(g.Input), slices.Clone(g.Output)
	e := &edit{&c, &g, map[string]bool{}}
	for _, n := range valueNames(&g) {
		e.names[n] = true
	}
	for n := range c.Nodes() {
		e.names[n.Name] = true
		for _, o := range n.Output {
			e.names[o] = true
		}
	}
	return e
}

// fresh returns the name, or it with a number where a value or node has it.
func (e *edit) fresh(name string) string {
	n := name
	for i := 1; e.names[n]; i++ {
		n = fmt.Sprintf("%s_%d", name, i)
	}
	e.names[n] = true
	return n
}

// addTensor adds a copy of an initializer under a name that is [edit.fresh].
func (e *edit) addTensor(name string, t *onnxio.Tensor) {
	c := *t
	c.Name = name
	e.graph.Initializer = append(e.graph.Initializer, &c)
	if e.model.IRVersion >= 4 {
		return
	}
	shape := &onnxio.TensorShape{} // older files list initializers among the inputs
	for _, d := range t.Dims {
		shape.Dim = append(shape.Dim, onnxio.FixedDim(d))
	}
	e.graph.Input = append(e.graph.Input, &onnxio.ValueInfo{Name: c.Name, Type: onnxio.NewTensorType(t.DType(), shape)})
}

// add adds an initializer under the name, or one like it, which it returns.
func (e *edit) add(name string, t tensor.Any) string {
	name = e.fresh(name)
	e.addTensor(name, onnxio.FromTensor(name, t))
	return name
}
