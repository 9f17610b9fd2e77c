package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// ImportOptions say which parts of an ONNX model are trained. Patterns are those of path.Match, in which *
// does not match a slash. They are held against the names of initializers and of Constant nodes' outputs,
// and against those of the nodes that take them as weights: against the whole name and against as many parts
// of it between slashes as the pattern has, so that conv* names conv2d/kernel.
type ImportOptions struct {
	// Output is the value that is trained, any one of the main graph's. Empty is the first output of
	// floats; where that is made of maps, as by classifiers of scikit-learn's, what the maps are made of.
	Output string
	// More are further outputs of the network, for Config.More.
	More []string
	// Freeze names weights that stay as they are.
	Freeze []string
	// Unfreeze names weights that are trained although Freeze or the default leaves them out.
	Unfreeze []string
	// FreezeBatchNorm names BatchNormalization nodes that use the file's statistics in training too, as
	// PyTorch's do in evaluation mode. A pattern may name a node or one of its constants.
	FreezeBatchNorm []string
	// UnbiasedVariance makes running variances of n values PyTorch's, of n-1 degrees of freedom. ONNX's and
	// Keras's are the population's, which is the default.
	UnbiasedVariance bool
	// Dropout says where dropout acts in training; nil is nowhere.
	Dropout *Dropout
	// LoRA trains low-rank updates of weights in the place of the weights; nil trains the weights.
	LoRA *LoRA
	// IgnoreRecipe leaves what the model's metadata says of its training aside.
	IgnoreRecipe bool
}

// Imported is an ONNX model as a network, with the way back to its document.
type Imported struct {
	Net     *nn.Net
	source  *onnxio.Model      // as given
	form    *expansion         // of the source, which its recipe describes; nil without one
	splits  []split            // of the source's
	repeats map[string]string  // of the source's, by the first
	inside  map[string]hoisted // by their names in model
	linears map[string]linear  // of the attributes that are initializers in model
	model   *onnxio.Model      // what the network was made of: the source with splits, adapters and the constants inside hoisted
	stored  map[*ir.Value]stored
	lora    *adapters
}

// stored is the document's form of a parameter.
type stored struct {
	name   string
	dtype  tensor.DType
	filler bool // a constant that stands for what a layer lacks
}

// Import returns an ONNX model as a network to be fine-tuned. Weights become parameters: initializers and
// constants of floats, those of subgraphs too, that matrix products, convolutions, normalisations, recurrences
// and embeddings take as weights, and those that are added to or multiplied with what parameters lead to; casts, transpositions and
// the like between a constant and its reader do not matter. What acts on the inputs alone, such as a scaler,
// stays as it is, and so do masks and tables of sines; what PyTorch's newer exporter says of the module's parameters
// and buffers comes first. Running statistics of BatchNormalization follow the data unless they are
// frozen.
//
// Types of 16 bits are trained in float32, inputs and outputs included, and written back in their own.
// A dimension of an input that is not fixed and comes first is the batch.
func Import(m *onnxio.Model, o ImportOptions) (*Imported, error) {
	if m == nil || m.Graph == nil {
		return nil, errors.New("train: the model has no graph")
	}
	outputs := []string{o.Output}
	if o.Output == "" {
		name, err := lossOutput(m)
		if err != nil {
			return nil, err
		}
		outputs[0] = name
	}
	outputs = append(outputs, o.More...)
	im := &Imported{source: m, stored: map[*ir.Value]stored{}}
	if err := im.prepare(o); err != nil {
		return nil, err
	}
	if o.LoRA != nil {
		var err error
		if im.lora, err = addLoRA(im.model, im.inside, outputs, *o.LoRA); err != nil {
			return nil, err
		}
		im.model = im.lora.model
	}
	values, err := im.lower(outputs)
	if err != nil {
		return nil, err
	}
	if err := im.choose(values, o); err != nil {
		return nil, err
	}
	im.Net.UnbiasedVariance = o.UnbiasedVariance
	if im.form != nil {
		im.form.rules(im.Net, im.stored, values)
		if o.Dropout != nil && im.form.dropout(o.Dropout.Ratio) && len(o.Dropout.At) == 0 {
			o.Dropout = nil
		}
	}
	if err := setDropout(im.Net.Graph, values, im.model, o.Dropout); err != nil {
		return nil, err
	}
	return im, nil
}

// prepare makes the model that the network is made of, without adapters: the form that the source's recipe
// describes, or the source with weights parted that are stored as one.
func (im *Imported) prepare(o ImportOptions) error {
	if !o.IgnoreRecipe {
		r, err := recipe.Of(im.source)
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		if r != nil && len(r.Variables) > 0 {
			if im.form, err = expand(im.source, r); err == nil {
				im.model = im.form.model
			}
			return err
		}
	}
	im.splits = splits(im.source)
	if o.LoRA == nil { // whose updates stand at each reader
		im.repeats = repeats(im.source)
	}
	im.model, im.inside = hoist(withoutRepeats(separate(im.source, im.splits), im.repeats))
	if o.LoRA == nil {
		im.model, im.linears = linears(im.model)
	}
	return nil
}

