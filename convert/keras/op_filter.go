package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// filterOperations adds convolutions of images with fixed kernels, and colours.
func filterOperations(m map[string]operation, image imageFunction) {
	image("gaussian_blur", "kernel_size sigma data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		size, sigma := a.ints("kernel_size"), a.floats("sigma")
		if size == nil {
			size = []int{3, 3}
		}
		if sigma == nil {
			sigma = []float64{1, 1}
		}
		if len(size) != 2 || len(sigma) != 2 || min(size[0], size[1]) < 1 || max(size[0], size[1]) > maxWindow || size[0]*size[1] > 1<<16 {
			a.fail("kernel_size")
			return v
		}
		// Keras reshapes the transposed kernel where it is not square.
		kernel := outer(gaussian(size[1], sigma[1]), gaussian(size[0], sigma[0]))
		w := window{size, []int{1, 1}, []int{1, 1}, "same"}
		v = x.toFront(x.float(v), first)
		return x.fromFront(x.eachChannel(v, [][]float32{kernel}, size, w.attrs(x, v, true)...), first)
	})
	image("sobel_edges", "data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		v = x.toFront(x.float(v), first)
		channels, h, w := x.dim(v, 1), x.dim(v, 2), x.dim(v, 3)
		v = x.Emit(1, "Pad", []*ir.Value{v, x.Ints(0, 0, 1, 1, 0, 0, 1, 1)}, op.Attr("mode", "reflect"))[0]
		y := x.eachChannel(v, [][]float32{{-1, -2, -1, 0, 0, 0, 1, 2, 1}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}}, []int{3, 3})
		y = x.ReshapeTo(y, -1, channels, 2, h, w)
		if first {
			return x.Transpose(y, 0, 1, 3, 4, 2)
		}
		return x.Transpose(y, 0, 3, 4, 1, 2)
	})
	image("rgb_to_hsv", "data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		c := x.cut(v, channelAxis(first), []int{1, 1, 1}, false)
		r, g, b := c[0], c[1], c[2]
		most := x.Op("Max", r, g, b)
		spread := x.Sub(most, x.Op("Min", r, g, b))
		over := func(u, v *ir.Value) *ir.Value { // 0 where v is
			none := x.Op("LessOrEqual", v, x.Scalar(v, 0))
			return x.Where(none, x.Scalar(v, 0), x.Div(u, x.Where(none, x.Scalar(v, 1), v)))
		}
		part := func(u, w *ir.Value, turn float64) *ir.Value {
			return x.AddScalar(x.Scale(over(x.Sub(u, w), spread), 1./6), turn)
		}
		hue := x.Where(x.Op("Equal", r, most), part(g, b, 0), x.Where(x.Op("Equal", g, most), part(b, r, 2./6), part(r, g, 4./6)))
		hue = x.Where(x.Op("Greater", spread, x.Scalar(spread, 0)), hue, x.Scalar(hue, 0))
		hue = x.Where(x.Op("Less", hue, x.Scalar(hue, 0)), x.AddScalar(hue, 1), hue)
		return x.Concat(channelAxis(first), hue, over(spread, most), most)
	})
	image("hsv_to_rgb", "data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		c := x.cut(v, channelAxis(first), []int{1, 1, 1}, false)
		hue := x.Scale(c[0], 6)
		far := func(at float64) *ir.Value { return x.Op("Abs", x.AddScalar(hue, -at)) }
		two := x.Scalar(hue, 2)
		shade := x.Concat(channelAxis(first), x.AddScalar(far(3), -1), x.Sub(two, far(2)), x.Sub(two, far(4)))
		shade = x.Op("Clip", shade, x.Scalar(hue, 0), x.Scalar(hue, 1))
		return x.Mul(x.AddScalar(x.Mul(c[1], x.AddScalar(shade, -1)), 1), c[2])
	})
	m["ssim"] = operation{"image1 image2 max_val filter_size filter_sigma k1 k2 data_format", ssim}
	m["unfold"] = operation{"x kernel_size dilation padding stride", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		size, attrs := a.blocks()
		if v.Fact.Rank() != 4 || size == nil {
			a.fail("x")
			return one(v)
		}
		channels, n := x.dim(v, 1), size[0]*size[1]
		return one(x.ReshapeTo(x.eachChannel(v, unit(n), size, attrs...), 0, channels*n, -1))
	}}
	m["fold"] = operation{"x output_size kernel_size dilation padding stride", foldBlocks}
	m["extract_sequences"] = operation{"x sequence_length sequence_stride", func(x *emit, a *arguments) []*ir.Value {
		v, length, stride := a.value("x"), a.integer("sequence_length", 0), a.integer("sequence_stride", 0)
		if length < 1 || length > maxSequence || stride < 1 {
			a.fail("sequence_length")
			return one(v)
		}
		last := v.Fact.Rank() - 1
		starts := x.Op("Range", x.Const(tensor.Scalar(int64(0))), x.AddScalar(x.sizeOf(v, last), float64(1-length)), x.Const(tensor.Scalar(int64(stride))))
		return one(x.Gather(v, x.Add(x.Unsqueeze(starts, 1), x.Ints(count(length)...)), last))
	}}
}

