package tokeras

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/convert/hdf5"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// window is what convolutions and poolings have in common, with n spatial axes.
type window struct {
	n                     int
	kernel, stride, dilat []int
	pads                  []int // at the beginnings, then at the ends
	same                  bool
}

func windowOf(n *ir.Node, kernel []int) (window, error) {
	w := window{n: n.In[0].Fact.Rank() - 2, kernel: kernel}
	if w.n < 1 || w.n > 3 || len(kernel) != w.n {
		return w, op.Unsupportedf("%d spatial axes", w.n)
	}
	ones := slices.Repeat([]int{1}, w.n)
	w.stride, w.dilat = integers(n, "strides", ones...), integers(n, "dilations", ones...)
	w.pads = integers(n, "pads", slices.Repeat([]int{0}, 2*w.n)...)
	switch auto := attrString(n, "auto_pad", "NOTSET"); auto {
	case "SAME_UPPER":
		w.same = true
	case "NOTSET":
	case "VALID":
		w.pads = slices.Repeat([]int{0}, 2*w.n)
	default:
		return w, op.Unsupportedf("auto_pad %s", auto)
	}
	return w, nil
}

// spread puts the zeros of the dilations into a kernel itself: Keras knows no strides and dilations at once, and
// TensorFlow no transposed convolution with dilations on a CPU.
func (w *window) spread(k hdf5.Array) hdf5.Array {
	out := hdf5.Array{Shape: slices.Clone(k.Shape)}
	size := 1
	for i := range w.n {
		w.kernel[i] = (w.kernel[i]-1)*w.dilat[i] + 1
		out.Shape[i+2] = w.kernel[i]
	}
	for _, d := range out.Shape {
		size *= d
	}
	out.Data = make([]float32, size)
	at := make([]int, len(k.Shape))
	for _, x := range k.Data {
		to := 0
		for i, p := range at {
			if i >= 2 {
				p *= w.dilat[i-2]
			}
			to = to*out.Shape[i] + p
		}
		out.Data[to] = x
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < k.Shape[i] {
				break
			}
			at[i] = 0
		}
	}
	w.dilat = slices.Repeat([]int{1}, w.n)
	return out
}

func (w window) padded() bool { return slices.ContainsFunc(w.pads, func(p int) bool { return p != 0 }) }

// isSame reports whether the padding is that of Keras's padding=same, for sizes that are known.
func (w window) isSame(shape ir.Shape) bool {
	for i := range w.n {
		size, ok := shape[i+2].Int()
		if !ok {
			return false
		}
		out := (size + w.stride[i] - 1) / w.stride[i]
		total := max((out-1)*w.stride[i]+(w.kernel[i]-1)*w.dilat[i]+1-size, 0)
		if w.pads[i] != total/2 || w.pads[i+w.n] != total-total/2 {
			return false
		}
	}
	return true
}

// ends returns the padding as Keras's layers take it.
func (w window) ends(pads []int) any {
	if w.n == 1 {
		return []int{pads[0], pads[1]}
	}
	out := [][]int{}
	for i := range w.n {
		out = append(out, []int{pads[i], pads[i+w.n]})
	}
	return out
}

// border returns the arguments of a layer that pads or crops; in one dimension it has no data_format.
func (w window) border(key string, pads []int) map[string]any {
	if w.n == 1 {
		return map[string]any{key: w.ends(pads)}
	}
	return map[string]any{key: w.ends(pads), "data_format": "channels_last"}
}

func (w window) padding() string {
	if w.same {
		return "same"
	}
	return "valid"
}

// saveConv makes a convolution, of each channel by itself where the groups have one, and its padding.
func saveConv(s *saver, n *ir.Node) error {
	k, err := weightOf(n.In[1], n.In[0].Fact.Rank())
	if err != nil {
		return err
	}
	w, err := windowOf(n, slices.Clone(k.Shape[2:]))
	if err != nil {
		return err
	}
	if slices.Max(w.stride) > 1 && slices.Max(w.dilat) > 1 {
		k = w.spread(k)
	}
	x := s.lastOf(n.In[0])
	if w.padded() && !w.same {
		if w.isSame(n.In[0].Fact.Shape) {
			w.same = true
		} else {
			x = held{layer: s.add("keras.layers", fmt.Sprintf("ZeroPadding%dD", w.n), w.border("padding", w.pads), x).name, as: last}
		}
	}
	group := attrInt(n, "group", 1)
	config := map[string]any{"kernel_size": w.kernel, "strides": w.stride, "dilation_rate": w.dilat, "padding": w.padding(),
		"data_format": "channels_last", "activation": "linear"}
	class := fmt.Sprintf("Conv%dD", w.n)
	spatial := []int{}
	for i := range w.n {
		spatial = append(spatial, i+2)
	}
	if group > 1 && k.Shape[1] == 1 && w.n < 3 && slices.Min(w.stride) == slices.Max(w.stride) { // TensorFlow wants equal strides
		class = "Depthwise" + class
		config["depth_multiplier"] = k.Shape[0] / group
		k = permuted(hdf5.Array{Shape: append([]int{group, k.Shape[0] / group}, k.Shape[2:]...), Data: k.Data}, append(spatial, 0, 1)...)
	} else {
		config["filters"], config["groups"] = k.Shape[0], group
		k = permuted(k, append(spatial, 1, 0)...)
	}
	vars := []hdf5.Array{k}
	config["use_bias"] = len(n.In) > 2 && n.In[2] != nil
	if config["use_bias"] == true {
		b, err := weightOf(n.In[2], 1)
		if err != nil {
			return err
		}
		vars = append(vars, b)
	}
	s.put(n.Out[0], last, "keras.layers", class, config, x).vars = vars
	return nil
}

