package data

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

// Match tells which rows' values a rule holds for: a value alone, which it holds for as text or as the same
// number, or a comparison: != and a value, or <, <=, > or >= and a number. Every row must have a value, and in a
// comparison by size a number.
func (c *Column) Match(rule string) ([]bool, error) {
	compare, operand := "", rule
	for _, op := range []string{"<=", ">=", "!=", "==", "<", ">"} {
		if rest, ok := strings.CutPrefix(rule, op); ok {
			compare, operand = op, strings.TrimSpace(rest)
			break
		}
	}
	bound, numeric := math.NaN(), false
	if v, err := parseFloat(strings.TrimSpace(operand), '.'); err == nil {
		bound, numeric = v, true
	}
	if !numeric && (compare == "<" || compare == "<=" || compare == ">" || compare == ">=") {
		return nil, fmt.Errorf("the rule %s compares with %s, which is no number", quote(rule), quote(operand))
	}
	hits := make([]bool, c.Len())
	for i := range hits {
		if c.Missing(i) {
			return nil, c.errorAt(i, fmt.Errorf("a missing value (%d of %d) is no answer to compare with: drop the row", c.CountMissing(), c.Len()))
		}
		text := strings.TrimSpace(c.Text(i))
		v, err := parseFloat(text, '.')
		switch compare {
		case "<", "<=", ">", ">=":
			if err != nil {
				return nil, c.errorAt(i, fmt.Errorf("%w, which %s asks for", err, quote(rule)))
			}
			hits[i] = compare == "<" && v < bound || compare == "<=" && v <= bound || compare == ">" && v > bound || compare == ">=" && v >= bound
		default:
			same := text == operand || numeric && err == nil && v == bound
			hits[i] = same != (compare == "!=")
		}
	}
	return hits, nil
}

// ClassNumbers returns the place of each row's value among the classes: the same text, or the same number. A
// value that is none of them is an error.
func (c *Column) ClassNumbers(classes []string) ([]int64, error) {
	at := map[string]int64{}
	byNumber := map[float64]int64{}
	for i, name := range classes {
		if _, twice := at[name]; twice {
			return nil, fmt.Errorf("class %s is named twice", quote(name))
		}
		at[name] = int64(i)
		if v, err := parseFloat(name, '.'); err == nil {
			byNumber[v] = int64(i)
		}
	}
	out := make([]int64, c.Len())
	for i := range out {
		if c.Missing(i) {
			return nil, c.errorAt(i, fmt.Errorf("a missing value (%d of %d) is no class: drop the row", c.CountMissing(), c.Len()))
		}
		text := strings.TrimSpace(c.Text(i))
		k, ok := at[text]
		if !ok {
			if v, err := parseFloat(text, '.'); err == nil {
				k, ok = byNumber[v]
			}
		}
		if !ok {
			return nil, c.errorAt(i, fmt.Errorf("%s is none of the classes %s%s", quote(text), list(classes), nearest.Hint(text, classes)))
		}
		out[i] = k
	}
	return out, nil
}

// Distinct returns up to most different values as text, in ascending order of the text, and whether there are
// more.
func (c *Column) Distinct(most int) (values []string, more bool) {
	seen := map[string]bool{}
	for i := range c.Len() {
		if c.Missing(i) || seen[c.Text(i)] {
			continue
		}
		if len(seen) == most {
			more = true
			break
		}
		seen[c.Text(i)] = true
	}
	for v := range seen {
		values = append(values, v)
	}
	slices.Sort(values)
	return values, more
}
