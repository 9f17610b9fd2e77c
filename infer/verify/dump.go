package verify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// dump writes a node as a case of its own: constants stay constants, other inputs are recorded, and so
// are the answers.
func (b *bisection) dump(n *onnxio.Node, inputs, answers map[string]tensor.Any, d *Divergence) error {
	m := b.c.model
	constants := constantsOf(m.Graph)
	g := &onnxio.Graph{Name: "node", Node: []*onnxio.Node{n}}
	var in, out []tensor.Any
	for _, name := range reads(n) {
		t := inputs[name]
		if t == nil {
			return fmt.Errorf("the node's input %s is not known: it cannot be dumped", name)
		}
		if constants[name] != nil {
			g.Initializer = append(g.Initializer, onnxio.FromTensor(name, t))
			continue
		}
		g.Input = append(g.Input, onnxio.NewValueInfo(name, t.DType(), dimsOf(t.Shape())...))
		in = append(in, t)
	}
	for _, name := range n.Output {
		if t := answers[name]; name != "" && t != nil {
			g.Output = append(g.Output, onnxio.NewValueInfo(name, t.DType(), dimsOf(t.Shape())...))
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return errors.New("the reference's answers to the node are not known: it cannot be dumped")
	}
	one := &onnxio.Model{IRVersion: m.IRVersion, ProducerName: "onnxtool verify", OpsetImport: m.OpsetImport, Functions: m.Functions, Graph: g}
	if err := WriteCase(b.c.o.Dump, one, in, out); err != nil {
		return err
	}
	d.Dump = b.c.o.Dump
	return nil
}

func dimsOf(s tensor.Shape) []any {
	dims := make([]any, len(s))
	for i, n := range s {
		dims[i] = n
	}
	return dims
}

// WriteCase writes a model with recorded inputs and outputs, in the order of its graph, as a folder with
// model.onnx and test_data_set_0.
func WriteCase(dir string, m *onnxio.Model, inputs, outputs []tensor.Any) error {
	set := filepath.Join(dir, "test_data_set_0")
	if err := os.MkdirAll(set, 0o777); err != nil {
		return err
	}
	b, err := onnxio.Marshal(m)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "model.onnx"), b); err != nil {
		return err
	}
	for _, side := range []struct {
		name   string
		values []tensor.Any
		infos  []*onnxio.ValueInfo
	}{{"input", inputs, fed(m.Graph)}, {"output", outputs, m.Graph.Output}} {
		for i, t := range side.values {
			if b, err = onnxio.EncodeTensor(onnxio.FromTensor(side.infos[i].Name, t)); err != nil {
				return err
			}
			if err := writeFile(filepath.Join(set, fmt.Sprintf("%s_%d.pb", side.name, i)), b); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(path string, b []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}
