package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestCTC compares with the sum over all paths, and the gradient with central differences.
func TestCTC(t *testing.T) {
	const steps, classes = 5, 3
	labels := [][]int64{{1, 2}, {1, 1}, {2, 0}, {0, 0}}
	r := rand.New(rand.NewPCG(1, 2))
	y := tensor.Zeros[int64](len(labels), 2)
	p := tensor.Zeros[float32](len(labels), steps, classes)
	for i, l := range labels {
		copy(y.Data()[2*i:], l)
	}
	for i := range p.Data() {
		p.Data()[i] = float32(r.NormFloat64())
	}
	per, _ := evaluate(t, y, p, nil, false, func(b *Builder, y, p, _ *Value) *Value { return CTC{}.PerSample(b, y, p) })
	for i, l := range labels {
		want := -math.Log(spelled(p.Data()[i*steps*classes:], l, steps, classes))
		if got := float64(tensor.Data[float32](per)[i]); math.Abs(got-want) > 1e-5*want {
			t.Errorf("%v: %v, want %v", l, got, want)
		}
	}
	_, grad := evaluate(t, y, p, nil, true, func(b *Builder, y, p, _ *Value) *Value { return Total(b, CTC{}, y, p, nil, nil) })
	total := func() float64 {
		sum := 0.
		for i, l := range labels {
			sum -= math.Log(spelled(p.Data()[i*steps*classes:], l, steps, classes))
		}
		return sum / float64(len(labels))
	}
	for i, g := range tensor.Data[float32](grad) {
		old := p.Data()[i]
		p.Data()[i] = old + 1e-2
		up := total()
		p.Data()[i] = old - 1e-2
		want := (up - total()) / 2e-2
		p.Data()[i] = old
		if math.Abs(float64(g)-want) > 1e-4 {
			t.Errorf("gradient %d is %v, want %v", i, g, want)
		}
	}
}

// spelled is the probability of a target: the sum over all paths that spell it.
func spelled(logits []float32, target []int64, steps, classes int) float64 {
	target = slices.DeleteFunc(slices.Clone(target), func(l int64) bool { return l == 0 })
	probability := make([]float64, steps*classes)
	for s := range steps {
		sum := 0.
		for c := range classes {
			probability[s*classes+c] = math.Exp(float64(logits[s*classes+c]))
			sum += probability[s*classes+c]
		}
		for c := range classes {
			probability[s*classes+c] /= sum
		}
	}
	total, path := 0., make([]int, steps)
	for {
		product := 1.
		var word []int64
		for s, c := range path {
			product *= probability[s*classes+c]
			if c != 0 && (s == 0 || path[s-1] != c) {
				word = append(word, int64(c))
			}
		}
		if slices.Equal(word, target) {
			total += product
		}
		k := 0
		for ; k < steps; k++ {
			if path[k]++; path[k] < classes {
				break
			}
			path[k] = 0
		}
		if k == steps {
			return total
		}
	}
}
