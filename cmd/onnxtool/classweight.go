package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/images"
)

// classWeights is the flag --class-weight: CLASS=WEIGHT,...
type classWeights map[int64]float64

// String returns the weights as they are given.
func (c *classWeights) String() string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(*c)) {
		parts = append(parts, fmt.Sprintf("%d=%g", class, (*c)[class]))
	}
	return strings.Join(parts, ",")
}

// Type names the argument.
func (c *classWeights) Type() string { return "CLASS=WEIGHT,..." }

// Set adds weights; a class has one.
func (c *classWeights) Set(text string) error {
	if *c == nil {
		*c = classWeights{}
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return fmt.Errorf("%q is not CLASS=WEIGHT", part)
		}
		class, err := strconv.ParseInt(strings.TrimSpace(name), 10, 64)
		if err != nil {
			return fmt.Errorf("class %q is no whole number", name)
		}
		weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(weight >= 0) || math.IsInf(weight, 0) {
			return fmt.Errorf("weight %q is no number from 0 on", value)
		}
		if _, twice := (*c)[class]; twice {
			return fmt.Errorf("class %d has two weights", class)
		}
		(*c)[class] = weight
	}
	return nil
}

// apply gives the examples the weights of their classes. A class that is named and does not occur is a warning, but for
// what is streamed: the classes in it are not known before it is read.
func (c classWeights) apply(warnings io.Writer, of tuningSet) (tuningSet, error) {
	if len(c) == 0 {
		return of, nil
	}
	if s, ok := of.(streamedSet); ok {
		return s.withClassWeights(c), nil
	}
	var classes []int64
	var weighted tuningSet
	var err error
	switch s := of.(type) {
	case *images.Set:
		for _, label := range s.Labels() {
			classes = append(classes, int64(label))
		}
		weighted, err = s.WithClassWeights(c)
	case *data.Dataset:
		if classes, err = s.Classes(); err == nil {
			weighted, err = s.WithClassWeights(c)
		}
	}
	if err != nil {
		return nil, err
	}
	counts := map[int64]int{}
	total := 0.0
	for _, class := range classes {
		counts[class]++
		if w, ok := c[class]; ok {
			total += w
		} else {
			total++
		}
	}
	for _, class := range slices.Sorted(maps.Keys(c)) {
		if counts[class] == 0 {
			fmt.Fprintf(warnings, "warning: --class-weight: class %d does not occur in the training data, whose classes are %s\n", class, few(slices.Sorted(maps.Keys(counts))))
		}
	}
	if total == 0 {
		return nil, fmt.Errorf("--class-weight gives every example the weight 0: nothing would be learnt")
	}
	return weighted, nil
}

// few lists the first numbers.
func few(numbers []int64) string {
	const most = 12
	var text []string
	for _, n := range numbers[:min(most, len(numbers))] {
		text = append(text, strconv.FormatInt(n, 10))
	}
	if len(numbers) > most {
		text = append(text, "...")
	}
	return strings.Join(text, ", ")
}
