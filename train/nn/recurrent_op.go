package nn

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// onnxActivations are the activations that ONNX's recurrent operators take without further numbers.
var onnxActivations = map[string]string{
	"relu": "Relu", "sigmoid": "Sigmoid", "softplus": "Softplus", "softsign": "Softsign", "tanh": "Tanh",
}

// functions returns the operator's activations and what further attributes they need; nil where the
// operator lacks one.
func (l *recurrence) functions() ([]string, []ir.Attr) {
	var out []string
	var attrs []ir.Attr
	gate, state := orText(l.recurrent, "sigmoid"), onnxActivations[orText(l.activation, "tanh")]
	for range l.gateAct {
		if gate == "hard_sigmoid" {
			out = append(out, "HardSigmoid")
			attrs = []ir.Attr{op.Attr("activation_alpha", []float32{1. / 6}), op.Attr("activation_beta", []float32{.5})}
			continue
		}
		out = append(out, onnxActivations[gate])
	}
	for range l.stateAct {
		out = append(out, state)
	}
	for _, f := range out {
		if f == "" {
			return nil, nil
		}
	}
	return out, attrs
}

// fused emits ONNX's operator.
func (l *recurrence) fused(b *Builder, x *Value, w weights, states []*Value, functions []string, attrs []ir.Attr) []*Value {
	in := []*Value{b.Transpose(x, 1, 0, 2), w.w, w.r, l.bothBiases(b, w.bias), nil}
	for _, s := range states {
		in = append(in, b.Unsqueeze(s, 0))
	}
	attrs = append(attrs, op.Attr("hidden_size", l.units), op.Attr("activations", functions))
	if l.backwards {
		attrs = append(attrs, op.Attr("direction", "reverse"))
	}
	if l.operator == "GRU" && l.two {
		attrs = append(attrs, op.Attr("linear_before_reset", 1))
	}
	out := b.Emit(1+l.states, l.operator, in, attrs...)
	if l.recurrentDropout > 0 && b.Err() == nil {
		drop := RecurrentDropout{Input: l.dropout, State: l.recurrentDropout, EachGate: len(l.gates) > 1}
		b.forms[out[0].Node] = Form{Whole: func(b *Builder, n *ir.Node, in []*Value) []*Value { return b.UnrollRecurrent(n, in, drop) }}
	}
	last := make([]*Value, l.states)
	for i := range last {
		last[i] = b.Squeeze(out[1+i], 0)
	}
	y := last[0]
	if l.sequences {
		y = b.Transpose(b.Squeeze(out[0], 1), 1, 0, 2)
		if l.backwards { // Keras gives them as they are made
			y = b.reverse(y)
		}
	}
	if l.state {
		return append([]*Value{y}, last...)
	}
	return []*Value{y}
}

// bothBiases returns the biases of the input's and the state's product in one row, as the operator takes
// them.
func (l *recurrence) bothBiases(b *Builder, bias *Value) *Value {
	if bias == nil || l.two {
		return bias
	}
	none := b.vector(make([]float64, len(l.gates)*l.units))
	return b.Unsqueeze(b.Concat(0, bias, none), 0)
}
