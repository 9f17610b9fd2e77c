package keras

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// output is a value with the layer that gives it.
type output struct {
	v     *ir.Value
	layer string
}

// model emits a Sequential or Functional model. in holds what a nested model is called on; the outer
// model declares inputs instead.
func (c *converter) model(m *layer, scope string, in []*ir.Value, path ...position) []output {
	if c.depth++; c.depth > maxDepth {
		c.fail(op.Malformedf("models are nested too deeply"))
		return nil
	}
	defer func() { c.depth-- }()
	layers, err := layersIn(m)
	if err != nil {
		c.fail(fmt.Errorf("model %s: %w", m.name(), err))
		return nil
	}
	w := &walk{c: c, scope: scope, path: path, layers: layers, at: positions(layers), calls: map[string][][]*ir.Value{}}
	switch m.Class {
	case "Sequential":
		return w.sequential(in)
	case "Functional", "Model":
		return w.functional(m, in)
	}
	c.fail(op.Unsupportedf("model %s of class %s: only Sequential and Functional models say in their configuration what they compute", m.name(), m.Class))
	return nil
}

func isModel(l *layer) bool {
	return l.Class == "Sequential" || l.Class == "Functional" || l.Class == "Model"
}

func layersIn(m *layer) ([]*layer, error) {
	raw := m.Config["layers"]
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	var layers []*layer
	if err := decode(b, &layers); err != nil || len(layers) == 0 {
		return nil, op.Malformedf("no list of layers in the configuration")
	}
	for _, l := range layers {
		if l == nil {
			return nil, op.Malformedf("a layer is null")
		}
		if l.Config == nil {
			l.Config = map[string]any{}
		}
	}
	return layers, nil
}

// walk is a model on its way to nodes.
type walk struct {
	c      *converter
	scope  string // of the names: the nested models around, each with a slash
	path   []position
	layers []*layer
	at     []position
	calls  map[string][][]*ir.Value // by layer, the outputs of each time it is called
}

// sequential emits layers that each feed the next.
func (w *walk) sequential(in []*ir.Value) []output {
	var x *ir.Value
	if len(in) > 0 {
		x = in[0]
	}
	last := ""
	for i, l := range w.layers {
		if x == nil {
			if x = w.declare(l, i == 0); x == nil {
				return nil
			}
			if l.Class == "InputLayer" {
				continue
			}
		} else if l.Class == "InputLayer" {
			continue
		}
		out := w.apply(i, []*ir.Value{x}, call{})
		if len(out) == 0 {
			return nil
		}
		x, last = out[0], w.scope+l.name()
	}
	return []output{{x, last}}
}

// functional emits the layers of a graph, each as soon as what it reads is there.
func (w *walk) functional(m *layer, in []*ir.Value) []output {
	inputs, err := references(m.Config["input_layers"])
	if err != nil {
		w.c.fail(fmt.Errorf("model %s: input_layers: %w", m.name(), err))
		return nil
	}
	byName := map[string]int{}
	for i, l := range w.layers {
		byName[l.name()] = i
	}
	for k, r := range inputs {
		i, ok := byName[r.layer]
		if !ok {
			w.c.fail(op.Malformedf("model %s: input layer %s does not exist", m.name(), r.layer))
			return nil
		}
		var v *ir.Value
		switch {
		case in == nil:
			v = w.declare(w.layers[i], false)
		case k < len(in):
			v = in[k]
		}
		if v == nil {
			w.c.fail(op.Malformedf("model %s has %d inputs and is called on %d", m.name(), len(inputs), len(in)))
			return nil
		}
		w.calls[r.layer] = [][]*ir.Value{{v}}
	}
	outputs, err := references(m.Config["output_layers"])
	if err != nil {
		w.c.fail(fmt.Errorf("model %s: output_layers: %w", m.name(), err))
		return nil
	}
	if !w.run(outputs) {
		return nil
	}
	keys := outputKeys(m.Config["output_layers"], len(outputs))
	var out []output
	for i, r := range outputs {
		v := w.resolve(r)
		if v == nil {
			w.c.fail(op.Malformedf("model %s: output %s does not exist", m.name(), r.layer))
			return nil
		}
		name := r.layer
		if keys != nil {
			name = keys[i]
		}
		out = append(out, output{v, w.scope + name})
	}
	return out
}

// outputKeys returns the names of outputs that are a dictionary of values, nil for others.
func outputKeys(v any, outputs int) []string {
	w, _ := v.(map[string]any)
	if len(w) != outputs {
		return nil
	}
	return slices.Sorted(maps.Keys(w))
}

// pending is a call of a layer that waits for its arguments.
type pending struct {
	layer int
	call  call
	index int // which of the layer's calls
}

