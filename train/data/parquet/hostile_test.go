package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A forged file has one column, x, of 64-bit integers, one row group and one page, until a case changes it.
type forged struct {
	meta   format.FileMetaData
	header format.PageHeader
	page   []byte
	tail   func(b []byte) []byte // the last change
}

func forge(change func(f *forged)) []byte {
	const rows = 3
	f := &forged{page: binary.LittleEndian.AppendUint64(make([]byte, 16), 7)}
	f.meta = format.FileMetaData{Version: 1, NumRows: rows, Schema: []format.SchemaElement{
		{Name: "schema", NumChildren: thrift.New[int32](1)},
		{Name: "x", Type: thrift.New(format.Int64), RepetitionType: thrift.New(format.Required)},
	}}
	column := format.ColumnChunk{MetaData: format.ColumnMetaData{
		Type: format.Int64, Encoding: []format.Encoding{format.Plain}, PathInSchema: []string{"x"}, NumValues: rows, DataPageOffset: 4, TotalCompressedSize: -1,
	}}
	f.meta.RowGroups = []format.RowGroup{{NumRows: rows, Columns: []format.ColumnChunk{column}}}
	f.header = format.PageHeader{
		Type: format.DataPage, UncompressedPageSize: -1, CompressedPageSize: -1,
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: rows, Encoding: format.Plain, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE}),
	}
	change(f)
	for _, size := range []*int32{&f.header.UncompressedPageSize, &f.header.CompressedPageSize} {
		if *size == -1 {
			*size = int32(len(f.page))
		}
	}
	out := append([]byte(mark), encode(f.header)...)
	out = append(out, f.page...)
	for i := range f.meta.RowGroups {
		for j := range f.meta.RowGroups[i].Columns {
			if m := &f.meta.RowGroups[i].Columns[j].MetaData; m.TotalCompressedSize == -1 {
				m.TotalCompressedSize = int64(len(out) - 4)
			}
		}
	}
	footer := encode(f.meta)
	out = append(out, footer...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(footer)))
	out = append(out, mark...)
	if f.tail != nil {
		out = f.tail(out)
	}
	return out
}

func encode(v any) []byte {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		panic(err)
	}
	return b
}

// footed returns a file with that footer.
func footed(footer []byte) func(f *forged) {
	return func(f *forged) {
		f.tail = func([]byte) []byte {
			b := append([]byte(mark), footer...)
			return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), mark...)
		}
	}
}

func chunk(f *forged) *format.ColumnMetaData { return &f.meta.RowGroups[0].Columns[0].MetaData }

// bomb is 60 MiB of zeros, compressed.
func bomb() []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll(make([]byte, 60<<20), nil)
}

func optional(f *forged) {
	f.meta.Schema[1].RepetitionType = thrift.New(format.Optional)
}

