package keras

import (
	"bytes"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// training gathers what a file says of the model's training, for the recipe in the metadata.
type training struct {
	recipe recipe.Recipe
	vars   map[string]int              // the recipe's variables by name
	parts  map[*ir.Value][]recipe.Part // of constants, which variables they hold
	moved  map[*ir.Value]*ir.Value     // of constants in another layout, what they were
	marks  map[*ir.Node]mark
	folds  []fold
	drops  []dropping
	steps  map[*ir.Node]int // of normalisations, how many steps of a series are in a batch; see recipe.Recipe
	frozen int              // models around that are not trained

	outputs []string // names of the model's outputs
	keras2  bool     // who compiled it

	again     int                  // layers and models around that are called more than once
	constants map[string]*ir.Value // of those, by name
}

func newTraining() *training {
	return &training{
		vars: map[string]int{}, parts: map[*ir.Value][]recipe.Part{}, marks: map[*ir.Node]mark{},
		constants: map[string]*ir.Value{}, steps: map[*ir.Node]int{},
	}
}

// mark is an Identity node that stands where training does something, until the passes are done.
type mark struct {
	noise    *recipe.Noise
	activity *recipe.Regularizer
}

// dropping is a recurrent node that drops in training.
type dropping struct {
	node *ir.Node
	what recipe.Recurrent
}

// fold is a BatchNormalization that has become part of a convolution.
type fold struct {
	conv                                      *ir.Node
	kernel, gamma, beta, mean, variance, bias *ir.Value // as they were; bias is nil where the convolution had none
	epsilon, momentum                         float32
	steps                                     int
}

// called counts a layer's or model's call as one of several, or as one inside a frozen model, until the
// function returned is called.
func (t *training) called(times int, frozen bool) (done func()) {
	again, held := 0, 0
	if times > 1 {
		again = 1
	}
	if frozen {
		held = 1
	}
	t.again += again
	t.frozen += held
	return func() {
		t.again -= again
		t.frozen -= held
	}
}

// record notes a weight that a layer takes as a variable.
func (x *emit) record(name string, t *tensor.Tensor[float32]) {
	tr, full := x.converter.train, x.Scope+"/"+x.prefix+name
	if x.taken == nil {
		x.taken = map[string]string{}
	}
	x.taken[name] = full
	if _, ok := tr.vars[full]; ok { // a further call of the layer
		return
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	v := recipe.Variable{Name: full, Shape: t.Shape().Clone(), Frozen: x.frozen}
	v.Parted, v.Perm = orderOf(x.layer, base, v.Shape)
	switch base {
	case "moving_mean", "moving_variance":
		v.Statistic = true
	case "mean", "variance", "vector_u":
		v.Frozen = true
	}
	kind := strings.TrimSuffix(base, "_kernel")
	v.Regularizer = x.regularizer(full, x.layer.Config[kind+"_regularizer"])
	v.Constraint = x.constraint(full, x.layer.Config[kind+"_constraint"], len(v.Shape))
	tr.vars[full] = len(tr.recipe.Variables)
	tr.recipe.Variables = append(tr.recipe.Variables, v)
}

// orderOf returns how a layer's weight is held: the sizes that its shape is parted to, nil where it is not,
// and which axes then follow each other, nil where they stay. The order of a recurrent layer's gates is
// left out: no regularizer and no constraint depends on it.
func orderOf(l *layer, base string, shape []int) (parted, perm []int) {
	n := len(shape) - 2
	switch c := l.Class; {
	case n == 0 && (base == "kernel" || base == "recurrent_kernel") && recurrentGates(c) > 0:
		gates := recurrentGates(c)
		return []int{shape[0], gates, shape[1] / gates}, []int{1, 2, 0}
	case n < 1:
		return nil, nil
	case base == "depthwise_kernel", base == "kernel" && strings.HasPrefix(c, "Depthwise"):
		perm = []int{n, n + 1}
		for i := range n {
			perm = append(perm, i)
		}
		return nil, perm
	case base == "pointwise_kernel", base == "kernel" && strings.HasPrefix(c, "Conv"):
		return nil, kernelPerm(n)
	}
	return nil, nil
}

func recurrentGates(class string) int {
	switch strings.TrimSuffix(class, "Cell") {
	case "SimpleRNN":
		return 1
	case "GRU":
		return 3
	case "LSTM":
		return 4
	}
	return 0
}

// holds notes which variables a constant is made of.
func (x *emit) holds(v *ir.Value, parts ...recipe.Part) {
	x.converter.train.parts[v] = parts
}

// hold notes that a constant is the variable of a name, if that has been taken.
func (x *emit) hold(v *ir.Value, name string) {
	full := x.taken[name]
	if i, ok := x.converter.train.vars[full]; ok && x.converter.train.recipe.Variables[i].Len() == v.Data.Len() {
		x.holds(v, recipe.Part{Variable: full})
	}
}

// whole is the one part of a constant that holds a weight which has been taken.
func (x *emit) whole(name string) []recipe.Part { return []recipe.Part{{Variable: x.taken[name]}} }

// known returns the constant of a layer that is called more than once, if a call before has made it.
func (t *training) known(name string, data tensor.Any) *ir.Value {
	if t.again == 0 {
		return nil
	}
	old := t.constants[name]
	if old == nil || old.Data.DType() != data.DType() || !old.Data.Shape().Equal(data.Shape()) || !bytes.Equal(tensor.Bytes(old.Data), tensor.Bytes(data)) {
		return nil
	}
	return old
}

// mark puts a node between a value and what will read it, to find the place when the passes are done.
func (x *emit) mark(v *ir.Value, m mark) *ir.Value {
	y := x.Op("Identity", v)
	if y.Node != nil && x.Err() == nil {
		x.converter.train.marks[y.Node] = m
	}
	return y
}

// noise marks where a layer drops or adds something in training. shared are axes along which there is one
// draw.
func (x *emit) noise(v *ir.Value, class string, rate float64, shared ...int) *ir.Value {
	if rate == 0 {
		return v
	}
	return x.mark(v, mark{noise: &recipe.Noise{Layer: x.Scope, Class: class, Rate: rate, Shared: shared}})
}

// activity marks the outputs of a layer with a penalty.
func (x *emit) activity(out []*ir.Value) []*ir.Value {
	r := x.regularizer(x.Scope, x.layer.Config["activity_regularizer"])
	if r == nil || x.Err() != nil {
		return out
	}
	for i, v := range out {
		y := x.mark(v, mark{activity: r})
		if m := x.converter.masks[v]; m != nil {
			x.converter.masks[y] = m
		}
		out[i] = y
	}
	return out
}

// pushMark is for a mark: the axes along which there is one draw move with the others.
func pushMark(t *training) pusher {
	return func(l *layout, n *ir.Node) bool {
		w := l.view(n.In[0])
		if !pushUnary(l, n) {
			return false
		}
		if m, ok := t.marks[n]; ok && m.noise != nil {
			for i, a := range m.noise.Shared {
				m.noise.Shared[i] = w.perm[a]
			}
		}
		return true
	}
}

// unmark takes the marks out of the graph and notes where they were.
func (t *training) unmark(g *ir.Graph, outs []output) []placed {
	if len(t.marks) == 0 {
		return nil
	}
	var found []placed
	var kept []*ir.Node
	at := map[*ir.Value][]int{} // by value that a mark gave, the places whose readers read it
	source := map[*ir.Value]*ir.Value{}
	for _, n := range g.Nodes {
		if m, ok := t.marks[n]; ok {
			v := n.In[0]
			if s := source[v]; s != nil {
				at[n.Out[0]] = append(at[n.Out[0]], at[v]...)
				v = s
			}
			source[n.Out[0]] = v
			at[n.Out[0]] = append(at[n.Out[0]], len(found))
			found = append(found, placed{mark: m, value: v})
			continue
		}
		for i, v := range n.In {
			if s := source[v]; v != nil && s != nil {
				for _, k := range at[v] {
					found[k].readers = append(found[k].readers, reader{n, i})
				}
				n.In[i] = s
			}
		}
		kept = append(kept, n)
	}
	for i, o := range outs {
		if s := source[o.v]; s != nil {
			for _, k := range at[o.v] {
				found[k].readers = append(found[k].readers, reader{nil, i})
			}
			outs[i].v = s
		}
	}
	g.Nodes = kept
	return found
}

// placed is a mark that has been taken out, with its place.
type placed struct {
	mark
	value   *ir.Value
	readers []reader
}

// reader is an input of a node, or an output of the graph where the node is nil.
type reader struct {
	node  *ir.Node
	input int
}

// finish completes the recipe from the graph as it will be written.
func (t *training) finish(g *ir.Graph, found []placed) {
	r := &t.recipe
	r.Weights = map[string][]recipe.Part{}
	used := map[string]bool{}
	seen := map[*ir.Value]bool{}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			if v == nil || v.Kind != ir.Const || seen[v] || v.Fact.DType != tensor.Float32 {
				continue
			}
			seen[v] = true
			parts := t.partsOf(v)
			if parts == nil {
				if v.Data.Shape().Rank() > 0 {
					r.Fixed = append(r.Fixed, v.Name)
				}
				continue
			}
			for _, p := range parts {
				used[p.Variable] = true
			}
			if len(parts) != 1 || parts[0].Variable != v.Name {
				r.Weights[v.Name] = parts
			}
		}
	}
	for _, f := range t.folds {
		t.fold(f, used)
	}
	var kept []recipe.Variable
	for _, v := range r.Variables {
		if used[v.Name] {
			kept = append(kept, v)
		}
	}
	r.Variables = kept
	for _, p := range found {
		t.place(p)
	}
	for n, steps := range t.steps {
		if slices.Contains(g.Nodes, n) {
			t.series(firstOut(n), steps)
		}
	}
	for _, d := range t.drops {
		if !slices.Contains(g.Nodes, d.node) {
			continue // no output needs it
		}
		d.what.Node = firstOut(d.node)
		r.Recurrent = append(r.Recurrent, d.what)
	}
}

