package edit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Input says how an input of a model is made from raw columns.
type Input struct {
	Name string // of the model's input
	// Columns stand side by side in the input's second dimension, in this order.
	Columns []Column
	// Impute has what missing numbers (NaN) become, one for each number of a row, NaN to leave one as it is.
	Impute []float64
	// Scale is applied to the row as it stands then.
	Scale *Scaler
}

// Column is a raw column. Without OneHot and Map it is a number.
type Column struct {
	Name string // of the new model's input, [batch,1]
	// OneHot are the values that get a place each; another value has a 0 in all of them.
	OneHot *Categories
	// Map gives each key another value.
	Map *Dictionary
}

// width returns how many numbers of a row the column makes.
func (c Column) width() int {
	if c.OneHot != nil {
		return c.OneHot.len()
	}
	return 1
}

// Preprocess returns a model that takes raw columns and makes the named inputs of m from them. Other inputs
// stay as they are. Each column becomes an input [batch,1]: strings or int64 where it has categories or a
// dictionary, else float32, or the input's own type where the column is all of it.
func Preprocess(m *onnxio.Model, inputs []Input) (*onnxio.Model, error) {
	if m.Graph == nil {
		return nil, errors.New("the model has no graph")
	}
	if len(inputs) == 0 {
		return nil, errors.New("no input is made from columns")
	}
	p := newPrologue(m)
	feeds := map[string]string{}
	for _, in := range inputs {
		if feeds[in.Name] != "" {
			return nil, fmt.Errorf("input %s is made twice", in.Name)
		}
		out, err := p.input(in)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", in.Name, err)
		}
		feeds[in.Name] = out
	}
	return Merge(p.model(), m, MergeOptions{Connect: feeds})
}

// prologue is the graph in front of a model, while it is made.
type prologue struct {
	m       *onnxio.Model
	ins     map[string]*onnxio.ValueInfo // the model's
	columns map[string]tensor.DType
	graph   onnxio.Graph
	names   fresher
	ml      bool // an operator of ai.onnx.ml is used
}

func newPrologue(m *onnxio.Model) *prologue {
	return &prologue{
		m: m, ins: byName(fed(m.Graph)), columns: map[string]tensor.DType{},
		graph: onnxio.Graph{Name: "preprocessing"}, names: newNames(namesIn(m.Graph)),
	}
}

func (p *prologue) model() *onnxio.Model {
	m := &onnxio.Model{IRVersion: p.m.IRVersion, Graph: &p.graph}
	for _, o := range p.m.OpsetImport {
		if o != nil && (onnxio.NormalDomain(o.Domain) == "" || onnxio.NormalDomain(o.Domain) == "ai.onnx.ml") {
			m.OpsetImport = append(m.OpsetImport, o)
		}
	}
	if _, ok := m.OpsetVersion("ai.onnx.ml"); p.ml && !ok {
		m.OpsetImport = append(m.OpsetImport, &onnxio.OperatorSetID{Domain: "ai.onnx.ml", Version: 3})
	}
	return m
}

// op adds a node and returns its output.
func (p *prologue) op(domain, op string, in []string, attrs ...*onnxio.Attribute) string {
	out := p.names.fresh("preprocess/" + op)
	p.graph.Node = append(p.graph.Node, &onnxio.Node{Name: out, OpType: op, Domain: domain, Input: in, Output: []string{out}, Attribute: attrs})
	p.ml = p.ml || domain == "ai.onnx.ml"
	return out
}

// constant adds an initializer.
func (p *prologue) constant(name string, t tensor.Any) string {
	name = p.names.fresh("preprocess/" + name)
	p.graph.Initializer = append(p.graph.Initializer, onnxio.FromTensor(name, t))
	return name
}

// to converts numbers to another type.
func (p *prologue) to(x string, from, to tensor.DType) string {
	if from == to {
		return x
	}
	return p.op("", "Cast", []string{x}, onnxio.NewAttribute("to", int(to)))
}

// input makes one input of the model and returns the value that feeds it.
func (p *prologue) input(in Input) (string, error) {
	target := p.ins[in.Name]
	if target == nil {
		return "", fmt.Errorf("the model has no such input; it has %s", list(p.ins))
	}
	batch, rank, err := p.fits(target, in)
	if err != nil {
		return "", err
	}
	dtype := target.Type.TensorType.DType()
	var x string
	if len(in.Columns) == 1 && in.Impute == nil && in.Scale == nil {
		x, err = p.single(in.Columns[0], batch, dtype)
	} else {
		x, err = p.row(in, batch, dtype)
	}
	if err != nil {
		return "", err
	}
	if rank == 1 {
		x = p.op("", "Reshape", []string{x, p.constant("shape", tensor.Vector[int64](-1))})
	}
	dims := []any{batch, width(in.Columns)}
	p.graph.Output = append(p.graph.Output, onnxio.NewValueInfo(x, dtype, dims[:rank]...))
	return x, nil
}

