package keras

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// An operation's arguments are trees of: nil, bool, json.Number, string, []any, *ir.Value, span, ellipsis,
// tensor.Any. While a file is read, a place stands for a value of the graph.
type (
	// place is an index into a call's references.
	place int
	// span is a Python slice.
	span struct{ start, stop, step any }
	// ellipsis is Python's ...
	ellipsis struct{}
)

// isOperation reports whether a layer stands for a function that was called on values of the graph. The
// .h5 files of Keras 3 do not say the module of a class; there an operation, which may have the name of a
// layer's class, is what is called in Keras 3's way and has no argument trainable.
func isOperation(l *layer) bool {
	if l.Class == "TFOpLambda" || l.Class == "SlicingOpLambda" {
		return true
	}
	if l.Module != "" {
		return strings.HasPrefix(l.Module, "keras.src.ops.") || strings.HasPrefix(l.Module, "keras.ops")
	}
	_, isLayer := l.Config["trainable"]
	_, known := operations()[snake(l.Class)]
	return known && !isLayer && keras3Call.Match(l.Inbound)
}

// keras3Call is the beginning of a list of calls as Keras 3 writes them.
var keras3Call = regexp.MustCompile(`^\s*\[\s*\{`)

// operationCalls reads the inbound nodes of an operation, all of its arguments with them.
func operationCalls(raw json.RawMessage) ([]call, error) {
	var nodes []any
	if err := decode(raw, &nodes); err != nil {
		return nil, op.Malformedf("inbound_nodes is not a list")
	}
	var out []call
	for _, n := range nodes {
		c := call{kwargs: map[string]any{}}
		var err error
		switch n := n.(type) {
		case map[string]any:
			err = c.operands3(n)
		case []any:
			err = c.operands2(n)
		default:
			err = op.Malformedf("an inbound node is neither a list nor an object")
		}
		if err != nil {
			return nil, err
		}
		c.args = make([]int, len(c.refs)) // as if all were positional: operands says where each stands
		out = append(out, c)
	}
	return out, nil
}

// operands3 reads the arguments as Keras 3 writes them.
func (c *call) operands3(n map[string]any) error {
	args, _ := n["args"].([]any)
	for _, a := range args {
		v, err := c.operand(a, 0)
		if err != nil {
			return err
		}
		c.operands = append(c.operands, v)
	}
	kw, _ := n["kwargs"].(map[string]any)
	for k, a := range kw {
		v, err := c.operand(a, 0)
		if err != nil {
			return err
		}
		c.kwargs[k] = v
	}
	return nil
}

// operands2 reads those of TFOpLambda and SlicingOpLambda: [name, node, tensor, kwargs], where the name
// _CONSTANT_VALUE says that the third is the argument itself; or a list of those, and of such lists, which is
// one argument.
func (c *call) operands2(n []any) error {
	if len(n) == 1 {
		if list, ok := n[0].([]any); ok {
			if _, isList := first(list).([]any); isList {
				n = list
			} else {
				return c.operand2(list, true)
			}
		}
	}
	if _, ok := first(n).(string); ok {
		return c.operand2(n, true)
	}
	return c.list2(n, 0)
}

