package images

// twister is MT19937 as numpy.random.RandomState uses it, whose shuffle Keras splits files by. Matsumoto and
// Nishimura 1998.
type twister struct {
	state [624]uint32
	at    int
}

// newTwister seeds it with the low 32 bits of a seed, all that NumPy takes.
func newTwister(seed uint64) *twister {
	t := &twister{at: 624}
	t.state[0] = uint32(seed)
	for i := 1; i < len(t.state); i++ {
		before := t.state[i-1]
		t.state[i] = 1812433253*(before^before>>30) + uint32(i)
	}
	return t
}

func (t *twister) next() uint32 {
	if t.at == len(t.state) {
		t.twist()
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (t *twister) twist() {
	n := len(t.state)
	for i := range t.state {
		y := t.state[i]&0x80000000 | t.state[(i+1)%n]&0x7fffffff
		t.state[i] = t.state[(i+397)%n] ^ y>>1
		if y&1 != 0 {
			t.state[i] ^= 0x9908b0df
		}
	}
	t.at = 0
}

// below returns a number from 0 to n-1 as NumPy's random_interval does: masked, and drawn again where it is too
// large. n is positive and below 2^32.
func (t *twister) below(n int) int {
	largest := uint32(n - 1)
	mask := largest
	for _, shift := range []int{1, 2, 4, 8, 16} {
		mask |= mask >> shift
	}
	if mask == 0 {
		return 0
	}
	for {
		if v := t.next() & mask; v <= largest {
			return int(v)
		}
	}
}