// run makes all calls of all layers in an order in which their arguments exist; outputs are the model's.
func (w *walk) run(outputs []reference) bool {
	var wait []pending
	for i, l := range w.layers {
		if w.calls[l.name()] != nil {
			continue // an input
		}
		calls, err := parseCalls(l)
		if err != nil {
			w.c.fail(fmt.Errorf("layer %s: %w", l.name(), err))
			return false
		}
		w.calls[l.name()] = make([][]*ir.Value, len(calls))
		for k, c := range calls {
			wait = append(wait, pending{i, c, k})
		}
	}
	w.renumber(wait, outputs)
	wait = w.needed(wait, outputs)
	if w.c.since(3, 8) {
		w.inOrder(wait, outputs)
	}
	for len(wait) > 0 {
		var left []pending
		for _, p := range wait {
			in, ready := w.arguments(p.call)
			if !ready {
				left = append(left, p)
				continue
			}
			out := w.apply(p.layer, in, p.call)
			if out == nil {
				return false
			}
			w.calls[w.layers[p.layer].name()][p.index] = out
		}
		if len(left) == len(wait) {
			l := w.layers[left[0].layer]
			w.c.fail(op.Malformedf("layer %s: what it reads is never made", l.name()))
			return false
		}
		wait = left
	}
	return true
}

// needed leaves out the calls that no output reads: what Keras 2's add_loss and add_metric added to a model, layers
// that are there twice among them, of which the file may have no weights.
func (w *walk) needed(calls []pending, outputs []reference) []pending {
	reads, ends := w.reads(calls, outputs)
	order := finished(reads, ends)
	slices.Sort(order)
	list := make([]pending, len(order))
	for k, i := range order {
		list[k] = calls[i]
	}
	if len(list) < len(calls) {
		w.c.warn("%d layers lead to no output and are left out: losses or metrics that add_loss or add_metric gave the model", len(calls)-len(list))
	}
	return list
}

// renumber makes references count a layer's calls from 0 in the order of the configuration. Keras 2, and 3.0 in
// arguments, count calls from the layer's own making, so that a nested model's first call here is its second. The last
// call of each layer is always referred to: by another, or as an output. Keras 3 counts a nested functional model's
// calls from 1 in outputs, whatever is referred to.
func (w *walk) renumber(wait []pending, outputs []reference) {
	refs := map[string][]*reference{}
	for i := range wait {
		for k := range wait[i].call.refs {
			r := &wait[i].call.refs[k]
			refs[r.layer] = append(refs[r.layer], r)
		}
	}
	out := refs
	if !w.c.keras2() {
		out = map[string][]*reference{}
	}
	for i := range outputs {
		out[outputs[i].layer] = append(out[outputs[i].layer], &outputs[i])
	}
	for name, list := range refs {
		last := 0
		for _, r := range list {
			last = max(last, r.node)
		}
		shiftBy(list, last-len(w.calls[name])+1)
	}
	if w.c.keras2() {
		return
	}
	for _, l := range w.layers {
		if isModel(l) && l.Class != "Sequential" {
			shiftBy(out[l.name()], 1)
		}
	}
}

// shiftBy takes what is positive off the numbers of calls.
func shiftBy(list []*reference, shift int) {
	for _, r := range list {
		r.node = max(0, r.node-max(0, shift))
	}
}

// arguments returns the values of a call's references; false where one is not there yet.
func (w *walk) arguments(c call) ([]*ir.Value, bool) {
	out := make([]*ir.Value, len(c.refs))
	for i, r := range c.refs {
		calls := w.calls[r.layer]
		if r.node >= len(calls) || calls[r.node] == nil || r.tensor >= len(calls[r.node]) {
			return nil, false
		}
		out[i] = calls[r.node][r.tensor]
	}
	return out, true
}

// resolve returns what an output refers to, nil where it does not exist.
func (w *walk) resolve(r reference) *ir.Value {
	calls := w.calls[r.layer]
	if r.node >= len(calls) || r.tensor >= len(calls[r.node]) {
		return nil
	}
	return calls[r.node][r.tensor]
}

