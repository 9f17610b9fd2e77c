package verify

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// DefaultDims are the sizes of dimensions that are not fixed, one after the other run by run.
var DefaultDims = []int{1, 3, 8}

// maxRandom bounds the elements of one random input.
const maxRandom = 1 << 28

// RandomInputs makes inputs for a model, the same for the same seed: floats are drawn from the standard
// normal distribution, integers from 1 to 9, strings from a small list. Indices that feed a table stay
// inside it, and what is looked up in a list of keys is mostly one of them. size is that of dimensions
// that are neither fixed nor among dims, which name no others.
func RandomInputs(m *onnxio.Model, infos []infer.ValueInfo, seed uint64, size int, dims map[string]int) (map[string]tensor.Any, error) {
	sizes := map[string]int{}
	for _, v := range infos {
		for _, d := range v.Shape {
			if d.Size < 0 && d.Name != "" {
				sizes[d.Name] = size
			}
		}
	}
	for name, n := range dims {
		if _, ok := sizes[name]; !ok {
			return nil, fmt.Errorf("no input has a dimension %s%s", name, nearest.Hint(name, slices.Sorted(maps.Keys(sizes))))
		}
		sizes[name] = n
	}
	feed := map[string]tensor.Any{}
	for _, v := range infos {
		shape, err := shapeOf(v, size, sizes)
		if err != nil {
			return nil, err
		}
		t := newTracer(m, sizes)
		c := &constraint{}
		t.follow(m.Graph.Node, v.Name, 0, c)
		if strings.Contains(strings.ToLower(v.Name), "mask") && c.hi == 0 && v.DType.IsInt() {
			c.bound(0, 2)
		}
		h := fnv.New64a()
		h.Write([]byte(v.Name))
		x, err := random(v.DType, shape, rand.New(rand.NewPCG(seed, h.Sum64())), c)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", v.Name, err)
		}
		feed[v.Name] = x
	}
	return feed, nil
}

func shapeOf(v infer.ValueInfo, size int, sizes map[string]int) (tensor.Shape, error) {
	if !v.Ranked {
		return nil, fmt.Errorf("input %s: the model does not say its rank: inputs have to be given", v.Name)
	}
	shape := make(tensor.Shape, len(v.Shape))
	for i, d := range v.Shape {
		shape[i] = d.Size
		if d.Size < 0 {
			shape[i] = size
			if n, ok := sizes[d.Name]; ok && d.Name != "" {
				shape[i] = n
			}
		}
	}
	if n, ok := shape.Size(); !ok || n > maxRandom {
		return nil, fmt.Errorf("input %s: shape %v is too large", v.Name, shape)
	}
	return shape, nil
}

// words are what strings without known keys are drawn from.
var words = []string{"a", "b", "red", "white", "unknown", "", "größe", "two words"}

// random fills a tensor.
func random(d tensor.DType, shape tensor.Shape, r *rand.Rand, c *constraint) (tensor.Any, error) {
	t, err := tensor.Alloc(d, shape)
	if err != nil {
		return nil, err
	}
	number := func() float64 {
		if whole, ok := c.draw(r); ok {
			return float64(whole)
		}
		return r.NormFloat64()
	}
	switch t := t.(type) {
	case *tensor.Tensor[string]:
		for i := range t.Data() {
			t.Data()[i] = c.word(r)
		}
	case *tensor.Tensor[bool]:
		for i := range t.Data() {
			t.Data()[i] = r.IntN(2) == 1
		}
	case *tensor.Tensor[float32]:
		fill(t.Data(), func() float32 { return float32(number()) })
	case *tensor.Tensor[float64]:
		fill(t.Data(), number)
	case *tensor.Tensor[complex64]:
		fill(t.Data(), func() complex64 { return complex(float32(number()), float32(number())) })
	case *tensor.Tensor[complex128]:
		fill(t.Data(), func() complex128 { return complex(number(), number()) })
	case *tensor.Tensor[tensor.Half]:
		fill(t.Data(), func() tensor.Half { return tensor.ToHalf(float32(number())) })
	case *tensor.Tensor[tensor.BHalf]:
		fill(t.Data(), func() tensor.BHalf { return tensor.ToBHalf(float32(number())) })
	default:
		return t, narrow(t, r, c, number)
	}
	return t, nil
}

