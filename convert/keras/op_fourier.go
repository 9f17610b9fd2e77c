package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxFourier bounds the length of a transform, which is a product with matrices of its square.
const maxFourier = 4096

// fourierOperations adds Fourier transforms of pairs of real and imaginary parts.
func fourierOperations(m map[string]operation) {
	complexes := func(name string, axes []int, inverse bool) {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
			v := a.pair("x")
			for _, back := range axes {
				v = x.fourier(v, v[0].Fact.Rank()-back, inverse)
			}
			return v
		}}
	}
	complexes("fft", []int{1}, false)
	complexes("fft2", []int{1, 2}, false)
	complexes("ifft2", []int{1, 2}, true)
	m["rfft"] = operation{"x fft_length", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		last := v.Fact.Rank() - 1
		n := a.integer("fft_length", 0)
		if !a.has("fft_length") {
			n = x.dim(v, last)
		}
		if n < 1 || n > maxFourier {
			a.fail("fft_length")
			return []*ir.Value{v, v}
		}
		v = x.resized(v, last, n)
		return []*ir.Value{x.MatMul(v, x.waves(n, n/2+1, math.Cos, 1)), x.MatMul(v, x.waves(n, n/2+1, math.Sin, -1))}
	}}
	m["irfft"] = operation{"x fft_length", func(x *emit, a *arguments) []*ir.Value {
		v := a.pair("x")
		last := v[0].Fact.Rank() - 1
		n := a.integer("fft_length", 0)
		if !a.has("fft_length") {
			n = 2 * (x.dim(v[0], last) - 1)
		}
		if n < 1 || n > maxFourier {
			a.fail("fft_length")
			return v[:1]
		}
		re, im := x.resized(v[0], last, n/2+1), x.resized(v[1], last, n/2+1)
		real, imag := realWaves(n, nil)
		return one(x.Add(x.MatMul(re, x.Const(real)), x.MatMul(im, x.Const(imag))))
	}}
	m["stft"] = operation{"x sequence_length sequence_stride fft_length window center", stft}
	m["istft"] = operation{"x sequence_length sequence_stride fft_length length window center", istft}
}

// pair returns an argument that is a real and an imaginary part.
func (a *arguments) pair(key string) []*ir.Value {
	v := a.list(key)
	if len(v) != 2 {
		a.fail(key)
		return []*ir.Value{v[0], v[0]}
	}
	return []*ir.Value{a.x.float(v[0]), a.x.float(v[1])}
}

// resized cuts an axis to a size, or fills it up with zeros.
func (x *emit) resized(v *ir.Value, axis, n int) *ir.Value {
	if size, ok := v.Fact.Shape[axis].Int(); ok && size == n {
		return v
	}
	pads := make([]int, 2*v.Fact.Rank())
	pads[v.Fact.Rank()+axis] = n
	return x.Slice(x.Op("Pad", v, x.Ints(pads...)), axis, 0, n)
}

// waves is the matrix of scale*f(2πjk/n), n rows and m columns.
func (x *emit) waves(n, m int, f func(float64) float64, scale float64) *ir.Value {
	t := tensor.Zeros[float32](n, m)
	for j := range n {
		for k := range m {
			t.Data()[j*m+k] = float32(scale * f(2*math.Pi*float64(j*k%n)/float64(n)))
		}
	}
	return x.Const(t)
}

// fourier transforms an axis of a complex value.
func (x *emit) fourier(v []*ir.Value, axis int, inverse bool) []*ir.Value {
	if axis < 0 {
		x.Fail(op.Shapef("a transform of %v", v[0].Fact))
		return v
	}
	n, last := x.dim(v[0], axis), v[0].Fact.Rank()-1
	if n < 1 || n > maxFourier {
		x.Fail(op.Unsupportedf("a Fourier transform of length %d", n))
		return v
	}
	perm := count(last + 1)
	perm[axis], perm[last] = last, axis
	scale, sign := 1., -1.
	if inverse {
		scale, sign = 1/float64(n), 1
	}
	cos, sin := x.waves(n, n, math.Cos, scale), x.waves(n, n, math.Sin, scale*sign)
	re, im := x.Transpose(v[0], perm...), x.Transpose(v[1], perm...)
	return []*ir.Value{
		x.Transpose(x.Sub(x.MatMul(re, cos), x.MatMul(im, sin)), perm...),
		x.Transpose(x.Add(x.MatMul(re, sin), x.MatMul(im, cos)), perm...),
	}
}

// realWaves are the matrices that make n real numbers of the real and of the imaginary parts of n/2+1
// frequencies, each number times its weight.
func realWaves(n int, weights []float64) (re, im *tensor.Tensor[float32]) {
	m := n/2 + 1
	re, im = tensor.Zeros[float32](m, n), tensor.Zeros[float32](m, n)
	for k := range m {
		scale := 2 / float64(n) // for the frequency and its mirror image
		if k == 0 || 2*k == n {
			scale /= 2
		}
		for j := range n {
			w := scale
			if weights != nil {
				w *= weights[j]
			}
			angle := 2 * math.Pi * float64(j*k%n) / float64(n)
			re.Data()[k*n+j], im.Data()[k*n+j] = float32(w*math.Cos(angle)), float32(-w*math.Sin(angle))
		}
	}
	return re, im
}

