package data

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrMalformed is wrapped by every error that says a file is not what its format demands.
var ErrMalformed = errors.New("malformed data")

// ErrLimit is wrapped by every error that says a file needs more than the limits given.
var ErrLimit = errors.New("over the limit")

// ErrShape is wrapped by every error that says tensors do not fit together.
var ErrShape = errors.New("shapes do not fit")

// ErrCompressed is wrapped by the error that says an array cannot be shuffled as a whole, see [ArrayFiles].
var ErrCompressed = errors.New("the array is compressed")

// ErrInterrupted is what Next of an iterator returns that was interrupted, see [Interrupter].
var ErrInterrupted = errors.New("data: reading was interrupted")

// A ParseError is a fault in a table's file.
type ParseError struct {
	File   string // as given to the reader; may be empty
	Row    int    // from 1, of a file without lines; 0 where the fault has no row
	Line   int    // from 1; 0 where the fault has no line
	Column int    // byte in the line, from 1; 0 where the fault is the line's
	Field  string // the column's name in the header; may be empty
	Err    error
}

// Error returns the fault with its place: wine.csv:17:23: column alcohol: "abc" is not a number.
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString(place(e.File, e.Line, e.Column))
	if e.Row > 0 {
		fmt.Fprintf(&b, "row %d: ", e.Row)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, "column %s: ", e.Field)
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the fault and [ErrMalformed], or what the fault wraps instead.
func (e *ParseError) Unwrap() []error {
	if errors.Is(e.Err, ErrLimit) {
		return []error{e.Err}
	}
	return []error{e.Err, ErrMalformed}
}

// place returns "file:line:column: " without the parts that are not known.
func place(file string, line, column int) string {
	switch {
	case file == "" && line == 0:
		return ""
	case file == "" && column == 0:
		return fmt.Sprintf("line %d: ", line)
	case file == "":
		return fmt.Sprintf("line %d, column %d: ", line, column)
	case line == 0:
		return file + ": "
	case column == 0:
		return fmt.Sprintf("%s:%d: ", file, line)
	}
	return fmt.Sprintf("%s:%d:%d: ", file, line, column)
}

// quote returns a value for a message, shortened where it is long.
func quote(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", string([]rune(s[:min(len(s), 4*most)])[:most]))
}
