package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

type saveFunc func(s *saver, n *ir.Node) error

// savers are what makes layers of nodes, by operator.
var savers map[string]saveFunc

func init() {
	savers = map[string]saveFunc{
		"MatMul": saveMatMul, "Gemm": saveGemm, "Gather": saveGather, "Cast": saveCast, "Identity": alias, "Dropout": alias,
		"Flatten": saveFlatten, "Reshape": saveReshape, "Transpose": saveTranspose, "Slice": saveSlice, "Squeeze": saveSqueeze, "Unsqueeze": saveUnsqueeze,
		"Concat": saveConcat, "Softmax": saveSoftmax, "LogSoftmax": saveSoftmax,
		"Conv": saveConv, "ConvTranspose": saveConvTranspose, "MaxPool": savePool, "AveragePool": savePool,
		"GlobalAveragePool": saveGlobalPool, "GlobalMaxPool": saveGlobalPool,
		"BatchNormalization": saveBatchNorm, "LayerNormalization": saveLayerNorm,
		"Clip": saveClip, "HardSigmoid": saveHardSigmoid, "Selu": saveSelu, "Where": saveWhere, "PRelu": savePRelu, "ThresholdedRelu": saveThresholded, "Expand": saveExpand, "Pad": savePad, "Resize": saveResize,
		"LSTM": saveRecurrent, "GRU": saveRecurrent, "RNN": saveRecurrent,
		"Split": saveSplit, "Range": saveRange, "ConstantOfShape": saveConstantOfShape, "Tile": saveTile, "OneHot": saveOneHot, "CumSum": saveCumSum, "TopK": saveTopK, "Trilu": saveTrilu, "Mod": saveMod,
		"IsInf": saveIsInf, "GatherElements": saveGatherElements, "InstanceNormalization": saveInstanceNorm, "ai.onnx.ml.LabelEncoder": saveLabelEncoder,
		"RandomNormalLike": saveRandom, "RandomUniformLike": saveRandom, "RandomNormal": saveRandom, "RandomUniform": saveRandom, "Bernoulli": saveRandom, "Multinomial": saveRandom,
	}
	for name, a := range map[string]string{"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign", "Mish": "mish", "HardSwish": "hard_silu"} {
		savers[name] = func(s *saver, n *ir.Node) error { return saveActivation(s, n, a) }
	}
	for name, class := range map[string]string{"Exp": "Exp", "Log": "Log", "Sqrt": "Sqrt", "Abs": "Absolute", "Neg": "Negative", "Sin": "Sin",
		"Cos": "Cos", "Reciprocal": "Reciprocal", "Floor": "Floor", "Ceil": "Ceil", "Sign": "Sign", "Round": "Round", "Atan": "Arctan", "Not": "LogicalNot", "IsNaN": "Isnan",
		"Tan": "Tan", "Asin": "Arcsin", "Acos": "Arccos", "Sinh": "Sinh", "Cosh": "Cosh", "Asinh": "Arcsinh", "Acosh": "Arccosh", "Atanh": "Arctanh",
		"BitwiseNot": "BitwiseNot"} {
		savers[name] = unary(kerasOps+"numpy", class, func(*ir.Node) map[string]any { return map[string]any{} })
	}
	savers["Erf"] = unary(kerasOps+"math", "Erf", func(*ir.Node) map[string]any { return map[string]any{} })
	savers["Celu"] = unary(kerasOps+"nn", "Celu", func(n *ir.Node) map[string]any { return map[string]any{"alpha": attrFloat(n, "alpha", 1)} })
	savers["Elu"] = unary("keras.layers", "ELU", func(n *ir.Node) map[string]any { return map[string]any{"alpha": attrFloat(n, "alpha", 1)} })
	savers["LeakyRelu"] = unary("keras.layers", "LeakyReLU", func(n *ir.Node) map[string]any {
		return map[string]any{"negative_slope": attrFloat(n, "alpha", .01)}
	})
	savers["Gelu"] = unary(kerasOps+"nn", "Gelu", func(n *ir.Node) map[string]any {
		return map[string]any{"approximate": attrString(n, "approximate", "none") == "tanh"}
	})
	for name, class := range map[string]string{"Add": "Add", "Sub": "Subtract", "Mul": "Multiply", "Div": "TrueDivide", "Pow": "Power",
		"Equal": "Equal", "Greater": "Greater", "GreaterOrEqual": "GreaterEqual", "Less": "Less", "LessOrEqual": "LessEqual", "And": "LogicalAnd", "Or": "LogicalOr",
		"Xor": "LogicalXor", "BitwiseAnd": "BitwiseAnd", "BitwiseOr": "BitwiseOr", "BitwiseXor": "BitwiseXor"} {
		savers[name] = func(s *saver, n *ir.Node) error { return saveBinary(s, n, class) }
	}
	for name, class := range map[string]string{"ArgMax": "Argmax", "ArgMin": "Argmin"} {
		savers[name] = func(s *saver, n *ir.Node) error { return saveArg(s, n, class) }
	}
	for name, to := range map[string][2]string{"Sum": {"Add", "Add"}, "Mean": {"Average", ""}, "Max": {"Maximum", "Maximum"}, "Min": {"Minimum", "Minimum"}} {
		savers[name] = func(s *saver, n *ir.Node) error { return saveMany(s, n, to[0], to[1]) }
	}
	for name, class := range map[string]string{"ReduceMean": "Mean", "ReduceSum": "Sum", "ReduceMax": "Max", "ReduceMin": "Min", "ReduceProd": "Prod",
		"ReduceL1": "Sum", "ReduceL2": "Sum", "ReduceSumSquare": "Sum", "ReduceLogSumExp": "Logsumexp"} {
		savers[name] = func(s *saver, n *ir.Node) error { return saveReduce(s, n, class) }
	}
}

