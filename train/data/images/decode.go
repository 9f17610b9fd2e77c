package images

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // registers the format
	_ "image/jpeg" // registers the format
	_ "image/png"  // registers the format
	"io"
	"math"
	"os"

	_ "golang.org/x/image/bmp"  // registers the format
	_ "golang.org/x/image/webp" // registers the format

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// load reads an image into x, from an element on. Of an animation it is the first picture.
func (f Folder) load(path string, x tensor.Any, at int) error {
	content, err := f.content(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	img, err := f.decode(content)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c := f.channels()
	b := img.Bounds()
	src := make([]float32, b.Dy()*b.Dx()*c)
	flatten(src, img, c)
	out := make([]float32, f.Height*f.Width*c)
	resize(out, f.Height, f.Width, src, b.Dy(), b.Dx(), c)
	if f.Low != 0 || f.High != 0 {
		scale := (f.High - f.Low) / 255
		for i, v := range out {
			out[i] = float32(f.Low + float64(v)*scale)
		}
	}
	if f.ChannelsFirst {
		out = planes(out, c)
	}
	if bytes, ok := x.(*tensor.Tensor[uint8]); ok {
		for i, v := range out {
			bytes.Data()[at+i] = uint8(math.RoundToEven(float64(v)))
		}
		return nil
	}
	copy(tensor.Data[float32](x)[at:], out)
	return nil
}

// content reads a file of MaxBytes at most.
func (f Folder) content(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: this is no file", data.ErrMalformed)
	case info.Size() > f.MaxBytes:
		return nil, fmt.Errorf("%w: %d bytes, %d allowed", data.ErrLimit, info.Size(), f.MaxBytes)
	}
	return io.ReadAll(io.LimitReader(file, f.MaxBytes))
}

// decode returns the picture of a file, whose header is held against the limit before its pixels are decoded.
func (f Folder) decode(content []byte) (image.Image, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", data.ErrMalformed, err)
	case c.Width <= 0 || c.Height <= 0:
		return nil, fmt.Errorf("%w: %d x %d pixels", data.ErrMalformed, c.Width, c.Height)
	case c.Width > f.MaxPixels/c.Height:
		return nil, fmt.Errorf("%w: %d x %d pixels, %d allowed", data.ErrLimit, c.Width, c.Height, f.MaxPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", data.ErrMalformed, err)
	}
	if b := img.Bounds(); b.Dx() <= 0 || b.Dy() <= 0 || b.Dx() > f.MaxPixels/b.Dy() {
		return nil, fmt.Errorf("%w: %d x %d pixels", data.ErrMalformed, b.Dx(), b.Dy())
	}
	return img, nil
}

// flatten writes an image's channels as numbers from 0 to 255: grey by the luma of JPEG, colours not multiplied by
// alpha.
func flatten(dst []float32, img image.Image, channels int) {
	b := img.Bounds()
	at := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			p := pixel(img, x, y)
			if channels == 1 {
				grey := (19595*uint32(p.R) + 38470*uint32(p.G) + 7471*uint32(p.B) + 1<<15) >> 16
				dst[at] = float32(grey)
				at++
				continue
			}
			all := [4]uint8{p.R, p.G, p.B, p.A}
			for _, v := range all[:channels] {
				dst[at] = float32(v)
				at++
			}
		}
	}
}

// pixel returns a pixel's colour. Frequent kinds of images are read without an interface in between.
func pixel(img image.Image, x, y int) color.NRGBA {
	switch i := img.(type) {
	case *image.NRGBA:
		return i.NRGBAAt(x, y)
	case *image.YCbCr:
		c := i.YCbCrAt(x, y)
		r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return color.NRGBA{r, g, b, 255}
	case *image.Gray:
		v := i.GrayAt(x, y).Y
		return color.NRGBA{v, v, v, 255}
	}
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

// resize interpolates linearly between the centres of pixels, as TensorFlow's and Keras's resize without antialiasing
// does.
func resize(dst []float32, height, width int, src []float32, h, w, channels int) {
	if height == h && width == w {
		copy(dst, src)
		return
	}
	rows, columns := places(height, h), places(width, w)
	at := 0
	for _, r := range rows {
		above, below := src[r.lo*w*channels:], src[r.hi*w*channels:]
		for _, c := range columns {
			for k := range channels {
				i, j := c.lo*channels+k, c.hi*channels+k
				top := above[i] + (above[j]-above[i])*c.share
				bottom := below[i] + (below[j]-below[i])*c.share
				dst[at] = top + (bottom-top)*r.share
				at++
			}
		}
	}
}

// place is between which two of the old pixels a new one lies, and how far from the first.
type place struct {
	lo, hi int
	share  float32
}

func places(n, old int) []place {
	out := make([]place, n)
	scale := float32(old) / float32(n)
	for i := range out {
		x := (float32(i)+.5)*scale - .5
		floor := float32(math.Floor(float64(x)))
		out[i] = place{max(0, int(floor)), min(old-1, int(math.Ceil(float64(x)))), x - floor}
	}
	return out
}

// planes moves the channels from the last place to the first.
func planes(x []float32, channels int) []float32 {
	out := make([]float32, len(x))
	n := len(x) / channels
	for i := range n {
		for k := range channels {
			out[k*n+i] = x[i*channels+k]
		}
	}
	return out
}
