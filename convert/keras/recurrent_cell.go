package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// cell is one recurrent cell with its weights in the order of ONNX: gates i, o, f, c of an LSTM, z, r, h of a GRU.
type cell struct {
	op         string // LSTM, GRU or RNN
	units      int
	features   int
	resetAfter bool      // of a GRU: the reset gate works on the product with the recurrent kernel
	w, r, b    []float32 // (gates·units, features), (gates·units, units), (2·gates·units) or nil
	functions  []function
	held       [3][]recipe.Part // what w, r and b are made of
	drops      recipe.Recurrent // in training
}

// function is an activation as ONNX's recurrent operators name it.
type function struct {
	name        string    // empty where they lack it
	alpha, beta []float32 // one number, where the function has it
	keras       string    // Keras's name
}

// states is how many states a cell has.
func (c *cell) states() int {
	if c.op == "LSTM" {
		return 2
	}
	return 1
}

// fits reports whether two cells can be the two directions of one node.
func (c *cell) fits(d *cell) bool {
	return !c.other() && !d.other() && c.op == d.op && c.units == d.units && c.features == d.features && c.resetAfter == d.resetAfter
}

// cellOf reads a cell from the arguments of its own layer or of a recurrent one, and takes its weights.
func (x *emit) cellOf(l *layer) *cell {
	c := &cell{units: l.integer("units", 0), features: -1}
	if c.units <= 0 || c.units > 1<<20 {
		x.Fail(op.Malformedf("units=%v", l.get("units")))
		return nil
	}
	for _, k := range []string{"unit_forget_bias", "use_cudnn", "input_dim"} {
		l.get(k)
	}
	gates := 1
	switch l.Class {
	case "SimpleRNN", "SimpleRNNCell":
		c.op = "RNN"
	case "LSTM", "LSTMCell":
		c.op, gates = "LSTM", 4
	case "GRU", "GRUCell":
		c.op, gates = "GRU", 3
		// Keras 2 had it off in its first form of the layer, which does not write the argument.
		c.resetAfter = l.flag("reset_after", !x.converter.keras2())
	case "CuDNNLSTM":
		c.op, gates = "LSTM", 4
	case "CuDNNGRU":
		c.op, gates, c.resetAfter = "GRU", 3, true
	default:
		x.Fail(op.Unsupportedf("a recurrent cell of class %s", l.Class))
		return nil
	}
	if l.Class == "CuDNNLSTM" || l.Class == "CuDNNGRU" {
		x.cudnnWeights(c, gates)
	} else {
		x.cellWeights(c, gates, l.flag("use_bias", true))
	}
	x.drops(c, l)
	act := x.function(l, "activation", "tanh")
	switch c.op {
	case "RNN":
		c.functions = []function{act}
	case "LSTM":
		c.functions = []function{x.function(l, "recurrent_activation", "sigmoid"), act, act}
	case "GRU":
		c.functions = []function{x.function(l, "recurrent_activation", "sigmoid"), act}
	}
	if x.Err() != nil {
		return nil
	}
	return c
}

// drops notes what a cell drops in training. LSTM and GRU have masks for each gate where the state is masked too,
// or implementation=1 asks for it; a layer's one mask of its input alone is recurrent's to place.
func (x *emit) drops(c *cell, l *layer) {
	d := recipe.Recurrent{Layer: x.Scope, Rate: l.num("dropout", 0), StateRate: l.num("recurrent_dropout", 0)}
	d.EachGate = c.op != "RNN" && (d.StateRate != 0 || l.integer("implementation", 2) == 1)
	if x.prefix == "" && d.StateRate == 0 && !d.EachGate {
		return
	}
	c.drops = d
}

