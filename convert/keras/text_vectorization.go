package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// punctuation is what Keras deletes from text, and space what TensorFlow splits at besides the blank.
const (
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	space       = "\t\n\v\f\r"
)

// maxSequence bounds output_sequence_length, and maxNgram the terms of an n-gram.
const (
	maxSequence = 1 << 24
	maxNgram    = 64
)

// tokens are the parts of each string: values (batch, width) with empty strings in between, which count as
// none, and where they are not parts, ok is false.
type tokens struct {
	values *ir.Value
	ok     *ir.Value // nil: all of them are
}

// textVectorization standardizes strings, splits them and looks the parts up.
func textVectorization(x *emit) []*ir.Value {
	x.noCall()
	l := x.layer
	t := &lookup{x: x, strings: true, mode: outputMode(l), oov: 1, mask: any(""), unknown: any("[UNK]"), saved: x.weights}
	x.weights = nil
	for _, k := range []string{"vocabulary_size", "max_tokens", "has_input_vocabulary"} {
		l.get(k)
	}
	if e := l.text("encoding", "utf-8"); e != "utf-8" {
		x.Fail(argument("encoding", e))
	}
	if l.flag("ragged", false) {
		x.Fail(argument("ragged", true))
	}
	if !t.read() || x.Err() != nil {
		return one(x.in[0])
	}
	v := x.in[0]
	if d := v.Fact.DType; d != tensor.String {
		x.Fail(op.Unsupportedf("TextVectorization of %v", d))
		return one(v)
	}
	split := x.pythonOr("split", "whitespace")
	if v = x.textIn(v, split != ""); x.Err() != nil {
		return one(v)
	}
	w := &tokens{values: x.standardized(v)}
	switch split {
	case "":
	case "whitespace":
		w.values = x.splitAtSpace(w.values)
	case "character":
		return one(x.characters(t, w.values))
	default:
		x.Fail(argument("split", split))
		return one(v)
	}
	w = x.ngrams(w)
	if t.mode != "int" {
		return one(t.forward(w.terms(x)))
	}
	return one(x.sequence(t.forward(w.terms(x)), split == "" && w.ok == nil))
}

// pythonOr reads an argument that names a rule; null is "". Functions are refused.
func (x *emit) pythonOr(key, def string) string {
	switch v := x.layer.get(key).(type) {
	case string:
		return v
	case nil:
		if _, null := x.layer.Config[key]; null {
			return ""
		}
		return def
	}
	x.Fail(op.Unsupportedf("argument %s is a Python function, which is never run", key))
	return def
}

// textIn makes strings (batch) of (batch, 1) where they are to be split, else (batch, n).
func (x *emit) textIn(v *ir.Value, split bool) *ir.Value {
	rank := v.Fact.Rank()
	switch n, ok := lastOf(v); {
	case split && rank == 1, !split && rank == 2:
		return v
	case split && rank == 2 && ok && n == 1:
		return x.Squeeze(v, 1)
	case !split && rank == 1:
		return x.Unsqueeze(v, 1)
	}
	x.Fail(op.Shapef("TextVectorization takes strings (batch) or (batch, 1), not %v", v.Fact))
	return v
}

// standardized applies the argument standardize. Lower case is that of ASCII alone, as in TensorFlow.
func (x *emit) standardized(v *ir.Value) *ir.Value {
	how := x.pythonOr("standardize", "lower_and_strip_punctuation")
	if how == "" {
		return v
	}
	flat := x.ReshapeTo(v, -1)
	if how == "lower" || how == "lower_and_strip_punctuation" {
		flat = x.changedCase(flat, "LOWER")
	}
	switch how {
	case "strip_punctuation", "lower_and_strip_punctuation":
		r := x.replacer(flat)
		for _, c := range punctuation {
			flat = r.replace(flat, string(c), nil)
		}
	case "lower":
	default:
		x.Fail(argument("standardize", how))
	}
	return x.Reshape(flat, x.Shape(v))
}

// replacer replaces texts in strings (n). No operator of ONNX does that: each turn of a loop splits every
// string at the first place.
type replacer struct {
	x              *emit
	empty          *ir.Value // a string
	blank          *ir.Value // (n, 2) empty strings
	zero, one, two *ir.Value // numbers
}

func (x *emit) replacer(v *ir.Value) *replacer {
	r := &replacer{x: x, empty: x.Const(tensor.Scalar(""))}
	r.zero, r.one, r.two = x.Const(tensor.Scalar(int64(0))), x.Const(tensor.Scalar(int64(1))), x.Ints(2)
	r.blank = x.Expand(r.empty, x.Concat(0, x.Shape(v), r.two))
	return r
}