// lower makes the network's graph, and returns the values by the names that the document has for them.
func (im *Imported) lower(outputs []string) (map[string]*ir.Value, error) {
	doc, err := cut(im.model, outputs)
	if err != nil {
		return nil, err
	}
	r, err := lower.Model(batched(doc), ops.Set(), lower.Options{Outputs: outputs})
	if err != nil {
		return nil, err
	}
	im.Net = &nn.Net{Graph: r.Graph}
	values := r.Values
	wide, err := rewrite.Promote(r.Graph, ops.Set())
	if err != nil {
		return nil, err
	}
	if wide != nil {
		im.Net.Graph, values = wide.Graph, map[string]*ir.Value{}
		for name, v := range r.Values {
			if w := wide.Values[v]; w != nil {
				values[name] = w
			}
		}
	}
	return values, nil
}

// choose makes parameters of the weights that the options name.
func (im *Imported) choose(values map[string]*ir.Value, o ImportOptions) error {
	freeze, err1 := newPatterns(o.Freeze)
	unfreeze, err2 := newPatterns(o.Unfreeze)
	frozenBN, err3 := newPatterns(o.FreezeBatchNorm)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	held := freezeStatistics(im.Net, values, frozenBN)
	stored := im.storedConstants(values)
	seen := 0
	list, torch := weightsOf(im.Net.Graph), signatureOf(im.model)
	torch.count(im.model, list, func(c *candidate) string { return stored[c.v].name })
	for _, c := range list {
		s, ok := stored[c.v]
		if !ok {
			continue
		}
		seen++
		c.role = torch.role(s.name, im.form.role(s.name, c.role))
		train := c.role != plain && im.lora == nil && !im.form.frozen(s.name) && !s.filler || im.lora.has(s.name)
		names := append(slices.Clone(c.readers), im.form.called(s.name)...)
		if freeze.match(names...) {
			train = false
		}
		if unfreeze.match(names...) {
			train = true
		}
		if !train || c.role == statistic && held[c.v] {
			continue
		}
		c.v.Kind = ir.State
		c.v.Fact = c.v.Fact.Like()
		im.stored[c.v] = s
		im.Net.Params = append(im.Net.Params, &nn.Param{Value: c.v, Trainable: c.role != statistic})
	}
	for _, t := range im.model.Graph.Initializer { // those that the output does not need
		if t != nil {
			freeze.match(t.Name)
			unfreeze.match(t.Name)
		}
	}
	for _, p := range []*patterns{freeze, unfreeze} {
		if name, ok := p.unused(); ok {
			return fmt.Errorf("train: pattern %q matches no weight; 'onnxtool inspect --weights' lists them", name)
		}
	}
	if name, ok := frozenBN.unused(); ok {
		return fmt.Errorf("train: pattern %q matches no BatchNormalization node", name)
	}
	if !slices.ContainsFunc(im.Net.Params, func(p *nn.Param) bool { return p.Trainable }) {
		return fmt.Errorf("train: the model has no float weight to train: %s leads on to %d, all of them frozen", im.Net.Graph.Outputs[0].Name, seen)
	}
	return nil
}

// storedConstants returns the constants of floats that can be written back: initializers and Constant nodes.
func (im *Imported) storedConstants(values map[string]*ir.Value) map[*ir.Value]stored {
	out := map[*ir.Value]stored{}
	note := func(name string, d tensor.DType, filler bool) {
		if v := values[name]; v != nil && v.Kind == ir.Const && trainable(v.Data.DType()) {
			out[v] = stored{name, d, filler}
		}
	}
	torch := im.model.ProducerName == "pytorch" // its constants of one number are scales and biases that a layer lacks
	for _, t := range im.model.Graph.Initializer {
		if t != nil {
			note(t.Name, t.DType(), im.inside[t.Name].constant && torch && uniform(t))
		}
	}
	for _, n := range im.model.Graph.Node {
		if n == nil || n.OpType != "Constant" || len(n.Output) != 1 || len(n.Attribute) != 1 {
			continue
		}
		switch a := n.Attribute[0]; {
		case a.Name == "value" && a.T != nil:
			note(n.Output[0], a.T.DType(), torch && uniform(a.T))
		case a.Name == "value_float", a.Name == "value_floats":
			note(n.Output[0], tensor.Float32, false)
		}
	}
	return out
}

func trainable(d tensor.DType) bool { return d == tensor.Float32 || d == tensor.Float64 }
