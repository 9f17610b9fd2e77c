package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// normalization is (x-mean)/max(sqrt(variance), 1e-7), or the inverse, with one mean for each position of
// the kept axes.
func normalization(x *emit) []*ir.Value {
	x.noCall()
	v := x.float(x.in[0])
	rank := v.Fact.Rank()
	var kept []int
	if _, given := x.layer.Config["axis"]; !given {
		kept = []int{rank - 1}
	} else if x.layer.has("axis") {
		kept = x.layer.ints("axis", 1)
	}
	for i := range kept {
		if kept[i] < 0 {
			kept[i] += rank
		}
		if kept[i] < 0 || kept[i] >= rank {
			x.Fail(argument("axis", x.layer.get("axis")))
			return one(v)
		}
	}
	slices.Sort(kept)
	mean, variance := x.moments(kept)
	if mean == nil || variance == nil {
		return one(v)
	}
	mean, variance = x.overKept(mean, kept, rank), x.overKept(variance, kept, rank)
	if mean == nil || variance == nil {
		return one(v)
	}
	deviation := make([]float32, variance.Len())
	for i, q := range variance.Data() {
		deviation[i] = max(float32(math.Sqrt(float64(q))), 1e-7)
	}
	m := x.constant("mean", mean)
	d := x.constant("deviation", tensor.Must(deviation, variance.Shape()...))
	if x.layer.flag("invert", false) {
		return one(x.Add(m, x.Mul(v, d)))
	}
	return one(x.Div(x.Sub(v, m), d))
}

// moments returns mean and variance: arguments, or what adapt found.
func (x *emit) moments(kept []int) (mean, variance *tensor.Tensor[float32]) {
	if x.layer.has("mean") || x.layer.has("variance") {
		var err error
		for key, at := range map[string]**tensor.Tensor[float32]{"mean": &mean, "variance": &variance} {
			var t tensor.Any
			if t, err = constantOf(x.layer.get(key), tensor.Float32); err != nil {
				x.Fail(err)
				return nil, nil
			}
			*at = t.(*tensor.Tensor[float32])
		}
		x.weights = nil // older files have both
		return mean, variance
	}
	shape := slices.Repeat([]int{-1}, len(kept))
	mean, variance = x.take("mean", shape...), x.take("variance", shape...)
	if len(x.weights) == 1 { // how many samples adapt saw
		x.weights = nil
	}
	return mean, variance
}

// overKept gives an array of the kept axes the rank of the input; it is aligned with the last of them.
func (x *emit) overKept(t *tensor.Tensor[float32], kept []int, rank int) *tensor.Tensor[float32] {
	s := t.Shape()
	for len(s) > len(kept) && s[0] == 1 { // written with the axes that are reduced
		s = s[1:]
	}
	if len(s) > len(kept) {
		x.Fail(op.Shapef("mean or variance of shape %v for %d axes", t.Shape(), len(kept)))
		return nil
	}
	shape := slices.Repeat([]int{1}, rank)
	for i := range s {
		shape[kept[len(kept)-len(s)+i]] = s[i]
	}
	out, err := tensor.New(t.Data(), shape...)
	if err != nil {
		x.Fail(err)
	}
	return out
}

// discretization counts the boundaries that are not above a number.
func discretization(x *emit) []*ir.Value {
	x.noCall()
	x.layer.get("num_bins")
	x.layer.get("epsilon")
	x.weights = nil // a summary of what adapt saw
	t, err := constantOf(x.layer.get("bin_boundaries"), tensor.Float32)
	if err != nil || len(t.Shape()) != 1 {
		x.Fail(op.Malformedf("bin_boundaries is no list of numbers: the layer has not been adapted"))
		return one(x.in[0])
	}
	bounds := tensor.Data[float32](t)
	if !slices.IsSorted(bounds) {
		x.Fail(op.Unsupportedf("bin_boundaries that are not sorted"))
		return one(x.in[0])
	}
	v := x.float(x.in[0])
	above := x.Op("Less", x.Unsqueeze(v, v.Fact.Rank()), x.constant("boundaries", t))
	bins := x.Sum(x.Cast(x.Op("Not", above), tensor.Int64), false, v.Fact.Rank())
	d := tensor.Int64
	if !x.converter.keras2() {
		d = tensor.Int32
	}
	return one(x.encode(bins, len(bounds)+1, d, tensor.Float32))
}

