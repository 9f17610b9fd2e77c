package report

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/onnxtool/onnxtool/train/metric"
)

// Bootstrap returns trials for a [Threshold]: each is what would have come of as many examples drawn from those
// that made the points, with replacement (Efron 1979). It shows how much the curves owe to the examples at hand;
// unlike training again on other splits it does not show what they owe to the training. Scores are from 0 to 1.
// The same seed gives the same trials.
func Bootstrap(points []metric.Point, trials int, seed uint64) ([][]metric.Point, error) {
	if err := (Threshold{}).check(points); err != nil {
		return nil, err
	}
	// Cell 2k counts the negatives, cell 2k+1 the positives whose score reaches k steps but not k+1.
	cells := make([]float64, 2*(thresholdSteps+1))
	var last metric.Point
	total := 0.0
	for _, p := range points {
		k := 2 * step(p.Threshold)
		cells[k] += p.FP - last.FP
		cells[k+1] += p.TP - last.TP
		total += p.FP - last.FP + p.TP - last.TP
		last = p
	}
	n := math.Round(total)
	if trials < 1 || !(n >= 1) || n > 1<<31 {
		return nil, fmt.Errorf("%w: %d trials of %v examples", ErrData, trials, total)
	}
	out := make([][]metric.Point, trials)
	src := rand.NewPCG(seed, 0x626f6f74)
	for i := range out {
		for range 1000 { // a trial without positives has no recall: it is drawn again
			out[i] = decisions(redraw(cells, total, n, src))
			if p := out[i][0]; p.TP+p.FN > 0 {
				break
			}
		}
	}
	return out, nil
}

// step returns the largest k with k/thresholdSteps not above a score.
func step(score float64) int {
	k := int(max(0, min(1, score)) * thresholdSteps)
	for k < thresholdSteps && float64(k+1)/thresholdSteps <= score {
		k++
	}
	for k > 0 && float64(k)/thresholdSteps > score {
		k--
	}
	return k
}

// redraw draws n examples from cells that weigh total together: a multinomial number, cell by cell.
func redraw(cells []float64, total, n float64, src rand.Source) []float64 {
	drawn := make([]float64, len(cells))
	end := len(cells)
	for end > 0 && cells[end-1] <= 0 {
		end--
	}
	for i, w := range cells[:end] {
		if w <= 0 || n <= 0 {
			continue
		}
		if p := w / total; i == end-1 || p >= 1 {
			drawn[i] = n // the rest
		} else {
			drawn[i] = distuv.Binomial{N: n, P: p, Src: src}.Rand()
		}
		n -= drawn[i]
		total -= w
	}
	return drawn
}

// decisions returns what comes of each threshold, from the highest down.
func decisions(cells []float64) []metric.Point {
	points := make([]metric.Point, 0, len(cells)/2)
	tp, fp := 0.0, 0.0
	for k := thresholdSteps; k >= 0; k-- {
		fp, tp = fp+cells[2*k], tp+cells[2*k+1]
		points = append(points, metric.Point{Threshold: float64(k) / thresholdSteps, TP: tp, FP: fp})
	}
	for i := range points {
		points[i].FN, points[i].TN = tp-points[i].TP, fp-points[i].FP
	}
	return points
}
