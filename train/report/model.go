package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxRows is the most rows of a model's table.
const maxRows = 400

// ModelTables describes a model: its inputs and outputs, its nodes and its constants.
func ModelTables(m *onnxio.Model) []Table {
	io := Table{Title: "Inputs and outputs", Columns: []string{"", "name", "type"}}
	for _, v := range m.Graph.Input {
		io.Rows = append(io.Rows, []string{"input", v.Name, typeText(v.Type)})
	}
	for _, v := range m.Graph.Output {
		io.Rows = append(io.Rows, []string{"output", v.Name, typeText(v.Type)})
	}
	nodes := Table{Title: fmt.Sprintf("Nodes (%s)", count(len(m.Graph.Node))), Columns: []string{"operator", "node", "inputs", "outputs"}, Folded: true}
	for _, n := range m.Graph.Node {
		op := n.OpType
		if n.Domain != "" {
			op = n.Domain + "." + op
		}
		nodes.Rows = append(nodes.Rows, []string{op, n.Name, strings.Join(n.Input, ", "), strings.Join(n.Output, ", ")})
	}
	total := 0
	constants := Table{Columns: []string{"constant", "type", "numbers"}, Folded: true}
	for _, t := range m.Graph.Initializer {
		n := 1
		dims := make([]string, len(t.Dims))
		for i, d := range t.Dims {
			dims[i] = strconv.FormatInt(d, 10)
			n *= int(d)
		}
		total += n
		constants.Rows = append(constants.Rows, []string{t.Name, tensor.DType(t.DataType).String() + "[" + strings.Join(dims, ",") + "]", count(n)})
	}
	constants.Title = fmt.Sprintf("Weights and constants (%s numbers)", count(total))
	out := []Table{io}
	for _, t := range []Table{nodes, constants} {
		if len(t.Rows) > maxRows {
			t.Note = fmt.Sprintf("The first %s of %s are shown.", count(maxRows), count(len(t.Rows)))
			t.Rows = t.Rows[:maxRows]
		}
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// typeText writes a value's type as in f32[batch,3].
func typeText(t *onnxio.Type) string {
	switch {
	case t == nil:
		return "unknown"
	case t.SequenceType != nil:
		return "sequence of " + typeText(t.SequenceType.ElemType)
	case t.OptionalType != nil:
		return "optional " + typeText(t.OptionalType.ElemType)
	case t.MapType != nil:
		return "map"
	case t.TensorType == nil:
		return "unknown"
	}
	name := tensor.DType(t.TensorType.ElemType).String()
	if t.TensorType.Shape == nil {
		return name + "[...]"
	}
	dims := make([]string, len(t.TensorType.Shape.Dim))
	for i, d := range t.TensorType.Shape.Dim {
		dims[i] = dimText(d)
	}
	return name + "[" + strings.Join(dims, ",") + "]"
}

// count writes a whole number with commas between thousands.
func count(n int) string { return grouped(strconv.Itoa(n)) }

// dimText writes a dimension: its size, its name, or ?.
func dimText(d *onnxio.Dimension) string {
	switch {
	case d.DimValue != nil:
		return strconv.FormatInt(*d.DimValue, 10)
	case d.DimParam != nil && *d.DimParam != "":
		return *d.DimParam
	}
	return "?"
}
