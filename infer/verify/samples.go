package verify

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// sample is inputs with their answers, nil where the reference is to be run.
type sample struct {
	name   string
	inputs map[string]tensor.Any
	want   map[string]tensor.Any
	random bool
}

// samples returns what the model is to be run on.
func (c *check) samples() ([]sample, error) {
	switch {
	case c.kind == "npz":
		return c.arrays()
	case c.o.Inputs != nil && c.kind == "recorded":
		return nil, errors.New("recorded answers belong to their own inputs: inputs cannot be given")
	case c.o.Inputs != nil:
		return []sample{{inputs: c.o.Inputs}}, nil
	case len(c.found.Sets) > 0:
		return c.recorded()
	case c.kind == "recorded":
		return nil, fmt.Errorf("%s: no test_data_set_N beside it: nothing is recorded", c.found.Model)
	}
	sizes := DefaultDims
	if !c.symbolic() {
		sizes = sizes[:1]
	}
	runs := c.o.Runs
	if runs == 0 {
		runs = len(sizes)
	}
	dims := c.o.Dims
	if c.many { // of many models each takes those that it has
		dims = maps.Clone(dims)
		maps.DeleteFunc(dims, func(name string, _ int) bool { return !c.hasDim(name) })
	}
	var list []sample
	for i := range runs {
		size := sizes[i%len(sizes)]
		in, err := RandomInputs(c.model, c.cand.Inputs(), c.o.Seed+uint64(i), size, dims)
		if err != nil {
			return nil, err
		}
		list = append(list, sample{name: fmt.Sprintf("seed %d, open dimensions %d", c.o.Seed+uint64(i), size), inputs: in, random: true})
	}
	return list, nil
}

// symbolic reports whether an input has a dimension that neither the model nor the options fix.
func (c *check) symbolic() bool {
	for _, v := range c.cand.Inputs() {
		for _, d := range v.Shape {
			if _, given := c.o.Dims[d.Name]; d.Size < 0 && !given {
				return true
			}
		}
	}
	return false
}

func (c *check) hasDim(name string) bool {
	return slices.ContainsFunc(c.cand.Inputs(), func(v infer.ValueInfo) bool {
		return slices.ContainsFunc(v.Shape, func(d infer.Dim) bool { return d.Size < 0 && d.Name == name })
	})
}

// openDims names the dimensions that random inputs guess, as the command line's flags would give them.
func (c *check) openDims() string {
	var list []string
	for _, v := range c.cand.Inputs() {
		for i, d := range v.Shape {
			text := "--dim " + d.Name + "=N"
			if d.Name == "" {
				text = fmt.Sprintf("(axis %d of %s has no name: give the input)", i, v.Name)
			}
			if _, given := c.o.Dims[d.Name]; d.Size < 0 && !given && !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return strings.Join(list, " ")
}

func (c *check) recorded() ([]sample, error) {
	var list []sample
	for _, dir := range c.found.Sets {
		in, out, err := LoadSet(dir, c.model)
		if err != nil {
			return nil, err
		}
		s := sample{name: dir[strings.LastIndexByte(dir, os.PathSeparator)+1:], inputs: in}
		if c.kind == "recorded" {
			if len(out) == 0 {
				return nil, fmt.Errorf("%s: no output_N.pb in it", dir)
			}
			s.want = out
		}
		list = append(list, s)
	}
	return list, nil
}

// arrays takes inputs and answers from named arrays.
func (c *check) arrays() ([]sample, error) {
	s := sample{inputs: map[string]tensor.Any{}, want: map[string]tensor.Any{}}
	pick := func(infos []infer.ValueInfo, prefix string, into map[string]tensor.Any) error {
		for i, v := range infos {
			t := c.o.Reference.Arrays[v.Name]
			if t == nil {
				t = c.o.Reference.Arrays[fmt.Sprintf("%s_%d", prefix, i)]
			}
			if t == nil {
				return fmt.Errorf("the arrays hold neither %s nor %s_%d", v.Name, prefix, i)
			}
			into[v.Name] = t
		}
		return nil
	}
	if c.o.Inputs != nil {
		s.inputs = c.o.Inputs
	} else if err := pick(c.cand.Inputs(), "in", s.inputs); err != nil {
		return nil, err
	}
	return []sample{s}, pick(c.cand.Outputs(), "out", s.want)
}
