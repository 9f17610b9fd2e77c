package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/nn"
)

// tuningSet is a dataset in memory, or images, rows or arrays that are read batch by batch.
type tuningSet interface {
	Len() int // -1 where only reading tells
	Batches(data.BatchOptions) (data.Source, error)
}

// tuningSets are the data of a fine-tuning.
type tuningSets struct {
	train      tuningSet
	validation tuningSet // nil where there is none
	batch      int
	dropLast   bool // the model takes whole batches alone
}

// load reads the data that the network needs.
func (f *finetuneFlags) load(e env, im *train.Imported, outputs []tunedOutput) (*tuningSets, error) {
	if isFolder(f.data) {
		s, err := f.imageSets(im.Net.Graph.Inputs, im.Net.Graph.Outputs[0])
		if err != nil {
			return nil, err
		}
		return s, f.setBatch(e, s, im.Net.Graph.Inputs)
	}
	if f.stream {
		s, err := f.streamedSets(e, im.Net, outputs)
		if err != nil {
			return nil, err
		}
		return s, f.setBatch(e, s, im.Net.Graph.Inputs)
	}
	ds, err := f.dataset(f.data, im.Net, outputs)
	if err != nil {
		return nil, err
	}
	s := &tuningSets{train: ds}
	switch {
	case f.validationData != "":
		validation, err := f.dataset(f.validationData, im.Net, outputs)
		if err != nil {
			return nil, err
		}
		s.validation = validation
	case f.split > 0:
		first, last, err := ds.SplitLast(f.split)
		if err != nil {
			return nil, err
		}
		s.train, s.validation = first, last
	}
	return s, f.setBatch(e, s, im.Net.Graph.Inputs)
}

// setBatch chooses the size of a batch: the model's where that is fixed.
func (f *finetuneFlags) setBatch(e env, s *tuningSets, ins []*nn.Value) error {
	s.batch = f.batch
	for _, v := range ins {
		if v.Fact.Rank() < 1 {
			continue
		}
		n, fixed := v.Fact.Shape[0].Int()
		if !fixed {
			continue
		}
		if f.batchGiven && f.batch != n {
			return fmt.Errorf("input %s is %v: its batch is fixed at %d, and --batch is %d; leave --batch out, or export the model with a free batch", v.Name, v.Fact, n, f.batch)
		}
		s.batch, s.dropLast = n, true
		fmt.Fprintf(e.err, "input %s is %v: batches of %d\n", v.Name, v.Fact, n)
		if rest := s.train.Len() % max(n, 1); rest > 0 { // -1 leaves none
			fmt.Fprintf(e.err, "the last %d of an epoch's examples make no whole batch and are left out\n", rest)
		}
		return nil
	}
	return nil
}

// isTable reports whether a file holds a table, and not arrays.
func isTable(path string) bool {
	name := strings.ToLower(path)
	return strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".csv.gz") || strings.HasSuffix(name, ".parquet") || tablefile.IsParquet(path)
}

// dataset reads a file for the network's inputs and the outputs' targets. The first target is the dataset's, the
// further ones stand beside the inputs.
func (f *finetuneFlags) dataset(path string, net *nn.Net, outputs []tunedOutput) (*data.Dataset, error) {
	if isTable(path) {
		return f.table(path, net, outputs)
	}
	return f.arrays(path, net, outputs)
}

// checkFinite names the first number of a file's that is missing or infinite, unless the network fills what is missing.
func checkFinite(net *nn.Net, ds *data.Dataset) error {
	if imputes(net) {
		return nil
	}
	return ds.CheckFinite()
}

// checkWeights reports an error for a sample weight that is no number from 0 on. The tensor's first row is the data's
// row of that number, from 0.
func checkWeights(t tensor.Any, first int) error {
	for i, w := range tensor.Data[float32](t) {
		if !(w >= 0) || math.IsInf(float64(w), 0) {
			return fmt.Errorf("the sample weight in row %d is %v, which is no number from 0 on", first+i+1, w)
		}
	}
	return nil
}

// someWeight reports an error for sample weights that are all 0.
func someWeight(t tensor.Any) error {
	if slices.ContainsFunc(tensor.Data[float32](t), func(w float32) bool { return w > 0 }) {
		return nil
	}
	return errNoWeight
}

var errNoWeight = errors.New("every sample weight is 0: nothing would be learnt")

// imputes reports whether a network does something about inputs that are NaN.
func imputes(net *nn.Net) bool {
	for _, n := range net.Graph.Nodes {
		if n.Op == "IsNaN" || n.Op == "Imputer" {
			return true
		}
	}
	return false
}
