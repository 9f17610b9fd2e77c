// Package nearest finds the name that someone who mistyped probably meant.
package nearest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Name returns the candidate closest to name, by the number of runes to insert, delete, replace or swap with
// their neighbour, letter case aside. It reports false where none is close: more than a third of the name away.
// Of equally close candidates the first wins.
func Name(name string, candidates []string) (string, bool) {
	const longest = 256 // the distance takes quadratic time
	if len(name) > longest {
		return "", false
	}
	want := []rune(strings.ToLower(name))
	best, found := max(1, len(want)/3)+1, ""
	for _, c := range candidates {
		if len(c) > longest || utf8.RuneCountInString(c) >= len(want)+best {
			continue
		}
		if d := distance(want, []rune(strings.ToLower(c))); d < best {
			best, found = d, c
		}
	}
	return found, found != ""
}

// Hint returns `, did you mean "x"?` where a candidate is close, and "" otherwise: the tail of an error message.
func Hint(name string, candidates []string) string {
	if n, ok := Name(name, candidates); ok {
		return fmt.Sprintf(", did you mean %q?", n)
	}
	return ""
}

// distance is the optimal string alignment distance: Levenshtein's with swaps of neighbours.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
