package keras

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxImage bounds the height and width of an image that is scaled.
const maxImage = 1 << 16

// upSampling converts UpSampling1D to 3D: each element repeated along the axes in space, or, in two of
// them, interpolated.
func upSampling(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		size := x.positive("size", n, slices.Repeat([]int{2}, n))
		mode := x.layer.text("interpolation", "nearest")
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		v := x.in[0]
		if mode != "nearest" {
			if n != 2 {
				x.Fail(argument("interpolation", mode))
				return one(v)
			}
			v = x.toFront(v, first)
			return one(x.fromFront(x.interpolate(v, nil, size, mode, false), first))
		}
		scales := slices.Repeat([]float32{1}, n+2)
		for i, a := range spaceAxes(n, first) {
			scales[a] = float32(size[i])
		}
		return one(x.resize(v, scales, "nearest", op.Attr("coordinate_transformation_mode", "asymmetric"), op.Attr("nearest_mode", "floor")))
	}
}

func (x *emit) resize(v *ir.Value, scales []float32, mode string, more ...ir.Attr) *ir.Value {
	in := []*ir.Value{v, nil, x.constant("scales", tensor.Vector(scales...))}
	return x.Emit(1, "Resize", in, append([]ir.Attr{op.Attr("mode", mode)}, more...)...)[0]
}

// interpolate scales the axes in space of images with their channels in front, to a size or by integers.
// ONNX's Resize says nearest, bilinear and bicubic; what it does not say, or rounds otherwise than
// TensorFlow, is a product with a matrix for each axis, whose size has to be known.
func (x *emit) interpolate(v *ir.Value, size, factor []int, mode string, antialias bool) *ir.Value {
	if x.Err() != nil {
		return v
	}
	in := make([]int, 2)
	known := true
	for i := range in {
		var ok bool
		in[i], ok = v.Fact.Shape[i+2].Int()
		known = known && ok
	}
	if known && size == nil {
		size = []int{in[0] * factor[0], in[1] * factor[1]}
	}
	if known && slices.Equal(in, size) && (mode == "nearest" || mode == "bilinear") {
		return v
	}
	if known {
		for i := range in {
			if size[i] > maxImage || in[i] > maxImage {
				x.Fail(argument("size", size))
				return v
			}
		}
	}
	switch {
	case mode == "bilinear" && !antialias:
		return x.resizeTo(v, size, factor, "linear", op.Attr("coordinate_transformation_mode", "half_pixel"))
	case mode == "bicubic" && !antialias && known && in[0] <= size[0] && in[1] <= size[1] && tableExact(in, size) && exactScale(in[0], size[0]) && exactScale(in[1], size[1]):
		// onnxruntime moves a Transpose behind a cubic Resize that makes images smaller, and then refuses it
		return x.resizeTo(v, size, factor, "cubic", op.Attr("coordinate_transformation_mode", "half_pixel"),
			op.Attr("cubic_coeff_a", -.5), op.Attr("exclude_outside", 1))
	case mode == "nearest" && !known:
		return x.resizeTo(v, size, factor, "nearest", op.Attr("coordinate_transformation_mode", "half_pixel"), op.Attr("nearest_mode", "round_prefer_ceil"))
	case !known:
		return x.interpolateAny(v, func(i int, in *ir.Value) *ir.Value {
			if size != nil {
				return x.Const(tensor.Scalar(int64(size[i])))
			}
			return x.Mul(in, x.Scalar(in, float64(factor[i])))
		}, mode, antialias)
	case mode == "nearest":
		for i := range in {
			v = x.Gather(v, x.Ints(nearestIndices(in[i], size[i])...), i+2)
		}
		return v
	}
	rows, cols := weightsOf(mode, antialias, in[0], size[0]), weightsOf(mode, antialias, in[1], size[1])
	if rows == nil || cols == nil {
		x.Fail(argument("interpolation", mode))
		return v
	}
	if in[0] != size[0] || mode == "gaussian" || mode == "mitchellcubic" {
		v = x.MatMul(x.constant("rows", rows), v)
	}
	if in[1] != size[1] || mode == "gaussian" || mode == "mitchellcubic" {
		v = x.MatMul(v, x.constant("columns", permuted(cols, 1, 0)))
	}
	return v
}

