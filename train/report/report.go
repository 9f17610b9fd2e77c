package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// Report is what a page says of a model.
type Report struct {
	Title    string
	Lead     string   // a sentence or two below the title
	Facts    []Fact   // the summary, shown first
	Warnings []string // shown before everything else
	Tables   []Table
	Pictures []Picture
	Made     string // by which program; shown at the end
}

// Fact is a figure or a setting with its name.
type Fact struct{ Name, Value string }

// Table is a table with a heading. Cells that are numbers stand to the right.
type Table struct {
	Title   string
	Note    string // shown below it
	Columns []string
	Rows    [][]string
	Folded  bool // shown when the reader opens it
}

// Picture is a figure with the name of its files.
type Picture struct {
	Name    string // of lower-case letters, digits, - and _
	Caption string
	Figure  Figure
}

// Write fills a folder, which it makes where it is missing, with NAME.svg and NAME.png of each picture and with
// report.html, a page with all of it that needs no other file. Each file is replaced whole.
func Write(dir string, r Report) error {
	if err := r.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, p := range r.Pictures {
		for suffix, write := range map[string]func(io.Writer, Figure) error{".svg": WriteSVG, ".png": WritePNG} {
			err := atomicfile.Write(filepath.Join(dir, p.Name+suffix), func(w io.Writer) error { return write(w, p.Figure) })
			if err != nil {
				return fmt.Errorf("picture %s: %w", p.Name, err)
			}
		}
	}
	return atomicfile.Write(filepath.Join(dir, "report.html"), r.WriteHTML)
}

func (r Report) check() error {
	seen := map[string]bool{}
	for _, p := range r.Pictures {
		name := strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_")
		if p.Name == "" || name != "" {
			return fmt.Errorf("report: %q is no name for a picture: lower-case letters, digits, - and _ are", p.Name)
		}
		if seen[p.Name] {
			return fmt.Errorf("report: two pictures are called %s", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}
