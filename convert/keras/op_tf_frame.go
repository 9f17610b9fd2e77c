package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfFrames adds those functions of tf.image that cut images out, pad and turn them.
func tfFrames(m map[string]operation) {
	m["image.crop_to_bounding_box"] = operation{"image offset_height offset_width target_height target_width", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("image")
		top, left := a.integer("offset_height", 0), a.integer("offset_width", 0)
		return one(x.cutOut(v, top, left, a.integer("target_height", 0), a.integer("target_width", 0)))
	}}
	m["image.pad_to_bounding_box"] = operation{"image offset_height offset_width target_height target_width", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("image")
		top, left := a.integer("offset_height", 0), a.integer("offset_width", 0)
		return one(x.framed(v, top, left, a.integer("target_height", 0), a.integer("target_width", 0)))
	}}
	m["image.resize_with_crop_or_pad"] = operation{"image target_height target_width", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("image")
		h, w := x.imageSize(v)
		height, width := a.integer("target_height", 0), a.integer("target_width", 0)
		v = x.cutOut(v, max(h-height, 0)/2, max(w-width, 0)/2, min(h, height), min(w, width))
		return one(x.framed(v, max(height-h, 0)/2, max(width-w, 0)/2, height, width))
	}}
	m["image.resize_with_pad"] = operation{"image target_height target_width method antialias", tfResizeWithPad}
	m["image.rot90"] = operation{"image k", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("image")
		rank := v.Fact.Rank()
		a.values["array"], a.values["axes"] = v, []any{rank - 3, rank - 2}
		return operations()["rot90"].emit(x, a)
	}}
	m["image.transpose"] = operation{"image", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("image")
		perm := count(v.Fact.Rank())
		if n := len(perm); n >= 3 {
			perm[n-3], perm[n-2] = n-2, n-3
		}
		return one(x.Transpose(v, perm...))
	}}
}

// imageSize returns height and width of images in TensorFlow's order, which must be known.
func (x *emit) imageSize(v *ir.Value) (h, w int) {
	rank := v.Fact.Rank()
	if x.Err() == nil && rank < 3 {
		x.Fail(op.Shapef("an image of %v", v.Fact))
	}
	if x.Err() != nil {
		return 0, 0
	}
	return x.dim(v, rank-3), x.dim(v, rank-2)
}

// cutOut keeps a box of images.
func (x *emit) cutOut(v *ir.Value, top, left, height, width int) *ir.Value {
	h, w := x.imageSize(v)
	if top < 0 || left < 0 || height < 1 || width < 1 || top > h-height || left > w-width {
		x.Fail(op.Unsupportedf("a box of %d x %d at %d, %d of %v", height, width, top, left, v.Fact))
		return v
	}
	if height == h && width == w {
		return v
	}
	rank := v.Fact.Rank()
	return x.Op("Slice", v, x.Ints(top, left), x.Ints(top+height, left+width), x.Ints(rank-3, rank-2))
}

// framed puts images into a larger box of zeros.
func (x *emit) framed(v *ir.Value, top, left, height, width int) *ir.Value {
	h, w := x.imageSize(v)
	if top < 0 || left < 0 || top > height-h || left > width-w || max(height, width) > maxPieces {
		x.Fail(op.Unsupportedf("%v at %d, %d of a box of %d x %d", v.Fact, top, left, height, width))
		return v
	}
	if height == h && width == w {
		return v
	}
	rank := v.Fact.Rank()
	pads := slices.Repeat([]int{0}, 2*rank)
	pads[rank-3], pads[rank-2] = top, left
	pads[2*rank-3], pads[2*rank-2] = height-h-top, width-w-left
	return x.Op("Pad", v, x.Ints(pads...), x.Scalar(v, 0))
}

// tfResizeWithPad resizes images to what fits into a box and keeps their proportions, with zeros around. The
// sizes are rounded in float32, as TensorFlow does.
func tfResizeWithPad(x *emit, a *arguments) []*ir.Value {
	v := a.value("image")
	h, w := x.imageSize(v)
	height, width := a.integer("target_height", 0), a.integer("target_width", 0)
	if h < 1 || w < 1 || height < 1 || width < 1 || max(height, width) > maxPieces {
		a.fail("target_height")
		return one(v)
	}
	ratio := max(float32(w)/float32(width), float32(h)/float32(height))
	fitH, fitW := float32(h)/ratio, float32(w)/ratio
	a.values["images"], a.values["size"] = v, []any{int(fitH), int(fitW)}
	y := tfResize(x, a)[0]
	return one(x.framed(y, int((float32(height)-fitH)/2), int((float32(width)-fitW)/2), height, width))
}
