package profile

import (
	"slices"
	"strings"
	"time"

	"github.com/onnxtool/onnxtool/train/data"
)

// days are the forms of dates.
var days = []string{"2006-01-02", "2006/01/02", "2 Jan 2006", "Jan 2, 2006", "2/1/2006", "2.1.2006", "2-1-2006"}

// dayFirst is where in days those start that may be read with the month first, too.
const dayFirst = 4

// times are what may follow a day.
var times = []string{"", " 15:04", " 15:04:05", "T15:04", "T15:04:05", "T15:04:05Z07:00", " 15:04:05Z07:00"}

// booleans are pairs of words for true and false, in lower case.
var booleans = [][]string{{"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"}, {"on", "off"}}

// refine finds out whether all values of a column of text are dates of one form, or two words for true and false.
func (c *Column) refine(column *data.Column) {
	_, distinct := column.Codes()
	if distinct.Len() == 0 {
		return
	}
	texts := distinct.Strings()
	if len(texts) == 2 {
		pair := []string{strings.ToLower(texts[0]), strings.ToLower(texts[1])}
		if slices.ContainsFunc(booleans, func(b []string) bool { return slices.Contains(pair, b[0]) && slices.Contains(pair, b[1]) }) {
			c.Kind = "boolean"
			return
		}
	}
	for i, day := range days {
		for _, clock := range times {
			first, last, ok := span(texts, day+clock)
			swapped := false
			if i >= dayFirst {
				f, l, monthFirst := span(texts, "1"+day[1:2]+"2"+day[3:]+clock)
				swapped = ok && monthFirst && !(f.Equal(first) && l.Equal(last))
				if !ok {
					first, last, ok = f, l, monthFirst
				}
			}
			if !ok {
				continue
			}
			if c.Kind = "date"; !swapped {
				c.First, c.Last = first.Format(time.DateOnly), last.Format(time.DateOnly)
			}
			return
		}
	}
}

// span returns the earliest and latest of texts that all have a form.
func span(texts []string, form string) (first, last time.Time, ok bool) {
	for i, s := range texts {
		t, err := time.Parse(form, strings.TrimSpace(s))
		if err != nil {
			return first, last, false
		}
		if i == 0 || t.Before(first) {
			first = t
		}
		if i == 0 || t.After(last) {
			last = t
		}
	}
	return first, last, true
}