func channelAxis(first bool) int {
	if first {
		return 1
	}
	return 3
}

// floats returns an argument that is a list of numbers, or nil.
func (a *arguments) floats(key string) []float64 {
	switch v := a.get(key).(type) {
	case nil:
		return nil
	case *tensor.Tensor[float32]:
		out := make([]float64, len(v.Data()))
		for i, n := range v.Data() {
			out[i] = float64(n)
		}
		return out
	case []any:
		out := make([]float64, len(v))
		for i, e := range v {
			n, ok := number(e)
			if !ok {
				a.fail(key)
			}
			out[i] = n
		}
		return out
	}
	a.fail(key)
	return nil
}

// gaussian is the bell curve at n places, whose sum is 1.
func gaussian(n int, sigma float64) []float64 {
	out, sum := make([]float64, n), 0.
	for i := range out {
		d := (float64(i) - float64(n-1)/2) / sigma
		out[i] = math.Exp(-d * d / 2)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

func outer(u, v []float64) []float32 {
	var out []float32
	for _, a := range u {
		for _, b := range v {
			out = append(out, float32(a*b))
		}
	}
	return out
}

// unit are the n kernels of which each picks one place.
func unit(n int) [][]float32 {
	out := make([][]float32, n)
	for i := range out {
		out[i] = make([]float32, n)
		out[i][i] = 1
	}
	return out
}

// kernels are the same for each of the channels, in the order of ONNX's grouped convolutions.
func (x *emit) kernels(channels int, kernels [][]float32, size []int) *ir.Value {
	if n := len(kernels) * len(kernels[0]); channels > 1<<22/n {
		x.Fail(op.Unsupportedf("%d kernels of size %v for %d channels", len(kernels), size, channels))
		channels = 0
	}
	flat := slices.Repeat(slices.Concat(kernels...), channels)
	t, err := tensor.New(flat, append([]int{channels * len(kernels), 1}, size...)...)
	if err != nil {
		x.Fail(err)
		return &ir.Value{Name: "kernels"}
	}
	return x.Const(t)
}

// eachChannel convolves each channel with each kernel.
func (x *emit) eachChannel(v *ir.Value, kernels [][]float32, size []int, attrs ...ir.Attr) *ir.Value {
	channels := x.dim(v, 1)
	in := []*ir.Value{v, x.kernels(channels, kernels, size)}
	return x.Emit(1, "Conv", in, append(attrs, op.Attr("group", channels))...)[0]
}

// ssim is the structural similarity of images: means, variances and covariances in windows of the bell curve.
func ssim(x *emit, a *arguments) []*ir.Value {
	v := a.alike("image1", "image2")
	first := a.text("data_format", "channels_last") == "channels_first"
	u, w := x.float(v[0]), x.float(v[1])
	alone := u.Fact.Rank() == 3
	if alone {
		u, w = x.Unsqueeze(u, 0), x.Unsqueeze(w, 0)
	}
	n := a.integer("filter_size", 11)
	if u.Fact.Rank() != 4 || n < 1 || n > 256 {
		a.fail("filter_size")
		return one(u)
	}
	u, w = x.toFront(u, first), x.toFront(w, first)
	g := gaussian(n, a.num("filter_sigma", 1.5))
	mean := func(v *ir.Value) *ir.Value { return x.eachChannel(v, [][]float32{outer(g, g)}, []int{n, n}) }
	most := a.num("max_val", 1)
	c1, c2 := math.Pow(a.num("k1", .01)*most, 2), math.Pow(a.num("k2", .03)*most, 2)
	mu, mw := mean(u), mean(w)
	uu, ww, uw := x.Mul(mu, mu), x.Mul(mw, mw), x.Mul(mu, mw)
	squares := x.Sub(x.Add(mean(x.Mul(u, u)), mean(x.Mul(w, w))), x.Add(uu, ww))
	cross := x.Sub(mean(x.Mul(u, w)), uw)
	up := x.Mul(x.AddScalar(x.Scale(uw, 2), c1), x.AddScalar(x.Scale(cross, 2), c2))
	down := x.Mul(x.AddScalar(x.Add(uu, ww), c1), x.AddScalar(squares, c2))
	y := x.Reduce("ReduceMean", x.Div(up, down), false, 1, 2, 3)
	if alone {
		y = x.Squeeze(y, 0)
	}
	return one(y)
}

// two reads a number or two of them.
func (a *arguments) two(key string, def int) []int {
	switch v := a.ints(key); len(v) {
	case 0:
		return []int{def, def}
	case 1:
		return []int{v[0], v[0]}
	case 2:
		return v
	}
	a.fail(key)
	return []int{def, def}
}

// blocks reads the arguments of fold and unfold.
func (a *arguments) blocks() (size []int, attrs []ir.Attr) {
	size = a.two("kernel_size", 0)
	pad, dilation, stride := a.two("padding", 0), a.two("dilation", 1), a.two("stride", 1)
	if min(size[0], size[1], dilation[0], dilation[1], stride[0], stride[1], pad[0]+1, pad[1]+1) < 1 ||
		max(size[0], size[1]) > 64 || max(pad[0], pad[1], dilation[0], dilation[1], stride[0], stride[1]) > maxWindow {
		a.fail("kernel_size")
		return nil, nil
	}
	return size, []ir.Attr{op.Attr("pads", []int{pad[0], pad[1], pad[0], pad[1]}), op.Attr("dilations", dilation), op.Attr("strides", stride)}
}

// foldBlocks adds blocks up where they overlap: a transposed convolution with a kernel for each place.
func foldBlocks(x *emit, a *arguments) []*ir.Value {
	v, out := a.value("x"), a.two("output_size", 0)
	size, attrs := a.blocks()
	if v.Fact.Rank() != 3 || size == nil || x.Err() != nil {
		a.fail("x")
		return one(v)
	}
	pad, dilation, stride := a.two("padding", 0), a.two("dilation", 1), a.two("stride", 1)
	n := size[0] * size[1]
	channels := x.dim(v, 1) / n
	steps, rest := make([]int, 2), make([]int, 2)
	for i := range steps {
		free := out[i] + 2*pad[i] - dilation[i]*(size[i]-1) - 1
		if free < 0 {
			a.fail("output_size")
			return one(v)
		}
		steps[i], rest[i] = free/stride[i]+1, free%stride[i]
	}
	v = x.ReshapeTo(v, -1, channels*n, steps[0], steps[1])
	attrs = append(attrs, op.Attr("group", channels), op.Attr("output_padding", rest))
	return one(x.Emit(1, "ConvTranspose", []*ir.Value{v, x.kernels(channels, unit(n), size)}, attrs...)[0])
}