// resizeTo emits Resize to a size, or by factors where the size is not known.
func (x *emit) resizeTo(v *ir.Value, size, factor []int, mode string, attrs ...ir.Attr) *ir.Value {
	if factor != nil {
		return x.resize(v, []float32{1, 1, float32(factor[0]), float32(factor[1])}, mode, attrs...)
	}
	lead := x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(2))
	if c, ok := v.Fact.Shape[1].Int(); ok {
		if n, ok := v.Fact.Shape[2].Int(); ok {
			if m, ok := v.Fact.Shape[3].Int(); ok && exactScale(n, size[0]) && exactScale(m, size[1]) && c > 0 {
				return x.resize(v, []float32{1, 1, float32(size[0]) / float32(n), float32(size[1]) / float32(m)}, mode, attrs...)
			}
		}
	}
	in := []*ir.Value{v, nil, nil, x.Concat(0, lead, x.Ints(size...))}
	return x.Emit(1, "Resize", in, append([]ir.Attr{op.Attr("mode", mode)}, attrs...)...)[0]
}

// exactScale reports whether m/n is a float32 that leads from n to m and back.
func exactScale(n, m int) bool {
	s := float32(m) / float32(n)
	return n > 0 && float64(s)*float64(n) == float64(m)
}

// resizing scales images to a size.
func resizing(x *emit) []*ir.Value {
	x.noCall()
	first := x.channelsFirst()
	size := []int{x.layer.integer("height", 0), x.layer.integer("width", 0)}
	crop, pad := x.layer.flag("crop_to_aspect_ratio", false), x.layer.flag("pad_to_aspect_ratio", false)
	fill, mode := x.layer.num("fill_value", 0), x.layer.text("interpolation", "bilinear")
	antialias := x.layer.flag("antialias", false)
	if f := x.layer.text("fill_mode", "constant"); f != "constant" {
		x.Fail(argument("fill_mode", f))
	}
	if !x.rank(4) || size[0] < 1 || size[1] < 1 || max(size[0], size[1]) > maxImage {
		x.Fail(argument("height, width", size))
		return x.in[:1]
	}
	kind := x.in[0].Fact.DType
	v := x.toFront(x.float(x.in[0]), first)
	if crop {
		v = x.cropToRatio(v, size)
	}
	if pad {
		v = x.padToRatio(v, size, fill)
	}
	var y *ir.Value
	if !isFloat(kind) && mode == "bilinear" && !antialias {
		y = x.bilinear(v, size)
	} else {
		y = x.interpolate(v, size, nil, mode, antialias)
	}
	if !isFloat(kind) && !x.converter.keras2() { // Keras 3 gives the type that it gets
		y = x.saturated(y, kind, x.converter.since(3, 6))
	}
	return one(x.fromFront(y, first))
}

// bilinear is interpolate with TensorFlow's own arithmetic: a half is rounded to another integer than what is
// next to it.
func (x *emit) bilinear(v *ir.Value, size []int) *ir.Value {
	for i, axis := range []int{3, 2} {
		n, known := v.Fact.Shape[axis].Int()
		m := size[1-i]
		if !known {
			v = x.bilinearAny(v, axis, m)
			continue
		}
		if n == m {
			continue
		}
		low, high, part := make([]int, m), make([]int, m), make([]float32, m)
		scale := float32(n) / float32(m)
		for k := range m {
			at := float32((float32(k)+.5)*scale) - .5
			floor := float32(math.Floor(float64(at)))
			low[k], high[k], part[k] = max(int(floor), 0), min(int(math.Ceil(float64(at))), n-1), at-floor
		}
		shape := []int{m, 1}[:i+1] // along the axis
		a, b := x.Gather(v, x.Ints(low...), axis), x.Gather(v, x.Ints(high...), axis)
		v = x.Add(a, x.Mul(x.Sub(b, a), x.Const(tensor.Must(part, shape...))))
	}
	return v
}

