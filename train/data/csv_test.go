package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// show renders a table as name:kind=value,value... per column; a missing value is _.
func show(t *Table) string {
	var b strings.Builder
	for i, c := range t.Columns() {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(c.Name() + ":" + c.Kind().String() + "=")
		for r := range t.Rows() {
			if r > 0 {
				b.WriteByte(',')
			}
			if c.Missing(r) {
				b.WriteByte('_')
			} else {
				b.WriteString(c.Text(r))
			}
		}
	}
	return b.String()
}

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opts       CSVOptions
		want       string
	}{
		{"kinds", "a,b,c\n1,1.5,x\n-2,2,y\n", CSVOptions{}, "a:integer=1,-2 | b:float=1.5,2 | c:string=x,y"},
		{"missing", "a,b,c,d\n1,,x,\nNA,1e3,NULL,nan\n", CSVOptions{}, "a:integer=1,_ | b:float=_,1000 | c:string=x,_ | d:float=_,_"},
		{"own missing", "a,b\n?,NA\n1,x\n", CSVOptions{Missing: []string{"?"}}, "a:integer=_,1 | b:string=NA,x"},
		{"none missing", "a,b\n,x\n1,NA\n", CSVOptions{Missing: []string{}}, "a:string=,1 | b:string=x,NA"},
		{"given kinds", "a,b\n1,1\n2,2\n", CSVOptions{Kinds: map[string]Kind{"a": Float, "b": String}}, "a:float=1,2 | b:string=1,2"},
		{"text keeps its form", "a\n007\n1.50\nx\n", CSVOptions{}, "a:string=007,1.50,x"},
		{"space", "a, b ,c\n 1 , 2.5, x \n", CSVOptions{}, "a:integer=1 | b:float=2.5 | c:string= x "},
		{"quotes", "a,b\n\"x,y\",\"he said \"\"no\"\"\"\n\"two\nlines\",\"3\"\n", CSVOptions{}, "a:string=x,y,two\nlines | b:string=he said \"no\",3"},
		{"BOM and CRLF", "\ufeffa,b\r\n1,2\r\n", CSVOptions{}, "a:integer=1 | b:integer=2"},
		{"no last line feed", "a\n1\n2", CSVOptions{}, "a:integer=1,2"},
		{"empty lines", "a,b\n\n1,2\n\n\n3,4\n", CSVOptions{}, "a:integer=1,3 | b:integer=2,4"},
		{"semicolon and decimal comma", "a;b\n1,5;2\n-0,25;3\n", CSVOptions{Comma: ';', Decimal: ','}, "a:float=1.5,-0.25 | b:integer=2,3"},
		{"tab", "a\tb\n1\t2\n", CSVOptions{Comma: '\t'}, "a:integer=1 | b:integer=2"},
		{"comment", "#x\na\n#y\n1\n", CSVOptions{Comment: '#'}, "a:integer=1"},
		{"no header", "1,x\n2,y\n", CSVOptions{NoHeader: true}, "0:integer=1,2 | 1:string=x,y"},
		{"names", "1,x\n", CSVOptions{NoHeader: true, Names: []string{"n", "s"}}, "n:integer=1 | s:string=x"},
		{"other names", "a,b\n1,x\n", CSVOptions{Names: []string{"n", "s"}}, "n:integer=1 | s:string=x"},
		{"unnamed index", ",a\n0,1\n", CSVOptions{}, "Unnamed: 0:integer=0 | a:integer=1"},
		{"numpy's header", "# x1,x2\n1,2\n", CSVOptions{}, "x1:integer=1 | x2:integer=2"},
		{"some columns", "a,b,c\n1,zz,3\n", CSVOptions{Columns: []string{"c", "a"}}, "c:integer=3 | a:integer=1"},
		{"header alone", "a,b\n", CSVOptions{}, "a:float= | b:float="},
		{"latin-1", "a\nse\xf1or\n", CSVOptions{Latin1: true}, "a:string=señor"},
		{"big integers", "a,b\n9223372036854775807,9223372036854775808\n", CSVOptions{}, "a:integer=9223372036854775807 | b:float=9.223372036854776e+18"},
		{"infinities", "a\ninf\n-Infinity\n", CSVOptions{}, "a:float=+Inf,-Inf"},
		{"not numbers", "a,b,c\n0x10,1_000,1e999\n", CSVOptions{}, "a:string=0x10 | b:string=1_000 | c:string=1e999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, err := ReadCSV(strings.NewReader(c.text), c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(tab); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCSVErrors(t *testing.T) {
	float := map[string]Kind{"a": Float}
	for _, c := range []struct {
		name, text string
		opts       CSVOptions
		want       string
	}{
		{"empty", "", CSVOptions{}, "f.csv: the file is empty"},
		{"empty lines alone", "\n\n", CSVOptions{}, "f.csv: the file is empty"},
		{"text in a number", "b,a\n1,2\n1,abc\n", CSVOptions{Kinds: float}, `f.csv:3:3: column a: "abc" is not a number`},
		{"after a record of two lines", "b,a\n\"x\ny\",2\n1,abc\n", CSVOptions{Kinds: float}, `f.csv:4:3: column a: "abc" is not a number`},
		{"decimal comma", "b;a\n1;2,5\n", CSVOptions{Kinds: float, Comma: ';'}, `f.csv:2:3: column a: "2,5" is not a number; is the comma a decimal sign?`},
		{"decimal point", "a\n2.5\n", CSVOptions{Kinds: float, Comma: ';', Decimal: ','}, `f.csv:2:1: column a: "2.5" is not a number with a decimal comma`},
		{"range", "a\n1e999\n", CSVOptions{Kinds: float}, `f.csv:2:1: column a: "1e999" is out of the range of 64-bit numbers`},
		{"integer", "a\n1.5\n", CSVOptions{Kinds: map[string]Kind{"a": Int}}, `f.csv:2:1: column a: "1.5" is not an integer`},
		{"integer range", "a\n9223372036854775808\n", CSVOptions{Kinds: map[string]Kind{"a": Int}}, `f.csv:2:1: column a: "9223372036854775808" is out of the range of 64-bit integers`},
		{"ragged, long", "a,b\n1,2\n1,2,3\n", CSVOptions{}, "f.csv:3: 3 fields, the first line has 2"},
		{"ragged, short", "a,b\n1\n", CSVOptions{}, "f.csv:2: 1 field, the first line has 2"},
		{"missing column", "alcohol,pH\n1,2\n", CSVOptions{Columns: []string{"alchol"}}, `f.csv: malformed data: no column "alchol" among ["alcohol" "pH"], did you mean "alcohol"?`},
		{"kind of a missing column", "b\n1\n", CSVOptions{Kinds: float}, `no column "a" among ["b"]`},
		{"wrong separator", "a;b\n1;2\n", CSVOptions{Columns: []string{"a"}}, `fields are split at ',', are they separated by ';'?`},
		{"twice in the header", "a,b,a\n1,2,3\n", CSVOptions{}, `f.csv:1: fields 1 and 3 are both named "a"`},
		{"names do not fit", "1,2\n", CSVOptions{NoHeader: true, Names: []string{"a"}}, "f.csv:1: 2 fields, and 1 names given"},
		{"open quote", "a,b\n1,\"x\n2,3\n", CSVOptions{}, "the quoted field in the record of line 2 has no end"},
		{"after a quote", "a,b\n1,\"x\"y\n", CSVOptions{}, "f.csv:2:5: a quoted field has no end, or goes on after its closing quote"},
		{"quotes and semicolons", "\"a\";\"b\"\n1;2\n", CSVOptions{}, `f.csv:1:3: a quoted field has no end, or goes on after its closing quote; fields are split at ',', are they separated by ';'?`},
		{"semicolons and decimal commas", "a;b\n1,5;2\n", CSVOptions{}, `f.csv:2: 2 fields, the first line has 1; fields are split at ',', are they separated by ';'?`},
		{"bare quote", "a,b\n1,x\"y\n", CSVOptions{}, `f.csv:2:4: a quote " inside a field that does not start with one`},
		{"not UTF-8", "a\nse\xf1or\n", CSVOptions{}, `f.csv:2:1: column a: "se\xf1or" is not UTF-8; is the file in Latin-1?`},
		{"UTF-16", "\xff\xfea\x00\n\x00", CSVOptions{}, "f.csv:1: the text is UTF-16: save it as UTF-8"},
		{"old Mac", "a,b\r1,2\r", CSVOptions{Comma: ';'}, "f.csv:1: the lines end in carriage returns alone"},
		{"long record", "a\n\"" + strings.Repeat("x\n", 200_000), CSVOptions{MaxRecord: 1000}, "is longer than 1000 bytes; is a quote left open?"},
		{"big table", "a\n" + strings.Repeat("1\n", 1000), CSVOptions{MaxBytes: 1000}, "over the limit: the table takes more than 1000 bytes"},
		{"many fields", "a,b,c\n", CSVOptions{MaxFields: 2}, "over the limit: 3 fields, 2 allowed"},
		{"asked twice", "a,b\n", CSVOptions{Columns: []string{"a", "a"}}, `column "a" is asked for twice`},
		{"bad separator", "a", CSVOptions{Comma: '"'}, `'"' cannot separate fields`},
		{"bad comment", "a", CSVOptions{Comment: ','}, `',' cannot start a comment`},
		{"bad decimal", "a", CSVOptions{Decimal: 'x'}, "a decimal sign is"},
		{"bad kind", "a", CSVOptions{Kinds: map[string]Kind{"a": 9}}, "no such kind: Kind(9)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Name = "f.csv"
			_, err := ReadCSV(strings.NewReader(c.text), c.opts)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			if strings.HasPrefix(err.Error(), "csv: ") {
				return // a fault in the options
			}
			var p *ParseError
			if !errors.As(err, &p) || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrLimit) {
				t.Errorf("%T is no ParseError of malformed data or a limit", err)
			}
		})
	}
}

