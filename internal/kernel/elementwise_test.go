package kernel

import (
	"math/rand/v2"
	"testing"
)

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
