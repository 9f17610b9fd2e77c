package main

import (
	"fmt"
	"image"
	_ "image/jpeg" // registers the format
	_ "image/png"  // registers the format
	"os"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxPixels bounds an image, whose header can promise any size.
const maxPixels = 1 << 24

// pixels says where an input has an image's parts.
type pixels struct {
	rank                    int
	channel, height, width  int // axes; channel is -1 for an input of rows and columns alone
	channels                int
	wantedHeight, wantWidth int // -1 where any will do
}

// layoutOf finds the axes of an image input: [N,C,H,W], [N,H,W,C], and both without N; [N,H,W] and [H,W] for
// grey. The channels' axis is the one of length 1, 3 or 4.
func layoutOf(v infer.ValueInfo) (pixels, error) {
	size := func(i int) int { return v.Shape[i].Size }
	colour := func(i int) bool { return size(i) == 1 || size(i) == 3 || size(i) == 4 }
	p := pixels{rank: len(v.Shape), channel: -1, channels: 1}
	first := p.rank - 3
	switch {
	case !v.Ranked || p.rank < 2 || p.rank > 4:
		return p, fmt.Errorf("an image does not fit %v", v)
	case p.rank == 2:
		p.height, p.width = 0, 1
	case colour(first):
		p.channel, p.height, p.width = first, first+1, first+2
	case colour(p.rank - 1):
		p.channel, p.height, p.width = p.rank-1, first, first+1
	case p.rank == 3:
		p.height, p.width = 1, 2
	default:
		return p, fmt.Errorf("an image does not fit %v: no axis has 1, 3 or 4 channels", v)
	}
	if p.channel >= 0 {
		p.channels = size(p.channel)
	}
	p.wantedHeight, p.wantWidth = size(p.height), size(p.width)
	return p, nil
}

// readImage reads a PNG or JPEG file as an input. Integers get the channels' values from 0 to 255, floats
// the same divided by 255. An image of another size than the model wants is an error: how to resize, crop
// and normalise is the model's own business, or that of what comes before it.
func readImage(v infer.ValueInfo, path string) (tensor.Any, error) {
	p, err := layoutOf(v)
	if err != nil {
		return nil, err
	}
	img, err := decodeImage(path)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	if p.wantedHeight >= 0 && p.wantedHeight != b.Dy() || p.wantWidth >= 0 && p.wantWidth != b.Dx() {
		return nil, fmt.Errorf("%s has %d x %d pixels, the model wants %v: resize it first", path, b.Dx(), b.Dy(), v)
	}
	shape := make(tensor.Shape, p.rank)
	for i := range shape {
		shape[i] = 1
	}
	shape[p.height], shape[p.width] = b.Dy(), b.Dx()
	if p.channel >= 0 {
		shape[p.channel] = p.channels
	}
	t, err := tensor.Alloc(v.DType, shape)
	if err != nil {
		return nil, err
	}
	return t, p.fill(t, img)
}

func decodeImage(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cfg, _, err := image.DecodeConfig(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > maxPixels/cfg.Height {
		return nil, fmt.Errorf("%s: %d x %d pixels are too many", path, cfg.Width, cfg.Height)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

func (p pixels) fill(t tensor.Any, img image.Image) error {
	var set func(at int, v uint8)
	switch t := t.(type) {
	case *tensor.Tensor[uint8]:
		set = func(at int, v uint8) { t.Data()[at] = v }
	case *tensor.Tensor[int32]:
		set = func(at int, v uint8) { t.Data()[at] = int32(v) }
	case *tensor.Tensor[int64]:
		set = func(at int, v uint8) { t.Data()[at] = int64(v) }
	case *tensor.Tensor[float32]:
		set = func(at int, v uint8) { t.Data()[at] = float32(v) / 255 }
	case *tensor.Tensor[float64]:
		set = func(at int, v uint8) { t.Data()[at] = float64(v) / 255 }
	case *tensor.Tensor[tensor.Half]:
		set = func(at int, v uint8) { t.Data()[at] = tensor.ToHalf(float32(v) / 255) }
	default:
		return fmt.Errorf("an image cannot be an input of type %v", t.DType())
	}
	strides := t.Shape().Strides()
	step := 0
	if p.channel >= 0 {
		step = strides[p.channel]
	}
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			at := y*strides[p.height] + x*strides[p.width]
			c := channelsOf(img, b.Min.X+x, b.Min.Y+y, p.channels)
			for k := range p.channels {
				set(at+k*step, c[k])
			}
		}
	}
	return nil
}

// channelsOf returns a pixel as grey, RGB or RGBA, the colours not multiplied by alpha.
func channelsOf(img image.Image, x, y, channels int) [4]uint8 {
	r, g, b, a := img.At(x, y).RGBA()
	if a != 0 && a != 0xffff {
		r, g, b = r*0xffff/a, g*0xffff/a, b*0xffff/a
	}
	if channels == 1 {
		grey := (19595*r + 38470*g + 7471*b + 1<<15) >> 24 // as image/color's Gray
		return [4]uint8{uint8(grey)}
	}
	return [4]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
}
