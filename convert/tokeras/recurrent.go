package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// saveRecurrent makes an LSTM, GRU or SimpleRNN, or two for the two directions of a node.
func saveRecurrent(s *saver, n *ir.Node) error {
	if len(n.In) > 7 && n.In[7] != nil {
		return op.Unsupportedf("peepholes")
	}
	if attrInt(n, "layout", 0) != 0 || n.Attr("clip") != nil || attrInt(n, "input_forget", 0) != 0 {
		return op.Unsupportedf("layout, clip or input_forget")
	}
	if m := s.masked[n]; m != nil {
		return s.saveMasked(n, m)
	}
	way := attrString(n, "direction", "forward")
	states, err := s.firstStates(n, way)
	if err != nil {
		return err
	}
	x := s.held[n.In[0]]
	if x.as == steps {
		x.as = plain
	} else {
		x = held{layer: s.add(kerasOps+"numpy", "Transpose", map[string]any{"axes": []int{1, 0, 2}}, s.plain(n.In[0])).name}
	}
	mask, err := s.stepsMask(n, x)
	if err != nil {
		return err
	}
	if way != "bidirectional" {
		out, err := s.recurrent(n, 0, way == "reverse", x, mask, true, states)
		if err != nil {
			return err
		}
		for i, v := range n.Out {
			if v != nil {
				s.held[v] = out[i]
			}
		}
		return nil
	}
	half := len(states) / 2
	there, err := s.recurrent(n, 0, false, x, mask, true, states[:half])
	if err != nil {
		return err
	}
	back, err := s.recurrent(n, 1, true, x, mask, true, states[half:])
	if err != nil {
		return err
	}
	for i, v := range n.Out {
		if v == nil || len(s.uses[v]) == 0 {
			continue
		}
		if i > 0 {
			s.put(v, plain, kerasOps+"numpy", "Stack", map[string]any{"axis": 0}, []held{there[i], back[i]})
			continue
		}
		both := s.add(kerasOps+"numpy", "Stack", map[string]any{"axis": 1}, []held{there[0], back[0]})
		s.put(v, plain, kerasOps+"numpy", "Transpose", map[string]any{"axes": []int{2, 1, 0, 3}}, held{layer: both.name})
	}
	return nil
}

// firstStates returns the states that a node starts with, as (batch, units), those of one direction behind those
// of the other; none where they are zero.
func (s *saver) firstStates(n *ir.Node, way string) ([]held, error) {
	var first, second []held
	for _, v := range n.In[min(5, len(n.In)):] {
		if v == nil || isZero(v) {
			continue
		}
		if v.Kind == ir.Const {
			return nil, op.Unsupportedf("first states that are constant")
		}
		h := s.held[v]
		switch {
		case way == "bidirectional":
			h = s.plain(v)
			first = append(first, s.then(h, kerasOps+"numpy", "GetItem", map[string]any{}, []any{0}))
			h = s.then(h, kerasOps+"numpy", "GetItem", map[string]any{}, []any{1})
			second = append(second, h)
			continue
		case h.as == dir:
			h.as = plain
		default:
			h = s.then(s.plain(v), kerasOps+"numpy", "Squeeze", map[string]any{"axis": 0})
		}
		first = append(first, h)
	}
	if n.Op == "LSTM" && len(first) == 1 {
		return nil, op.Unsupportedf("one of two first states")
	}
	return append(first, second...), nil
}

var recurrentOps = map[string]bool{"LSTM": true, "GRU": true, "RNN": true}

// movers are operators whose result is zero where their first input is.
var movers = map[string]bool{"ConstantOfShape": true, "Expand": true, "Slice": true, "Gather": true, "Unsqueeze": true, "Squeeze": true, "Reshape": true, "Transpose": true, "Identity": true, "Tile": true, "Split": true, "Cast": true}

