package data

import (
	"fmt"
	"math"
	"slices"
)

// sizes cuts n rows by the fractions: part i ends at round(n*(f0+...+fi)). Fractions are positive and sum to at
// most one; every part gets a row.
func sizes(n int, fractions []float64) ([]int, error) {
	if len(fractions) == 0 {
		return nil, fmt.Errorf("data: a split needs fractions")
	}
	out := make([]int, len(fractions))
	sum, start := 0.0, 0
	for i, f := range fractions {
		if !(f > 0 && f <= 1) {
			return nil, fmt.Errorf("data: fraction %v is outside (0,1]", f)
		}
		sum += f
		if sum > 1+1e-9 {
			return nil, fmt.Errorf("data: the fractions %v sum to more than 1", fractions)
		}
		end := min(n, int(math.Round(float64(n)*sum)))
		if out[i] = end - start; out[i] == 0 {
			return nil, fmt.Errorf("data: fraction %v of %s is none", f, plural(n, "row"))
		}
		start = end
	}
	return out, nil
}

// SplitRows shuffles the numbers below n by the seed and cuts them by the fractions: 0.7, 0.2, 0.1. What the
// fractions leave of one is left out.
func SplitRows(n int, seed uint64, fractions ...float64) ([][]int, error) {
	parts, err := sizes(n, fractions)
	if err != nil {
		return nil, err
	}
	order := Permutation(n, seed, splitStream)
	out := make([][]int, len(parts))
	for i, size := range parts {
		out[i], order = slices.Clip(order[:size]), order[size:]
	}
	return out, nil
}

// Streams of [Permutation] keep a split and the epochs of a training with the same seed apart.
const (
	splitStream      = 1<<63 + iota
	sampleStream     // under- and oversampling
	predictiveStream // halves of PredictivePower
	windowStream     // shuffling in a window; the epoch is added
)

// More of them, below those.
const (
	pairStream      = 1<<62 + iota // order of pairs of words
	negativeStream                 // words drawn for them
	bootstrapStream                // examples drawn with replacement
)

// SplitStratified is [SplitRows] with every class in every part, in proportion as near as whole rows allow.
// labels has each row's class, see [Labels]. A class with fewer rows than there are parts is an error.
func SplitStratified(labels []int, seed uint64, fractions ...float64) ([][]int, error) {
	parts, err := sizes(len(labels), fractions)
	if err != nil {
		return nil, err
	}
	left, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	for class, count := range left {
		if count < len(parts) {
			return nil, fmt.Errorf("data: class %d has %s, too few for %d parts", class, plural(count, "row"), len(parts))
		}
	}
	quota := make([][]int, len(parts))
	total := len(labels)
	for i, size := range parts {
		quota[i] = apportion(left, total, size, len(parts)-1-i)
		for class, q := range quota[i] {
			left[class] -= q
		}
		total -= size
	}
	out := make([][]int, len(parts))
	for _, row := range Permutation(len(labels), seed, splitStream) {
		for i := range out {
			if quota[i][labels[row]] > 0 {
				quota[i][labels[row]]--
				out[i] = append(out[i], row)
				break
			}
		}
	}
	return out, nil
}

// apportion takes size rows of the total by classes in proportion to what is left of each: whole shares first,
// then the largest remainders. Where it can, it takes one row at least and leaves reserve rows of each class.
func apportion(left []int, total, size, reserve int) []int {
	quota := make([]int, len(left))
	order := make([]int, len(left))
	rest := make([]float64, len(left))
	taken := 0
	for class, count := range left {
		share := float64(count) * float64(size) / float64(total)
		quota[class] = max(0, min(max(1, int(share)), count-reserve))
		rest[class] = share - float64(quota[class])
		order[class] = class
		taken += quota[class]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return a - b
	})
	// The second round may break into the reserve.
	for _, keep := range []int{reserve, 0} {
		for changed := true; taken < size && changed; {
			changed = false
			for _, class := range order {
				if taken < size && left[class]-quota[class] > keep {
					quota[class]++
					taken++
					changed = true
				}
			}
		}
	}
	for changed := true; taken > size && changed; { // many classes of which each got one
		changed = false
		for i := len(order) - 1; i >= 0 && taken > size; i-- {
			if class := order[i]; quota[class] > 0 {
				quota[class]--
				taken--
				changed = true
			}
		}
	}
	return quota
}