// categoryEncoding is one_hot, multi_hot or count of integers.
func categoryEncoding(x *emit) []*ir.Value {
	x.noCall("count_weights")
	v := x.in[0]
	if d := v.Fact.DType; d != tensor.Int32 && d != tensor.Int64 {
		v = x.Cast(v, tensor.Int64)
	}
	mode := x.layer.text("output_mode", "multi_hot")
	if x.layer.flag("sparse", false) || mode == "int" {
		x.Fail(argument("output_mode", mode))
	}
	depth := x.layer.integer("num_tokens", 0)
	if w := x.words["count_weights"]; len(w) == 1 && mode == "count" && v.Fact.Rank() == 2 && depth > 0 && depth <= 1<<30 {
		return one(x.scattered(v, x.float(w[0]), depth, "add"))
	} else if x.call.kwargs["count_weights"] != nil {
		x.Fail(op.Unsupportedf("count_weights of %v with output_mode %s", v.Fact, mode))
	}
	return one(x.encodeAs(mode, v, depth, tensor.Float32))
}

// encode applies the argument output_mode to integers; ints is the type that they have as such.
func (x *emit) encode(v *ir.Value, depth int, ints, hot tensor.DType) *ir.Value {
	mode := x.layer.text("output_mode", "int")
	if x.layer.flag("sparse", false) {
		x.Fail(argument("sparse", true))
	}
	if mode == "int" {
		return x.Cast(v, ints)
	}
	return x.encodeAs(mode, v, depth, hot)
}

// encodeAs makes vectors of integers: each by itself, or those along the first axis after the batch.
func (x *emit) encodeAs(mode string, v *ir.Value, depth int, d tensor.DType) *ir.Value {
	rank := v.Fact.Rank()
	if depth < 1 || depth > 1<<30 {
		x.Fail(op.Malformedf("vectors of %d numbers", depth))
		return v
	}
	switch mode {
	case "one_hot":
		if n, ok := lastOf(v); ok && n == 1 && rank > 1 {
			v = x.Squeeze(v, rank-1)
			rank--
		}
		return x.oneHot(v, depth, rank, d)
	case "multi_hot", "binary", "count":
		if rank < 2 {
			x.Fail(op.Unsupportedf("output_mode %s of single numbers: Keras makes one vector of the whole batch", mode))
			return v
		}
		if rank == 2 {
			reduction := "none"
			if mode == "count" {
				reduction = "add"
			}
			return x.scattered(v, x.Expand(x.Scalar(&ir.Value{Fact: ir.Typed(d)}, 1), x.Shape(v)), depth, reduction)
		}
		name := "ReduceMax"
		if mode == "count" {
			name = "ReduceSum"
		}
		return x.Reduce(name, x.oneHot(v, depth, rank, d), false, 1)
	}
	x.Fail(argument("output_mode", mode))
	return v
}

// scattered puts weights (batch, n) at the places of the integers of each row in vectors of zeros. One-hot
// vectors of all n would take n times the memory.
func (x *emit) scattered(v, weights *ir.Value, depth int, reduction string) *ir.Value {
	v = x.Cast(v, tensor.Int64)
	most := x.Scalar(v, float64(depth)) // a place more for what is outside
	inside := x.Op("And", x.Op("GreaterOrEqual", v, x.Scalar(v, 0)), x.Op("Less", v, most))
	rows := x.Concat(0, x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(1)), x.Ints(depth+1))
	in := []*ir.Value{x.Expand(x.Scalar(weights, 0), rows), x.Where(inside, v, most), weights}
	y := x.Emit(1, "ScatterElements", in, op.Attr("axis", 1), op.Attr("reduction", reduction))[0]
	return x.slice(y, 1, 0, depth, 1)
}

func lastOf(v *ir.Value) (int, bool) {
	s := v.Fact.Shape
	if len(s) == 0 {
		return 0, false
	}
	return s[len(s)-1].Int()
}

// castsAlways are the augmentations that make floats of their input at inference, too.
var castsAlways = []string{
	"RandomFlip", "RandomGaussianBlur", "RandomSharpness", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomShear",
	"RandomPerspective", "RandomElasticTransform",
}

