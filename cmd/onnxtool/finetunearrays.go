package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// arrayForm says which arrays of an .npz become examples.
type arrayForm struct {
	path    string
	net     *nn.Net
	outputs []tunedOutput     // the first one's target is the dataset's, the others' stand beside the inputs
	inputs  map[string]string // the array of each input
	weights string            // the array of sample weights, or none
}

// arrayForm finds the arrays for the network's inputs.
func (f *finetuneFlags) arrayForm(path string, net *nn.Net, outputs []tunedOutput) (*arrayForm, error) {
	if strings.EqualFold(filepath.Ext(path), ".npy") {
		return nil, fmt.Errorf("%s: one array; inputs and targets are read from an .npz, which numpy.savez writes", path)
	}
	named, err := f.inputNames(net.Graph.Inputs)
	if err != nil {
		return nil, err
	}
	form := &arrayForm{path, net, outputs, named, f.weights}
	for _, v := range net.Graph.Inputs {
		if named[v.Name] == "" {
			named[v.Name] = v.Name
		}
	}
	return form, nil
}

// names returns the arrays that are read.
func (a *arrayForm) names() []string {
	names := slices.Collect(maps.Values(a.inputs))
	for _, o := range a.outputs {
		names = append(names, o.array)
	}
	if a.weights != "" {
		names = append(names, a.weights)
	}
	return names
}

// arrays reads the arrays of a file.
func (f *finetuneFlags) arrays(path string, net *nn.Net, outputs []tunedOutput) (*data.Dataset, error) {
	form, err := f.arrayForm(path, net, outputs)
	if err != nil {
		return nil, err
	}
	arrays, err := data.LoadNPZ(path, data.ArrayOptions{})
	if err != nil {
		return nil, err
	}
	if err := form.complete(slices.Sorted(maps.Keys(arrays))); err != nil {
		return nil, err
	}
	ds, err := form.examples(arrays, 0)
	if err == nil && f.weights != "" {
		if err = someWeight(ds.Weight()); err != nil {
			err = fmt.Errorf("array %s: %w", f.weights, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ds, nil
}

// complete reports an error unless a file has all arrays.
func (a *arrayForm) complete(have []string) error {
	need := func(name, what, hint string) error {
		if slices.Contains(have, name) {
			return nil
		}
		return fmt.Errorf("%s: no array %s for %s%s; it holds %s%s", a.path, name, what, nearest.Hint(name, have), strings.Join(have, ", "), hint)
	}
	for _, v := range a.net.Graph.Inputs {
		if err := need(a.inputs[v.Name], "input "+v.Name, fmt.Sprintf("; --inputs %s=ARRAY names another", v.Name)); err != nil {
			return err
		}
	}
	for i, o := range a.outputs {
		what := "the target"
		if i > 0 {
			what = "the target of output " + o.name
		}
		if err := need(o.array, what, ""); err != nil {
			return err
		}
	}
	if a.weights == "" {
		return nil
	}
	return need(a.weights, "sample weights", "")
}

// examples makes examples of rows of the arrays, by the arrays' names. The first one is the file's row of that number,
// from 0.
func (a *arrayForm) examples(arrays map[string]tensor.Any, first int) (*data.Dataset, error) {
	in := map[string]tensor.Any{}
	for _, v := range a.net.Graph.Inputs {
		name := a.inputs[v.Name]
		x, err := data.As(arrays[name], v.Fact.DType)
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
		if err := fits(name, arrays[name], v); err != nil {
			return nil, err
		}
		in[v.Name] = x
	}
	target := arrays[a.outputs[0].array]
	if target.DType() == tensor.String {
		return nil, fmt.Errorf("array %s, the target, holds text: number the classes from 0", a.outputs[0].array)
	}
	for _, o := range a.outputs[1:] {
		in[o.key()] = arrays[o.array]
	}
	var weight tensor.Any
	if a.weights != "" {
		var err error
		if weight, err = data.As(arrays[a.weights], tensor.Float32); err != nil {
			return nil, fmt.Errorf("array %s: %w", a.weights, err)
		}
		if err := checkWeights(weight, first); err != nil {
			return nil, fmt.Errorf("array %s: %w", a.weights, err)
		}
	}
	ds, err := data.New(in, target, weight)
	if err != nil {
		return nil, err
	}
	return ds, checkFinite(a.net, ds)
}

// fits checks an array's shape against an input's, the batch aside.
func fits(name string, a tensor.Any, v *nn.Value) error {
	if !v.Fact.Ranked {
		return nil
	}
	want, have := v.Fact.Shape, a.Shape()
	ok := len(want) == len(have)
	for i := 1; ok && i < len(want); i++ {
		n, known := want[i].Int()
		ok = !known || n == have[i]
	}
	if !ok {
		return fmt.Errorf("array %s is %v%v, input %s is %v", name, a.DType(), have, v.Name, v.Fact)
	}
	return nil
}

// inputNames parses --inputs.
func (f *finetuneFlags) inputNames(ins []*nn.Value) (map[string]string, error) {
	var names []string
	for _, v := range ins {
		names = append(names, v.Name)
	}
	out := map[string]string{}
	for _, p := range strings.Split(f.inputs, ",") {
		if p == "" {
			continue
		}
		in, array, ok := strings.Cut(p, "=")
		if !ok {
			return nil, usagef("--inputs: %q is not INPUT=ARRAY", p)
		}
		if !slices.Contains(names, in) {
			return nil, usagef("--inputs: what is trained reads no input %q%s; it reads %s", in, nearest.Hint(in, names), strings.Join(names, ", "))
		}
		out[in] = array
	}
	return out, nil
}
