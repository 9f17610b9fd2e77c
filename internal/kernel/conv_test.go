package kernel

import (
	"fmt"
	"testing"
)

// window2 returns a square window over a square.
func window2(in, kernel, stride, pad int) Window {
	out := (in+2*pad-kernel)/stride + 1
	return Window{In: []int{in, in}, Out: []int{out, out}, Kernel: []int{kernel, kernel}, Stride: []int{stride, stride}, Dilation: []int{1, 1}, Pad: []int{pad, pad}}
}

// The product and the direct way are the same convolution: two output channels of each of three input
// channels, and one group with zeros where a channel is of another group.
func TestConvDirect(t *testing.T) {
	dilated := window2(9, 7, 2, 6)
	dilated.Dilation = []int{1, 2}
	dilated.Out[1] = (9+12-13)/2 + 1
	for _, win := range []Window{window2(7, 3, 2, 1), window2(9, 7, 1, 3), window2(5, 5, 1, 0), window2(3, 9, 1, 4), dilated} {
		taps := win.Taps()
		x, w, b := randoms[float64](2*3*win.InSize(), 1), randoms[float64](6*taps, 2), randoms[float64](6, 3)
		direct := NewConv[float64](win, 2, 3, 6, 3)
		if direct.direct == nil {
			t.Fatal("a convolution of few channels is not computed directly")
		}
		y := make([]float64, 2*6*win.OutSize())
		direct.Run(nil, y, x, w, b)
		full := make([]float64, 6*3*taps)
		for m := range 6 {
			copy(full[(m*3+m/2)*taps:], w[m*taps:(m+1)*taps])
		}
		z := make([]float64, len(y))
		NewConv[float64](win, 2, 3, 6, 1).Run(nil, z, x, full, b)
		for i, v := range y {
			if d := v - z[i]; d > 1e-12 || d < -1e-12 {
				t.Fatalf("%v: element %d is %g directly, %g as a product", win, i, v, z[i])
			}
		}
	}
}

func BenchmarkConv(b *testing.B) {
	for _, s := range []struct{ n, cin, cout, groups, in, k, stride, pad int }{
		{1, 64, 64, 1, 56, 3, 1, 1}, {1, 3, 64, 1, 224, 7, 2, 3}, {1, 256, 64, 1, 56, 1, 1, 0}, {1, 512, 512, 1, 7, 3, 1, 1},
		{1, 96, 96, 96, 56, 3, 1, 1}, {128, 1, 32, 1, 28, 3, 2, 1}, {128, 1, 32, 1, 28, 3, 1, 1}, {128, 32, 1, 1, 28, 3, 1, 1}, {32, 32, 64, 1, 14, 3, 2, 1},
	} {
		win := window2(s.in, s.k, s.stride, s.pad)
		x, w := randoms[float32](s.n*s.cin*win.InSize(), 1), randoms[float32](s.cin/s.groups*s.cout*win.Taps(), 2)
		y := make([]float32, s.n*s.cout*win.OutSize())
		flops := 2 * float64(len(y)) * float64(s.cin/s.groups*win.Taps())
		report := func(b *testing.B) {
			b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		}
		b.Run(fmt.Sprintf("forward/%v", s), func(b *testing.B) {
			c := NewConv[float32](win, s.n, s.cin, s.cout, s.groups)
			for b.Loop() {
				c.Run(nil, y, x, w, nil)
			}
			report(b)
		})
		b.Run(fmt.Sprintf("transposed/%v", s), func(b *testing.B) {
			c := NewConvTranspose[float32](win, s.n, s.cout, s.cin, s.groups)
			cols := make([]float32, c.Scratch())
			for b.Loop() {
				c.Run(nil, x, y, w, nil, cols)
			}
			report(b)
		})
	}
}
