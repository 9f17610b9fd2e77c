package data

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
)

// A column of numbers with more different values than powerValues, or than one in powerShare rows, is taken in
// parts of powerRows rows, of fewer where there are few: what hardly repeats tells little about the target's mean.
const (
	powerValues = 1000
	powerShare  = 8
	powerRows   = 40
)

// PowerClasses is the most classes that a target of [Table.Power] has; numbers with more are a quantity.
const PowerClasses = 20

// leakScore is the score from which a column gives the target away.
const leakScore = .98

// Power tells how well one column alone predicts a target on rows that were held out.
type Power struct {
	Score   float64 // 1 is perfect; chance is 1/2 in AUC and 0 in R2
	Measure string  // "AUC" of classes, the mean over each class against the rest; "R2" of numbers
}

// Leak tells that the prediction is too good for a column that is known when a prediction is asked for.
func (p Power) Leak() bool { return p.Score > leakScore }

// Power predicts a target by one column alone: by the target's mean among the rows with the same value, taken from
// the other half of the rows. Text and whole numbers of up to [PowerClasses] different values are classes. Rows in
// which either value is missing are left out. Numbers that hardly repeat are cut into parts of equal frequency.
func (t *Table) Power(column, target string) (Power, error) {
	c, err := t.Column(column)
	if err != nil {
		return Power{}, err
	}
	y, err := t.Column(target)
	if err != nil {
		return Power{}, err
	}
	codes, classes := y.Codes()
	if isClasses(classes) {
		return c.classPower(y, codes, classes.Len()), nil
	}
	if y.kind == String {
		return Power{}, fmt.Errorf("data: target %s has %d different texts, more than %d classes", target, classes.Len(), PowerClasses)
	}
	if y, err = y.As(Float); err != nil {
		return Power{}, err
	}
	rows := bothPresent(c, y)
	p := Power{Measure: "R2"}
	for _, groups := range c.groupings(rows) {
		p.Score = max(p.Score, determination(heldOutMeans(groups, y.floats, rows), y.floats, rows))
	}
	return p, nil
}

// isClasses tells whether distinct values are few enough, and whole.
func isClasses(distinct *Column) bool {
	whole := !slices.ContainsFunc(distinct.floats, func(v float64) bool { return v != math.Trunc(v) })
	return distinct.Len() <= PowerClasses && whole
}

// classPower is the mean AUC of each class against the rest, weighed by how often it occurs.
func (c *Column) classPower(target *Column, codes []int64, classes int) Power {
	rows := bothPresent(c, target)
	p := Power{Score: .5, Measure: "AUC"}
	one := make([]float64, len(codes))
	for _, groups := range c.groupings(rows) {
		sum, weight := 0.0, 0.0
		for class := range int64(classes) {
			count := 0.0
			for _, i := range rows {
				one[i] = 0
				if codes[i] == class {
					one[i] = 1
					count++
				}
			}
			sum += count * heldOutAUC(groups, one, rows)
			weight += count
			if classes == 2 {
				break // the other class has the same
			}
		}
		if weight > 0 {
			p.Score = max(p.Score, sum/weight)
		}
	}
	return p
}

// PredictivePower is [Table.Power] for a target that must be 0 or 1: the area under the ROC curve. 1/2 is chance,
// 1 a perfect prediction, which mostly is a leak.
func (t *Table) PredictivePower(column, target string) (float64, error) {
	y, err := t.Column(target)
	if err != nil {
		return 0, err
	}
	if y, err = y.As(Float); err != nil {
		return 0, err
	}
	for i, v := range y.Floats() {
		if !y.Missing(i) && v != 0 && v != 1 {
			return 0, fmt.Errorf("data: target %s is %v in row %d, expected 0 or 1", target, v, i)
		}
	}
	p, err := t.Power(column, target)
	return p.Score, err
}

// bothPresent returns the rows in which both columns have a value.
func bothPresent(a, b *Column) []int {
	var rows []int
	for i := range a.Len() {
		if !a.Missing(i) && !b.Missing(i) {
			rows = append(rows, i)
		}
	}
	return rows
}

// heldOutMeans returns for each of the rows the mean of y among those of its group in the other half; among all of
// the other half where it has none of the group.
func heldOutMeans(groups []string, y []float64, rows []int) []float64 {
	// Which half a row is in must not depend on how the file is sorted.
	half := Permutation(len(rows), 0, predictiveStream)
	out := make([]float64, len(rows))
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
			m[0] += y[i]
			m[1]++
			all[0] += y[i]
			all[1]++
		}
		for k := range rows {
			if half[k]%2 != side {
				continue
			}
			m := means[groups[k]]
			if m == nil {
				m = &all
			}
			out[k] = m[0] / math.Max(1, m[1])
		}
	}
	return out
}

func heldOutAUC(groups []string, y []float64, rows []int) float64 {
	labels := pick(y, rows)
	return rankAUC(heldOutMeans(groups, y, rows), labels)
}

// determination is R2, 1 - (sum of squared errors)/(sum of squared distances from the mean), 0 where y is constant.
func determination(predicted, y []float64, rows []int) float64 {
	mean := 0.0
	for _, i := range rows {
		mean += y[i] / float64(len(rows))
	}
	var errors, all float64
	for k, i := range rows {
		errors += (y[i] - predicted[k]) * (y[i] - predicted[k])
		all += (y[i] - mean) * (y[i] - mean)
	}
	if all == 0 {
		return 0
	}
	return 1 - errors/all
}

// groupings returns the ways to group the rows: by value, by parts of the numbers' range, or both where values
// repeat, but seldom.
func (c *Column) groupings(rows []int) [][]string {
	byValue := make([]string, len(rows))
	for k, i := range rows {
		byValue[k] = c.Text(i)
	}
	different := slices.Clone(byValue)
	slices.Sort(different)
	n := len(slices.Compact(different))
	switch {
	case c.Kind() == String || n <= min(powerValues, len(rows)/powerShare):
		return [][]string{byValue}
	case n > powerValues || n == len(rows):
		return [][]string{c.parts(rows)}
	}
	return [][]string{byValue, c.parts(rows)}
}

// parts returns the number of the part that each row's number falls into.
func (c *Column) parts(rows []int) []string {
	f, err := c.As(Float)
	if err != nil {
		panic(err) // numbers are
	}
	values := pick(f.floats, rows)
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	size := min(powerRows, max(10, len(rows)/20))
	out := make([]string, len(rows))
	for k, v := range values {
		out[k] = strconv.Itoa(sort.SearchFloat64s(sorted, v) / size)
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
