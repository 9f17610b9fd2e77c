package recipe

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// check reports a recipe that contradicts itself: it may come from anywhere.
func (r *Recipe) check() error {
	seen := map[string]*Variable{}
	for i := range r.Variables {
		v := &r.Variables[i]
		if v.Name == "" || seen[v.Name] != nil {
			return fmt.Errorf("variable %q without a name or twice", v.Name)
		}
		seen[v.Name] = v
		if err := v.check(); err != nil {
			return fmt.Errorf("variable %s: %w", v.Name, err)
		}
	}
	for name, parts := range r.Weights {
		if len(parts) == 0 {
			return fmt.Errorf("weight %s has no part", name)
		}
		for _, p := range parts {
			if p.Zeros < 0 || p.Zeros > math.MaxInt32 || (p.Variable == "") != (p.Zeros > 0) || p.Variable != "" && seen[p.Variable] == nil {
				return fmt.Errorf("weight %s: its part of variable %q and %d zeros", name, p.Variable, p.Zeros)
			}
		}
	}
	for _, f := range r.Folded {
		if err := f.check(seen); err != nil {
			return fmt.Errorf("normalisation behind %s: %w", f.Node, err)
		}
	}
	for _, n := range r.Noise {
		if err := n.check(); err != nil {
			return fmt.Errorf("layer %s: %w", n.Layer, err)
		}
	}
	for _, n := range r.Recurrent {
		if !(n.Rate >= 0 && n.Rate < 1 && n.StateRate >= 0 && n.StateRate < 1) || n.Direction < 0 || n.Direction > 1 || n.Node == "" {
			return fmt.Errorf("layer %s: dropout %v and %v of direction %d of node %q", n.Layer, n.Rate, n.StateRate, n.Direction, n.Node)
		}
	}
	for node, n := range r.Steps {
		if n < 2 || n > MaxSteps {
			return fmt.Errorf("normalisation %s: %d steps", node, n)
		}
	}
	return nil
}

// MaxSteps bounds Steps: a normalisation is laid out as often.
const MaxSteps = 1 << 12

// Len returns the number of elements.
func (v *Variable) Len() int { return tensor.Shape(v.Shape).Len() }

func (v *Variable) check() error {
	n, ok := tensor.Shape(v.Shape).Size()
	if !ok {
		return fmt.Errorf("shape %v", v.Shape)
	}
	if v.Data != nil && len(v.Data) != 4*n {
		return fmt.Errorf("%d bytes of data for shape %v", len(v.Data), v.Shape)
	}
	parted := v.Parted
	if parted == nil {
		parted = v.Shape
	} else if k, ok := tensor.Shape(parted).Size(); !ok || k != n {
		return fmt.Errorf("shape %v is parted to %v", v.Shape, v.Parted)
	}
	if v.Perm != nil {
		sorted := slices.Clone(v.Perm)
		slices.Sort(sorted)
		for i, p := range sorted {
			if i != p || len(sorted) != len(parted) {
				return fmt.Errorf("perm %v of %v", v.Perm, parted)
			}
		}
	}
	if c := v.Constraint; c != nil {
		for _, a := range c.Axis {
			if a < -len(v.Shape) || a >= len(v.Shape) {
				return fmt.Errorf("constraint %s along axis %d of %v", c.Name, a, v.Shape)
			}
		}
		if !slices.Contains([]string{"max_norm", "min_max_norm", "unit_norm", "non_neg"}, c.Name) {
			return fmt.Errorf("constraint %q is not known", c.Name)
		}
	}
	return nil
}

func (f *Folded) check(vars map[string]*Variable) error {
	n := -1
	for _, name := range []string{f.Gamma, f.Beta, f.Mean, f.Variance, f.Bias} {
		if name == "" {
			continue
		}
		v := vars[name]
		if v == nil || v.Data == nil {
			return fmt.Errorf("variable %q has no data", name)
		}
		if n < 0 {
			n = v.Len()
		}
		if v.Len() != n || len(v.Shape) != 1 {
			return fmt.Errorf("variable %s has shape %v, expected [%d]", name, v.Shape, n)
		}
	}
	if f.Mean == "" || f.Variance == "" || !(f.Epsilon >= 0) || !(f.Momentum >= 0 && f.Momentum <= 1) {
		return fmt.Errorf("mean %q, variance %q, epsilon %v, momentum %v", f.Mean, f.Variance, f.Epsilon, f.Momentum)
	}
	return nil
}

func (n *Noise) check() error {
	switch n.Class {
	case "Dropout", "GaussianDropout", "AlphaDropout":
		if !(n.Rate >= 0 && n.Rate < 1) {
			return fmt.Errorf("rate %v", n.Rate)
		}
	case "GaussianNoise":
		if !(n.Rate >= 0) {
			return fmt.Errorf("standard deviation %v", n.Rate)
		}
	default:
		return fmt.Errorf("class %q is not known", n.Class)
	}
	return nil
}

// Marshal returns the text of the metadata.
func (r *Recipe) Marshal() (string, error) {
	r.Version = Version
	if err := r.check(); err != nil {
		return "", err
	}
	b, err := json.Marshal(r)
	return string(b), err
}

// Variable returns the variable of a name, nil where there is none.
func (r *Recipe) Variable(name string) *Variable {
	for i := range r.Variables {
		if r.Variables[i].Name == name {
			return &r.Variables[i]
		}
	}
	return nil
}

// Parts returns what an initializer is made of: nil where it is nothing that is trained.
func (r *Recipe) Parts(initializer string) []Part {
	if p, ok := r.Weights[initializer]; ok {
		return p
	}
	if v := r.Variable(initializer); v != nil && v.Data == nil {
		return []Part{{Variable: initializer}}
	}
	return nil
}

// Bytes returns numbers as a variable's data.
func Bytes(v []float32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

// Floats returns a variable's data as numbers.
func (v *Variable) Floats() []float32 {
	out := make([]float32, len(v.Data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(v.Data[4*i:]))
	}
	return out
}