// saveConvTranspose makes a transposed convolution without padding, and crops what ONNX leaves out.
func saveConvTranspose(s *saver, n *ir.Node) error {
	k, err := weightOf(n.In[1], n.In[0].Fact.Rank())
	if err != nil {
		return err
	}
	w, err := windowOf(n, slices.Clone(k.Shape[2:]))
	if err != nil {
		return err
	}
	if slices.Max(w.dilat) > 1 {
		k = w.spread(k)
	}
	if w.same || attrInt(n, "group", 1) != 1 || n.Attr("output_shape") != nil {
		return op.Unsupportedf("groups, auto_pad or output_shape")
	}
	crop := slices.Clone(w.pads)
	for i, more := range integers(n, "output_padding", slices.Repeat([]int{0}, w.n)...) {
		// Keras's output has max(k, stride) elements more than the steps between the inputs.
		crop[i+w.n] += max(0, w.stride[i]-((w.kernel[i]-1)*w.dilat[i]+1)) - more
		if crop[i+w.n] < 0 {
			return op.Unsupportedf("output_padding %v", integers(n, "output_padding"))
		}
	}
	spatial := []int{}
	for i := range w.n {
		spatial = append(spatial, i+2)
	}
	config := map[string]any{"filters": k.Shape[1], "kernel_size": w.kernel, "strides": w.stride, "dilation_rate": w.dilat, "padding": "valid",
		"data_format": "channels_last", "activation": "linear", "use_bias": len(n.In) > 2 && n.In[2] != nil}
	vars := []hdf5.Array{permuted(k, append(spatial, 1, 0)...)}
	if config["use_bias"] == true {
		b, err := weightOf(n.In[2], 1)
		if err != nil {
			return err
		}
		vars = append(vars, b)
	}
	l := s.put(n.Out[0], last, "keras.layers", fmt.Sprintf("Conv%dDTranspose", w.n), config, s.lastOf(n.In[0]))
	l.vars = vars
	if slices.Max(crop) > 0 {
		s.put(n.Out[0], last, "keras.layers", fmt.Sprintf("Cropping%dD", w.n), w.border("cropping", crop), s.held[n.Out[0]])
	}
	return nil
}

func saveGlobalPool(s *saver, n *ir.Node) error {
	k := n.In[0].Fact.Rank() - 2
	if k < 1 || k > 3 {
		return op.Unsupportedf("%d spatial axes", k)
	}
	class := map[string]string{"GlobalMaxPool": "GlobalMaxPooling%dD", "GlobalAveragePool": "GlobalAveragePooling%dD"}[n.Op]
	s.put(n.Out[0], last, "keras.layers", fmt.Sprintf(class, k), map[string]any{"data_format": "channels_last", "keepdims": true}, s.lastOf(n.In[0]))
	return nil
}

func saveBatchNorm(s *saver, n *ir.Node) error {
	if attrInt(n, "training_mode", 0) != 0 {
		return op.Unsupportedf("training_mode")
	}
	var vars []hdf5.Array
	for _, v := range n.In[1:5] {
		a, err := weightOf(v, 1)
		if err != nil {
			return err
		}
		vars = append(vars, a)
	}
	h := s.held[n.In[0]]
	if n.In[0].Fact.Rank() > 2 {
		h = s.lastOf(n.In[0])
	}
	s.put(n.Out[0], h.as, "keras.layers", "BatchNormalization", map[string]any{"axis": -1, "epsilon": attrFloat(n, "epsilon", 1e-5),
		"momentum": attrFloat(n, "momentum", .9), "center": true, "scale": true}, h).vars = vars
	return nil
}
