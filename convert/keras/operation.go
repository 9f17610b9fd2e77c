package keras

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// operation is a function of keras.ops: its parameters in their order, and what emits it.
type operation struct {
	params string
	emit   func(x *emit, a *arguments) []*ir.Value
}

// arguments are those of one call of an operation, by name.
type arguments struct {
	x      *emit
	values map[string]any
	read   map[string]bool
}

// callOperation emits a function of keras.ops.
func (x *emit) callOperation(name string, args []any, kwargs map[string]any) []*ir.Value {
	o, ok := operations()[name]
	if !ok {
		x.Fail(op.Unsupportedf("the function %s of keras.ops", name))
		return one(&ir.Value{Name: name})
	}
	return x.callAs(o, name, args, kwargs)
}

// callAs emits an operation on arguments by place and by name.
func (x *emit) callAs(o operation, name string, args []any, kwargs map[string]any) []*ir.Value {
	a := &arguments{x: x, values: map[string]any{}, read: map[string]bool{}}
	params := slices.DeleteFunc(strings.Fields(o.params), func(p string) bool { _, given := kwargs[p]; return given })
	if len(args) > len(params) {
		x.Fail(op.Malformedf("%s takes %d arguments that are not named, not %d", name, len(params), len(args)))
		return one(&ir.Value{Name: name})
	}
	maps.Copy(a.values, kwargs)
	for i, v := range args {
		a.values[params[i]] = v
	}
	out := o.emit(x, a)
	for _, k := range slices.Sorted(maps.Keys(a.values)) {
		if v := a.values[k]; v != nil && v != false && !a.read[k] {
			x.Fail(op.Unsupportedf("argument %s of %s", k, name))
		}
	}
	return out
}

// find returns what converts a layer, nil where nothing does.
func (c *converter) find(l *layer) convertFunc {
	if f := c.own(l); f != nil {
		return f
	}
	switch {
	case l.Class == "TFOpLambda":
		return tfLayer
	case l.Class == "SlicingOpLambda":
		return slicingLayer
	case isOperation(l):
		return operationLayer
	}
	return c.layers[l.Class]
}

// operationLayer emits a layer that is a function of Keras 3: what its constructor got is in the
// configuration, the rest in the call.
func operationLayer(x *emit) []*ir.Value {
	kwargs := map[string]any{}
	for k := range x.layer.Config {
		if v := x.layer.get(k); k != "name" && k != "trainable" {
			kwargs[k] = v
		}
	}
	name := snake(x.layer.Class)
	if x.layer.Class != "Cast" && !strings.Contains(operations()[name].params, "dtype") {
		delete(kwargs, "dtype")
	}
	args, words := x.operands()
	maps.Copy(kwargs, words)
	return x.callOperation(name, args, kwargs)
}

// operands returns the arguments of the call with their values.
func (x *emit) operands() ([]any, map[string]any) {
	args, _ := resolved(x.call.operands, x.in).([]any)
	words := map[string]any{}
	for k, v := range x.call.kwargs {
		words[k] = resolved(v, x.in)
	}
	return args, words
}

func (a *arguments) get(key string) any {
	a.read[key] = true
	return a.values[key]
}

func (a *arguments) has(key string) bool { return a.get(key) != nil }

func (a *arguments) fail(key string) {
	a.x.Fail(argument(key, a.values[key]))
}

// value returns an argument as a value; a number gets the type that it has in Keras by itself.
func (a *arguments) value(key string) *ir.Value { return a.asValue(key, a.get(key), nil) }

// values of several arguments, brought to one type as Keras does: floats before integers before bools.
func (a *arguments) alike(keys ...string) []*ir.Value {
	list := make([]any, len(keys))
	for i, k := range keys {
		list[i] = a.get(k)
	}
	return a.promoted(keys[0], list)
}