// narrow fills a tensor of integers or of floats of a byte or less.
func narrow(t tensor.Any, r *rand.Rand, c *constraint, number func() float64) error {
	float := func() float32 { return float32(number()) }
	switch t := t.(type) {
	case *tensor.Tensor[int8]:
		fill(t.Data(), func() int8 { return int8(c.whole(r, 9)) })
	case *tensor.Tensor[int16]:
		fill(t.Data(), func() int16 { return int16(c.whole(r, 9)) })
	case *tensor.Tensor[int32]:
		fill(t.Data(), func() int32 { return int32(c.whole(r, 9)) })
	case *tensor.Tensor[int64]:
		fill(t.Data(), func() int64 { return c.whole(r, 9) })
	case *tensor.Tensor[uint8]:
		fill(t.Data(), func() uint8 { return uint8(c.whole(r, 255)) })
	case *tensor.Tensor[uint16]:
		fill(t.Data(), func() uint16 { return uint16(c.whole(r, 9)) })
	case *tensor.Tensor[uint32]:
		fill(t.Data(), func() uint32 { return uint32(c.whole(r, 9)) })
	case *tensor.Tensor[uint64]:
		fill(t.Data(), func() uint64 { return uint64(c.whole(r, 9)) })
	case *tensor.Tensor[tensor.I4]:
		fill(t.Data(), func() tensor.I4 { return tensor.I4(r.IntN(16) - 8) })
	case *tensor.Tensor[tensor.U4]:
		fill(t.Data(), func() tensor.U4 { return tensor.U4(r.IntN(16)) })
	case *tensor.Tensor[tensor.I2]:
		fill(t.Data(), func() tensor.I2 { return tensor.I2(r.IntN(4) - 2) })
	case *tensor.Tensor[tensor.U2]:
		fill(t.Data(), func() tensor.U2 { return tensor.U2(r.IntN(4)) })
	case *tensor.Tensor[tensor.F8E4M3FN]:
		fill(t.Data(), func() tensor.F8E4M3FN { return tensor.ToF8E4M3FN(float(), true) })
	case *tensor.Tensor[tensor.F8E4M3FNUZ]:
		fill(t.Data(), func() tensor.F8E4M3FNUZ { return tensor.ToF8E4M3FNUZ(float(), true) })
	case *tensor.Tensor[tensor.F8E5M2]:
		fill(t.Data(), func() tensor.F8E5M2 { return tensor.ToF8E5M2(float(), true) })
	case *tensor.Tensor[tensor.F8E5M2FNUZ]:
		fill(t.Data(), func() tensor.F8E5M2FNUZ { return tensor.ToF8E5M2FNUZ(float(), true) })
	case *tensor.Tensor[tensor.F8E8M0]:
		fill(t.Data(), func() tensor.F8E8M0 { return tensor.F8E8M0(124 + r.IntN(8)) }) // 1/8 to 16
	case *tensor.Tensor[tensor.F6E2M3]:
		fill(t.Data(), func() tensor.F6E2M3 { return tensor.ToF6E2M3(float()) })
	case *tensor.Tensor[tensor.F6E3M2]:
		fill(t.Data(), func() tensor.F6E3M2 { return tensor.ToF6E3M2(float()) })
	case *tensor.Tensor[tensor.F4E2M1]:
		fill(t.Data(), func() tensor.F4E2M1 { return tensor.ToF4E2M1(float()) })
	default:
		return fmt.Errorf("no random values of type %v", t.DType())
	}
	return nil
}

func fill[T any](dst []T, next func() T) {
	for i := range dst {
		dst[i] = next()
	}
}

// draw returns a whole number that the constraint allows, or false where it has nothing to say.
func (c *constraint) draw(r *rand.Rand) (int64, bool) {
	switch {
	case len(c.ints) > 0:
		if r.IntN(8) == 0 { // one that is likely not among the keys
			return c.ints[0] + math.MaxInt16, true
		}
		return c.ints[r.IntN(len(c.ints))], true
	case c.hi > c.lo:
		return c.lo + r.Int64N(c.hi-c.lo), true
	}
	return 0, false
}

// whole draws a number: one that the constraint allows, else one from 1 to top. It is never 0 without
// reason, because an integer may be a divisor or a dimension.
func (c *constraint) whole(r *rand.Rand, top int64) int64 {
	if v, ok := c.draw(r); ok {
		return v
	}
	return 1 + r.Int64N(top)
}

func (c *constraint) word(r *rand.Rand) string {
	if len(c.strings) == 0 || r.IntN(8) == 0 {
		return words[r.IntN(len(words))]
	}
	return c.strings[r.IntN(len(c.strings))]
}