// apply emits one call of a layer. nil is a failure that has been recorded.
func (w *walk) apply(i int, in []*ir.Value, k call) []*ir.Value {
	l := w.layers[i]
	if w.c.applied++; w.c.applied >= maxCalls {
		if w.c.applied == maxCalls {
			w.c.fail(fmt.Errorf("%w: layers are called more than %d times", op.ErrLimit, maxCalls))
		}
		return nil
	}
	words := map[string][]*ir.Value{}
	for _, n := range k.named {
		words[n.key] = in[n.from:n.to]
	}
	if len(k.refs) > 0 {
		in = in[:len(k.args)]
	}
	if v := words["inputs"]; len(in) == 0 && len(v) > 0 { // layer(inputs=x)
		in = v
		delete(words, "inputs")
	}
	if len(in) == 0 && len(words) == 0 && l.Class == "TFOpLambda" {
		w.c.fail(op.Unsupportedf("layer %s: Keras 2 does not save on what tf.%s is called; --replace %s=EXPR says what it computes", l.name(), l.text("function", "?"), l.name()))
		return nil
	}
	if len(in) == 0 && len(words) == 0 {
		w.c.fail(op.Malformedf("layer %s is called on nothing", l.name()))
		return nil
	}
	defer w.c.train.called(len(w.calls[l.name()]), isModel(l) && !l.flag("trainable", true))()
	path, at := w.path, w.at[i]
	if first := w.c.first[layerID{l.Class, at.name}]; first != nil && l.Shared != "" {
		path, at = first[:len(first)-1], first[len(first)-1]
	}
	if isModel(l) {
		w.c.scopes[w.scope+l.name()] = true
		if len(words) > 0 {
			w.c.fail(op.Unsupportedf("model %s is called with arguments by name: %v", l.name(), slices.Sorted(maps.Keys(words))))
			return nil
		}
		var out []*ir.Value
		for _, o := range w.c.model(l, w.scope+l.name()+"/", in, append(slices.Clone(path), at)...) {
			out = append(out, o.v)
		}
		return out
	}
	if mode := l.quantized(); mode != "" {
		w.c.fail(op.Unsupportedf("layer %s (%s): its weights are quantized to %s, which is not read: save the model before quantize", l.name(), l.Class, mode))
		return []*ir.Value{{Name: l.name()}}
	}
	convert := w.c.find(l)
	if convert == nil {
		w.c.fail(unknown(l))
		return []*ir.Value{{Name: l.name()}}
	}
	if in = firstArgument(l, in, words, k); in == nil {
		w.c.fail(op.Malformedf("layer %s (%s) is called on nothing", l.name(), l.Class))
		return nil
	}
	weights, err := w.c.store.weights(path, at)
	if err != nil {
		w.c.fail(fmt.Errorf("layer %s: %w", l.name(), err))
		return nil
	}
	if len(w.c.errs) > 0 {
		return []*ir.Value{{Name: l.name()}} // only look for more that is not known
	}
	x := &emit{Builder: w.c.b, converter: w.c, layer: l, in: in, words: words, call: k, weights: weights, path: path, at: at, frozen: w.c.train.frozen > 0 || !l.flag("trainable", true)}
	var out []*ir.Value
	w.c.scopes[w.scope+l.name()] = true
	w.c.b.Do(w.scope+l.name(), func() {
		defer func() { // what failed goes on with values of which nothing is known; its error is the one to tell
			if w.c.b.Err() != nil {
				_ = recover()
			}
		}()
		if !isOperation(l) {
			x.autocast()
		}
		if out = convert(x); w.c.b.Err() == nil {
			x.setMasks(out)
			out = x.activity(out)
		}
	})
	switch rest := l.unread(); {
	case w.c.b.Err() != nil:
		w.c.fail(fmt.Errorf("layer %s (%s): %w", l.name(), l.Class, w.c.b.Err()))
		return nil
	case len(rest) > 0:
		w.c.fail(op.Unsupportedf("layer %s (%s): arguments %v", l.name(), l.Class, rest))
	case len(x.weights) > 0:
		w.c.fail(op.Malformedf("layer %s (%s): %d weights are left over", l.name(), l.Class, len(x.weights)))
	}
	return out
}

// autocast makes float32, the type of all weights, of a layer's inputs that are other floats, as a function such as
// cast can make them.
func (x *emit) autocast() {
	x.in = slices.Clone(x.in)
	for i, v := range x.in {
		if v != nil && v.Fact.DType != tensor.Float32 && isFloat(v.Fact.DType) {
			x.in[i] = x.Cast(v, tensor.Float32)
			if m := x.converter.masks[v]; m != nil {
				x.converter.masks[x.in[i]] = m
			}
		}
	}
}

// firstArgument returns the positional arguments of a layer's call. The first may be given by its name,
// which is then no longer among the keywords. It is nil where there is none.
func firstArgument(l *layer, in []*ir.Value, words map[string][]*ir.Value, k call) []*ir.Value {
	if len(in) > 0 {
		return in
	}
	if isOperation(l) || strings.HasSuffix(l.Class, "Attention") {
		return []*ir.Value{}
	}
	for _, name := range []string{"inputs", "sequences", "x"} {
		if w := words[name]; w != nil {
			delete(words, name)
			delete(k.kwargs, name)
			return w
		}
	}
	return nil
}

// quantized returns what Keras's quantize made of a layer's weights, such as int8, or "".
func (l *layer) quantized() string {
	policy, _ := l.Config["dtype"].(map[string]any)
	config, _ := policy["config"].(map[string]any)
	mode, _ := config["mode"].(string)
	return mode
}

// unknown says what can be done about a layer that is not known.
func unknown(l *layer) error {
	switch {
	case l.Class == "Lambda":
		return op.Unsupportedf("layer %s: a Lambda holds Python code, which is never run; --replace %s=EXPR says what it computes", l.name(), l.name())
	case l.Registered != "" && l.Registered != l.Class:
		return op.Unsupportedf("layer %s of the custom class %s; --replace %s=EXPR says what it computes", l.name(), l.Registered, l.name())
	}
	if why := refused[l.Class]; why != "" {
		return op.Unsupportedf("layer %s of class %s: %s", l.name(), l.Class, why)
	}
	return op.Unsupportedf("layer %s of class %s", l.name(), l.Class)
}