// countLabels returns how often each label occurs; labels count from 0 and each occurs.
func countLabels(labels []int) ([]int, error) {
	var counts []int
	for row, class := range labels {
		if class < 0 || class >= len(labels) {
			return nil, fmt.Errorf("data: row %d has class %d; classes count from 0", row, class)
		}
		for class >= len(counts) {
			counts = append(counts, 0)
		}
		counts[class]++
	}
	if class := slices.Index(counts, 0); class >= 0 {
		return nil, fmt.Errorf("data: class %d has no row; classes count from 0 without a gap", class)
	}
	return counts, nil
}

// A Fold is one round of cross-validation.
type Fold struct{ Train, Test []int }

// KFold shuffles the numbers below n by the seed and cuts them into k parts, of which each is tested once. As in
// scikit-learn the first n mod k parts have one row more.
func KFold(n, k int, seed uint64) ([]Fold, error) {
	if k < 2 || k > n {
		return nil, fmt.Errorf("data: %d folds of %s", k, plural(n, "row"))
	}
	part := make([]int, n)
	for i, row := range Permutation(n, seed, splitStream) {
		// The first n%k parts end a row later each.
		big := n % k * (n/k + 1)
		if i < big {
			part[row] = i / (n/k + 1)
		} else {
			part[row] = n%k + (i-big)/(n/k)
		}
	}
	return folds(part, k), nil
}

// KFoldStratified is [KFold] with every class in every part in proportion: a class's rows, shuffled, go to the
// parts in turn. A class with fewer than k rows is an error.
func KFoldStratified(labels []int, k int, seed uint64) ([]Fold, error) {
	n := len(labels)
	if k < 2 || k > n {
		return nil, fmt.Errorf("data: %d folds of %s", k, plural(n, "row"))
	}
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	next := make([]int, len(counts)) // part of each class's next row
	start := 0
	for class, count := range counts {
		if count < k {
			return nil, fmt.Errorf("data: class %d has %s, too few for %d folds", class, plural(count, "row"), k)
		}
		next[class] = start % k
		start += count // where a class ends the next one goes on, so parts differ by one row at most
	}
	part := make([]int, n)
	for _, row := range Permutation(n, seed, splitStream) {
		part[row] = next[labels[row]]
		next[labels[row]] = (next[labels[row]] + 1) % k
	}
	return folds(part, k), nil
}

// folds turns each row's part into k rounds, rows in ascending order.
func folds(part []int, k int) []Fold {
	out := make([]Fold, k)
	for row, p := range part {
		for i := range out {
			if i == p {
				out[i].Test = append(out[i].Test, row)
			} else {
				out[i].Train = append(out[i].Train, row)
			}
		}
	}
	return out
}

// Split is [SplitRows] on the examples.
func (d *Dataset) Split(seed uint64, fractions ...float64) ([]*Dataset, error) {
	parts, err := SplitRows(d.n, seed, fractions...)
	if err != nil {
		return nil, err
	}
	return d.parts(parts), nil
}

// SplitStratified is [SplitStratified] by the target's classes, see [Labels].
func (d *Dataset) SplitStratified(seed uint64, fractions ...float64) ([]*Dataset, error) {
	labels, _, err := Labels(d.target)
	if err != nil {
		return nil, err
	}
	parts, err := SplitStratified(labels, seed, fractions...)
	if err != nil {
		return nil, err
	}
	return d.parts(parts), nil
}

func (d *Dataset) parts(rows [][]int) []*Dataset {
	out := make([]*Dataset, len(rows))
	for i, r := range rows {
		out[i] = d.take(r)
	}
	return out
}

// SplitLast cuts the dataset as Keras's validation_split does: the last part, before any shuffling, is for
// validation; training gets floor(n*(1-fraction)) examples. Both must get one.
func (d *Dataset) SplitLast(fraction float64) (train, validation *Dataset, err error) {
	at := int(math.Floor(float64(d.n) * (1 - fraction)))
	if !(fraction > 0 && fraction < 1) || at == 0 || at == d.n {
		return nil, nil, fmt.Errorf("data: fraction %v of %s for validation leaves one part empty", fraction, plural(d.n, "example"))
	}
	return d.slice(0, at), d.slice(at, d.n), nil
}
