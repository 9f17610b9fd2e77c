package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Categories are the values of a column that get a place each: strings or whole numbers.
type Categories struct {
	Strings []string
	Ints    []int64
}

// NewCategories returns categories: whole numbers where all of them are.
func NewCategories(values []string) (*Categories, error) {
	seen := map[string]bool{}
	for _, v := range values {
		if seen[v] {
			return nil, fmt.Errorf("category %q is there twice", v)
		}
		seen[v] = true
	}
	if len(values) == 0 {
		return nil, errors.New("there are no categories")
	}
	if ints, ok := wholes(values); ok {
		return &Categories{Ints: ints}, nil
	}
	return &Categories{Strings: values}, nil
}

func (c *Categories) len() int { return len(c.Strings) + len(c.Ints) }

func (c *Categories) dtype() tensor.DType {
	if c.Ints != nil {
		return tensor.Int64
	}
	return tensor.String
}

// wholes returns what strings say as whole numbers, and whether all of them are.
func wholes(values []string) ([]int64, bool) {
	out := make([]int64, len(values))
	for i, v := range values {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != v {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// oneHot emits a 1 at the place of the category, [batch,n].
func (p *prologue) oneHot(x string, c *Categories) string {
	attr := onnxio.NewAttribute("cats_strings", c.Strings)
	if c.Ints != nil {
		attr = onnxio.NewAttribute("cats_int64s", c.Ints)
	}
	hot := p.op("ai.onnx.ml", "OneHotEncoder", []string{x}, attr, onnxio.NewAttribute("zeros", 1))
	return p.op("", "Flatten", []string{hot}, onnxio.NewAttribute("axis", 1))
}

// Dictionary gives each key of a column another value. Other keys get Unknown.
type Dictionary struct {
	Keys    []string
	Values  []float64
	Unknown *float64 // nil: nothing says what it is, and the dictionary cannot be used
}

// unknownKeys are what a dictionary calls a key that it does not have.
var unknownKeys = []string{"[UNK]", "<unk>", ""}

// ParseDictionary reads a dictionary from JSON, an object of numbers: {"17": 0, "23": 1}. The key [UNK], <unk> or
// "" says what any other key becomes.
func ParseDictionary(b []byte) (*Dictionary, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	fail := func(format string, args ...any) (*Dictionary, error) {
		return nil, fmt.Errorf("dictionary: "+format, args...)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fail(`it is not a JSON object such as {"17": 0, "23": 1}`)
	}
	out := &Dictionary{}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fail("%w", err)
		}
		key, _ := t.(string)
		var v float64
		if err := d.Decode(&v); err != nil {
			return fail("key %q: its value is no number", key)
		}
		if seen[key] {
			return fail("key %q is there twice", key)
		}
		seen[key] = true
		out.Keys, out.Values = append(out.Keys, key), append(out.Values, v)
	}
	if _, err := d.Token(); err != nil {
		return fail("%w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fail("something follows the object")
	}
	if len(out.Keys) == 0 {
		return fail("it is empty")
	}
	out.takeUnknown()
	return out, nil
}

// takeUnknown moves the entry for unknown keys out of the list.
func (d *Dictionary) takeUnknown() {
	for _, name := range unknownKeys {
		for i, k := range d.Keys {
			if k != name || len(d.Keys) == 1 {
				continue
			}
			v := d.Values[i]
			d.Unknown = &v
			d.Keys = append(d.Keys[:i:i], d.Keys[i+1:]...)
			d.Values = append(d.Values[:i:i], d.Values[i+1:]...)
			return
		}
	}
}

func (d *Dictionary) keyType() tensor.DType {
	if _, ok := wholes(d.Keys); ok {
		return tensor.Int64
	}
	return tensor.String
}

func (d *Dictionary) valueType() tensor.DType {
	for _, v := range append([]float64{*d.Unknown}, d.Values...) {
		if v != math.Trunc(v) || math.Abs(v) >= 1<<53 {
			return tensor.Float32
		}
	}
	return tensor.Int64
}

// lookup emits a LabelEncoder.
func (p *prologue) lookup(x string, d *Dictionary) string {
	keys := onnxio.NewAttribute("keys_strings", d.Keys)
	if ints, ok := wholes(d.Keys); ok {
		keys = onnxio.NewAttribute("keys_int64s", ints)
	}
	if d.valueType() == tensor.Int64 {
		ints := make([]int64, len(d.Values))
		for i, v := range d.Values {
			ints[i] = int64(v)
		}
		return p.op("ai.onnx.ml", "LabelEncoder", []string{x}, keys,
			onnxio.NewAttribute("values_int64s", ints), onnxio.NewAttribute("default_int64", int64(*d.Unknown)))
	}
	floats := make([]float32, len(d.Values))
	for i, v := range d.Values {
		floats[i] = float32(v)
	}
	return p.op("ai.onnx.ml", "LabelEncoder", []string{x}, keys,
		onnxio.NewAttribute("values_floats", floats), onnxio.NewAttribute("default_float", float32(*d.Unknown)))
}
