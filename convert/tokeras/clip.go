package tokeras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveClip makes a ReLU with a largest value of a Clip from 0 on, else the operation.
func saveClip(s *saver, n *ir.Node) error {
	low, high := math.Inf(-1), math.Inf(1)
	for i, limit := range []*float64{&low, &high} {
		if len(n.In) <= i+1 || n.In[i+1] == nil {
			continue
		}
		data, _, ok := constant(n.In[i+1])
		if !ok || len(data) != 1 {
			return op.Unsupportedf("limits that are no constant numbers")
		}
		*limit = float64(data[0])
	}
	h := s.held[n.In[0]]
	class, config := "Clip", map[string]any{}
	switch {
	case low == 0 && n.In[0].Fact.DType.IsFloat():
		if config["max_value"] = high; math.IsInf(high, 1) {
			config["max_value"] = nil
		}
		config["negative_slope"], config["threshold"] = 0, 0
		s.put(n.Out[0], h.as, "keras.layers", "ReLU", config, h)
		return nil
	case math.IsInf(low, -1) && math.IsInf(high, 1):
		return alias(s, n)
	case math.IsInf(low, -1):
		s.put(n.Out[0], h.as, kerasOps+"numpy", "Minimum", config, h, high)
		return nil
	case math.IsInf(high, 1):
		s.put(n.Out[0], h.as, kerasOps+"numpy", "Maximum", config, h, low)
		return nil
	}
	config["x_min"], config["x_max"] = low, high
	s.put(n.Out[0], h.as, kerasOps+"numpy", class, config, h)
	return nil
}

// saveHardSigmoid makes the activation of Keras 3, or max(0, min(1, alpha*x+beta)) where its figures differ.
func saveHardSigmoid(s *saver, n *ir.Node) error {
	alpha, beta := attrFloat(n, "alpha", .2), attrFloat(n, "beta", .5)
	if float32(alpha) == float32(1./6) && beta == .5 {
		return saveActivation(s, n, "hard_sigmoid")
	}
	h := s.held[n.In[0]]
	for _, o := range []struct {
		class  string
		number float64
	}{{"Multiply", alpha}, {"Add", beta}} {
		h = held{layer: s.add(kerasOps+"numpy", o.class, map[string]any{}, h, o.number).name, as: h.as}
	}
	s.put(n.Out[0], h.as, kerasOps+"numpy", "Clip", map[string]any{"x_min": 0, "x_max": 1}, h)
	return nil
}

// saveSelu makes the activation, which has figures of its own in Keras.
func saveSelu(s *saver, n *ir.Node) error {
	const alpha, gamma = 1.6732632423543772, 1.0507009873554805
	if math.Abs(attrFloat(n, "alpha", alpha)-alpha) > 1e-6 || math.Abs(attrFloat(n, "gamma", gamma)-gamma) > 1e-6 {
		return op.Unsupportedf("alpha and gamma other than the usual ones")
	}
	return saveActivation(s, n, "selu")
}

// saveWhere makes the operation; condition and choices may be constants.
func saveWhere(s *saver, n *ir.Node) error {
	rank := n.Out[0].Fact.Rank()
	var args []any
	for _, v := range n.In {
		if v.Kind != ir.Const {
			args = append(args, s.plain(v))
			continue
		}
		c, err := s.operand(v, rank, &held{}, nil)
		if err != nil {
			return err
		}
		args = append(args, c)
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "Where", map[string]any{}, args...)
	return nil
}

// saveThresholded makes a ReLU of x above alpha.
func saveThresholded(s *saver, n *ir.Node) error {
	h := s.held[n.In[0]]
	s.put(n.Out[0], h.as, "keras.layers", "ReLU", map[string]any{"max_value": nil, "negative_slope": 0, "threshold": attrFloat(n, "alpha", 1)}, h)
	return nil
}

// savePRelu makes the layer, whose slopes have the input's shape without the batch, or 1 along shared axes.
func savePRelu(s *saver, n *ir.Node) error {
	in := n.In[0].Fact.Shape
	data, shape, ok := constant(n.In[1])
	if len(shape) == len(in) && shape[0] == 1 {
		shape = shape[1:]
	}
	if !ok || len(shape) > len(in)-1 {
		return op.Unsupportedf("slopes of shape %v", n.In[1].Fact.Shape)
	}
	shape = append(slices.Repeat([]int{1}, len(in)-1-len(shape)), shape...)
	shared := []int{}
	for i, k := range shape {
		switch {
		case in[i+1].Is(k):
		case k == 1:
			shared = append(shared, i+1)
		default:
			return op.Unsupportedf("slopes of shape %v for an input of shape %v", shape, in)
		}
	}
	l := s.put(n.Out[0], plain, "keras.layers", "PReLU", map[string]any{"shared_axes": shared}, s.plain(n.In[0]))
	l.vars = []hdf5.Array{{Shape: shape, Data: data}}
	return nil
}