// replace replaces a text in all strings; by is nil for nothing.
func (r *replacer) replace(v *ir.Value, old string, by *ir.Value) *ir.Value {
	return r.x.while(v, one(r.blank), func(x *emit, v *ir.Value, around []*ir.Value) (next, more *ir.Value) {
		out := x.Emit(2, "StringSplit", one(v), op.Attr("delimiter", old), op.Attr("maxsplit", 1))
		parts := x.Concat(1, out[0], around[0]) // there may be fewer than two
		head, tail := x.Gather(parts, r.zero, 1), x.Gather(parts, r.one, 1)
		if by != nil {
			head = x.Op("StringConcat", head, x.Where(x.Op("Greater", out[1], r.one), by, r.empty))
		}
		longest := x.Emit(1, "ReduceMax", one(out[1]), op.Attr("keepdims", 0))[0]
		return x.Op("StringConcat", head, tail), x.Op("Greater", longest, r.one)
	})
}

// splitAtSpace splits strings (batch) at blanks into (batch, width). Two that follow each other have an
// empty string in between. StringSplit without a delimiter would leave those out, but runtimes do not agree
// on what white space is.
func (x *emit) splitAtSpace(v *ir.Value) *ir.Value {
	r, blank := x.replacer(v), x.Const(tensor.Scalar(" "))
	for _, c := range space {
		v = r.replace(v, string(c), blank)
	}
	parts := x.Emit(2, "StringSplit", one(v), op.Attr("delimiter", " "))[0]
	return x.Concat(1, parts, r.blank) // a width of 0 is none for TopK
}

// ngrams makes runs of terms, joined by blanks, of the argument ngrams: up to a number of terms, or those in
// a list. Those of one length follow each other.
func (x *emit) ngrams(w *tokens) *tokens {
	var sizes []int
	switch v := x.layer.get("ngrams").(type) {
	case nil:
		return w
	case []any:
		sizes = x.layer.ints("ngrams", 0)
	default:
		n, ok := whole(v)
		if !ok || n < 1 || n > maxNgram {
			x.Fail(argument("ngrams", v))
			return w
		}
		for i := range n {
			sizes = append(sizes, i+1)
		}
	}
	if len(sizes) == 0 || slices.Min(sizes) < 1 || slices.Max(sizes) > maxNgram || x.Err() != nil {
		x.Fail(argument("ngrams", sizes))
		return w
	}
	terms, ok := w.values, x.Op("Not", x.Op("Equal", w.values, x.Const(tensor.Scalar(""))))
	if x.pythonOr("split", "whitespace") == "" {
		ok = x.Expand(x.Const(tensor.Scalar(true)), x.Shape(terms))
	} else { // the terms of each string to the front
		s := x.stepsOf(ok)
		terms, ok = x.pick(terms, s.order), x.Cast(x.pick(x.Cast(ok, tensor.Int64), s.order), tensor.Bool)
	}
	var values, valid []*ir.Value
	for _, n := range sizes {
		from := func(v *ir.Value, i int) *ir.Value { // all of which n-1-i follow, from the i-th on
			if n == 1 {
				return v
			}
			stop := i - n + 1
			if stop == 0 {
				stop = maxSequence
			}
			return x.slice(v, 1, i, stop, 1)
		}
		run := from(terms, 0)
		for i := 1; i < n; i++ {
			run = x.Op("StringConcat", x.Op("StringConcat", run, x.Const(tensor.Scalar(" "))), from(terms, i))
		}
		values, valid = append(values, run), append(valid, from(ok, n-1))
	}
	return &tokens{values: x.Concat(1, values...), ok: x.Concat(1, valid...)}
}

// terms are the tokens with empty strings for what is none.
func (w *tokens) terms(x *emit) *ir.Value {
	if w.ok == nil {
		return w.values
	}
	return x.Where(w.ok, w.values, x.Const(tensor.Scalar("")))
}

// sequence brings the indices (batch, width) of terms to the front, zero being none, and cuts them to the
// longest of the batch or fills them up to output_sequence_length. dense ones stay where they are.
func (x *emit) sequence(v *ir.Value, dense bool) *ir.Value {
	length := x.layer.integer("output_sequence_length", 0)
	if length < 0 || length > maxSequence {
		x.Fail(argument("output_sequence_length", length))
		return v
	}
	if dense && length == 0 {
		return v
	}
	var width *ir.Value
	if !dense {
		s := x.stepsOf(x.Op("Not", x.Op("Equal", v, x.Scalar(v, 0))))
		v = x.pick(v, s.order)
		width = x.Reduce("ReduceMax", x.Sum(s.ones, false, 1), true, 0)
	}
	if length > 0 {
		v = x.Op("Pad", v, x.Ints(0, 0, 0, length))
		width = x.Ints(length)
	}
	return x.Op("Slice", v, x.Ints(0), width, x.Ints(1))
}
