package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// findLR tries learning rates, writes learning_rates.csv, .svg and .png into a folder and prints the one that is
// suggested.
func findLR(ctx context.Context, e env, t *train.Trainer, src data.Source, dir string) error {
	sweep, err := t.FindLearningRate(ctx, src, train.LearningRateSweep{})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	base := filepath.Join(dir, "learning_rates")
	figure := report.LearningRates{Sweep: sweep}
	for _, f := range []struct {
		suffix string
		write  func(io.Writer) error
	}{
		{".csv", func(w io.Writer) error { return writeSweep(w, sweep) }},
		{".svg", func(w io.Writer) error { return report.WriteSVG(w, figure) }},
		{".png", func(w io.Writer) error { return report.WritePNG(w, figure) }},
	} {
		if err := atomicfile.Write(base+f.suffix, f.write); err != nil {
			return err
		}
	}
	rate, err := sweep.Suggestion()
	if err != nil {
		return fmt.Errorf("%w; the losses are in %s.csv", err, base)
	}
	fmt.Fprintf(e.out, "suggested learning rate: %.3g (--lr %.3g); the picture is %s.svg\n", rate, rate, base)
	return nil
}

func writeSweep(w io.Writer, s *train.LearningRates) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"learning_rate", "loss", "average"}}
	for i := range s.Rates {
		var row []string
		for _, v := range []float64{s.Rates[i], s.Losses[i], s.Smooth[i]} {
			row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
		}
		rows = append(rows, row)
	}
	return c.WriteAll(rows)
}
