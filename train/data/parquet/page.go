package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// oldDictionary is PLAIN_DICTIONARY, which older writers give a dictionary's page and the pages that count in it.
const oldDictionary format.Encoding = 2

const (
	maxPage    = 64 << 20 // bytes, before and after decompression
	maxValues  = 16 << 20 // of a page
	mostHeader = 1 << 20  // its statistics hold values
	readAhead  = 1 << 14
)

// A cursor walks through a column.
type cursor struct {
	*leaf
	r      *Reader
	in     *bufio.Reader // of the chunk; a cursor keeps it
	left   int64         // bytes of the chunk
	rows   int64         // of the chunk that no page was read for
	codec  format.CompressionCodec
	dict   *vector
	row    int64   // of the file, counted from 0, that the page starts with
	size   int     // rows of the page
	at     int     // row of the page that comes next
	value  int     // number of that row's value among those of the page
	gone   []byte  // 0 for a row without a value; nil where all have one
	places []int32 // in dict, of the page's values; nil where the page holds them
	values *vector
	held   int64 // bytes that dict and the page take, about
}

// start goes to the chunk of a row group whose first row has that number.
func (c *cursor) start(group *format.RowGroup, first int64) error {
	s, err := c.r.section(c.leaf, group)
	if err != nil {
		return err
	}
	if c.in == nil {
		c.in = bufio.NewReaderSize(s, readAhead)
	} else {
		c.in.Reset(s)
	}
	c.left, c.rows, c.codec = s.Size(), group.NumRows, group.Columns[c.leaf.index].MetaData.Codec
	c.row, c.size, c.at, c.dict = first, 0, 0, nil
	return c.hold(0)
}

// hold notes how much memory the cursor takes.
func (c *cursor) hold(n int64) error {
	c.r.held += n - c.held
	c.held = n
	if c.r.held > c.r.opts.MaxBytes {
		return limit("its pages and dictionaries take more than %d bytes", c.r.opts.MaxBytes)
	}
	return nil
}

