package main

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// A streamedSet is read anew in each epoch, so that it may be larger than memory.
type streamedSet interface {
	tuningSet
	// withClassWeights returns the set with its examples' weights multiplied by those of their classes.
	withClassWeights(c classWeights) tuningSet
	// checkEach makes sure of examples, with their targets, before they are trained on.
	checkEach(check func(*data.Dataset) error) error
}

// streamedSets opens files that are read piece by piece.
func (f *finetuneFlags) streamedSets(e env, net *nn.Net, outputs []tunedOutput) (*tuningSets, error) {
	open := func(path string) (streamedSet, error) {
		if isTable(path) {
			return f.openTable(path, net, outputs)
		}
		return f.openArrays(path, net, outputs)
	}
	rows, err := open(f.data)
	if err != nil {
		return nil, err
	}
	if a, ok := rows.(*arraySet); ok && a.window > 0 && f.shuffle {
		fmt.Fprintf(e.err, "%s is compressed: examples are shuffled within %d (--shuffle-window); numpy.savez writes what can be shuffled as a whole\n", f.data, f.window)
	}
	sets := &tuningSets{train: rows}
	if f.validationData != "" {
		validation, err := open(f.validationData)
		if err != nil {
			return nil, err
		}
		sets.validation = validation
	}
	return sets, nil
}

// piece says in which rows of a file something is wrong. The first is counted from 0.
func piece(first, n int, err error) error {
	return fmt.Errorf("in the %d rows from row %d on: %w", n, first+1, err)
}
