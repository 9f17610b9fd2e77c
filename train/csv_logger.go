package train

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// CSVLogger writes the history to a CSV file, a row for each epoch as it ends: epoch,loss,... as
// [History.WriteCSV]. A resumed training goes on in the file; rows of epochs that are trained again are
// replaced.
type CSVLogger struct {
	Filename  string
	Separator rune // comma where zero
	Append    bool // keep what is in the file of an earlier training, as Keras's append

	file *os.File
}

func (c *CSVLogger) separator() rune {
	if c.Separator == 0 {
		return ','
	}
	return c.Separator
}

// FitBegin implements [FitCallback].
func (c *CSVLogger) FitBegin(_ context.Context, t *Trainer, _ FitOptions) error {
	if c.Filename == "" {
		return errors.New("train: CSVLogger has no Filename")
	}
	kept, err := c.keep(t)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = c.separator()
	if err := w.WriteAll(kept); err != nil {
		return err
	}
	if err := atomicfile.Write(c.Filename, func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err }); err != nil {
		return err
	}
	c.file, err = os.OpenFile(c.Filename, os.O_WRONLY|os.O_APPEND, 0)
	return err
}

// keep returns the header and the rows of the file that stay.
func (c *CSVLogger) keep(t *Trainer) ([][]string, error) {
	header := append([]string{"epoch"}, t.history.Names...)
	if t.epoch == 0 && !c.Append {
		return [][]string{header}, nil
	}
	b, err := os.ReadFile(c.Filename)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(b) == 0 {
		return [][]string{header}, nil
	}
	if err != nil {
		return nil, err
	}
	if end := bytes.LastIndexByte(b, '\n'); end >= 0 {
		b = b[:end+1] // a row that was being written when the process was killed
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = c.separator()
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Filename, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], header) {
		return nil, fmt.Errorf("%s: its header is not %v, so that nothing can be appended", c.Filename, header)
	}
	if t.epoch == 0 {
		return rows, nil
	}
	for i, row := range rows[1:] {
		epoch, err := strconv.Atoi(row[0])
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: epoch %q is not a number", c.Filename, i+2, row[0])
		}
		if epoch >= t.epoch {
			return rows[:i+1], nil
		}
	}
	return rows, nil
}

// EpochEnd implements [Callback].
func (c *CSVLogger) EpochEnd(_ context.Context, _ *Trainer, e Epoch) error {
	w := csv.NewWriter(c.file)
	w.Comma = c.separator()
	if err := w.Write(e.History.row(len(e.History.Epochs)-1, e.Number)); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// FitEnd implements [FitCallback].
func (c *CSVLogger) FitEnd(context.Context, *Trainer, *History) error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}