// hostile are files that claim what they do not hold.
var hostile = []struct {
	name   string
	change func(f *forged)
	want   string // of the error; "" for none
}{
	{"sound", func(*forged) {}, ""},
	{"footer past the file", func(f *forged) {
		f.tail = func(b []byte) []byte { binary.LittleEndian.PutUint32(b[len(b)-8:], 1<<31); return b }
	}, "a footer of 2147483648 bytes"},
	{"cut off", func(f *forged) { f.tail = func(b []byte) []byte { return b[:len(b)-5] } }, "was all of it written?"},
	{"only marks", func(f *forged) { f.tail = func([]byte) []byte { return []byte("PAR1PAR1") } }, "too short"},
	{"encrypted", func(f *forged) { f.tail = func(b []byte) []byte { copy(b[len(b)-4:], sealed); return b } }, "it is encrypted"},
	{"footer is a long list", footed([]byte{0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f}), "its footer: it ends in the middle"},
	{"footer is many empty elements", footed(append(append([]byte{0x29, 0xfc}, binary.AppendUvarint(nil, 100_000)...), make([]byte, 100_001)...)), "its lists are longer than their bytes allow"},
	{"footer is nested", footed(bytes.Repeat([]byte{0x1c}, 10_000)), "nested more than"},
	{"footer is lists of lists", footed(append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 10_000)...)), "nested more than"},
	{"footer holds long text", footed([]byte{0x68, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}), "its footer: it ends in the middle"},
	{"no schema", func(f *forged) { f.meta.Schema = nil }, "it has no schema"},
	{"children that are not there", func(f *forged) { f.meta.Schema[0].NumChildren.V = 1 << 30 }, "says that there are 1073741824"},
	{"group without children", func(f *forged) {
		f.meta.Schema[1] = format.SchemaElement{Name: "x", NumChildren: thrift.New[int32](1 << 30)}
	}, "its schema ends in a group"},
	{"groups in groups", func(f *forged) {
		for range 1000 {
			f.meta.Schema = append(f.meta.Schema, format.SchemaElement{Name: "g", NumChildren: thrift.New[int32](1)})
		}
		f.meta.Schema[0].NumChildren.V = 2
	}, "nested more than 64 deep"},
	{"unknown type", func(f *forged) { f.meta.Schema[1].Type.V = 9 }, "its type 9 is not known"},
	{"fixed length", func(f *forged) {
		f.meta.Schema[1].Type.V, f.meta.Schema[1].TypeLength = format.FixedLenByteArray, thrift.New[int32](1<<30)
	}, "its values are of 1073741824 bytes"},
	{"rows of no group", func(f *forged) { f.meta.NumRows = 1 << 60 }, "its row groups have 3 rows"},
	{"negative rows", func(f *forged) { f.meta.NumRows, f.meta.RowGroups[0].NumRows = -1, -1 }, "row group 0 of -1 rows"},
	{"rows that overflow", func(f *forged) {
		g := f.meta.RowGroups[0]
		g.NumRows = 1 << 62
		f.meta.RowGroups = []format.RowGroup{g, g, g}
	}, "row group 1 of"},
	{"more rows than values", func(f *forged) { f.meta.NumRows, f.meta.RowGroups[0].NumRows = 1<<60, 1<<60 }, "3 values in a row group of"},
	{"more rows than pages", func(f *forged) {
		f.meta.NumRows, f.meta.RowGroups[0].NumRows, chunk(f).NumValues = 1<<60, 1<<60, 1<<60
	}, "its chunk ends 1152921504606846973 rows early"},
	{"columns of a group", func(f *forged) { f.meta.RowGroups[0].Columns = nil }, "row group 0 has 0 columns, the schema 1"},
	{"chunk past the file", func(f *forged) { chunk(f).TotalCompressedSize = 1 << 40 }, "column x: its values are said to be at 4"},
	{"chunk before the file", func(f *forged) { chunk(f).DataPageOffset = -1 << 62 }, "its values are said to be at"},
	{"chunk in another file", func(f *forged) { f.meta.RowGroups[0].Columns[0].FilePath = "/etc/passwd" }, "its values are in another file"},
	{"chunk of another type", func(f *forged) { chunk(f).Type = format.Double }, "it is INT64 in the schema and DOUBLE in a row group"},
	{"page past the chunk", func(f *forged) { f.header.CompressedPageSize = 1 << 30 }, "where its chunk has 24 left"},
	{"negative page", func(f *forged) { f.header.CompressedPageSize = -2 }, "a page of -2 bytes"},
	{"page that grows", func(f *forged) { f.header.UncompressedPageSize = 1 << 30; chunk(f).Codec = format.Snappy }, "at most 67108864 are read"},
	{"page of many values", func(f *forged) { f.header.DataPageHeader.V.NumValues = 1 << 30 }, "a page of 1073741824 values"},
	{"page of negative values", func(f *forged) { f.header.DataPageHeader.V.NumValues = -1 }, "a page of -1 values"},
	{"page of more values than rows", func(f *forged) { f.header.DataPageHeader.V.NumValues = 4 }, "its pages have more than its 3 rows"},
	{"page of fewer values", func(f *forged) { f.header.DataPageHeader.V.NumValues = 2 }, "its chunk ends 1 rows early"},
	{"page of fewer bytes", func(f *forged) { f.page = f.page[:20] }, "the page ends before its values do"},
	{"page of no known type", func(f *forged) { f.header.Type = 77 }, "a page of type 77"},
	{"page without its header", func(f *forged) { f.header.DataPageHeader.Valid = false }, "a page of type 0"},
	{"page size", func(f *forged) { f.header.UncompressedPageSize = 25 }, "the page decompresses to 24 bytes, its header says 25"},
	{"snappy", func(f *forged) {
		f.page = binary.AppendUvarint(nil, 60<<20)
		f.header.UncompressedPageSize, chunk(f).Codec = 60<<20, format.Snappy
	}, "column x: snappy: 4 bytes cannot hold"},
	{"snappy of another length", func(f *forged) {
		chunk(f).Codec, f.page = format.Snappy, snappy.Encode(nil, make([]byte, 1<<20))
		f.header.UncompressedPageSize = 24
	}, "to more than the 24 bytes"},
	{"zstd bomb", func(f *forged) {
		chunk(f).Codec, f.page, f.header.UncompressedPageSize = format.Zstd, bomb(), 24
	}, "the page decompresses to more than the 24 bytes that its header says"},
	{"gzip", func(f *forged) { chunk(f).Codec = format.Gzip }, "gzip: "},
	{"brotli", func(f *forged) { chunk(f).Codec = format.Brotli; f.page = bytes.Repeat([]byte{0xff}, 24) }, "brotli: "},
	{"lz4", func(f *forged) {
		chunk(f).Codec, f.header.UncompressedPageSize = format.Lz4Raw, 60<<20
	}, "24 bytes cannot hold 62914560"},
	{"hadoop's lz4", func(f *forged) { chunk(f).Codec = format.Lz4 }, "the deprecated one of Hadoop"},
	{"lzo", func(f *forged) { chunk(f).Codec = format.LZO }, "is not supported: write the file with ZSTD or SNAPPY"},
	{"encoding", func(f *forged) { f.header.DataPageHeader.V.Encoding = format.DeltaByteArray }, "encoding DELTA_BYTE_ARRAY of INT64 is not supported"},
	{"no dictionary", func(f *forged) { f.header.DataPageHeader.V.Encoding = format.RLEDictionary }, "a dictionary that is not there"},
	{"dictionary of many", func(f *forged) {
		f.header.Type, f.header.DictionaryPageHeader = format.DictionaryPage, thrift.New(format.DictionaryPageHeader{NumValues: 1 << 30})
	}, "a page of 1073741824 values"},
	{"dictionary of few", func(f *forged) {
		f.header.Type, f.header.DictionaryPageHeader = format.DictionaryPage, thrift.New(format.DictionaryPageHeader{NumValues: 1 << 20})
	}, "the page ends before its values do"},
	{"differences of many", func(f *forged) {
		f.header.DataPageHeader.V.Encoding = format.DeltaBinaryPacked
		f.page = binary.AppendUvarint([]byte{0x80, 1, 4}, 1<<30)
		f.page = append(f.page, 0, 0)
	}, "1073741824 values, where there are 3"},
	{"differences of many bits", func(f *forged) {
		f.header.DataPageHeader.V.Encoding = format.DeltaBinaryPacked
		f.page = append([]byte{0x80, 1, 4, 3, 0, 0, 200, 0, 0, 0}, make([]byte, 800)...)
	}, "differences of 200 bits"},
	{"differences cut off", func(f *forged) {
		f.header.DataPageHeader.V.Encoding = format.DeltaBinaryPacked
		f.page = []byte{0x80, 1, 4, 3, 0, 0, 64, 0, 0, 0, 1, 2, 3}
	}, "the page ends before its values do"},
	{"levels past the page", func(f *forged) {
		optional(f)
		f.page = binary.LittleEndian.AppendUint32(nil, 1<<31)
	}, "the page ends before its values do"},
	{"levels of a long run", func(f *forged) {
		optional(f)
		f.page = append([]byte{6, 0, 0, 0}, 0xfe, 0xff, 0xff, 0xff, 0x0f, 1)
	}, "levels: a run of 2147483647 values, where 3 are left"},
	{"levels of version 2", func(f *forged) {
		f.header.Type, f.header.DataPageHeader.Valid = format.DataPageV2, false
		f.header.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{NumValues: 3, DefinitionLevelsByteLength: 1 << 30, RepetitionLevelsByteLength: 1 << 30})
	}, "levels of 1073741824 and 1073741824 bytes"},
	{"text longer than the page", func(f *forged) {
		f.meta.Schema[1].Type.V, chunk(f).Type = format.ByteArray, format.ByteArray
		f.page = append(binary.LittleEndian.AppendUint32(nil, 1<<31), make([]byte, 20)...)
	}, "the page ends before its values do"},
	{"text that doubles", func(f *forged) {
		const n = 1000
		f.meta.Schema[1].Type.V, chunk(f).Type = format.ByteArray, format.ByteArray
		f.meta.NumRows, f.meta.RowGroups[0].NumRows, chunk(f).NumValues = n, n, n
		d := &f.header.DataPageHeader.V
		d.Encoding, d.NumValues = format.DeltaByteArray, n
		// The first has 1 MB, and each starts with all of the one before.
		f.page = append(constants(0, 1<<20, n), constants(1<<20, 0, n)...)
		f.page = append(f.page, bytes.Repeat([]byte("a"), 1<<20)...)
	}, "the page's values take more than 67108864 bytes"},
}

