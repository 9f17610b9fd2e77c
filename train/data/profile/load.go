package profile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/onnxtool/onnxtool/train/data"
)

// wholeFile is the size up to which a CSV file is read as it is.
const wholeFile = 64 << 20

// LoadCSV reads a table of which a profile is to be taken, its fields parted and its numbers written as o says, and
// returns how many rows the file has. Of a file that is larger than 64 MiB it keeps rows of them, 0 for 200,000, drawn
// at random by the seed, in their order; columns' kinds are then those of the rows that were kept.
func LoadCSV(path string, o data.CSVOptions, rows int, seed uint64) (t *data.Table, total int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if info.Size() <= wholeFile {
		if t, err = data.LoadCSV(path, o); err != nil {
			return nil, 0, err
		}
		return t, t.Rows(), nil
	}
	all, err := Options{Rows: rows}.withDefaults()
	if err != nil {
		return nil, 0, err
	}
	return sampleCSV(path, o, all.Rows, seed)
}

// textRow is a row of a file, by its number.
type textRow struct {
	number int
	fields []string
}

// sampleCSV keeps rows of the file by Vitter's algorithm R, and reads them as a file of their own.
func sampleCSV(path string, o data.CSVOptions, rows int, seed uint64) (*data.Table, int, error) {
	kept, names, total, err := reservoir(path, o, rows, seed)
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(kept, func(a, b textRow) int { return a.number - b.number })
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.Write(names)
	for _, r := range kept {
		if len(r.fields) == 1 && r.fields[0] == "" { // a line without a field would be skipped
			w.Flush()
			text.WriteString("\"\"\n")
			continue
		}
		w.Write(r.fields)
	}
	w.Flush()
	t, err := data.ReadCSV(&text, data.CSVOptions{Decimal: o.Decimal})
	if err != nil {
		return nil, 0, fmt.Errorf("%s: a sample of its rows: %w", path, err)
	}
	return t, total, nil
}

func reservoir(path string, o data.CSVOptions, rows int, seed uint64) (kept []textRow, names []string, total int, err error) {
	head, err := data.OpenCSV(path, o)
	if err != nil {
		return nil, nil, 0, err
	}
	names = head.Names()
	head.Close()
	kinds := map[string]data.Kind{}
	for _, n := range names {
		kinds[n] = data.String
	}
	o.Kinds = kinds
	r, err := data.OpenCSV(path, o)
	if err != nil {
		return nil, nil, 0, err
	}
	defer r.Close()
	random := rand.New(rand.NewPCG(seed, sampleStream))
	for {
		t, err := r.Read(4096)
		if errors.Is(err, io.EOF) {
			return kept, names, total, nil
		}
		if err != nil {
			return nil, nil, 0, err
		}
		for i := range t.Rows() {
			at := total
			total++
			if at >= rows {
				if at = random.IntN(total); at >= rows {
					continue
				}
			} else {
				kept = append(kept, textRow{})
			}
			fields := make([]string, len(names))
			for j, c := range t.Columns() {
				fields[j] = c.Text(i)
			}
			kept[at] = textRow{total - 1, fields}
		}
	}
}

// Sample reads a table of total rows and keeps rows of them, 0 for 200,000, drawn at random by the seed, in their
// order.
func Sample(r data.TableReader, total, rows int, seed uint64) (*data.Table, error) {
	o, err := Options{Rows: rows}.withDefaults()
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, sampleStream))
	var pieces []*data.Table
	left, need := total, min(o.Rows, total) // rows to come, and how many of them to keep: Knuth's algorithm S
	for {
		t, err := r.Read(4096)
		if errors.Is(err, io.EOF) {
			return data.Concat(pieces...)
		}
		if err != nil {
			return nil, err
		}
		var kept []int
		for i := range t.Rows() {
			if left > 0 && random.IntN(left) < need {
				kept = append(kept, i)
				need--
			}
			left--
		}
		pieces = append(pieces, t.Take(kept))
	}
}
