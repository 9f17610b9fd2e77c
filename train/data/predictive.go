package data

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
)

// PredictivePower takes a column of numbers with more than powerValues different ones in parts of
// powerRows rows: fewer would tell little about the target's mean.
const (
	powerValues = 1000
	powerRows   = 40
)

// PredictivePower tells how well one column alone predicts another that is 0 or 1: the area under the
// ROC curve of the target's mean among the rows with the same value, taken from the other half of
// the rows. 1/2 is chance, 1 a perfect prediction, which mostly is a leak. Rows in which either value
// is missing are left out; numbers with many different values are cut into parts of equal frequency.
func (t *Table) PredictivePower(column, target string) (float64, error) {
	c, err := t.Column(column)
	if err != nil {
		return 0, err
	}
	y, err := t.Column(target)
	if err != nil {
		return 0, err
	}
	if y, err = y.As(Float); err != nil {
		return 0, err
	}
	var rows []int
	for i := range t.Rows() {
		if c.Missing(i) || y.Missing(i) {
			continue
		}
		if v := y.Floats()[i]; v != 0 && v != 1 {
			return 0, fmt.Errorf("data: target %s is %v in row %d, expected 0 or 1", target, v, i)
		}
		rows = append(rows, i)
	}
	groups := c.groups(rows)
	// Which half a row is in must not depend on how the file is sorted.
	half := Permutation(len(rows), 0, predictiveStream)
	scores, labels := make([]float64, 0, len(rows)), make([]float64, 0, len(rows))
	for side := range 2 {
		means := map[string]*[2]float64{}
		var all [2]float64
		for k, i := range rows {
			if half[k]%2 == side {
				continue
			}
			m := means[groups[k]]
			if m == nil {
				m = new([2]float64)
				means[groups[k]] = m
			}
			m[0] += y.Floats()[i]
			m[1]++
			all[0] += y.Floats()[i]
			all[1]++
		}
		for k, i := range rows {
			if half[k]%2 != side {
				continue
			}
			m := means[groups[k]]
			if m == nil {
				m = &all
			}
			scores = append(scores, m[0]/math.Max(1, m[1]))
			labels = append(labels, y.Floats()[i])
		}
	}
	return rankAUC(scores, labels), nil
}

// groups returns the group of each row: its value, or the part that a number falls into.
func (c *Column) groups(rows []int) []string {
	out := make([]string, len(rows))
	for k, i := range rows {
		out[k] = c.Text(i)
	}
	different := slices.Clone(out)
	slices.Sort(different)
	if c.Kind() == String || len(slices.Compact(different)) <= powerValues {
		return out
	}
	values := make([]float64, len(rows))
	for k, i := range rows {
		if c.Kind() == Int {
			values[k] = float64(c.Ints()[i])
		} else {
			values[k] = c.Floats()[i]
		}
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	for k, v := range values {
		out[k] = strconv.Itoa(sort.SearchFloat64s(sorted, v) / powerRows)
	}
	return out
}

// rankAUC is the probability that a row with label 1 has a higher score than one with label 0; ties
// count half. It is 1/2 where a label does not occur.
func rankAUC(scores, labels []float64) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return 0
	})
	var rankSum, ones float64
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && scores[order[j]] == scores[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			rankSum += labels[k] * float64(i+j+1) / 2
			ones += labels[k]
		}
		i = j
	}
	zeros := float64(len(order)) - ones
	if ones == 0 || zeros == 0 {
		return .5
	}
	return (rankSum - ones*(ones+1)/2) / (ones * zeros)
}
