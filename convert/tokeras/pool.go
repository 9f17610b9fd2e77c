package tokeras

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// savePool makes a pooling layer. Padding that is not Keras's own is put around the input first: the least number
// for a maximum, zeros for an average, which is divided by that of ones where it does not count the padding.
func savePool(s *saver, n *ir.Node) error {
	w, err := windowOf(n, integers(n, "kernel_shape"))
	if err != nil {
		return err
	}
	shape := n.In[0].Fact.Shape
	switch {
	case slices.Max(w.dilat) > 1, len(n.Out) > 1 && n.Out[1] != nil && len(s.uses[n.Out[1]]) > 0:
		return op.Unsupportedf("dilations or indices")
	case attrInt(n, "ceil_mode", 0) != 0 && !w.exact(shape):
		return op.Unsupportedf("ceil_mode where the windows do not end with the input")
	}
	counts := attrInt(n, "count_include_pad", 0) != 0
	if w.padded() && n.Op == "AveragePool" && counts {
		w.same = false
	} else if w.padded() && w.isSame(shape) {
		w.same = true
	}
	x := s.lastOf(n.In[0])
	switch {
	case w.same || !w.padded():
		s.held[n.Out[0]] = s.pooled(n, w, x)
	case n.Op == "MaxPool":
		s.held[n.Out[0]] = s.pooled(n, w, s.bordered(w, x, math.Inf(-1)))
	case counts:
		s.held[n.Out[0]] = s.pooled(n, w, s.bordered(w, x, 0))
	default:
		one := s.then(x, kerasOps+"numpy", "OnesLike", map[string]any{})
		share := s.pooled(n, w, s.bordered(w, one, 0))
		s.held[n.Out[0]] = s.then(s.pooled(n, w, s.bordered(w, x, 0)), kerasOps+"numpy", "TrueDivide", map[string]any{}, share)
	}
	return nil
}

func (s *saver) pooled(n *ir.Node, w window, x held) held {
	class := map[string]string{"MaxPool": "MaxPooling%dD", "AveragePool": "AveragePooling%dD"}[n.Op]
	return s.then(x, "keras.layers", fmt.Sprintf(class, w.n), map[string]any{"pool_size": w.kernel, "strides": w.stride,
		"padding": w.padding(), "data_format": "channels_last"})
}

// bordered puts a number around the axes in space.
func (s *saver) bordered(w window, x held, value float64) held {
	width := [][]int{{0, 0}}
	for i := range w.n {
		width = append(width, []int{w.pads[i], w.pads[i+w.n]})
	}
	return s.then(x, kerasOps+"numpy", "Pad", map[string]any{"pad_width": append(width, []int{0, 0}), "mode": "constant"}, number(value, 32))
}

// exact reports whether the windows end with the input, so that nothing is left to round.
func (w window) exact(shape ir.Shape) bool {
	for i := range w.n {
		size, ok := shape[i+2].Int()
		if !ok || (size+w.pads[i]+w.pads[i+w.n]-w.kernel[i])%w.stride[i] != 0 {
			return false
		}
	}
	return true
}
