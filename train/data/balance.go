package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ClassCounts returns how many examples there are of each class: by its value in the target, in a one-hot target
// by its position. The target must be numeric.
func (d *Dataset) ClassCounts() (map[int64]int, error) {
	values, err := d.Classes()
	if err != nil {
		return nil, err
	}
	counts := map[int64]int{}
	for _, v := range values {
		counts[v]++
	}
	return counts, nil
}

// BalancedWeights returns the weights of [BalancedWeights] as [Dataset.WithClassWeights] takes them. Taken from the
// training part they may be given to a validation part too, which has other counts.
func (d *Dataset) BalancedWeights() (map[int64]float64, error) {
	counts, err := d.ClassCounts()
	if err != nil {
		return nil, err
	}
	weights := make(map[int64]float64, len(counts))
	for class, count := range counts {
		weights[class] = float64(d.n) / (float64(len(counts)) * float64(count))
	}
	return weights, nil
}

// Undersample returns the examples that [Undersample] leaves, by the target's classes, see [Labels].
func (d *Dataset) Undersample(ratio float64, seed uint64) (*Dataset, error) {
	return d.resample(ratio, seed, Undersample)
}

// Oversample returns the examples and the repeated ones of [Oversample], by the target's classes, see [Labels].
func (d *Dataset) Oversample(ratio float64, seed uint64) (*Dataset, error) {
	return d.resample(ratio, seed, Oversample)
}

// Bootstrap returns as many examples as there are, drawn with replacement by the seed: about 63 % of them, some more
// than once. A model trained on each of several such samples is what bagging averages; Breiman 1996.
func (d *Dataset) Bootstrap(seed uint64) *Dataset {
	rows := make([]int, d.n)
	r := newRandom(seed, bootstrapStream)
	for i := range rows {
		rows[i] = r.below(d.n)
	}
	return d.take(rows)
}

func (d *Dataset) resample(ratio float64, seed uint64, rows func([]int, float64, uint64) ([]int, error)) (*Dataset, error) {
	labels, err := d.occurring()
	if err != nil {
		return nil, err
	}
	picked, err := rows(labels, ratio, seed)
	if err != nil {
		return nil, err
	}
	return d.take(picked), nil
}

// occurring returns the target's labels, numbered without gaps: a one-hot target may have classes that no example
// is of.
func (d *Dataset) occurring() ([]int, error) {
	labels, _, err := Labels(d.target)
	if err != nil || columnShape(d.target.Shape()) {
		return labels, err
	}
	number := map[int]int{}
	for _, class := range slices.Compact(slices.Sorted(slices.Values(labels))) {
		number[class] = len(number)
	}
	for i, class := range labels {
		labels[i] = number[class]
	}
	return labels, nil
}

// BalancedWeights returns a weight for each class such that all classes weigh the same together and the rows'
// mean weight is one: rows / (classes * rows of the class), scikit-learn's class_weight="balanced".
func BalancedWeights(labels []int) ([]float64, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(counts))
	for class, count := range counts {
		weights[class] = float64(len(labels)) / (float64(len(counts)) * float64(count))
	}
	return weights, nil
}

// WithClassWeights returns the dataset with each example's weight multiplied by its class's, as Keras's fit does
// with class_weight: weights are by the class's value, in a one-hot target by its position; a class that is not
// named weighs 1. The target must be numeric.
func (d *Dataset) WithClassWeights(weights map[int64]float64) (*Dataset, error) {
	values, err := d.Classes()
	if err != nil {
		return nil, err
	}
	return d.scaleWeight(func(i int) float64 {
		if w, ok := weights[values[i]]; ok {
			return w
		}
		return 1
	})
}

// Balance returns the dataset with each example's weight multiplied by its class's in [BalancedWeights].
func (d *Dataset) Balance() (*Dataset, error) {
	labels, err := d.occurring()
	if err != nil {
		return nil, err
	}
	weights, err := BalancedWeights(labels)
	if err != nil {
		return nil, err
	}
	return d.scaleWeight(func(i int) float64 { return weights[labels[i]] })
}

func (d *Dataset) scaleWeight(factor func(i int) float64) (*Dataset, error) {
	var old []float64
	if d.weight != nil {
		var err error
		if old, err = asFloats(d.weight); err != nil {
			return nil, err
		}
	}
	out := make([]float32, d.n)
	for i := range out {
		f := factor(i)
		if old != nil {
			f *= old[i]
		}
		out[i] = float32(f)
	}
	return d.WithWeight(tensor.Vector(out...))
}

// Undersample returns the numbers of rows in which no class outnumbers the smallest one by more than 1/ratio:
// ratio 1 makes all classes equal, 0.1 allows ten to one. Rows are left out at random by the seed; those that
// stay are in random order.
func Undersample(labels []int, ratio float64, seed uint64) ([]int, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	if !(ratio > 0 && ratio <= 1) {
		return nil, fmt.Errorf("data: a ratio of %v is outside (0,1]", ratio)
	}
	if len(counts) == 0 {
		return nil, nil
	}
	most := float64(slices.Min(counts)) / ratio
	kept := make([]int, len(counts))
	var rows []int
	for _, row := range Permutation(len(labels), seed, sampleStream) {
		if class := labels[row]; float64(kept[class]+1) <= most+1e-9 {
			kept[class]++
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Oversample returns the numbers of all rows and repeats some at random by the seed, such that every class has
// at least ratio times the largest one's rows. They are in random order.
func Oversample(labels []int, ratio float64, seed uint64) ([]int, error) {
	counts, err := countLabels(labels)
	if err != nil {
		return nil, err
	}
	if !(ratio > 0 && ratio <= 1) {
		return nil, fmt.Errorf("data: a ratio of %v is outside (0,1]", ratio)
	}
	if len(counts) == 0 {
		return nil, nil
	}
	byClass := make([][]int, len(counts))
	rows := make([]int, len(labels))
	for row, class := range labels {
		byClass[class] = append(byClass[class], row)
		rows[row] = row
	}
	least := int(math.Ceil(ratio*float64(slices.Max(counts)) - 1e-9))
	r := newRandom(seed, sampleStream)
	for _, members := range byClass {
		for range least - len(members) {
			rows = append(rows, members[r.below(len(members))])
		}
	}
	shuffle(rows, r)
	return rows, nil
}
