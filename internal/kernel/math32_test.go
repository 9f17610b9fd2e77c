package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

var math32 = []struct {
	name   string
	kernel func(d, x []float32)
	exact  func(x float64) float64
	lo, hi float32 // for benchmarks
}{
	{"Exp", Exp32, math.Exp, -10, 10},
	{"Log", Log32, math.Log, 1e-3, 1e3},
	{"Sigmoid", Sigmoid32, sigmoid, -8, 8},
	{"Tanh", Tanh32, math.Tanh, -4, 4},
	{"Erf", Erf32, math.Erf, -3, 3},
	{"Gelu", Gelu32, func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }, -4, 4},
	{"Softplus", Softplus32, softplus, -4, 4},
	{"Mish", Mish32, func(x float64) float64 { return x * math.Tanh(softplus(x)) }, -4, 4},
	{"Swish", Swish32(1), func(x float64) float64 { return x * sigmoid(x) }, -4, 4},
	{"GeluTanh", GeluTanh32, func(x float64) float64 {
		return x * sigmoid(2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))
	}, -4, 4},
	{"Elu", Elu32(1, 1, 1), func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	}, -4, 4},
}

// ulps returns the error of a float32 in units of its last place.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	if got == w || got != got && want != want {
		return 0
	}
	if math.IsInf(float64(w), 0) || math.IsInf(float64(got), 0) || got != got || want != want {
		return math.Inf(1)
	}
	unit := float64(math.Nextafter32(float32(math.Abs(float64(w))), math.MaxFloat32)) - math.Abs(float64(w))
	return math.Abs(float64(got)-want) / unit
}

// TestMath32 holds the fast functions to those of package math over all of float32: every 251st
// number (with -short every 4001st) of all exponents and both signs, and the special ones.
func TestMath32(t *testing.T) {
	const block = 1 << 12
	stride := uint64(251)
	if testing.Short() {
		stride = 4001
	}
	x, d := make([]float32, block), make([]float32, block)
	for _, f := range math32 {
		t.Run(f.name, func(t *testing.T) {
			worst, at := 0., float32(0)
			n := 0
			check := func() {
				f.kernel(d[:n], x[:n])
				for i, v := range x[:n] {
					if e := ulps(d[i], f.exact(float64(v))); e > worst {
						worst, at = e, v
					}
				}
				n = 0
			}
			for _, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 88.72283, 88.72284, -87.33655, -103.97208, -103.97209, -104} {
				x[n] = float32(v)
				n++
			}
			check()
			for u := uint64(0); u < 1<<32; u += stride {
				if x[n] = math.Float32frombits(uint32(u)); n == block-1 {
					n = block
					check()
					continue
				}
				n++
			}
			check()
			if worst > .52 {
				t.Errorf("error of %.4f ulp at %v", worst, at)
			}
			t.Logf("worst error %.4f ulp at %v", worst, at)
		})
	}
}

// TestPow32 holds Pow32 to math.Pow on random arguments and all pairs of special ones.
func TestPow32(t *testing.T) {
	var x, y []float32
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 3, .5, -.5, 1.0000001, .99999994, math.MaxFloat32,
		-math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 7, -9}
	for _, v := range special {
		for _, e := range special {
			x, y = append(x, v), append(y, e)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 500000 {
		v := float32(math.Exp(r.NormFloat64() * 10))
		x, y = append(x, v), append(y, float32(r.NormFloat64()*20/max(.01, math.Abs(math.Log(float64(v))))))
	}
	d := make([]float32, len(x))
	Pow32(d, x, y)
	for i := range d {
		if want := math.Pow(float64(x[i]), float64(y[i])); ulps(d[i], want) > .55 {
			t.Errorf("%v^%v is %v, want %v", x[i], y[i], d[i], want)
		}
	}
}

func BenchmarkMath32(b *testing.B) {
	x, d := make([]float32, 4096), make([]float32, 4096)
	for _, f := range math32 {
		for i := range x {
			x[i] = f.lo + (f.hi-f.lo)*float32(i*7%len(x))/float32(len(x))
		}
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(x)) * 4)
			for b.Loop() {
				f.kernel(d, x)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/elem")
		})
		b.Run(f.name+"/math", func(b *testing.B) {
			for b.Loop() {
				for i, v := range x {
					d[i] = float32(f.exact(float64(v)))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/elem")
		})
	}
}
