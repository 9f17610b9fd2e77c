package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// lookup is what StringLookup and IntegerLookup share.
type lookup[T int64 | string] struct {
	layer       string
	keys        string // the suffix of LabelEncoder's attributes
	tokens      []T
	mask        *T
	oov         T
	oovs        int // how many indices are reserved for what is out of the vocabulary
	maxTokens   int
	pad, invert bool
	mode        string
	idf         []float64
}

// reserved returns how many indices are before the vocabulary's: a mask has one where indices are the output.
func (l *lookup[T]) reserved() int {
	if l.mask != nil && l.mode == "int" {
		return l.oovs + 1
	}
	return l.oovs
}

// oovs returns num_oov_indices: given, or 1; none says 0. -1 is a contradiction.
func oovs(given int, none bool) int {
	switch {
	case none && given != 0:
		return -1
	case none:
		return 0
	case given == 0:
		return 1
	}
	return given
}

// size returns the number of indices, or of the vectors' numbers.
func (l *lookup[T]) size() int {
	if l.pad && l.mode != "int" {
		return max(l.maxTokens, l.reserved()+len(l.tokens))
	}
	return l.reserved() + len(l.tokens)
}

// adapt makes the vocabulary of the values of x that are not special, and the weights of tf_idf:
// log(1 + documents/(1 + documents with the token)).
func (l *lookup[T]) adapt(x *tensor.Tensor[T], special ...T) {
	if l.mask != nil {
		special = append(special, *l.mask)
	}
	values := slices.DeleteFunc(slices.Clone(x.Data()), func(v T) bool { return slices.Contains(special, v) })
	l.tokens = byFrequency(values)
	if l.maxTokens > 0 {
		l.tokens = l.tokens[:min(len(l.tokens), max(0, l.maxTokens-l.reserved()))]
	}
	l.idf = nil
	if l.mode != "tf_idf" {
		return
	}
	found, documents := documentCounts(x)
	for _, t := range l.tokens {
		l.idf = append(l.idf, math.Log(1+float64(documents)/float64(1+found[t])))
	}
}

// documentCounts returns in how many rows of x each value occurs, and how many rows there are.
func documentCounts[T int64 | string](x *tensor.Tensor[T]) (found map[T]int, documents int) {
	width := 1
	if s := x.Shape(); s.Rank() > 1 {
		width = max(1, s[s.Rank()-1])
	}
	found = map[T]int{}
	for row := range slices.Chunk(x.Data(), width) {
		documents++
		row = slices.Clone(row)
		slices.Sort(row)
		for _, v := range slices.Compact(row) {
			found[v]++
		}
	}
	return found, documents
}

// byFrequency returns the different values, most frequent first, equals in descending order.
func byFrequency[T int64 | string](values []T) []T {
	count := map[T]int{}
	for _, v := range values {
		count[v]++
	}
	slices.Sort(values)
	out := slices.Compact(values)
	slices.SortFunc(out, func(a, b T) int { return cmp.Or(count[b]-count[a], cmp.Compare(b, a)) })
	return out
}

// check returns what is wrong with the arguments.
func (l *lookup[T]) check() error {
	sorted := slices.Sorted(slices.Values(l.tokens))
	switch n := l.reserved() + len(l.tokens); {
	case l.oovs < 0:
		return fmt.Errorf("%s: NumOOVIndices must be positive, and none are given with NoOOV", l.layer)
	case len(l.tokens) == 0:
		return fmt.Errorf("%s has no vocabulary: adapt it to data", l.layer)
	case len(slices.Compact(sorted)) < len(l.tokens):
		return fmt.Errorf("%s: the vocabulary has a token twice", l.layer)
	case l.mask != nil && slices.Contains(l.tokens, *l.mask):
		return fmt.Errorf("%s: the vocabulary has the MaskToken %v", l.layer, *l.mask)
	case l.invert && l.mode != "int":
		return fmt.Errorf("%s{Invert, OutputMode: %q}: tokens are not encoded", l.layer, l.mode)
	case l.maxTokens > 0 && n > l.maxTokens:
		return fmt.Errorf("%s{MaxTokens: %d} has %d indices", l.layer, l.maxTokens, n)
	case l.pad && (l.maxTokens <= 0 || l.mode == "int"):
		return fmt.Errorf("%s{PadToMaxTokens} needs MaxTokens and an OutputMode that makes vectors", l.layer)
	case l.mode == "tf_idf" && len(l.idf) != len(l.tokens):
		return fmt.Errorf("%s: %d IDFWeights for a vocabulary of %d: adapt it to data", l.layer, len(l.idf), len(l.tokens))
	case !slices.Contains([]string{"int", "one_hot", "multi_hot", "count", "tf_idf"}, l.mode):
		return fmt.Errorf("%s{OutputMode: %q}: there are int, one_hot, multi_hot, count, tf_idf", l.layer, l.mode)
	}
	return nil
}

// build emits the layer.
func (l *lookup[T]) build(b *Builder, x *Value) *Value {
	if err := l.check(); err != nil {
		b.Fail(err)
		return x
	}
	first := int64(l.reserved()) // the vocabulary's first index; those of oov are before it
	tokens, places := slices.Clone(l.tokens), make([]int64, len(l.tokens))
	for i := range places {
		places[i] = first + int64(i)
	}
	if l.mask != nil {
		at := int64(-1) // counts nowhere
		if l.mode == "int" {
			at = 0
		}
		tokens, places = append(tokens, *l.mask), append(places, at)
	}
	if l.invert {
		return b.EmitIn("ai.onnx.ml", 1, "LabelEncoder", []*Value{x}, op.Attr("keys_int64s", places), op.Attr("values_"+l.keys, tokens), op.Attr("default_"+l.keys[:len(l.keys)-1], l.oov))[0]
	}
	missing := first - 1
	if l.oovs != 1 {
		missing = math.MinInt64
	}
	at := b.EmitIn("ai.onnx.ml", 1, "LabelEncoder", []*Value{x}, op.Attr("keys_"+l.keys, tokens), op.Attr("values_int64s", places), op.Attr("default_int64", missing))[0]
	if l.oovs > 1 {
		spread := b.Add(b.Op("Mod", x, b.Ints(l.oovs)), b.Ints(int(first)-l.oovs))
		at = b.Where(b.Op("Equal", at, b.Const(tensor.Scalar(missing))), spread, at)
	}
	if l.mode != "tf_idf" {
		return b.encode(l.layer, at, l.size(), l.mode, nil)
	}
	weights := make([]float64, l.size())
	for i := range l.oovs {
		weights[i] = mean(l.idf) // Keras weighs what is unknown like the vocabulary's average
	}
	copy(weights[l.oovs:], l.idf)
	return b.Mul(b.encode(l.layer, at, l.size(), "count", nil), b.vector(weights))
}
