package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// collapse turns values of the expanded model's initializers into those of the source's, and returns the
// source's metadata as it is then.
func (x *expansion) collapse(values map[string]tensor.Any) (map[string]tensor.Any, []*onnxio.StringStringEntry, error) {
	out := map[string]tensor.Any{}
	for name, t := range values {
		if x.inSource(name) {
			out[name] = t
		}
	}
	for _, j := range x.joined {
		if slices.ContainsFunc(j.parts, func(p recipe.Part) bool { return values[x.home[p.Variable]] != nil }) {
			t, err := x.rejoin(j, values)
			if err != nil {
				return nil, nil, err
			}
			out[j.name] = t
		}
	}
	r := *x.recipe
	r.Variables = slices.Clone(r.Variables)
	for _, f := range x.folds {
		if err := x.refold(f, values, out); err != nil {
			return nil, nil, err
		}
		for i, v := range r.Variables {
			if t := values[x.home[v.Name]]; v.Data != nil && t != nil {
				r.Variables[i].Data = recipe.Bytes(tensor.Data[float32](t))
			}
		}
	}
	text, err := r.Marshal()
	if err != nil {
		return nil, nil, err
	}
	props := make([]*onnxio.StringStringEntry, len(x.source.MetadataProps))
	for i, p := range x.source.MetadataProps {
		props[i] = p
		if p != nil && p.Key == recipe.Key {
			c := *p
			c.Value = text
			props[i] = &c
		}
	}
	return out, props, nil
}

// inSource reports whether the source has an initializer or Constant of the name that is not made anew.
func (x *expansion) inSource(name string) bool {
	for _, f := range x.folds {
		if f.Kernel == name {
			return false
		}
	}
	if v := x.of[name]; v != nil {
		return slices.ContainsFunc(x.source.Graph.Initializer, func(t *onnxio.Tensor) bool { return t != nil && t.Name == name })
	}
	return true
}

// rejoin makes an initializer of the source from its variables.
func (x *expansion) rejoin(j joined, values map[string]tensor.Any) (tensor.Any, error) {
	var all []float32
	for _, p := range j.parts {
		if p.Variable == "" {
			all = append(all, make([]float32, p.Zeros)...)
			continue
		}
		name := x.home[p.Variable]
		t := values[name]
		if t == nil {
			var err error
			if t, err = x.graph.Initializer[x.initializer(name)].Value(); err != nil {
				return nil, err
			}
		}
		all = append(all, tensor.Data[float32](t)...)
	}
	return tensor.New(all, j.shape...)
}

// refold makes kernel and bias of a convolution with its normalisation, if anything of them has changed.
func (x *expansion) refold(f recipe.Folded, values, out map[string]tensor.Any) error {
	changed := values[f.Kernel] != nil
	for _, name := range []string{f.Gamma, f.Beta, f.Mean, f.Variance, f.Bias} {
		changed = changed || values[x.home[name]] != nil
	}
	if !changed {
		return nil
	}
	kernel := values[f.Kernel]
	if kernel == nil {
		var err error
		if kernel, err = x.graph.Initializer[x.initializer(f.Kernel)].Value(); err != nil {
			return err
		}
	}
	scale := x.scaleOf(f, values)
	out[f.Kernel] = scaled(kernel, scale, func(w, s float64) float64 { return w * s })
	mean, beta, bias := x.numbers(f.Mean, values), x.numbers(f.Beta, values), x.numbers(f.Bias, values)
	shift := make([]float32, len(scale))
	for i, s := range scale {
		b := -float64(mean[i])
		if bias != nil {
			b += float64(bias[i])
		}
		b *= s
		if beta != nil {
			b += float64(beta[i])
		}
		shift[i] = float32(b)
	}
	out[f.Shift] = tensor.Vector(shift...)
	return nil
}
