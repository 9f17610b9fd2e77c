package ops

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// resizing is what Resize does along one axis.
type resizing struct {
	axis     int
	in, out  int
	scale    float32
	from, to float32 // of the region of interest, as parts of the axis
}

// changes reports whether the axis is not just copied.
func (r resizing) changes(mode string) bool {
	return r.in != r.out || r.scale != 1 || mode == "tf_crop_and_resize"
}

// resizeAxes returns the axes that scales, sizes and roi speak of.
func resizeAxes(n *op.Node, rank int) ([]int, error) {
	if n.HasAttr("axes") {
		return op.ResolveAxes(n.Ints("axes"), rank)
	}
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	return axes, nil
}

// given reports whether an input is there and not the empty tensor that stands for none.
func given(n *op.Node, i int) bool {
	f := n.In(i)
	if !n.HasIn(i) {
		return false
	}
	k, ok := rankFromVector(f)
	return !ok || k > 0
}

// floatsOf returns the elements of a float input where they are known.
func floatsOf(n *op.Node, i, want int) ([]float32, error) {
	t := n.In(i).Const
	if t == nil {
		return nil, nil
	}
	if t.Len() != want || t.Shape().Rank() != 1 {
		return nil, op.Shapef("%s is %v, expected %d elements", n.Def.In[i].Name, t, want)
	}
	out := make([]float32, want)
	b := castBuffers.Get().(*castBuffer)
	defer castBuffers.Put(b)
	for k := range out {
		castReaders[t.DType()](b, 1, t, k)
		out[k] = float32(b.f[0])
	}
	return out, nil
}

// resizings returns what happens along each axis that is spoken of. out is the shape of the result;
// list is nil where scales, sizes or the sizes of the axes that change are not all known; an axis that stays
// and whose size is not known has size 0 there.
func resizings(n *op.Node) (list []resizing, out ir.Shape, err error) {
	x := n.In(0).Shape
	axes, err := resizeAxes(n, len(x))
	if err != nil {
		return nil, nil, err
	}
	if given(n, 2) == given(n, 3) {
		return nil, nil, op.Malformedf("one of scales and sizes must be given")
	}
	out = append(ir.Shape{}, x...)
	list = make([]resizing, len(axes))
	for i, a := range axes {
		in, _ := x[a].Int()
		list[i] = resizing{axis: a, in: in, to: 1}
	}
	ok := true
	if given(n, 2) {
		ok, err = resizeByScales(n, list, x, out)
	} else {
		ok, err = resizeBySizes(n, list, x, out, ok)
	}
	if err != nil {
		return nil, nil, err
	}
	if n.Str("coordinate_transformation_mode") == "tf_crop_and_resize" {
		roi, err := floatsOf(n, 1, 2*len(axes))
		if err != nil {
			return nil, nil, err
		}
		for i := range list {
			if roi != nil {
				list[i].from, list[i].to = roi[i], roi[len(axes)+i]
			}
		}
		ok = ok && roi != nil
	}
	list, known := withoutSame(list, x, out)
	if !ok || !known {
		return nil, out, nil
	}
	for _, r := range list {
		if r.in == 0 && r.out > 0 {
			return nil, nil, op.Shapef("axis %d of %v has no elements to interpolate", r.axis, n.In(0))
		}
	}
	return list, out, nil
}

// withoutSame leaves out the axes whose size is not known and stays as it is, such as a batch. It reports
// whether the sizes of the others are known.
func withoutSame(list []resizing, x, out ir.Shape) ([]resizing, bool) {
	all := true
	kept := list[:0]
	for _, r := range list {
		_, known := x[r.axis].Int()
		whole := r.from == 0 && r.to == 1 // not cropped
		if !known && whole && !x[r.axis].IsUnknown() && out[r.axis].Same(x[r.axis]) {
			continue
		}
		all = all && known
		kept = append(kept, r)
	}
	return kept, all
}

// maxAxis bounds the size of an axis: float64 is exact below, and an int holds it.
const maxAxis = min(1<<40, math.MaxInt>>1)

