package edit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
)

// joinGraphs puts the second graph behind the first; feeds has the first's outputs by the second's inputs.
func joinGraphs(first, second *onnxio.Graph, feeds map[string]string) (*onnxio.Graph, error) {
	used := map[string]bool{}
	for _, out := range feeds {
		used[out] = true
	}
	out := *second
	out.Input, out.Output = slices.Clone(first.Input), nil
	ren := renaming{values: map[string]string{}, nodes: map[string]string{}}
	public := map[string]bool{} // names of the second's that stay
	for _, v := range second.Output {
		if isInput(first, v.Name) {
			return nil, fmt.Errorf("%s is an input of the first model and an output of the second", v.Name)
		}
		public[v.Name] = true
	}
	for _, v := range second.Input {
		if feeds[v.Name] != "" {
			ren.values[v.Name] = feeds[v.Name]
			continue
		}
		if isInput(first, v.Name) {
			return nil, fmt.Errorf("%s is an input of both models, and nothing feeds the second's", v.Name)
		}
		public[v.Name] = true
		out.Input = append(out.Input, v)
	}
	// Names that both have: the first's inside names give way to the second's outputs, the second's inside
	// names to the first's.
	mine, theirs := namesIn(first), namesIn(second)
	taken := newNames(mine, theirs)
	early := renaming{values: map[string]string{}, nodes: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(mine.values)) {
		if public[name] {
			if isOutput(first, name) && !used[name] {
				return nil, fmt.Errorf("both models have an output %s", name)
			}
			early.values[name] = taken.fresh(name)
		}
	}
	for in, name := range ren.values {
		if to := early.values[name]; to != "" {
			ren.values[in] = to
		}
	}
	for _, name := range slices.Sorted(maps.Keys(theirs.values)) {
		if mine.values[name] && ren.values[name] == "" && !public[name] {
			ren.values[name] = taken.fresh(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(theirs.nodes)) {
		if mine.nodes[name] {
			ren.nodes[name] = taken.fresh(name)
		}
	}
	a, b := early.graph(first), ren.graph(second)
	out.Node = append(slices.Clone(a.Node), b.Node...)
	out.Initializer = append(slices.Clone(a.Initializer), b.Initializer...)
	out.SparseInitializer = append(slices.Clone(a.SparseInitializer), b.SparseInitializer...)
	out.ValueInfo = append(slices.Clone(a.ValueInfo), b.ValueInfo...)
	out.QuantizationAnnotation = append(slices.Clone(a.QuantizationAnnotation), b.QuantizationAnnotation...)
	out.Output = slices.Clone(b.Output)
	for i, v := range first.Output {
		if !used[v.Name] {
			out.Output = append(out.Output, a.Output[i])
		}
	}
	return &out, nil
}

func isInput(g *onnxio.Graph, name string) bool {
	return slices.ContainsFunc(g.Input, func(v *onnxio.ValueInfo) bool { return v.Name == name })
}

func isOutput(g *onnxio.Graph, name string) bool {
	return slices.ContainsFunc(g.Output, func(v *onnxio.ValueInfo) bool { return v.Name == name })
}
