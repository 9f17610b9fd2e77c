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
	if err := c.Write(append([]string{"epoch"}, h.Names...)); err != nil {
		return err
	}
	for i := range h.Epochs {
		if err := c.Write(h.row(i, i)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// row returns row i as text, with the number of its epoch in front.
func (h *History) row(i, epoch int) []string {
	row := []string{strconv.Itoa(epoch)}
	for _, v := range h.Epochs[i] {
		row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return row
}
