package data

import (
	"math/bits"
	"math/rand/v2"
)

// Permutation returns the numbers below n in an order that depends on seed and stream alone, for instance a
// training's seed and the epoch. It is fixed for good: PCG-DXSM, the generator that math/rand/v2 calls PCG,
// seeded with both numbers through SplitMix64's finaliser; bounded numbers by Lemire's multiplication with
// rejection (arXiv 1805.10941); the shuffle is Durstenfeld's, from the end.
func Permutation(n int, seed, stream uint64) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	shuffle(p, newRandom(seed, stream))
	return p
}

func shuffle(p []int, r *random) {
	for i := len(p) - 1; i > 0; i-- {
		j := r.below(i + 1)
		p[i], p[j] = p[j], p[i]
	}
}

// random gives numbers that do not change with Go's version: math/rand/v2 fixes its generators, but not the
// methods that make other numbers of theirs.
type random struct{ pcg *rand.PCG }

func newRandom(seed, stream uint64) *random {
	return &random{rand.NewPCG(mix(seed), mix(stream+0x9e3779b97f4a7c15))}
}

// mix is SplitMix64's finaliser: neighbouring seeds give unrelated states.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// unit returns a multiple of 2^-53 from 0 to below 1, each as likely.
func (r *random) unit() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

// below returns a number from 0 to n-1, each as likely. n is positive.
func (r *random) below(n int) int {
	m := uint64(n)
	hi, lo := bits.Mul64(r.pcg.Uint64(), m)
	if lo < m {
		for threshold := -m % m; lo < threshold; {
			hi, lo = bits.Mul64(r.pcg.Uint64(), m)
		}
	}
	return int(hi)
}
