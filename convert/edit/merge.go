package edit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
)

// MergeOptions say how two models are put together.
type MergeOptions struct {
	// Connect has the first model's outputs by the second's inputs that they feed. Empty connects those of
	// the same name; a single output feeds a single input whatever they are called.
	Connect map[string]string
}

// Merge returns one model that runs the first and feeds its outputs to the second. Inputs are the first's,
// then those of the second that nothing feeds; outputs are the second's, then those of the first that feed
// nothing. Both must use the same versions of operators. Names inside the second model that the first has
// too get a number behind them. The result shares tensors with both.
func Merge(first, second *onnxio.Model, o MergeOptions) (*onnxio.Model, error) {
	for _, m := range []*onnxio.Model{first, second} {
		if m.Graph == nil {
			return nil, errors.New("a model without a graph cannot be merged")
		}
		if len(m.TrainingInfo) > 0 {
			return nil, errors.New("a model with training graphs cannot be merged")
		}
	}
	feeds, err := connections(first, second, o.Connect)
	if err != nil {
		return nil, err
	}
	out := *second
	out.IRVersion = max(first.IRVersion, second.IRVersion)
	if out.OpsetImport, err = jointOpsets(first, second); err != nil {
		return nil, err
	}
	if out.Functions, err = jointFunctions(first, second); err != nil {
		return nil, err
	}
	for _, p := range first.MetadataProps {
		if _, ok := onnxio.Metadata(second.MetadataProps, p.Key); !ok {
			out.MetadataProps = onnxio.SetMetadata(slices.Clone(out.MetadataProps), p.Key, p.Value)
		}
	}
	out.Graph, err = joinGraphs(first.Graph, second.Graph, feeds)
	return &out, err
}

// connections returns the first model's outputs by the second's inputs, checked.
func connections(first, second *onnxio.Model, given map[string]string) (map[string]string, error) {
	outs, ins := byName(first.Graph.Output), byName(fed(second.Graph))
	feeds := given
	if len(feeds) == 0 {
		feeds = map[string]string{}
		for name := range ins {
			if outs[name] != nil {
				feeds[name] = name
			}
		}
		if len(feeds) == 0 && len(outs) == 1 && len(ins) == 1 {
			for in := range ins {
				for out := range outs {
					feeds[in] = out
				}
			}
		}
		if len(feeds) == 0 {
			return nil, fmt.Errorf("no output of the first model (%s) has the name of an input of the second (%s): say which feeds which", list(outs), list(ins))
		}
	}
	for _, in := range slices.Sorted(maps.Keys(feeds)) {
		a, b := outs[feeds[in]], ins[in]
		if a == nil {
			return nil, fmt.Errorf("the first model has no output %s; it has %s", feeds[in], list(outs))
		}
		if b == nil {
			return nil, fmt.Errorf("the second model has no input %s; it has %s", in, list(ins))
		}
		if err := compatible(a, b); err != nil {
			return nil, err
		}
	}
	return feeds, nil
}

// compatible reports what keeps one value from being another's.
func compatible(a, b *onnxio.ValueInfo) error {
	if a.Type == nil || b.Type == nil || a.Type.TensorType == nil || b.Type.TensorType == nil {
		return nil // the full check will say what is wrong
	}
	x, y := a.Type.TensorType, b.Type.TensorType
	fail := fmt.Errorf("output %s is %s, input %s is %s", a.Name, describe(x), b.Name, describe(y))
	if x.ElemType != y.ElemType {
		return fail
	}
	if x.Shape == nil || y.Shape == nil {
		return nil
	}
	if len(x.Shape.Dim) != len(y.Shape.Dim) {
		return fail
	}
	for i, d := range x.Shape.Dim {
		n, known := d.Value()
		m, alsoKnown := y.Shape.Dim[i].Value()
		if known && alsoKnown && n != m {
			return fail
		}
	}
	return nil
}

func describe(t *onnxio.TensorType) string {
	text := t.DType().String()
	if t.Shape == nil {
		return text
	}
	dims := make([]string, len(t.Shape.Dim))
	for i, d := range t.Shape.Dim {
		dims[i] = d.Param()
		if n, ok := d.Value(); ok {
			dims[i] = fmt.Sprint(n)
		} else if dims[i] == "" {
			dims[i] = "?"
		}
	}
	return text + "[" + strings.Join(dims, ",") + "]"
}

// jointOpsets returns the operator sets of both models.
func jointOpsets(first, second *onnxio.Model) ([]*onnxio.OperatorSetID, error) {
	all := slices.Clone(second.OpsetImport)
	for _, o := range first.OpsetImport {
		if o == nil {
			continue
		}
		switch v, ok := second.OpsetVersion(o.Domain); {
		case !ok:
			all = append(all, o)
		case v != o.Version:
			domain := o.Domain
			if domain == "" {
				domain = "ai.onnx"
			}
			return nil, fmt.Errorf("the first model uses version %d of %s, the second version %d: export both with the same one", o.Version, domain, v)
		}
	}
	return all, nil
}

// jointFunctions returns the functions of both models.
func jointFunctions(first, second *onnxio.Model) ([]*onnxio.Function, error) {
	all := slices.Clone(second.Functions)
	for _, f := range first.Functions {
		if f == nil {
			continue
		}
		same := func(g *onnxio.Function) bool {
			return g != nil && g.Name == f.Name && g.Overload == f.Overload && onnxio.NormalDomain(g.Domain) == onnxio.NormalDomain(f.Domain)
		}
		if slices.ContainsFunc(all, same) {
			return nil, fmt.Errorf("both models define function %s", f.Name)
		}
		all = append(all, f)
	}
	return all, nil
}

// fed returns the inputs that are not initializers.
func fed(g *onnxio.Graph) []*onnxio.ValueInfo {
	constants := map[string]bool{}
	for _, t := range g.Initializer {
		if t != nil {
			constants[t.Name] = true
		}
	}
	var ins []*onnxio.ValueInfo
	for _, v := range g.Input {
		if v != nil && !constants[v.Name] {
			ins = append(ins, v)
		}
	}
	return ins
}

func byName(values []*onnxio.ValueInfo) map[string]*onnxio.ValueInfo {
	m := map[string]*onnxio.ValueInfo{}
	for _, v := range values {
		if v != nil {
			m[v.Name] = v
		}
	}
	return m
}

func list(m map[string]*onnxio.ValueInfo) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