// resizeByScales reports whether the scales are known and the size of each axis that they change.
func resizeByScales(n *op.Node, list []resizing, x, out ir.Shape) (bool, error) {
	scales, err := floatsOf(n, 2, len(list))
	if err != nil {
		return false, err
	}
	ok, crop := scales != nil, n.Str("coordinate_transformation_mode") == "tf_crop_and_resize"
	for i := range list {
		r := &list[i]
		if scales == nil {
			out[r.axis] = ir.Unknown
			continue
		}
		r.scale = scales[i]
		size := float64(float32(r.in) * r.scale) // rounded to float32, as onnxruntime and the reference do
		if !(r.scale > 0) || size > maxAxis {
			return false, op.Shapef("scale %g at axis %d of %v", r.scale, r.axis, n.In(0))
		}
		r.out = int(size)
		_, known := x[r.axis].Int()
		ok = ok && (known || r.scale == 1 && !crop)
		if known {
			out[r.axis] = ir.Known(r.out)
		} else if r.scale == float32(int(r.scale)) {
			out[r.axis] = x[r.axis].Mul(ir.Known(int(r.scale)))
		} else {
			out[r.axis] = ir.Unknown
		}
	}
	return ok, nil
}

func resizeBySizes(n *op.Node, list []resizing, x, out ir.Shape, ok bool) (bool, error) {
	elems := n.In(3).Elems
	if k, known := rankFromVector(n.In(3)); known && k != len(list) || n.In(3).Ranked && len(n.In(3).Shape) != 1 {
		return false, op.Shapef("sizes is %v, expected %d elements", n.In(3), len(list))
	}
	policy := n.Str("keep_aspect_ratio_policy")
	if policy != "" && !slices.Contains([]string{"stretch", "not_larger", "not_smaller"}, policy) {
		return false, op.Malformedf("keep_aspect_ratio_policy is %q", policy)
	}
	measured := true
	for i := range list {
		r := &list[i]
		_, known := x[r.axis].Int()
		measured = measured && known
		out[r.axis] = ir.Unknown
		if elems == nil {
			continue
		}
		size, known := elems[i].Int()
		if known && (size < 0 || size > maxAxis) {
			return false, op.Shapef("size %d in sizes", size)
		}
		r.out, ok = size, ok && (known || elems[i].Same(x[r.axis]))
		if policy == "" || policy == "stretch" {
			out[r.axis] = elems[i]
		}
		r.scale = float32(r.out) / float32(r.in)
	}
	if ok = ok && elems != nil; !ok || policy == "" || policy == "stretch" {
		return ok, nil
	}
	if !measured {
		return false, nil
	}
	return true, keepAspect(list, out, policy == "not_larger")
}

// keepAspect gives all axes the same scale: the least of those asked for, or the greatest.
func keepAspect(list []resizing, out ir.Shape, least bool) error {
	if len(list) == 0 {
		return nil
	}
	ratio := func(r resizing) float64 { return float64(r.out) / float64(r.in) }
	best := ratio(list[0])
	for _, r := range list {
		if least {
			best = min(best, ratio(r))
		} else {
			best = max(best, ratio(r))
		}
	}
	for i := range list {
		r := &list[i]
		size := math.Floor(best*float64(r.in) + .5)
		if !(size >= 0 && size <= maxAxis) {
			return op.Shapef("axis %d scaled by %g", r.axis, best)
		}
		r.out, r.scale = int(size), float32(best)
		out[r.axis] = ir.Known(r.out)
	}
	return nil
}

// origin returns the place along an axis of the input that element i of the output is taken from, and
// whether it is outside of it where mode is tf_crop_and_resize.
func (r resizing) origin(mode string, i int) (at float32, outside bool) {
	x, length := float32(i), float32(r.in)
	// What the scale asks for, before it was rounded down to whole elements.
	wanted := r.scale * length
	switch mode {
	case "half_pixel":
		return (x+.5)/r.scale - .5, false
	case "half_pixel_symmetric":
		offset := length / 2 * (1 - float32(r.out)/wanted)
		return offset + (x+.5)/r.scale - .5, false
	case "pytorch_half_pixel":
		if r.out > 1 {
			return (x+.5)/r.scale - .5, false
		}
		return 0, false
	case "align_corners":
		if wanted == 1 || r.out == 1 {
			return 0, false
		}
		return x * (length - 1) / (wanted - 1), false
	case "tf_half_pixel_for_nn":
		return (x + .5) / r.scale, false
	case "tf_crop_and_resize":
		at = .5 * (r.from + r.to) * (length - 1)
		if r.out > 1 {
			at = r.from*(length-1) + x*(r.to-r.from)*(length-1)/(float32(r.out)-1)
		}
		return at, at < 0 || at > length-1
	}
	return x / r.scale, false // asymmetric
}

