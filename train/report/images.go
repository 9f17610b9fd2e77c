package report

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ImageRow is a row of a grid of pictures.
type ImageRow struct {
	Label string
	// Images are grey [n,h,w] or [n,h,w,1], or coloured [n,h,w,3], f32 from 0 to 1 or u8. What lies outside 0
	// and 1 is drawn as the end it is beyond.
	Images tensor.Any
}

// Images draws rows of pictures one below the other: originals, what a model was given, what it made of them.
// Column i shows the i-th image of every row.
type Images struct {
	Rows     []ImageRow
	Captions []string // of the columns, such as an anomaly score; nil for none
	// Axes names what goes on from column to column and from row to row, where the images stand for points of a
	// plane; they then have no room between them.
	Axes  [2]string
	Title string // empty for a plain one
}

const (
	maxImages = 40   // in a row
	maxSide   = 1024 // dots of an image
)

func (f Images) sheet() (*sheet, error) {
	if len(f.Rows) == 0 || len(f.Rows) > maxImages {
		return nil, fmt.Errorf("%w: a grid of %d rows", ErrData, len(f.Rows))
	}
	var rows [][]image.Image
	style := words(labelSize, ink, draw.XRight, draw.YCenter)
	var room vg.Length
	for _, r := range f.Rows {
		images, err := decodeImages(r.Images)
		if err != nil {
			return nil, fmt.Errorf("row %s: %w", r.Label, err)
		}
		if len(rows) > 0 && len(images) != len(rows[0]) {
			return nil, fmt.Errorf("%w: rows of %d and %d images", ErrData, len(rows[0]), len(images))
		}
		rows = append(rows, images)
		room = max(room, style.Width(label(r.Label, 30))+8)
	}
	n := len(rows[0])
	side := max(26, min(64, (7*72-room)/vg.Length(n)))
	caption := vg.Length(0)
	if f.Captions != nil {
		caption = 12
	}
	s := &sheet{title: orText(f.Title, "Reconstructions")}
	gap, names := vg.Length(1.5), vg.Length(0)
	if f.Axes != [2]string{} {
		gap, names = 0, 14
		room += names
	}
	s.width = room + vg.Length(n)*side + 2*margin
	s.height = vg.Length(len(rows))*side + caption + names + 2*margin + 18
	s.panels = []panel{{free: func(c draw.Canvas) {
		bottom := c.Max.Y - vg.Length(len(rows))*side
		if names > 0 {
			c.FillText(words(labelSize, ink, draw.XCenter, draw.YTop), vg.Point{X: c.Min.X + room + vg.Length(n)*side/2, Y: bottom - caption - 2}, label(f.Axes[0], 40))
			up := words(labelSize, ink, draw.XCenter, draw.YTop)
			up.Rotation = math.Pi / 2
			c.FillText(up, vg.Point{X: c.Min.X, Y: (c.Max.Y + bottom) / 2}, label(f.Axes[1], 40))
		}
		for i, row := range rows {
			y := c.Max.Y - vg.Length(i+1)*side
			c.FillText(style, vg.Point{X: c.Min.X + room - 6, Y: y + side/2}, label(f.Rows[i].Label, 30))
			for j, img := range row {
				x := c.Min.X + room + vg.Length(j)*side
				c.DrawImage(fitted(img, x, y, side, gap), enlarged(img))
			}
		}
		for j := range min(n, len(f.Captions)) {
			at := vg.Point{X: c.Min.X + room + vg.Length(j)*side + side/2, Y: bottom - 2}
			c.FillText(words(noteSize, faint, draw.XCenter, draw.YTop), at, label(f.Captions[j], 12))
		}
	}}}
	return s, nil
}

// fitted returns where an image goes in a square, whole and with a gap around.
func fitted(img image.Image, x, y, side, gap vg.Length) vg.Rectangle {
	w, h := vg.Length(img.Bounds().Dx()), vg.Length(img.Bounds().Dy())
	scale := (side - 2*gap) / max(w, h)
	w, h = w*scale, h*scale
	at := vg.Point{X: x + (side-w)/2, Y: y + (side-h)/2}
	return vg.Rectangle{Min: at, Max: vg.Point{X: at.X + w, Y: at.Y + h}}
}

// enlarged makes small images larger dot by dot, so that they stay sharp.
func enlarged(img image.Image) image.Image {
	b := img.Bounds()
	k := max(1, 168/max(b.Dx(), b.Dy()))
	return stretched(img, b.Dx()*k, b.Dy()*k)
}

// decodeImages makes images of a tensor.
func decodeImages(t tensor.Any) ([]image.Image, error) {
	if t == nil {
		return nil, fmt.Errorf("%w: no images", ErrData)
	}
	shape := t.Shape()
	channels := 1
	if shape.Rank() == 4 {
		channels = shape[3]
	}
	if shape.Rank() < 3 || shape.Rank() > 4 || channels != 1 && channels != 3 || shape[0] < 1 || shape[0] > maxImages ||
		shape[1] < 1 || shape[2] < 1 || shape[1] > maxSide || shape[2] > maxSide {
		return nil, fmt.Errorf("%w: images are [n,h,w], [n,h,w,1] or [n,h,w,3] of at most %d x %d dots, %d in a row; got %v%v",
			ErrData, maxSide, maxSide, maxImages, t.DType(), shape)
	}
	var dot func(i int) uint8
	switch data := t.(type) {
	case *tensor.Tensor[float32]:
		dot = func(i int) uint8 { return uint8(max(0, min(1, orZero(data.Data()[i])))*255 + .5) }
	case *tensor.Tensor[uint8]:
		dot = func(i int) uint8 { return data.Data()[i] }
	default:
		return nil, fmt.Errorf("%w: images of type %v", ErrData, t.DType())
	}
	images := make([]image.Image, shape[0])
	h, w := shape[1], shape[2]
	for k := range images {
		img := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range h * w {
			at := (k*h*w + i) * channels
			c := color.NRGBA{dot(at), dot(at), dot(at), 255}
			if channels == 3 {
				c.G, c.B = dot(at+1), dot(at+2)
			}
			img.SetNRGBA(i%w, i/w, c)
		}
		images[k] = img
	}
	return images, nil
}

// orZero returns 0 for NaN.
func orZero(v float32) float32 {
	if v != v {
		return 0
	}
	return v
}
