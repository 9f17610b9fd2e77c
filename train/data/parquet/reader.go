package parquet

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/parquet-go/parquet-go/format"
)

// Options say how a Parquet file is to be read. The zero value reads all columns.
type Options struct {
	Name     string               // the file's name in errors
	Columns  []string             // read these alone, in this order; nil reads all but pandas's index without a name
	Kinds    map[string]data.Kind // kinds of values by column; a column that is not named has that of its type
	MaxBytes int64                // of memory for the values of one table, and for pages and dictionaries; 0 is 2 GiB
}

const defaultMaxBytes = 2 << 30

// A Reader reads a table piece by piece. It is a [data.TableReader].
type Reader struct {
	opts    Options
	file    io.ReaderAt
	closer  io.Closer
	meta    format.FileMetaData
	end     int64 // of the file's pages
	names   []string
	cursors []*cursor
	group   int   // of rows, that comes next
	left    int64 // rows of the group before that one that are not read
	row     int64 // of the file, counted from 0, that comes next
	held    int64 // bytes that the cursors take
	zstd    *zstd.Decoder
	err     error // what Read said last
}

// Is reports whether a file that starts with these bytes, 4 at least, is a Parquet file.
func Is(head []byte) bool {
	return len(head) >= 4 && (string(head[:4]) == mark || string(head[:4]) == sealed)
}

// Load reads a whole file.
func Load(path string, o Options) (*data.Table, error) {
	r, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.ReadAll()
}

// Open is [NewReader] for a file. The caller closes the reader.
func Open(path string, o Options) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = path
	}
	info, err := f.Stat()
	if err == nil {
		var r *Reader
		if r, err = NewReader(f, info.Size(), o); err == nil {
			r.closer = f
			return r, nil
		}
	}
	f.Close()
	return nil, err
}

// NewReader reads the footer of a file of size bytes.
func NewReader(file io.ReaderAt, size int64, o Options) (r *Reader, err error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxBytes < 0 {
		return nil, errors.New("parquet: a limit is negative")
	}
	r = &Reader{opts: o, file: file}
	defer func() {
		if p := recover(); p != nil { // of the library's
			r, err = nil, &data.ParseError{File: o.Name, Err: fmt.Errorf("its footer: the decoder failed: %v", p)}
		}
	}()
	if err := r.readFooter(size); err != nil {
		return nil, &data.ParseError{File: o.Name, Err: err}
	}
	all, err := leaves(r.meta.Schema)
	if err == nil {
		err = r.checkGroups(columnCount(r.meta.Schema))
	}
	if err != nil {
		return nil, &data.ParseError{File: o.Name, Err: err}
	}
	return r, r.choose(all)
}

func columnCount(schema []format.SchemaElement) int {
	n := 0
	for _, e := range schema[1:] {
		if e.Type.Valid {
			n++
		}
	}
	return n
}

// choose picks the columns to read.
func (r *Reader) choose(all []*leaf) error {
	byName := map[string]*leaf{}
	for _, l := range all {
		if byName[l.name] != nil {
			return &data.ParseError{File: r.opts.Name, Err: fmt.Errorf("two columns are named %q", l.name)}
		}
		byName[l.name] = l
		if !pandasIndex.MatchString(l.name) || slices.Contains(r.opts.Columns, l.name) {
			r.names = append(r.names, l.name)
		}
	}
	for _, name := range slices.Concat(r.opts.Columns, slices.Sorted(maps.Keys(r.opts.Kinds))) {
		if byName[name] == nil {
			return data.NoColumn(r.opts.Name, name, r.names)
		}
	}
	picked := r.opts.Columns
	if picked == nil {
		picked = r.names
	}
	for i, name := range picked {
		l := byName[name]
		if slices.Index(picked, name) != i {
			return fmt.Errorf("parquet: column %q is asked for twice", name)
		}
		if l.means == unsupported {
			return &data.ParseError{File: r.opts.Name, Field: name, Err: fmt.Errorf("%s: write the file without this column, or name those to read", l.why)}
		}
		if k, ok := r.opts.Kinds[name]; ok && k == data.String {
			l.asText = l.physical == format.Boolean || l.physical == format.Float
		}
		r.cursors = append(r.cursors, &cursor{leaf: l, r: r})
	}
	return nil
}

