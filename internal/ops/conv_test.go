package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// kv makes attributes of names and values.
func kv(pairs ...any) []ir.Attr {
	var out []ir.Attr
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, op.Attr(pairs[i].(string), pairs[i+1]))
	}
	return out
}

// noise returns numbers without a pattern, between -1 and 1, no two alike.
func noise(seed int, shape ...int) tensor.Any {
	z := tensor.Zeros[float32](shape...)
	for i := range z.Data() {
		z.Data()[i] = float32((i*37+seed*11)%101)/50.5 - 1 + float32(i)/1024
	}
	return z
}

func TestConv(t *testing.T) {
	x := ramp(1, 1, 3, 3)
	w := f32([]float32{1, 2, 3, 4}, 1, 1, 2, 2)
	runRows(t, []row{
		{name: "plain", op: "Conv", in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{27, 37, 57, 67}, 1, 1, 2, 2)}},
		{name: "bias, opset 7", op: "Conv", opset: 7, in: []tensor.Any{x, w, f32([]float32{.5}, 1)}, want: []tensor.Any{f32([]float32{27.5, 37.5, 57.5, 67.5}, 1, 1, 2, 2)}},
		{name: "padding", op: "Conv", attrs: kv("pads", []int{1, 0, 0, 1}), in: []tensor.Any{x, w},
			want: []tensor.Any{f32([]float32{4, 11, 6, 27, 37, 17, 57, 67, 29}, 1, 1, 3, 3)}},
		{name: "same upper", op: "Conv", attrs: kv("auto_pad", "SAME_UPPER", "strides", []int{2, 2}), in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{27, 17, 20, 8}, 1, 1, 2, 2)}},
		{name: "same lower", op: "Conv", attrs: kv("auto_pad", "SAME_LOWER"), in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{0, 4, 11, 12, 27, 37, 30, 57, 67}, 1, 1, 3, 3)}},
		{name: "dilation", op: "Conv", attrs: kv("dilations", []int{2, 1}), in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{48, 58}, 1, 1, 1, 2)}},
		{name: "one axis", op: "Conv", attrs: kv("strides", []int{2}, "pads", []int{1, 1}), in: []tensor.Any{noise(1, 2, 3, 7), noise(2, 6, 3, 3), noise(3, 6)}},
		{name: "one tap", op: "Conv", in: []tensor.Any{noise(1, 2, 5, 3, 2), noise(2, 6, 5, 1, 1), noise(3, 6)}},
		{name: "two axes", op: "Conv", attrs: kv("strides", []int{2, 1}, "pads", []int{1, 2, 0, 1}, "dilations", []int{1, 2}), in: []tensor.Any{noise(1, 2, 2, 5, 6), noise(2, 7, 2, 3, 2)}},
		{name: "elements not reached", op: "Conv", attrs: kv("strides", []int{3, 3}), in: []tensor.Any{noise(1, 1, 2, 6, 7), noise(2, 5, 2, 2, 2)}},
		{name: "three axes", op: "Conv", attrs: kv("pads", []int{0, 1, 0, 1, 0, 1}), in: []tensor.Any{noise(1, 1, 2, 2, 3, 3), noise(2, 5, 2, 2, 2, 3)}},
		{name: "groups", op: "Conv", attrs: kv("group", 2, "pads", []int{1, 1, 1, 1}), in: []tensor.Any{noise(1, 2, 4, 3, 3), noise(2, 6, 2, 2, 2), noise(3, 6)}},
		{name: "depthwise", op: "Conv", attrs: kv("group", 3, "pads", []int{1, 1, 1, 1}, "strides", []int{2, 2}), in: []tensor.Any{noise(1, 2, 3, 4, 5), noise(2, 6, 1, 3, 3), noise(3, 6)}},
		{name: "no samples", op: "Conv", in: []tensor.Any{f32(nil, 0, 1, 3, 3), w}, want: []tensor.Any{f32(nil, 0, 1, 2, 2)}},
		{name: "channels", op: "Conv", in: []tensor.Any{ramp(1, 2, 3, 3), w}, err: "2 channels, expected 1"},
		{name: "groups do not divide", op: "Conv", attrs: kv("group", 2), in: []tensor.Any{ramp(1, 2, 3, 3), ramp(3, 1, 2, 2)}, err: "3 output channels in 2 groups"},
		{name: "window too large", op: "Conv", in: []tensor.Any{x, ramp(1, 1, 4, 1)}, err: "does not fit"},
		{name: "strides", op: "Conv", attrs: kv("strides", []int{0, 1}), in: []tensor.Any{x, w}, err: "at least 1"},
		{name: "pads", op: "Conv", attrs: kv("pads", []int{1, 1}), in: []tensor.Any{x, w}, err: "expected 4 entries"},
		{name: "kernel_shape", op: "Conv", attrs: kv("kernel_shape", []int{3, 2}), in: []tensor.Any{x, w}, err: "kernel_shape is"},
		{name: "auto_pad", op: "Conv", attrs: kv("auto_pad", "SAME"), in: []tensor.Any{x, w}, err: `auto_pad "SAME"`},
		{name: "no spatial axis", op: "Conv", in: []tensor.Any{ramp(1, 1), ramp(1, 1)}, err: "at least one spatial axis"},
	})
}

