package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveSplit makes the operation, with the places where the parts begin.
func saveSplit(s *saver, n *ir.Node) error {
	rank := n.In[0].Fact.Rank()
	h := s.simple(n.In[0])
	axis := axisOf(attrInt(n, "axis", 0), rank, plain)
	places, at := []int{}, 0
	for _, v := range n.Out {
		if v == nil || v.Fact.Rank() != rank {
			return op.Unsupportedf("an output that is left out")
		}
		size, ok := v.Fact.Shape[axis].Int()
		if !ok {
			return op.Unsupportedf("parts of sizes that are not known")
		}
		places = append(places, at)
		at += size
	}
	if axis == 0 {
		return op.Unsupportedf("axis 0, the batch")
	}
	if len(n.Out) == 1 {
		s.held[n.Out[0]] = h
		return nil
	}
	l := s.add(kerasOps+"numpy", "Split", map[string]any{"indices_or_sections": places[1:], "axis": axisOf(axis, rank, h.as)}, h)
	for i, v := range n.Out {
		s.held[v] = held{layer: l.name, tensor: i, as: h.as}
	}
	return nil
}

// simple returns a value as it is held where its axes are those of ONNX in another order at most.
func (s *saver) simple(v *ir.Value) held {
	if h := s.held[v]; h.as <= steps {
		return h
	}
	return s.plain(v)
}

func saveTile(s *saver, n *ir.Node) error {
	repeats, ok := list(n.In[1])
	if !ok || len(repeats) == 0 || repeats[0] != 1 {
		return op.Unsupportedf("repeats that are not known, or of the batch")
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "Tile", map[string]any{"repeats": repeats}, s.plain(n.In[0]))
	return nil
}

// saveOneHot makes the operation. ONNX counts negative indices from the end, Keras leaves them out.
func saveOneHot(s *saver, n *ir.Node) error {
	depth, _, ok := constant(n.In[1])
	values, _, known := constant(n.In[2])
	if !ok || len(depth) != 1 || !known || len(values) != 2 {
		return op.Unsupportedf("depth or values that are no constants")
	}
	x, classes := s.plain(n.In[0]), int(depth[0])
	if n.In[0].Fact.DType.IsFloat() {
		return op.Unsupportedf("indices of type %v", n.In[0].Fact.DType)
	}
	if l := s.byName[x.layer]; l.class != "StringLookup" && l.class != "IntegerLookup" {
		negative := s.then(x, kerasOps+"numpy", "Less", map[string]any{}, 0)
		x = s.then(negative, kerasOps+"numpy", "Where", map[string]any{}, s.then(x, kerasOps+"numpy", "Add", map[string]any{}, classes), x)
	}
	axis := axisOf(attrInt(n, "axis", -1), n.Out[0].Fact.Rank(), plain)
	if axis == n.Out[0].Fact.Rank()-1 {
		axis = -1 // Keras counts the axes of the indices
	}
	h := s.then(x, kerasOps+"nn", "OneHot", map[string]any{"num_classes": classes, "axis": axis,
		"dtype": "float32", "sparse": false})
	if by := values[1] - values[0]; by != 1 {
		h = s.then(h, kerasOps+"numpy", "Multiply", map[string]any{}, number(float64(by), 32))
	}
	if values[0] != 0 {
		h = s.then(h, kerasOps+"numpy", "Add", map[string]any{}, number(float64(values[0]), 32))
	}
	return s.castTo(n.Out[0], h, "float32")
}

// castTo gives a value the type that it has in ONNX.
func (s *saver) castTo(v *ir.Value, h held, from string) error {
	name := kerasType(v.Fact.DType)
	if name == "" || name == "string" {
		return op.Unsupportedf("type %v", v.Fact.DType)
	}
	if name != from {
		h = s.then(h, kerasOps+"core", "Cast", map[string]any{"dtype": name})
	}
	s.held[v] = h
	return nil
}

// saveCumSum makes the operation; a sum from the end is that of the axis turned round.
func saveCumSum(s *saver, n *ir.Node) error {
	axes, ok := list(n.In[1])
	if !ok || len(axes) != 1 {
		return op.Unsupportedf("an axis that is no constant")
	}
	h := s.simple(n.In[0])
	at := map[string]any{"axis": axisOf(axes[0], n.In[0].Fact.Rank(), h.as)}
	flip := func(h held) held {
		if attrInt(n, "reverse", 0) == 0 {
			return h
		}
		return s.then(h, kerasOps+"numpy", "Flip", map[string]any{"axis": at["axis"]})
	}
	x := flip(h)
	sum := s.then(x, kerasOps+"numpy", "Cumsum", map[string]any{"axis": at["axis"]})
	if attrInt(n, "exclusive", 0) != 0 {
		sum = s.then(sum, kerasOps+"numpy", "Subtract", map[string]any{}, x)
	}
	s.held[n.Out[0]] = flip(sum)
	return nil
}