// unary makes a layer that works on each element.
func unary(module, class string, config func(*ir.Node) map[string]any) saveFunc {
	return func(s *saver, n *ir.Node) error {
		h := s.held[n.In[0]]
		s.put(n.Out[0], h.as, module, class, config(n), h)
		return nil
	}
}

// saveActivation puts an activation into the layer whose output it alone reads, or makes a layer of it.
func saveActivation(s *saver, n *ir.Node, name string) error {
	h := s.held[n.In[0]]
	if l := s.byName[h.layer]; l.config["activation"] == "linear" && len(s.uses[n.In[0]]) == 1 {
		l.config["activation"] = name
		s.held[n.Out[0]] = h
		return nil
	}
	s.put(n.Out[0], h.as, "keras.layers", "Activation", map[string]any{"activation": name}, h)
	return nil
}

// alias is for nodes that change nothing.
func alias(s *saver, n *ir.Node) error {
	if len(n.Out) > 1 && n.Out[1] != nil && len(s.uses[n.Out[1]]) > 0 {
		return op.Unsupportedf("its second output")
	}
	s.held[n.Out[0]] = s.held[n.In[0]]
	return nil
}

// saveMatMul makes a Dense layer of a product with a constant, and of the bias that is added.
func saveMatMul(s *saver, n *ir.Node) error {
	if n.In[1].Kind != ir.Const || n.In[1].Fact.Rank() != 2 || n.In[0].Fact.Rank() < 2 {
		return saveProduct(s, n)
	}
	w, err := weightOf(n.In[1], 2)
	if err != nil {
		return err
	}
	out := n.Out[0]
	var bias *hdf5.Array
	if next := s.only(out); next != nil && next.Op == "Add" {
		for i, v := range next.In {
			if data, shape, ok := constant(v); ok && next.In[1-i] == out && len(data) == w.Shape[1] && (len(shape) == 1 || len(shape) == 2 && shape[0] == 1) {
				bias = &hdf5.Array{Shape: []int{len(data)}, Data: data}
				s.done[next], out = true, next.Out[0]
				break
			}
		}
	}
	s.dense(s.rows(n.In[0]), out, w, bias)
	return nil
}

// rows returns a value whose last axis is that of ONNX.
func (s *saver) rows(v *ir.Value) held {
	if h := s.held[v]; h.as == apart {
		return h
	}
	return s.plain(v)
}