// constants are n differences: the first number, then another one.
func constants(first, then int64, n int) []byte {
	b := []byte{0x80, 1, 4}
	b = binary.AppendUvarint(b, uint64(n))
	b = binary.AppendVarint(b, first)
	for left, delta := n-1, then-first; left > 0; left -= 128 {
		if left != n-1 {
			delta = 0
		}
		b = binary.AppendVarint(b, 0)
		b = append(b, 32, 0, 0, 0)
		part := make([]byte, 128)
		binary.LittleEndian.PutUint32(part, uint32(delta))
		b = append(b, part...)
	}
	return b
}

func readBytes(b []byte, o Options) (*data.Table, error) {
	r, err := NewReader(bytes.NewReader(b), int64(len(b)), o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.ReadAll()
}

func TestHostile(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			b := forge(c.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			tab, err := readBytes(b, Options{Name: "f"})
			runtime.ReadMemStats(&after)
			if c.want == "" {
				if err != nil || tab.Columns()[0].Ints()[2] != 7 {
					t.Fatalf("%v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f: ") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if !errors.Is(err, data.ErrMalformed) && !errors.Is(err, data.ErrLimit) {
				t.Errorf("%v is neither malformed nor over a limit", err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 100*uint64(len(b))+16<<20 && c.name != "text that doubles" {
				t.Errorf("%d bytes were taken for a file of %d", used, len(b))
			}
		})
	}
}

// FuzzReader looks for a panic, a hang, and memory that does not follow what was read.
func FuzzReader(f *testing.F) {
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, c := range hostile {
		if b := forge(c.change); len(b) < 1<<16 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), int64(len(b)), Options{MaxBytes: 8 << 20})
		if err != nil {
			return
		}
		defer r.Close()
		names := r.Names()
		for _, name := range names { // alone, so that one that cannot be read does not hide the others
			r, err := NewReader(bytes.NewReader(b), int64(len(b)), Options{MaxBytes: 8 << 20, Columns: []string{name}})
			if err != nil {
				continue
			}
			for read := 0; read < 1<<14; {
				tab, err := r.Read(1000)
				if err != nil {
					if !errors.Is(err, io.EOF) && !errors.Is(err, data.ErrMalformed) && !errors.Is(err, data.ErrLimit) {
						t.Errorf("%v is neither malformed nor over a limit", err)
					}
					if strings.Contains(err.Error(), "the decoder failed") {
						t.Errorf("the checks let through: %v", err)
					}
					break
				}
				read += tab.Rows()
			}
			r.Close()
		}
	})
}