// isZero reports whether a value is zero throughout, as the first states of a recurrent layer are by default. What
// makes it is left out where such layers alone read it: see forStates.
func isZero(v *ir.Value) bool {
	for range 100 {
		if data, _, ok := constant(v); ok {
			return !slices.ContainsFunc(data, func(x float32) bool { return x != 0 })
		}
		if v.Node == nil || !movers[v.Node.Op] || v.Node.In[0] == nil {
			return false
		}
		if v.Node.Op == "ConstantOfShape" {
			value, given := v.Node.Attr("value").(*tensor.Tensor[float32])
			return !given && v.Node.Attr("value") == nil || given && !slices.ContainsFunc(value.Data(), func(x float32) bool { return x != 0 })
		}
		v = v.Node.In[0]
	}
	return false
}

// forStates reports whether all that reads a node's output takes it as the first states of a recurrent layer.
func (s *saver) forStates(n *ir.Node) bool {
	for _, v := range n.Out {
		for _, u := range s.uses[v] {
			switch {
			case u == nil:
				return false
			case recurrentOps[u.Op]:
				if at := slices.Index(u.In, v); at < 5 || at > 6 {
					return false
				}
			case !movers[u.Op] || u.In[0] != v || !s.forStates(u):
				return false
			}
		}
	}
	return true
}

// stepsMask returns which steps count, of the lengths of the sequences; an empty tensor where all do.
func (s *saver) stepsMask(n *ir.Node, x held) (held, error) {
	if len(n.In) < 5 || n.In[4] == nil {
		return held{}, nil
	}
	if n.In[4].Kind == ir.Const {
		return held{}, op.Unsupportedf("lengths of sequences that are constant")
	}
	one := s.then(x, kerasOps+"numpy", "GetItem", map[string]any{}, []any{sliceOf(nil, nil, nil), sliceOf(nil, nil, nil), 0})
	one = s.then(one, kerasOps+"numpy", "OnesLike", map[string]any{"dtype": "int32"})
	step := s.then(one, kerasOps+"numpy", "Cumsum", map[string]any{"axis": 1})
	lengths := s.then(s.plain(n.In[4]), kerasOps+"numpy", "ExpandDims", map[string]any{"axis": 1})
	return s.then(step, kerasOps+"numpy", "LessEqual", map[string]any{}, lengths), nil
}

// direction returns the weights of one direction.
func direction(a hdf5.Array, i int) hdf5.Array {
	k := len(a.Data) / a.Shape[0]
	return hdf5.Array{Shape: append([]int{1}, a.Shape[1:]...), Data: a.Data[i*k : (i+1)*k]}
}

// recurrent makes the layer of one direction and returns the node's outputs of it.
// zeros says that masked steps give zeros.
func (s *saver) recurrent(n *ir.Node, i int, back bool, x, mask held, zeros bool, states []held) (out [3]held, err error) {
	w, err := weightOf(n.In[1], 3)
	if err != nil {
		return out, err
	}
	r, err := weightOf(n.In[2], 3)
	if err != nil {
		return out, err
	}
	units := r.Shape[2]
	config := map[string]any{"units": units, "go_backwards": back, "use_bias": len(n.In) > 3 && n.In[3] != nil}
	class, order, err := cellOf(n, i, config)
	if err != nil {
		return out, err
	}
	vars := []hdf5.Array{gates(direction(w, i), units, order), gates(direction(r, i), units, order)}
	if config["use_bias"] == true {
		b, err := weightOf(n.In[3], 2)
		if err != nil {
			return out, err
		}
		vars = append(vars, gateBias(direction(b, i).Data, units, order, config["reset_after"] == true))
	}
	used := func(i int) bool { return i < len(n.Out) && n.Out[i] != nil && len(s.uses[n.Out[i]]) > 0 }
	sequences, state := used(0), used(2)
	if m := s.masked[n]; m != nil {
		state = state || m.apart(n)
	}
	config["return_sequences"], config["return_state"] = sequences, state || sequences && used(1)
	args := []any{x}
	if len(states) > 0 {
		args = append(args, states)
	}
	if mask.layer != "" {
		for len(args) < 2 {
			args = append(args, nil)
		}
		args = append(args, mask)
		config["zero_output_for_mask"] = zeros
	}
	l := s.add("keras.layers", class, config, args...)
	l.parts = map[string][]hdf5.Array{"cell": vars}
	out[0] = held{layer: l.name, as: stepsDir}
	if sequences && back { // Keras leaves the steps in the order in which it computes them
		out[0].layer = s.add(kerasOps+"numpy", "Flip", map[string]any{"axis": 1}, held{layer: l.name}).name
	}
	for i := 1; i < 3; i++ {
		out[i] = held{layer: l.name, as: dir}
		if config["return_state"] == true {
			out[i].tensor = i
		}
	}
	return out, nil
}