func TestReadErrorIsNotMalformed(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := ReadCSV(io.MultiReader(strings.NewReader("a\n1\n"), failing{broken}), CSVOptions{Name: "f.csv"})
	if !errors.Is(err, broken) || errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestLoadCSV(t *testing.T) {
	dir := t.TempDir()
	text := "a,b\n1,x\n"
	plain, zipped := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv.gz")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	if err := errors.Join(os.WriteFile(plain, []byte(text), 0o600), os.WriteFile(zipped, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{plain, zipped} {
		tab, err := LoadCSV(path, CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := show(tab), "a:integer=1 | b:string=x"; got != want {
			t.Errorf("%s: got %s", path, got)
		}
		if _, err := tab.Column("c"); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("the error does not name the file: %v", err)
		}
	}
	for path, want := range map[string]string{dir: "is a folder", filepath.Join(dir, "none"): "no such file"} {
		if _, err := LoadCSV(path, CSVOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestCSVReader(t *testing.T) {
	var text strings.Builder
	text.WriteString("n,s\n")
	for i := range 25_000 {
		text.WriteString(strings.Join([]string{strings.Repeat("1", i%5+1), "x"}, ",") + "\n")
	}
	r, err := NewCSVReader(strings.NewReader(text.String()), CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	total, sum := 0, int64(0)
	for {
		tab, err := r.Read(999)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if tab.Line(0) != total+2 {
			t.Fatalf("row %d is from line %d", total, tab.Line(0))
		}
		total += tab.Rows()
		n, _ := tab.Column("n")
		for _, v := range n.Ints() {
			sum += v
		}
	}
	if total != 25_000 || sum != 5000*(1+11+111+1111+11111) {
		t.Errorf("got %d rows with sum %d", total, sum)
	}
	if _, err := r.Read(1); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := r.Read(0); err == nil {
		t.Error("reading no rows is no error")
	}
}

func TestCSVReaderKinds(t *testing.T) {
	text := "a\n" + strings.Repeat("1\n", inferRows) + "1.5\n"
	r, err := NewCSVReader(strings.NewReader(text), CSVOptions{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(inferRows); err != nil {
		t.Fatal(err)
	}
	_, err = r.Read(1)
	if want := `f:10002:1: column a: "1.5" is not an integer; the first 10000 rows are of kind integer, so give the column's kind`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	r, _ = NewCSVReader(strings.NewReader("a\n"), CSVOptions{})
	if _, err := r.Read(5); !errors.Is(err, io.EOF) {
		t.Errorf("no rows: got %v", err)
	}
}

// shared returns the folder with the course's files: what ONNXTOOL_SHARED names, as seen from the module's root,
// where the files must be then; else the one beside the module, without which the test is skipped.
func shared(t *testing.T) string {
	dir := os.Getenv("ONNXTOOL_SHARED")
	demanded := dir != ""
	if !demanded {
		dir = "../shared"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("../..", dir)
	}
	if _, err := os.Stat(dir); err != nil && !demanded {
		t.Skip("the course's files are not here")
	}
	return filepath.Join(dir, "data")
}

// TestCourseCSVs reads the files of the course that the toolkit is for.
func TestCourseCSVs(t *testing.T) {
	dir := shared(t)
	for _, c := range []struct {
		file             string
		rows, columns    int
		complete         int // rows without a missing value, -1 for not asked
		column           string
		kind             Kind
		missing, classes int
		mean             float64
	}{
		{"clase_2_train_data.csv", 900, 3, 900, "x1", Float, 0, 900, math.NaN()},
		{"clase_2_test_data.csv", 100, 3, 100, "y", Float, 0, 2, .5},
		{"class_7_wine_dataset_v2.csv", 6497, 15, 6463, "type", String, 0, 2, math.NaN()},
		{"class_7_wine_dataset_v2.csv", 6497, 15, 6463, "quality", Int, 0, 7, math.NaN()},
		{"heart_disease.csv", 303, 16, 297, "has_heart_disease", String, 0, 2, math.NaN()},
		{"encuesta_sysarmy_arg_2019_1.csv", 4482, 47, -1, "Trabajo de", String, 0, 443, math.NaN()},
	} {
		tab, err := LoadCSV(filepath.Join(dir, c.file), CSVOptions{})
		if err != nil {
			t.Error(err)
			continue
		}
		if tab.Rows() != c.rows || len(tab.Columns()) != c.columns {
			t.Errorf("%s: %d rows of %d columns, want %d of %d", c.file, tab.Rows(), len(tab.Columns()), c.rows, c.columns)
		}
		col, err := tab.Column(c.column)
		if err != nil {
			t.Error(err)
			continue
		}
		_, classes := col.Codes()
		if col.Kind() != c.kind || col.CountMissing() != c.missing || classes.Len() != c.classes {
			t.Errorf("%s %s: %v, %d missing, %d classes", c.file, c.column, col.Kind(), col.CountMissing(), classes.Len())
		}
		if whole, _ := tab.DropMissing(); c.complete >= 0 && whole.Rows() != c.complete {
			t.Errorf("%s: %d complete rows, want %d", c.file, whole.Rows(), c.complete)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	tab, err := NewTable(
		Floats("f", []float64{1.5, math.NaN(), 0.1, math.Inf(1)}),
		Ints("i, quoted", []int64{1, 2, 3, -4}, []bool{false, true, false, false}),
		Strings("s", []string{"a\nb", "", `q"`, " x"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tab.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	want := "f,\"i, quoted\",s\n1.5,1,\"a\nb\"\n,,\n0.1,3,\"q\"\"\"\n+Inf,-4,\" x\"\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	one, _ := NewTable(Floats("f", []float64{1, math.NaN(), 2}))
	b.Reset()
	if err := one.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	back, err := ReadCSV(&b, CSVOptions{})
	if err != nil || back.Rows() != 3 {
		t.Errorf("a missing value alone in its line is lost: %v %v", back, err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"x\"\n"), uint8(0))
	f.Add([]byte("\ufeffa;b\r\n1,5;\xf1\r\n"), uint8(0xff))
	f.Fuzz(func(t *testing.T, text []byte, bits uint8) {
		opts := CSVOptions{MaxBytes: 1 << 20, MaxRecord: 1 << 16, Latin1: bits&1 != 0, NoHeader: bits&2 != 0}
		if bits&4 != 0 {
			opts.Comma, opts.Decimal = ';', ','
		}
		tab, err := ReadCSV(bytes.NewReader(text), opts)
		if err != nil {
			return
		}
		for _, c := range tab.Columns() {
			if c.Len() != tab.Rows() {
				t.Fatalf("column %q has %d rows of %d", c.Name(), c.Len(), tab.Rows())
			}
		}
		// Streaming gives the same table, where the kinds are found in the first rows.
		if tab.Rows() == 0 || tab.Rows() > inferRows {
			return
		}
		r, err := NewCSVReader(bytes.NewReader(text), opts)
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for {
			part, err := r.Read(3)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, show(part))
		}
		var want []string
		for lo := 0; lo < tab.Rows(); lo += 3 {
			want = append(want, show(tab.Slice(lo, min(lo+3, tab.Rows()))))
		}
		if !slices.Equal(parts, want) {
			t.Fatalf("streamed %q, whole %q", parts, want)
		}
		var b bytes.Buffer
		if err := tab.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
	})
}