// Names returns the names of all columns in the file, also of those that are not read, and not of pandas's index where
// that has no name.
func (r *Reader) Names() []string { return r.names }

// Rows returns the number of rows in the file.
func (r *Reader) Rows() int64 { return r.meta.NumRows }

// Close closes the file of [Open].
func (r *Reader) Close() error {
	if r.zstd != nil {
		r.zstd.Close()
		r.zstd = nil
	}
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// pieceBytes ends what Read returns.
const pieceBytes = 16 << 20

// Read returns the next rows, n at most and fewer where they are long or a row group ends, and io.EOF after the last.
// A fault in the file is a [data.ParseError], which Read goes on to return.
func (r *Reader) Read(n int) (*data.Table, error) {
	if n <= 0 {
		return nil, fmt.Errorf("parquet: cannot read %d rows", n)
	}
	if r.err != nil {
		return nil, r.err
	}
	t, err := r.read(n, pieceBytes)
	r.err = err
	return t, err
}

// ReadAll returns the rows that are left.
func (r *Reader) ReadAll() (*data.Table, error) {
	t, err := r.read(math.MaxInt, math.MaxInt64)
	if errors.Is(err, io.EOF) {
		if t, err = r.table(make([]builder, len(r.cursors))); err == nil {
			t, err = r.asKinds(t)
		}
	}
	return t, err
}

// stride is how many rows of a column are read before the next column's are.
const stride = 1 << 16

// read reads rows until there are n, or they take enough bytes.
func (r *Reader) read(n int, enough int64) (*data.Table, error) {
	builders := make([]builder, len(r.cursors))
	rows, first := 0, r.row
	for rows < n {
		if err := r.nextGroup(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		k := int(min(int64(n-rows), r.left, stride))
		bytes := int64(0)
		for i, c := range r.cursors {
			if err := c.take(&builders[i], k); err != nil {
				return nil, r.fault(c, err)
			}
			bytes += builders[i].bytes
		}
		rows += k
		r.left -= int64(k)
		r.row += int64(k)
		if bytes > r.opts.MaxBytes {
			return nil, &data.ParseError{File: r.opts.Name, Row: int(r.row), Err: limit("the table takes more than %d bytes", r.opts.MaxBytes)}
		}
		if bytes >= enough {
			break
		}
	}
	if rows == 0 {
		return nil, io.EOF
	}
	t, err := r.table(builders)
	if err != nil {
		return nil, err
	}
	return r.asKinds(t.FromFile(r.opts.Name, int(first)+1))
}

// nextGroup goes to the next row group with rows where the last one is read.
func (r *Reader) nextGroup() error {
	for r.left == 0 {
		if r.group == len(r.meta.RowGroups) {
			return io.EOF
		}
		g := &r.meta.RowGroups[r.group]
		r.group++
		if g.NumRows == 0 {
			continue // its columns may be nowhere
		}
		if len(r.cursors) == 0 {
			return &data.ParseError{File: r.opts.Name, Err: errors.New("it has no columns")}
		}
		for _, c := range r.cursors {
			if err := c.start(g, r.row); err != nil {
				return r.fault(c, err)
			}
		}
		r.left = g.NumRows
	}
	return nil
}

// fault names the file, the row where it is known, and the column.
func (r *Reader) fault(c *cursor, err error) error {
	e := &data.ParseError{File: r.opts.Name, Field: c.name, Err: err}
	var at *rowError
	if errors.As(err, &at) {
		e.Row, e.Err = int(at.row)+1, at.err
	}
	return e
}

// table makes columns of what was read.
func (r *Reader) table(builders []builder) (*data.Table, error) {
	columns := make([]*data.Column, len(builders))
	for i := range builders {
		columns[i] = builders[i].column(r.cursors[i].leaf)
	}
	return data.NewTable(columns...)
}

// asKinds converts columns whose kind was given.
func (r *Reader) asKinds(t *data.Table) (*data.Table, error) {
	for _, c := range t.Columns() {
		if k, ok := r.opts.Kinds[c.Name()]; ok && k != c.Kind() {
			d, err := c.As(k)
			if err == nil {
				t, err = t.With(d)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func limit(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{data.ErrLimit}, args...)...)
}