func (s *saver) dense(x held, out *ir.Value, w hdf5.Array, bias *hdf5.Array) {
	l := s.put(out, x.as, "keras.layers", "Dense", map[string]any{"units": w.Shape[1], "activation": "linear", "use_bias": bias != nil}, x)
	if l.vars = []hdf5.Array{w}; bias != nil {
		l.vars = append(l.vars, *bias)
	}
}

// saveGemm makes a Dense layer of alpha*x*w + beta*c.
func saveGemm(s *saver, n *ir.Node) error {
	w, err := weightOf(n.In[1], 2)
	if err != nil {
		return err
	}
	if attrInt(n, "transA", 0) != 0 {
		return op.Unsupportedf("transA")
	}
	if attrInt(n, "transB", 0) != 0 {
		w = permuted(w, 1, 0)
	}
	w.Data = scaled(w.Data, attrFloat(n, "alpha", 1))
	var bias *hdf5.Array
	if len(n.In) > 2 && n.In[2] != nil {
		data, _, ok := constant(n.In[2])
		if ok && len(data) == 1 {
			data = slices.Repeat(data, w.Shape[1])
		}
		if !ok || len(data) != w.Shape[1] {
			return op.Unsupportedf("a bias that is no constant vector")
		}
		bias = &hdf5.Array{Shape: []int{len(data)}, Data: scaled(data, attrFloat(n, "beta", 1))}
	}
	s.dense(s.rows(n.In[0]), n.Out[0], w, bias)
	return nil
}

func scaled(v []float32, by float64) []float32 {
	if by == 1 {
		return v
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(by) * x
	}
	return out
}

// saveProduct makes the operation; a factor may be constant.
func saveProduct(s *saver, n *ir.Node) error {
	var args []any
	for _, v := range n.In {
		if v.Kind != ir.Const {
			args = append(args, s.plain(v))
			continue
		}
		elements, dtype, err := literals(v)
		if err != nil {
			return err
		}
		args = append(args, array(elements, v.Data.Shape(), dtype))
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "Matmul", map[string]any{}, args...)
	return nil
}

// saveGather makes an Embedding of rows of a constant matrix, x[:, i] of a constant index, else the operation.
func saveGather(s *saver, n *ir.Node) error {
	x, indices := n.In[0], n.In[1]
	axis := axisOf(attrInt(n, "axis", 0), x.Fact.Rank(), plain)
	if w, err := weightOf(x, 2); err == nil && axis == 0 {
		l := s.put(n.Out[0], plain, "keras.layers", "Embedding", map[string]any{"input_dim": w.Shape[0], "output_dim": w.Shape[1], "mask_zero": false}, s.plain(indices))
		l.vars = []hdf5.Array{w}
		return nil
	}
	if words, ok := x.Data.(*tensor.Tensor[string]); ok {
		return saveWords(s, n, words)
	}
	if x.Kind == ir.Const {
		elements, dtype, err := literals(x)
		if err != nil {
			return err
		}
		s.put(n.Out[0], plain, kerasOps+"numpy", "Take", map[string]any{"axis": axis}, array(elements, x.Data.Shape(), dtype), s.plain(indices))
		return nil
	}
	if axis == 0 && !fixedSize(x.Fact.Shape[0]) {
		return op.Unsupportedf("a choice of rows of the batch")
	}
	if at, ok := list(indices); ok && indices.Fact.Rank() == 0 && len(at) == 1 {
		key := slices.Repeat([]any{sliceOf(nil, nil, nil)}, axis)
		s.put(n.Out[0], plain, kerasOps+"numpy", "GetItem", map[string]any{}, s.plain(x), append(key, at[0]))
		return nil
	}
	var by any
	if indices.Kind == ir.Const {
		elements, dtype, err := literals(indices)
		if err != nil {
			return err
		}
		by = array(elements, indices.Data.Shape(), dtype)
	} else {
		by = s.plain(indices)
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "Take", map[string]any{"axis": axis}, s.plain(x), by)
	return nil
}