func TestConvTranspose(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4}, 1, 1, 2, 2)
	w := f32([]float32{1, 10, 100, 1000}, 1, 1, 2, 2)
	runRows(t, []row{
		{name: "plain", op: "ConvTranspose", in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{1, 12, 20, 103, 1234, 2040, 300, 3400, 4000}, 1, 1, 3, 3)}},
		{name: "strides", op: "ConvTranspose", opset: 7, attrs: kv("strides", []int{2, 2}), in: []tensor.Any{x, w, f32([]float32{.5}, 1)},
			want: []tensor.Any{f32([]float32{1.5, 10.5, 2.5, 20.5, 100.5, 1000.5, 200.5, 2000.5, 3.5, 30.5, 4.5, 40.5, 300.5, 3000.5, 400.5, 4000.5}, 1, 1, 4, 4)}},
		{name: "pads", op: "ConvTranspose", attrs: kv("pads", []int{1, 0, 0, 1}), in: []tensor.Any{x, w}, want: []tensor.Any{f32([]float32{103, 1234, 300, 3400}, 1, 1, 2, 2)}},
		{name: "output_padding", op: "ConvTranspose", attrs: kv("output_padding", []int{0, 1}), in: []tensor.Any{x, w},
			want: []tensor.Any{f32([]float32{1, 12, 20, 0, 103, 1234, 2040, 0, 300, 3400, 4000, 0}, 1, 1, 3, 4)}},
		{name: "output_shape", op: "ConvTranspose", attrs: kv("output_shape", []int{2, 4}), in: []tensor.Any{x, w},
			want: []tensor.Any{f32([]float32{103, 1234, 2040, 0, 300, 3400, 4000, 0}, 1, 1, 2, 4)}},
		{name: "same", op: "ConvTranspose", attrs: kv("auto_pad", "SAME_UPPER", "strides", []int{2, 2}), in: []tensor.Any{noise(1, 2, 3, 3, 2), noise(2, 3, 2, 3, 3)}},
		{name: "one axis", op: "ConvTranspose", attrs: kv("strides", []int{3}, "dilations", []int{2}, "output_padding", []int{2}), in: []tensor.Any{noise(1, 2, 3, 4), noise(2, 3, 2, 3)}},
		{name: "groups", op: "ConvTranspose", attrs: kv("group", 2, "strides", []int{2, 1}, "pads", []int{1, 1, 0, 1}), in: []tensor.Any{noise(1, 2, 4, 3, 3), noise(2, 4, 3, 2, 3), noise(3, 6)}},
		{name: "three axes", op: "ConvTranspose", attrs: kv("strides", []int{1, 2, 1}), in: []tensor.Any{noise(1, 1, 2, 2, 2, 2), noise(2, 2, 1, 2, 2, 2)}},
		{name: "channels", op: "ConvTranspose", in: []tensor.Any{ramp(1, 2, 2, 2), w}, err: "2 channels, expected 1"},
		{name: "all cut off", op: "ConvTranspose", attrs: kv("pads", []int{2, 2, 2, 2}), in: []tensor.Any{x, w}, err: "leaves nothing"},
	})
}

// The gradients of convolution and pooling need no fixed number of samples.
func TestConvGradientSymbolic(t *testing.T) {
	g := ir.New("test")
	b := op.NewBuilder(g, Set())
	x := g.AddInput("x", ir.Typed(tensor.Float32, ir.Sym("n"), ir.Known(4), ir.Known(8), ir.Known(8)))
	w1 := g.AddState("w1", noise(1, 4, 2, 3, 3))
	w2 := g.AddState("w2", noise(2, 4, 3, 2, 2))
	y := b.Emit(1, "Conv", []*ir.Value{x, w1}, kv("group", 2, "pads", []int{1, 1, 1, 1}, "strides", []int{2, 2})...)[0]
	y = b.Emit(1, "MaxPool", []*ir.Value{y}, kv("kernel_shape", []int{2, 2})...)[0]
	y = b.Emit(1, "AveragePool", []*ir.Value{y}, kv("kernel_shape", []int{2, 2})...)[0]
	y = b.Emit(1, "ConvTranspose", []*ir.Value{y, w2}, kv("strides", []int{2, 2})...)[0]
	loss := b.Reduce("ReduceMean", b.Op("GlobalAveragePool", y), false)
	grads, err := autodiff.Gradients(b, loss, []*ir.Value{x, w1, w2})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"f32[n,4,8,8]", "f32[4,2,3,3]", "f32[4,3,2,2]"} {
		if got := grads[i].Fact.Like().String(); got != want {
			t.Errorf("gradient %d is %s, want %s", i, got, want)
		}
	}
}
