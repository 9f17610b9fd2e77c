package data

import (
	"bytes"
	"errors"
	"fmt"
)

// Files that are given as CSV by mistake, by the bytes that they start with.
var binaryFormats = []struct{ mark, name string }{
	{"PAR1", "a Parquet file, which train/data/parquet reads"},
	{"PARE", "an encrypted Parquet file"},
	{"PK\x03\x04", "a ZIP archive, such as an Excel workbook (.xlsx) or NumPy's .npz: save the table as CSV or Parquet"},
	{"PK\x05\x06", "an empty ZIP archive"},
	{"\xd0\xcf\x11\xe0", "an old Office file, such as an Excel workbook (.xls): save the table as CSV"},
	{"\x93NUMPY", "a NumPy array (.npy), which has no columns"},
	{"\x89HDF\r\n", "an HDF5 file: save the table as CSV or Parquet"},
	{"ARROW1", "an Arrow or Feather file: save the table as CSV or Parquet"},
	{"FEA1", "an old Feather file: save the table as CSV or Parquet"},
	{"ORC", "an ORC file: save the table as CSV or Parquet"},
	{"Obj\x01", "an Avro file: save the table as CSV or Parquet"},
	{"SQLite format 3\x00", "an SQLite database: export the table as CSV"},
	{"(\xb5/\xfd", "compressed by Zstandard: decompress it, or use gzip"},
	{"BZh", "compressed by bzip2: decompress it, or use gzip"},
	{"\xfd7zXZ\x00", "compressed by xz: decompress it, or use gzip"},
	{"7z\xbc\xaf", "a 7z archive: unpack it"},
	{"Rar!", "a RAR archive: unpack it"},
	{"%PDF-", "a PDF document"},
	{"\x89PNG\r\n", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
}

// textHead is how many bytes a text file is recognised by.
const textHead = 512

// checkText reports an error for a file that is no text, given how it starts.
func checkText(head []byte) error {
	for _, f := range binaryFormats {
		if bytes.HasPrefix(head, []byte(f.mark)) && (len(f.mark) > 4 || f.mark[0] >= 0x80 || !plainText(head)) {
			return fmt.Errorf("it is no CSV, it is %s", f.name)
		}
	}
	if len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 {
		return errors.New("it is no CSV, it is a Python pickle: save the table as CSV or Parquet")
	}
	switch {
	case plainText(head):
		return nil
	case evenZeros(head):
		return errors.New("the text is UTF-16: save it as UTF-8")
	}
	return errors.New("it is no CSV: it starts with bytes that text does not have")
}

// plainText reports whether bytes could be a text's: no control characters besides those that move or colour text.
func plainText(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '\t' || r > '\r' && r < ' ' && r != 0x1a && r != 0x1b })
}

// evenZeros reports whether every other byte of the first ones is zero, as in western text of UTF-16.
func evenZeros(b []byte) bool {
	n := min(len(b), 32) &^ 1
	for phase := range 2 {
		zeros := 0
		for i := phase; i < n; i += 2 {
			if b[i] == 0 {
				zeros++
			}
		}
		if n > 2 && zeros == n/2 {
			return true
		}
	}
	return false
}
