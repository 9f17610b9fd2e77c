package keras

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxCharacters bounds output_sequence_length for split="character", which takes some patterns for each place, and
// maxPatterns the bytes of all.
const (
	maxCharacters = 256
	maxPatterns   = 4 << 20
)

// characters looks up the first characters of strings (batch): (batch, output_sequence_length) indices, 0 behind the
// end. No operator of ONNX takes a string apart into characters, but patterns tell the bits of an index: bit b of the
// character at place k is whether the string is k characters, one whose index has bit b, and anything.
func (x *emit) characters(t *lookup, v *ir.Value) *ir.Value {
	n := x.layer.integer("output_sequence_length", 0)
	ngrams := x.layer.has("ngrams")
	switch {
	case t.mode != "int" || ngrams:
		x.Fail(op.Unsupportedf("split=character with output_mode %s or ngrams: ONNX has no operator that takes a string apart into characters", t.mode))
		return v
	case n < 1 || n > maxCharacters:
		x.Fail(op.Unsupportedf("split=character with output_sequence_length=%d: ONNX has no operator that takes a string apart into characters, patterns find up to %d", n, maxCharacters))
		return v
	}
	classes := characterBits(t)
	if size := n * len(strings.Join(classes, "")); size > maxPatterns {
		x.Fail(op.Unsupportedf("split=character with %d terms: ONNX has no operator that takes a string apart into characters, patterns that find them have %d bytes, expected up to %d", len(t.tokens), size, maxPatterns))
		return v
	}
	var found []*ir.Value
	for k := range n {
		for _, c := range classes {
			pattern := fmt.Sprintf("(?s).{%d}%s.*", k, c)
			found = append(found, x.Unsqueeze(x.OpA("RegexFullMatch", v, op.Attr("pattern", pattern)), 1))
		}
	}
	weights := tensor.Zeros[int64](len(classes))
	for b := range weights.Data() {
		weights.Data()[b] = 1 << b
	}
	set := x.ReshapeTo(x.Cast(x.Concat(1, found...), tensor.Int64), -1, n, len(classes))
	return x.Reduce("ReduceSum", x.Mul(set, x.Const(weights)), false, 2)
}

// characterBits returns for each bit of an index the class of characters whose index has it. An unknown character
// has the index 1; terms that are not one character are never met.
func characterBits(t *lookup) []string {
	width := bits.Len(uint(t.first() + len(t.tokens) - 1))
	out := make([]string, max(width, 1))
	for b := range out {
		var class strings.Builder
		for i, k := range t.tokens {
			term := k.(string)
			switch odd := (t.first()+i)>>b&1 == 1; {
			case odd != (b > 0) || utf8.RuneCountInString(term) != 1 || !utf8.ValidString(term):
			case term < "\x80":
				fmt.Fprintf(&class, `\x%02x`, term)
			default:
				class.WriteString(term)
			}
		}
		switch s := class.String(); {
		case b > 0 && s == "":
			out[b] = `[^\x{0}-\x{10FFFF}]`
		case b > 0:
			out[b] = "[" + s + "]"
		case s == "":
			out[b] = "."
		default: // unknown ones have the bit too
			out[b] = "[^" + s + "]"
		}
	}
	return out
}
