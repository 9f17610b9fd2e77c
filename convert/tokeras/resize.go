package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// saveResize makes an UpSampling layer of a Resize by whole factors, or a Resizing layer to known sizes.
func saveResize(s *saver, n *ir.Node) error {
	rank := n.In[0].Fact.Rank()
	mode, where := attrString(n, "mode", "nearest"), attrString(n, "coordinate_transformation_mode", "half_pixel")
	rounding := attrString(n, "nearest_mode", "round_prefer_floor")
	same := where == "asymmetric" && rounding == "floor" || where == "half_pixel" && (rounding == "round_prefer_floor" || rounding == "round_prefer_ceil")
	if rank < 3 || rank > 5 || attrInt(n, "antialias", 0) != 0 ||
		mode == "nearest" && !same || mode == "linear" && (where != "half_pixel" || rank != 4) || mode == "cubic" {
		return op.Unsupportedf("mode %s of rank %d, %s, %s", mode, rank, where, rounding)
	}
	factors, whole, err := factorsOf(n)
	if err != nil {
		return err
	}
	interpolation := map[string]string{"nearest": "nearest", "linear": "bilinear"}[mode]
	h := s.lastOf(n.In[0])
	switch {
	case whole && rank == 3:
		s.put(n.Out[0], last, "keras.layers", "UpSampling1D", map[string]any{"size": factors[0]}, h)
	case whole && rank == 4:
		s.put(n.Out[0], last, "keras.layers", "UpSampling2D", map[string]any{"size": factors, "interpolation": interpolation, "data_format": "channels_last"}, h)
	case whole:
		s.put(n.Out[0], last, "keras.layers", "UpSampling3D", map[string]any{"size": factors, "data_format": "channels_last"}, h)
	default:
		sizes, known := n.Out[0].Fact.Shape[2:].Known()
		if !known || mode != "linear" || len(sizes) != 2 {
			return op.Unsupportedf("factors that are not whole")
		}
		s.put(n.Out[0], last, "keras.layers", "Resizing", map[string]any{"height": sizes[0], "width": sizes[1], "interpolation": interpolation,
			"crop_to_aspect_ratio": false, "data_format": "channels_last"}, h)
	}
	return nil
}

// factorsOf returns how many times as long a Resize makes the axes in space, and whether all factors are whole.
func factorsOf(n *ir.Node) (factors []int, whole bool, err error) {
	in, out := n.In[0].Fact.Shape, n.Out[0].Fact.Shape
	var scales []float32
	if len(n.In) > 2 {
		scales, _, _ = constant(n.In[2])
	}
	if axes := integers(n, "axes"); axes != nil && len(scales) == len(axes) {
		all := slices.Repeat([]float32{1}, len(in))
		for i, a := range axes {
			all[axisOf(a, len(in), plain)] = scales[i]
		}
		scales = all
	}
	whole = true
	for i := range in {
		f := 0
		a, ok1 := in[i].Int()
		b, ok2 := out[i].Int()
		switch {
		case len(scales) == len(in):
			if f = int(scales[i]); float32(f) != scales[i] {
				f = 0
			}
		case ok1 && ok2 && a > 0 && b%a == 0:
			f = b / a
		case in[i].Same(out[i]):
			f = 1
		}
		if i < 2 && f != 1 {
			return nil, false, op.Unsupportedf("a new size of batch or channels")
		}
		if i >= 2 {
			factors = append(factors, f)
			whole = whole && f > 0
		}
	}
	return factors, whole, nil
}
