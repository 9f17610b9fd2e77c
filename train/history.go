package train

import (
	"encoding/csv"
	"io"
	"strconv"
)

// History holds the figures of each epoch: loss, metrics, and with validation data val_loss and
// val_<metric>.
type History struct {
	Names  []string    `json:"names"`
	Epochs [][]float64 `json:"epochs"` // by epoch, in the order of Names
}

// Column returns a figure by epoch, nil where there is none of that name.
func (h *History) Column(name string) []float64 {
	for k, n := range h.Names {
		if n == name {
			out := make([]float64, len(h.Epochs))
			for i, e := range h.Epochs {
				out[i] = e[k]
			}
			return out
		}
	}
	return nil
}

// Last returns a figure of the last epoch, and whether there is one of that name.
func (h *History) Last(name string) (float64, bool) {
	c := h.Column(name)
	if len(c) == 0 {
		return 0, false
	}
	return c[len(c)-1], true
}

// WriteCSV writes the header epoch,loss,... and a row for each epoch from 0, in full precision.
func (h *History) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	row := append([]string{"epoch"}, h.Names...)
	if err := c.Write(row); err != nil {
		return err
	}
	for i, e := range h.Epochs {
		row = append(row[:0], strconv.Itoa(i))
		for _, v := range e {
			row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