// cellWeights takes kernel, recurrent_kernel and bias.
func (x *emit) cellWeights(c *cell, gates int, bias bool) {
	n := gates * c.units
	k := x.take("kernel", -1, n)
	r := x.take("recurrent_kernel", c.units, n)
	if k == nil || r == nil {
		return
	}
	c.features = k.Shape()[0]
	c.w = gateRows(k.Data(), c.features, c.units, gates)
	c.r = gateRows(r.Data(), c.units, c.units, gates)
	c.held = [3][]recipe.Part{x.whole("kernel"), x.whole("recurrent_kernel"), {{Zeros: 2 * n}}}
	if !bias {
		return
	}
	var b *tensor.Tensor[float32]
	if c.op == "GRU" && c.resetAfter {
		b = x.take("bias", 2, n)
	} else {
		b = x.take("bias", n)
	}
	if b == nil {
		return
	}
	c.b = make([]float32, 2*n)
	copy(c.b, gateRows(b.Data()[:n], 1, c.units, gates))
	c.held[2] = x.whole("bias")
	if len(b.Data()) == n { // ONNX has another one for the recurrent product
		c.held[2] = append(c.held[2], recipe.Part{Zeros: n})
	}
	if len(b.Data()) == 2*n {
		copy(c.b[n:], gateRows(b.Data()[n:], 1, c.units, gates))
	}
}

// cudnnWeights takes the weights of the layers that Keras had for cuDNN. Their kernels are transposed
// gate by gate, keeping the shape, and there is a bias for each kernel.
func (x *emit) cudnnWeights(c *cell, gates int) {
	n := gates * c.units
	k := x.take("kernel", -1, n)
	r := x.take("recurrent_kernel", c.units, n)
	b := x.take("bias", 2*n)
	if k == nil || r == nil || b == nil {
		return
	}
	c.features = k.Shape()[0]
	c.held = [3][]recipe.Part{x.whole("kernel"), x.whole("recurrent_kernel"), x.whole("bias")}
	c.w = gateRows(refilled(k.Data(), c.features, c.units, gates), c.features, c.units, gates)
	c.r = gateRows(refilled(r.Data(), c.units, c.units, gates), c.units, c.units, gates)
	c.b = slices.Concat(gateRows(b.Data()[:n], 1, c.units, gates), gateRows(b.Data()[n:], 1, c.units, gates))
}

// refilled brings each gate's part (rows, units) of a kernel of cuDNN to Keras's order: its numbers read
// along the rows fill it along the columns.
func refilled(k []float32, rows, units, gates int) []float32 {
	out := make([]float32, len(k))
	width := gates * units
	for g := range gates {
		for i := range rows * units {
			out[i%rows*width+g*units+i/rows] = k[i/units*width+g*units+i%units]
		}
	}
	return out
}

// onnxGates are the places of ONNX's gates among Keras's, by their number.
var onnxGates = map[int][]int{1: {0}, 3: {0, 1, 2}, 4: {0, 3, 1, 2}}

// gateRows turns a kernel (rows, gates·units) into (gates·units, rows) with the gates in ONNX's order.
func gateRows(k []float32, rows, units, gates int) []float32 {
	out := make([]float32, len(k))
	width := gates * units
	for g, from := range onnxGates[gates] {
		for u := range units {
			for d := range rows {
				out[(g*units+u)*rows+d] = k[d*width+from*units+u]
			}
		}
	}
	return out
}

// function reads an activation of a recurrent layer.
func (x *emit) function(l *layer, key, def string) function {
	name := def
	if l.has(key) {
		var args map[string]any
		name, args = activationName(l.get(key))
		for k, v := range args {
			if k != "name" && k != "dtype" && k != "trainable" && v != nil {
				x.Fail(op.Unsupportedf("argument %s of activation %s of a recurrent layer", k, name))
			}
		}
	} else if _, null := l.Config[key]; null {
		name = "linear"
	}
	f := x.onnxFunction(name)
	if f.keras = name; f.name == "" && activations[name] == nil {
		x.Fail(op.Unsupportedf("activation %s of a recurrent layer", name))
	}
	return f
}

// onnxFunction returns an activation as ONNX's recurrent operators have it, nothing where they lack it.
func (x *emit) onnxFunction(name string) function {
	one := func(v float32) []float32 { return []float32{v} }
	switch name {
	case "tanh":
		return function{name: "Tanh"}
	case "sigmoid":
		return function{name: "Sigmoid"}
	case "relu":
		return function{name: "Relu"}
	case "linear":
		return function{name: "Affine", alpha: one(1), beta: one(0)}
	case "hard_sigmoid":
		if x.converter.keras2() {
			return function{name: "HardSigmoid", alpha: one(.2), beta: one(.5)}
		}
		return function{name: "HardSigmoid", alpha: one(1. / 6), beta: one(.5)}
	case "leaky_relu":
		return function{name: "LeakyRelu", alpha: one(.2)}
	case "elu":
		return function{name: "Elu", alpha: one(1)}
	case "softsign":
		return function{name: "Softsign"}
	case "softplus":
		return function{name: "Softplus"}
	}
	return function{}
}

