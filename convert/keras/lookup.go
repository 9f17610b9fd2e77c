package keras

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// lookup is a table between terms and indices, as StringLookup and IntegerLookup have it: the mask (in
// output_mode int alone), the indices of unknown terms, then the terms.
type lookup struct {
	x       *emit
	strings bool
	tokens  []any // strings or int64
	idf     []float64
	mask    any // nil where there is none
	unknown any // the term that stands for what is not known
	oov     int // how many indices there are for that
	mode    string
	saved   []*tensor.Tensor[float32] // the layer's weights, which are the idf weights that adapt found
}

// stringLookup maps strings to indices, or the other way.
func stringLookup(x *emit) []*ir.Value { return lookupLayer(x, true) }

// integerLookup maps integers to indices, or the other way.
func integerLookup(x *emit) []*ir.Value { return lookupLayer(x, false) }

func lookupLayer(x *emit, text bool) []*ir.Value {
	x.noCall()
	t := &lookup{x: x, strings: text, mode: outputMode(x.layer), oov: x.layer.integer("num_oov_indices", 1), saved: x.weights}
	x.weights = nil
	for _, k := range []string{"vocabulary_size", "has_input_vocabulary", "vocabulary_dtype", "salt", "oov_method", "max_values"} {
		x.layer.get(k)
	}
	if e := x.layer.text("encoding", "utf-8"); e != "utf-8" {
		x.Fail(argument("encoding", e))
	}
	t.mask, t.unknown = t.term("mask_token"), t.term("oov_token")
	if !t.read() || x.Err() != nil {
		return one(x.in[0])
	}
	if x.layer.flag("invert", false) {
		return one(t.inverse(x.in[0]))
	}
	return one(t.forward(x.in[0]))
}

// outputMode reads the argument output_mode, which had other names.
func outputMode(l *layer) string {
	switch mode := l.text("output_mode", "int"); mode {
	case "binary":
		return "multi_hot"
	case "tf-idf":
		return "tf_idf"
	default:
		return mode
	}
}

// term returns an argument as a term.
func (t *lookup) term(key string) any {
	v := t.x.layer.get(key)
	if v == nil {
		return nil
	}
	out, ok := t.parse(v)
	if !ok {
		t.x.Fail(argument(key, v))
	}
	return out
}

func (t *lookup) parse(v any) (any, bool) {
	if t.strings {
		s, ok := v.(string)
		return s, ok
	}
	switch v := v.(type) {
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	case json.Number:
		n, ok := whole(v)
		return int64(n), ok
	}
	return nil, false
}

// first returns the index of the first term.
func (t *lookup) first() int {
	if t.mask != nil && t.mode == "int" {
		return t.oov + 1
	}
	return t.oov
}

// read reads the vocabulary: the argument's, or that in the archive. A path is never followed: Keras
// once read any file of the reader's machine that way (CVE-2025-12058).
func (t *lookup) read() bool {
	x := t.x
	var list []any
	switch v := x.layer.get("vocabulary").(type) {
	case []any:
		list = v
	case string:
		x.Fail(op.Unsupportedf("the vocabulary is the path of a file outside of the archive, which is never read"))
		return false
	case nil:
		b, err := x.asset("vocabulary.txt")
		if err != nil {
			x.Fail(err)
			return false
		}
		list = lines(string(b), x.layer.integer("vocabulary_size", 0))
	default:
		x.Fail(argument("vocabulary", v))
		return false
	}
	special := make([]any, 0, t.first())
	if t.first() > t.oov {
		special = append(special, t.mask)
	}
	if t.oov < 0 || t.oov > len(list)+maxPieces {
		x.Fail(argument("num_oov_indices", t.oov))
		return false
	}
	special = append(special, slices.Repeat([]any{t.unknown}, t.oov)...)
	seen := map[any]bool{}
	for _, v := range list {
		term, ok := t.parse(v)
		if !ok {
			x.Fail(op.Malformedf("the vocabulary has %v in it", v))
			return false
		}
		t.tokens = append(t.tokens, term)
	}
	whole := len(t.tokens) >= len(special) && slices.Equal(t.tokens[:len(special)], special)
	if whole {
		t.tokens = t.tokens[len(special):]
	}
	for _, k := range t.tokens {
		if seen[k] {
			x.Fail(op.Malformedf("the vocabulary has %v twice", k))
			return false
		}
		seen[k] = true
	}
	return t.mode != "tf_idf" || t.weights(whole)
}

// lines returns those of a vocabulary's file. It ends without a line break: an empty last line is a term
// if the layer's size counts it.
func lines(text string, size int) []any {
	all := strings.Split(text, "\n")
	for len(all) > max(size, 0) && strings.TrimSpace(all[len(all)-1]) == "" {
		all = all[:len(all)-1]
	}
	list := make([]any, len(all))
	for i, line := range all {
		list[i] = strings.TrimSuffix(line, "\r")
	}
	return list
}