func width(columns []Column) int {
	n := 0
	for _, c := range columns {
		n += c.width()
	}
	return n
}

// fits returns the batch dimension and the rank of an input that columns can make.
func (p *prologue) fits(target *onnxio.ValueInfo, in Input) (batch any, rank int, err error) {
	if len(in.Columns) == 0 {
		return nil, 0, errors.New("it is made of no column")
	}
	if target.Type == nil || target.Type.TensorType == nil || target.Type.TensorType.Shape == nil {
		return nil, 0, errors.New("the model does not say its shape")
	}
	n := width(in.Columns)
	dims := target.Type.TensorType.Shape.Dim
	fail := fmt.Errorf("it is %s, the columns make rows of %d: %s", describe(target.Type.TensorType), n, columnNames(in.Columns))
	switch len(dims) {
	case 1:
		if n != 1 {
			return nil, 0, fail
		}
	case 2:
		if size, ok := dims[1].Value(); ok && int(size) != n {
			return nil, 0, fail
		}
	default:
		return nil, 0, fail
	}
	batch = "batch"
	if size, ok := dims[0].Value(); ok {
		batch = int(size)
	} else if dims[0].Param() != "" {
		batch = dims[0].Param()
	}
	return batch, len(dims), nil
}

func columnNames(columns []Column) string {
	var names []string
	for _, c := range columns {
		name := c.Name
		if n := c.width(); n > 1 {
			name += fmt.Sprintf(" (%d)", n)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// column adds an input of the new model, or returns the one that is there.
func (p *prologue) column(name string, d tensor.DType, batch any) (string, error) {
	if old, ok := p.columns[name]; ok {
		if old != d {
			return "", fmt.Errorf("column %s is read as %v and as %v", name, old, d)
		}
		return name, nil
	}
	p.columns[name] = d
	p.names[name] = true
	p.graph.Input = append(p.graph.Input, onnxio.NewValueInfo(name, d, batch, 1))
	return name, nil
}

// single makes an input of one column, which may be of any type.
func (p *prologue) single(c Column, batch any, dtype tensor.DType) (string, error) {
	if c.Map == nil && c.OneHot == nil {
		return p.column(c.Name, dtype, batch)
	}
	x, d, err := p.values(c, batch)
	if err != nil {
		return "", err
	}
	if dtype == tensor.String {
		return "", fmt.Errorf("column %s becomes %v, the input is %v", c.Name, d, dtype)
	}
	return p.to(x, d, dtype), nil
}

// row puts columns side by side and imputes and scales them.
func (p *prologue) row(in Input, batch any, dtype tensor.DType) (string, error) {
	if !dtype.IsFloat() {
		return "", fmt.Errorf("it is %v: columns side by side, imputed or scaled are floats", dtype)
	}
	var parts []string
	for _, c := range in.Columns {
		x, d, err := p.values(c, batch)
		if err != nil {
			return "", err
		}
		parts = append(parts, p.to(x, d, tensor.Float32))
	}
	x := parts[0]
	if len(parts) > 1 {
		x = p.op("", "Concat", parts, onnxio.NewAttribute("axis", 1))
	}
	n := width(in.Columns)
	if in.Impute != nil {
		if len(in.Impute) != n {
			return "", fmt.Errorf("%d numbers to impute for rows of %d: %s", len(in.Impute), n, columnNames(in.Columns))
		}
		fill := p.constant("missing", vector(in.Impute))
		x = p.op("", "Where", []string{p.op("", "IsNaN", []string{x}), fill, x})
	}
	if in.Scale != nil {
		var err error
		if x, err = p.scale(x, in.Scale, in.Columns); err != nil {
			return "", err
		}
	}
	return p.to(x, tensor.Float32, dtype), nil
}

// values returns a column's numbers, [batch,width], and their type.
func (p *prologue) values(c Column, batch any) (string, tensor.DType, error) {
	switch {
	case c.OneHot != nil && c.Map != nil:
		return "", 0, fmt.Errorf("column %s has both categories and a dictionary", c.Name)
	case c.OneHot != nil:
		x, err := p.column(c.Name, c.OneHot.dtype(), batch)
		if err != nil {
			return "", 0, err
		}
		return p.oneHot(x, c.OneHot), tensor.Float32, nil
	case c.Map != nil:
		if c.Map.Unknown == nil {
			return "", 0, fmt.Errorf("column %s: the dictionary does not say what an unknown key becomes: an ONNX graph cannot refuse it", c.Name)
		}
		if v, _ := p.m.OpsetVersion("ai.onnx.ml"); v == 1 {
			return "", 0, fmt.Errorf("column %s: the model uses version 1 of ai.onnx.ml, a dictionary needs 2", c.Name)
		}
		x, err := p.column(c.Name, c.Map.keyType(), batch)
		if err != nil {
			return "", 0, err
		}
		return p.lookup(x, c.Map), c.Map.valueType(), nil
	}
	x, err := p.column(c.Name, tensor.Float32, batch)
	return x, tensor.Float32, err
}
