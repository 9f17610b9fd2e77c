package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/parquet"
	"github.com/onnxtool/onnxtool/train/data/profile"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/report"
)

func newData(e env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Look at data before training",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("data takes a verb: 'onnxtool data profile F.csv'")
		},
	}
	cmd.AddCommand(newDataProfile(e))
	return cmd
}

// profileFlags are the flags of data profile.
type profileFlags struct {
	target, against, out string
	rows                 int
	seed                 uint64
	json                 bool
	separator, decimal   string
}

func newDataProfile(e env) *cobra.Command {
	var f profileFlags
	cmd := &cobra.Command{
		Use:   "profile F.csv",
		Short: "Report on a table: kinds, missing values, distributions, correlations, leaks",
		Long: `Report on a CSV or Parquet file before a model is trained on it: the columns' kinds, missing and distinct values,
distributions; correlations and the maximal information coefficient of each pair; and, with --target, how
well each column alone predicts it on held-out rows, which shows leaks. What is worth a second look is
printed; -o writes a page with everything, which needs no other file.

Of a large table the figures are of rows drawn at random by --seed, and the report says so.`,
		Example: `  onnxtool data profile wine.csv --target quality -o report.html
  onnxtool data profile train.csv --against today.csv --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("data profile takes one CSV or Parquet file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runProfile(e, args[0], f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.target, "target", "", "the `column` to predict")
	fl.StringVar(&f.against, "against", "", "another CSV or Parquet `file` whose distributions to compare with")
	fl.StringVarP(&f.out, "output", "o", "", "the `file`.html to write")
	fl.StringVar(&f.separator, "separator", ",", "`character` between the fields of a CSV file, or tab")
	fl.StringVar(&f.decimal, "decimal", ".", "decimal `sign` of a CSV file's numbers, . or ,")
	fl.IntVar(&f.rows, "rows", 0, "rows to draw from a larger table, 0 for 200,000")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the rows that are drawn")
	fl.BoolVar(&f.json, "json", false, "print everything as one JSON document")
	return cmd
}

func runProfile(e env, path string, f profileFlags) error {
	if f.rows < 0 {
		return usagef("--rows must not be negative")
	}
	if _, err := f.csv(); err != nil {
		return err
	}
	if err := writable(f.out); err != nil {
		return err
	}
	t, total, err := loadProfiled(path, f)
	if err != nil {
		return err
	}
	o := profile.Options{Target: f.target, Rows: f.rows, Seed: f.seed}
	if f.against != "" {
		if o.Against, _, err = loadProfiled(f.against, f); err != nil {
			return err
		}
	}
	p, err := profile.Of(t, o)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.Rows = total
	if f.out != "" {
		r := report.Profile(p, filepath.Base(path))
		r.Made = "Made by onnxtool " + train.Version + "."
		if err := atomicfile.Write(f.out, r.WriteHTML); err != nil {
			return err
		}
	}
	if f.json {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	}
	writeProfile(e, p)
	if f.out != "" {
		fmt.Fprintf(e.out, "wrote %s\n", f.out)
	}
	return nil
}

// csv returns how a CSV file is written by --separator and --decimal.
func (f profileFlags) csv() (data.CSVOptions, error) {
	separator, decimal := []rune(f.separator), []rune(f.decimal)
	if f.separator == "tab" {
		separator = []rune{'\t'}
	}
	if len(separator) != 1 {
		return data.CSVOptions{}, usagef("--separator %q: expected one character, or tab", f.separator)
	}
	if len(decimal) != 1 {
		return data.CSVOptions{}, usagef("--decimal %q: expected . or ,", f.decimal)
	}
	return data.CSVOptions{Comma: separator[0], Decimal: decimal[0]}, nil
}

// loadProfiled reads a table, or rows of it drawn at random where it is large, and returns how many the file has.
func loadProfiled(path string, f profileFlags) (*data.Table, int, error) {
	if !tablefile.IsParquet(path) {
		o, err := f.csv()
		if err != nil {
			return nil, 0, err
		}
		return profile.LoadCSV(path, o, f.rows, f.seed)
	}
	r, err := parquet.Open(path, parquet.Options{})
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	t, err := profile.Sample(r, int(r.Rows()), f.rows, f.seed)
	return t, int(r.Rows()), err
}

// writeProfile prints what is worth knowing at once.
func writeProfile(e env, p *profile.Profile) {
	fmt.Fprintf(e.out, "%d rows, %d columns", p.Rows, len(p.Columns))
	if p.Sampled < p.Rows {
		fmt.Fprintf(e.out, "; figures of %d rows drawn at random", p.Sampled)
	}
	fmt.Fprintln(e.out)
	for _, f := range p.Findings {
		fmt.Fprintf(e.out, "%s: %s\n", f.Kind, printableText(f.Text))
	}
	if len(p.Findings) == 0 {
		fmt.Fprintln(e.out, "nothing stands out")
	}
}
