package kernel

import (
	"math"
	"testing"
)

// The known answers of Random123's kat_vectors.
func TestPhilox(t *testing.T) {
	const ff = 0xffffffff
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{ff, ff, ff, ff}, [2]uint32{ff, ff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.ctr, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.ctr, c.key, got, c.want)
		}
	}
}

func TestStream(t *testing.T) {
	const n = 100001
	s := Stream{Key: 7, Step: 3}
	for name, c := range map[string]struct {
		draw              func(first, n int, f func(int, float64))
		mean, variance, m float64
	}{
		"uniform":    {s.Uniforms, .5, 1. / 12, 1},
		"uniform 53": {s.Uniforms53, .5, 1. / 12, 1},
		"normal":     {s.Normals, 0, 1, 9},
	} {
		whole := make([]float64, n)
		c.draw(0, n, func(i int, v float64) { whole[i] = v })
		var sum, sq float64
		for _, v := range whole {
			sum += v
			sq += v * v
			if v >= c.m || v <= -c.m {
				t.Fatalf("%s: %g", name, v)
			}
		}
		if mean := sum / n; math.Abs(mean-c.mean) > .01 || math.Abs(sq/n-mean*mean-c.variance) > .02 {
			t.Errorf("%s: mean %g, variance %g", name, mean, sq/n-mean*mean)
		}
		c.draw(333, 7, func(i int, v float64) {
			if v != whole[i] {
				t.Errorf("%s: number %d is %g, from the start %g", name, i, v, whole[i])
			}
		})
	}
}
