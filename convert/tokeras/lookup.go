package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// saveLabelEncoder makes a StringLookup or IntegerLookup, which counts the keys from 1 and gives any other 0, and
// where the values are not these numbers, a choice among them.
func saveLabelEncoder(s *saver, n *ir.Node) error {
	var class, unknown string
	config := lookup(1, false)
	size := 0
	switch keys, other := n.Attr("keys_strings").([]string); {
	case other:
		class, unknown, size = "StringLookup", unknownOf(keys), len(keys)
		if repeats(keys) {
			return op.Unsupportedf("keys that occur twice")
		}
		config["vocabulary"], config["oov_token"], config["encoding"] = keys, unknown, "utf-8"
	default:
		numbers, ok := n.Attr("keys_int64s").([]int64)
		if !ok {
			return op.Unsupportedf("keys that are neither strings nor integers")
		}
		if repeats(numbers) {
			return op.Unsupportedf("keys that occur twice")
		}
		token := int64(-1)
		for slices.Contains(numbers, token) {
			token--
		}
		class, size = "IntegerLookup", len(numbers)
		config["vocabulary"], config["oov_token"], config["vocabulary_dtype"] = numbers, token, "int64"
	}
	config["dtype"] = "int64"
	h := s.then(s.plain(n.In[0]), "keras.layers", class, config)
	values, dtype, usual := s.labels(n)
	if len(values) != size+1 {
		return op.Unsupportedf("values that are not numbers, or not as many as the keys")
	}
	if !usual {
		table := array(values, []int{len(values)}, dtype)
		h = held{layer: s.add(kerasOps+"numpy", "Take", map[string]any{"axis": 0}, table, h).name}
	}
	s.held[n.Out[0]] = h
	return nil
}

// saveWords makes a StringLookup that gives the word of an index, of a constant vector of words.
func saveWords(s *saver, n *ir.Node, words *tensor.Tensor[string]) error {
	if len(words.Shape()) != 1 || repeats(words.Data()) {
		return op.Unsupportedf("a choice among strings that occur twice, or are no vector")
	}
	config := lookup(0, true)
	config["vocabulary"], config["oov_token"], config["encoding"], config["dtype"] = words.Data(), unknownOf(words.Data()), "utf-8", "string"
	s.put(n.Out[0], plain, "keras.layers", "StringLookup", config, s.plain(n.In[1]))
	return nil
}

// isWord makes a StringLookup of one word, and says where that is found.
func (s *saver) isWord(n *ir.Node, h held, word string) error {
	config := lookup(1, false)
	config["vocabulary"], config["oov_token"], config["encoding"], config["dtype"] = []string{word}, unknownOf([]string{word}), "utf-8", "int64"
	found := s.then(h, "keras.layers", "StringLookup", config)
	s.held[n.Out[0]] = s.then(found, kerasOps+"numpy", "Equal", map[string]any{}, 1)
	return nil
}

// lookup is what lookups of strings and of integers have in common.
func lookup(oov int, invert bool) map[string]any {
	return map[string]any{"num_oov_indices": oov, "mask_token": nil, "output_mode": "int", "invert": invert, "sparse": false, "pad_to_max_tokens": false, "max_tokens": nil}
}

// unknownOf returns what stands for unknown words, which must be none of the words.
func unknownOf(words []string) string {
	token := "[UNK]"
	for slices.Contains(words, token) {
		token += "]"
	}
	return token
}

// labels returns what a LabelEncoder gives unknown keys, and then each key; usual reports whether these are 0, 1, 2, ...
func (s *saver) labels(n *ir.Node) (values []any, dtype string, usual bool) {
	if v, ok := n.Attr("values_int64s").([]int64); ok {
		v = slices.Insert(slices.Clone(v), 0, int64(attrInt(n, "default_int64", -1)))
		usual = true
		for i, x := range v {
			values = append(values, x)
			usual = usual && x == int64(i)
		}
		return values, "int64", usual
	}
	v, _ := n.Attr("values_floats").([]float32)
	for _, x := range slices.Insert(slices.Clone(v), 0, float32(attrFloat(n, "default_float", 0))) {
		values = append(values, number(float64(x), 32))
	}
	return values, "float32", false
}

func repeats[T int64 | string](v []T) bool {
	sorted := slices.Sorted(slices.Values(v))
	return len(slices.Compact(sorted)) != len(v)
}