// cellOf returns the class of a direction's layer and where in ONNX's order each of Keras's gates is.
func cellOf(n *ir.Node, direction int, config map[string]any) (string, []int, error) {
	names, _ := n.Attr("activations").([]string)
	if each := map[string]int{"RNN": 1, "GRU": 2, "LSTM": 3}[n.Op]; len(names) == 2*each {
		names = names[direction*each:][:each]
	}
	name := func(i int, def string) (string, error) {
		if i >= len(names) {
			return def, nil
		}
		if k, ok := map[string]string{"Tanh": "tanh", "Sigmoid": "sigmoid", "Relu": "relu", "Softsign": "softsign", "Softplus": "softplus"}[names[i]]; ok {
			return k, nil
		}
		alpha, _ := n.Attr("activation_alpha").([]float32)
		beta, _ := n.Attr("activation_beta").([]float32)
		if names[i] == "HardSigmoid" && len(alpha) > 0 && len(beta) > 0 && slices.Max(alpha) == 1./6 && slices.Min(alpha) == 1./6 && slices.Max(beta) == .5 && slices.Min(beta) == .5 {
			return "hard_sigmoid", nil
		}
		return "", op.Unsupportedf("activation %s, with numbers that are not Keras's", names[i])
	}
	var err error
	if n.Op == "RNN" {
		config["activation"], err = name(0, "tanh")
		return "SimpleRNN", []int{0}, err
	}
	if config["recurrent_activation"], err = name(0, "sigmoid"); err != nil {
		return "", nil, err
	}
	if config["activation"], err = name(1, "tanh"); err != nil {
		return "", nil, err
	}
	if n.Op == "GRU" {
		config["reset_after"] = attrInt(n, "linear_before_reset", 0) != 0
		return "GRU", []int{0, 1, 2}, nil
	}
	if len(names) > 2 && names[2] != names[1] {
		return "", nil, op.Unsupportedf("activations %v", names)
	}
	return "LSTM", []int{0, 2, 3, 1}, nil
}

// gates turns a weight (1, gates*units, n) into Keras's (n, gates*units).
func gates(a hdf5.Array, units int, order []int) hdf5.Array {
	n := a.Shape[2]
	out := hdf5.Array{Shape: []int{len(order) * units, n}}
	for _, g := range order {
		out.Data = append(out.Data, a.Data[g*units*n:(g+1)*units*n]...)
	}
	return permuted(out, 1, 0)
}

// gateBias turns the biases of inputs and of states, one behind the other, into Keras's one, or two in a
// GRU that resets after the product.
func gateBias(b []float32, units int, order []int, both bool) hdf5.Array {
	k := len(order) * units
	var in, state []float32
	for _, g := range order {
		in = append(in, b[g*units:(g+1)*units]...)
		state = append(state, b[k+g*units:k+(g+1)*units]...)
	}
	if both {
		return hdf5.Array{Shape: []int{2, k}, Data: slices.Concat(in, state)}
	}
	for i := range in {
		in[i] += state[i]
	}
	return hdf5.Array{Shape: []int{k}, Data: in}
}
