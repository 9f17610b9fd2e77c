package data

import (
	"strings"
	"testing"
)

func TestNotText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"PAR1\x15\x00", "it is no CSV, it is a Parquet file"},
		{"PAR1,PAR2\n1,2\n", ""},
		{"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive, such as an Excel workbook (.xlsx) or NumPy's .npz"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"},
		{"\x93NUMPY\x01\x00", "a NumPy array (.npy)"},
		{"\x89HDF\r\n\x1a\n", "an HDF5 file"},
		{"SQLite format 3\x00", "an SQLite database"},
		{"BZh,count\n1,2\n", ""},
		{"BZh91AY&SY\x00\x01", "compressed by bzip2"},
		{"(\xb5/\xfd\x04", "compressed by Zstandard"},
		{"\x80\x04\x95\x10", "a Python pickle"},
		{"a,b\n1,\x00\n", "it starts with bytes that text does not have"},
		{"a\x00,\x00b\x00\n\x00", "the text is UTF-16"},
		{"a,b\n1,2\n", ""},
		{"", "the file is empty"},
	} {
		_, err := ReadCSV(strings.NewReader(c.text), CSVOptions{Name: "f"})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestConcat(t *testing.T) {
	read := func(text string) *Table {
		tab, err := ReadCSV(strings.NewReader(text), CSVOptions{Name: "f"})
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
	a := read("x,n,s\n1.5,1,a\n,,\n2.5,3,c\n")
	b, err := Concat(a.Take([]int{2}), a.Take(nil), a.Take([]int{0, 1}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(b), "x:float=2.5,1.5,_ | n:integer=3,1,_ | s:string=c,a,_"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if b.Line(0) != 4 || b.Line(1) != 2 {
		t.Errorf("lines %d, %d", b.Line(0), b.Line(1))
	}
	for _, other := range []string{"x,n\n1.5,1\n", "x,n,t\n1.5,1,a\n", "x,n,s\n1,1,a\n"} {
		if _, err := Concat(a, read(other)); err == nil {
			t.Errorf("%q fits", other)
		}
	}
}
