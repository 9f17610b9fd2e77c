package data

import (
	"errors"
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Tensor returns the values as a tensor of shape [rows]. Numbers become f32, f64, or an integer type that holds
// each of them; text becomes strings, or bool where every value is true or false in some letter case. A missing
// value is NaN in f32 and f64; in other types it has no form and is an error: see [Column.Fill] and
// [Table.DropMissing].
func (c *Column) Tensor(d tensor.DType) (tensor.Any, error) {
	t, err := tensor.Alloc(d, tensor.Shape{c.Len()})
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", c.name, err)
	}
	if err := c.store(t, 0, 1); err != nil {
		return nil, err
	}
	return t, nil
}

// Tensor returns the named columns, all of them where none is named, side by side as [rows, columns]. Each is
// converted as [Column.Tensor] does.
func (t *Table) Tensor(d tensor.DType, names ...string) (tensor.Any, error) {
	s := t
	if len(names) > 0 {
		var err error
		if s, err = t.Select(names...); err != nil {
			return nil, err
		}
	}
	out, err := tensor.Alloc(d, tensor.Shape{t.rows, len(s.columns)})
	if err != nil {
		return nil, err
	}
	for i, c := range s.columns {
		if err := c.store(out, i, len(s.columns)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// store writes the values to every step-th element of t, from the one at offset on.
func (c *Column) store(t tensor.Any, offset, step int) error {
	switch d := t.DType(); d {
	case tensor.Float32:
		return c.storeFloats(offset, step, func(at int, v float64) bool {
			f := float32(v)
			tensor.Data[float32](t)[at] = f
			return math.IsInf(v, 0) || !math.IsInf(float64(f), 0)
		})
	case tensor.Float64:
		return c.storeFloats(offset, step, func(at int, v float64) bool {
			tensor.Data[float64](t)[at] = v
			return true
		})
	case tensor.Int64:
		return storeInts(c, tensor.Data[int64](t), offset, step)
	case tensor.Int32:
		return storeInts(c, tensor.Data[int32](t), offset, step)
	case tensor.Int16:
		return storeInts(c, tensor.Data[int16](t), offset, step)
	case tensor.Int8:
		return storeInts(c, tensor.Data[int8](t), offset, step)
	case tensor.Uint64:
		return storeInts(c, tensor.Data[uint64](t), offset, step)
	case tensor.Uint32:
		return storeInts(c, tensor.Data[uint32](t), offset, step)
	case tensor.Uint16:
		return storeInts(c, tensor.Data[uint16](t), offset, step)
	case tensor.Uint8:
		return storeInts(c, tensor.Data[uint8](t), offset, step)
	case tensor.String:
		return c.storeStrings(tensor.Data[string](t), offset, step)
	case tensor.Bool:
		return c.storeBools(tensor.Data[bool](t), offset, step)
	default:
		return fmt.Errorf("column %s: no conversion from %v to %v", c.name, c.kind, d)
	}
}

func (c *Column) storeFloats(offset, step int, put func(at int, v float64) bool) error {
	f, err := c.As(Float)
	if err != nil {
		return err
	}
	for i, v := range f.floats {
		if !put(offset+i*step, v) {
			return c.errorAt(i, fmt.Errorf("%v is out of the range of 32-bit numbers", v))
		}
	}
	return nil
}

func storeInts[T tensor.Integer](c *Column, data []T, offset, step int) error {
	n, err := c.As(Int)
	if err != nil {
		return err
	}
	for i, v := range n.ints {
		if c.Missing(i) {
			return c.noForm(i, tensor.TypeOf[T]())
		}
		e := T(v)
		if int64(e) != v || (e < 0) != (v < 0) {
			return c.errorAt(i, fmt.Errorf("%d is out of the range of %v", v, tensor.TypeOf[T]()))
		}
		data[offset+i*step] = e
	}
	return nil
}

func (c *Column) storeStrings(data []string, offset, step int) error {
	s, err := c.As(String)
	if err != nil {
		return err
	}
	for i, v := range s.strings {
		if c.Missing(i) {
			return c.noForm(i, tensor.String)
		}
		data[offset+i*step] = v
	}
	return nil
}

func (c *Column) storeBools(data []bool, offset, step int) error {
	for i := range c.Len() {
		if c.Missing(i) {
			return c.noForm(i, tensor.Bool)
		}
		switch text := c.Text(i); text {
		case "1", "true", "True", "TRUE":
			data[offset+i*step] = true
		case "0", "false", "False", "FALSE":
		default:
			return c.errorAt(i, fmt.Errorf("%s is neither true nor false", quote(text)))
		}
	}
	return nil
}

func (c *Column) noForm(i int, d tensor.DType) error {
	return c.errorAt(i, fmt.Errorf("a missing value (%d of %d) has no form in %v: fill it or drop the row", c.CountMissing(), c.Len(), d))
}

// Roles say what a model makes of a table's columns.
type Roles struct {
	Inputs []string     // each becomes an input of its own name and shape [rows,1]: f32, i64 or string by its kind
	Target string       // becomes the target, [rows,1]; empty for none
	Weight string       // becomes the sample weights, [rows]; empty for none
	Type   tensor.DType // of the target; Undefined is f32
}

// Dataset returns the columns as a dataset, one row per example. A missing float is NaN; integers and text
// must have every value.
func (t *Table) Dataset(r Roles) (*Dataset, error) {
	if len(r.Inputs) == 0 {
		return nil, errors.New("data: no input columns are named")
	}
	inputs := make(map[string]tensor.Any, len(r.Inputs))
	for _, name := range r.Inputs {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		d := [...]tensor.DType{Float: tensor.Float32, Int: tensor.Int64, String: tensor.String}[c.kind]
		if inputs[name], err = t.Tensor(d, name); err != nil {
			return nil, err
		}
	}
	var target, weight tensor.Any
	if r.Target != "" {
		d, err := r.Type, error(nil)
		if d == tensor.Undefined {
			d = tensor.Float32
		}
		if target, err = t.Tensor(d, r.Target); err != nil {
			return nil, err
		}
	}
	if r.Weight != "" {
		c, err := t.Column(r.Weight)
		if err != nil {
			return nil, err
		}
		if weight, err = c.Tensor(tensor.Float32); err != nil {
			return nil, err
		}
	}
	return New(inputs, target, weight)
}
