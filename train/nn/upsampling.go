package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// UpSampling1D repeats each step Size times.
type UpSampling1D struct {
	Name string
	Size int // 2 where zero
}

// LayerName implements [Named].
func (l *UpSampling1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *UpSampling1D) Build(b *Builder, in ...*Value) []*Value {
	return b.upsample(in[0], ChannelsLast, "nearest", []int{l.Size})
}

// UpSampling2D makes images Size times as high and wide, repeating pixels or blending their neighbours.
type UpSampling2D struct {
	Name          string
	Size          [2]int // 2, 2 where zero
	Interpolation string // nearest (default), bilinear
	DataFormat    string
}

// LayerName implements [Named].
func (l *UpSampling2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *UpSampling2D) Build(b *Builder, in ...*Value) []*Value {
	return b.upsample(in[0], l.DataFormat, l.Interpolation, l.Size[:])
}

// UpSampling3D repeats each voxel Size times along each axis.
type UpSampling3D struct {
	Name       string
	Size       [3]int // 2, 2, 2 where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *UpSampling3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *UpSampling3D) Build(b *Builder, in ...*Value) []*Value {
	return b.upsample(in[0], l.DataFormat, "nearest", l.Size[:])
}

func (b *Builder) upsample(x *Value, format, interpolation string, size []int) []*Value {
	if !b.spatial(x, len(size)) {
		return []*Value{x}
	}
	var scales []float32
	var axes []int
	for i, s := range size {
		if s == 0 {
			s = 2
		}
		if s < 1 {
			b.Fail(fmt.Errorf("upsampling by %v: the factors must be positive", size))
			return []*Value{x}
		}
		scales, axes = append(scales, float32(s)), append(axes, i+2)
	}
	attrs := []ir.Attr{op.Attr("mode", "nearest"), op.Attr("coordinate_transformation_mode", "asymmetric"), op.Attr("nearest_mode", "floor")}
	switch interpolation {
	case "", "nearest":
	case "bilinear":
		attrs = []ir.Attr{op.Attr("mode", "linear"), op.Attr("coordinate_transformation_mode", "half_pixel")}
	default:
		b.Fail(fmt.Errorf("interpolation %q: there are nearest, bilinear", interpolation))
		return []*Value{x}
	}
	attrs = append(attrs, op.Attr("axes", axes))
	y := b.Emit(1, "Resize", []*Value{b.channelsFirst(x, format), nil, b.Const(tensor.Vector(scales...))}, attrs...)[0]
	return []*Value{b.dataFormat(y, format)}
}
