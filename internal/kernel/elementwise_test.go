package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestChunks holds walks cut into chunks for a pool against the same without one, for operands that
// advance, stand still along rows, or along all of them.
func TestChunks(t *testing.T) {
	out := []int{37, 3, 999}
	n := size(out)
	x, y := make([]float32, n), make([]float32, n)
	c := make([]bool, n)
	for i := range x {
		x[i], y[i], c[i] = float32(i%1013), float32(i%711), i%3 == 0
	}
	pool := NewPool(4)
	defer pool.Close()
	shapes := [][]int{out, {999}, {3, 1}, {37, 1, 1}, {1, 3, 999}, {}}
	for _, sx := range shapes {
		for _, sy := range shapes {
			add := NewBinary(out, sx, sy, Add[float32])
			where := NewWhere[float32](out, sx, sx, sy)
			one, two := make([]float32, n), make([]float32, n)
			add.Run(nil, one, x[:size(sx)], y[:size(sy)])
			add.Run(pool, two, x[:size(sx)], y[:size(sy)])
			if !slices.Equal(one, two) {
				t.Errorf("Add of %v and %v differs with threads", sx, sy)
			}
			for i := range n {
				if want := x[at(out, sx, i)] + y[at(out, sy, i)]; one[i] != want {
					t.Fatalf("Add of %v and %v: element %d is %v, want %v", sx, sy, i, one[i], want)
				}
			}
			where.Run(pool, two, c[:size(sx)], x[:size(sx)], y[:size(sy)])
			for i := range n {
				want := y[at(out, sy, i)]
				if c[at(out, sx, i)] {
					want = x[at(out, sx, i)]
				}
				if two[i] != want {
					t.Fatalf("Where of %v and %v: element %d is %v, want %v", sx, sy, i, two[i], want)
				}
			}
		}
	}
}

// at returns where element i of shape out lies in a broadcast operand.
func at(out, s []int, i int) int {
	k, stride := 0, 1
	for a := len(out) - 1; a >= 0; a-- {
		c := i % out[a]
		i /= out[a]
		if b := a - (len(out) - len(s)); b >= 0 {
			if s[b] != 1 {
				k += c * stride
			}
			stride *= s[b]
		}
	}
	return k
}

// BenchmarkElementwise gives the time per element of what training does most.
func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	r := rand.New(rand.NewPCG(1, 2))
	x, y, d := make([]float32, n), make([]float32, n), make([]float32, n)
	c := make([]bool, n)
	for i := range x {
		x[i], y[i] = r.Float32()-.5, r.Float32()-.5
		c[i] = x[i] > 0
	}
	same, row, scalar := []int{32, 128}, []int{128}, []int{}
	add := NewBinary(same, same, same, Add[float32])
	bias := NewBinary(same, same, row, Add[float32])
	scale := NewBinary(same, same, scalar, Mul[float32])
	less := NewBinary(same, same, scalar, Less[float32])
	where := NewWhere[uint32](same, same, same, scalar)
	u := make([]uint32, n)
	tiny := NewBinary([]int{4, 8}, []int{4, 8}, []int{8}, Add[float32])
	relu := NewUnary(Relu[float32])
	leaky := NewUnary(LeakyRelu(float32(.1)))
	clip := NewUnaryWith(Clip[float32])
	for _, row := range []struct {
		name string
		n    int
		run  func()
	}{
		{"Add", n, func() { add.Run(nil, d, x, y) }},
		{"bias", n, func() { bias.Run(nil, d, x, y[:128]) }},
		{"scale", n, func() { scale.Run(nil, d, x, y[:1]) }},
		{"Less", n, func() { less.Run(nil, c, x, y[:1]) }},
		{"Where", n, func() { where.Run(nil, u, c, u, u[:1]) }},
		{"Relu", n, func() { relu.Run(nil, d, x) }},
		{"LeakyRelu", n, func() { leaky.Run(nil, d, x) }},
		{"Clip", n, func() { clip.Run(nil, d, x, Bounds[float32]{-.1, .1}) }},
		{"tiny", 32, func() { tiny.Run(nil, d[:32], x[:32], y[:8]) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				row.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*row.n), "ns/elem")
		})
	}
}
