package kernel

import "math"

// Stream is a sequence of random numbers of which each is a function of the key, the step and its
// position, computed by Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011).
type Stream struct{ Key, Step uint64 }

// Block returns block i of the stream: four random words.
func (s Stream) Block(i uint64) [4]uint32 {
	return philox([4]uint32{uint32(i), uint32(i >> 32), uint32(s.Step), uint32(s.Step >> 32)}, [2]uint32{uint32(s.Key), uint32(s.Key >> 32)})
}

// philox is the bijection of Philox4x32 with ten rounds.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	const m0, m1 = 0xd2511f53, 0xcd9e8d57 // multipliers
	const w0, w1 = 0x9e3779b9, 0xbb67ae85 // golden ratio, sqrt(3)-1: what the key advances by
	for range 10 {
		p0, p1 := uint64(c[0])*m0, uint64(c[2])*m1
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ k[1], uint32(p0)}
		k[0] += w0
		k[1] += w1
	}
	return c
}

// unit32 returns a word as a multiple of 2^-24 in [0, 1), which a float32 holds exactly.
func unit32(w uint32) float64 { return float64(w>>8) * 0x1p-24 }

// unit64 returns two words as a multiple of 2^-53 in [0, 1).
func unit64(hi, lo uint32) float64 { return float64(uint64(hi)<<21|uint64(lo)>>11) * 0x1p-53 }

// Words fills d with words first, first+1, ... of the stream: four of each block.
func (s Stream) Words(d []uint32, first int) {
	for len(d) > 0 {
		b := s.Block(uint64(first) / 4)
		n := copy(d, b[first%4:])
		d, first = d[n:], first+n
	}
}

// Uniforms calls f(i, u) for the numbers first <= i < first+n of the stream, u uniform in [0, 1) with
// 24 bits.
func (s Stream) Uniforms(first, n int, f func(i int, u float64)) {
	for i := first; i < first+n; {
		b := s.Block(uint64(i) / 4)
		for k := i % 4; k < 4 && i < first+n; k++ {
			f(i, unit32(b[k]))
			i++
		}
	}
}

// Uniforms53 is Uniforms with 53 bits.
func (s Stream) Uniforms53(first, n int, f func(i int, u float64)) {
	for i := first; i < first+n; {
		b := s.Block(uint64(i) / 2)
		for k := i % 2; k < 2 && i < first+n; k++ {
			f(i, unit64(b[2*k], b[2*k+1]))
			i++
		}
	}
}

// Normals calls f(i, z) for numbers with mean 0 and variance 1, made by Box and Muller's
// transformation of pairs of uniform ones: z = sqrt(-2 ln u) cos(2 pi v) and the same with sin. A pair
// is one block: u has 53 bits, so that z reaches 8.5.
func (s Stream) Normals(first, n int, f func(i int, z float64)) {
	for i := first; i < first+n; {
		b := s.Block(uint64(i) / 2)
		r := math.Sqrt(-2 * math.Log(1-unit64(b[0], b[1])))
		sin, cos := math.Sincos(2 * math.Pi * unit64(b[2], b[3]))
		z := [2]float64{r * cos, r * sin}
		for k := i % 2; k < 2 && i < first+n; k++ {
			f(i, z[k])
			i++
		}
	}
}

// Draws runs a function over stretches of a stream that elements are made from.
type Draws[A any] struct{ rows *Rows[draws[A]] }

type draws[A any] struct {
	arg A
	s   Stream
	n   int
}

const drawStretch = 1024

// NewDraws returns the walk that calls f for stretches of elements.
func NewDraws[A any](f func(a A, s Stream, first, n int)) *Draws[A] {
	return &Draws[A]{NewRows(8*drawStretch, func(d draws[A], r int) {
		f(d.arg, d.s, r*drawStretch, min(drawStretch, d.n-r*drawStretch))
	})}
}

// Run covers n elements.
func (d *Draws[A]) Run(p *Pool, a A, s Stream, n int) {
	d.rows.Run(p, draws[A]{a, s, n}, (n+drawStretch-1)/drawStretch)
}
