package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// imageFunction adds a function of images (batch, height, width, channels), or with the channels first.
type imageFunction func(name, params string, f func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value)

// imageOperations adds the functions of keras.ops.image. An image without a batch gets one on the way.
func imageOperations(m map[string]operation) {
	var image imageFunction = func(name, params string, f func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value) {
		m[name] = operation{"images " + params, func(x *emit, a *arguments) []*ir.Value {
			v := a.value("images")
			first := a.text("data_format", "channels_last") == "channels_first"
			alone := v.Fact.Rank() == 3
			if alone {
				v = x.Unsqueeze(v, 0)
			}
			if x.Err() == nil && v.Fact.Rank() != 4 {
				x.Fail(op.Shapef("images %v", v.Fact))
				return one(v)
			}
			if v = f(x, a, v, first); alone {
				v = x.Squeeze(v, 0)
			}
			return one(v)
		}}
	}
	image("resize", "size interpolation antialias crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value data_format",
		func(x *emit, a *arguments, v *ir.Value, _ bool) *ir.Value {
			c := a.config(asIs("interpolation"), asIs("antialias"), asIs("crop_to_aspect_ratio"), asIs("pad_to_aspect_ratio"), asIs("fill_mode"),
				asIs("fill_value"), asIs("data_format"))
			if size := a.ints("size"); len(size) == 2 {
				c["height"], c["width"] = size[0], size[1]
			}
			return x.asLayer("Resizing", c, x.float(v))[0]
		})
	filterOperations(m, image)
	sampleOperations(m, image)
	image("extract_patches", "size strides dilation_rate padding data_format", extractPatches)
	flat := m["extract_patches"]
	m["extract_patches"] = operation{flat.params, func(x *emit, a *arguments) []*ir.Value {
		if len(a.ints("size")) == 3 {
			return one(extractVolumes(x, a))
		}
		return flat.emit(x, a)
	}}
	image("pad_images", "top_padding left_padding bottom_padding right_padding target_height target_width data_format",
		func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
			h := a.margins(v, spaceAxes(2, first)[0], "top_padding", "bottom_padding", "target_height", 1)
			w := a.margins(v, spaceAxes(2, first)[1], "left_padding", "right_padding", "target_width", 1)
			pads := make([]int, 8)
			for i, axis := range spaceAxes(2, first) {
				pads[axis], pads[axis+4] = [][2]int{h, w}[i][0], [][2]int{h, w}[i][1]
			}
			return x.Op("Pad", v, x.Ints(pads...))
		})
	image("crop_images", "top_cropping left_cropping bottom_cropping right_cropping target_height target_width data_format",
		func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
			axes := spaceAxes(2, first)
			h := a.margins(v, axes[0], "top_cropping", "bottom_cropping", "target_height", -1)
			w := a.margins(v, axes[1], "left_cropping", "right_cropping", "target_width", -1)
			return x.Op("Slice", v, x.Ints(h[0], w[0]), x.Ints(x.dim(v, axes[0])-h[1], x.dim(v, axes[1])-w[1]), x.Ints(axes...))
		})
	image("rgb_to_grayscale", "data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		axis := 3
		if first {
			axis = 1
		}
		if x.dim(v, axis) == 1 {
			return x.Op("Identity", v)
		}
		shape := slices.Repeat([]int{1}, 4)
		shape[axis] = 3
		w, err := numbers([]float64{.2989, .5870, .1140}, tensor.Float32, shape...)
		if err != nil {
			x.Fail(err)
			return v
		}
		return x.Cast(x.Sum(x.Mul(x.float(v), x.Const(w)), true, axis), v.Fact.DType)
	})
}

// margins returns what is added (sign 1) or cut (sign -1) at the two ends of an axis: given, or what is left to the target.
func (a *arguments) margins(v *ir.Value, axis int, begin, end, target string, sign int) [2]int {
	size := a.x.dim(v, axis)
	b, e := a.integer(begin, 0), a.integer(end, 0)
	if a.has(target) {
		total := sign * (a.integer(target, 0) - size)
		if !a.has(begin) && !a.has(end) {
			a.fail(target)
		} else if !a.has(begin) {
			b = total - e
		} else if !a.has(end) {
			e = total - b
		}
	}
	if b < 0 || e < 0 || max(b, e) > maxWindow || sign < 0 && b+e > size {
		a.fail(begin)
	}
	return [2]int{b, e}
}

// extractPatches lays the elements of each window side by side along the channels: a reshape where the
// windows divide the image, else a convolution that picks each element.
func extractPatches(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
	size := a.ints("size")
	if len(size) == 1 {
		size = append(size, size[0])
	}
	if !a.has("strides") {
		a.values["strides"] = []any{first2(size, 0), first2(size, 1)}
	}
	if len(size) != 2 {
		a.fail("size")
		return v
	}
	w, _ := a.window(size, true)
	v = x.fromFront(v, !first) // channels last
	h, wd, c := x.dim(v, 1), x.dim(v, 2), x.dim(v, 3)
	if x.Err() != nil {
		return v
	}
	var y *ir.Value
	if slices.Equal(w.strides, size) && slices.Equal(w.dilation, []int{1, 1}) && h%size[0] == 0 && wd%size[1] == 0 {
		y = x.ReshapeTo(v, -1, h/size[0], size[0], wd/size[1], size[1], c)
		y = x.ReshapeTo(x.Transpose(y, 0, 1, 3, 2, 4, 5), -1, h/size[0], wd/size[1], size[0]*size[1]*c)
		return x.toFront(y, !first)
	}
	n := size[0] * size[1] * c
	if n > 1<<12 {
		a.fail("size")
		return v
	}
	k := tensor.Zeros[float32](n, c, size[0], size[1])
	for i := range n { // the element at row r, column s, channel ch
		ch, s, r := i%c, i/c%size[1], i/c/size[1]
		k.Data()[((i*c+ch)*size[0]+r)*size[1]+s] = 1
	}
	u := x.toFront(v, false)
	y = x.Emit(1, "Conv", []*ir.Value{u, x.Const(k)}, w.attrs(x, u, true)...)[0]
	return x.fromFront(y, first)
}

// extractVolumes is extractPatches in three dimensions.
func extractVolumes(x *emit, a *arguments) *ir.Value {
	v, size := x.float(a.value("images")), a.ints("size")
	alone := v.Fact.Rank() == 4
	if alone {
		v = x.Unsqueeze(v, 0)
	}
	if !a.has("strides") {
		a.values["strides"] = []any{size[0], size[1], size[2]}
	}
	w, first := a.window(size, true)
	if v.Fact.Rank() != 5 || min(size[0], size[1], size[2]) < 1 || max(size[0], size[1], size[2]) > 64 || x.Err() != nil {
		a.fail("size")
		return v
	}
	v = x.toFront(v, first)
	n, c := size[0]*size[1]*size[2], x.dim(v, 1)
	if c > 1<<12/n {
		a.fail("size")
		return v
	}
	k := tensor.Zeros[float32](n*c, c, size[0], size[1], size[2])
	for i := range n * c { // the channel i%c at the place i/c
		k.Data()[(i*c+i%c)*n+i/c] = 1
	}
	v = x.fromFront(x.Emit(1, "Conv", []*ir.Value{v, x.Const(k)}, w.attrs(x, v, true)...)[0], first)
	if alone {
		v = x.Squeeze(v, 0)
	}
	return v
}

func first2(size []int, i int) any {
	if i < len(size) {
		return size[i]
	}
	return 0
}