// taps are the weighted elements of the input that make each of the output's along an axis.
type taps struct {
	index   []int // out x width
	weight  []float64
	outside []bool // nil where no element is
}

// axisTaps returns the taps of an axis.
func axisTaps(n *op.Node, r resizing) taps {
	mode := n.Str("coordinate_transformation_mode")
	var t taps
	for i := range r.out {
		at, outside := r.origin(mode, i)
		if outside && t.outside == nil {
			t.outside = make([]bool, r.out)
		}
		if outside {
			t.outside[i] = true
		}
		if n.Str("mode") == "nearest" {
			t.index = append(t.index, min(max(nearestIndex(n.Str("nearest_mode"), float64(at)), 0), r.in-1))
			t.weight = append(t.weight, 1)
			continue
		}
		first, w := filterAt(n, float64(at), float64(r.scale))
		if n.Bool("exclude_outside") {
			excludeOutside(w, first, r.in)
		}
		for k, v := range w {
			t.index = append(t.index, min(max(first+k, 0), r.in-1))
			t.weight = append(t.weight, v)
		}
	}
	return t
}

// nearestIndex rounds a place to an element.
func nearestIndex(mode string, at float64) int {
	at = min(max(at, -maxAxis), maxAxis)
	switch mode {
	case "floor":
		return int(math.Floor(at))
	case "ceil":
		return int(math.Ceil(at))
	case "round_prefer_ceil":
		return int(math.Floor(at + .5))
	}
	return int(math.Ceil(at - .5)) // round_prefer_floor
}

// filterAt returns the weights of the elements from first on that make the value at a place.
func filterAt(n *op.Node, at, scale float64) (first int, w []float64) {
	kernel, radius := linearFilter, 1.
	if n.Str("mode") == "cubic" {
		a := float64(n.Float("cubic_coeff_a"))
		kernel, radius = func(x float64) float64 { return cubicFilter(x, a) }, 2
	}
	shrink := 1.
	if n.Bool("antialias") {
		shrink = min(scale, 1)
	}
	floor := math.Floor(min(max(at, -maxAxis), maxAxis))
	ratio := at - floor
	start := int(math.Floor(-radius/shrink)) + 1
	sum := 0.
	for i := start; i < 2-start; i++ {
		v := kernel(shrink * (float64(i) - ratio))
		w = append(w, v)
		sum += v
	}
	if n.Bool("antialias") {
		for i := range w {
			w[i] /= sum
		}
	}
	return int(floor) + start, w
}

// linearFilter is the triangle of width 2 and height 1.
func linearFilter(x float64) float64 { return max(0, 1-math.Abs(x)) }

// cubicFilter is Keys' cubic convolution kernel with parameter a (Cubic convolution interpolation for
// digital image processing, 1981).
func cubicFilter(x, a float64) float64 {
	x = math.Abs(x)
	switch {
	case x <= 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((a*x-5*a)*x+8*a)*x - 4*a
	}
	return 0
}

// excludeOutside takes the weight of elements outside the axis and gives it to the others.
func excludeOutside(w []float64, first, size int) {
	sum := 0.
	for k := range w {
		if first+k < 0 || first+k >= size {
			w[k] = 0
		}
		sum += w[k]
	}
	for k := range w {
		w[k] /= sum
	}
}

// matrix returns the taps as a matrix [in, out], the outside elements without weight: what a gradient
// multiplies with is its transpose.
func (t taps) matrix(in, out int) *tensor.Tensor[float64] {
	m := tensor.Zeros[float64](out, in)
	width := len(t.index) / max(out, 1)
	for i := range out {
		if t.outside != nil && t.outside[i] {
			continue
		}
		for k := i * width; k < (i+1)*width; k++ {
			m.Data()[i*in+t.index[k]] += t.weight[k]
		}
	}
	return m
}
