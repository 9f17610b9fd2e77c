package data

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// ReadCSV reads a whole table. Space around numbers and missing values does not count; empty lines are
// skipped. An error in the file is a [ParseError]: a row with more or fewer fields than the first line, a quote
// that is not closed, a missing column, a value that is not of its column's kind, text that is not UTF-8, a
// file without a line, more than the limits.
func ReadCSV(r io.Reader, opts CSVOptions) (*Table, error) {
	c, err := NewCSVReader(r, opts)
	if err != nil {
		return nil, err
	}
	return c.all()
}

// all reads every row.
func (c *CSVReader) all() (*Table, error) {
	t, err := c.rows(-1, c.opts.MaxBytes, c.opts.Kinds)
	if errors.Is(err, io.EOF) {
		return c.rows(0, c.opts.MaxBytes, c.opts.Kinds)
	}
	return t, err
}

// LoadCSV is [ReadCSV] for a file, which may be compressed by gzip.
func LoadCSV(path string, opts CSVOptions) (*Table, error) {
	c, err := OpenCSV(path, opts)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.all()
}

// A CSVReader reads a table piece by piece.
type CSVReader struct {
	opts    CSVOptions
	records *records
	missing *missingSet
	names   []string // of all columns in the file
	picked  []int    // positions of those to read
	first   []string // a row that was read as the header's
	kinds   map[string]Kind
	pending *Table // rows read to find the kinds
	at      int    // of pending
	file    io.Closer
}

// OpenCSV is [NewCSVReader] for a file, which may be compressed by gzip. The caller closes the reader.
func OpenCSV(path string, opts CSVOptions) (*CSVReader, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if opts.Name == "" {
		opts.Name = path
	}
	c, err := NewCSVReader(f, opts)
	if err != nil {
		f.Close()
		return nil, err
	}
	c.file = f
	return c, nil
}

// Close closes the file of [OpenCSV].
func (c *CSVReader) Close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// NewCSVReader reads the header.
func NewCSVReader(r io.Reader, opts CSVOptions) (*CSVReader, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &CSVReader{opts: opts, missing: newMissingSet(opts.Missing)}
	if c.records, err = newRecords(r, &c.opts); err != nil {
		return nil, err
	}
	first, err := c.records.next()
	if errors.Is(err, io.EOF) {
		return nil, &ParseError{File: opts.Name, Err: errors.New("the file is empty")}
	}
	if err != nil {
		return nil, err
	}
	if c.names, err = c.opts.header(first); err != nil {
		return nil, &ParseError{File: opts.Name, Line: c.records.line, Err: err}
	}
	if opts.NoHeader {
		c.first = slices.Clone(first)
	}
	c.picked, err = c.opts.selection(c.names)
	return c, err
}

// Names returns the names of all columns in the file, also of those that are not read.
func (c *CSVReader) Names() []string { return c.names }

// inferRows is how many rows a CSVReader looks at to find the kinds that were not given. Rows that are long end
// that, and what Read returns, before.
const (
	inferRows  = 10_000
	inferBytes = 128 << 20
	pieceBytes = 16 << 20
)

// Read returns the next rows, n at most and fewer where they are long, and io.EOF after the last. Kinds that were
// not given are those that fit the first 10,000 rows, or the first 128 MiB; a later value that is not of its
// column's kind is an error.
func (c *CSVReader) Read(n int) (*Table, error) {
	if n <= 0 {
		return nil, fmt.Errorf("csv: cannot read %d rows", n)
	}
	if c.kinds == nil {
		if err := c.infer(n); err != nil {
			return nil, err
		}
	}
	if c.pending != nil {
		lo, hi := c.at, min(c.at+n, c.pending.rows)
		if lo < hi {
			c.at = hi
			return c.pending.Slice(lo, hi), nil
		}
		c.pending = nil
	}
	return c.rows(n, pieceBytes, c.kinds)
}

// infer finds the kinds by the first rows, n at least, which the next calls of Read return.
func (c *CSVReader) infer(n int) error {
	given := !slices.ContainsFunc(c.picked, func(p int) bool { _, ok := c.opts.Kinds[c.names[p]]; return !ok })
	if given {
		c.kinds = c.opts.Kinds
		return nil
	}
	t, err := c.rows(max(n, inferRows), inferBytes, c.opts.Kinds)
	if err != nil {
		return err
	}
	c.pending, c.kinds = t, map[string]Kind{}
	for _, col := range t.columns {
		c.kinds[col.name] = col.kind
	}
	return nil
}