// mask notes which steps of an output count in its loss, where the graph has a value that says it.
func (t *training) mask(g *ir.Graph, output, m *ir.Value) {
	if m.Node == nil || !slices.Contains(g.Nodes, m.Node) {
		t.note("output %s: its mask, which no node needs: all steps count in the loss", output.Name)
		return
	}
	if t.recipe.Masks == nil {
		t.recipe.Masks = map[string]string{}
	}
	t.recipe.Masks[output.Name] = m.Name
}

// partsOf returns the variables that a constant holds, in whatever layout.
func (t *training) partsOf(v *ir.Value) []recipe.Part {
	if p := t.parts[v]; p != nil {
		return p
	}
	if old := t.moved[v]; old != nil {
		return t.parts[old]
	}
	return nil
}

// fold notes a normalisation that a convolution has taken in, with the data that is nowhere else.
func (t *training) fold(f fold, used map[string]bool) {
	variable := func(v *ir.Value) string {
		parts := []recipe.Part(nil)
		if v != nil {
			parts = t.partsOf(v)
		}
		if len(parts) != 1 {
			return ""
		}
		name := parts[0].Variable
		used[name] = true
		t.recipe.Variables[t.vars[name]].Data = recipe.Bytes(v.Data.(*tensor.Tensor[float32]).Data())
		return name
	}
	t.recipe.Folded = append(t.recipe.Folded, recipe.Folded{
		Node: f.conv.Out[0].Name, Kernel: f.conv.In[1].Name, Shift: f.conv.In[2].Name,
		Gamma: variable(f.gamma), Beta: variable(f.beta), Mean: variable(f.mean), Variance: variable(f.variance), Bias: variable(f.bias),
		Epsilon: float64(f.epsilon), Momentum: float64(f.momentum),
	})
	if f.steps > 1 {
		t.series(f.conv.Out[0].Name, f.steps)
	}
}

// series notes how many steps are in a batch of a normalisation.
func (t *training) series(node string, steps int) {
	if steps > recipe.MaxSteps {
		t.note("normalisation %s inside TimeDistributed: of %d steps all have the same statistics", node, steps)
		return
	}
	if t.recipe.Steps == nil {
		t.recipe.Steps = map[string]int{}
	}
	t.recipe.Steps[node] = steps
}

// place notes what was marked.
func (t *training) place(p placed) {
	if p.activity != nil {
		t.recipe.Activity = append(t.recipe.Activity, recipe.Activity{Value: p.value.Name, Regularizer: *p.activity})
		return
	}
	n := *p.noise
	n.Value = p.value.Name
	for _, r := range p.readers {
		if r.node == nil {
			n.Readers = append(n.Readers, recipe.Reader{Input: r.input})
		} else {
			n.Readers = append(n.Readers, recipe.Reader{Node: firstOut(r.node), Input: r.input})
		}
	}
	t.recipe.Noise = append(t.recipe.Noise, n)
}

// firstOut returns the name of a node's first output that is there.
func firstOut(n *ir.Node) string {
	for _, v := range n.Out {
		if v != nil {
			return v.Name
		}
	}
	return ""
}
