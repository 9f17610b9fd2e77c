package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

func saveFlatten(s *saver, n *ir.Node) error {
	if axis := attrInt(n, "axis", 1); axis != 1 {
		return s.reshape(n, false)
	}
	s.put(n.Out[0], plain, "keras.layers", "Flatten", map[string]any{"data_format": "channels_last"}, s.plain(n.In[0]))
	return nil
}

// saveTranspose makes nothing of those that only bring channels or time to where Keras has them.
func saveTranspose(s *saver, n *ir.Node) error {
	r := n.In[0].Fact.Rank()
	perm := integers(n, "perm")
	if perm == nil {
		for i := range r {
			perm = append(perm, r-1-i)
		}
	}
	first, back, swap := []int{0, r - 1}, []int{0}, []int{1, 0}
	for i := 1; i < r-1; i++ {
		first = append(first, i)
		back = append(back, i+1)
	}
	back = append(back, 1)
	for i := 2; i < r; i++ {
		swap = append(swap, i)
	}
	h := s.held[n.In[0]]
	switch {
	case h.as == plain && r > 2 && slices.Equal(perm, first):
		h.as = last
	case h.as == last && slices.Equal(perm, back), h.as == steps && slices.Equal(perm, swap):
		h.as = plain
	case h.as == plain && r > 2 && slices.Equal(perm, swap):
		h.as = steps
	case perm[0] == 0:
		s.put(n.Out[0], plain, "keras.layers", "Permute", map[string]any{"dims": perm[1:]}, s.plain(n.In[0]))
		return nil
	default:
		s.put(n.Out[0], plain, kerasOps+"numpy", "Transpose", map[string]any{"axes": perm}, s.plain(n.In[0]))
		return nil
	}
	s.held[n.Out[0]] = h
	return nil
}

func saveSqueeze(s *saver, n *ir.Node) error {
	axes := integers(n, "axes")
	if len(n.In) > 1 {
		axes, _ = list(n.In[1])
	}
	if len(axes) == 0 {
		return op.Unsupportedf("axes that are not known")
	}
	r := n.In[0].Fact.Rank()
	axes = slices.Clone(axes)
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += r
		}
	}
	h := s.held[n.In[0]]
	switch {
	case h.as == stepsDir && slices.Equal(axes, []int{1}):
		h.as = steps
		s.held[n.Out[0]] = h
		return nil
	case h.as == dir && slices.Equal(axes, []int{0}):
		h.as = plain
		s.held[n.Out[0]] = h
		return nil
	}
	slices.Sort(axes)
	h = s.plain(n.In[0])
	for _, a := range slices.Backward(axes) {
		if a == 0 { // Keras does not know that there is one row
			h = s.then(h, kerasOps+"numpy", "GetItem", map[string]any{}, []any{0})
			continue
		}
		h = s.then(h, kerasOps+"numpy", "Squeeze", map[string]any{"axis": a})
	}
	s.held[n.Out[0]] = h
	return nil
}

func saveUnsqueeze(s *saver, n *ir.Node) error {
	axes, ok := list(n.In[1])
	if !ok {
		return op.Unsupportedf("axes that are no constant")
	}
	r := n.Out[0].Fact.Rank()
	axes = slices.Clone(axes)
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += r
		}
	}
	slices.Sort(axes)
	h := s.plain(n.In[0])
	for _, a := range axes {
		h = held{layer: s.add(kerasOps+"numpy", "ExpandDims", map[string]any{"axis": a}, h).name}
	}
	s.held[n.Out[0]] = h
	return nil
}

func saveConcat(s *saver, n *ir.Node) error {
	var list []held
	as := s.held[n.In[0]].as
	for _, v := range n.In {
		if v.Kind == ir.Const {
			return op.Unsupportedf("a constant among its inputs")
		}
		if s.held[v].as != as || as > steps {
			as = plain
		}
	}
	for _, v := range n.In {
		h := s.held[v]
		if h.as != as {
			h = s.plain(v)
		}
		list = append(list, h)
	}
	axis := axisOf(attrInt(n, "axis", 0), n.In[0].Fact.Rank(), as)
	if axis == 0 {
		if slices.ContainsFunc(n.In, func(v *ir.Value) bool { return !fixedSize(v.Fact.Shape[0]) }) {
			return op.Unsupportedf("axis 0, the batch")
		}
		s.put(n.Out[0], as, kerasOps+"numpy", "Concatenate", map[string]any{"axis": 0}, list)
		return nil
	}
	s.put(n.Out[0], as, "keras.layers", "Concatenate", map[string]any{"axis": axis}, list)
	return nil
}
