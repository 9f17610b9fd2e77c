package tokeras

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveSlice makes a Flip of a slice that turns an axis round, as Bidirectional has it, else x[:, a:b:c].
func saveSlice(s *saver, n *ir.Node) error {
	rank := n.In[0].Fact.Rank()
	start, ok1 := list(n.In[1])
	end, ok2 := list(n.In[2])
	axes, step := []int{}, slices.Repeat([]int{1}, len(start))
	for i := range start {
		axes = append(axes, i)
	}
	ok3, ok4 := true, true
	if len(n.In) > 3 && n.In[3] != nil {
		axes, ok3 = list(n.In[3])
	}
	if len(n.In) > 4 && n.In[4] != nil {
		step, ok4 = list(n.In[4])
	}
	if !ok1 || !ok2 || !ok3 || !ok4 || len(end) != len(start) || len(axes) != len(start) || len(step) != len(start) {
		return op.Unsupportedf("bounds that are no constants")
	}
	h := s.held[n.In[0]]
	if h.as > steps {
		h = s.plain(n.In[0])
	}
	const far = 1<<31 - 1 // stands for the end of any axis
	if len(axes) == 1 && step[0] == -1 && (start[0] == -1 || start[0] >= far) && end[0] <= -far {
		s.put(n.Out[0], h.as, kerasOps+"numpy", "Flip", map[string]any{"axis": axisOf(axes[0], rank, h.as)}, h)
		return nil
	}
	key := slices.Repeat([]any{sliceOf(nil, nil, nil)}, rank)
	for i, a := range axes {
		if axisOf(a, rank, plain) == 0 && !fixedSize(n.In[0].Fact.Shape[0]) && !(start[i] == 0 && end[i] >= far && step[i] == 1) {
			return op.Unsupportedf("a slice of the batch")
		}
		var from, to any = start[i], end[i]
		if end[i] >= far || end[i] <= -far {
			to = nil
		}
		if start[i] >= far || start[i] <= -far {
			from = nil
		}
		key[axisOf(a, rank, h.as)] = sliceOf(from, to, step[i])
	}
	s.put(n.Out[0], h.as, kerasOps+"numpy", "GetItem", map[string]any{}, h, key)
	return nil
}

// sliceOf writes a slice as Keras does.
func sliceOf(start, stop, step any) any {
	return map[string]any{"class_name": "__slice__", "config": map[string]any{"start": start, "stop": stop, "step": step}}
}

// savePad makes a ZeroPadding layer where zeros are put around the axes in space, else the operation.
func savePad(s *saver, n *ir.Node) error {
	rank := n.In[0].Fact.Rank()
	pads, ok := list(n.In[1])
	axes := []int{}
	for i := range rank {
		axes = append(axes, i)
	}
	if len(n.In) > 3 && n.In[3] != nil {
		var known bool
		axes, known = list(n.In[3])
		ok = ok && known
	}
	if !ok || len(pads) != 2*len(axes) || slices.Min(append(pads, 0)) < 0 {
		return op.Unsupportedf("pads that are negative or no constants")
	}
	value := float32(0)
	if len(n.In) > 2 && n.In[2] != nil {
		data, _, known := constant(n.In[2])
		if !known || len(data) != 1 {
			return op.Unsupportedf("a value that is no constant number")
		}
		value = data[0]
	}
	mode := attrString(n, "mode", "constant")
	if mode != "constant" && mode != "reflect" {
		return op.Unsupportedf("mode %s", mode)
	}
	h := s.held[n.In[0]]
	if h.as > steps {
		h = s.plain(n.In[0])
	}
	width := slices.Repeat([][]int{{0, 0}}, rank)
	for i, a := range axes {
		width[axisOf(a, rank, h.as)] = []int{pads[i], pads[len(axes)+i]}
	}
	inSpace := slices.Equal(width[0], []int{0, 0}) && slices.Equal(width[rank-1], []int{0, 0})
	switch space := width[1 : rank-1]; {
	case h.as == last && mode == "constant" && value == 0 && inSpace && rank == 3:
		s.put(n.Out[0], last, "keras.layers", "ZeroPadding1D", map[string]any{"padding": space[0]}, h)
	case h.as == last && mode == "constant" && value == 0 && inSpace && rank <= 5:
		s.put(n.Out[0], last, "keras.layers", fmt.Sprintf("ZeroPadding%dD", rank-2), map[string]any{"padding": space, "data_format": "channels_last"}, h)
	case value == 0:
		s.put(n.Out[0], h.as, kerasOps+"numpy", "Pad", map[string]any{"pad_width": width, "mode": mode}, h)
	default:
		s.put(n.Out[0], h.as, kerasOps+"numpy", "Pad", map[string]any{"pad_width": width, "mode": mode}, h, value)
	}
	return nil
}
