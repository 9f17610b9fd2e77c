package keras

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfResizes adds TensorFlow's functions that scale images.
func tfResizes(m map[string]operation) {
	m["image.resize"] = operation{"images size method preserve_aspect_ratio antialias", tfResize}
	for _, mode := range []string{"nearest_neighbor", "bilinear", "bicubic", "area"} {
		m["image.resize_"+mode] = operation{"images size align_corners half_pixel_centers", tfResizeOld(mode)}
	}
}

func tfResize(x *emit, a *arguments) []*ir.Value {
	mode := strings.ToLower(a.text("method", "bilinear"))
	keep := a.flag("preserve_aspect_ratio")
	switch known := isKnown(a.get("size")); {
	case !known && keep:
		a.fail("preserve_aspect_ratio")
		return one(a.value("images"))
	case !known:
		return one(x.resizeLike(x.float(a.value("images")), a.sizes("size"), mode, a.flag("antialias")))
	case keep:
		a.values["size"] = x.fitting(a.value("images"), a.ints("size"))
	}
	a.values["interpolation"] = mode
	return operations()["resize"].emit(x, a)
}

// isKnown reports whether all of a list of sizes is known.
func isKnown(v any) bool {
	if list, ok := v.([]any); ok {
		return !slices.ContainsFunc(list, func(n any) bool { _, ok := whole(n); return !ok })
	}
	if g, ok := v.(*ir.Value); ok {
		_, ok = knownInts(g)
		return ok
	}
	return true
}

// fitting returns the largest size within a size that has the proportions of an image. The factor is rounded in
// float32, as TensorFlow does.
func (x *emit) fitting(v *ir.Value, size []int) []any {
	h, w := x.imageSize(v)
	if x.Err() != nil || len(size) != 2 || h < 1 || w < 1 {
		x.Fail(argument("size", size))
		return nil
	}
	f := min(float32(size[0])/float32(h), float32(size[1])/float32(w))
	scaled := func(n int) int { return int(math.RoundToEven(float64(f * float32(n)))) }
	return []any{scaled(h), scaled(w)}
}

// resizeLike scales images (batch, height, width, channels) to a size, (2), that only running tells.
func (x *emit) resizeLike(v, size *ir.Value, mode string, antialias bool) *ir.Value {
	if x.Err() == nil && (v.Fact.Rank() != 4 || size.Fact.Rank() != 1) {
		x.Fail(op.Shapef("images %v for a size %v", v.Fact, size.Fact))
	}
	if x.Err() != nil {
		return v
	}
	v = x.toFront(v, false)
	switch {
	case mode == "nearest":
		v = x.resizeInto(v, size, mode, op.Attr("coordinate_transformation_mode", "half_pixel"), op.Attr("nearest_mode", "round_prefer_ceil"))
	case mode == "bilinear" && !antialias:
		v = x.resizeInto(v, size, "linear", op.Attr("coordinate_transformation_mode", "half_pixel"))
	default:
		v = x.interpolateAny(v, func(i int, _ *ir.Value) *ir.Value {
			return x.Gather(size, x.Const(tensor.Scalar(int64(i))), 0)
		}, mode, antialias)
	}
	return x.fromFront(v, false)
}

// resizeInto emits Resize of images with their channels in front to a size, (2).
func (x *emit) resizeInto(v, size *ir.Value, mode string, attrs ...ir.Attr) *ir.Value {
	lead := x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(2))
	in := []*ir.Value{v, nil, nil, x.Concat(0, lead, size)}
	return x.Emit(1, "Resize", in, append([]ir.Attr{op.Attr("mode", mode)}, attrs...)...)[0]
}

// tfResizeOld is the resizing of TensorFlow 1, where an element stands for its upper left corner unless
// half_pixel_centers says that it stands for its middle.
func tfResizeOld(mode string) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("images"))
		corners, half := a.flag("align_corners"), a.flag("half_pixel_centers")
		switch {
		case x.Err() == nil && v.Fact.Rank() != 4:
			x.Fail(op.Shapef("images %v", v.Fact))
		case corners && (mode == "bicubic" || mode == "area"):
			a.fail("align_corners")
		case mode == "bicubic" && !half:
			a.fail("half_pixel_centers")
		}
		if x.Err() != nil {
			return one(v)
		}
		if half || mode == "area" {
			a.values["method"] = strings.TrimSuffix(mode, "_neighbor")
			return tfResize(x, a)
		}
		coordinates, rounding := "asymmetric", "floor"
		if corners {
			coordinates, rounding = "align_corners", "round_prefer_ceil"
		}
		attrs := []ir.Attr{op.Attr("coordinate_transformation_mode", coordinates)}
		onnx := "linear"
		if mode == "nearest_neighbor" {
			onnx, attrs = "nearest", append(attrs, op.Attr("nearest_mode", rounding))
		}
		return one(x.fromFront(x.resizeInto(x.toFront(v, false), a.sizes("size"), onnx, attrs...), false))
	}
}