func (c *call) list2(n []any, depth int) error {
	if depth > maxDepth {
		return op.Malformedf("arguments are nested too deeply")
	}
	list := make([]any, 0, len(n))
	for _, x := range n {
		entry, ok := x.([]any)
		if !ok {
			return op.Malformedf("an inbound node does not list values")
		}
		var err error
		if _, nested := first(entry).([]any); nested {
			err = c.list2(entry, depth+1)
		} else {
			err = c.operand2(entry, false)
		}
		if err != nil {
			return err
		}
		list = append(list, c.operands[len(c.operands)-1])
		c.operands = c.operands[:len(c.operands)-1]
	}
	c.operands = append(c.operands, list)
	return nil
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (c *call) operand2(x []any, single bool) error {
	if len(x) == 0 && !single { // an empty list among the values, such as the second of concat([shape, []])
		c.operands = append(c.operands, x)
		return nil
	}
	if len(x) < 3 {
		return op.Malformedf("an inbound node does not list values")
	}
	var v any
	var err error
	if x[0] == "_CONSTANT_VALUE" {
		v, err = c.operand(x[2], 0)
	} else {
		v, err = c.operand(x[:3:3], 0)
	}
	if err != nil {
		return err
	}
	c.operands = append(c.operands, v)
	if len(x) < 4 {
		return nil
	}
	kw, _ := x[3].(map[string]any)
	for k, a := range kw {
		if _, seen := c.kwargs[k]; seen && !single {
			continue // each entry of a list repeats them
		}
		v, err := c.operand(a, 0)
		if err != nil {
			return err
		}
		c.kwargs[k] = v
	}
	return nil
}

// operand reads a tree. Lists of a name and two numbers are references of Keras 2.
func (c *call) operand(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, op.Malformedf("arguments are nested too deeply")
	}
	switch v := v.(type) {
	case []any:
		if r, ok := reference3(v); ok && len(v) == 3 {
			c.refs = append(c.refs, r)
			return place(len(c.refs) - 1), nil
		}
		list := make([]any, len(v))
		for i, x := range v {
			var err error
			if list[i], err = c.operand(x, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		return c.object(v, depth)
	}
	return v, nil
}

// object reads a serialised object among arguments.
func (c *call) object(v map[string]any, depth int) (any, error) {
	config, _ := v["config"].(map[string]any)
	switch v["class_name"] {
	case "__keras_tensor__":
		history, _ := config["keras_history"].([]any)
		r, ok := reference3(history)
		if !ok {
			return nil, op.Malformedf("a value of the graph has no keras_history")
		}
		c.refs = append(c.refs, r)
		return place(len(c.refs) - 1), nil
	case "__ellipsis__":
		return ellipsis{}, nil
	case "__slice__":
		v = config
	case "__numpy__", "__tensor__":
		name, _ := config["dtype"].(string)
		d, ok := kerasTypes[name]
		if !ok {
			return nil, op.Unsupportedf("a constant of type %s", name)
		}
		return constantOf(config["value"], d)
	case nil:
		if _, ok := v["step"]; !ok {
			return nil, op.Unsupportedf("an argument that is a dictionary")
		}
	default:
		return nil, op.Unsupportedf("an argument of class %v", v["class_name"])
	}
	var s span
	for key, at := range map[string]*any{"start": &s.start, "stop": &s.stop, "step": &s.step} {
		x, err := c.operand(v[key], depth+1)
		if err != nil {
			return nil, err
		}
		*at = x
	}
	return s, nil
}

// constantOf makes a tensor of nested lists of numbers.
func constantOf(v any, d tensor.DType) (tensor.Any, error) {
	var shape []int
	for x := v; ; {
		list, ok := x.([]any)
		if !ok {
			break
		}
		shape = append(shape, len(list))
		if x = first(list); len(shape) > maxDepth {
			return nil, op.Malformedf("a constant is nested too deeply")
		}
	}
	var flat []float64
	if err := flatten2(v, shape, &flat); err != nil {
		return nil, err
	}
	return numbers(flat, d, shape...)
}

func flatten2(v any, shape []int, out *[]float64) error {
	if len(shape) == 0 {
		f, ok := number(v)
		if !ok {
			return op.Unsupportedf("a constant with %v in it", v)
		}
		*out = append(*out, f)
		return nil
	}
	list, ok := v.([]any)
	if !ok || len(list) != shape[0] {
		return op.Malformedf("a constant is no regular array")
	}
	for _, x := range list {
		if err := flatten2(x, shape[1:], out); err != nil {
			return err
		}
	}
	return nil
}

// numbers returns numbers as a tensor.
func numbers(v []float64, d tensor.DType, shape ...int) (tensor.Any, error) {
	switch d {
	case tensor.Float32:
		return made[float32](v, shape)
	case tensor.Float64:
		return made[float64](v, shape)
	case tensor.Int32:
		return made[int32](v, shape)
	case tensor.Int64:
		return made[int64](v, shape)
	case tensor.Int8:
		return made[int8](v, shape)
	case tensor.Int16:
		return made[int16](v, shape)
	case tensor.Uint8:
		return made[uint8](v, shape)
	case tensor.Bool:
		b := make([]bool, len(v))
		for i, x := range v {
			b[i] = x != 0
		}
		return tensor.New(b, shape...)
	}
	return nil, op.Unsupportedf("constants of type %v", d)
}

func made[T float32 | float64 | int8 | int16 | int32 | int64 | uint8](v []float64, shape []int) (tensor.Any, error) {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return tensor.New(out, shape...)
}

// number returns a plain number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, true
	case int:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		switch v {
		case "inf", "Infinity", "nan", "NaN", "-inf", "-Infinity":
			f, err := strconv.ParseFloat(v, 64)
			return f, err == nil
		}
	}
	return 0, false
}

// whole returns a plain integer, such as a size of the graph that is known.
func whole(v any) (int, bool) {
	switch v := v.(type) {
	case bool:
		return 0, false
	case *ir.Value:
		if n, ok := knownInts(v); ok && v.Fact.Rank() == 0 {
			return n[0], true
		}
		return 0, false
	}
	f, ok := number(v)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// resolved puts the values of the graph in place of places.
func resolved(v any, in []*ir.Value) any {
	switch v := v.(type) {
	case place:
		return in[v]
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = resolved(x, in)
		}
		return list
	case span:
		return span{resolved(v.start, in), resolved(v.stop, in), resolved(v.step, in)}
	}
	return v
}
