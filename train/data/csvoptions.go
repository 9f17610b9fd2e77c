package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MissingValues are the fields that stand for a missing value unless [CSVOptions] says otherwise: those of
// pandas.read_csv, less what only Windows' C library writes.
var MissingValues = []string{"", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "-NaN", "-nan"}

// CSVOptions say how a CSV file is to be read. The zero value reads RFC 4180 with a header line, as UTF-8, and
// finds the columns' kinds by their values.
type CSVOptions struct {
	Name     string          // the file's name in errors
	Comma    rune            // between fields; 0 is ','
	Comment  rune            // lines that start with it are skipped; 0 is none
	Decimal  rune            // between a number's integer part and its fraction: '.' or ','; 0 is '.'
	NoHeader bool            // the first line is a row
	Names    []string        // the columns' names, in place of the header's; "0", "1", ... without either
	Columns  []string        // read these alone, in this order; nil reads all
	Kinds    map[string]Kind // kinds by column name; a column that is not named gets Int where every value is one, else Float, else String
	Missing  []string        // fields that stand for a missing value; nil is [MissingValues], an empty slice none
	Latin1   bool            // the file is ISO 8859-1, not UTF-8

	MaxBytes  int64 // of memory for the values of one table; 0 is 2 GiB
	MaxRecord int64 // bytes in one record; 0 is 16 MiB
	MaxFields int   // in one record; 0 is 65536
}

const (
	defaultMaxBytes  = 2 << 30
	defaultMaxRecord = 16 << 20
	defaultMaxFields = 1 << 16
)

// withDefaults returns the options with every zero replaced.
func (o CSVOptions) withDefaults() (CSVOptions, error) {
	if o.Comma == 0 {
		o.Comma = ','
	}
	if o.Decimal == 0 {
		o.Decimal = '.'
	}
	if o.Missing == nil {
		o.Missing = MissingValues
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxRecord == 0 {
		o.MaxRecord = defaultMaxRecord
	}
	if o.MaxFields == 0 {
		o.MaxFields = defaultMaxFields
	}
	switch {
	case !validSeparator(o.Comma):
		return o, fmt.Errorf("csv: %q cannot separate fields", o.Comma)
	case o.Comment != 0 && (!validSeparator(o.Comment) || o.Comment == o.Comma):
		return o, fmt.Errorf("csv: %q cannot start a comment", o.Comment)
	case o.Decimal != '.' && o.Decimal != ',':
		return o, fmt.Errorf("csv: a decimal sign is '.' or ',', not %q", o.Decimal)
	case o.MaxBytes < 0 || o.MaxRecord < 0 || o.MaxFields < 0:
		return o, errors.New("csv: a limit is negative")
	}
	for name, k := range o.Kinds {
		if k > String {
			return o, fmt.Errorf("csv: column %s: no such kind: %v", name, k)
		}
	}
	return o, nil
}

func validSeparator(r rune) bool {
	return r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}

// header returns the columns' names, given the first record.
func (o *CSVOptions) header(first []string) ([]string, error) {
	if len(first) > o.MaxFields {
		return nil, fmt.Errorf("%w: %d fields, %d allowed", ErrLimit, len(first), o.MaxFields)
	}
	names := make([]string, len(first))
	for i := range first {
		switch {
		case o.Names != nil && len(o.Names) != len(first):
			return nil, fmt.Errorf("%d fields, and %d names given", len(first), len(o.Names))
		case o.Names != nil:
			names[i] = o.Names[i]
		case o.NoHeader:
			names[i] = fmt.Sprint(i)
		case strings.TrimSpace(first[i]) == "":
			names[i] = fmt.Sprintf("Unnamed: %d", i) // as pandas does: an index column has no name
		case i == 0 && strings.HasPrefix(first[i], "# "):
			names[i] = first[i][2:] // numpy.savetxt writes its header as a comment
		default:
			names[i] = strings.TrimSpace(first[i])
		}
		if !utf8.ValidString(names[i]) {
			return nil, fmt.Errorf("the name %q is not UTF-8", names[i])
		}
	}
	if len(names) == 1 && strings.ContainsRune(names[0], '\r') {
		return nil, errors.New("the lines end in carriage returns alone: end them in line feeds")
	}
	sorted := slices.Sorted(slices.Values(names))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			a := slices.Index(names, sorted[i])
			b := a + 1 + slices.Index(names[a+1:], sorted[i])
			return nil, fmt.Errorf("fields %d and %d are both named %q", a+1, b+1, sorted[i])
		}
	}
	return names, nil
}

// selection returns the positions of the columns to read, and complains about names that the file lacks.
func (o *CSVOptions) selection(names []string) ([]int, error) {
	at := make(map[string]int, len(names))
	for i, name := range names {
		at[name] = i
	}
	for _, name := range slices.Concat(o.Columns, sortedKeys(o.Kinds)) {
		if _, ok := at[name]; !ok {
			return nil, o.separatorHint(NoColumn(o.Name, name, names), names)
		}
	}
	if o.Columns == nil {
		all := make([]int, len(names))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	picked := make([]int, len(o.Columns))
	for i, name := range o.Columns {
		picked[i] = at[name]
		if slices.Index(o.Columns, name) != i {
			return nil, fmt.Errorf("csv: column %q is asked for twice", name)
		}
	}
	return picked, nil
}

// separatorHint adds to an error that a header of one field may be split at another character.
func (o *CSVOptions) separatorHint(err error, names []string) error {
	if len(names) != 1 {
		return err
	}
	for _, r := range ";\t|," {
		if r != o.Comma && strings.ContainsRune(names[0], r) {
			return fmt.Errorf("%w; fields are split at %q, are they separated by %q?", err, o.Comma, r)
		}
	}
	return err
}
