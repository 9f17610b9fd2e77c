package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestAveragePool(t *testing.T) {
	x := ramp(1, 1, 3, 3)
	runRows(t, []row{
		{name: "plain", op: "AveragePool", attrs: kv("kernel_shape", []int{2, 2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{2, 3, 5, 6}, 1, 1, 2, 2)}},
		{name: "padding left out", op: "AveragePool", opset: 7, attrs: kv("kernel_shape", []int{2, 2}, "pads", []int{1, 0, 0, 0}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{.5, 1.5, 2, 3, 5, 6}, 1, 1, 3, 2)}},
		{name: "padding counted", op: "AveragePool", opset: 10, attrs: kv("kernel_shape", []int{2, 2}, "pads", []int{1, 0, 0, 0}, "count_include_pad", 1), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{.25, .75, 2, 3, 5, 6}, 1, 1, 3, 2)}},
		{name: "ceil", op: "AveragePool", attrs: kv("kernel_shape", []int{2, 2}, "strides", []int{2, 2}, "ceil_mode", 1, "count_include_pad", 1), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{2, 3.5, 6.5, 8}, 1, 1, 2, 2)}},
		{name: "same", op: "AveragePool", opset: 11, attrs: kv("kernel_shape", []int{2, 3}, "auto_pad", "SAME_LOWER"), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{.5, 1, 1.5, 2, 2.5, 3, 5, 5.5, 6}, 1, 1, 3, 3)}},
		{name: "dilations", op: "AveragePool", opset: 19, attrs: kv("kernel_shape", []int{2, 2}, "dilations", []int{2, 1}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{3.5, 4.5}, 1, 1, 1, 2)}},
		{name: "one axis", op: "AveragePool", attrs: kv("kernel_shape", []int{3}, "strides", []int{2}, "pads", []int{2, 1}), in: []tensor.Any{noise(1, 2, 3, 5)}},
		{name: "three axes", op: "AveragePool", attrs: kv("kernel_shape", []int{2, 1, 2}, "strides", []int{3, 1, 1}), in: []tensor.Any{noise(1, 1, 2, 3, 2, 3)}},
		{name: "dilations of opset 11", op: "AveragePool", opset: 11, attrs: kv("kernel_shape", []int{2}, "dilations", []int{2}), in: []tensor.Any{ramp(1, 1, 4)}, err: "attribute dilations"},
		{name: "no kernel_shape", op: "AveragePool", in: []tensor.Any{x}, err: "kernel_shape is missing"},
		{name: "rank", op: "AveragePool", attrs: kv("kernel_shape", []int{2}), in: []tensor.Any{x}, err: "expected rank 3"},
		{name: "padding alone", op: "AveragePool", attrs: kv("kernel_shape", []int{1}, "pads", []int{1, 0}), in: []tensor.Any{ramp(1, 1, 4)}, err: "lies on no element"},
		{name: "huge", op: "AveragePool", attrs: kv("kernel_shape", []int{1 << 20, 1 << 20}), in: []tensor.Any{x}, err: "limit"},
	})
}

func TestMaxPool(t *testing.T) {
	x := f32([]float32{1, 5, 5, 3, 2, 7, 0, -1, 4}, 1, 1, 3, 3)
	nan := float32(math.NaN())
	runRows(t, []row{
		{name: "plain", op: "MaxPool", attrs: kv("kernel_shape", []int{2, 2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{5, 7, 3, 7}, 1, 1, 2, 2)}, nograd: true},
		{name: "positions", op: "MaxPool", opset: 8, nout: 2, attrs: kv("kernel_shape", []int{2, 2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{5, 7, 3, 7}, 1, 1, 2, 2), i64([]int64{1, 5, 3, 5}, 1, 1, 2, 2)}, nograd: true},
		{name: "by columns", op: "MaxPool", nout: 2, attrs: kv("kernel_shape", []int{2, 2}, "storage_order", 1), in: []tensor.Any{x}, want: []tensor.Any{nil, i64([]int64{3, 7, 1, 7}, 1, 1, 2, 2)}, nograd: true},
		{name: "opset 1", op: "MaxPool", opset: 7, attrs: kv("kernel_shape", []int{3, 3}, "auto_pad", "SAME_UPPER", "strides", []int{2, 2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{5, 7, 3, 7}, 1, 1, 2, 2)}, nograd: true},
		{name: "ceil", op: "MaxPool", opset: 10, attrs: kv("kernel_shape", []int{2, 2}, "strides", []int{2, 2}, "ceil_mode", 1), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{5, 7, 0, 4}, 1, 1, 2, 2)}, nograd: true},
		{name: "negative with padding", op: "MaxPool", attrs: kv("kernel_shape", []int{2}, "pads", []int{1, 1}), in: []tensor.Any{f32([]float32{-3, -2}, 1, 1, 2)}, want: []tensor.Any{f32([]float32{-3, -2, -2}, 1, 1, 3)}},
		{name: "NaN", op: "MaxPool", nout: 2, attrs: kv("kernel_shape", []int{2}), in: []tensor.Any{f32([]float32{1, nan, nan, 4, 3}, 1, 1, 5)}, want: []tensor.Any{f32([]float32{nan, nan, nan, 4}, 1, 1, 4), i64([]int64{1, 1, 2, 3}, 1, 1, 4)}},
		{name: "integers", op: "MaxPool", opset: 12, attrs: kv("kernel_shape", []int{2}), in: []tensor.Any{tensor.Must([]int8{-5, -7, 3}, 1, 1, 3)}, want: []tensor.Any{tensor.Must([]int8{-5, 3}, 1, 1, 2)}},
		{name: "gradient", op: "MaxPool", attrs: kv("kernel_shape", []int{2, 3}, "strides", []int{1, 2}, "pads", []int{1, 1, 0, 1}), in: []tensor.Any{noise(1, 2, 2, 4, 5)}},
		{name: "gradient of positions", op: "MaxPool", nout: 2, attrs: kv("kernel_shape", []int{2}, "dilations", []int{2}), in: []tensor.Any{noise(1, 2, 2, 6)}},
		{name: "storage_order", op: "MaxPool", attrs: kv("kernel_shape", []int{2}, "storage_order", 2), in: []tensor.Any{ramp(1, 1, 4)}, err: "storage_order 2"},
	})
}