// next reads pages up to the next one with rows.
func (c *cursor) next() (err error) {
	defer func() {
		if p := recover(); p != nil { // of the library's
			err = fmt.Errorf("the decoder failed: %v", p)
		}
	}()
	c.row += int64(c.size)
	c.size, c.at, c.value, c.gone, c.places, c.values = 0, 0, 0, nil, nil, nil
	for c.size == 0 {
		h, b, err := c.read()
		if err != nil {
			return err
		}
		switch {
		case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
			err = c.dictionary(h, b)
		case h.Type == format.DataPage && h.DataPageHeader.Valid:
			err = c.page(h, b)
		case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
			err = c.page2(h, b)
		case h.Type == format.IndexPage:
		default:
			err = fmt.Errorf("a page of type %d", int(h.Type))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read returns a page's header, checked, and its bytes.
func (c *cursor) read() (*format.PageHeader, []byte, error) {
	if c.left <= 0 {
		return nil, nil, fmt.Errorf("its chunk ends %d rows early", c.rows)
	}
	h := new(format.PageHeader)
	n, err := c.header(h)
	if err != nil {
		return nil, nil, fmt.Errorf("a page's header: %w", err)
	}
	c.left -= int64(n)
	switch size, full := int64(h.CompressedPageSize), int64(h.UncompressedPageSize); {
	case size < 0 || full < 0 || size > c.left:
		return nil, nil, fmt.Errorf("a page of %d bytes, %d decompressed, where its chunk has %d left", size, full, c.left)
	case size > maxPage || full > maxPage:
		return nil, nil, limit("a page of %d bytes, %d decompressed; at most %d are read", size, full, maxPage)
	}
	b := make([]byte, h.CompressedPageSize)
	if _, err := io.ReadFull(c.in, b); err != nil {
		return nil, nil, err
	}
	c.left -= int64(len(b))
	return h, b, nil
}

// header reads the header and returns its length.
func (c *cursor) header(h *format.PageHeader) (int, error) {
	b, err := c.in.Peek(int(min(c.left, readAhead)))
	if err != nil {
		return 0, err
	}
	n, err := unmarshal(b, h)
	if err == nil {
		c.in.Discard(n)
		return n, nil
	}
	if !errors.Is(err, errShort) || c.left <= readAhead {
		return 0, err
	}
	// Values in its statistics are long.
	bigger := bufio.NewReaderSize(c.in, mostHeader)
	if b, err = bigger.Peek(int(min(c.left, mostHeader))); err != nil {
		return 0, err
	}
	if n, err = unmarshal(b, h); err != nil {
		return 0, err
	}
	bigger.Discard(n)
	c.in = bigger
	return n, nil
}

func count(n int32) error {
	if n < 0 {
		return fmt.Errorf("a page of %d values", n)
	}
	if n > maxValues {
		return limit("a page of %d values, at most %d are read", n, maxValues)
	}
	return nil
}

func (c *cursor) dictionary(h *format.PageHeader, b []byte) error {
	d := &h.DictionaryPageHeader.V
	if c.dict != nil {
		return errors.New("a second dictionary")
	}
	if err := count(d.NumValues); err != nil {
		return err
	}
	if d.Encoding != format.Plain && d.Encoding != oldDictionary {
		return fmt.Errorf("a dictionary of encoding %v", d.Encoding)
	}
	b, err := c.r.decompress(c.codec, b, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	v, err := c.plain(b, int(d.NumValues))
	if err != nil {
		return err
	}
	out, bad, err := c.convert(v)
	if err != nil {
		return fmt.Errorf("entry %d of its dictionary: %w", bad, err)
	}
	c.dict = out
	return c.hold(int64(len(b)) + 16*int64(d.NumValues))
}

// page is a page of the format's first version: levels and values are compressed together.
func (c *cursor) page(h *format.PageHeader, b []byte) error {
	d := &h.DataPageHeader.V
	if err := count(d.NumValues); err != nil {
		return err
	}
	b, err := c.r.decompress(c.codec, b, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	var levels []byte
	if c.optional {
		if d.DefinitionLevelEncoding != format.RLE {
			return fmt.Errorf("levels of encoding %v are not supported", d.DefinitionLevelEncoding)
		}
		if len(b) < 4 {
			return errEnd
		}
		n := binary.LittleEndian.Uint32(b)
		if b = b[4:]; int64(n) > int64(len(b)) {
			return errEnd
		}
		levels, b = b[:n], b[n:]
	}
	return c.fill(int(d.NumValues), levels, d.Encoding, b)
}

// page2 is a page of the second version: levels come first, as they are.
func (c *cursor) page2(h *format.PageHeader, b []byte) error {
	d := &h.DataPageHeaderV2.V
	if err := count(d.NumValues); err != nil {
		return err
	}
	repeated, defined := int(d.RepetitionLevelsByteLength), int(d.DefinitionLevelsByteLength)
	size := int(h.UncompressedPageSize) - repeated - defined
	if repeated < 0 || defined < 0 || size < 0 || repeated+defined > len(b) {
		return fmt.Errorf("levels of %d and %d bytes in a page of %d", repeated, defined, len(b))
	}
	levels, b := b[repeated:repeated+defined], b[repeated+defined:]
	if !c.optional {
		levels = nil
	}
	if !d.IsCompressed.Valid || d.IsCompressed.V {
		if len(b) == 0 && size == 0 { // some writers compress nothing to nothing
			return c.fill(int(d.NumValues), levels, d.Encoding, nil)
		}
		var err error
		if b, err = c.r.decompress(c.codec, b, size); err != nil {
			return err
		}
	}
	return c.fill(int(d.NumValues), levels, d.Encoding, b)
}

// fill decodes the rows of a page.
func (c *cursor) fill(n int, levels []byte, encoding format.Encoding, b []byte) error {
	if int64(n) > c.rows {
		return fmt.Errorf("its pages have more than its %d rows", c.rows)
	}
	present := n
	if c.optional {
		var err error
		if c.gone, err = bits(levels, n); err != nil {
			return fmt.Errorf("levels: %w", err)
		}
		present = 0
		for _, level := range c.gone {
			present += int(level & 1)
		}
	}
	if c.means == nothing && present > 0 {
		return errors.New("a value in a column of nulls")
	}
	if err := c.hold(int64(len(b)) + 17*int64(n) + dictSize(c.dict)); err != nil {
		return err
	}
	if encoding == oldDictionary || encoding == format.RLEDictionary {
		if err := c.indices(b, present); err != nil {
			return err
		}
	} else {
		v, err := c.decode(encoding, b, present)
		if err != nil {
			return err
		}
		var bad int
		if c.values, bad, err = c.convert(v); err != nil {
			return c.fault(bad, err)
		}
	}
	c.rows -= int64(n)
	c.size = n
	return nil
}

func dictSize(d *vector) int64 {
	if d == nil {
		return 0
	}
	n := int64(d.size()) * 16
	for _, s := range d.texts {
		n += int64(len(s))
	}
	return n
}

// indices decodes places in the dictionary.
func (c *cursor) indices(b []byte, n int) error {
	if n == 0 {
		c.values = &vector{}
		return nil
	}
	if c.dict == nil {
		return errors.New("a page of places in a dictionary that is not there")
	}
	if len(b) == 0 {
		return errEnd
	}
	places, err := runs(b[1:], int(b[0]), n)
	if err != nil {
		return err
	}
	entries := c.dict.size()
	for i, k := range places {
		if k < 0 || int(k) >= entries {
			return c.fault(i, fmt.Errorf("place %d in a dictionary of %d", uint32(k), entries))
		}
	}
	c.places, c.values = places, c.dict
	return nil
}

// fault is an error about a value of the page.
func (c *cursor) fault(value int, err error) error {
	row := 0
	for ; row < len(c.gone); row++ {
		if c.gone[row] == 1 {
			if value == 0 {
				break
			}
			value--
		}
	}
	if c.gone == nil {
		row = value
	}
	return &rowError{c.row + int64(row), err}
}

// A rowError is an error about a row of the file, counted from 0.
type rowError struct {
	row int64
	err error
}

func (e *rowError) Error() string { return e.err.Error() }
func (e *rowError) Unwrap() error { return e.err }
