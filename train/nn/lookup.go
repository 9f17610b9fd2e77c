package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// StringLookup maps strings to indices: one of the vocabulary to its place behind the reserved indices, any
// other to the one reserved for what is out of the vocabulary (oov). That is index 0, so that the vocabulary
// starts at 1; a MaskToken, in OutputMode int, has index 0 and moves the others up by 1. Keras spreads strings
// by a hash where its num_oov_indices is greater than 1: ONNX has no operator for that.
type StringLookup struct {
	Name           string
	Vocabulary     []string  // set by Adapt, in descending order of frequency
	MaxTokens      int       // how many indices Adapt makes at most, the reserved ones included; no limit where zero
	MaskToken      *string   // what counts as missing; nil is none
	NoOOV          bool      // Keras's num_oov_indices=0: what is out of the vocabulary has no index, see [IntegerLookup]
	OOVToken       string    // what Invert gives for an index outside the vocabulary; [UNK] where empty
	Invert         bool      // maps indices to strings
	OutputMode     string    // int (default); one_hot, multi_hot, count as of [CategoryEncoding]; tf_idf: count times IDFWeights
	IDFWeights     []float64 // of the vocabulary, for tf_idf; set by Adapt
	PadToMaxTokens bool      // makes vectors of MaxTokens numbers, however small the vocabulary is
}

// LayerName implements [Named].
func (l *StringLookup) LayerName() string { return l.Name }

// Size returns the number of indices, the reserved ones included.
func (l *StringLookup) Size() int { return l.lookup().size() }

// Adapt makes the vocabulary of the strings that occur: the most frequent first, of equally frequent ones
// the greatest, as Keras does; the empty string counts as missing. For tf_idf a row is a document.
func (l *StringLookup) Adapt(x tensor.Any) error {
	t, ok := x.(*tensor.Tensor[string])
	if !ok {
		return fmt.Errorf("nn: StringLookup: expected strings, got %v%v", x.DType(), x.Shape())
	}
	v := l.lookup()
	v.adapt(t, "", orText(l.OOVToken, unknown))
	l.Vocabulary, l.IDFWeights = v.tokens, v.idf
	return nil
}

// Build implements [Layer].
func (l *StringLookup) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{l.lookup().build(b, in[0])}
}

// unknown is Keras's token for what is out of the vocabulary.
const unknown = "[UNK]"

func (l *StringLookup) lookup() *lookup[string] {
	return &lookup[string]{
		layer: "StringLookup", keys: "strings", tokens: l.Vocabulary, mask: l.MaskToken, oov: orText(l.OOVToken, unknown), oovs: oovs(0, l.NoOOV),
		maxTokens: l.MaxTokens, pad: l.PadToMaxTokens, invert: l.Invert, mode: orText(l.OutputMode, "int"), idf: l.IDFWeights,
	}
}

// IntegerLookup is [StringLookup] for integers, with any number of indices for what is out of the vocabulary: v
// has the index v mod NumOOVIndices of them. With NoOOV it has none: a vector is 0 for it, and OutputMode int
// gives the least int64, which fails in every table, as Keras fails.
type IntegerLookup struct {
	Name           string
	Vocabulary     []int64   // set by Adapt, in descending order of frequency
	MaxTokens      int       // how many indices Adapt makes at most, the reserved ones included; no limit where zero
	MaskToken      *int64    // what counts as missing; nil is none
	NumOOVIndices  int       // how many indices are reserved for what is out of the vocabulary; 1 where zero
	NoOOV          bool      // Keras's num_oov_indices=0
	OOVToken       *int64    // what Invert gives for an index outside the vocabulary; -1 where nil
	Invert         bool      // maps indices to the integers of the vocabulary
	OutputMode     string    // int (default); one_hot, multi_hot, count as of [CategoryEncoding]; tf_idf: count times IDFWeights
	IDFWeights     []float64 // of the vocabulary, for tf_idf; set by Adapt
	PadToMaxTokens bool      // makes vectors of MaxTokens numbers, however small the vocabulary is
}

// LayerName implements [Named].
func (l *IntegerLookup) LayerName() string { return l.Name }

// Size returns the number of indices, the reserved ones included.
func (l *IntegerLookup) Size() int { return l.lookup().size() }

// Adapt makes the vocabulary of the integers that occur, in the order of [StringLookup.Adapt].
func (l *IntegerLookup) Adapt(x tensor.Any) error {
	t, ok := x.(*tensor.Tensor[int64])
	if !ok {
		return fmt.Errorf("nn: IntegerLookup: expected int64, got %v%v", x.DType(), x.Shape())
	}
	v := l.lookup()
	v.adapt(t, v.oov)
	l.Vocabulary, l.IDFWeights = v.tokens, v.idf
	return nil
}

// Build implements [Layer].
func (l *IntegerLookup) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{l.lookup().build(b, in[0])}
}

func (l *IntegerLookup) lookup() *lookup[int64] {
	v := &lookup[int64]{
		layer: "IntegerLookup", keys: "int64s", tokens: l.Vocabulary, mask: l.MaskToken, oov: -1, oovs: oovs(l.NumOOVIndices, l.NoOOV),
		maxTokens: l.MaxTokens, pad: l.PadToMaxTokens, invert: l.Invert, mode: orText(l.OutputMode, "int"), idf: l.IDFWeights,
	}
	if l.OOVToken != nil {
		v.oov = *l.OOVToken
	}
	return v
}