// saturated casts numbers to an integer type, rounded or cut off, those outside of it to its ends.
func (x *emit) saturated(v *ir.Value, d tensor.DType, round bool) *ir.Value {
	l, ok := integerLimits[d]
	if !ok {
		x.Fail(op.Unsupportedf("images of type %v", d))
		return v
	}
	if round {
		v = x.Op("Round", v)
	}
	return x.Cast(x.Op("Clip", v, x.Scalar(v, l[0]), x.Scalar(v, l[1])), d)
}

// ratioSize is the largest size of the target's ratio in an image (or, with outer, the smallest around).
func ratioSize(h, w int, target []int, outer bool) (int, int) {
	ch := int(float32(w*target[0]) / float32(target[1]))
	cw := int(float32(h*target[1]) / float32(target[0]))
	if outer {
		return max(h, ch), max(w, cw)
	}
	return max(min(h, ch), 1), max(min(w, cw), 1)
}

func (x *emit) cropToRatio(v *ir.Value, size []int) *ir.Value {
	if !sized(v) {
		from := x.space(v)
		return x.middle(v, from, x.ratioOf(from, size, "Min"))
	}
	h, w := x.dim(v, 2), x.dim(v, 3)
	ch, cw := ratioSize(h, w, size, false)
	if ch == h && cw == w || x.Err() != nil {
		return v
	}
	top, left := (h-ch)/2, (w-cw)/2
	return x.Op("Slice", v, x.Ints(top, left), x.Ints(top+ch, left+cw), x.Ints(2, 3))
}

func (x *emit) padToRatio(v *ir.Value, size []int, fill float64) *ir.Value {
	var pads *ir.Value
	if sized(v) {
		h, w := x.dim(v, 2), x.dim(v, 3)
		ph, pw := ratioSize(h, w, size, true)
		top, left := (ph-h)/2, (pw-w)/2 // Keras puts as much at the end
		if top == 0 && left == 0 {
			return v
		}
		pads = x.Ints(0, 0, top, left, 0, 0, top, left)
	} else {
		from := x.space(v)
		each := x.Op("Div", x.Sub(x.ratioOf(from, size, "Max"), from), x.Ints(2))
		pads = x.Concat(0, x.Ints(0, 0), each, x.Ints(0, 0), each)
	}
	in := []*ir.Value{v, pads, nil}
	if fill != 0 {
		in[2] = x.Scalar(v, fill)
	}
	return x.Emit(1, "Pad", in)[0]
}

// centerCrop cuts the middle out; images that are too small are scaled bilinearly after cutting them to
// the ratio.
func centerCrop(x *emit) []*ir.Value {
	x.noCall()
	first := x.channelsFirst()
	size := []int{x.layer.integer("height", 0), x.layer.integer("width", 0)}
	if !x.rank(4) || size[0] < 1 || size[1] < 1 || max(size[0], size[1]) > maxImage {
		x.Fail(argument("height, width", size))
		return x.in[:1]
	}
	in := x.float(x.in[0])
	v := x.toFront(in, first)
	if !sized(v) {
		v = x.middleOrRatio(v, size)
		return one(x.fromFront(x.interpolate(v, size, nil, "bilinear", false), first))
	}
	axes := spaceAxes(2, first)
	h, w := x.dim(in, axes[0]), x.dim(in, axes[1])
	if h >= size[0] && w >= size[1] {
		top, left := (h-size[0])/2, (w-size[1])/2
		return one(x.Op("Slice", in, x.Ints(top, left), x.Ints(top+size[0], left+size[1]), x.Ints(axes...)))
	}
	v = x.cropToRatio(v, size)
	return one(x.fromFront(x.interpolate(v, size, nil, "bilinear", false), first))
}