// saveTopK makes the operation, which looks along the last axis.
func saveTopK(s *saver, n *ir.Node) error {
	k, ok := list(n.In[1])
	rank := n.In[0].Fact.Rank()
	if !ok || len(k) != 1 || axisOf(attrInt(n, "axis", -1), rank, plain) != rank-1 || attrInt(n, "largest", 1) == 0 {
		return op.Unsupportedf("a number that is not known, another axis than the last, or the least")
	}
	l := s.add(kerasOps+"math", "TopK", map[string]any{"k": k[0], "sorted": true}, s.plain(n.In[0]))
	for i, v := range n.Out {
		if v != nil {
			s.held[v] = held{layer: l.name, tensor: i}
		}
	}
	return nil
}

func saveArg(s *saver, n *ir.Node, class string) error {
	if attrInt(n, "select_last_index", 0) != 0 {
		return op.Unsupportedf("select_last_index")
	}
	axis := axisOf(attrInt(n, "axis", 0), n.In[0].Fact.Rank(), plain)
	if axis == 0 {
		return op.Unsupportedf("axis 0, the batch")
	}
	h := s.then(s.plain(n.In[0]), kerasOps+"numpy", class, map[string]any{"axis": axis, "keepdims": attrInt(n, "keepdims", 1) != 0})
	return s.castTo(n.Out[0], h, "int32")
}

func saveTrilu(s *saver, n *ir.Node) error {
	k := []int{0}
	if len(n.In) > 1 && n.In[1] != nil {
		var ok bool
		if k, ok = list(n.In[1]); !ok || len(k) != 1 {
			return op.Unsupportedf("a diagonal that is no constant")
		}
	}
	class := "Triu"
	if attrInt(n, "upper", 1) == 0 {
		class = "Tril"
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", class, map[string]any{"k": k[0]}, s.plain(n.In[0]))
	return nil
}

func saveMod(s *saver, n *ir.Node) error {
	if attrInt(n, "fmod", 0) != 0 {
		return saveBinary(s, n, "Fmod")
	}
	return saveBinary(s, n, "Mod")
}

func saveIsInf(s *saver, n *ir.Node) error {
	class := "Isinf"
	switch positive, negative := attrInt(n, "detect_positive", 1) != 0, attrInt(n, "detect_negative", 1) != 0; {
	case !positive && !negative:
		return op.Unsupportedf("infinities of neither sign")
	case !positive:
		class = "Isneginf"
	case !negative:
		class = "Isposinf"
	}
	h := s.held[n.In[0]]
	s.put(n.Out[0], h.as, kerasOps+"numpy", class, map[string]any{}, h)
	return nil
}

// saveMany makes a merging layer of tensors of one shape, else operations on two at a time.
func saveMany(s *saver, n *ir.Node, layer, operation string) error {
	switch same := true; {
	case len(n.In) == 1:
		return alias(s, n)
	case len(n.In) == 2 && operation != "":
		return saveBinary(s, n, operation)
	default:
		var all []held
		for _, v := range n.In {
			if v.Kind == ir.Const {
				return op.Unsupportedf("a constant among its inputs")
			}
			same = same && slices.Equal(v.Fact.Shape, n.In[0].Fact.Shape)
			all = append(all, s.plain(v))
		}
		if !same {
			return op.Unsupportedf("inputs of different shapes")
		}
		s.put(n.Out[0], plain, "keras.layers", layer, map[string]any{}, all)
	}
	return nil
}

// saveRandom says why there is nothing.
func saveRandom(*saver, *ir.Node) error {
	return op.Unsupportedf("no layer of Keras draws random numbers at inference; give the model without the draw, as the recipe vae " +
		"writes it to deterministic.onnx and nn.Sampling{Deterministic: true} exports it")
}

// saveGatherElements makes the operation.
func saveGatherElements(s *saver, n *ir.Node) error {
	axis := axisOf(attrInt(n, "axis", 0), n.In[0].Fact.Rank(), plain)
	if axis == 0 || n.In[0].Kind == ir.Const || n.In[1].Kind == ir.Const {
		return op.Unsupportedf("axis 0, the batch, or a constant")
	}
	if !slices.Equal(n.In[0].Fact.Shape[:axis], n.In[1].Fact.Shape[:axis]) || !slices.Equal(n.In[0].Fact.Shape[axis+1:], n.In[1].Fact.Shape[axis+1:]) {
		return op.Unsupportedf("indices of shape %v for a tensor of shape %v", n.In[1].Fact.Shape, n.In[0].Fact.Shape)
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "TakeAlongAxis", map[string]any{"axis": axis}, s.plain(n.In[0]), s.plain(n.In[1]))
	return nil
}