// activationName reads the name of an activation and the arguments of one that is serialised as an object.
func activationName(v any) (string, map[string]any) {
	switch v := v.(type) {
	case string:
		return v, nil
	case map[string]any:
		switch config := v["config"].(type) {
		case string:
			return config, nil
		case map[string]any:
			if class, ok := v["class_name"].(string); ok {
				return snake(class), config
			}
		}
	}
	return "?", nil
}

// floats joins the directions' parts of a weight.
func floats(cells []*cell, part func(*cell) []float32, dims ...int) tensor.Any {
	var all []float32
	for _, c := range cells {
		all = append(all, part(c)...)
	}
	t, err := tensor.New(all, append([]int{len(cells)}, dims...)...)
	if err != nil {
		return tensor.Scalar(float32(0))
	}
	return t
}

// node emits one recurrent node for a cell, or for one of each direction. v is (time, batch,
// features), init holds each state as (directions, batch, units) and may be nil, as lengths may. It
// returns all steps (time, directions, batch, units) and the last states (directions, batch, units).
func (x *emit) node(cells []*cell, v *ir.Value, init []*ir.Value, lengths *ir.Value, direction, suffix string) (*ir.Value, []*ir.Value) {
	c := cells[0]
	rows := len(c.w) / max(1, c.features)
	in := []*ir.Value{
		v,
		x.constant("kernel"+suffix, floats(cells, func(c *cell) []float32 { return c.w }, rows, c.features)),
		x.constant("recurrent_kernel"+suffix, floats(cells, func(c *cell) []float32 { return c.r }, rows, c.units)),
		nil, lengths,
	}
	biased := func(c *cell) bool { return c.b != nil }
	if slices.ContainsFunc(cells, biased) {
		in[3] = x.constant("bias"+suffix, floats(cells, func(c *cell) []float32 {
			if c.b == nil {
				return make([]float32, 2*rows)
			}
			return c.b
		}, 2*rows))
	}
	for k, v := range in[1:4] {
		if v != nil {
			x.holds(v, heldBy(cells, k)...)
		}
	}
	in = append(in, init...)
	attrs := []ir.Attr{op.Attr("hidden_size", c.units)}
	if direction != "forward" {
		attrs = append(attrs, op.Attr("direction", direction))
	}
	if c.op == "GRU" && c.resetAfter {
		attrs = append(attrs, op.Attr("linear_before_reset", 1))
	}
	attrs = append(attrs, activationAttrs(cells)...)
	out := x.Emit(1+c.states(), c.op, in, attrs...)
	for k, c := range cells {
		if d := c.drops; d.Rate != 0 || d.StateRate != 0 {
			d.Direction = k
			x.converter.train.drops = append(x.converter.train.drops, dropping{out[0].Node, d})
		}
	}
	return out[0], out[1:]
}

// heldBy joins what the cells' weights are made of: k is 0 for the kernels, 1 for the recurrent ones, 2 for
// the biases.
func heldBy(cells []*cell, k int) []recipe.Part {
	var out []recipe.Part
	for _, c := range cells {
		out = append(out, c.held[k]...)
	}
	return out
}

// usual are the activations that need not be written.
var usual = map[string][]string{"LSTM": {"Sigmoid", "Tanh", "Tanh"}, "GRU": {"Sigmoid", "Tanh"}, "RNN": {"Tanh"}}

// activationAttrs are the attributes that name the activations of the cells.
func activationAttrs(cells []*cell) []ir.Attr {
	var names []string
	var alpha, beta []float32
	all := true
	for _, c := range cells {
		var own []string
		for _, f := range c.functions {
			own = append(own, f.name)
			alpha = append(alpha, f.alpha...)
			beta = append(beta, f.beta...)
		}
		all = all && slices.Equal(own, usual[c.op])
		names = append(names, own...)
	}
	if all {
		return nil
	}
	attrs := []ir.Attr{op.Attr("activations", names)}
	if len(alpha) > 0 {
		attrs = append(attrs, op.Attr("activation_alpha", alpha))
	}
	if len(beta) > 0 {
		attrs = append(attrs, op.Attr("activation_beta", beta))
	}
	return attrs
}
