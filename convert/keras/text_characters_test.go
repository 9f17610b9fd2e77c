package keras

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// TestCharacterBits looks characters up by the patterns. Wanted are the indices of a table: 2 and on for its terms, 1
// for other characters, 0 behind the end.
func TestCharacterBits(t *testing.T) {
	tests := []struct {
		terms []any
		text  string
		want  []int
	}{
		{[]any{"a", "b", "c"}, "abcab", []int{2, 3, 4, 2, 3, 0}},
		{[]any{"]", "^", "-", "\\", "[", "\n", " "}, "[x-y]^\\\n z", []int{6, 1, 4, 1, 2, 3, 5, 7, 8, 1, 0}},
		{[]any{"é", "日", "🙂"}, "日e🙂é本", []int{3, 1, 4, 2, 1, 0, 0}},
		{[]any{"ab", "", "b", "\xff"}, "abb", []int{1, 4, 4, 0}}, // terms that no character is
		{[]any{"a"}, "", []int{0, 0}},
		{nil, "x", []int{1, 0}},
	}
	for _, test := range tests {
		classes := characterBits(&lookup{tokens: test.terms, mask: "", oov: 1, mode: "int"})
		got := make([]int, len(test.want))
		for k := range got {
			for b, c := range classes {
				if regexp.MustCompile(fmt.Sprintf(`\A(?s).{%d}%s.*\z`, k, c)).MatchString(test.text) {
					got[k] |= 1 << b
				}
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q in %q: %v, want %v", test.text, test.terms, got, test.want)
		}
	}
}
