package train

import (
	"encoding/json"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TrainingModel returns the network as [Trainer.Model] does, with its training beside it as ONNX's training_info:
// the algorithm is the step of [Trainer.StepModel], whose states are no inputs but initializers, the parameters
// those of the model and the optimizer's slots those of the algorithm; update bindings say which output replaces
// which. The initialization gives the slots their first values. The inputs of the algorithm are the network's,
// targets, sample_weight where the batch has one, learning_rate, step and the draws of noise.
func (t *Trainer) TrainingModel(b *data.Batch) (*onnxio.Model, error) {
	if _, err := t.stepPass(b); err != nil { // makes the slots
		return nil, err
	}
	step, err := t.StepModel(b)
	if err != nil {
		return nil, err
	}
	var doc stepDoc
	text, _ := onnxio.Metadata(step.MetadataProps, stepKey)
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	m, err := t.Model(ExportOptions{Opset: opsetOf(step)})
	if err != nil {
		return nil, err
	}
	apart(step.Graph, m.Graph)
	info := &onnxio.TrainingInfo{Algorithm: step.Graph, Initialization: &onnxio.Graph{Name: "initialization"}}
	for _, u := range doc.Updates {
		info.UpdateBinding = append(info.UpdateBinding, &onnxio.StringStringEntry{Key: u.Input, Value: u.Output})
		t.keepState(m.Graph, info, u)
	}
	m.TrainingInfo = append(m.TrainingInfo, info)
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, stepKey, text)
	return m, nil
}

// apart renames what nodes of the algorithm make and the model's nodes make too: both are one scope.
func apart(algorithm, model *onnxio.Graph) {
	taken := map[string]bool{}
	for _, n := range model.Node {
		for _, v := range n.Output {
			taken[v] = true
		}
	}
	names := map[string]string{}
	for _, n := range algorithm.Node {
		for _, v := range n.Output {
			if v != "" && taken[v] {
				names[v] = "training/" + v
			}
		}
	}
	rename(algorithm, names)
}

// rename gives values of a graph other names, in its subgraphs too.
func rename(g *onnxio.Graph, names map[string]string) {
	each := func(list []string) {
		for i, v := range list {
			if n, ok := names[v]; ok {
				list[i] = n
			}
		}
	}
	for _, n := range g.Node {
		each(n.Input)
		each(n.Output)
		for _, a := range n.Attribute {
			if a.G != nil {
				rename(a.G, names)
			}
		}
	}
	for _, v := range slices.Concat(g.Output, g.ValueInfo) {
		if n, ok := names[v.Name]; ok {
			v.Name = n
		}
	}
}

// opsetOf returns the version of ai.onnx that a model imports.
func opsetOf(m *onnxio.Model) int {
	for _, o := range m.OpsetImport {
		if onnxio.NormalDomain(o.Domain) == "" {
			return int(o.Version)
		}
	}
	return 0
}

// keepState makes an input of the algorithm that stands for a state an initializer: the model's where that has it,
// else the algorithm's own, with its first value in the initialization where it is the optimizer's.
func (t *Trainer) keepState(model *onnxio.Graph, info *onnxio.TrainingInfo, u stepUpdate) {
	step := info.Algorithm
	step.Input = slices.DeleteFunc(step.Input, func(v *onnxio.ValueInfo) bool { return v.Name == u.Input })
	if slices.ContainsFunc(model.Initializer, func(i *onnxio.Tensor) bool { return i.Name == u.Input }) {
		return
	}
	now := t.stateNow(u.Input)
	step.Initializer = append(step.Initializer, onnxio.FromTensor(u.Input, now))
	if !u.Slot {
		return
	}
	first := info.Initialization
	size := tensor.Zeros[int64](now.Shape().Rank())
	for i, n := range now.Shape() {
		size.Data()[i] = int64(n)
	}
	var value tensor.Any = tensor.Vector(u.Initial)
	if now.DType() == tensor.Float64 {
		value = tensor.Vector(float64(u.Initial))
	}
	name := u.Input + "/first"
	first.Initializer = append(first.Initializer, onnxio.FromTensor(name+"/shape", size))
	first.Node = append(first.Node, &onnxio.Node{
		OpType: "ConstantOfShape", Input: []string{name + "/shape"}, Output: []string{name},
		Attribute: []*onnxio.Attribute{onnxio.NewAttribute("value", onnxio.FromTensor("", value))},
	})
	shape := &onnxio.TensorShape{}
	for _, n := range now.Shape() {
		size := int64(n)
		shape.Dim = append(shape.Dim, &onnxio.Dimension{DimValue: &size})
	}
	first.Output = append(first.Output, &onnxio.ValueInfo{Name: name, Type: onnxio.NewTensorType(now.DType(), shape)})
	info.InitializationBinding = append(info.InitializationBinding, &onnxio.StringStringEntry{Key: u.Input, Value: name})
}

// stateNow returns a copy of a parameter's or slot's current value.
func (t *Trainer) stateNow(name string) tensor.Any {
	for _, p := range t.Params() {
		if p.Name == name {
			return tensor.CloneAny(p.Tensor)
		}
	}
	return tensor.CloneAny(t.slots[name])
}