func (a *arguments) promoted(key string, list []any) []*ir.Value {
	var like *ir.Value
	fraction := false
	for _, v := range list {
		switch v := v.(type) {
		case *ir.Value:
			like = wider(like, v)
		case tensor.Any:
			like = wider(like, &ir.Value{Fact: ir.Typed(v.DType())})
		default:
			if f, ok := number(v); ok && (f != math.Trunc(f) || isPoint(v)) {
				fraction = true
			}
		}
	}
	if like == nil || fraction && !isFloat(like.Fact.DType) {
		like = &ir.Value{Fact: ir.Typed(tensor.Float32)}
	}
	out := make([]*ir.Value, len(list))
	for i, v := range list {
		out[i] = a.asValue(key, v, like)
		if d := like.Fact.DType; out[i].Fact.DType != d && a.x.Err() == nil {
			out[i] = a.x.Cast(out[i], d)
		}
	}
	return out
}

// isPoint reports whether a number was written as a float.
func isPoint(v any) bool {
	n, ok := v.(json.Number)
	return ok && strings.ContainsAny(n.String(), ".eE")
}

// wider returns the value whose type both are brought to.
func wider(x, y *ir.Value) *ir.Value {
	if x == nil || typeRank(y.Fact.DType) > typeRank(x.Fact.DType) {
		return y
	}
	return x
}

func typeRank(d tensor.DType) int {
	return slices.Index([]tensor.DType{tensor.Bool, tensor.Uint8, tensor.Int8, tensor.Uint16, tensor.Int16, tensor.Uint32, tensor.Int32,
		tensor.Int64, tensor.Float16, tensor.BFloat16, tensor.Float32, tensor.Float64}, d)
}

func isFloat(d tensor.DType) bool { return typeRank(d) >= typeRank(tensor.Float16) }

// asValue returns a value, or a constant of the type of like.
func (a *arguments) asValue(key string, v any, like *ir.Value) *ir.Value {
	switch v := v.(type) {
	case *ir.Value:
		return v
	case tensor.Any:
		return a.x.Const(v)
	case []any:
		if slices.ContainsFunc(v, func(x any) bool { _, ok := x.(*ir.Value); return ok }) {
			return a.x.stacked(a.promoted(key, v), 0)
		}
		d := tensor.Float32
		if like != nil {
			d = like.Fact.DType
		}
		t, err := constantOf(v, d)
		if err == nil {
			return a.x.Const(t)
		}
		a.x.Fail(err)
	default:
		if f, ok := number(v); ok {
			if like == nil {
				like = &ir.Value{Fact: ir.Typed(tensor.Float32)}
			}
			return a.x.Scalar(like, f)
		}
		a.fail(key)
	}
	return &ir.Value{Name: key}
}

// list returns an argument that is a list of values.
func (a *arguments) list(key string) []*ir.Value {
	switch v := a.get(key).(type) {
	case []any:
		if len(v) > 0 {
			return a.promoted(key, v)
		}
	case *ir.Value:
		return one(v)
	}
	a.fail(key)
	return one(&ir.Value{Name: key})
}

func (a *arguments) flag(key string) bool {
	f, _ := number(a.get(key))
	return f != 0
}

func (a *arguments) integer(key string, def int) int {
	v := a.get(key)
	if v == nil {
		return def
	}
	n, ok := whole(v)
	if !ok {
		a.fail(key)
	}
	return n
}

func (a *arguments) num(key string, def float64) float64 {
	v := a.get(key)
	if v == nil {
		return def
	}
	f, ok := number(v)
	if !ok {
		a.fail(key)
	}
	return f
}

func (a *arguments) text(key, def string) string {
	if s, ok := a.get(key).(string); ok {
		return s
	}
	if a.has(key) {
		a.fail(key)
	}
	return def
}