// rows reads n rows, all of them for -1, or fewer where they take enough bytes; and io.EOF where there is none
// although one was asked for.
func (c *CSVReader) rows(n int, enough int64, kinds map[string]Kind) (*Table, error) {
	builders := make([]*builder, len(c.picked))
	for i, p := range c.picked {
		kind, given := kinds[c.names[p]]
		builders[i] = &builder{name: c.names[p], kind: kind, given: given, decimal: c.opts.Decimal}
	}
	o := &origin{file: c.opts.Name}
	budget := c.opts.MaxBytes
	for n < 0 || len(o.lines) < n && c.opts.MaxBytes-budget < enough {
		record := c.first
		c.first = nil
		if record == nil {
			var err error
			if record, err = c.records.next(); errors.Is(err, io.EOF) {
				if len(o.lines) == 0 {
					return nil, io.EOF
				}
				break
			} else if err != nil {
				return nil, err
			}
		}
		line := c.records.line
		o.lines = append(o.lines, line)
		budget -= 8
		for i, p := range c.picked {
			cost, err := builders[i].add(record[p], c.missing)
			if err != nil {
				line, column := c.records.position(p)
				return nil, &ParseError{File: c.opts.Name, Line: line, Column: column, Field: builders[i].name, Err: c.kindHint(err, builders[i])}
			}
			budget -= cost
		}
		if budget < 0 {
			return nil, &ParseError{File: c.opts.Name, Line: line, Err: fmt.Errorf("%w: the table takes more than %d bytes", ErrLimit, c.opts.MaxBytes)}
		}
	}
	columns := make([]*Column, len(builders))
	for i, b := range builders {
		columns[i] = b.finish()
		columns[i].origin = o
	}
	return rebuilt(columns, len(o.lines), o), nil
}

// kindHint tells that the kind a value does not have was not asked for but found.
func (c *CSVReader) kindHint(err error, b *builder) error {
	if _, given := c.opts.Kinds[b.name]; given || c.kinds == nil {
		return err
	}
	return fmt.Errorf("%w; the first %d rows are of kind %v, so give the column's kind", err, inferRows, b.kind)
}

// builder collects a column's values: parsed where the kind is given, as text where it is to be found.
type builder struct {
	name    string
	kind    Kind
	given   bool
	decimal rune
	text    []byte
	ends    []int
	floats  []float64
	ints    []int64
	missing []bool
}

// add appends a field and returns about how many bytes of memory it takes.
func (b *builder) add(field string, missing *missingSet) (cost int64, err error) {
	if !utf8.ValidString(field) {
		return 0, fmt.Errorf("%s is not UTF-8; is the file in Latin-1?", quote(field))
	}
	short := strings.TrimSpace(field)
	gone := missing.has(short)
	b.missing = append(b.missing, gone)
	if !b.given || b.kind == String {
		if !gone {
			b.text = append(b.text, field...)
		}
		b.ends = append(b.ends, len(b.text))
		return int64(2*len(field) + 25), nil
	}
	if b.kind == Int {
		v := int64(0)
		if !gone {
			v, err = parseInt(short)
		}
		b.ints = append(b.ints, v)
		return 9, err
	}
	v := nan
	if !gone {
		v, err = parseFloat(short, b.decimal)
	}
	b.floats = append(b.floats, v)
	return 9, err
}

// field returns the text of row i.
func (b *builder) field(text string, i int) string {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return text[start:b.ends[i]]
}

// finish returns the column, of the first kind that fits where none was given.
func (b *builder) finish() *Column {
	text := string(b.text)
	b.text = nil
	switch {
	case b.given && b.kind == Int:
		return Ints(b.name, b.ints, b.missing)
	case b.given && b.kind == Float:
		return Floats(b.name, b.floats)
	case !b.given && b.allInts(text):
		return Ints(b.name, b.ints, b.missing)
	case !b.given && b.allFloats(text):
		return Floats(b.name, b.floats)
	}
	values := make([]string, len(b.ends))
	for i := range values {
		values[i] = b.field(text, i)
	}
	return Strings(b.name, values, b.missing)
}

// allInts reads every value as an integer. A column without a value is none: it is a Float one.
func (b *builder) allInts(text string) bool {
	if !slices.Contains(b.missing, false) {
		return false
	}
	b.ints = make([]int64, len(b.ends))
	for i := range b.ints {
		if b.missing[i] {
			continue
		}
		v, err := parseInt(strings.TrimSpace(b.field(text, i)))
		if err != nil {
			return false
		}
		b.ints[i] = v
	}
	return true
}

// allFloats reads every value as a number.
func (b *builder) allFloats(text string) bool {
	b.floats = make([]float64, len(b.ends))
	for i := range b.floats {
		b.floats[i] = nan
		if b.missing[i] {
			continue
		}
		v, err := parseFloat(strings.TrimSpace(b.field(text, i)), b.decimal)
		if err != nil {
			return false
		}
		b.floats[i] = v
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
