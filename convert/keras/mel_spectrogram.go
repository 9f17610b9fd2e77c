package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// melSpectrogram is the short-time Fourier transform of a signal (..., time), two convolutions with the
// windowed waves, its magnitude to a power, and a product with a bank of triangles on the mel scale.
func melSpectrogram(x *emit) []*ir.Value {
	x.noCall()
	l := x.layer
	fft, stride := l.integer("fft_length", 2048), l.integer("sequence_stride", 512)
	length := l.integer("sequence_length", fft)
	rate := l.num("sampling_rate", 16000)
	bank := melBank{bins: fft/2 + 1, bands: l.integer("num_mel_bins", 128), rate: rate, low: l.num("min_freq", 20), high: l.num("max_freq", rate/2)}
	v := x.float(x.in[0])
	rank := v.Fact.Rank()
	if rank < 2 || rank > 3 || fft < 2 || fft > 1<<16 || stride < 1 || stride > maxWindow || length < 1 || length > fft ||
		bank.bands < 1 || bank.bands > maxMatrix/bank.bins || fft*bank.bins > 1<<28 {
		x.Fail(argument("fft_length, sequence_length, sequence_stride, num_mel_bins", []int{fft, length, stride, bank.bands}))
		return x.in[:1]
	}
	window := x.spectrumWindow(length, fft)
	if window == nil {
		return x.in[:1]
	}
	t := x.ReshapeTo(v, -1, 1, lastSize(v))
	t = x.Emit(1, "Pad", []*ir.Value{t, x.Ints(0, 0, fft/2, 0, 0, fft/2)}, op.Attr("mode", "reflect"))[0]
	wave := func(name string, f func(float64) float64) *ir.Value {
		k := tensor.Zeros[float32](bank.bins, 1, fft)
		for i := range bank.bins {
			for n, w := range window {
				k.Data()[i*fft+n] = float32(w * f(2*math.Pi*float64(i*n%fft)/float64(fft)))
			}
		}
		return x.Emit(1, "Conv", []*ir.Value{t, x.constant(name, k)}, op.Attr("strides", []int{stride}))[0]
	}
	re, im := wave("cosines", math.Cos), wave("sines", math.Sin)
	y := x.Add(x.Mul(re, re), x.Mul(im, im))
	if p := l.num("mag_exp", 2); p != 2 {
		y = x.Op("Pow", y, x.Scalar(y, p/2))
	}
	y = x.MatMul(x.constant("mel", bank.matrix()), y) // (…, bands, time)
	least, ref, top := l.num("min_power", 1e-10), l.num("ref_power", 1), l.num("top_db", 80)
	if l.flag("power_to_db", true) {
		y = x.decibels(y, least, ref, top)
	}
	if rank == 3 {
		y = x.Reshape(y, x.Concat(0, x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(2)), x.Ints(bank.bands, -1)))
	}
	return one(y)
}

// decibels is 10·log10(y/ref), at most top below the largest; powers below least count as that.
func (x *emit) decibels(y *ir.Value, least, ref, top float64) *ir.Value {
	y = x.Scale(x.Op("Log", x.Op("Max", y, x.Scalar(y, least))), 10/math.Ln10)
	if level := 10 * math.Log10(max(math.Abs(ref), least)); level != 0 {
		y = x.AddScalar(y, -level)
	}
	return x.Op("Max", y, x.AddScalar(x.Reduce("ReduceMax", y, false), -top))
}

// spectrumWindow is the periodic window in the middle of the transform's length.
func (x *emit) spectrumWindow(length, fft int) []float64 {
	a, b := 0., 0.
	switch w := x.layer.get("window"); w {
	case "hann":
		a, b = .5, .5
	case "hamming":
		a, b = .54, .46
	case nil:
		a = 1
	default:
		x.Fail(argument("window", w))
		return nil
	}
	out := make([]float64, fft)
	left := (fft - length) / 2
	for i := range length {
		out[left+i] = a - b*math.Cos(2*math.Pi*float64(i)/float64(length))
	}
	return out
}

// melBank is a bank of triangles with peaks of 1, evenly spaced on the mel scale: 1127·ln(1+f/700).
type melBank struct {
	bins, bands     int
	rate, low, high float64
}

// matrix returns (bands, bins); the bin of no frequency has no weight. It is computed in float32 and in Keras's order,
// as its rounding is worth 4e-5 decibels.
func (m melBank) matrix() *tensor.Tensor[float32] {
	mel := func(f float32) float32 { return 1127 * float32(math.Log(float64(1+f/700))) }
	edges := linspace(mel(float32(m.low)), mel(float32(m.high)), m.bands+2)
	frequencies := linspace(0, float32(m.rate)/2, m.bins)
	out := tensor.Zeros[float32](m.bands, m.bins)
	for b := range m.bands {
		lower, center, upper := edges[b], edges[b+1], edges[b+2]
		for i := 1; i < m.bins; i++ {
			f := mel(frequencies[i])
			out.Data()[b*m.bins+i] = max(0, min((f-lower)/(center-lower), (upper-f)/(upper-center)))
		}
	}
	return out
}

// linspace returns n numbers from start to stop, as TensorFlow's linspace rounds them.
func linspace(start, stop float32, n int) []float32 {
	out := make([]float32, n)
	step := (stop - start) / float32(max(n-1, 1))
	for i := range out {
		out[i] = start + float32(step*float32(i))
	}
	if out[0] = start; n > 1 {
		out[n-1] = stop
	}
	return out
}