// augmentation does something in training alone.
func augmentation(x *emit) []*ir.Value {
	for k := range x.layer.Config {
		x.layer.get(k)
	}
	x.weights = nil // the state of the random numbers
	x.noCall()
	if x.converter.keras2() || slices.Contains(castsAlways, x.layer.Class) {
		return one(x.float(x.in[0]))
	}
	return one(x.in[0])
}

// randomCrop leaves pictures as they are since Keras 3.8. Before, they get the layer's size: scaled after
// cutting them to its ratio; in 3.6 and 3.7 cut from where that begins, and scaled where that is too small.
func randomCrop(x *emit) []*ir.Value {
	if x.converter.since(3, 8) {
		return augmentation(x)
	}
	size := []int{x.layer.integer("height", 0), x.layer.integer("width", 0)}
	first := x.channelsFirst()
	augmentation(x)
	if !x.rank(4) || size[0] < 1 || size[1] < 1 || max(size[0], size[1]) > maxImage {
		x.Fail(argument("height, width", size))
		return x.in[:1]
	}
	v := x.toFront(x.float(x.in[0]), first)
	if x.converter.since(3, 6) {
		h, w := x.dim(v, 2), x.dim(v, 3)
		ch, cw := ratioSize(h, w, size, false)
		top, left := (h-ch)/2, (w-cw)/2
		v = x.Op("Slice", v, x.Ints(top, left), x.Ints(min(h, top+size[0]), min(w, left+size[1])), x.Ints(2, 3))
	} else {
		v = x.cropToRatio(v, size)
	}
	return one(x.fromFront(x.interpolate(v, size, nil, "bilinear", false), first))
}

// autoContrast spreads the colours of each channel over the range of values, at inference, too.
func autoContrast(x *emit) []*ir.Value {
	x.noCall()
	low, high := 0., 255.
	if x.layer.has("value_range") {
		r := x.numbers("value_range", 0)
		if len(r) != 2 || r[0] == r[1] {
			x.Fail(argument("value_range", x.layer.get("value_range")))
			return x.in[:1]
		}
		low, high = min(r[0], r[1]), max(r[0], r[1])
	}
	x.layer.get("data_format") // Keras takes the axes 1 and 2 whatever it is
	if !x.rank(4) {
		return x.in[:1]
	}
	v := x.float(x.in[0])
	u := x.Scale(x.AddScalar(v, -low), 255/(high-low))
	least, most := x.Reduce("ReduceMin", u, true, 1, 2), x.Reduce("ReduceMax", u, true, 1, 2)
	scale := x.Div(x.Scalar(u, 255), x.Sub(most, least))
	y := x.Add(x.Mul(u, scale), x.Mul(x.Neg(least), scale))
	y = x.Op("Clip", y, x.Scalar(y, 0), x.Scalar(y, 255))
	y = x.AddScalar(x.Scale(y, (high-low)/255), low)
	return one(x.Where(x.Op("IsNaN", y), v, y))
}

// preprocessing maps the preprocessing layers to what converts them.
func preprocessing() map[string]convertFunc {
	m := map[string]convertFunc{
		"CategoryEncoding": categoryEncoding,
		"Discretization":   discretization,
		"HashedCrossing":   hashedCrossing,
		"Hashing":          hashing,
		"ContrastLimitedAdaptiveHistogramEqualization": equalizedTiles,
		"IntegerLookup":          integerLookup,
		"Normalization":          normalization,
		"RandomCrop":             randomCrop,
		"StringLookup":           stringLookup,
		"TextVectorization":      textVectorization,
		"RandomHeight":           augmentation,
		"RandomWidth":            augmentation,
		"RandomColorJitter":      augmentation,
		"AugMix":                 augmentation,
		"AutoContrast":           autoContrast,
		"MaxNumBoundingBoxes":    augmentation,
		"Equalization":           augmentation,
		"Solarization":           augmentation,
		"CutMix":                 augmentation,
		"MixUp":                  augmentation,
		"RandAugment":            augmentation,
		"RandomPosterization":    augmentation,
		"RandomGaussianBlur":     augmentation,
		"RandomGrayscale":        augmentation,
		"RandomElasticTransform": augmentation,
	}
	for _, k := range []string{"Brightness", "ColorDegeneration", "Contrast", "Erasing", "Flip", "Hue", "Invert", "Perspective", "Rotation",
		"Saturation", "Sharpness", "Shear", "Translation", "Zoom"} {
		m["Random"+k] = augmentation
	}
	return m
}