// weights reads the weights of tf_idf; those of unknown terms are the mean where there are none.
func (t *lookup) weights(whole bool) bool {
	if len(t.saved) == 1 && !t.x.layer.has("idf_weights") {
		for _, v := range t.saved[0].Data() {
			t.idf = append(t.idf, float64(v))
		}
		n := len(t.tokens) + t.first()
		if len(t.idf) < n {
			t.x.Fail(op.Malformedf("%d idf weights for %d terms", len(t.idf), n))
			return false
		}
		t.idf = t.idf[:n] // max_tokens may be more
		return true
	}
	list, _ := t.x.layer.get("idf_weights").([]any)
	sum := 0.
	for _, v := range list {
		f, ok := number(v)
		if !ok {
			t.x.Fail(argument("idf_weights", v))
			return false
		}
		t.idf = append(t.idf, f)
		sum += f
	}
	if !whole {
		t.idf = append(slices.Repeat([]float64{sum / float64(max(1, len(list)))}, t.first()), t.idf...)
	}
	if len(list) == 0 || len(t.idf) != len(t.tokens)+t.first() {
		t.x.Fail(op.Unsupportedf("output_mode tf_idf: %d idf_weights in the configuration for %d terms", len(list), len(t.tokens)))
		return false
	}
	return true
}

// keys returns the terms in the type that LabelEncoder takes.
func keys(list []any) ir.Attr {
	if len(list) > 0 {
		if _, ok := list[0].(string); ok {
			s := make([]string, len(list))
			for i, v := range list {
				s[i] = v.(string)
			}
			return ir.Attr{Name: "strings", Value: s}
		}
	}
	s := make([]int64, len(list))
	for i, v := range list {
		s[i] = v.(int64)
	}
	return ir.Attr{Name: "int64s", Value: s}
}

func named2(prefix string, a ir.Attr) ir.Attr {
	return ir.Attr{Name: prefix + "_" + a.Name, Value: a.Value}
}

// forward maps terms to indices and encodes those.
func (t *lookup) forward(v *ir.Value) *ir.Value {
	x := t.x
	if t.strings != (v.Fact.DType == tensor.String) {
		x.Fail(op.Unsupportedf("a table of %v, looked up with %v", map[bool]string{true: "strings", false: "integers"}[t.strings], v.Fact.DType))
		return v
	}
	if !t.strings {
		v = x.Cast(v, tensor.Int64)
	}
	table := slices.Clone(t.tokens)
	values := make([]any, 0, len(table)+1)
	for i := range table {
		values = append(values, int64(t.first()+i))
	}
	if t.mask != nil {
		at := int64(0)
		if t.mode != "int" {
			at = math.MaxInt64 // no vector has it
		}
		table, values = append(table, t.mask), append(values, at)
	}
	missing := int64(-1)
	if t.oov == 1 {
		missing = int64(t.first() - 1)
	} else if t.oov > 1 && t.strings {
		x.Fail(op.Unsupportedf("num_oov_indices=%d: ONNX has no operator that gives the bytes of a string", t.oov))
		return v
	}
	y := x.EmitIn("ai.onnx.ml", 1, "LabelEncoder", []*ir.Value{v}, named2("keys", keys(table)), named2("values", keys(values)), op.Attr("default_int64", int(missing)))[0]
	if t.oov > 1 {
		if m := x.layer.text("oov_method", "floormod"); m != "floormod" {
			x.Fail(argument("oov_method", m))
		}
		hashed := x.AddScalar(x.Op("Mod", v, x.Scalar(v, float64(t.oov))), float64(t.first()-t.oov))
		y = x.Where(x.Op("Equal", y, x.Scalar(y, -1)), hashed, y)
	}
	return t.encoded(y)
}

func (t *lookup) encoded(y *ir.Value) *ir.Value {
	x := t.x
	depth := len(t.tokens) + t.first()
	n := x.layer.integer("max_tokens", 0)
	if x.layer.flag("pad_to_max_tokens", false) {
		depth = max(n, 0)
	}
	hot := tensor.Int64
	if x.converter.keras2() {
		hot = tensor.Float32
	}
	switch {
	case t.mode == "int":
		return y
	case x.layer.flag("sparse", false):
		x.Fail(argument("sparse", true))
		return y
	case t.mode != "tf_idf":
		return x.encodeAs(t.mode, y, depth, hot)
	}
	if depth < len(t.idf) || depth > maxPieces+len(t.idf) {
		x.Fail(argument("max_tokens", n))
		return y
	}
	idf := append(slices.Clone(t.idf), make([]float64, depth-len(t.idf))...)
	w, err := numbers(idf, tensor.Float32, depth)
	if err != nil {
		x.Fail(err)
		return y
	}
	return x.Mul(x.encodeAs("count", y, depth, tensor.Float32), x.constant("idf_weights", w))
}

// inverse maps indices to terms.
func (t *lookup) inverse(v *ir.Value) *ir.Value {
	x := t.x
	if t.mode != "int" || t.unknown == nil {
		x.Fail(op.Unsupportedf("an inverse lookup with output_mode %s", t.mode))
		return v
	}
	v = x.Cast(v, tensor.Int64)
	var indices, terms []any
	if t.mask != nil {
		indices, terms = append(indices, int64(0)), append(terms, t.mask)
	}
	for i, k := range t.tokens {
		indices, terms = append(indices, int64(t.first()+i)), append(terms, k)
	}
	missing := ir.Attr{Name: "default_string", Value: t.unknown}
	if !t.strings {
		missing.Name = "default_int64"
	}
	return x.EmitIn("ai.onnx.ml", 1, "LabelEncoder", []*ir.Value{v}, named2("keys", keys(indices)), named2("values", keys(terms)), missing)[0]
}