func TestLpPool(t *testing.T) {
	x := f32([]float32{3, -4, 0, 12, 5}, 1, 1, 5)
	runRows(t, []row{
		{name: "2", op: "LpPool", attrs: kv("kernel_shape", []int{2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{5, 4, 12, 13}, 1, 1, 4)}, nograd: true},
		{name: "1", op: "LpPool", opset: 11, attrs: kv("kernel_shape", []int{2}, "p", 1), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{7, 4, 12, 17}, 1, 1, 4)}, nograd: true},
		{name: "3", op: "LpPool", opset: 7, attrs: kv("kernel_shape", []int{2}, "p", 3, "strides", []int{2}), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{4.497941, 12}, 1, 1, 2)}, nograd: true},
		{name: "gradient", op: "LpPool", attrs: kv("kernel_shape", []int{2, 2}, "p", 3, "pads", []int{1, 0, 0, 1}), in: []tensor.Any{noise(1, 1, 2, 3, 3)}},
		{name: "gradient of 2", op: "LpPool", attrs: kv("kernel_shape", []int{3}, "strides", []int{2}), in: []tensor.Any{noise(1, 2, 2, 6)}},
		{name: "0", op: "LpPool", attrs: kv("kernel_shape", []int{2}, "p", 0), in: []tensor.Any{x}, err: "p is 0"},
	})
}

func TestGlobalPools(t *testing.T) {
	x := f32([]float32{1, -2, 3, 6, 0, 0, 3, 4}, 1, 2, 2, 2)
	runRows(t, []row{
		{name: "mean", op: "GlobalAveragePool", in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{2, 1.75}, 1, 2, 1, 1)}},
		{name: "max", op: "GlobalMaxPool", opset: 7, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{6, 4}, 1, 2, 1, 1)}, nograd: true},
		{name: "max of noise", op: "GlobalMaxPool", in: []tensor.Any{noise(1, 2, 2, 5)}},
		{name: "1", op: "GlobalLpPool", attrs: kv("p", 1), in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{12, 7}, 1, 2, 1, 1)}, nograd: true},
		{name: "2", op: "GlobalLpPool", in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{7.0710678, 5}, 1, 2, 1, 1)}},
		{name: "3", op: "GlobalLpPool", attrs: kv("p", 3), in: []tensor.Any{noise(1, 2, 2, 3)}},
		{name: "rank", op: "GlobalAveragePool", in: []tensor.Any{ramp(2, 3)}, err: "at least one spatial axis"},
	})
}

// Convolution and pooling allocate nothing once warm, and give the same for any number of threads.
func TestConvAllocs(t *testing.T) {
	pool := kernel.NewPool(4)
	defer pool.Close()
	win := kernel.Window{In: []int{28, 28}, Out: []int{28, 28}, Kernel: []int{3, 3}, Stride: []int{1, 1}, Dilation: []int{1, 1}, Pad: []int{1, 1}}
	x, w := tensor.Data[float32](noise(1, 4, 8, 28, 28)), tensor.Data[float32](noise(2, 16, 8, 3, 3))
	y := make([]float32, 4*16*28*28)
	c := kernel.NewConv[float32](win, 4, 8, 16, 1)
	tr := kernel.NewConvTranspose[float32](win, 4, 16, 8, 1)
	dx, cols := make([]float32, len(x)), make([]float32, tr.Scratch())
	m := kernel.NewMaxPool[float32](win, false)
	my, pos := make([]float32, len(x)), make([]int64, len(x))
	run := func(p *kernel.Pool) {
		c.Run(p, y, x, w, nil)
		tr.Run(p, dx, y, w, nil, cols)
		m.RunFind(p, my, x, pos)
	}
	run(nil)
	// The race detector makes pools drop what they hold.
	if n := testing.AllocsPerRun(5, func() { run(nil) }); n > 0 && !race.Enabled {
		t.Errorf("%v allocations", n)
	}
	one := append(append([]float32{}, y...), dx...)
	run(pool)
	for i, v := range append(append([]float32{}, y...), dx...) {
		if v != one[i] {
			t.Fatalf("element %d depends on threads", i)
		}
	}
}
