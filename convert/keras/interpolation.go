package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The kernels and their supports are those of TensorFlow's ScaleAndTranslate, ResizeBicubic, ResizeArea
// and ResizeNearestNeighbor, which tf.image.resize calls.

// nearestIndices are the elements that the results are taken from: floor((i+1/2)*in/out), in float32.
func nearestIndices(in, out int) []int {
	scale := float32(in) / float32(out)
	idx := make([]int, out)
	for i := range idx {
		idx[i] = min(int(math.Floor(float64((float32(i)+.5)*scale))), in-1)
	}
	return idx
}

// cubicTable is how finely TensorFlow's bicubic tells where a result lies between elements.
const cubicTable = 1024

// tableExact reports whether all results lie where that table has them.
func tableExact(in, size []int) bool {
	for i := range in {
		// (2k+1)*in/(2*out) - 1/2 times the table's size
		if cubicTable*in[i]%(2*size[i]) != 0 && cubicTable/2*in[i]%size[i] != 0 {
			return false
		}
	}
	return true
}

// maxMatrix bounds the elements of an interpolation matrix.
const maxMatrix = 1 << 23

// weightsOf returns the matrix [out, in] of an interpolation along one axis, nil for one not known.
func weightsOf(mode string, antialias bool, in, out int) *tensor.Tensor[float32] {
	if in < 1 || out < 1 || in > maxMatrix/out {
		return nil
	}
	switch {
	case mode == "area":
		return areaWeights(in, out)
	case mode == "bicubic" && !antialias:
		return cubicWeights(in, out)
	}
	k, ok := kernels[mode]
	if !ok {
		return nil
	}
	return kernelWeights(in, out, antialias, k.radius, k.at)
}

// kernels are the weights of an element by its distance from a result, of those nearer than a radius.
var kernels = map[string]struct {
	radius float64
	at     func(distance float64) float64
}{
	"bilinear":      {1, func(v float64) float64 { return max(0, 1-v) }},
	"bicubic":       {2, cubic},
	"lanczos3":      {3, lanczos(3)},
	"lanczos5":      {5, lanczos(5)},
	"gaussian":      {1.5, func(v float64) float64 { return math.Exp(-v * v / (2 * .5 * .5)) }},
	"mitchellcubic": {2, mitchell},
}

// cubic is Keys's kernel with a = -1/2, at a distance below 2.
func cubic(v float64) float64 {
	if v >= 1 {
		return ((-.5*v+2.5)*v-4)*v + 2
	}
	return ((1.5*v - 2.5) * v * v) + 1
}

func mitchell(v float64) float64 {
	if v >= 1 {
		return (((-7./18)*v+2)*v-10./3)*v + 16./9
	}
	return ((7./6)*v-2)*v*v + 8./9
}

func lanczos(radius float64) func(float64) float64 {
	return func(v float64) float64 {
		if v <= 1e-3 {
			return 1
		}
		return radius * math.Sin(math.Pi*v) * math.Sin(math.Pi*v/radius) / (math.Pi * math.Pi * v * v)
	}
}

// kernelWeights are those of results spread evenly over all elements.
func kernelWeights(in, out int, antialias bool, radius float64, kernel func(float64) float64) *tensor.Tensor[float32] {
	return movedWeights(in, out, float64(in)/float64(out), 0, antialias, radius, kernel)
}

// movedWeights samples a kernel around each result and makes the weights' sum 1. Results are a step apart, the first
// half a step behind start; those outside of the elements have no weights. With antialias the kernel is as wide as the
// results are apart.
func movedWeights(in, out int, step, start float64, antialias bool, radius float64, kernel func(float64) float64) *tensor.Tensor[float32] {
	m := tensor.Zeros[float32](out, in)
	wide := 1.
	if antialias {
		wide = max(step, 1)
	}
	for i := range out {
		at := start + (float64(i)+.5)*step
		if at < 0 || at > float64(in) {
			continue
		}
		from := max(int(math.Ceil(at-radius*wide-.5)), 0)
		to := min(int(math.Floor(at+radius*wide-.5)), in-1)
		row, sum := make([]float64, max(to-from+1, 0)), 0.
		for k := range row {
			if d := math.Abs(float64(from+k)+.5-at) / wide; d < radius {
				row[k] = kernel(d)
			}
			sum += row[k]
		}
		for k, w := range row {
			if sum != 0 {
				m.Data()[i*in+from+k] = float32(w / sum)
			}
		}
	}
	return m
}

// cubicWeights is TensorFlow's bicubic without antialias: the place between elements rounded to the table.
func cubicWeights(in, out int) *tensor.Tensor[float32] {
	m := tensor.Zeros[float32](out, in)
	scale := float32(in) / float32(out)
	for i := range out {
		at := (float32(i)+.5)*scale - .5
		base := int(math.Floor(float64(at)))
		d := math.RoundToEven(float64(at-float32(base))*cubicTable) / cubicTable
		sum := 0.
		var w [4]float64
		for k := range w {
			if p := base - 1 + k; p >= 0 && p < in {
				w[k] = cubic(math.Abs(d - float64(k-1)))
				sum += w[k]
			}
		}
		for k := range w {
			if p := base - 1 + k; p >= 0 && p < in && sum != 0 {
				m.Data()[i*in+p] = float32(w[k] / sum)
			}
		}
	}
	return m
}

// areaWeights is the mean of what each result covers.
func areaWeights(in, out int) *tensor.Tensor[float32] {
	m := tensor.Zeros[float32](out, in)
	step := float64(in) / float64(out)
	for i := range out {
		a, b := float64(i)*step, float64(i+1)*step
		for k := int(a); k < in && float64(k) < b; k++ {
			if w := min(b, float64(k+1)) - max(a, float64(k)); w > 0 {
				m.Data()[i*in+k] = float32(w / step)
			}
		}
	}
	return m
}
