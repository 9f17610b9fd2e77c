package tokeras

import (
	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveLayerNorm makes the layer over the axes from one to the last.
func saveLayerNorm(s *saver, n *ir.Node) error {
	rank := n.In[0].Fact.Rank()
	first := axisOf(attrInt(n, "axis", -1), rank, plain)
	if first < 1 {
		return op.Unsupportedf("axis %d, the batch", first)
	}
	for _, v := range n.Out[1:] {
		if v != nil && len(s.uses[v]) > 0 {
			return op.Unsupportedf("its mean or deviation as an output")
		}
	}
	axes := []int{}
	for i := first; i < rank; i++ {
		axes = append(axes, i)
	}
	center := len(n.In) > 2 && n.In[2] != nil
	var vars []hdf5.Array
	for _, v := range n.In[1:] {
		if v == nil {
			continue
		}
		a, err := weightOf(v, rank-first)
		if err != nil {
			return err
		}
		for i, k := range a.Shape {
			if !n.In[0].Fact.Shape[first+i].Is(k) {
				return op.Unsupportedf("weights of shape %v for an input of shape %v", a.Shape, n.In[0].Fact.Shape)
			}
		}
		vars = append(vars, a)
	}
	config := map[string]any{"axis": axes, "epsilon": attrFloat(n, "epsilon", 1e-5), "center": center, "scale": true}
	if len(axes) == 1 {
		config["axis"] = -1
	}
	s.put(n.Out[0], plain, "keras.layers", "LayerNormalization", config, s.plain(n.In[0])).vars = vars
	return nil
}

// saveInstanceNorm makes a GroupNormalization with a group for each channel.
func saveInstanceNorm(s *saver, n *ir.Node) error {
	if n.In[0].Fact.Rank() < 3 {
		return op.Unsupportedf("%d axes", n.In[0].Fact.Rank())
	}
	var vars []hdf5.Array
	for _, v := range n.In[1:] {
		a, err := weightOf(v, 1)
		if err != nil {
			return err
		}
		vars = append(vars, a)
	}
	s.put(n.Out[0], last, "keras.layers", "GroupNormalization", map[string]any{"groups": vars[0].Shape[0], "axis": -1, "epsilon": attrFloat(n, "epsilon", 1e-5),
		"center": true, "scale": true}, s.lastOf(n.In[0])).vars = vars
	return nil
}