// ints returns integers: one, a list of them, or what the graph computes of sizes that are known; nil where there
// is none.
func (a *arguments) ints(key string) []int {
	v := a.get(key)
	if v == nil {
		return nil
	}
	if g, ok := v.(*ir.Value); ok {
		if n, ok := knownInts(g); ok {
			return n
		}
	}
	if n, ok := whole(v); ok {
		return []int{n}
	}
	list, ok := v.([]any)
	out := make([]int, len(list))
	for i, x := range list {
		n, whole := whole(x)
		ok = ok && whole
		out[i] = n
	}
	if !ok {
		a.fail(key)
	}
	return out
}

// knownInts returns the elements of an integer value, where all are known.
func knownInts(v *ir.Value) ([]int, bool) {
	out := make([]int, len(v.Fact.Elems))
	for i, e := range v.Fact.Elems {
		var ok bool
		if out[i], ok = e.Int(); !ok {
			return nil, false
		}
	}
	return out, len(out) > 0
}

// axes returns axes of a value, from 0.
func (a *arguments) axes(key string, rank int) []int {
	out := a.ints(key)
	for i := range out {
		if out[i] < 0 {
			out[i] += rank
		}
		if out[i] < 0 || out[i] >= rank {
			a.fail(key)
			out[i] = 0
		}
	}
	return out
}

func (a *arguments) axis(key string, def, rank int) int {
	if !a.has(key) {
		a.values[key] = def
	}
	if v := a.axes(key, rank); len(v) == 1 {
		return v[0]
	}
	a.fail(key)
	return 0
}

// sizes returns a list of sizes as a vector; among them there may be values.
func (a *arguments) sizes(key string) *ir.Value {
	v := a.get(key)
	if v, ok := v.(*ir.Value); ok {
		if v.Fact.Rank() == 0 { // a single one
			v = a.x.ReshapeTo(v, 1)
		}
		return a.x.Cast(v, tensor.Int64)
	}
	list, ok := v.([]any)
	if n, isWhole := whole(v); isWhole {
		list, ok = []any{n}, true
	}
	if !ok {
		a.fail(key)
		return a.x.Ints()
	}
	var parts []*ir.Value
	var plain []int
	flush := func() {
		if len(plain) > 0 {
			parts = append(parts, a.x.Ints(plain...))
		}
		plain = nil
	}
	for _, s := range list {
		switch s := s.(type) {
		case *ir.Value:
			flush()
			parts = append(parts, a.x.ReshapeTo(a.x.Cast(s, tensor.Int64), 1))
		default:
			n, ok := whole(s)
			if !ok && s != nil {
				a.fail(key)
			}
			if s == nil {
				n = -1
			}
			plain = append(plain, n)
		}
	}
	if flush(); len(parts) == 1 {
		return parts[0]
	} else if len(parts) == 0 {
		return a.x.Ints()
	}
	return a.x.Concat(0, parts...)
}

// dtype returns a type by its name.
func (a *arguments) dtype(key string, def tensor.DType) tensor.DType {
	v := a.get(key)
	if m, ok := v.(map[string]any); ok { // a policy
		config, _ := m["config"].(map[string]any)
		v = config["name"]
	}
	if v == nil {
		return def
	}
	name, _ := v.(string)
	d, ok := kerasTypes[name]
	if !ok {
		a.fail(key)
	}
	if d == tensor.Float16 || d == tensor.BFloat16 { // Keras up to 3.5 has casts in front of the layers of a half policy
		return tensor.Float32
	}
	return d
}

// float brings integers to float32, as Keras's functions of real numbers do.
func (x *emit) float(v *ir.Value) *ir.Value {
	if x.Err() == nil && !isFloat(v.Fact.DType) {
		return x.Cast(v, tensor.Float32)
	}
	return v
}

// stacked joins values along a new axis.
func (x *emit) stacked(list []*ir.Value, axis int) *ir.Value {
	parts := make([]*ir.Value, len(list))
	for i, v := range list {
		parts[i] = x.Unsqueeze(v, axis)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return x.Concat(axis, parts...)
}
