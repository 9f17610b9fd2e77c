package data

import (
	"fmt"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		rule   string
		values []string
		want   string // a digit for each row, or part of the error after !
	}{
		{"yes", []string{"yes", "no", " yes "}, "101"},
		{"1", []string{"1", "1.0", "0", "one"}, "1100"},
		{">=6", []string{"5", "6", "7.5"}, "011"},
		{"> 6", []string{"5", "6", "7.5"}, "001"},
		{"<6", []string{"5", "6"}, "10"},
		{"<=6", []string{"5", "6", "7"}, "110"},
		{"!=no", []string{"no", "yes"}, "01"},
		{"==2", []string{"2", "3"}, "10"},
		{">=six", []string{"5"}, "!no number"},
		{">=6", []string{"5", "many"}, `!"many" is not a number`},
		{"yes", []string{"yes", ""}, "!missing value (1 of 2)"},
	}
	for _, test := range tests {
		missing := make([]bool, len(test.values))
		for i, v := range test.values {
			missing[i] = v == ""
		}
		hits, err := Strings("y", test.values, missing).Match(test.rule)
		if fault, ok := strings.CutPrefix(test.want, "!"); ok {
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%s: error %v, want %s", test.rule, err, fault)
			}
			continue
		}
		got := ""
		for _, h := range hits {
			got += map[bool]string{true: "1", false: "0"}[h]
		}
		if err != nil || got != test.want {
			t.Errorf("%s of %q: %s, %v, want %s", test.rule, test.values, got, err, test.want)
		}
	}
}

func TestClassNumbers(t *testing.T) {
	c := Strings("y", []string{"cat", "dog", "cat"}, nil)
	got, err := c.ClassNumbers([]string{"dog", "cat"})
	if err != nil || fmt.Sprint(got) != "[1 0 1]" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Ints("y", []int64{3, 1}, nil).ClassNumbers([]string{"1.0", "3"}); err != nil || fmt.Sprint(got) != "[1 0]" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := c.ClassNumbers([]string{"dog", "cats"}); err == nil || !strings.Contains(err.Error(), `"cat" is none of the classes`) {
		t.Errorf("error %v", err)
	}
	if _, err := c.ClassNumbers([]string{"cat", "cat"}); err == nil {
		t.Error("no error for a class twice")
	}
	if v, more := c.Distinct(1); len(v) != 1 || !more {
		t.Errorf("%v, %v", v, more)
	}
}
