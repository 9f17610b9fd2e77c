package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/race"
)

func randoms[T Float](n int, seed uint64) []T {
	r := rand.New(rand.NewPCG(seed, 7))
	s := make([]T, n)
	for i := range s {
		s[i] = T(r.Float64()*2 - 1)
	}
	return s
}

// strides returns the strides of a rows by cols matrix.
func strides(rows, cols int, transposed bool) Strides {
	if transposed {
		return Strides{1, rows}
	}
	return Strides{cols, 1}
}

var gemmShapes = [][3]int{
	{1, 1, 1}, {1, 1, 0}, {2, 3, 0}, {0, 4, 4}, {4, 0, 4}, {1, 17, 5}, {17, 1, 5}, {1, 300, 300}, {300, 1, 300}, {2, 4, 3},
	{3, 5, 7}, {4, 4, 4}, {5, 9, 257}, {64, 64, 64}, {65, 129, 256}, {67, 131, 300}, {130, 260, 513}, {33, 7, 1}, {7, 1000, 3},
}

func TestGemm(t *testing.T) {
	pool := NewPool(4)
	defer pool.Close()
	for _, s := range gemmShapes {
		for mode := range 16 {
			ta, tb, add, bias := mode&1 != 0, mode&2 != 0, mode&4 != 0, mode&8 != 0
			t.Run(fmt.Sprint(s, ta, tb, add, bias), func(t *testing.T) {
				checkGemm(t, pool, s, ta, tb, add, bias)
			})
		}
	}
}

func checkGemm(t *testing.T, pool *Pool, s [3]int, ta, tb, add, bias bool) {
	m, n, k := s[0], s[1], s[2]
	p := Product{M: m, N: n, K: k, A: strides(m, k, ta), B: strides(k, n, tb), C: n, D: Strides{0, 1}}
	a, b, d, c := randoms[float64](m*k, 1), randoms[float64](k*n, 2), randoms[float64](n, 3), randoms[float64](m*n, 4)
	x := Operands[float64]{C: slices.Clone(c), A: a, B: b, Alpha: 1.5, Beta: -2, Add: add}
	if bias {
		x.D = d
	}
	g := NewGemm[float64](p)
	g.Run(nil, x)
	y := x
	y.C = slices.Clone(c)
	g.Run(pool, y)
	for i := range m {
		for j := range n {
			var sum float64
			for l := range k {
				sum += a[i*p.A.Row+l*p.A.Col] * b[l*p.B.Row+j*p.B.Col]
			}
			want := 1.5 * sum
			if add {
				want -= 2 * c[i*n+j]
			} else if bias {
				want -= 2 * d[j]
			}
			if got := x.C[i*n+j]; math.Abs(got-want) > 1e-12*float64(k+1) {
				t.Fatalf("C[%d,%d] is %g, want %g", i, j, got, want)
			}
			if x.C[i*n+j] != y.C[i*n+j] {
				t.Fatalf("C[%d,%d] depends on threads", i, j)
			}
		}
	}
}

func TestGemmBatch(t *testing.T) {
	p := Product{M: 2, N: 3, K: 4, A: Strides{4, 1}, B: Strides{3, 1}, C: 3}
	p.Batch = NewBatch([]int{2, 3}, []int{2, 1}, []int{3}, 8, 12, 6)
	a, b := randoms[float32](2*8, 1), randoms[float32](3*12, 2)
	c := make([]float32, 6*6)
	NewGemm[float32](p).Run(nil, Operands[float32]{C: c, A: a, B: b, Alpha: 1})
	one := p
	one.Batch = Batch{}
	g := NewGemm[float32](one)
	for i := range 6 {
		want := make([]float32, 6)
		g.Run(nil, Operands[float32]{C: want, A: a[i/3*8:], B: b[i%3*12:], Alpha: 1})
		if !slices.Equal(c[i*6:i*6+6], want) {
			t.Errorf("product %d is %v, want %v", i, c[i*6:i*6+6], want)
		}
	}
}

func TestGemmNaN(t *testing.T) {
	for _, s := range [][3]int{{1, 4, 4}, {4, 1, 4}, {5, 6, 4}} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		b[0] = float32(math.Inf(1)) // row 0, column 0: zero times infinity is NaN
		g := NewGemm[float32](Product{M: m, N: n, K: k, A: Strides{k, 1}, B: Strides{n, 1}, C: n})
		g.Run(nil, Operands[float32]{C: c, A: a, B: b, Alpha: 1})
		for i, v := range c {
			if isNaN := v != v; isNaN != (i%n == 0) {
				t.Errorf("%v: C[%d] is %v", s, i, v)
			}
		}
	}
}

func TestGemmAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector makes pools drop what they hold")
	}
	for _, s := range [][3]int{{1, 64, 64}, {64, 1, 64}, {70, 70, 70}} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		g := NewGemm[float32](Product{M: m, N: n, K: k, A: Strides{k, 1}, B: Strides{n, 1}, C: n})
		if got := testing.AllocsPerRun(20, func() { g.Run(nil, Operands[float32]{C: c, A: a, B: b, Alpha: 1}) }); got > 0 {
			t.Errorf("%v allocates %v times", s, got)
		}
	}
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		m, n, k int
		ta, tb  bool
	}{
		{64, 64, 64, false, false}, {256, 256, 256, false, false}, {512, 512, 512, false, false}, {128, 50, 784, false, false},
		{128, 784, 50, false, false}, {784, 50, 128, true, false}, {128, 784, 50, false, true}, {16, 100, 114, false, false}, {2048, 256, 256, false, false},
		{1, 256, 256, false, false}, {256, 1, 256, false, false}, {256, 1, 256, true, false}, {1, 256, 256, false, true}, {4, 256, 256, false, true}, {8, 256, 256, false, true},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d,%v,%v", s.m, s.n, s.k, s.ta, s.tb), func(b *testing.B) {
			x := Operands[float32]{C: make([]float32, s.m*s.n), A: randoms[float32](s.m*s.k, 1), B: randoms[float32](s.k*s.n, 2), Alpha: 1}
			g := NewGemm[float32](Product{M: s.m, N: s.n, K: s.k, A: strides(s.m, s.k, s.ta), B: strides(s.k, s.n, s.tb), C: s.n})
			for b.Loop() {
				g.Run(nil, x)
			}
			b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