// saveCast makes the operation; an Embedding casts its indices itself.
func saveCast(s *saver, n *ir.Node) error {
	h := s.held[n.In[0]]
	if !slices.ContainsFunc(s.uses[n.Out[0]], func(u *ir.Node) bool { return u == nil || u.Op != "Gather" || u.In[1] != n.Out[0] }) {
		s.held[n.Out[0]] = h
		return nil
	}
	return s.castTo(n.Out[0], h, kerasType(n.In[0].Fact.DType))
}

// saveBinary makes a merging layer of two tensors of one shape, else the operation.
func saveBinary(s *saver, n *ir.Node, class string) error {
	if len(n.In) != 2 {
		return op.Unsupportedf("%d inputs", len(n.In))
	}
	a, b := n.In[0], n.In[1]
	if n.Op == "Div" && !n.Out[0].Fact.DType.IsFloat() {
		return op.Unsupportedf("a division of integers, which rounds to zero")
	}
	if a.Kind != ir.Const && b.Kind != ir.Const {
		x, y := s.held[a], s.held[b]
		if x.as != y.as || a.Fact.Rank() != b.Fact.Rank() || x.as > steps {
			x, y = s.plain(a), s.plain(b)
		}
		if slices.Equal(a.Fact.Shape, b.Fact.Shape) && slices.Contains([]string{"Add", "Subtract", "Multiply", "Maximum", "Minimum"}, class) {
			s.put(n.Out[0], x.as, "keras.layers", class, map[string]any{}, []held{x, y})
		} else {
			s.put(n.Out[0], x.as, kerasOps+"numpy", class, map[string]any{}, x, y)
		}
		return nil
	}
	value, c := a, b
	if a.Kind == ir.Const {
		value, c = b, a
	}
	h := s.held[value]
	if word, ok := c.Data.(*tensor.Tensor[string]); ok && n.Op == "Equal" && word.Len() == 1 {
		return s.isWord(n, h, word.Data()[0])
	}
	other, err := s.operand(c, value.Fact.Rank(), &h, value)
	if err != nil {
		return err
	}
	args := []any{h, other}
	if a.Kind == ir.Const {
		args = []any{other, h}
	}
	s.put(n.Out[0], h.as, kerasOps+"numpy", class, map[string]any{}, args...)
	return nil
}

func saveReduce(s *saver, n *ir.Node, class string) error {
	var axes []int
	if len(n.In) > 1 && n.In[1] != nil {
		var ok bool
		if axes, ok = list(n.In[1]); !ok {
			return op.Unsupportedf("axes that are no constant")
		}
	} else {
		axes = integers(n, "axes")
	}
	if len(axes) == 0 {
		return op.Unsupportedf("a reduction over the batch")
	}
	h, keep := s.held[n.In[0]], attrInt(n, "keepdims", 1) != 0
	if !keep || h.as > last {
		h = s.plain(n.In[0])
	}
	out := []int{}
	for _, a := range axes {
		out = append(out, axisOf(a, n.In[0].Fact.Rank(), h.as))
	}
	switch n.Op {
	case "ReduceL1":
		h = s.then(h, kerasOps+"numpy", "Absolute", map[string]any{})
	case "ReduceL2", "ReduceSumSquare":
		h = s.then(h, kerasOps+"numpy", "Square", map[string]any{})
	}
	module := kerasOps + "numpy"
	if class == "Logsumexp" {
		module = kerasOps + "math"
	}
	h = s.then(h, module, class, map[string]any{"axis": out, "keepdims": keep})
	if n.Op == "ReduceL2" {
		h = s.then(h, kerasOps+"numpy", "Sqrt", map[string]any{})
	}
	s.held[n.Out[0]] = h
	return nil
}

func saveSoftmax(s *saver, n *ir.Node) error {
	h := s.held[n.In[0]]
	if h.as > steps {
		h = s.plain(n.In[0])
	}
	axis := axisOf(attrInt(n, "axis", -1), n.In[0].Fact.Rank(), h.as)
	if n.Op == "LogSoftmax" {
		s.put(n.Out[0], h.as, kerasOps+"nn", "LogSoftmax", map[string]any{"axis": axis}, h)
	} else {
		s.put(n.Out[0], h.as, "keras.layers", "Softmax", map[string]any{"axis": axis}, h)
	}
	return nil
}
