package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// StringLookup maps strings to indices: a string of the vocabulary to its place, counted from 1, any
// other to the reserved index 0. It is Keras's with num_oov_indices=1 and output_mode="int".
type StringLookup struct {
	Name       string
	Vocabulary []string // set by Adapt, in descending order of frequency
}

// LayerName implements [Named].
func (l *StringLookup) LayerName() string { return l.Name }

// Size returns the number of indices, the reserved one included.
func (l *StringLookup) Size() int { return len(l.Vocabulary) + 1 }

// Adapt makes the vocabulary of the strings that occur; the empty string counts as missing.
func (l *StringLookup) Adapt(x tensor.Any) error {
	t, ok := x.(*tensor.Tensor[string])
	if !ok {
		return fmt.Errorf("nn: StringLookup: expected strings, got %v%v", x.DType(), x.Shape())
	}
	l.Vocabulary = byFrequency(slices.DeleteFunc(slices.Clone(t.Data()), func(s string) bool { return s == "" }))
	return nil
}

// Build implements [Layer].
func (l *StringLookup) Build(b *Builder, in ...*Value) []*Value {
	if len(l.Vocabulary) == 0 {
		b.Fail(errors.New("StringLookup has no vocabulary: adapt it to data"))
		return in[:1]
	}
	return []*Value{encodeLabels(b, in[0], op.Attr("keys_strings", l.Vocabulary), len(l.Vocabulary))}
}

// IntegerLookup maps integers to indices: one of the vocabulary to its place, counted from 1, any
// other to the reserved index 0. It is Keras's with num_oov_indices=1 and output_mode="int".
type IntegerLookup struct {
	Name       string
	Vocabulary []int64 // set by Adapt, in descending order of frequency
}

// LayerName implements [Named].
func (l *IntegerLookup) LayerName() string { return l.Name }

// Size returns the number of indices, the reserved one included.
func (l *IntegerLookup) Size() int { return len(l.Vocabulary) + 1 }

// Adapt makes the vocabulary of the integers that occur.
func (l *IntegerLookup) Adapt(x tensor.Any) error {
	t, ok := x.(*tensor.Tensor[int64])
	if !ok {
		return fmt.Errorf("nn: IntegerLookup: expected int64, got %v%v", x.DType(), x.Shape())
	}
	l.Vocabulary = byFrequency(slices.Clone(t.Data()))
	return nil
}

// Build implements [Layer].
func (l *IntegerLookup) Build(b *Builder, in ...*Value) []*Value {
	if len(l.Vocabulary) == 0 {
		b.Fail(errors.New("IntegerLookup has no vocabulary: adapt it to data"))
		return in[:1]
	}
	return []*Value{encodeLabels(b, in[0], op.Attr("keys_int64s", l.Vocabulary), len(l.Vocabulary))}
}

// encodeLabels emits a LabelEncoder from keys to 1, 2, ..., n with 0 for what is not among them.
func encodeLabels(b *Builder, x *Value, keys ir.Attr, n int) *Value {
	places := make([]int64, n)
	for i := range places {
		places[i] = int64(i + 1)
	}
	return b.EmitIn("ai.onnx.ml", 1, "LabelEncoder", []*Value{x}, keys, op.Attr("values_int64s", places), op.Attr("default_int64", 0))[0]
}

// byFrequency returns the different values, most frequent first, equals in ascending order.
func byFrequency[T int64 | string](values []T) []T {
	slices.Sort(values)
	count := map[T]int{}
	for _, v := range values {
		count[v]++
	}
	out := slices.Compact(values)
	slices.SortStableFunc(out, func(a, b T) int { return count[b] - count[a] })
	return out
}

// OneHot turns indices 0 to Depth-1 into vectors of Depth numbers with a 1 in that place: integers of
// shape [batch, 1] or [batch] become floats of shape [batch, Depth]. An index outside is all zeros.
type OneHot struct {
	Name  string
	Depth int
}

// LayerName implements [Named].
func (l *OneHot) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *OneHot) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if l.Depth <= 0 {
		b.Fail(fmt.Errorf("OneHot{Depth: %d}: the depth must be positive", l.Depth))
		return in[:1]
	}
	if r := x.Fact.Rank(); r == 2 && x.Fact.Shape[1].Is(1) {
		x = b.Squeeze(x, 1)
	}
	values := b.Const(tensor.Vector[float32](0, 1))
	return []*Value{b.Emit(1, "OneHot", []*Value{x, b.Const(tensor.Scalar(int64(l.Depth))), values}, op.Attr("axis", -1))[0]}
}
