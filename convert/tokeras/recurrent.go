package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveRecurrent makes an LSTM, GRU or SimpleRNN of one direction, from zero states.
func saveRecurrent(s *saver, n *ir.Node) error {
	for i, v := range n.In {
		if i > 3 && v != nil {
			return op.Unsupportedf("lengths of sequences, first states or peepholes")
		}
	}
	direction := attrString(n, "direction", "forward")
	if direction == "bidirectional" || attrInt(n, "layout", 0) != 0 || n.Attr("clip") != nil || attrInt(n, "input_forget", 0) != 0 {
		return op.Unsupportedf("two directions, layout, clip or input_forget")
	}
	w, err := weightOf(n.In[1], 3)
	if err != nil {
		return err
	}
	r, err := weightOf(n.In[2], 3)
	if err != nil {
		return err
	}
	units := r.Shape[2]
	config := map[string]any{"units": units, "go_backwards": direction == "reverse", "use_bias": len(n.In) > 3 && n.In[3] != nil}
	class, order, err := cellOf(n, config)
	if err != nil {
		return err
	}
	vars := []hdf5.Array{gates(w, units, order), gates(r, units, order)}
	if config["use_bias"] == true {
		b, err := weightOf(n.In[3], 2)
		if err != nil {
			return err
		}
		vars = append(vars, gateBias(b.Data, units, order, config["reset_after"] == true))
	}
	x := s.held[n.In[0]]
	if x.as == steps {
		x.as = plain
	} else {
		x = held{layer: s.add(kerasOps+"numpy", "Transpose", map[string]any{"axes": []int{1, 0, 2}}, s.plain(n.In[0])).name}
	}
	used := func(i int) bool { return i < len(n.Out) && n.Out[i] != nil && len(s.uses[n.Out[i]]) > 0 }
	sequences, state := used(0), used(2)
	config["return_sequences"], config["return_state"] = sequences, state || sequences && used(1)
	l := s.add("keras.layers", class, config, x)
	l.parts = map[string][]hdf5.Array{"cell": vars}
	if sequences {
		h := held{layer: l.name, as: stepsDir}
		if direction == "reverse" { // Keras leaves the steps in the order in which it computes them
			h.layer = s.add(kerasOps+"numpy", "Flip", map[string]any{"axis": 1}, held{layer: l.name}).name
		}
		s.held[n.Out[0]] = h
	}
	for i := 1; i < 3; i++ {
		if !used(i) {
			continue
		}
		h := held{layer: l.name, as: dir}
		if config["return_state"] == true {
			h.tensor = i
		}
		s.held[n.Out[i]] = h
	}
	return nil
}

// cellOf returns the layer's class and where in ONNX's order each of Keras's gates is.
func cellOf(n *ir.Node, config map[string]any) (string, []int, error) {
	names, _ := n.Attr("activations").([]string)
	name := func(i int, def string) (string, error) {
		if i >= len(names) {
			return def, nil
		}
		if k, ok := map[string]string{"Tanh": "tanh", "Sigmoid": "sigmoid", "Relu": "relu", "Softsign": "softsign", "Softplus": "softplus"}[names[i]]; ok {
			return k, nil
		}
		return "", op.Unsupportedf("activation %s", names[i])
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