// frames are the arguments of a short-time transform.
type frames struct {
	stride, size int
	window       []float64 // of that size
	windowed     bool      // there is one
	center       bool
}

func (a *arguments) frames() (f frames, ok bool) {
	length := a.integer("sequence_length", 0)
	f.stride, f.size = a.integer("sequence_stride", 0), a.integer("fft_length", 0)
	f.center = !a.has("center") || a.flag("center")
	if length < 1 || f.size < length || f.size > maxFourier || f.stride < 1 || f.stride > maxWindow {
		a.fail("fft_length")
		return f, false
	}
	f.window = make([]float64, f.size)
	if _, given := a.values["window"]; !given {
		a.values["window"] = "hann"
	}
	start := (f.size - length) / 2
	base := 1.
	switch w := a.get("window").(type) {
	case nil:
		for i := range f.window {
			f.window[i] = 1
		}
		return f, true
	case string:
		switch w {
		case "hann":
			base = .5
		case "hamming":
			base = .54
		default:
			a.fail("window")
			return f, false
		}
		for i := range length {
			f.window[start+i] = base - (1-base)*math.Cos(2*math.Pi*float64(i)/float64(length))
		}
	case *tensor.Tensor[float32]:
		if len(w.Data()) != length {
			a.fail("window")
			return f, false
		}
		for i, v := range w.Data() {
			f.window[start+i] = float64(v)
		}
	default:
		a.fail("window")
		return f, false
	}
	f.windowed = true
	return f, true
}

// stft is the short-time Fourier transform along the last axis: a convolution with windowed waves.
func stft(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	f, ok := a.frames()
	if !ok || v.Fact.Rank() < 1 {
		return []*ir.Value{v, v}
	}
	rank := v.Fact.Rank()
	lead := x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(rank-1))
	y := x.Unsqueeze(v, rank-1)
	if rank != 2 {
		y = x.ReshapeTo(v, -1, 1, lastSize(v))
	}
	if f.center {
		y = x.Emit(1, "Pad", []*ir.Value{y, x.Ints(0, 0, f.size/2, 0, 0, f.size/2)}, op.Attr("mode", "reflect"))[0]
	}
	m := f.size/2 + 1
	kernel := tensor.Zeros[float32](2*m, 1, f.size)
	for k := range m {
		for j, w := range f.window {
			angle := 2 * math.Pi * float64(j*k%f.size) / float64(f.size)
			kernel.Data()[k*f.size+j], kernel.Data()[(m+k)*f.size+j] = float32(w*math.Cos(angle)), float32(-w*math.Sin(angle))
		}
	}
	y = x.Emit(1, "Conv", []*ir.Value{y, x.Const(kernel)}, op.Attr("strides", []int{f.stride}))[0]
	y = x.Transpose(y, 0, 2, 1)
	var parts []*ir.Value
	for _, p := range x.cut(y, 2, []int{m, m}, false) {
		if rank != 2 {
			p = x.Reshape(p, x.Concat(0, lead, x.Op("Slice", x.Shape(p), x.Ints(1), x.Ints(3))))
		}
		parts = append(parts, p)
	}
	return parts
}

// istft is the inverse: a transposed convolution, whose kernel divides by the windows that overlap.
func istft(x *emit, a *arguments) []*ir.Value {
	v := a.pair("x")
	f, ok := a.frames()
	rank := v[0].Fact.Rank()
	if !ok || rank < 2 {
		return v[:1]
	}
	m := f.size/2 + 1
	weights := make([]float64, f.size)
	for j := range weights {
		weights[j] = 1
		if f.windowed {
			sum := 0.
			for i := j % f.stride; i < f.size; i += f.stride {
				sum += f.window[i] * f.window[i]
			}
			if weights[j] = f.window[j] / sum; sum == 0 {
				weights[j] = 0
			}
		}
	}
	re, im := realWaves(f.size, weights)
	kernel, err := tensor.New(append(re.Data(), im.Data()...), 2*m, 1, f.size)
	if err != nil {
		x.Fail(err)
		return v[:1]
	}
	lead := x.Op("Slice", x.Shape(v[0]), x.Ints(0), x.Ints(rank-2))
	y := x.Concat(rank-1, x.resized(v[0], rank-1, m), x.resized(v[1], rank-1, m))
	steps := -1
	if n, ok := y.Fact.Shape[rank-2].Int(); ok {
		steps = n
	}
	if rank != 3 {
		y = x.Reshape(y, x.Ints(-1, steps, 2*m))
	}
	y = x.Emit(1, "ConvTranspose", []*ir.Value{x.Transpose(y, 0, 2, 1), x.Const(kernel)}, op.Attr("strides", []int{f.stride}))[0]
	start, end := 0, math.MaxInt
	if f.center {
		start, end = f.size/2, -(f.size / 2)
	}
	if a.has("length") {
		end = start + a.integer("length", 0)
	}
	y = x.slice(y, 2, start, end, 1)
	return one(x.Reshape(y, x.Concat(0, lead, x.Op("Slice", x.Shape(y), x.Ints(2), x.Ints(3)))))
}
