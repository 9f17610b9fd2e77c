package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// records reads CSV records within limits.
type records struct {
	csv  *csv.Reader
	in   *meter
	opts *CSVOptions
	size int    // fields in each record, once the first is read
	line int    // that the last record started on, 0 before the first
	head string // the first line, or what is known of it
}

func newRecords(r io.Reader, opts *CSVOptions) (*records, error) {
	br := bufio.NewReader(r)
	mark, err := br.Peek(textHead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fileError(opts.Name, err)
	}
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		br.Discard(3)
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return nil, &ParseError{File: opts.Name, Line: 1, Err: errors.New("the text is UTF-16: save it as UTF-8")}
	default:
		if err := checkText(mark); err != nil {
			return nil, &ParseError{File: opts.Name, Err: err}
		}
	}
	head, _, _ := bytes.Cut(mark, []byte{'\n'})
	s := &records{in: &meter{r: br}, opts: opts, head: string(head)}
	if opts.Latin1 {
		s.in.r = &latin1{r: br}
	}
	s.csv = csv.NewReader(s.in)
	s.csv.Comma, s.csv.Comment = opts.Comma, opts.Comment
	s.csv.FieldsPerRecord, s.csv.ReuseRecord = -1, true
	return s, nil
}

// next returns a record that is valid until the next call, io.EOF after the last.
func (s *records) next() ([]string, error) {
	// The reader below fetches up to a buffer ahead.
	s.in.left = s.opts.MaxRecord + 1<<16
	record, err := s.csv.Read()
	var fault *csv.ParseError
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, ErrLimit):
		return nil, &ParseError{File: s.opts.Name, Line: s.line + 1, Err: fmt.Errorf(
			"%w: the record that starts here or on a line below is longer than %d bytes; is a quote left open?", ErrLimit, s.opts.MaxRecord)}
	case errors.As(err, &fault):
		return nil, &ParseError{File: s.opts.Name, Line: fault.Line, Column: fault.Column, Err: s.hint(syntaxError(fault))}
	default:
		return nil, fileError(s.opts.Name, err)
	}
	s.line, _ = s.csv.FieldPos(0)
	if s.size == 0 {
		s.size = len(record)
	}
	if len(record) != s.size {
		return nil, &ParseError{File: s.opts.Name, Line: s.line, Err: s.hint(fmt.Errorf("%s, the first line has %d", plural(len(record), "field"), s.size))}
	}
	return record, nil
}

// hint adds to an error that the first line, where it is no more than one field, may be split at another character.
func (s *records) hint(err error) error {
	if s.size > 1 {
		return err
	}
	return s.opts.separatorHint(err, []string{s.head})
}

// position returns where field i of the last record starts.
func (s *records) position(i int) (line, column int) { return s.csv.FieldPos(i) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func syntaxError(fault *csv.ParseError) error {
	switch {
	case errors.Is(fault.Err, csv.ErrBareQuote):
		return errors.New(`a quote " inside a field that does not start with one`)
	case errors.Is(fault.Err, csv.ErrQuote) && fault.StartLine != fault.Line:
		return fmt.Errorf(`the quoted field in the record of line %d has no end, or goes on after its closing quote`, fault.StartLine)
	case errors.Is(fault.Err, csv.ErrQuote):
		return errors.New(`a quoted field has no end, or goes on after its closing quote`)
	}
	return fault.Err
}

// fileError is an error in reading, not in what was read.
func fileError(name string, err error) error {
	if name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// meter fails when more is read than is left.
type meter struct {
	r    io.Reader
	left int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, ErrLimit
	}
	if int64(len(p)) > m.left {
		p = p[:m.left]
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	return n, err
}

// latin1 turns ISO 8859-1 into UTF-8.
type latin1 struct {
	r       io.ByteReader
	pending byte // second byte of a character of which the first is delivered
}

func (l *latin1) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if l.pending != 0 {
			p[n], l.pending = l.pending, 0
			n++
			continue
		}
		b, err := l.r.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if b < utf8.RuneSelf {
			p[n] = b
		} else {
			p[n], l.pending = 0xc0|b>>6, 0x80|b&0x3f
		}
		n++
	}
	return n, nil
}

// missingSet tells quickly that most fields are not missing.
type missingSet struct {
	fields map[string]bool
	first  [256]bool
	empty  bool
}

func newMissingSet(fields []string) *missingSet {
	m := &missingSet{fields: map[string]bool{}}
	for _, f := range fields {
		f = strings.TrimSpace(f)
		m.fields[f] = true
		if f == "" {
			m.empty = true
		} else {
			m.first[f[0]] = true
		}
	}
	return m
}

// has reports whether a field, without the space around it, stands for a missing value.
func (m *missingSet) has(field string) bool {
	if field == "" {
		return m.empty
	}
	return m.first[field[0]] && m.fields[field]
}
