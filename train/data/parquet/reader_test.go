package parquet

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/train/data"
)

// expected is what a column of the files in testdata holds.
type expected struct {
	Name, Kind string
	Values     []*string
}

func readExpected(t *testing.T) map[string]expected {
	t.Helper()
	b, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Columns []expected }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]expected{}
	for _, c := range all.Columns {
		byName[c.Name] = c
	}
	return byName
}

// compare holds rows of a table, the first of them the file's row of that number, against what is expected.
func compare(t *testing.T, tab *data.Table, first int, want map[string]expected) {
	t.Helper()
	for _, c := range tab.Columns() {
		w, ok := want[c.Name()]
		if !ok {
			t.Errorf("no column %s is expected", c.Name())
			continue
		}
		if c.Kind().String() != w.Kind {
			t.Errorf("%s is of kind %v, want %s", c.Name(), c.Kind(), w.Kind)
		}
		for i := range c.Len() {
			v := w.Values[first+i]
			switch {
			case c.Missing(i) != (v == nil):
				t.Errorf("%s, row %d: missing is %t", c.Name(), first+i, c.Missing(i))
			case v == nil:
			case c.Kind() == data.Float:
				if f, err := strconv.ParseFloat(*v, 64); err != nil || f != c.Floats()[i] {
					t.Errorf("%s, row %d: %v, want %s (%v)", c.Name(), first+i, c.Floats()[i], *v, err)
				}
			case c.Text(i) != *v:
				t.Errorf("%s, row %d: %q, want %q", c.Name(), first+i, c.Text(i), *v)
			}
			if t.Failed() {
				break
			}
		}
	}
}

// TestWriters reads one table as it was written in every form: encodings, compressions, versions of pages.
func TestWriters(t *testing.T) {
	want := readExpected(t)
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".parquet")
		if slices.Contains([]string{"nested", "pandas", "fastparquet"}, name) {
			continue
		}
		read++
		t.Run(name, func(t *testing.T) {
			tab, err := Load(file, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if rows := len(want["int64"].Values); name != "no_rows" && tab.Rows() != rows {
				t.Fatalf("%d rows, want %d", tab.Rows(), rows)
			}
			compare(t, tab, 0, want)
			r, err := Open(file, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			rows := 0
			for {
				piece, err := r.Read(9)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				compare(t, piece, rows, want)
				rows += piece.Rows()
			}
			if rows != tab.Rows() {
				t.Errorf("%d rows in pieces, %d at once", rows, tab.Rows())
			}
		})
	}
	if read < 15 {
		t.Errorf("only %d files", read)
	}
}

func TestPandas(t *testing.T) {
	tab, err := Load("testdata/pandas.parquet", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := tab.Names(); !slices.Equal(got, []string{"x", "c", "when"}) {
		t.Errorf("columns %q: pandas's index has no name and is none", got)
	}
	var csv strings.Builder
	if err := tab.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	const want = "x,c,when\n2.5,a,2020-01-02 12:00:00\n4.5,,2020-01-05 12:00:00\n1.5,b,2020-01-01 00:00:00\n"
	if csv.String() != want {
		t.Errorf("got\n%swant\n%s", csv.String(), want)
	}
	tab, err = Load("testdata/pandas.parquet", Options{Columns: []string{"__index_level_0__", "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := tab.Columns()[0].Ints(); !slices.Equal(got, []int64{1, 3, 0}) {
		t.Errorf("index %v", got)
	}
	if tab, err = Load("testdata/fastparquet.parquet", Options{}); err != nil {
		t.Fatal(err)
	}
	csv.Reset()
	if err := tab.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	if got := "x,c,when\n1.5,b,2020-01-01 00:00:00\n2.5,a,2020-01-02 12:00:00\n3.5,b,2020-01-04 00:00:00\n4.5,,2020-01-05 12:00:00\n"; csv.String() != got {
		t.Errorf("fastparquet: got\n%swant\n%s", csv.String(), got)
	}
}

func TestOptions(t *testing.T) {
	const file = "testdata/zstd_v2.parquet"
	tab, err := Load(file, Options{
		Columns: []string{"float", "int32", "bool_null", "required", "text"},
		Kinds:   map[string]data.Kind{"float": data.String, "int32": data.Float, "bool_null": data.String, "required": data.String},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		name string
		kind data.Kind
		text string
	}{{"float", data.String, "1.0068568"}, {"int32", data.Float, ""}, {"bool_null", data.String, "True"}, {"required", data.String, "0"}, {"text", data.String, ""}} {
		c := tab.Columns()[i]
		if c.Name() != want.name || c.Kind() != want.kind {
			t.Errorf("column %d is %s of kind %v", i, c.Name(), c.Kind())
		}
		if want.text != "" && c.Text(0) != want.text {
			t.Errorf("%s starts with %q, want %q", want.name, c.Text(0), want.text)
		}
	}
}

func TestErrors(t *testing.T) {
	const file = "testdata/zstd_v2.parquet"
	for _, c := range []struct {
		name, file string
		opts       Options
		want       string
	}{
		{"list", "testdata/nested.parquet", Options{}, "testdata/nested.parquet: column tags: it is nested (a list): write the file without this column, or name those to read"},
		{"struct", "testdata/nested.parquet", Options{Columns: []string{"id", "place"}}, "column place: it is nested (a struct)"},
		{"map", "testdata/nested.parquet", Options{Columns: []string{"counts"}}, "column counts: it is nested (a map)"},
		{"bytes", "testdata/nested.parquet", Options{Columns: []string{"bytes"}}, `testdata/nested.parquet: column bytes: entry 1 of its dictionary: "\xff" is not UTF-8: a column holds numbers or text`},
		{"fixed bytes", "testdata/nested.parquet", Options{Columns: []string{"key"}}, "column key: it holds bytes, which are neither numbers nor text"},
		{"no column", file, Options{Columns: []string{"txt"}}, `no column "txt" among`},
		{"nearest", file, Options{Kinds: map[string]data.Kind{"txt": data.String}}, `did you mean "text"?`},
		{"twice", file, Options{Columns: []string{"text", "text"}}, `parquet: column "text" is asked for twice`},
		{"kind", file, Options{Columns: []string{"required", "text"}, Kinds: map[string]data.Kind{"text": data.Int}}, file + ": row 1: column text: "},
		{"kind of a float", file, Options{Columns: []string{"double"}, Kinds: map[string]data.Kind{"double": data.Int}}, "column double: "},
		{"memory", file, Options{MaxBytes: 3000}, "over the limit"},
		{"csv", "testdata/expected.json", Options{}, "testdata/expected.json: it is no Parquet file: it does not start with PAR1"},
		{"no file", "testdata/none.parquet", Options{}, "no such file"},
		{"folder", "testdata", Options{}, "testdata"},
	} {
		_, err := Load(c.file, c.opts)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", c.name, err, c.want)
		}
	}
	tab, err := Load("testdata/nested.parquet", Options{Columns: []string{"last", "id"}})
	if err != nil || tab.Rows() != 3 || tab.Columns()[0].Floats()[1] != 2.5 || tab.Columns()[1].Ints()[2] != 3 {
		t.Errorf("beside nested columns: %v", err)
	}
}