// middleOrRatio cuts the part out that centerCrop scales from images whose size is not known before they are
// there: the size itself of images that are large enough, which no scaling changes, else the size's ratio.
func (x *emit) middleOrRatio(v *ir.Value, size []int) *ir.Value {
	from, to := x.space(v), x.Ints(size...)
	fits := x.Cast(x.Op("ReduceMin", x.Cast(x.Op("GreaterOrEqual", from, to), tensor.Int32)), tensor.Bool)
	return x.middle(v, from, x.Where(fits, to, x.ratioOf(from, size, "Min")))
}

// sized reports whether height and width are known of images with their channels in front.
func sized(v *ir.Value) bool {
	_, h := v.Fact.Shape[2].Int()
	_, w := v.Fact.Shape[3].Int()
	return h && w
}

// space returns height and width of images with their channels in front.
func (x *emit) space(v *ir.Value) *ir.Value { return x.Op("Slice", x.Shape(v), x.Ints(2), x.Ints(4)) }

// ratioOf is ratioSize for images of a size that comes with them: limit is Min to cut them, Max to pad them.
func (x *emit) ratioOf(from *ir.Value, size []int, limit string) *ir.Value {
	other := x.Op("Div", x.Mul(x.Gather(from, x.Ints(1, 0), 0), x.Ints(size...)), x.Ints(size[1], size[0]))
	return x.Op("Max", x.Op(limit, from, other), x.Ints(1))
}

// middle cuts a part of the given size out of images.
func (x *emit) middle(v, from, part *ir.Value) *ir.Value {
	start := x.Op("Div", x.Sub(from, part), x.Ints(2))
	return x.Op("Slice", v, start, x.Add(start, part), x.Ints(2, 3))
}

// rescaling is x*scale+offset.
func rescaling(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.Cast(x.in[0], tensor.Float32)
	if d := x.in[0].Fact.DType; d == tensor.Float16 || d == tensor.BFloat16 || d == tensor.Float64 {
		v = x.in[0]
	}
	scale, offset := x.numbers("scale", 1), x.numbers("offset", 0)
	if scale == nil || offset == nil {
		return x.in[:1]
	}
	if !allAre(scale, 1) {
		v = x.Mul(v, x.broadcastable("scale", v, scale))
	}
	if !allAre(offset, 0) {
		v = x.Add(v, x.broadcastable("offset", v, offset))
	}
	return one(v)
}

func allAre(v []float64, n float64) bool {
	return !slices.ContainsFunc(v, func(a float64) bool { return a != n })
}

// broadcastable returns a number, or a vector along the last axis, in the type of v.
func (x *emit) broadcastable(name string, v *ir.Value, n []float64) *ir.Value {
	if len(n) == 1 {
		return x.Scalar(v, n[0])
	}
	t := tensor.Zeros[float32](len(n))
	for i, a := range n {
		t.Data()[i] = float32(a)
	}
	return x.Cast(x.constant(name, t), v.Fact.DType)
}

// numbers reads a number, a list of them or an array as Keras 3 writes it.
func (x *emit) numbers(key string, def float64) []float64 {
	v := x.layer.get(key)
	if m, ok := v.(map[string]any); ok {
		config, _ := m["config"].(map[string]any)
		v = config["value"]
	}
	switch v := v.(type) {
	case nil:
		return []float64{def}
	case json.Number:
		if f, ok := number(v); ok {
			return []float64{f}
		}
	case []any:
		out := make([]float64, len(v))
		for i, e := range v {
			f, ok := number(e)
			if !ok {
				x.Fail(argument(key, x.layer.get(key)))
				return nil
			}
			out[i] = f
		}
		if len(out) > 0 {
			return out
		}
	}
	x.Fail(argument(key, x.layer.get(key)))
	return nil
}
